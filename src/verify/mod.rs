//! The verification: the public URL read once, as Naver reads it, and every check told, whatever the others found.
//!
//! It never repairs and never publishes. What is wrong with the feed is a verdict, not an error; only our own state
//! can fail a verification.

mod alive;
mod findings;
mod inspect;
mod kept;
mod prices;
mod read;
mod record;

#[cfg(test)]
mod tests;

pub use inspect::{Inspection, Inspector, Prices};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use self::{
    alive::Opener,
    findings::Findings,
    read::Read,
    record::{Against, Freshness, Standing},
};
use crate::{
    clock::Clock,
    config::verify::VerifyConfig,
    ledger::{DayRecord, Ledger, PUBLISHED, PublishedRecord, day_name},
    report::{
        CheckId, CheckResult, CheckStatus, Example, Failure, Percent, ProblemKind, Status, VerifyReport,
        number,
    },
    route::Route,
    schedule::{DueSlot, KNOWN, Known, Schedule},
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
    /// `GATE_HOLD_MEDIAN`: what the gate lets pass is not worth a look.
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
    pub async fn run(&self) -> Result<VerifyReport, Failure> {
        let started = Instant::now();
        let deadline = tokio::time::Instant::now() + self.config.timeout;
        let before = self.published().await?;
        // A feed on this machine (a test, a trial) may name pages on this machine.
        let reach = if is_loopback(&self.feed_url) { Reach::Anywhere } else { Reach::Public };
        let mut read = Read::of(&*self.web, &self.feed_url, reach, &self.config, deadline).await;
        let (now, sha256) = (self.clock.now(), &read.inspection.file.sha256);
        // A build may be published while we read: the file may be what was public before or after.
        let after = self.published().await?;
        let mut against = Against::new(&after, sha256, read.says.clone());
        if against.standing != Standing::Current {
            let earlier = Against::new(&before, sha256, read.says.clone());
            if earlier.standing == Standing::Current {
                against = earlier;
            }
        }
        let day = self.day(now).await?;
        let known = self.known().await?;
        let freshness = self.freshness(now, &known).await?;

        let mut findings = std::mem::take(&mut read.findings);
        findings.merge(std::mem::take(&mut read.inspection.findings));
        let mut median = None;
        if read.inspection.is_table {
            self.row_count(&mut findings, &read, &against);
            median = read.inspection.median_price;
            // What changed says nothing of what there is.
            let before = against.median_before().filter(|_| read.whole && !read.inspection.is_summary);
            prices::check(&mut findings, median, before, self.median_moved);
        }
        if !read.inspection.is_table || !read.whole {
            // Of a file that broke off, only what is wrong is known.
            not_checked(&mut findings);
        }
        against.fresh(&mut findings, &freshness);
        against.identical(&mut findings, read.whole);
        let (kept, due) = kept::check(&mut findings, (&self.schedule, &known), &day, &after, now, self.grace);
        let mut opened = String::new();
        if self.config.alive_sample > 0 {
            let opener = Opener::new(&*self.web, reach);
            opened = opener.check(&read.inspection.sample, deadline, &mut findings).await;
        }

        let rows = number(read.inspection.rows);
        let checks = CheckId::ALL
            .into_iter()
            .filter(|id| *id != CheckId::Alive || self.config.alive_sample > 0)
            .map(|id| {
                let found = findings.count(id);
                let (measured, limit) = match id {
                    CheckId::Reachable => (read.measured.clone(), None),
                    CheckId::Fresh => against.age(now, &self.schedule, self.config.max_age),
                    CheckId::Identical => against.hashes(sha256, read.whole),
                    CheckId::Encoding if found == 0 => ("UTF-8".to_owned(), None),
                    CheckId::Header if found == 0 => (read.inspection.columns.to_string(), None),
                    CheckId::RowCount => (rows.clone(), Some(format!("≤ {}", number(self.max_rows)))),
                    CheckId::Prices => prices::measured(median, against.median_before(), self.median_moved),
                    CheckId::Alive => (opened.clone(), None),
                    CheckId::ScheduleKept => (format!("{kept}/{due}"), None),
                    _ => (number(found), Some("0".to_owned())),
                };
                self.result(id, measured, limit, &mut findings)
            })
            .collect();
        Ok(VerifyReport {
            feed_url: self.feed_url.to_string(),
            build: against.build(),
            rows: read.inspection.rows,
            bytes: read.inspection.file.bytes,
            checks,
            duration_ms: started.elapsed().as_millis() as u64,
        })
    }

    /// The record of the day of a moment.
    async fn day(&self, at: Timestamp) -> Result<DayRecord, Failure> {
        let name = day_name(self.schedule.day_of(at));
        Ok(self.ledger.read::<DayRecord>(&name).await?.map(|read| read.value).unwrap_or_default())
    }

    /// How fresh the feed should be. A slot is due once its export has had its time to end: before that, the build of
    /// the slot before is as fresh as can be.
    async fn freshness(&self, now: Timestamp, known: &Known) -> Result<Freshness<'_>, Failure> {
        let ended = now - SignedDuration::try_from(self.grace).unwrap_or_default();
        let due = self.schedule.newest_due(Route::ExportProducts, ended, known);
        let held = match due {
            Some(at) => {
                let due = DueSlot { at, route: Route::ExportProducts };
                let day = self.day(at).await?;
                day.slots.iter().any(|slot| slot.is_of(&due) && slot.outcome.status == Status::Held)
            }
            None => false,
        };
        Ok(Freshness { schedule: &self.schedule, now, max_age: self.config.max_age, due, held })
    }

    /// Since when the schedule is as it is.
    async fn known(&self) -> Result<Known, Failure> {
        Ok(self.ledger.read(KNOWN).await?.map(|read| read.value).unwrap_or_default())
    }

    async fn published(&self) -> Result<PublishedRecord, Failure> {
        Ok(self.ledger.read(PUBLISHED).await?.map(|read| read.value).unwrap_or_default())
    }

    fn result(
        &self,
        id: CheckId,
        measured: String,
        limit: Option<String>,
        findings: &mut Findings,
    ) -> CheckResult {
        let (status, problems) = findings.take(id);
        let status = if self.config.warn_only.contains(&id) { status.min(CheckStatus::Warn) } else { status };
        CheckResult { id, status, measured, limit, problems }
    }

    fn row_count(&self, findings: &mut Findings, read: &Read, against: &Against) {
        let rows = read.inspection.rows;
        if rows > self.max_rows {
            findings.add(CheckId::RowCount, ProblemKind::OverCap, Example::default);
        }
        if !read.whole {
            // How many rows there are is not known of a file that broke off.
            return findings.add(CheckId::RowCount, ProblemKind::NotChecked, Example::default);
        }
        if rows == 0 {
            findings.add(CheckId::RowCount, ProblemKind::NoRows, Example::default);
        }
        let recorded = against.rows().filter(|expected| *expected != rows && !read.inspection.is_summary);
        if let Some(expected) = recorded {
            findings.add(CheckId::RowCount, ProblemKind::RowsDiffer, || Example {
                value: Some(format!("{rows} / {expected}")),
                ..Example::default()
            });
        }
    }
}

/// Where there is no table (nothing, HTML, UTF-16, gzip) or not all of it, the checks of its content were not made, but for what is known.
fn not_checked(findings: &mut Findings) {
    let content = [
        CheckId::Encoding,
        CheckId::Header,
        CheckId::Shape,
        CheckId::RequiredValues,
        CheckId::UniqueIds,
        CheckId::Formats,
        CheckId::RowCount,
        CheckId::Prices,
    ];
    for id in content {
        if findings.count(id) == 0 {
            findings.add(id, ProblemKind::NotChecked, Example::default);
        }
    }
}
