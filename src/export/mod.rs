//! The export: a catalogue in, a build out, and the build made public.
//!
//! `build` makes a file and never decides whether it is published; `publish` moves it to the public key and never
//! looks into it.

mod build;
mod judge;
mod publish;

pub use build::{Builder, Built};
pub use judge::{Judge, Outcome, Who};
pub use publish::{Publisher, Verdict, new_build_id};

use std::{sync::Arc, time::Instant};

use tokio_util::sync::CancellationToken;

use crate::{
    feed_store::{BuildId, FeedKey, FeedStore},
    report::{ExportReport, Failure, Publication, RunInfo},
};

/// Does the whole export of one run.
pub struct Exporter {
    /// Makes builds.
    pub builder: Builder,
    /// Makes them public.
    pub publisher: Arc<Publisher>,
    /// Where they go.
    pub store: Arc<dyn FeedStore>,
    /// The public URL, for people.
    pub feed_url: String,
}

impl Exporter {
    /// Builds `id` and publishes it unless it must be held. A dry run stores and publishes nothing.
    pub async fn run(
        &self,
        run: &RunInfo,
        id: &BuildId,
        dry_run: bool,
        cancel: &CancellationToken,
    ) -> Result<ExportReport, Failure> {
        let started = Instant::now();
        let store = (!dry_run).then_some(self.store.as_ref());
        let built = self.builder.build(id, store, cancel).await?;
        debug_assert!(built.funnel.adds_up());
        let (publication, rows_before) = if !built.holds.is_empty() {
            (Publication::Held { reasons: built.holds }, self.rows_public().await?)
        } else if dry_run {
            (Publication::DryRun, self.rows_public().await?)
        } else {
            match self.publisher.publish(run, &built.info).await? {
                Verdict::Published { invalidation, rows_before } => {
                    (Publication::Published { invalidation }, rows_before)
                }
                Verdict::Superseded { by } => (Publication::Superseded { by }, None),
            }
        };
        Ok(ExportReport {
            build: id.clone(),
            publication,
            funnel: built.funnel,
            rows_before,
            bytes: built.info.bytes,
            sha256: built.info.sha256,
            feed_url: self.feed_url.clone(),
            build_location: self.store.location_of(&FeedKey::Build(id.clone())),
            excluded_location: self.store.location_of(&FeedKey::Excluded(id.clone())),
            remarks: built.remarks,
            duration_ms: started.elapsed().as_millis() as u64,
        })
    }

    async fn rows_public(&self) -> Result<Option<u64>, Failure> {
        Ok(self.publisher.record().await?.published.map(|publication| publication.info.rows))
    }
}
