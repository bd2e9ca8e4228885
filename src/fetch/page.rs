//! One window on its way: read by a task of its own, which waits with what it has until it is its turn.
//!
//! It never holds more than a few batches.

use std::sync::Arc;

use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    Batch, FetchError, Fetcher,
    document::{DocumentRead, Shape},
    room::{Room, Turn},
};
use crate::preset::Call;

/// Full batches that a page may hold ready while it waits for its turn. With the one being filled and the one
/// being handed on, a page in flight takes well under 1 MiB.
const READY_BATCHES: usize = 1;

/// A window on its way. It is given up when it is dropped.
pub(super) struct Page {
    /// Its first element.
    pub start: u64,
    batches: mpsc::Receiver<Batch>,
    turn: Turn,
    over: Over,
    task: JoinHandle<Result<DocumentRead, FetchError>>,
}

/// Says that a call is over: answered to its end, or failed.
pub(super) type Over = CancellationToken;

impl Page {
    /// Starts to read it; no call is the sample. Whenever a page is over, `ended` is notified.
    pub fn ask(
        fetcher: &Fetcher,
        shape: &Shape,
        call: Option<Call>,
        start: u64,
        ended: &Arc<Notify>,
    ) -> Self {
        let (room, turn) = Room::ahead(&fetcher.budget);
        let (sender, batches) = mpsc::channel(READY_BATCHES);
        let over = Over::new();
        let (fetcher, shape) = (fetcher.clone(), shape.clone());
        let (done, ended) = (over.clone(), Arc::clone(ended));
        let read = async move {
            let read = fetcher.document(call, &shape, room, &sender).await;
            drop(sender);
            done.cancel();
            ended.notify_one();
            read
        };
        let task = tokio::spawn(read.in_current_span());
        Self { start, batches, turn, over, task }
    }

    /// The next batch, now that it is this page's turn; `None` after the last.
    pub async fn next(&mut self) -> Option<Batch> {
        self.turn.send_replace(true);
        self.batches.recv().await
    }

    /// Whether its call is over.
    pub fn over(&self) -> Over {
        self.over.clone()
    }

    /// What it held, once its last batch was taken.
    pub async fn end(mut self) -> Result<DocumentRead, FetchError> {
        match (&mut self.task).await {
            Ok(read) => read,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // only `drop` aborts it, or the runtime that is shutting down
                Err(_) => Err(FetchError::Cancelled),
            },
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.task.abort();
    }
}
