//! The judges of a build: one for each core, on a thread of its own from the first batch to the last.
//!
//! Each takes the next batch that waits; what comes of a batch comes out of a channel of its own, so that whoever keeps
//! the order waits for the one whose turn it is. They never decide what becomes of a product.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{asked::Asked, judge::Judge, outcome::Judged};
use crate::fetch::Batch;

/// Bytes of products that are judged or wait for it: enough for every core where they are small, and for one of the
/// largest.
const ROOM: usize = 3 * 1024 * 1024;
/// Judges at most.
const MOST: usize = 8;
/// Batches that wait beside those that are judged, so that no judge waits for the next one to be read.
const WAITING: usize = 2;

/// A batch, and where what comes of it goes: part by part, and at last nothing.
struct Job {
    batch: Batch,
    parts: mpsc::Sender<Option<Judged>>,
    _room: OwnedSemaphorePermit,
}

/// Where the parts of a batch come from.
pub(super) struct Parts(mpsc::Receiver<Option<Judged>>);

/// A batch whose judge died over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

impl Parts {
    /// The next part; none where they are over.
    pub(super) async fn next(&mut self) -> Result<Option<Judged>, Lost> {
        self.0.recv().await.ok_or(Lost)
    }
}

/// The judges at work; dropped, they end with what they are at.
pub(super) struct Judges {
    jobs: mpsc::UnboundedSender<Job>,
    many: usize,
}

impl Judges {
    /// As many as there are cores that work for us, as far as memory allows. Products that are `asked` for are looked at
    /// more closely.
    pub(super) fn of(judge: &Arc<Judge>, asked: Option<&Arc<Asked>>) -> Self {
        let many = tokio::runtime::Handle::current().metrics().num_workers().clamp(1, MOST);
        // No more wait than there is room for.
        let (jobs, waiting) = mpsc::unbounded_channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..many {
            let (judge, asked, waiting) = (Arc::clone(judge), asked.cloned(), Arc::clone(&waiting));
            tokio::task::spawn_blocking(move || work(&judge, asked.as_deref(), &waiting));
        }
        Self { jobs, many }
    }

    /// The batches' parts, in the batches' order.
    pub(super) fn judged(&self, batches: mpsc::Receiver<Batch>) -> impl Stream<Item = Parts> {
        let room = Arc::new(Semaphore::new(ROOM));
        received(batches)
            .then(move |batch| {
                let bytes = batch.bytes.len().clamp(1, ROOM);
                let permits = u32::try_from(bytes).expect("a few MiB");
                let room = Arc::clone(&room).acquire_many_owned(permits);
                async move { (batch, room.await.expect("it is never closed")) }
            })
            .map(|(batch, room)| {
                let (parts, taken) = mpsc::channel(1);
                // Judges that are gone say so by parts that never come.
                let _ = self.jobs.send(Job { batch, parts, _room: room });
                std::future::ready(Parts(taken))
            })
            .buffered((self.many + WAITING).min(MOST))
    }
}

fn work(judge: &Judge, asked: Option<&Asked>, waiting: &Mutex<mpsc::UnboundedReceiver<Job>>) {
    // Whoever died did not die of the queue.
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
    while let Some(Job { batch, parts, _room }) = next() {
        judge.batch(&batch, asked, &mut |part| parts.blocking_send(Some(part)).is_ok());
        // Nobody may want it.
        let _ = parts.blocking_send(None);
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
        let (parts, taken) = mpsc::channel(1);
        parts.send(Some(Judged::default())).await.unwrap();
        drop(parts);
        let mut parts = Parts(taken);
        assert!(parts.next().await.unwrap().is_some());
        assert_eq!(parts.next().await, Err(Lost));
    }
}
