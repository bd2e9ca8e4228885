//! Was every export of today that is due really run? A run that left no record is itself a finding.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::findings::Findings;
use crate::{
    ledger::{DayRecord, PublishedRecord, ThreadState},
    report::{CheckId, Example, ProblemKind},
    schedule::{Known, Schedule},
    step::Step,
};

/// Finds today's exports that should have left a record by now, and says how many of how many did. A slot is due once
/// its export has had `grace` to end, and only after the first sign of life that there is: a service that was set up at
/// noon has missed nothing in the morning, nor has a schedule that changed then.
pub fn check(
    findings: &mut Findings,
    (schedule, known): (&Schedule, &Known),
    day: &DayRecord,
    published: &PublishedRecord,
    now: Timestamp,
    grace: Duration,
) {
    let ended = now - SignedDuration::try_from(grace).unwrap_or_default();
    let alive_since = first_sign(day, published).unwrap_or(Timestamp::MAX);
    let due: Vec<_> = schedule
        .due_slots(schedule.day_of(now), known)
        .into_iter()
        .filter(|slot| slot.step == Step::ExportProducts && slot.at <= ended && slot.at >= alive_since)
        .collect();
    let missed: Vec<_> = due.iter().filter(|slot| !day.slots.iter().any(|done| done.is_of(slot))).collect();
    for slot in &missed {
        let value = format!("{} {}", schedule.time_of(slot.at), slot.step);
        findings.add(ProblemKind::MissedRun, || Example::value(value));
    }
    findings.measure(CheckId::ScheduleKept, format!("{}/{}", due.len() - missed.len(), due.len()), None);
}

/// The oldest moment of which anything is recorded.
fn first_sign(day: &DayRecord, published: &PublishedRecord) -> Option<Timestamp> {
    let opened = match &day.thread {
        ThreadState::Open(thread) => thread.ts.0.split('.').next().and_then(|seconds| seconds.parse().ok()),
        ThreadState::None | ThreadState::Opening { .. } => None,
    };
    let opened = opened.and_then(|seconds: i64| Timestamp::from_second(seconds).ok());
    let slots = day.slots.iter().map(|slot| slot.at);
    let publications = published.published.iter().chain(&published.earlier).map(|one| one.run_at);
    opened.into_iter().chain(slots).chain(publications).min()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        ledger::SlotRecord,
        report::{
            CheckStatus::{Pass, Warn},
            SlotOutcome, Status,
        },
        schedule::DEFAULT,
    };

    #[test]
    fn an_export_that_was_due_and_left_no_record_is_told() {
        let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
        let done = |at: &str| SlotRecord {
            at: at.parse().unwrap(),
            step: Step::ExportProducts,
            outcome: SlotOutcome::new(Status::Fail),
            by_hand: None,
        };
        let (night, afternoon) = ("2026-10-05T15:05:00Z", "2026-10-06T06:00:00Z");
        let cases = [
            ("nothing is known", vec![], "2026-10-06T08:50:00Z", ("0/0", Pass)),
            ("both were run", vec![done(night), done(afternoon)], "2026-10-06T08:50:00Z", ("2/2", Pass)),
            ("the second is missing", vec![done(night)], "2026-10-06T08:50:00Z", ("1/2", Warn)),
            ("the second is under way", vec![done(night)], "2026-10-06T06:05:00Z", ("1/1", Pass)),
            ("set up after the first", vec![done(afternoon)], "2026-10-06T08:50:00Z", ("1/1", Pass)),
        ];
        for (what, slots, now, expected) in cases {
            let day = DayRecord { slots, ..DayRecord::default() };
            let mut findings = Findings::default();
            let (now, grace) = (now.parse().unwrap(), Duration::from_secs(840));
            let of = (&schedule, &Known::default());
            check(&mut findings, of, &day, &PublishedRecord::default(), now, grace);
            let found = findings.result(CheckId::ScheduleKept, &BTreeSet::new());
            assert_eq!((found.measured.as_str(), found.status), expected, "{what}");
        }
    }
}
