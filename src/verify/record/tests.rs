//! What a file that was read is, held against records.

use std::collections::BTreeSet;

use super::*;
use crate::{
    report::{BuildInfo, CheckStatus, Fingerprint, Funnel, Problem},
    schedule::DEFAULT,
};

const NOW: &str = "2026-10-06T08:50:00Z";

fn publication(name: &str, run_at: &str, median_price: Option<u64>) -> Published {
    let info = BuildInfo {
        build: BuildId::parse(name).unwrap(),
        rows: 3,
        file: Fingerprint { bytes: 9, sha256: format!("{name}-hash") },
    };
    let at: Timestamp = run_at.parse().unwrap();
    Published { info, run_at: at, run: at.to_string(), at, median_price, profile: None }
}

fn record() -> PublishedRecord {
    PublishedRecord {
        published: Some(publication("second", "2026-10-06T06:00:00Z", Some(200))),
        publishing: None,
        publishing_warnings: None,
        earlier: vec![
            publication("first", "2026-10-05T15:05:00Z", None),
            publication("zeroth", "2026-10-05T06:00:00Z", Some(100)),
        ],
        history: Vec::new(),
    }
}

fn fresh(record: &PublishedRecord, due: &str, held: bool, max_age: u64) -> (CheckStatus, Vec<Problem>) {
    let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
    let max_age = Duration::from_secs(max_age * 3600);
    let (now, due) = (NOW.parse().unwrap(), Some(due.parse().unwrap()));
    let mut findings = Findings::default();
    let freshness = Freshness { schedule: &schedule, now, max_age, due, held };
    Against::new(record, "second-hash", None).fresh(&mut findings, &freshness);
    findings.of_check(CheckId::Fresh)
}

#[test]
fn a_build_that_is_late_says_why_as_far_as_is_known() {
    use ProblemKind::{HeldBack, NeverPublished, Stale, TooOld};
    let (noon, later) = ("2026-10-06T06:00:00Z", "2026-10-06T08:00:00Z");
    for (what, record, due, held, max_age, expected) in [
        ("of the newest slot", record(), noon, false, 26, &[][..]),
        ("the newest slot left nothing", record(), later, false, 26, &[Stale]),
        ("its build was held", record(), later, true, 26, &[HeldBack]),
        ("held once, published since", record(), noon, true, 26, &[]),
        ("older than VERIFY_MAX_AGE", record(), noon, false, 2, &[TooOld]),
        ("old because of a hold", record(), later, true, 2, &[HeldBack, TooOld]),
        ("nothing ever", PublishedRecord::default(), noon, false, 26, &[NeverPublished]),
    ] {
        let (status, problems) = fresh(&record, due, held, max_age);
        let kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, expected, "{what}");
        assert_eq!(status == CheckStatus::Fail, expected.contains(&TooOld), "{what}");
    }
    let (_, problems) = fresh(&record(), later, true, 26);
    assert_eq!(problems[0].examples[0].value.as_deref(), Some("10-06 17:00 export-products"));
}

fn export(name: &str, run_at: &str, verdict: ExportVerdict) -> ExportRecord {
    let Published { info, run_at, run, at, median_price, .. } = publication(name, run_at, None);
    let (funnel, warnings) = (Funnel::default(), Vec::new());
    ExportRecord {
        info,
        run,
        run_at,
        at,
        funnel,
        median_price,
        warnings,
        departments: Vec::new(),
        map: None,
        drift: None,
        verdict,
    }
}

/// The record after somebody went back to a build of yesterday.
fn rolled_back() -> PublishedRecord {
    let mut record = record().with_published(publication("zeroth", "2026-10-06T07:00:00Z", Some(100)));
    record.add(export("zeroth", "2026-10-05T06:00:00Z", ExportVerdict::Published));
    record
}

