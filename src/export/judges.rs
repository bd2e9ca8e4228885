//! The judges of a build: as many as there are cores, each on a thread of its own for as long as batches wait.
//!
//! Each takes the next batch that waits, and hands on what comes of it at the batch's place in the order. Nothing here
//! decides what becomes of a product, and no judge waits for work: a thread that holds nothing is given back.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{asked::Asked, judge::Judge, outcome::texts, turns};
use crate::{
    buffers::Buffers,
    fetch::{Batch, JUDGED_BYTES, judges},
};

/// Batches that wait beside those that are judged, to be judged or to be collected, so that no judge waits for the next one
/// to be read.
const WAITING: usize = 2;
/// Batches that are judged, wait to be, or wait to be collected at most: there is no memory for more, and whoever cuts the
/// catalogue into products, which is one, keeps few more judges busy.
const MOST: usize = 4;
/// The same where memory is dearer than time.
const MOST_OF_LARGE: usize = 2;

/// Room for a batch until all of it was collected: one of so many, and its bytes.
pub(super) type Room = [OwnedSemaphorePermit; 2];
/// The order of batches that take such room.
pub(super) type Turns = turns::Turns<Room>;

/// A batch, and where what comes of it goes.
struct Job {
    batch: Batch,
    place: turns::Place<Room>,
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

    /// Lets batches be judged as they come, as many at once as there is room for, each at its place in the order.
    pub(super) async fn feed(&self, mut batches: mpsc::Receiver<Batch>, turns: &Arc<Turns>) {
        let bytes = Arc::new(Semaphore::new(JUDGED_BYTES));
        let most = (self.many + WAITING).min(MOST);
        let places = Arc::new(Semaphore::new(most));
        let mut was_large = false;
        while let Some(batch) = batches.recv().await {
            if turns.is_large() && !was_large {
                let spare = (most - MOST_OF_LARGE) as u32;
                places.acquire_many(spare).await.expect("it is never closed").forget();
                was_large = true;
            }
            let many = batch.bytes.len().clamp(1, JUDGED_BYTES);
            let many = u32::try_from(many).expect("a few MiB");
            let room = [
                Arc::clone(&places).acquire_owned().await,
                Arc::clone(&bytes).acquire_many_owned(many).await,
            ];
            let room = room.map(|permit| permit.expect("it is never closed"));
            self.put(Job { batch, place: turns.place(room) });
        }
        turns.end();
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
        while let Some(Job { batch, mut place }) = self.next() {
            let mut take = |part| place.hand_on(part);
            self.judge.batch(&batch, &self.texts, self.asked.as_deref(), &mut take);
            drop(batch);
            place.end();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ep::row::feed_columns,
        export::{
            cap::Cap,
            collect::Collected,
            judge::tests::judge,
            turns::{Due, Keeper},
        },
        fetch::batches_of,
        progress::Progress,
    };

    fn turns() -> (Arc<Turns>, Keeper<Room>) {
        Turns::new(Collected::new(Cap::of(1000, 0), feed_columns(false)), false, &Progress::default())
    }

    /// Products that are left out, in batches of these sizes, each told at some length.
    fn products(sizes: &[usize]) -> Vec<Batch> {
        let name = "책".repeat(900);
        let text = |n: usize| format!(r#"{{"itemNo": "{n}", "name": "{name}"}}"#).into_bytes();
        let mut first = 0;
        let batch = |size: &usize| {
            let texts: Vec<_> = (first..first + size).map(text).collect();
            first += size;
            batches_of(texts.iter().map(Vec::as_slice))
        };
        sizes.iter().flat_map(batch).collect()
    }

    /// What was collected of these batches.
    async fn collected(judges: &Judges, all: Vec<Batch>) -> Box<Collected> {
        let (turns, keeper) = turns();
        let (sender, batches) = mpsc::channel(1);
        let sent = async move {
            for batch in all {
                sender.send(batch).await.unwrap();
            }
        };
        let (_, (), due) = tokio::join!(sent, judges.feed(batches, &turns), keeper.next());
        let Ok(Due { collected, is_over: true, .. }) = due else { panic!("it is not over") };
        collected
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn whoever_is_first_all_is_collected_in_the_order_of_the_batches() {
        // Of the large ones there come more parts than may wait.
        let sizes: Vec<_> = (0..120).map(|n| if n % 7 == 0 { 85 } else { 1 + n % 3 }).collect();
        let judges = Judges::of(&Arc::new(judge()), None);
        let (_, [_, excluded]) = collected(&judges, products(&sizes)).await.finish();
        let excluded = String::from_utf8(excluded.to_vec()).unwrap();
        let ids: Vec<usize> =
            excluded.lines().skip(1).map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect();
        assert!(ids.is_sorted() && ids.len() == sizes.iter().sum::<usize>(), "{ids:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_judge_stays_who_has_nothing_to_do() {
        let judges = Judges::of(&Arc::new(judge()), None);
        assert_eq!(collected(&judges, products(&[1; 50])).await.tally.elements, 50);
        // Time only goes on by itself where nobody is at work.
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        assert_eq!(judges.desk().at_work, 0);
    }
}
