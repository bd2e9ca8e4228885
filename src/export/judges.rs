//! The judges of a build: as many as there are cores, each on a thread of its own for as long as batches wait.
//!
//! Each takes the next batch that waits; what comes of a batch comes out of a channel of its own, so that whoever keeps
//! the order waits for the one whose turn it is. They never decide what becomes of a product, and none waits for work: a
//! thread that holds nothing is given back.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{
    asked::Asked,
    judge::Judge,
    outcome::{Judged, texts},
};
use crate::{
    buffers::Buffers,
    fetch::{Batch, JUDGED_BYTES, MOST_JUDGES, judges},
};

/// Batches that wait beside those that are judged, so that no judge waits for the next one to be read.
const WAITING: usize = 1;

/// A batch, and where what comes of it goes.
struct Job {
    batch: Batch,
    parts: mpsc::Sender<Judged>,
    _room: OwnedSemaphorePermit,
}

/// Where the parts of a batch come from.
pub(super) struct Parts {
    parts: mpsc::Receiver<Judged>,
    /// The last one was given.
    is_over: bool,
}

/// A batch whose judge died over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

impl Parts {
    /// The next part; none where they are over.
    pub(super) async fn next(&mut self) -> Result<Option<Judged>, Lost> {
        if self.is_over {
            return Ok(None);
        }
        let part = self.parts.recv().await.ok_or(Lost)?;
        self.is_over = part.is_last;
        Ok(Some(part))
    }
}

/// The judges at work; without a next batch they end with what they are at.
#[derive(Clone)]
pub(super) struct Judges {
    judge: Arc<Judge>,
    asked: Option<Arc<Asked>>,
    texts: Buffers,
    desk: Arc<Mutex<Desk>>,
    many: usize,
}

/// What waits, and how many are at work.
#[derive(Default)]
struct Desk {
    waiting: VecDeque<Job>,
    at_work: usize,
}

impl Judges {
    /// As many as there are cores that work for us, as far as memory allows. Products that are `asked` for are looked at
    /// more closely.
    pub(super) fn of(judge: &Arc<Judge>, asked: Option<&Arc<Asked>>) -> Self {
        let (judge, asked) = (Arc::clone(judge), asked.cloned());
        Self { judge, asked, texts: texts(), desk: Arc::default(), many: judges() }
    }

    /// The batches' parts, in the batches' order.
    pub(super) fn judged(&self, batches: mpsc::Receiver<Batch>) -> impl Stream<Item = Parts> {
        let room = Arc::new(Semaphore::new(JUDGED_BYTES));
        received(batches)
            .then(move |batch| {
                let bytes = batch.bytes.len().clamp(1, JUDGED_BYTES);
                let permits = u32::try_from(bytes).expect("a few MiB");
                let room = Arc::clone(&room).acquire_many_owned(permits);
                async move { (batch, room.await.expect("it is never closed")) }
            })
            .map(|(batch, room)| {
                let (parts, taken) = mpsc::channel(1);
                self.put(Job { batch, parts, _room: room });
                std::future::ready(Parts { parts: taken, is_over: false })
            })
            .buffered((self.many + WAITING).min(MOST_JUDGES))
    }

    /// Lets a batch wait, and another judge come where there is a core for it.
    fn put(&self, job: Job) {
        let mut desk = self.desk();
        desk.waiting.push_back(job);
        if desk.at_work < self.many {
            desk.at_work += 1;
            let judges = self.clone();
            tokio::task::spawn_blocking(move || judges.work());
        }
    }

    /// Judges what waits, until nothing does. Who dies over a batch takes no other's place: the build ends with that batch.
    fn work(&self) {
        while let Some(job) = self.next() {
            let parts = job.parts;
            let mut take = |part| parts.blocking_send(part).is_ok();
            self.judge.batch(&job.batch, &self.texts, self.asked.as_deref(), &mut take);
        }
    }

    /// What waits longest; where nothing does, the judge who asks leaves.
    fn next(&self) -> Option<Job> {
        let mut desk = self.desk();
        let next = desk.waiting.pop_front();
        desk.at_work -= usize::from(next.is_none());
        next
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Whoever died did not die at the desk.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn received<T>(receiver: mpsc::Receiver<T>) -> impl Stream<Item = T> {
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|item| (item, receiver)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{export::judge::tests::judge, fetch::batches_of};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn parts_come_in_the_order_of_their_batches() {
        let judges = Judges::of(&Arc::new(judge()), None);
        let (sender, batches) = mpsc::channel(1);
        let sent = tokio::spawn(async move {
            for n in 0..50 {
                let product = format!(r#"{{"itemNo": "{n}"}}"#);
                for batch in batches_of([product.as_bytes()]) {
                    sender.send(batch).await.unwrap();
                }
            }
        });
        let mut judged = std::pin::pin!(judges.judged(batches));
        let mut ids = Vec::new();
        while let Some(mut parts) = judged.next().await {
            while let Some(part) = parts.next().await.unwrap() {
                ids.extend(part.outcomes.iter().map(|one| format!("{one:?}")));
            }
        }
        sent.await.unwrap();
        assert_eq!(ids.len(), 50);
        assert!(ids.iter().enumerate().all(|(n, one)| one.contains(&format!("\"{n}\""))), "{ids:?}");
    }

    #[tokio::test]
    async fn a_batch_whose_judge_died_is_lost_and_not_over() {
        let (sender, taken) = mpsc::channel(1);
        sender.send(Judged::default()).await.unwrap();
        drop(sender);
        let mut parts = Parts { parts: taken, is_over: false };
        assert!(parts.next().await.unwrap().is_some());
        assert_eq!(parts.next().await, Err(Lost));

        let (sender, taken) = mpsc::channel(1);
        sender.send(Judged { is_last: true, ..Judged::default() }).await.unwrap();
        let mut parts = Parts { parts: taken, is_over: false };
        assert!(parts.next().await.unwrap().is_some());
        assert_eq!(parts.next().await, Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn no_judge_stays_who_has_nothing_to_do() {
        let judges = Judges::of(&Arc::new(judge()), None);
        let (sender, batches) = mpsc::channel(1);
        let mut judged = std::pin::pin!(judges.judged(batches));
        for batch in batches_of([&b"{}"[..]]) {
            sender.send(batch).await.unwrap();
        }
        let mut parts = judged.next().await.unwrap();
        while parts.next().await.unwrap().is_some() {}
        // Time only goes on by itself where nobody is at work.
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        assert_eq!(judges.desk().at_work, 0);
    }
}
