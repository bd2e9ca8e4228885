//! A finished build is made public, or a stored one made so again.
//!
//! `publishing` asks the gate and moves the build to the public key, and never looks into it; `stored` finds builds that
//! were made before; `delivery` reads what readers get then.

mod delivery;
mod publishing;
mod stored;
mod trend;

pub use stored::{Refusal, Republish};

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use url::Url;

use self::{
    publishing::{Publishing, Verdict, before, map_changed},
    trend::Trend,
};
use crate::{
    clock::Clock,
    feed_store::{FeedKey, FeedStore},
    gate::{Base, Figures, Gate, Judgement},
    ledger::{Ledger, PUBLISHED, PublishedRecord},
    progress::{Progress, Stage},
    report::{Built, ExportReport, Failure, Publication, RunInfo, Status},
    web::Web,
};

/// Makes builds public.
pub struct Publisher {
    pub(crate) store: Arc<dyn FeedStore>,
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gate: Gate,
    /// Of the hours that the gate compares.
    pub(crate) timezone: TimeZone,
    pub(crate) web: Arc<dyn Web>,
    /// Where readers get the feed.
    pub(crate) feed_url: Url,
}

impl Publisher {
    /// Makes a stored build public on behalf of `run`, unless it must be held, and looks what readers get then.
    pub async fn publish(
        &self,
        run: &RunInfo,
        built: Built,
        progress: &Progress,
    ) -> Result<ExportReport, Failure> {
        progress.enter(Stage::Publish);
        let mut publishing = Publishing::new(self, run, &built);
        let verdict = publishing.verdict().await?;
        let trend = std::mem::take(&mut publishing.trend);
        let delivery = match &verdict.publication {
            Publication::Published { .. } => {
                progress.enter(Stage::Deliver);
                let (web, url) = (self.web.as_ref(), &self.feed_url);
                Some(delivery::read(web, url, &built.info, verdict.before.as_ref()).await)
            }
            _ => None,
        };
        let report = ExportReport { delivery, ..self.report(built, verdict, true) };
        Ok(beside(report, trend))
    }

    /// What is to be told of a build in a dry run at this time, which stores nothing.
    pub async fn preview(&self, at: Timestamp, built: Built) -> Result<ExportReport, Failure> {
        let record = self.record().await?;
        let Judgement { holds, warnings } = self.ask_the_gate(&record, at, &built);
        let publication =
            if holds.is_empty() { Publication::DryRun } else { Publication::Held { reasons: holds } };
        let before = before(record.published.as_ref(), &built);
        let map_changed = map_changed(&record, record.published.as_ref(), &built);
        let stored = built.republished.is_some();
        let trend = Trend::of(&record, &built.info, built.median_price, at, &self.timezone);
        Ok(beside(self.report(built, Verdict { publication, before, map_changed, warnings }, stored), trend))
    }

    async fn record(&self) -> Result<PublishedRecord, Failure> {
        Ok(self.ledger.read(PUBLISHED).await?.map(|versioned| versioned.value).unwrap_or_default())
    }

    /// What the gate says of a build of a run of this time as things are. A build that somebody asked for is not judged again.
    fn ask_the_gate(&self, record: &PublishedRecord, at: Timestamp, built: &Built) -> Judgement {
        if built.republished.is_some() {
            return Judgement::default();
        }
        let figures = Figures {
            rows: built.info.rows,
            funnel: &built.funnel,
            median_price: built.median_price,
            source: &built.source,
            quality: &built.quality,
            takeover: built.takeover.as_ref(),
            profile: built.profile.as_ref(),
            drift: built.drift.as_ref(),
            corrections: built.corrections.as_ref(),
        };
        let base = Base::of(record, built.unrecorded.as_ref(), at, &self.timezone);
        self.gate.judge(&figures, &base)
    }

    fn report(&self, built: Built, verdict: Verdict, stored: bool) -> ExportReport {
        let Verdict { publication, before, map_changed, warnings } = verdict;
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
            feed_url: self.feed_url.to_string(),
            delivery: None,
            map: built.map,
            map_changed,
            remarks: built.remarks,
            explained: built.explained,
            trend: Vec::new(),
            duration_ms: built.took.as_millis() as u64,
        }
    }
}

/// The report with how exports went, where that is worth a look: in the day's first one, and where something is to be seen.
/// A build that somebody went back to says nothing of the source.
fn beside(report: ExportReport, trend: Trend) -> ExportReport {
    let is_worth_it = trend.is_first_of_day || report.status() >= Status::Warn;
    let is_made_now =
        report.republished.is_none() && !matches!(report.publication, Publication::Superseded { .. });
    let trend = if is_worth_it && is_made_now { trend.points } else { Vec::new() };
    ExportReport { trend, ..report }
}
