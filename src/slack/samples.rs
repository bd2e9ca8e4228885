//! A made-up day: an ordinary report of each kind, for tests and for `auto-ep preview`.
//!
//! Nothing of it ever happened, and no settings are read.

use jiff::{Timestamp, civil::date, tz::TimeZone};

use super::{CalledAt, GuideContext, GuideTime, Renderer};
use crate::{
    config::chat::{ChatConfig, ChatTransport, Locale, MentionId, MentionWhen},
    ep::rules::Violation,
    report::*,
    step::Step,
};

#[cfg(test)]
mod worst;

#[cfg(test)]
pub use worst::*;

pub fn config(locale: Locale) -> ChatConfig {
    ChatConfig {
        transport: ChatTransport::Terminal,
        mention: vec![MentionId::User("U012AB".into())],
        mention_when: MentionWhen::Always,
        service_name: "IKEA EP".into(),
        locale,
    }
}

/// As the service is called where `deploy.sh` put it.
pub fn cloud_run() -> CalledAt {
    CalledAt::CloudRun("https://auto-ep-123456789012.asia-northeast3.run.app".into())
}

pub fn renderer(locale: Locale) -> Renderer {
    Renderer::new(&config(locale), TimeZone::get("Asia/Seoul").expect("it is compiled in"), cloud_run())
}

pub fn run(step: Step, time: &str) -> RunInfo {
    let at: Timestamp = format!("2026-10-06T{time}:00+09:00").parse().expect("a time of RFC 3339");
    RunInfo { step, key: at.to_string(), origin: Origin::Scheduled, at, day: date(2026, 10, 6), attempt: 1 }
}

pub fn guide() -> GuideContext {
    let slot = |(time, step): (&str, Step)| GuideTime { time: time.into(), step };
    use Step::{CreateThread, ExportProducts, VerifyEp};
    let times = [
        ("00:00", CreateThread),
        ("00:05", ExportProducts),
        ("00:50", VerifyEp),
        ("09:50", VerifyEp),
        ("13:50", VerifyEp),
        ("15:00", ExportProducts),
        ("17:50", VerifyEp),
    ];
    GuideContext {
        times: times.map(slot).into(),
        feed_url: "https://cdn.example.kr/ep/ikea_ep.tsv".into(),
        files: "s3://example-feed/ep".into(),
    }
}

pub fn board(outcomes: &[Option<SlotOutcome>]) -> Board {
    let slots = guide().times.into_iter().filter(|slot| slot.step != Step::CreateThread);
    let outcomes = outcomes.iter().cloned().chain(std::iter::repeat(None));
    let slots = slots.zip(outcomes).map(|(slot, outcome)| Slot {
        time: slot.time,
        step: slot.step,
        outcome,
        by_hand: None,
    });
    Board { day: date(2026, 10, 6), slots: slots.collect() }
}

pub fn build() -> BuildId {
    BuildId::parse("20261006-000503-k3x9").expect("it is one")
}

pub fn build_before() -> BuildId {
    BuildId::parse("20261005-150002-p7qd").expect("it is one")
}

pub fn export(publication: Publication) -> ExportReport {
    ExportReport {
        build: build(),
        publication,
        funnel: Funnel {
            fetched: 10_231,
            kept: 9_809,
            skipped: [
                (SkipReason::NotSellable, 310),
                (SkipReason::NoPrice, 52),
                (SkipReason::NoImage, 31),
                (SkipReason::LastChance, 6),
                (SkipReason::ExcludedWord, 3),
            ]
            .into(),
            broken: [
                ("price_pc: not_whole".into(), 9),
                ("link: too_long".into(), 7),
                ("product: no_name".into(), 1),
            ]
            .into(),
            duplicates: 3,
        },
        rows_before: Some(9_821),
        build_before: Some(build_before()),
        warnings: Vec::new(),
        republished: None,
        diff: Some(Diff::Compared(changes())),
        file: Fingerprint { bytes: 3_249_120, sha256: "00".repeat(32) },
        feed_url: "https://cdn.example.kr/ep/ikea_ep.tsv".into(),
        delivery: Some(Delivery::New),
        build_location: Some("s3://example-feed/ep/builds/20261006-000503-k3x9.tsv".into()),
        excluded_location: Some("s3://example-feed/ep/builds/20261006-000503-k3x9.excluded.tsv".into()),
        map: None,
        map_changed: None,
        remarks: vec![
            Remark::EmptyCategory { category: "ka001".into() },
            Remark::FamilyPriceOnly { products: 12 },
        ],
        explained: Vec::new(),
        trend: Vec::new(),
        duration_ms: 42_310,
    }
}

