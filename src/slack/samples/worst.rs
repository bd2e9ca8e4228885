//! Reports at their worst: one of every finding, and ones full of hostile text.

use super::*;
use crate::chat::Message;

/// What a hostile catalogue would write everywhere.
pub const HOSTILE: &str = "<!channel> & <b> `*x*` @here\n\u{202e}<@U999>";

/// A report as a run tells it that names people.
pub fn told(renderer: &Renderer, run: &RunInfo, report: &Report) -> Message {
    renderer.report(run, report, true, &[])
}

/// One of every kind.
pub fn holds(foreign: &str) -> Vec<HoldReason> {
    let limit = Percent::whole(20);
    let currency = ForeignPrices { expected: foreign.into(), products: 1_200, found: foreign.into() };
    vec![
        HoldReason::NoRows { missing: None },
        HoldReason::ForeignCurrency(currency),
        HoldReason::SourceIncomplete { expected: 10_000, found: 9_000, departments: departments(foreign) },
        HoldReason::ShapeChanged(ChangedShape {
            measured: Percent::hundredths(4020),
            limit: Percent::whole(5),
            change: ShapeChange {
                field: "price".into(),
                products: 4_020,
                of: 10_000,
                first: 5_981,
                id: foreign.into(),
                gone: vec![foreign.into(); 5],
                new: vec![foreign.into(); 5],
            },
        }),
        HoldReason::Broken {
            measured: Percent::hundredths(1512),
            limit: Percent::whole(10),
            broken: 1_512,
            of: 10_000,
            mostly: format!("{foreign}: required").as_str().into(),
            times: 1_400,
        },
        HoldReason::Shrink(Change { measured: Percent::hundredths(4850), limit, before: 10_000, now: 5_150 }),
        HoldReason::MedianPrice(Change {
            measured: Percent::whole(900),
            limit,
            before: 79_900,
            now: 799_000,
        }),
        HoldReason::NoRows {
            missing: Some(MissingField { field: foreign.into(), keys: vec![foreign.into(); 24] }),
        },
        HoldReason::DestroyedText(DestroyedText {
            measured: Percent::hundredths(512),
            limit: Percent::whole(1),
            titles: 502,
            of: 9_809,
            examples: vec![row_name(foreign, foreign); 3],
        }),
        HoldReason::TakeoverUnreadable { begins: foreign.into() },
        HoldReason::Takeover {
            measured: Percent::hundredths(312),
            limit: Percent::whole(80),
            diff: TakeoverDiff {
                kept: 312,
                of: 10_000,
                rows: 9_809,
                gone: vec![row_name(foreign, foreign); 3],
                new: vec![row_name(foreign, foreign); 3],
            },
        },
        HoldReason::DepartmentsEmpty(EmptyDepartments {
            measured: Percent::hundredths(1400),
            limit: Percent::whole(5),
            departments: departments(foreign),
            more: 3,
            elements: 2_000,
        }),
        HoldReason::Drift(drifted(DriftRule::PriceUnit, foreign)),
    ]
}

pub fn departments(foreign: &str) -> Vec<DepartmentName> {
    let named = |name: Option<&str>| DepartmentName { id: foreign.into(), name: name.map(str::to_owned) };
    vec![named(Some(foreign)), named(None)]
}

/// One of every kind, the cap's, the list's and the count's both ways.
pub fn warnings(foreign: &str) -> Vec<GateWarning> {
    let cap = |left_out| GateWarning::NearCap {
        measured: Percent::of(99_000, 100_000),
        limit: Percent::whole(98),
        rows: 99_000,
        cap: 100_000,
        left_out,
    };
    let (measured, limit) = (Percent::hundredths(620), Percent::whole(5));
    vec![
        GateWarning::Shrink(Change { measured, limit, before: 10_000, now: 9_380 }),
        GateWarning::UnusualRows { measured: 4.2, limit: 3.0, usual: 9_800, now: 9_600, exports: 14 },
        cap(0),
        cap(1_234),
        GateWarning::TakeoverUnknown { detail: "status 503".into() },
        GateWarning::DestroyedText(DestroyedText {
            measured: Percent::hundredths(12),
            limit: Percent::hundredths(10),
            titles: 12,
            of: 9_809,
            examples: vec![row_name("1", "B\u{fffd}")],
        }),
        GateWarning::PhoneNumbers(flawed("Call 010-0000-0000")),
        GateWarning::Promotions(flawed("SALE")),
        GateWarning::SameTitle(shared("Bookcase", false)),
        GateWarning::Drift(drifted(DriftRule::TitlesSwapped, foreign)),
        GateWarning::CorrectionsLost { reason: foreign.into() },
        GateWarning::SameImage(shared("https://images.example/1.jpg", true)),
        GateWarning::SourceIncomplete {
            measured: Percent::hundredths(12),
            limit: Percent::whole(1),
            expected: 10_000,
            found: 9_988,
            departments: departments(foreign),
        },
        GateWarning::DepartmentsEmpty(EmptyDepartments {
            measured: Percent::hundredths(130),
            limit: Percent::whole(5),
            departments: departments(foreign),
            more: 0,
            elements: 18,
        }),
        GateWarning::ShapeChanged(ChangedShape {
            measured: Percent::hundredths(620),
            limit: Percent::whole(5),
            change: ShapeChange {
                field: "price".into(),
                products: 620,
                of: 10_000,
                first: 41,
                id: foreign.into(),
                gone: vec![foreign.into()],
                new: Vec::new(),
            },
        }),
        GateWarning::DepartmentsNotRead { by: DepartmentsBy::Last, departments: 23, why: foreign.into() },
        GateWarning::DepartmentsNotRead { by: DepartmentsBy::Preset, departments: 23, why: foreign.into() },
        GateWarning::CountUnknown { uncounted: 23, of: 23 },
        GateWarning::CountUnknown { uncounted: 1, of: 1 },
        GateWarning::StateLost { build: build_before(), rows: 9_812, unread: None },
        GateWarning::StateLost { build: build_before(), rows: 9_812, unread: Some(foreign.into()) },
    ]
}

