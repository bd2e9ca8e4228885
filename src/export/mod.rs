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

use std::sync::Arc;

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
    /// Builds `id`; a dry run stores nothing.
    pub async fn build(
        &self,
        id: &BuildId,
        dry_run: bool,
        cancel: &CancellationToken,
    ) -> Result<Built, Failure> {
        let store = (!dry_run).then_some(self.store.as_ref());
        self.builder.build(id, store, cancel).await
    }

    /// Makes a stored build public on behalf of `run`, unless it must be held.
    pub async fn publish(&self, run: &RunInfo, built: Built) -> Result<ExportReport, Failure> {
        if !built.holds.is_empty() {
            return self.unpublished(built, true).await;
        }
        let (publication, rows_before) = match self.publisher.publish(run, &built.info).await? {
            Verdict::Published { invalidation, rows_before } => {
                (Publication::Published { invalidation }, rows_before)
            }
            Verdict::Superseded { by } => (Publication::Superseded { by }, None),
        };
        Ok(self.report(built, publication, rows_before, true))
    }

    /// What is to be told of a build of a dry run, which is stored nowhere.
    pub async fn preview(&self, built: Built) -> Result<ExportReport, Failure> {
        self.unpublished(built, false).await
    }

    async fn unpublished(&self, mut built: Built, stored: bool) -> Result<ExportReport, Failure> {
        let reasons = std::mem::take(&mut built.holds);
        let publication =
            if reasons.is_empty() { Publication::DryRun } else { Publication::Held { reasons } };
        let public = self.publisher.record().await?.published;
        Ok(self.report(built, publication, public.map(|public| public.info.rows), stored))
    }

    fn report(
        &self,
        built: Built,
        publication: Publication,
        rows_before: Option<u64>,
        stored: bool,
    ) -> ExportReport {
        let location = |key: FeedKey| stored.then(|| self.store.location_of(&key));
        let id = built.info.build;
        ExportReport {
            build_location: location(FeedKey::Build(id.clone())),
            excluded_location: location(FeedKey::Excluded(id.clone())),
            build: id,
            publication,
            funnel: built.funnel,
            rows_before,
            bytes: built.info.bytes,
            sha256: built.info.sha256,
            feed_url: self.feed_url.clone(),
            remarks: built.remarks,
            duration_ms: built.took.as_millis() as u64,
        }
    }
}
