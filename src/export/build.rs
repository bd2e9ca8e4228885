//! One build as one stream with bounded memory: fetch → judge → dedupe → save → upload.
//!
//! Fetching, judging and uploading overlap; the order is the catalogue's. Nothing holds the whole catalogue or the
//! whole file. It never touches the public file.

use std::{num::NonZeroUsize, sync::Arc, time::Instant};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    collect::{Collected, Finished, Stop},
    failure::{given_up, internal, not_utf8},
    index::RowIndex,
    judge::Judge,
};
use crate::{
    config::catalogue::CatalogueConfig,
    feed_store::{BuildId, BuildInfo, FeedError, FeedKey, FeedStore, Part},
    fetch::{self, Batch},
    report::{Built, Failure, ForeignPrices, Remark, Source},
    web::Web,
};

/// Makes builds out of one catalogue.
pub struct Builder {
    catalogue: CatalogueConfig,
    web: Arc<dyn Web>,
    judge: Arc<Judge>,
    max_rows: u64,
    currency: String,
    cores: NonZeroUsize,
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
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { catalogue, web, judge: Arc::new(judge), max_rows, currency, cores }
    }

    /// Builds `id` into `store`; without a store nothing is kept (a dry run). When `cancel` is cancelled, the
    /// uploads are aborted and the build ends with a deadline failure. The index of its rows comes beside it: it is
    /// large, and only the comparison needs it.
    pub async fn build(
        &self,
        id: &BuildId,
        store: Option<&dyn FeedStore>,
        cancel: &CancellationToken,
    ) -> Result<(Built, RowIndex), Failure> {
        let started = Instant::now();
        // One batch may wait while the next is read and others are judged.
        let (batch_tx, batch_rx) = mpsc::channel(1);
        // One part may wait while another is on its way.
        let (feed_tx, feed_rx) = mpsc::channel(1);
        let (excluded_tx, excluded_rx) = mpsc::channel(1);
        let (build_key, excluded_key) = (FeedKey::Build(id.clone()), FeedKey::Excluded(id.clone()));

        let fetched = fetch::read(&self.catalogue, &self.web, batch_tx);
        let collected = self.collect(batch_rx, feed_tx, excluded_tx);
        let feed_written = write(store, &build_key, feed_rx);
        let excluded_written = write(store, &excluded_key, excluded_rx);
        let stream = async {
            // Whichever fails first ends the other. What was collected is whole only if the fetch says that the
            // catalogue ended.
            let fetched = async { fetched.await.map_err(Stop::Fetch) };
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
            Err(Stop::Fetch(error)) => return Err(error.into()),
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
        match finished {
            Ok(finished) => Ok(self.built(id, finished, started)),
            Err(_) => Err(internal("the upload stopped without saying why".to_owned())),
        }
    }

    /// Takes batches in order until the fetch ends, and hands parts on.
    async fn collect(
        &self,
        batches: mpsc::Receiver<Batch>,
        feed: mpsc::Sender<Part>,
        excluded: mpsc::Sender<Part>,
    ) -> Result<Collected, Stop> {
        let mut collected = Collected::new(feed, excluded);
        let judged = received(batches)
            .map(|batch| {
                let judge = Arc::clone(&self.judge);
                tokio::task::spawn_blocking(move || judge.batch(&batch))
            })
            .buffered(self.cores.get());
        let mut judged = std::pin::pin!(judged);
        while let Some(outcomes) = judged.next().await {
            let outcomes = outcomes
                .map_err(|e| Stop::Internal(format!("a batch of products could not be judged: {e}")))?;
            for outcome in outcomes {
                collected.take(outcome, self.max_rows);
            }
            collected.hand_on().await?;
        }
        Ok(collected)
    }

    fn built(&self, id: &BuildId, finished: Finished, started: Instant) -> (Built, RowIndex) {
        let Finished { saved, tally, index, summary } = finished;
        debug_assert!(tally.funnel.adds_up());
        let foreign = tally.foreign_currency.map(|found| ForeignPrices {
            expected: self.currency.clone(),
            products: tally.foreign,
            found,
        });
        let source = Source { says: summary.source_total, gave: summary.items, foreign };
        let mut remarks: Vec<_> =
            summary.empty_categories.into_iter().map(|category| Remark::EmptyCategory { category }).collect();
        if tally.members_only > 0 {
            remarks.push(Remark::FamilyPriceOnly { products: tally.members_only });
        }
        let built = Built {
            info: BuildInfo { build: id.clone(), sha256: saved.sha256, rows: saved.rows, bytes: saved.bytes },
            funnel: tally.funnel,
            remarks,
            median_price: index.median_price(),
            source,
            republished: None,
            diff: None,
            took: started.elapsed(),
        };
        (built, index)
    }
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
