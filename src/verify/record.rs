//! The checks against our own record: is it the build that we published, and is it of today's newest export?

use std::time::Duration;

use jiff::Timestamp;

use super::findings::Findings;
use crate::{
    ledger::{ExportRecord, ExportVerdict, Published, PublishedRecord},
    report::{BuildId, CheckId, Example, ProblemKind},
    route::Route,
    schedule::Schedule,
};

/// What the file that readers get is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The published build, or the one being published right now.
    Current,
    /// A build that was published before.
    Earlier,
    /// Nobody's build.
    Foreign,
}

/// The file that was read, held against the record.
pub struct Against {
    /// What it is.
    pub standing: Standing,
    found: Option<Published>,
    published: Option<Published>,
    /// What is recorded of the export that made what was found, or else what is published.
    export: Option<ExportRecord>,
    median_before: Option<u64>,
    /// The build that the file's own headers name.
    says: Option<BuildId>,
}

/// When a build should be how fresh.
pub struct Freshness<'a> {
    /// For showing times.
    pub schedule: &'a Schedule,
    /// The time.
    pub now: Timestamp,
    /// `VERIFY_MAX_AGE`
    pub max_age: Duration,
    /// The newest export slot due.
    pub due: Option<Timestamp>,
    /// Whether that export's build was held back.
    pub held: bool,
}

impl Against {
    /// Looks for the file's hash in the record. `says` is the build that the file's own headers name.
    pub fn new(record: &PublishedRecord, sha256: &str, says: Option<BuildId>) -> Self {
        let is_it = |publication: &&Published| publication.info.file.sha256 == sha256;
        let current = [&record.publishing, &record.published].into_iter().flatten().find(is_it).cloned();
        let (standing, found) = match current {
            Some(current) => (Standing::Current, Some(current)),
            None => match record.earlier.iter().find(is_it).cloned() {
                Some(earlier) => (Standing::Earlier, Some(earlier)),
                None => (Standing::Foreign, None),
            },
        };
        let published = record.published.clone();
        let dated = found.as_ref().or(published.as_ref());
        let export = dated.and_then(|publication| record.export_of(&publication.info.build)).cloned();
        let median_before = median_before(record, found.as_ref(), export.as_ref());
        Self { standing, found, published, export, median_before, says }
    }

    /// The median price that the file is held against, in won.
    pub fn median_before(&self) -> Option<u64> {
        self.median_before
    }

    /// The build that was found, if it is one of ours.
    pub fn build(&self) -> Option<BuildId> {
        self.found.as_ref().map(|found| found.info.build.clone())
    }

    /// How many rows the record says that readers get.
    pub fn rows(&self) -> Option<u64> {
        self.dated().map(|publication| publication.info.rows)
    }

    /// The build is of the newest export slot due, and not too old. What counts is when it was made, not when somebody
    /// last went back to it.
    pub fn fresh(&self, findings: &mut Findings, freshness: &Freshness<'_>) {
        let Freshness { schedule, now, max_age, due, held } = *freshness;
        let Some(publication) = self.dated() else {
            return self.nothing_recorded(findings, CheckId::Fresh);
        };
        let example = || Example {
            value: Some(format!(
                "{} · {}",
                publication.info.build,
                minutes(self.made_at(publication), schedule)
            )),
            ..Example::default()
        };
        let made_for = self.export.as_ref().map_or(publication.run_at, |export| export.run_at);
        let chosen = self.export.as_ref().is_some_and(|export| export.run != publication.run);
        let missing = due.filter(|due| made_for < *due);
        let too_old = now.duration_since(self.made_at(publication)).unsigned_abs() > max_age;
        if too_old {
            findings.add(CheckId::Fresh, ProblemKind::TooOld, example);
        }
        match missing {
            Some(due) if held => findings.add(CheckId::Fresh, ProblemKind::HeldBack, || Example {
                value: Some(format!("{} {}", minutes(due, schedule), Route::ExportProducts)),
                ..Example::default()
            }),
            Some(due) if chosen && publication.run_at >= due => {
                findings.add(CheckId::Fresh, ProblemKind::Chosen, example)
            }
            Some(_) if !too_old => findings.add(CheckId::Fresh, ProblemKind::Stale, example),
            _ if !too_old && self.found.is_none() => {
                // The record says that it should be fresh; nobody can say that it is.
                findings.add(CheckId::Fresh, ProblemKind::NotChecked, Example::default);
            }
            _ => {}
        }
    }

