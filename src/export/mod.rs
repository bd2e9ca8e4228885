//! The export: a catalogue in, a build out, and the build made public.
//!
//! `build` makes a file (of what `collect` gathers, as far as `cap` has room; `parts` on their way to the store) and never decides whether it is published;
//! `diff` compares it with the published one; `publish` asks the gate, moves it to the public key and never looks into it; `delivery` reads what
//! readers get then, and `takeover` what somebody else published before, `unrecorded` what
//! we did where the state was lost; `stored` finds one that was made before. `trial`
//! tells what would become of a first look at the catalogue.

mod build;
mod cap;
mod collect;
mod delivery;
mod departments;
mod diff;
mod excluded;
mod failure;
mod index;
mod judge;
mod parts;
mod publish;
mod quality;
mod stored;
mod takeover;
mod tally;
mod trial;
mod unrecorded;

pub use build::Builder;
pub use cap::Before;
pub use delivery::Reader;
pub use index::{RowIndex, RowSum};
pub use judge::{Judge, Judged, Outcome, Who};
pub use publish::{Publisher, Verdict, new_build_id};
pub use stored::{Refusal, Republish};
pub use trial::Trial;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::{
    feed_store::{FeedKey, FeedStore},
    fetch::Known,
    gate::Judgement,
    ledger::PublishedRecord,
    report::{BuildId, Built, ExportReport, Failure, Publication, RunInfo, Takeover},
};

/// Does the whole export of one run.
pub struct Exporter {
    /// Makes builds.
    pub builder: Builder,
    /// Makes them public.
    pub publisher: Arc<Publisher>,
    /// Where they go.
    pub store: Arc<dyn FeedStore>,
    /// How long a build may be compared with the published one.
    pub diff_time: Duration,
    /// Reads what readers get.
    pub reader: Reader,
}

impl Exporter {
    /// Builds `id`, knowing what earlier exports found, and compares it with the published build; a dry run stores
    /// nothing. Once the build is finished,
    /// nothing fails it any more: what cannot be compared, or not in time, is not.
    pub async fn build(
        &self,
        id: &BuildId,
        dry_run: bool,
        cancel: &CancellationToken,
    ) -> Result<Built, Failure> {
        let record = match self.publisher.record().await {
            Ok(record) => Some(record),
            Err(error) => {
                tracing::warn!(%error, "what is public is not known, so the build is not compared");
                None
            }
        };
        let published = record.as_ref().and_then(|record| record.published.as_ref());
        let unrecorded = unrecorded::public(self.store.as_ref(), record.as_ref()).await;
        let public = published.map(|published| &published.info).or(unrecorded.as_ref());
        let known = record.as_ref().map(known).unwrap_or_default();
        let before = Before { store: self.store.as_ref(), published: public };
        let (mut built, mut index) = self.builder.build(id, before, &known, dry_run, cancel).await?;
        let started = Instant::now();
        // Where nothing of ours was ever public, or about to be, somebody else's feed may be.
        let first = record.as_ref().is_some_and(|record| public.is_none() && record.publishing.is_none());
        let compared = async {
            if first {
                let stored = (!dry_run).then_some(before.store);
                return (None, takeover::of(&self.reader, stored, &mut index, id, self.diff_time).await);
            }
            (diff::against(before.store, &mut index, &built.info, public, self.diff_time).await, None)
        };
        (built.diff, built.takeover) = tokio::select! {
            biased;
            // The next attempt publishes this build as it is noted: what was not looked at must not look sound.
            () = cancel.cancelled() => {
                (None, first.then(|| Takeover::Unknown { reason: "the run was cut short".to_owned() }))
            }
            compared = compared => compared,
        };
        if let Some(public) = unrecorded {
            built.unrecorded =
                Some(unrecorded::read(self.store.as_ref(), public, self.diff_time, cancel).await);
        }
        built.took += started.elapsed();
        Ok(built)
    }

    /// Makes a stored build public on behalf of `run`, unless it must be held, and looks what readers get then.
    pub async fn publish(&self, run: &RunInfo, built: Built) -> Result<ExportReport, Failure> {
        let verdict = self.publisher.publish(run, &built).await?;
        let delivery = match &verdict.publication {
            Publication::Published { .. } => {
                Some(self.reader.read(&built.info, verdict.before.as_ref()).await)
            }
            _ => None,
        };
        Ok(ExportReport { delivery, ..self.report(built, verdict, true) })
    }

    /// What is to be told of a build in a dry run, which stores nothing.
    pub async fn preview(&self, run: &RunInfo, built: Built) -> Result<ExportReport, Failure> {
        let record = self.publisher.record().await?;
        let Judgement { holds, warnings } = self.publisher.judge(&record, run, &built);
        let publication =
            if holds.is_empty() { Publication::DryRun } else { Publication::Held { reasons: holds } };
        let before = publish::before(record.published.as_ref(), &built);
        let stored = built.republished.is_some();
        Ok(self.report(built, Verdict { publication, before, warnings }, stored))
    }

    fn report(&self, built: Built, verdict: Verdict, stored: bool) -> ExportReport {
        let Verdict { publication, before, warnings } = verdict;
        let location = |key: FeedKey| stored.then(|| self.store.location_of(&key));
        let id = built.info.build;
        // Of a build that came too late nobody needs to know what it would have changed.
        let diff = built.diff.filter(|_| !matches!(publication, Publication::Superseded { .. }));
        ExportReport {
            build_location: location(FeedKey::Build(id.clone())),
            excluded_location: location(FeedKey::Excluded(id.clone())),
            build: id,
            publication,
            funnel: built.funnel,
            rows_before: before.as_ref().map(|before| before.rows),
            build_before: before.map(|before| before.build),
            warnings,
            republished: built.republished,
            diff,
            file: built.info.file,
            feed_url: self.reader.feed_url.to_string(),
            delivery: None,
            remarks: built.remarks,
            duration_ms: built.took.as_millis() as u64,
        }
    }
}

/// What earlier exports found in the source.
fn known(record: &PublishedRecord) -> Known {
    Known { published: record.published_departments().to_vec(), last: record.last_departments().to_vec() }
}
