//! How far a run is, for whoever waits for it: noted by whoever works, looked at by whoever asks.
//!
//! It decides nothing and holds nobody up: a note is a number put down, once for a batch or a piece and never for a
//! product. Of a run that nobody watches the same notes are made.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use strum::Display;
use tokio::{sync::watch, time::Instant};

/// What a run is doing, in the order in which a step comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Stage {
    /// It was let in and claimed, and looks for the thread in which it will be told.
    Prepare,
    /// The catalogue is read, judged and stored, in products; or the published feed is read and looked at, in bytes.
    Read,
    /// The build is held against what is public.
    Compare,
    /// The gate is asked, and what it lets pass is made public.
    Publish,
    /// The public URL is read, to see which build readers get.
    Deliver,
    /// A sample of the feed's pages and images is opened.
    Open,
    /// What was found is recorded, told in the thread and shown in its parent.
    Tell,
}

/// How far a run is. Clones are of the same run; one that is made anew is nobody's.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Run>);

#[derive(Debug)]
struct Run {
    /// The stages so far: a run has a handful, and who watches misses none, however short it was.
    stages: watch::Sender<Vec<At>>,
    /// How much of the last of them is done.
    done: AtomicU64,
}

impl Default for Run {
    fn default() -> Self {
        Self { stages: watch::Sender::default(), done: AtomicU64::new(0) }
    }
}

/// A stage that was begun.
#[derive(Debug, Clone, Copy)]
struct At {
    stage: Stage,
    since: Instant,
    total: Option<u64>,
    /// How far it came, and in what time, where it is over.
    over: Option<(u64, Duration)>,
}

/// How far a run is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// What it is doing.
    #[serde(rename = "step")]
    pub stage: Stage,
    /// How much of it is done, where that is counted: products or bytes.
    pub done: u64,
    /// How much there is to be done, where somebody said so. More may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// How much of it was done in a second, since this stage began.
    pub rate: u64,
}

impl Progress {
    /// The run begins another stage.
    pub(crate) fn enter(&self, stage: Stage) {
        let done = self.0.done.swap(0, Ordering::Relaxed);
        self.0.stages.send_modify(|stages| {
            if let Some(last) = stages.last_mut() {
                last.over = Some((done, last.since.elapsed()));
            }
            stages.push(At { stage, since: Instant::now(), total: None, over: None });
        });
    }

    /// So much is to be done in this stage.
    pub(crate) fn expect(&self, total: u64) {
        self.0.stages.send_if_modified(|stages| {
            if let Some(last) = stages.last_mut() {
                last.total = Some(total);
            }
            // Nobody need be woken for that.
            false
        });
    }

    /// So much of this stage is done by now.
    pub(crate) fn reach(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
    }

    /// Where it is; `None` before it is let in and claimed.
    pub fn mark(&self) -> Option<Mark> {
        let at = *self.0.stages.borrow().last()?;
        Some(self.of(at))
    }

    fn of(&self, At { stage, since, total, over }: At) -> Mark {
        let (done, time) = over.unwrap_or_else(|| (self.0.done.load(Ordering::Relaxed), since.elapsed()));
        Mark { stage, done, total, rate: rate(done, time) }
    }

    /// Told of the stage in which it is and of each that begins after it.
    pub fn stages(&self) -> Stages {
        let stages = self.0.stages.subscribe();
        let told = stages.borrow().len().saturating_sub(1);
        Stages { progress: self.clone(), stages, told }
    }
}

/// What tells of the stages of a run, one after the other.
#[derive(Debug)]
pub struct Stages {
    progress: Progress,
    stages: watch::Receiver<Vec<At>>,
    told: usize,
}

impl Stages {
    /// How far it is in the next stage, or came in it, once that begins; never where none does any more. Before a run is let
    /// in and claimed none does.
    pub async fn next(&mut self) -> Mark {
        loop {
            let next = self.stages.borrow_and_update().get(self.told).copied();
            if let Some(at) = next {
                self.told += 1;
                return self.progress.of(at);
            }
            if self.stages.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

fn rate(done: u64, time: Duration) -> u64 {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    done.saturating_mul(1000) / millis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_mark_says_the_stage_what_is_done_of_it_and_how_fast() {
        let progress = Progress::default();
        assert_eq!(progress.mark(), None, "nobody was let in");
        progress.reach(3);
        progress.expect(9);
        assert_eq!(progress.mark(), None);
        progress.enter(Stage::Read);
        progress.expect(9_000);
        progress.reach(3_000);
        tokio::time::advance(Duration::from_secs(2)).await;
        let read = Mark { stage: Stage::Read, done: 3_000, total: Some(9_000), rate: 1_500 };
        assert_eq!(progress.mark(), Some(read));
        progress.enter(Stage::Tell);
        assert_eq!(progress.mark(), Some(Mark { stage: Stage::Tell, done: 0, total: None, rate: 0 }));
        let told = serde_json::to_string(&read).unwrap();
        assert_eq!(told, r#"{"step":"read","done":3000,"total":9000,"rate":1500}"#);
    }

    #[tokio::test(start_paused = true)]
    async fn who_watches_is_told_of_each_stage_but_not_of_what_is_counted() {
        let progress = Progress::default();
        let mut stages = progress.stages();
        let soon = Duration::from_millis(10);
        assert!(tokio::time::timeout(soon, stages.next()).await.is_err());
        progress.enter(Stage::Prepare);
        tokio::time::timeout(soon, stages.next()).await.unwrap();
        progress.expect(5);
        progress.reach(4);
        assert!(tokio::time::timeout(soon, stages.next()).await.is_err());
        progress.enter(Stage::Read);
        tokio::time::timeout(soon, stages.next()).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_watches_misses_no_stage_however_short_it_was() {
        let progress = Progress::default();
        let mut first = progress.stages();
        for stage in [Stage::Prepare, Stage::Read, Stage::Tell] {
            progress.enter(stage);
            progress.reach(7);
        }
        let mut joined = progress.stages();
        for stage in [Stage::Prepare, Stage::Read, Stage::Tell] {
            let mark = first.next().await;
            assert_eq!((mark.stage, mark.done), (stage, 7));
        }
        assert_eq!(joined.next().await.stage, Stage::Tell);
        let soon = Duration::from_millis(10);
        assert!(tokio::time::timeout(soon, joined.next()).await.is_err());
    }
}
