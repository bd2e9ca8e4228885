//! Makes a finished build public, in the order of the runs' times, and invalidates the cache in front of it.
//!
//! `published.json` decides: it goes to `publishing` by compare-and-set before the copy, and to `published` after.
//! A held build never gets here.

use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    clock::Clock,
    ep::save::hex,
    feed_store::{BuildId, BuildInfo, FeedStore, Invalidation},
    ledger::{Ledger, LedgerError, PUBLISHED, Published, PublishedRecord, Versioned},
    report::{Failure, FailureKind, RunInfo},
};

/// How many earlier publications the record keeps.
const EARLIER: usize = 60;
/// How often a record that keeps moving is read again before the run gives up for this attempt.
const ROUNDS: usize = 20;

/// Publishes builds.
pub struct Publisher {
    store: Arc<dyn FeedStore>,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
}

/// What became of a build that was to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is public.
    Published {
        /// How the cache took it.
        invalidation: Invalidation,
        /// Rows of the build that was public before.
        rows_before: Option<u64>,
    },
    /// A newer run's build is public.
    Superseded {
        /// That build.
        by: BuildId,
    },
}

impl Publisher {
    /// On top of these ports.
    pub fn new(store: Arc<dyn FeedStore>, ledger: Ledger, clock: Arc<dyn Clock>) -> Self {
        Self { store, ledger, clock }
    }

    /// The record of what is public.
    pub async fn record(&self) -> Result<PublishedRecord, Failure> {
        Ok(self.read().await?.map(|versioned| versioned.value).unwrap_or_default())
    }

    /// Makes `info` the public build on behalf of `run`.
    pub async fn publish(&self, run: &RunInfo, info: &BuildInfo) -> Result<Verdict, Failure> {
        for _ in 0..ROUNDS {
            let read = self.read().await?;
            let generation = read.as_ref().map(|versioned| versioned.generation);
            let record = read.map(|versioned| versioned.value).unwrap_or_default();
            if let Some(newer) = newer_than(&record, run) {
                return Ok(Verdict::Superseded { by: newer });
            }
            let ours =
                Published { info: info.clone(), run_at: run.at, run: run.key.clone(), at: self.clock.now() };
            let announced = PublishedRecord { publishing: Some(ours.clone()), ..record.clone() };
            let generation = match self.ledger.write(PUBLISHED, &announced, generation).await {
                Ok(generation) => generation,
                Err(LedgerError::Moved(_)) => continue,
                Err(other) => return Err(other.into()),
            };
            self.store.publish(info).await.map_err(|error| unfinished(&error, info))?;
            let rows_before = rows_before(&record, info);
            let done = with_published(record, Published { at: self.clock.now(), ..ours });
            match self.ledger.write(PUBLISHED, &done, Some(generation)).await {
                Ok(_) => {
                    let invalidation = self.store.invalidate(&reference(run, info)).await;
                    return Ok(Verdict::Published { invalidation, rows_before });
                }
                // Another run announced its build while ours was copied. Ours may have landed over its copy, so
                // the next round puts out whichever the record then names.
                Err(LedgerError::Moved(_)) => self.settle().await?,
                Err(other) => return Err(unfinished(&other, info)),
            }
        }
        Err(Failure {
            failure: FailureKind::State,
            detail: format!(
                "{PUBLISHED} kept changing while the build was published; several exports are running at once"
            ),
            retryable: true,
        })
    }

    /// Copies the build that the record names as public, until the record stays as it is meanwhile.
    async fn settle(&self) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let Some(Versioned { value, generation }) = self.read().await? else { return Ok(()) };
            let Some(public) = value.publishing.or(value.published) else { return Ok(()) };
            self.store.publish(&public.info).await.map_err(|error| unfinished(&error, &public.info))?;
            if self.read().await?.is_some_and(|again| again.generation == generation) {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn read(&self) -> Result<Option<Versioned<PublishedRecord>>, LedgerError> {
        self.ledger.read(PUBLISHED).await
    }
}

/// From the copy on, nobody can say that the feed is as it was.
fn unfinished(cause: &dyn std::error::Error, info: &BuildInfo) -> Failure {
    Failure {
        failure: FailureKind::Publication,
        detail: format!("build {} may be public: {cause}", info.build),
        retryable: true,
    }
}

/// The build of a run newer than `run` that is public or about to be.
fn newer_than(record: &PublishedRecord, run: &RunInfo) -> Option<BuildId> {
    [&record.publishing, &record.published]
        .into_iter()
        .flatten()
        .find(|other| other.run_at > run.at)
        .map(|other| other.info.build.clone())
}

fn rows_before(record: &PublishedRecord, info: &BuildInfo) -> Option<u64> {
    record.published.as_ref().filter(|before| before.info.build != info.build).map(|before| before.info.rows)
}

fn with_published(record: PublishedRecord, ours: Published) -> PublishedRecord {
    let mut earlier = record.earlier;
    if let Some(before) = record.published.filter(|before| before.info.build != ours.info.build) {
        earlier.insert(0, before);
    }
    earlier.truncate(EARLIER);
    PublishedRecord { published: Some(ours), publishing: None, earlier }
}

/// The same for every try of one publication, another for each publication: run key and content.
fn reference(run: &RunInfo, info: &BuildInfo) -> String {
    hex(&Sha256::digest(format!("{}\n{}\n{}", run.route, run.key, info.sha256)))
}

/// A fresh build id: `20261006-000503-k3x9`, local time and four random letters.
pub fn new_build_id(now: Timestamp, timezone: &jiff::tz::TimeZone) -> BuildId {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let time = now.to_zoned(timezone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
    let letters: String = (0..4).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect();
    BuildId::parse(&format!("{time}-{letters}")).expect("digits, dashes and letters make a build id")
}