    /// The build's age and what it is held against.
    pub fn age(&self, now: Timestamp, schedule: &Schedule, max_age: Duration) -> (String, Option<String>) {
        let limit = Some(format!("{} h", max_age.as_secs() / 3600));
        match self.dated() {
            Some(publication) => {
                let made_at = self.made_at(publication);
                let age = now.duration_since(made_at).as_secs().max(0) / 60;
                (format!("{} ({}:{:02} h)", minutes(made_at, schedule), age / 60, age % 60), limit)
            }
            None => ("–".to_owned(), limit),
        }
    }

    /// Where nothing is recorded as published: nothing ever was, or the file says otherwise and the state was lost.
    fn nothing_recorded(&self, findings: &mut Findings, id: CheckId) {
        let kind = if self.says.is_some() { ProblemKind::Unrecorded } else { ProblemKind::NeverPublished };
        findings.add(id, kind, || self.header());
    }

    fn header(&self) -> Example {
        let value = self.says.as_ref().map(|build| format!("x-amz-meta-build: {build}"));
        Example { value, ..Example::default() }
    }

    /// The bytes are those of the published build.
    pub fn identical(&self, findings: &mut Findings, whole: bool) {
        let example = |build: Option<&Published>| Example {
            value: build.map(|publication| publication.info.build.to_string()),
            ..Example::default()
        };
        match (self.standing, whole) {
            (Standing::Current, _) => {}
            (_, false) => findings.add(CheckId::Identical, ProblemKind::NotChecked, Example::default),
            (Standing::Earlier, true) => {
                findings.add(CheckId::Identical, ProblemKind::OlderBuild, || example(self.found.as_ref()));
            }
            (Standing::Foreign, true) if self.published.is_none() => {
                self.nothing_recorded(findings, CheckId::Identical);
            }
            (Standing::Foreign, true) => {
                findings.add(CheckId::Identical, ProblemKind::ForeignFile, || self.header());
            }
        }
    }

    /// The first letters of both hashes.
    pub fn hashes(&self, sha256: &str, whole: bool) -> (String, Option<String>) {
        let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
        let measured = if whole { short(sha256) } else { "–".to_owned() };
        let expected =
            self.found.as_ref().filter(|_| self.standing == Standing::Current).or(self.published.as_ref());
        (measured, expected.map(|publication| short(&publication.info.file.sha256)))
    }

    /// When the build of a publication came to its verdict.
    fn made_at(&self, publication: &Published) -> Timestamp {
        self.export.as_ref().map_or(publication.at, |export| export.at)
    }

    /// The publication that counts: the one that readers get, else the one that they should get.
    fn dated(&self) -> Option<&Published> {
        self.found.as_ref().or(self.published.as_ref())
    }
}

/// The median price of the publication before the one that was found first, or the newest one where the file is none of
/// ours. A build that somebody published by force is held against nothing: its median is the new normal.
fn median_before(
    record: &PublishedRecord,
    found: Option<&Published>,
    export: Option<&ExportRecord>,
) -> Option<u64> {
    if found.is_some() && export.is_some_and(|export| matches!(export.verdict, ExportVerdict::Forced { .. }))
    {
        return None;
    }
    let newest_first: Vec<_> =
        [&record.publishing, &record.published].into_iter().flatten().chain(&record.earlier).collect();
    let first = found.and_then(|found| {
        newest_first.iter().rposition(|publication| publication.info.build == found.info.build)
    });
    let before = &newest_first[first.map_or(0, |first| first + 1)..];
    before.iter().find_map(|publication| publication.median_price)
}

fn minutes(at: Timestamp, schedule: &Schedule) -> String {
    at.to_zoned(schedule.timezone().clone()).strftime("%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests;