/// What drifted by this rule.
pub fn drifted(rule: DriftRule, foreign: &str) -> Drifted {
    let example = |what: &str, before: &str, now: &str| DriftExample {
        what: what.into(),
        before: before.into(),
        now: now.into(),
    };
    let examples = match rule {
        DriftRule::LinkHost | DriftRule::ImageHost => {
            vec![example(foreign, "0%", "98.2%"), example("", "5", "1")]
        }
        DriftRule::Growth => vec![example("", "9,000", "12,000")],
        _ => vec![example(foreign, foreign, foreign), example("10263850", "79,900", "")],
    };
    let (measured, limit) = (Percent::hundredths(1260), Percent::whole(1));
    Drifted { rule, measured, limit, products: 1_234, of: 9_794, examples }
}

fn flawed(title: &str) -> Flawed {
    Flawed { products: 3, examples: vec![row_name("1", title)] }
}

fn shared(value: &str, sampled: bool) -> Shared {
    let group = SharedGroup { value: value.into(), products: 40, ids: vec!["7".into(), "8".into()] };
    Shared { values: 12, products: 152, sampled, groups: vec![group] }
}

/// The report of a build that somebody asked for.
pub fn again(forced: Option<Forced>) -> Report {
    let invalidation = Invalidation::Completed { id: "I2J".into() };
    let republished = Some(Republished { forced });
    Report::Export(Box::new(ExportReport { republished, ..export(Publication::Published { invalidation }) }))
}

/// Every kind of report, each place for foreign text filled with `foreign` so many times.
pub fn filled_with(foreign: &str, times: usize) -> Vec<(RunInfo, Report)> {
    let text = foreign.repeat(times);
    let mut report =
        export(Publication::Published { invalidation: Invalidation::Failed { reason: text.clone() } });
    report.funnel.broken =
        (0..times).map(|n| (format!("{n}{foreign}: {foreign}").as_str().into(), 2)).collect();
    report.trend = trend(0, None);
    report.feed_url = format!("https://{text}");
    report.excluded_location = Some(text.clone());
    report.remarks = vec![Remark::EmptyCategory { category: text.clone() }; times];
    report.remarks.insert(0, Remark::NewDepartments { departments: departments(&text), more: 3 });
    report.remarks.insert(0, Remark::NoProducts { elements: 7, kinds: vec![text.clone(); 5] });
    let row = row_name(&text, &text);
    report.diff = Some(Diff::Compared(Changes {
        moves: vec![PriceMove { row: row.clone(), old: 0, new: u64::MAX }; times.min(5)],
        added: u64::MAX / 1000,
        added_examples: vec![row.clone(); times.min(3)],
        removed_examples: vec![row.clone(); times.min(3)],
        changed_examples: vec![row; times.min(3)],
        ..changes()
    }));
    let mut held = report.clone();
    held.publication = Publication::Held { reasons: holds(&text) };
    held.warnings = warnings(&text);
    held.feed_url = text.clone();
    let forced = again(Some(Forced { reason: text.clone(), holds: holds(&text) }));

    let example = Example {
        row: Some(u64::MAX),
        id: Some(text.clone()),
        column: Some(text.clone()),
        value: Some(text.clone()),
        rule: Some(Sign::Found(text.clone())),
        times: Some(u64::MAX),
    };
    let by_row = Example { times: None, ..example.clone() };
    let problem = |example: Example| Problem {
        kind: ProblemKind::BadValue,
        count: u64::MAX / 1000,
        examples: vec![example; times.min(5)],
    };
    let check = |id| CheckResult {
        id,
        status: CheckStatus::Fail,
        measured: text.clone(),
        limit: Some(text.clone()),
        // Some in groups, some row by row.
        problems: match id {
            CheckId::Formats | CheckId::Reachable => vec![problem(by_row.clone()); times.min(2)],
            _ => vec![problem(example.clone()); times.min(9)],
        },
    };
    let mut verified = verify(CHECKS.map(check).into());
    verified.feed_url = text.clone();
    let failed = Failure { failure: FailureKind::Internal, detail: text.clone(), retryable: false };
    [
        (Step::ExportProducts, Report::Export(Box::new(report))),
        (Step::ExportProducts, Report::Export(Box::new(held))),
        (Step::ExportProducts, forced),
        (Step::VerifyEp, Report::Verify(verified)),
        (Step::VerifyEp, Report::Failure(failed)),
    ]
    .map(|(step, report)| {
        (RunInfo { key: text.clone(), origin: Origin::Manual, ..run(step, "09:50") }, report)
    })
    .into()
}
