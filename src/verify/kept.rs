//! Was every export of today that is due really run? A run that left no record is itself a finding.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::findings::Findings;
use crate::{
    ledger::{DayRecord, PublishedRecord, ThreadState},
    report::{CheckId, Example, ProblemKind},
    route::Route,
    schedule::{Known, Schedule},
};

/// Finds today's exports that should have left a record by now; gives how many did, and how many should have. A slot is
/// due once its export has had `grace` to end, and only after the first sign of life that there is: a service that was
/// set up at noon has missed nothing in the morning, nor has a schedule that changed then.
pub fn check(
    findings: &mut Findings,
    (schedule, known): (&Schedule, &Known),
    day: &DayRecord,
    published: &PublishedRecord,
    now: Timestamp,
    grace: Duration,
) -> (usize, usize) {
    let ended = now - SignedDuration::try_from(grace).unwrap_or_default();
    let Some(alive_since) = first_sign(day, published) else { return (0, 0) };
    let due: Vec<_> = schedule
        .due_slots(schedule.day_of(now), known)
        .into_iter()
        .filter(|slot| slot.route == Route::ExportProducts && slot.at <= ended && slot.at >= alive_since)
        .collect();
    let missed: Vec<_> = due.iter().filter(|slot| !day.slots.iter().any(|done| done.is_of(slot))).collect();
    for slot in &missed {
        findings.add(CheckId::ScheduleKept, ProblemKind::MissedRun, || Example {
            value: Some(format!("{} {}", schedule.time_of(slot.at), slot.route)),
            ..Example::default()
        });
    }
    (due.len() - missed.len(), due.len())
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
    use super::*;
    use crate::{
        ledger::SlotRecord,
        report::{CheckStatus, SlotOutcome, Status},
        schedule::DEFAULT,
    };

    #[test]
    fn an_export_that_was_due_and_left_no_record_is_told() {
        let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
        let done = |at: &str| SlotRecord {
            at: at.parse().unwrap(),
            route: Route::ExportProducts,
            outcome: SlotOutcome { status: Status::Fail, rows: None, change: None, could_not: false },
            by_hand: None,
        };
        let (night, afternoon) = ("2026-10-05T15:05:00Z", "2026-10-06T06:00:00Z");
        let cases = [
            ("nothing is known", vec![], "2026-10-06T08:50:00Z", (0, 0)),
            ("both were run", vec![done(night), done(afternoon)], "2026-10-06T08:50:00Z", (2, 2)),
            ("the second is missing", vec![done(night)], "2026-10-06T08:50:00Z", (1, 2)),
            ("the second is under way", vec![done(night)], "2026-10-06T06:05:00Z", (1, 1)),
            ("set up after the first", vec![done(afternoon)], "2026-10-06T08:50:00Z", (1, 1)),
        ];
        for (what, slots, now, expected) in cases {
            let day = DayRecord { slots, ..DayRecord::default() };
            let mut findings = Findings::default();
            let (now, grace) = (now.parse().unwrap(), Duration::from_secs(840));
            let of = (&schedule, &Known::default());
            let found = check(&mut findings, of, &day, &PublishedRecord::default(), now, grace);
            assert_eq!(found, expected, "{what}");
            let status = if found.0 < found.1 { CheckStatus::Warn } else { CheckStatus::Pass };
            assert_eq!(findings.take(CheckId::ScheduleKept).0, status, "{what}");
        }
    }
}
