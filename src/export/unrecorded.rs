//! A build of ours that is public although nothing is recorded of it: the state was lost. It stands in for the record, so
//! that the next build is held against something.
//!
//! It never decides; the gate does. What the public file says of itself is believed: nobody but us writes it.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::diff::Columns;
use crate::{
    ep::read::RowReader,
    feed_store::{FeedError, FeedKey, FeedStore},
    ledger::PublishedRecord,
    report::{BuildInfo, Unrecorded},
    verify::Prices,
};

/// The build that the public file says it is, where the record names no published one. A store that does not answer is
/// no reason to build nothing: then it is looked at as a reader would.
pub(super) async fn public(store: &dyn FeedStore, record: Option<&PublishedRecord>) -> Option<BuildInfo> {
    let record = record.filter(|record| record.published.is_none())?;
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

/// What can be known of it from its file, in `most_time` at most.
pub(super) async fn read(
    store: &dyn FeedStore,
    public: BuildInfo,
    most_time: Duration,
    cancel: &CancellationToken,
) -> Unrecorded {
    let median = tokio::select! {
        biased;
        () = cancel.cancelled() => Err("the run was cut short".to_owned()),
        read = timeout(most_time, median(store, &public)) => match read {
            Ok(read) => read.map_err(|error| error.to_string()),
            Err(_) => Err(format!("it was not read in {} s", most_time.as_secs())),
        },
    };
    match median {
        Ok(median_price) => Unrecorded { public, median_price, unread: None },
        Err(reason) => Unrecorded { public, median_price: None, unread: Some(reason) },
    }
}

async fn median(store: &dyn FeedStore, public: &BuildInfo) -> Result<Option<u64>, FeedError> {
    let mut file = store.read(&FeedKey::Build(public.build.clone())).await?;
    let (mut rows, mut columns, mut prices) = (RowReader::default(), None, Prices::default());
    while let Some(chunk) = file.recv().await {
        // The last row ends with a line end, as every row of ours does.
        rows.push(&chunk?, |row| match &columns {
            None => columns = Some(Columns::of(row.bytes)),
            Some(columns) => {
                // What is odd about single prices is for the verification to say.
                let price = String::from_utf8_lossy(columns.fields(row.bytes).price);
                let _ = prices.add(&price);
            }
        });
    }
    Ok(prices.median())
}
