//! The checks against our own record: is it the build that we published, and is it of today's newest export?

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::findings::Findings;
use crate::{
    feed_store::BuildId,
    ledger::{Published, PublishedRecord},
    report::{CheckId, Example, ProblemKind},
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
}

impl Against {
    /// Looks for the file's hash in the record.
    pub fn new(record: &PublishedRecord, sha256: &str) -> Self {
        let is_it = |publication: &&Published| publication.info.sha256 == sha256;
        let current = [&record.publishing, &record.published].into_iter().flatten().find(is_it).cloned();
        let (standing, found) = match current {
            Some(current) => (Standing::Current, Some(current)),
            None => match record.earlier.iter().find(is_it).cloned() {
                Some(earlier) => (Standing::Earlier, Some(earlier)),
                None => (Standing::Foreign, None),
            },
        };
        Self { standing, found, published: record.published.clone() }
    }

    /// The build that was found, if it is one of ours.
    pub fn build(&self) -> Option<BuildId> {
        self.found.as_ref().map(|found| found.info.build.clone())
    }

    /// How many rows the record says that readers get.
    pub fn rows(&self) -> Option<u64> {
        self.found.as_ref().or(self.published.as_ref()).map(|publication| publication.info.rows)
    }

    /// The build is of the newest export slot due, and not too old. A slot is due once its export has had `grace`
    /// to end: before that, the build of the slot before is as fresh as can be. `readable` tells whether the file is a
    /// table at all.
    pub fn fresh(
        &self,
        findings: &mut Findings,
        schedule: &Schedule,
        now: Timestamp,
        max_age: Duration,
        grace: Duration,
        readable: bool,
    ) {
        let ended = now - SignedDuration::try_from(grace).unwrap_or_default();
        let due = schedule.newest_due(Route::ExportProducts, ended);
        let Some(publication) = self.dated() else {
            return findings.add(CheckId::Fresh, ProblemKind::NeverPublished, Example::default);
        };
        let example = || Example {
            value: Some(format!("{} · {}", publication.info.build, minutes(publication.at, schedule))),
            ..Example::default()
        };
        if now.duration_since(publication.at).unsigned_abs() > max_age {
            findings.add(CheckId::Fresh, ProblemKind::TooOld, example);
        } else if due.is_some_and(|due| publication.run_at < due) {
            findings.add(CheckId::Fresh, ProblemKind::Stale, example);
        } else if self.found.is_none() && !readable {
            // The record says that it should be fresh; nobody can say that it is.
            findings.add(CheckId::Fresh, ProblemKind::NotChecked, Example::default);
        }
    }

    /// The build's age and what it is held against.
    pub fn age(&self, now: Timestamp, schedule: &Schedule, max_age: Duration) -> (String, Option<String>) {
        let limit = Some(format!("{} h", max_age.as_secs() / 3600));
        match self.dated() {
            Some(publication) => {
                let age = now.duration_since(publication.at).as_secs().max(0) / 60;
                (format!("{} ({}:{:02} h)", minutes(publication.at, schedule), age / 60, age % 60), limit)
            }
            None => ("–".to_owned(), limit),
        }
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
                findings.add(CheckId::Identical, ProblemKind::NeverPublished, Example::default);
            }
            (Standing::Foreign, true) => {
                findings.add(CheckId::Identical, ProblemKind::ForeignFile, Example::default)
            }
        }
    }

    /// The first letters of both hashes.
    pub fn hashes(&self, sha256: &str, whole: bool) -> (String, Option<String>) {
        let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
        let measured = if whole { short(sha256) } else { "–".to_owned() };
        let expected =
            self.found.as_ref().filter(|_| self.standing == Standing::Current).or(self.published.as_ref());
        (measured, expected.map(|publication| short(&publication.info.sha256)))
    }

    /// The publication whose age counts: the one that readers get, else the one that they should get.
    fn dated(&self) -> Option<&Published> {
        self.found.as_ref().or(self.published.as_ref())
    }
}

fn minutes(at: Timestamp, schedule: &Schedule) -> String {
    at.to_zoned(schedule.timezone().clone()).strftime("%m-%d %H:%M").to_string()
}
