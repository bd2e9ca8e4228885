//! Every member of every closed set has a sentence of its own in each language.

use std::collections::BTreeSet;

use strum::IntoEnumIterator;

use super::snapshots::assert_reads;
use crate::{
    config::chat::Locale,
    ep::rules::Violation,
    report::*,
    slack::{
        samples::{build, build_before, changes, departments, drifted, holds, row_name, warnings},
        wording::Words,
    },
    step::Step,
};

/// All members of a set but what only a later version knows; it does not compile while one is missing.
macro_rules! all {
    ($set:ident: $($member:ident)*) => { all!($set: $($member)* ;) };
    ($set:ident: $($member:ident)* ; $($later:ident)?) => {{
        fn whole(member: $set) {
            match member { $($set::$member)|* => (), $($set::$later(_) => ())? }
        }
        let all = [$($set::$member),*];
        all.into_iter().for_each(whole);
        all
    }};
}

/// Sentences are there, differ between the languages, and within one language no two are the same.
fn assert_told<T: Copy>(all: &[T], say: impl Fn(Words, T) -> String) {
    let mut told = [BTreeSet::new(), BTreeSet::new()];
    for member in all {
        let [ko, en] = [Locale::Ko, Locale::En].map(|locale| say(Words::of(locale), *member));
        assert!(!ko.trim().is_empty() && !en.trim().is_empty());
        assert_ne!(ko, en);
        assert!(ko.chars().any(|c| ('가'..='힣').contains(&c)), "{ko}");
        assert!(!en.chars().any(|c| ('가'..='힣').contains(&c)), "{en}");
        for (told, sentence) in told.iter_mut().zip([ko, en]) {
            assert!(told.insert(sentence.clone()), "told twice: {sentence}");
        }
    }
}

fn owned<T>(say: impl Fn(Words, T) -> &'static str) -> impl Fn(Words, T) -> String {
    move |words, member| say(words, member).to_owned()
}

#[test]
fn every_closed_set_is_told_in_both_languages() {
    let steps = all!(Step: CreateThread ExportProducts VerifyEp);
    assert_told(&steps, owned(Words::step));
    assert_told(&steps, owned(Words::guide_step));
    assert_told(&steps, owned(Words::could_not));
    for step in steps {
        for status in all!(Status: Ok Warn Held Fail) {
            assert_told(&[(step, status)], |words, (step, status)| words.headline(step, status).to_owned());
            assert_told(&[status], |words, status| words.after_tries(3, status));
        }
        assert_told(&[step], owned(Words::rerun));
    }
    assert_told(&all!(Origin: Scheduled Forced Manual)[1..], |words, origin| {
        words.origin(origin).unwrap_or_default().to_owned()
    });
    assert_told(&SkipReason::iter().collect::<Vec<_>>(), Words::skip);
    assert_told(&CheckId::iter().collect::<Vec<_>>(), Words::check);
    assert_told(&ProblemKind::iter().collect::<Vec<_>>(), Words::problem);
    assert_told(&all!(DiffUnknown: Gone Unreadable OtherFile TooSlow; Later), owned(Words::diff_unknown));
    let failures = all!(FailureKind: CatalogueUnreachable CatalogueRefused CatalogueUnreadable FeedStore Publication State Chat
        Deadline BrokeOff Internal);
    assert_told(&failures, owned(Words::failure));
    assert_told(&failures, |words, kind| words.failure_advice(Step::ExportProducts, kind).to_owned());
}

