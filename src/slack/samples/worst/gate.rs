//! What the gate finds at its worst: one of every kind.

use super::*;

/// A reason of every kind to hold a build. It is long because it is a list.
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

/// A warning of every kind, the cap's, the list's and the count's both ways. It is long because it is a list.
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
