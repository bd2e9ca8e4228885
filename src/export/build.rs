//! One build as one stream with bounded memory: fetch → judge → dedupe → save → upload.
//!
//! Fetching, judging and uploading overlap; the order is the catalogue's. Nothing holds the whole catalogue or the
//! whole file. It never touches the public file.

use std::{sync::Arc, time::Instant};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    cap::{Before, Cap},
    collect::{Collected, Finished, Stop},
    departments::{remarks, source},
    excluded,
    failure::{given_up, internal, not_utf8},
    index::RowIndex,
    judge::Judge,
};
use crate::{
    config::catalogue::CatalogueConfig,
    feed_store::{FeedError, FeedKey, FeedStore, Part},
    fetch::{self, Batch, Known},
    report::{BuildId, BuildInfo, Built, Failure, ForeignPrices, Remark, Source},
    web::Web,
};

/// Bytes of products that are judged at once or were and wait for their turn: enough for every core where they are
/// small, and for one of the largest.
const JUDGED_AT_ONCE: usize = 3 * 1024 * 1024;

/// Batches that are judged at once at most.
const MOST_AT_ONCE: usize = 8;

/// Makes builds out of one catalogue.
pub struct Builder {
    catalogue: CatalogueConfig,
    web: Arc<dyn Web>,
    judge: Arc<Judge>,
    max_rows: u64,
    currency: String,
}

impl Builder {
    /// From a catalogue, with a judge of its products.
    pub fn new(
        catalogue: CatalogueConfig,
        web: Arc<dyn Web>,
        judge: Judge,
        max_rows: u64,
        currency: String,
    ) -> Self {
        Self { catalogue, web, judge: Arc::new(judge), max_rows, currency }
    }

    /// Whether the source has departments, of which an export should know what earlier ones found.
    pub fn has_departments(&self) -> bool {
        self.catalogue.has_departments()
    }

