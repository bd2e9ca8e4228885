//! The worst days: whatever a catalogue, a feed and people write, a message keeps Slack's limits, calls nobody by it, and
//! says its verdict first.

use proptest::prelude::*;

use super::promises::assert_calls_nobody;
use crate::{
    chat::escape,
    config::chat::Locale,
    report::*,
    slack::{blocks::tests::assert_within_limits, samples::*},
    step::Step,
};

/// What stands in a notification before it is cut off.
const NOTIFICATION: usize = 150;

/// In both languages.
fn assert_bears(run: &RunInfo, report: &Report) {
    for locale in [Locale::Ko, Locale::En] {
        let message = told(&renderer(locale), run, report);
        assert_within_limits(&message);
        assert_calls_nobody(&message);
        let verdict = message.text.lines().next().unwrap();
        assert!(escape::length(verdict) <= NOTIFICATION, "{verdict}");
        assert!(verdict.contains("*09:50 ") && verdict.ends_with("<@U012AB>"), "{verdict}");
    }
}

fn assert_bears_all_of(foreign: &str, times: usize) {
    for (run, report) in filled_with(foreign, times) {
        assert_bears(&RunInfo { key: "manual:1".into(), origin: Origin::Scheduled, ..run }, &report);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_anywhere_and_any_number_of_it_can_be_told(
        foreign in r"([a-z<>&`*|~_!@#\n\t 가책📦🛋]|<!channel>|<@U1>|\u{202e}|\u{200f}|```|https://){0,40}",
        times in 0_usize..12,
    ) {
        assert_bears_all_of(&foreign, times);
    }
}

#[test]
fn a_product_named_with_300_emoji_marks_that_turn_text_and_a_call_can_be_told() {
    let name = format!("\u{202e}{}`<!channel>`\u{200f}<@U012AB>```", "🛋️".repeat(300));
    for times in [1, 3] {
        assert_bears_all_of(&name, times);
    }
}

#[test]
fn a_url_of_5_000_characters_can_be_told() {
    let url = format!("https://shop.example.kr/{}", "가/".repeat(2_488));
    assert_eq!(url.chars().count(), 5_000);
    assert_bears_all_of(&url, 1);
}

#[test]
fn ten_thousand_failures_can_be_told() {
    let example = |row| Example {
        row: Some(row),
        id: Some(format!("{row}")),
        column: Some("price_pc".into()),
        value: Some("무료".into()),
        rule: None,
        times: None,
    };
    let problem = |n: u64| Problem {
        kind: ProblemKind::BadValue,
        count: 1,
        examples: vec![example(3 * n), example(3 * n + 1), example(3 * n + 2)],
    };
    let failing = |id| CheckResult {
        status: CheckStatus::Fail,
        measured: "10,000".into(),
        problems: (0..10_000).map(problem).collect(),
        ..passing(id)
    };
    let verified = verify(vec![failing(CheckId::Formats), failing(CheckId::RequiredValues)]);
    assert_bears(&run(Step::VerifyEp, "09:50"), &Report::Verify(verified));
    let mut held = export(Publication::Held { reasons: holds("x") });
    held.funnel.broken = (0..10_000).map(|n| (format!("column{n}: rule{n}").as_str().into(), n)).collect();
    held.remarks = vec![Remark::EmptyCategory { category: "ka001".into() }; 10_000];
    assert_bears(&run(Step::ExportProducts, "09:50"), &Report::Export(Box::new(held)));
}
