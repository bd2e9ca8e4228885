//! One build as one stream with bounded memory: fetch → judge → dedupe → save → upload.
//!
//! Fetching, judging and uploading overlap; the order is the catalogue's. Nothing holds the whole catalogue or the
//! whole file. It never touches the public file.

use std::{num::NonZeroUsize, sync::Arc, time::Instant};

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    index::{RowIndex, RowSum},
    judge::{Judge, Outcome, Who},
};
use crate::{
    config::catalogue::CatalogueConfig,
    ep::{
        row::FEED_COLUMNS,
        rules::Violation,
        save::{Saved, TsvWriter},
        text::clean,
    },
    feed_store::{BuildId, BuildInfo, FeedError, FeedKey, FeedStore, MIN_PART, Part},
    fetch::{self, Batch, FetchError, Summary},
    filter::SkipReason,
    report::{Built, Failure, FailureKind, ForeignPrices, Funnel, Remark, Source},
    web::Web,
};

/// The header of the file of excluded products.
const EXCLUDED_COLUMNS: [&str; 5] = ["id", "name", "reason", "column", "value"];

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
            Err(Stop::Fetch(error)) => return Err(fetch_failure(error)),
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
            return Err(store_failure(cause));
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
        let mut collected = Collected {
            tally: Tally::default(),
            index: RowIndex::default(),
            feed_file: TsvWriter::new(FEED_COLUMNS),
            excluded_file: TsvWriter::new(EXCLUDED_COLUMNS),
            feed,
            excluded,
        };
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

/// Why the stream stopped.
enum Stop {
    Fetch(FetchError),
    /// A part found no taker: the upload failed and tells why itself.
    Upload,
    Cancelled,
    /// The catalogue is not UTF-8: what could be read of it is no catalogue.
    NotUtf8 {
        broken: u64,
        fetched: u64,
    },
    Internal(String),
}

/// A build whose files are written.
struct Finished {
    saved: Saved,
    tally: Tally,
    index: RowIndex,
    summary: Summary,
}

/// Counts of a build.
#[derive(Default)]
struct Tally {
    funnel: Funnel,
    members_only: u64,
    foreign: u64,
    foreign_currency: Option<String>,
    not_utf8: u64,
}

impl Tally {
    /// Some products in another encoding are broken products; more than a tenth of them is another catalogue than
    /// the one we know how to read, and the few that happen to be ASCII must not replace the feed.
    fn encoding(&self) -> Result<(), Stop> {
        let (broken, fetched) = (self.not_utf8, self.funnel.fetched);
        if broken * 10 > fetched { Err(Stop::NotUtf8 { broken, fetched }) } else { Ok(()) }
    }
}

/// The state of a build on its way.
struct Collected {
    tally: Tally,
    index: RowIndex,
    feed_file: TsvWriter,
    excluded_file: TsvWriter,
    feed: mpsc::Sender<Part>,
    excluded: mpsc::Sender<Part>,
}

impl Collected {
    /// Puts one product into exactly one count, and its row where it belongs.
    fn take(&mut self, outcome: Outcome, max_rows: u64) {
        let funnel = &mut self.tally.funnel;
        funnel.fetched += 1;
        match outcome {
            Outcome::Row { row, members_only } => {
                // An id counts as seen only once a row with it was kept; over the cap none is.
                if self.index.contains(row.id().as_bytes()) {
                    funnel.duplicates += 1;
                    self.exclude(row.id(), &row.record[1], "duplicate", "id", row.id());
                } else if funnel.kept == max_rows {
                    *funnel.skipped.entry(SkipReason::OverCap).or_default() += 1;
                    self.exclude(
                        row.id(),
                        &row.record[1],
                        SkipReason::OverCap.name(),
                        "",
                        &max_rows.to_string(),
                    );
                } else {
                    self.index.insert(row.id().as_bytes(), RowSum::of_record(&row.record), row.price);
                    funnel.kept += 1;
                    self.tally.members_only += u64::from(members_only);
                    self.feed_file.row(&row.record);
                }
            }
            Outcome::Skip { who: Who { id, name }, skip } => {
                *funnel.skipped.entry(skip.reason).or_default() += 1;
                self.exclude(&id, &name, skip.reason.name(), "", &skip.value);
            }
            Outcome::Broken { who: Who { id, name }, broken } => {
                *funnel.broken.entry(broken.rule()).or_default() += 1;
                self.tally.not_utf8 += u64::from(broken.violation == Violation::NotUtf8);
                if broken.violation == Violation::Currency {
                    self.tally.foreign += 1;
                    self.tally.foreign_currency.get_or_insert_with(|| broken.value.clone());
                }
                self.exclude(&id, &name, broken.violation.name(), broken.column, &broken.value);
            }
        }
    }

    fn exclude(&mut self, id: &str, name: &str, reason: &str, column: &str, value: &str) {
        let fields = [clean(id), clean(name), reason.into(), column.into(), clean(value)];
        self.excluded_file.row(&fields.iter().map(AsRef::as_ref).collect::<csv::StringRecord>());
    }

    async fn hand_on(&mut self) -> Result<(), Stop> {
        if let Some(part) = self.feed_file.part(MIN_PART) {
            self.feed.send(Part::Data(part)).await.map_err(|_| Stop::Upload)?;
        }
        if let Some(part) = self.excluded_file.part(MIN_PART) {
            self.excluded.send(Part::Data(part)).await.map_err(|_| Stop::Upload)?;
        }
        Ok(())
    }

    /// Ends both files, now that the catalogue is known to be whole.
    async fn end(self, summary: Summary) -> Result<Finished, Stop> {
        let saved = self.feed_file.finish();
        let excluded = self.excluded_file.finish().last;
        for (sender, last) in [(self.feed, saved.last.clone()), (self.excluded, excluded)] {
            if !last.is_empty() {
                sender.send(Part::Data(last)).await.map_err(|_| Stop::Upload)?;
            }
            sender.send(Part::End).await.map_err(|_| Stop::Upload)?;
        }
        Ok(Finished { saved, tally: self.tally, index: self.index, summary })
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

fn not_utf8(location: &str, broken: u64, fetched: u64) -> Failure {
    Failure {
        failure: FailureKind::CatalogueUnreadable,
        detail: format!(
            "{location}: {broken} of {fetched} products are not UTF-8; ask the source for UTF-8, as JSON must be"
        ),
        retryable: false,
    }
}

/// An export that was cancelled.
fn given_up() -> Failure {
    Failure {
        failure: FailureKind::Deadline,
        detail: "the export did not end within DEADLINE and was given up".to_owned(),
        retryable: true,
    }
}

fn internal(detail: String) -> Failure {
    Failure { failure: FailureKind::Internal, detail, retryable: true }
}

fn fetch_failure(error: &FetchError) -> Failure {
    Failure { failure: error.kind(), detail: error.to_string(), retryable: error.retryable() }
}

/// A failed store as a failed run.
fn store_failure(error: &FeedError) -> Failure {
    Failure {
        failure: FailureKind::FeedStore,
        detail: error.to_string(),
        retryable: !matches!(error, FeedError::Refused { .. }),
    }
}