#[test]
fn sets_with_facts_in_them_are_told_with_the_facts() {
    let holds = holds("USD");
    assert_told(&holds.iter().collect::<Vec<_>>(), |words, reason| words.hold_reason(reason));
    assert_told(&holds.iter().collect::<Vec<_>>(), |words, reason| words.hold_advice(reason).to_owned());
    let warnings = warnings("st001");
    assert_told(&warnings.iter().collect::<Vec<_>>(), |words, warning| words.gate_warning(warning));
    assert_told(&[None, Some(&build_before()), Some(&build())], |words, before| {
        words.republished(before, &build())
    });
    assert_told(&["sold"], |words, reason| words.forced_because(reason));
    for (forced, status) in
        [(false, Status::Ok), (false, Status::Warn), (true, Status::Ok), (true, Status::Warn)]
    {
        assert_told(&[()], |words, ()| words.republished_headline(forced, status).to_owned());
    }
    let rules: Vec<_> = DriftRule::iter().collect();
    let drifts: Vec<_> = rules.iter().map(|rule| HoldReason::Drift(drifted(*rule, "st001"))).collect();
    assert_told(&drifts.iter().collect::<Vec<_>>(), |words, reason| words.hold_reason(reason));
    assert_told(&drifts.iter().collect::<Vec<_>>(), |words, reason| words.hold_advice(reason).to_owned());
    let departments = || departments("st001");
    let remarks = [
        Remark::EmptyCategory { category: "st001".into() },
        Remark::NewDepartments { departments: departments(), more: 0 },
        Remark::NewDepartments { departments: departments(), more: 2 },
        Remark::VanishedDepartments { departments: departments(), more: 0 },
        Remark::NoProducts { elements: 1_200, kinds: vec!["CONTENT".into(), "PLANNER".into()] },
        Remark::FamilyPriceOnly { products: 1_200 },
    ];
    assert_told(&remarks.each_ref(), |words, remark| words.remark(remark));
    let id = || "I1".to_owned();
    let invalidations = [
        Invalidation::NotConfigured,
        Invalidation::Completed { id: id() },
        Invalidation::StillSpreading { id: id() },
        Invalidation::Failed { reason: "AccessDenied".into() },
    ];
    assert_told(&invalidations.each_ref(), |words, invalidation| words.invalidation(invalidation));
    let deliveries = [
        Delivery::New,
        Delivery::Before { build: build() },
        Delivery::Other { build: Some(build()) },
        Delivery::Other { build: None },
        Delivery::Unread { reason: "status 403".into() },
    ];
    assert_told(&deliveries.each_ref(), |words, delivery| words.delivery(delivery));
    assert_told(&[&build()], |words, build| words.superseded(build));
    let moved = PriceMove { row: row_name("10263850", "HOMSJO"), old: 12_900, new: 9_900 };
    assert_told(&[&moved], |words, moved| words.price_move(moved));
    assert_told(&[&changes()], |words, changes| words.changes(changes));
    let numbers = [(None, 9_012), (Some(9_000), 9_012), (Some(9_012), 9_000), (Some(9_000), 9_000)];
    assert_told(&numbers, |words, (before, now)| words.rows(before, now));
    let lines = [Locale::Ko, Locale::En].map(Words::of).map(|words| {
        let mut lines = vec![
            words.republished(Some(&build_before()), &build()),
            words.forced_because("<b>"),
            words.after_tries(3, Status::Ok),
            words.changes(&changes()),
            words.price_move(&moved),
            words.row_name(&row_name("7", " ")),
        ];
        lines.extend(holds.iter().map(|reason| words.hold_reason(reason)));
        lines.extend(drifts.iter().map(|reason| words.hold_reason(reason)));
        lines.extend(warnings.iter().map(|warning| words.gate_warning(warning)));
        lines.extend(remarks.iter().map(|remark| words.remark(remark)));
        lines.extend(invalidations.iter().map(|invalidation| words.invalidation(invalidation)));
        lines.extend(deliveries.iter().map(|delivery| words.delivery(delivery)));
        lines.extend(numbers.map(|(before, now)| words.rows(before, now)));
        lines.join("\n")
    });
    assert_reads("sentences_with_facts", &lines.join("\n\n"));
}

#[test]
fn every_rule_of_the_format_has_a_phrase_and_an_unknown_one_is_shown_as_it_is() {
    assert_told(&Violation::iter().collect::<Vec<_>>(), owned(Words::violation));
    let ko = Words::of(Locale::Ko);
    for (name, phrase) in [
        ("price_pc: not_whole", "`price_pc` 소수점이 있는 금액"),
        ("product: no_name", "상품 이름 없음"),
        ("unreadable", "읽을 수 없는 상품"),
        ("link: rule_of_tomorrow", "`link: rule_of_tomorrow`"),
    ] {
        assert_eq!(ko.broken_rule(name.into()), phrase);
    }
}

#[test]
fn other_sentences_are_told_in_both_languages_too() {
    let fixed: [fn(Words) -> String; 28] = [
        |w| w.recovered(Status::Ok, Some(545)),
        |w| w.recovered(Status::Ok, None),
        |w| w.still("00:05"),
        |w| w.recovered(Status::Warn, Some(50)),
        |w| w.force().into(),
        |w| w.had_been_held().into(),
        |w| w.unchanged().into(),
        |w| w.added().into(),
        |w| w.removed().into(),
        |w| w.changed().into(),
        |w| w.first_build().into(),
        |w| w.feed_stays().into(),
        |w| w.also_found().into(),
        |w| w.dry_run().into(),
        |w| w.dry_run_headline().into(),
        |w| w.superseded_headline().into(),
        |w| w.feed_unchanged().into(),
        |w| w.will_retry().into(),
        |w| w.tries_spent().into(),
        |w| w.guide_title(jiff::civil::date(2026, 10, 6)),
        |w| w.guide_purpose().into(),
        |w| w.guide_signs().into(),
        |w| w.guide_rerun().into(),
        |w| w.export_mends().into(),
        |w| w.attempt(2, None),
        |w| w.attempt(2, Some(6)),
        |w| w.thread(true).into(),
        |w| w.thread(false).into(),
    ];
    assert_told(&fixed, |words, say| say(words));
}
