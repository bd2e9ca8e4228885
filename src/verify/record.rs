//! The checks against our own record: is it the build that we published, and is it of today's newest export?

use std::time::Duration;

use jiff::Timestamp;

use super::findings::Findings;
use crate::{
    ledger::{ExportRecord, ExportVerdict, Published, PublishedRecord},
    report::{BuildId, CheckId, Example, ProblemKind},
    schedule::Schedule,
    step::Step,
};

/// The file that was read, held against the record.
pub struct Against<'a> {
    /// Whether it is the published build, or the one being published right now.
    pub is_current: bool,
    /// The publication that it is, now or before, if it is one of ours.
    pub found: Option<&'a Published>,
    /// The median price that it is held against, in won.
    pub median_before: Option<u64>,
    published: Option<&'a Published>,
    /// What is recorded of the export that made what was found, or else what is published.
    export: Option<&'a ExportRecord>,
    /// The build that the file's own headers name.
    says: Option<&'a BuildId>,
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

impl<'a> Against<'a> {
    /// Looks for the file's hash in the record. `says` is the build that the file's own headers name.
    pub fn new(record: &'a PublishedRecord, sha256: &str, says: Option<&'a BuildId>) -> Self {
        let is_it = |publication: &&Published| publication.info.file.sha256 == sha256;
        let current = record.publishing.iter().chain(&record.published).find(is_it);
        let found = current.or_else(|| record.earlier.iter().find(is_it));
        let published = record.published.as_ref();
        let export = found.or(published).and_then(|publication| record.export_of(&publication.info.build));
        let median_before = median_before(record, found, export);
        Self { is_current: current.is_some(), found, median_before, published, export, says }
    }

    /// How many rows the record says that readers get.
    pub fn rows(&self) -> Option<u64> {
        self.dated().map(|publication| publication.info.rows)
    }

    /// The build is of the newest export slot due, and not too old. What counts is when it was made, not when somebody
    /// last went back to it.
    pub fn fresh(&self, findings: &mut Findings, freshness: &Freshness<'_>) {
        let Freshness { schedule, now, max_age, due, held } = *freshness;
        let limit = Some(format!("{} h", max_age.as_secs() / 3600));
        let Some(publication) = self.dated() else {
            findings.measure(CheckId::Fresh, "–", limit);
            return self.nothing_recorded(findings, CheckId::Fresh);
        };
        let made_at = self.export.map_or(publication.at, |export| export.at);
        let (age, shown_at) = (now.duration_since(made_at), minutes(made_at, schedule));
        let old = age.as_mins().max(0);
        findings.measure(CheckId::Fresh, format!("{shown_at} ({}:{:02} h)", old / 60, old % 60), limit);
        let example = || Example::value(format!("{} · {shown_at}", publication.info.build));
        let made_for = self.export.map_or(publication.run_at, |export| export.run_at);
        let chosen = self.export.is_some_and(|export| export.run != publication.run);
        let too_old = age.unsigned_abs() > max_age;
        if too_old {
            findings.add(ProblemKind::TooOld, example);
        }
        match due.filter(|due| made_for < *due) {
            Some(due) if held => findings.add(ProblemKind::HeldBack, || {
                Example::value(format!("{} {}", minutes(due, schedule), Step::ExportProducts))
            }),
            Some(due) if chosen && publication.run_at >= due => findings.add(ProblemKind::Chosen, example),
            Some(_) if !too_old => findings.add(ProblemKind::Stale, example),
            // The record says that it should be fresh; nobody can say that it is.
            _ if !too_old && self.found.is_none() => findings.not_checked(CheckId::Fresh),
            _ => {}
        }
    }

    /// The bytes, whose hash this is, are those of the published build.
    pub fn identical(&self, findings: &mut Findings, sha256: &str, whole: bool) {
        let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
        let measured = if whole { short(sha256) } else { "–".to_owned() };
        let expected = self.found.filter(|_| self.is_current).or(self.published);
        let limit = expected.map(|publication| short(&publication.info.file.sha256));
        findings.measure(CheckId::Identical, measured, limit);
        match self.found {
            _ if self.is_current => {}
            _ if !whole => findings.not_checked(CheckId::Identical),
            Some(earlier) => {
                findings.add(ProblemKind::OlderBuild, || Example::value(earlier.info.build.as_str()));
            }
            None if self.published.is_none() => self.nothing_recorded(findings, CheckId::Identical),
            None => findings.add(ProblemKind::ForeignFile, || self.header()),
        }
    }

    /// Where nothing is recorded as published: nothing ever was, or the file says otherwise and the state was lost.
    fn nothing_recorded(&self, findings: &mut Findings, check: CheckId) {
        let kind = if self.says.is_some() { ProblemKind::Unrecorded } else { ProblemKind::NeverPublished };
        findings.add_to(check, kind, || self.header());
    }

    fn header(&self) -> Example {
        self.says.map(|build| Example::value(format!("x-amz-meta-build: {build}"))).unwrap_or_default()
    }

    /// The publication that counts: the one that readers get, else the one that they should get.
    fn dated(&self) -> Option<&'a Published> {
        self.found.or(self.published)
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
        record.publishing.iter().chain(&record.published).chain(&record.earlier).collect();
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