    /// Builds `id` into the store of `before`, from a source of which this much is known; a dry run keeps nothing there. When `cancel` is cancelled, the uploads are
    /// aborted and the build ends with a deadline failure. The index of its rows comes beside it: it is large, and only
    /// the comparison needs it.
    pub async fn build(
        &self,
        id: &BuildId,
        before: Before<'_>,
        known: &Known,
        dry_run: bool,
        cancel: &CancellationToken,
    ) -> Result<(Built, RowIndex), Failure> {
        let store = (!dry_run).then_some(before.store);
        let started = Instant::now();
        // One batch may wait while the next is read and others are judged.
        let (batch_tx, batch_rx) = mpsc::channel(1);
        // One part may wait while another is on its way.
        let (feed_tx, feed_rx) = mpsc::channel(1);
        let (excluded_tx, excluded_rx) = mpsc::channel(1);
        let (build_key, excluded_key) = (FeedKey::Build(id.clone()), FeedKey::Excluded(id.clone()));

        let fetched = fetch::read(&self.catalogue, &self.web, known, batch_tx);
        let collected = self.collect(before, batch_rx, feed_tx, excluded_tx);
        let feed_written = write(store, &build_key, feed_rx);
        let excluded_written = write(store, &excluded_key, excluded_rx);
        let stream = async {
            // Whichever fails first ends the other. What was collected is whole only if the fetch says that the
            // catalogue ended.
            let fetched = async { fetched.await.map_err(|error| Stop::Fetch(Box::new(error))) };
            let (summary, collected) = tokio::try_join!(fetched, collected)?;
            collected.tally.encoding()?;
            collected.end(summary).await
        };
        // Whatever is dropped here drops the senders of parts, and the uploads end by aborting.
        let finish = async {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(Stop::Cancelled),
                finished = stream => finished,
            }
        };
        let (finished, feed_written, excluded_written) = tokio::join!(finish, feed_written, excluded_written);
        if cancel.is_cancelled() {
            return Err(given_up());
        }
        // The cause before its consequences: a store that failed stops the fetch, a fetch that failed aborts the
        // uploads.
        match &finished {
            Err(Stop::Fetch(error)) => return Err((&**error).into()),
            Err(Stop::NotUtf8 { broken, fetched }) => {
                return Err(not_utf8(&self.catalogue.location(), *broken, *fetched));
            }
            Err(Stop::Internal(detail)) => return Err(internal(detail.clone())),
            Ok(_) | Err(Stop::Upload | Stop::Cancelled) => {}
        }
        let mut failed: Vec<_> =
            [feed_written, excluded_written].into_iter().filter_map(Result::err).collect();
        // One upload that fails makes the other one abort.
        failed.sort_by_key(|error| matches!(error, FeedError::Aborted { .. }));
        if let Some(cause) = failed.first() {
            return Err(cause.into());
        }
        let Ok(finished) = finished else {
            return Err(internal("the upload stopped without saying why".to_owned()));
        };
        if let Some(store) = store.filter(|_| finished.excluded_is_stale) {
            let written = excluded::without_kept(store, id, &finished.index);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(given_up()),
                written = written => written?,
            }
        }
        Ok(self.built(id, finished, known, started))
    }

    /// Takes batches in order until the fetch ends, and hands parts on.
    async fn collect(
        &self,
        before: Before<'_>,
        batches: mpsc::Receiver<Batch>,
        feed: mpsc::Sender<Part>,
        excluded: mpsc::Sender<Part>,
    ) -> Result<Collected, Stop> {
        let published = before.published.map_or(0, |published| published.rows);
        let mut collected = Collected::new(Cap::of(self.max_rows, published), feed, excluded);
        let room = Arc::new(Semaphore::new(JUDGED_AT_ONCE));
        let judged = received(batches)
            .then(|batch| {
                let (room, bytes) = (Arc::clone(&room), batch.bytes.len().clamp(1, JUDGED_AT_ONCE));
                let permits = u32::try_from(bytes).expect("a few MiB");
                async move { (batch, room.acquire_many_owned(permits).await) }
            })
            .map(|(batch, room)| {
                let (judge, (parts, taken)) = (Arc::clone(&self.judge), mpsc::channel(1));
                let task = tokio::task::spawn_blocking(move || {
                    judge.batch(&batch, &mut |part| parts.blocking_send(part).is_ok());
                    room
                });
                std::future::ready((taken, task))
            })
            .buffered(at_once());
        // Each batch is judged into a channel of its own: whose turn has not come waits with what fits into it.
        let mut judged = std::pin::pin!(judged);
        while let Some((mut taken, task)) = judged.next().await {
            while let Some(part) = taken.recv().await {
                collected.batch(part, before).await?;
            }
            let room = task.await;
            room.map_err(|e| Stop::Internal(format!("a batch of products could not be judged: {e}")))
                .map(drop)?;
        }
        Ok(collected)
    }

    fn built(&self, id: &BuildId, finished: Finished, known: &Known, started: Instant) -> (Built, RowIndex) {
        let Finished { saved, mut tally, index, mut quality, summary, .. } = finished;
        let secrets = self.catalogue.secrets();
        for group in quality.same_title.groups.iter_mut().chain(&mut quality.same_image.groups) {
            group.value = secrets.struck(&group.value);
        }
        debug_assert!(tally.funnel.adds_up());
        let missing = tally.missing();
        let foreign = tally.foreign().map(|(products, found)| ForeignPrices {
            expected: self.currency.clone(),
            products,
            found,
        });
        let source = Source { missing, ..source(&summary, foreign) };
        let mut remarks = remarks(&summary, known);
        remarks.extend(tally.number_ids.map(|(products, id)| Remark::NumberIds { products, id }));
        let built = Built {
            info: BuildInfo { build: id.clone(), rows: saved.rows, file: saved.file },
            funnel: tally.funnel,
            remarks,
            median_price: index.median_price(),
            source,
            republished: None,
            diff: None,
            quality,
            takeover: None,
            unrecorded: None,
            took: started.elapsed(),
        };
        (built, index)
    }
}

/// Batches that are judged at once: one for each core that works for us, as far as memory allows.
fn at_once() -> usize {
    tokio::runtime::Handle::current().metrics().num_workers().clamp(1, MOST_AT_ONCE)
}

fn received<T>(receiver: mpsc::Receiver<T>) -> impl Stream<Item = T> {
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|item| (item, receiver)) })
}

/// Writes to the store, or reads and drops where there is none.
async fn write(
    store: Option<&dyn FeedStore>,
    key: &FeedKey,
    mut parts: mpsc::Receiver<Part>,
) -> Result<(), FeedError> {
    match store {
        Some(store) => store.write(key, parts).await,
        None => {
            while parts.recv().await.is_some() {}
            Ok(())
        }
    }
}