#[test]
fn going_back_to_an_older_build_makes_it_no_younger() {
    use ProblemKind::{Chosen, HeldBack, Stale, TooOld};
    let (noon, before) = ("2026-10-06T06:00:00Z", "2026-10-05T06:00:00Z");
    for (due, held, max_age, expected) in [
        (noon, false, 30, &[Chosen][..]),
        ("2026-10-06T08:00:00Z", false, 30, &[Stale]),
        (noon, true, 30, &[HeldBack]),
        (noon, false, 26, &[Chosen, TooOld]),
        (before, false, 30, &[]),
    ] {
        let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
        let max_age = Duration::from_secs(max_age * 3600);
        let (now, due) = (NOW.parse().unwrap(), Some(due.parse().unwrap()));
        let mut findings = Findings::default();
        let record = rolled_back();
        let against = Against::new(&record, "zeroth-hash", None);
        against.fresh(&mut findings, &Freshness { schedule: &schedule, now, max_age, due, held });
        let (_, problems) = findings.of_check(CheckId::Fresh);
        let mut kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
        kinds.sort();
        assert_eq!(kinds, expected, "{due:?}");
        let measured = findings.result(CheckId::Fresh, &BTreeSet::new()).measured;
        assert_eq!(measured, "10-05 15:00 (26:50 h)");
    }
}

#[test]
fn of_a_foreign_file_nobody_can_say_how_fresh_it_is() {
    let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
    let (now, due) = (NOW.parse().unwrap(), Some("2026-10-06T06:00:00Z".parse().unwrap()));
    let mut findings = Findings::default();
    let max_age = Duration::from_secs(26 * 3600);
    let freshness = Freshness { schedule: &schedule, now, max_age, due, held: false };
    Against::new(&record(), "somebody else's", None).fresh(&mut findings, &freshness);
    assert_eq!(findings.of_check(CheckId::Fresh).1[0].kind, ProblemKind::NotChecked);
}

#[test]
fn the_median_is_held_against_the_publication_before_that_has_one() {
    for (sha256, expected) in [
        ("second-hash", Some(100)),
        ("first-hash", Some(100)),
        ("zeroth-hash", None),
        ("somebody else's", Some(200)),
    ] {
        assert_eq!(Against::new(&record(), sha256, None).median_before, expected, "{sha256}");
    }
    assert_eq!(Against::new(&PublishedRecord::default(), "x", None).median_before, None);
}

#[test]
fn what_somebody_decided_is_no_jump() {
    // Back from a build with other prices to the one before it.
    assert_eq!(Against::new(&rolled_back(), "zeroth-hash", None).median_before, None);
    let mut record = record();
    let forced = ExportVerdict::Forced { holds: Vec::new(), reason: "a new price list".into() };
    record.add(export("second", "2026-10-06T06:00:00Z", forced));
    assert_eq!(Against::new(&record, "second-hash", None).median_before, None);
    assert_eq!(Against::new(&record, "somebody else's", None).median_before, Some(200));
}

#[test]
fn a_foreign_file_with_our_header_names_the_build() {
    let mut findings = Findings::default();
    Against::new(&record(), "x", BuildId::parse("third").ok().as_ref()).identical(&mut findings, "x", true);
    let (status, problems) = findings.of_check(CheckId::Identical);
    assert_eq!((status, problems[0].kind), (CheckStatus::Fail, ProblemKind::ForeignFile));
    assert_eq!(problems[0].examples[0].value.as_deref(), Some("x-amz-meta-build: third"));
}

#[test]
fn where_nothing_is_recorded_the_file_itself_says_whether_the_state_was_lost() {
    let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
    let (now, max_age) = (NOW.parse().unwrap(), Duration::from_secs(26 * 3600));
    for (says, kind, shown) in [
        (None, ProblemKind::NeverPublished, None),
        (BuildId::parse("third").ok(), ProblemKind::Unrecorded, Some("x-amz-meta-build: third")),
    ] {
        let mut findings = Findings::default();
        let record = PublishedRecord::default();
        let against = Against::new(&record, "x", says.as_ref());
        against
            .fresh(&mut findings, &Freshness { schedule: &schedule, now, max_age, due: None, held: false });
        against.identical(&mut findings, "x", true);
        for id in [CheckId::Fresh, CheckId::Identical] {
            let (status, problems) = findings.of_check(id);
            assert_eq!((status, problems[0].kind), (CheckStatus::Warn, kind));
            assert_eq!(problems[0].examples.first().and_then(|example| example.value.as_deref()), shown);
        }
    }
}
