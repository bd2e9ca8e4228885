//! The verification: the public URL read once, as Naver reads it, and every check told, whatever the others found.
//!
//! It never repairs and never publishes. What is wrong with the feed is a verdict, not an error; only our own state
//! can fail a verification.

mod alive;
mod findings;
mod inspect;
mod kept;
mod pieces;
mod prices;
mod read;
mod record;

#[cfg(test)]
mod tests;

pub(crate) use alive::opened;
pub use inspect::{Prices, SampledRow};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use strum::IntoEnumIterator;
use url::Url;

use self::{
    alive::Opener,
    findings::Findings,
    read::Read,
    record::{Against, Freshness},
};
use crate::{
    clock::Clock,
    config::verify::VerifyConfig,
    ledger::{DayRecord, Ledger, PUBLISHED, PublishedRecord, day_name},
    progress::{Progress, Stage},
    report::{CheckId, Example, Failure, Percent, ProblemKind, Status, VerifyReport, number},
    schedule::{DueSlot, KNOWN, Known, Schedule},
    step::Step,
    web::{Reach, Web, is_loopback},
};

/// What tells the reader of a log of the origin who we are.
const READER: &str = concat!("auto-ep/", env!("CARGO_PKG_VERSION"), " (verify-ep)");

/// Reads the public feed and checks it.
pub struct Verifier {
    /// To read it with.
    pub web: Arc<dyn Web>,
    /// Where it is.
    pub feed_url: Url,
    /// Against what it is held.
    pub config: VerifyConfig,
    /// `EP_MAX_ROWS`
    pub max_rows: u64,
    /// `hold_median` of `GATE_LIMITS`: what the gate lets pass is not worth a look.
    pub median_moved: Percent,
    /// What we know of runs.
    pub ledger: Ledger,
    /// When exports are due.
    pub schedule: Schedule,
    /// How long an export may take to end: `DEADLINE`.
    pub grace: Duration,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Verifier {
    /// Reads the feed and makes every check.
    pub async fn run(&self, progress: &Progress) -> Result<VerifyReport, Failure> {
        progress.enter(Stage::Read);
        let started = Instant::now();
        let deadline = tokio::time::Instant::now() + self.config.timeout;
        let before: PublishedRecord = self.recorded(PUBLISHED).await?;
        // A feed on this machine (a test, a trial) may name pages on this machine.
        let reach = if is_loopback(&self.feed_url) { Reach::Anywhere } else { Reach::Public };
        let mut read = Read::of(&*self.web, &self.feed_url, reach, &self.config, deadline, progress).await;
        let now = self.clock.now();
        // A build may be published while we read: the file may be what was public before or after.
        let after = self.recorded(PUBLISHED).await?;
        let sha256 = &read.file.sha256;
        let [newest, earlier] =
            [&after, &before].map(|record| Against::new(record, sha256, read.says.as_ref()));
        let against = if earlier.is_current && !newest.is_current { earlier } else { newest };
        let day = self.day(now).await?;
        let known: Known = self.recorded(KNOWN).await?;
        let freshness = self.freshness(now, &known).await?;

        let mut findings = std::mem::take(&mut read.findings);
        findings.merge(std::mem::take(&mut read.inspection.findings));
        self.content(&mut findings, &read, &against);
        against.fresh(&mut findings, &freshness);
        against.identical(&mut findings, &read.file.sha256, read.whole);
        kept::check(&mut findings, (&self.schedule, &known), &day, &after, now, self.grace);
        let opens_pages = self.config.alive_sample > 0;
        if opens_pages {
            progress.enter(Stage::Open);
            let mut opener = Opener::new(&*self.web, reach);
            // What may only warn at worst is not worth a whole page.
            if !self.config.warn_only.contains(&CheckId::Alive) {
                opener = opener.comparing(against.found.map(|found| found.at));
            }
            opener.check(&read.inspection.sample, deadline, &mut findings).await;
        }
        Ok(VerifyReport {
            feed_url: self.feed_url.to_string(),
            build: against.found.map(|found| found.info.build.clone()),
            rows: read.inspection.rows,
            bytes: read.file.bytes,
            checks: CheckId::iter()
                .filter(|check| *check != CheckId::Alive || opens_pages)
                .map(|check| findings.result(check, &self.config.warn_only))
                .collect(),
            duration_ms: started.elapsed().as_millis() as u64,
        })
    }

    /// What is recorded under this name, or nothing.
    async fn recorded<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, Failure> {
        Ok(self.ledger.read(name).await?.map(|read| read.value).unwrap_or_default())
    }

    /// The record of the day of a moment.
    async fn day(&self, at: Timestamp) -> Result<DayRecord, Failure> {
        self.recorded(&day_name(self.schedule.day_of(at))).await
    }

    /// How fresh the feed should be. A slot is due once its export has had its time to end: before that, the build of
    /// the slot before is as fresh as can be.
    async fn freshness(&self, now: Timestamp, known: &Known) -> Result<Freshness<'_>, Failure> {
        let ended = now - SignedDuration::try_from(self.grace).unwrap_or_default();
        let due = self.schedule.newest_due(Step::ExportProducts, ended, known);
        let held = match due {
            Some(at) => {
                let due = DueSlot { at, step: Step::ExportProducts };
                let day = self.day(at).await?;
                day.slots.iter().any(|slot| slot.is_of(&due) && slot.outcome.status == Status::Held)
            }
            None => false,
        };
        Ok(Freshness { schedule: &self.schedule, now, max_age: self.config.max_age, due, held })
    }

    /// What shows in the file once it was read: how much there is, its prices, and which checks were not made.
    fn content(&self, findings: &mut Findings, read: &Read, against: &Against<'_>) {
        let content = &read.inspection;
        findings.measure(
            CheckId::RowCount,
            number(content.rows),
            Some(format!("≤ {}", number(self.max_rows))),
        );
        if content.is_table {
            self.row_count(findings, read, against.rows());
        }
        // What changed says nothing of what there is.
        let is_all = read.whole && !content.is_summary;
        prices::check(findings, content.median_price, against.median_before, is_all, self.median_moved);
        if !content.is_table || !read.whole {
            // Of a file that broke off, only what is wrong is known.
            let passed = |check: &CheckId| check.needs_table() && findings.count(*check) == 0;
            let unknown: Vec<_> = CheckId::iter().filter(passed).collect();
            unknown.into_iter().for_each(|check| findings.not_checked(check));
        }
        for (check, sound) in
            [(CheckId::Encoding, "UTF-8".to_owned()), (CheckId::Header, content.columns.to_string())]
        {
            if findings.count(check) == 0 {
                findings.measure(check, sound, None);
            }
        }
    }

    fn row_count(&self, findings: &mut Findings, read: &Read, recorded: Option<u64>) {
        let rows = read.inspection.rows;
        if rows > self.max_rows {
            findings.add(ProblemKind::OverCap, Example::default);
        }
        if !read.whole {
            // How many rows there are is not known of a file that broke off.
            return findings.not_checked(CheckId::RowCount);
        }
        if rows == 0 {
            findings.add(ProblemKind::NoRows, Example::default);
        }
        let differing = recorded.filter(|recorded| *recorded != rows && !read.inspection.is_summary);
        if let Some(recorded) = differing {
            findings.add(ProblemKind::RowsDiffer, || Example::value(format!("{rows} / {recorded}")));
        }
    }
}