pub fn row_name(id: &str, title: &str) -> RowName {
    RowName { id: id.into(), title: title.into() }
}

pub fn changes() -> Changes {
    let moved = |row, old, new| PriceMove { row, old, new };
    Changes {
        against: BuildId::parse("20261005-150002-p7qd").expect("it is one"),
        added: 12,
        removed: 24,
        price_up: 1,
        price_down: 7,
        changed: 9,
        unchanged: 9_780,
        moves: vec![
            moved(row_name("10263850", "HOMSJO 80x28x202 cm"), 129_000, 79_000),
            moved(row_name("40398470", "LAMPEN 12"), 19_900, 24_900),
        ],
        added_examples: vec![row_name("60512330", "KASSEN 3"), row_name("60512341", "MATTEN")],
        removed_examples: vec![row_name("20114589", "STOLEN")],
        changed_examples: vec![row_name("30277411", "SANGEN")],
    }
}

pub fn published() -> Report {
    let invalidation = Invalidation::Completed { id: "I2J".into() };
    let trend = trend(9_809, Some(79_900));
    Report::Export(Box::new(ExportReport { trend, ..export(Publication::Published { invalidation }) }))
}

/// Two weeks of exports, with a gap, up to one with these figures.
pub fn trend(rows: u64, median_price: Option<u64>) -> Vec<TrendPoint> {
    let days = (22..=30).map(|day| date(2026, 9, day)).chain((2..=5).map(|day| date(2026, 10, day)));
    let before = days.zip(0..).map(|(day, n)| TrendPoint {
        day,
        rows: 9_650 + n * 37 % 190,
        median_price: Some(79_000 + n % 3 * 500),
    });
    before.chain([TrendPoint { day: date(2026, 10, 6), rows, median_price }]).collect()
}

pub const CHECKS: [CheckId; 10] = [
    CheckId::Reachable,
    CheckId::Fresh,
    CheckId::Identical,
    CheckId::Encoding,
    CheckId::Header,
    CheckId::Shape,
    CheckId::RequiredValues,
    CheckId::UniqueIds,
    CheckId::Formats,
    CheckId::RowCount,
];

pub fn passing(id: CheckId) -> CheckResult {
    CheckResult { id, status: CheckStatus::Pass, measured: "9,809".into(), limit: None, problems: Vec::new() }
}

pub fn verify(found: Vec<CheckResult>) -> VerifyReport {
    let mut checks: Vec<CheckResult> = CHECKS.map(passing).into();
    for result in found {
        let same = checks.iter_mut().find(|check| check.id == result.id);
        *same.expect("it is one of CHECKS") = result;
    }
    VerifyReport {
        feed_url: "https://cdn.example.kr/ep/ikea_ep.tsv".into(),
        build: Some(build()),
        rows: 9_809,
        bytes: 3_249_120,
        checks,
        duration_ms: 1_480,
    }
}

pub fn bad_values() -> CheckResult {
    let example = |row, value: &str, rule| Example {
        row: Some(row),
        id: Some(format!("{row}0263850")),
        column: Some("price_pc".into()),
        value: Some(value.into()),
        rule: Some(Sign::Rule(rule)),
        times: None,
    };
    CheckResult {
        id: CheckId::Formats,
        status: CheckStatus::Fail,
        measured: "17".into(),
        limit: Some("0".into()),
        problems: vec![Problem {
            kind: ProblemKind::BadValue,
            count: 17,
            examples: vec![
                example(12, "12900.5", Violation::NotWhole),
                example(48, "무료", Violation::NotDigits),
                example(51, "0", Violation::Zero),
                example(60, "x", Violation::NotDigits),
            ],
        }],
    }
}

pub fn older_build() -> CheckResult {
    CheckResult {
        id: CheckId::Identical,
        status: CheckStatus::Warn,
        measured: "20261005-150002-p7qd".into(),
        limit: Some(build().to_string()),
        problems: vec![Problem { kind: ProblemKind::OlderBuild, count: 1, examples: Vec::new() }],
    }
}

pub fn failure(failure: FailureKind, retryable: bool) -> Report {
    Report::Failure(Failure {
        failure,
        detail: "GET https://shop.example.kr/products?start=0&end=1000: HTTP 503 after 4 tries, first bytes \
                 \"<html><title>busy\""
            .into(),
        retryable,
    })
}
