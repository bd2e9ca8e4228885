//! What is public while a build is made, which the build is held against: by the record or, where the state was lost, by
//! the public file itself.
//!
//! It never decides; the gate does. What the public file says of itself is believed: nobody but us writes it.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::rows;
use crate::{
    feed_store::{FeedError, FeedStore},
    fetch::Known,
    ledger::{Ledger, PUBLISHED, PublishedRecord},
    report::{BuildInfo, Profile, Unrecorded},
    verify::Prices,
};

/// What is public, as far as that could be found out.
#[derive(Default)]
pub(super) struct Public {
    /// `None` where it could not be read.
    record: Option<PublishedRecord>,
    /// A build of ours that is public although nothing is recorded of it.
    pub(super) unrecorded: Option<BuildInfo>,
}

impl Public {
    /// By the record; where that names no published build, by the public file. A state or a store that does not answer is
    /// no reason to build nothing: then what is there is looked at as a reader would.
    pub(super) async fn read(ledger: &Ledger, store: &dyn FeedStore) -> Self {
        let record: PublishedRecord = match ledger.read(PUBLISHED).await {
            Ok(read) => read.map(|versioned| versioned.value).unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "what is public is not known, so the build is not compared");
                return Self::default();
            }
        };
        let unrecorded = if record.published.is_none() { unrecorded(store, &record).await } else { None };
        Self { record: Some(record), unrecorded }
    }

    /// The build that is public.
    pub(super) fn build(&self) -> Option<&BuildInfo> {
        let recorded = self.record.as_ref().and_then(|record| record.published.as_ref());
        recorded.map(|published| &published.info).or(self.unrecorded.as_ref())
    }

    /// What that one is like as a whole, where it is known.
    pub(super) fn profile(&self) -> Option<&Profile> {
        self.record.as_ref()?.published.as_ref()?.profile.as_ref()
    }

    /// Whether nothing of ours was ever public, or about to be: somebody else's feed may be.
    pub(super) fn is_nothing_of_ours(&self) -> bool {
        let never = |record: &PublishedRecord| self.build().is_none() && record.publishing.is_none();
        self.record.as_ref().is_some_and(never)
    }

    /// What earlier exports found in the source.
    pub(super) fn known(&self) -> Known {
        let known = |record: &PublishedRecord| Known {
            published: record.published_departments().to_vec(),
            last: record.last_departments().to_vec(),
        };
        self.record.as_ref().map(known).unwrap_or_default()
    }
}

async fn unrecorded(store: &dyn FeedStore, record: &PublishedRecord) -> Option<BuildInfo> {
    let public = match store.published().await {
        Ok(public) => public?,
        Err(error) => {
            tracing::warn!(%error, "nothing is recorded as published, and what is public is not known");
            return None;
        }
    };
    if record.publishing.as_ref().is_none_or(|announced| announced.info != public) {
        tracing::warn!(
            build = %public.build,
            rows = public.rows,
            "the state was lost: a build is public, and nothing is recorded of it; the new one is held against that build"
        );
    }
    Some(public)
}

/// What can be known of an unrecorded build from its file, in `most_time` at most.
pub(super) async fn look_into(
    store: &dyn FeedStore,
    public: BuildInfo,
    most_time: Duration,
    cancel: &CancellationToken,
) -> Unrecorded {
    let read = cancel.run_until_cancelled(timeout(most_time, median(store, &public))).await;
    let median = match read {
        Some(Ok(read)) => read.map_err(|error| error.to_string()),
        Some(Err(_)) => Err(format!("it was not read in {} s", most_time.as_secs())),
        None => Err("the run was cut short".to_owned()),
    };
    Unrecorded { public, median_price: median.clone().unwrap_or_default(), unread: median.err() }
}

async fn median(store: &dyn FeedStore, public: &BuildInfo) -> Result<Option<u64>, FeedError> {
    let mut prices = Prices::default();
    rows::read(store, &public.build, |columns, row| {
        // What is odd about single prices is for the verification to say.
        let _ = prices.add(&String::from_utf8_lossy(columns.fields(row.bytes).price_text));
        true
    })
    .await?;
    Ok(prices.median())
}
