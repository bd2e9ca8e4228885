use std::collections::BTreeMap;

use super::*;
use crate::report::{Drift, HostMoved, Moved, Profile, Retitled};

/// What is found, by its rule: `hold price_unit`.
fn found(seen: &Seen<'_>) -> Vec<String> {
    let told = |finding| match finding {
        Hold(HoldReason::Drift(drifted)) => format!("hold {}", drifted.rule.name()),
        Warn(GateWarning::Drift(drifted)) => format!("warn {}", drifted.rule.name()),
        other => panic!("{other:?}"),
    };
    findings(&GateConfig::default(), seen, false).into_iter().map(told).collect()
}

fn by(drift: &Drift) -> Vec<String> {
    found(&Seen { drift: Some(drift), before: None, now: None, rows_before: None, rows: 10_000 })
}

fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect()
}

#[test]
fn each_rule_warns_and_holds_exactly_at_its_limits() {
    let moved = |products| Moved { products, ..Moved::default() };
    let titled = |products| Retitled { products, ..Retitled::default() };
    let of = |common| Drift { common, ..Drift::default() };
    for (what, drift, expected) in [
        ("nothing was compared", of(0), &[][..]),
        ("all as it was", of(10_000), &[]),
        ("99 in another unit", Drift { units: moved(99), ..of(10_000) }, &[]),
        ("100 in another unit", Drift { units: moved(100), ..of(10_000) }, &["hold price_unit"]),
        ("19 of 90", Drift { units: moved(19), ..of(90) }, &[]),
        ("20 of 90", Drift { units: moved(20), ..of(90) }, &["hold price_unit"]),
        ("999 far off", Drift { prices: moved(999), ..of(10_000) }, &[]),
        ("1,000 far off", Drift { prices: moved(1_000), ..of(10_000) }, &["warn prices_moved"]),
        ("2,999 far off", Drift { prices: moved(2_999), ..of(10_000) }, &["warn prices_moved"]),
        ("3,000 far off", Drift { prices: moved(3_000), ..of(10_000) }, &["hold prices_moved"]),
        ("19 of 20", Drift { prices: moved(19), ..of(20) }, &[]),
        ("20 of 20", Drift { prices: moved(20), ..of(20) }, &["hold prices_moved"]),
        ("49 strangers", Drift { strangers: titled(49), titles: titled(49), ..of(10_000) }, &[]),
        (
            "50 strangers",
            Drift { strangers: titled(50), titles: titled(50), ..of(10_000) },
            &["warn titles_swapped"],
        ),
        ("2 of 100", Drift { strangers: titled(2), titles: titled(2), ..of(100) }, &[]),
        ("3 of 100", Drift { strangers: titled(3), titles: titled(3), ..of(100) }, &["warn titles_swapped"]),
        ("499 strangers", Drift { strangers: titled(499), ..of(10_000) }, &["warn titles_swapped"]),
        ("500 strangers", Drift { strangers: titled(500), ..of(10_000) }, &["hold titles_swapped"]),
        ("a fifth retitled", Drift { titles: titled(2_000), ..of(10_000) }, &["warn titles_changed"]),
        ("nearly a fifth", Drift { titles: titled(1_999), ..of(10_000) }, &[]),
        ("three fifths", Drift { titles: titled(6_000), ..of(10_000) }, &["hold titles_changed"]),
        (
            "held for the ones, told once",
            Drift { titles: titled(6_000), strangers: titled(60), ..of(10_000) },
            &["hold titles_changed"],
        ),
        (
            "held for the others, told once",
            Drift { titles: titled(9_000), strangers: titled(8_000), ..of(10_000) },
            &["hold titles_swapped"],
        ),
    ] {
        assert_eq!(by(&drift), expected, "{what}");
    }
}

#[test]
fn a_host_that_works_is_told_and_one_that_does_not_is_held() {
    let (before, now) = (Percent::whole(100), Percent::whole(0));
    for (asked, opened, moved_to, expected) in [
        (5, 5, now, &["warn image_host"][..]),
        (5, 4, now, &["warn image_host"]),
        (5, 3, now, &["hold image_host"]),
        (0, 0, now, &["hold image_host"]),
        (2, 1, now, &["hold image_host"]),
        (5, 0, Percent::whole(50), &["hold image_host"]),
        (5, 0, Percent::hundredths(5_001), &[]),
    ] {
        let host = HostMoved { of: HostOf::Image, host: "a".into(), before, now: moved_to, asked, opened };
        let drift = Drift { common: 100, hosts: vec![host], ..Drift::default() };
        assert_eq!(by(&drift), expected, "{opened} of {asked} at {moved_to}");
    }
}

#[test]
fn a_category_is_lost_with_its_products_and_not_with_its_name() {
    let profile = |rows, categories: &[(&str, u64)]| Profile {
        rows,
        categories: counts(categories),
        ..Profile::default()
    };
    let before = profile(1_000, &[("a", 600), ("b", 340), ("c", 50), ("d", 10)]);
    for (what, now, gone, expected) in [
        ("all as it was", before.clone(), &[][..], &[][..]),
        ("renamed", profile(1_000, &[("a", 600), ("bb", 340), ("c", 50), ("d", 10)]), &[], &[]),
        ("gone", profile(950, &[("a", 600), ("b", 340), ("d", 10)]), &[("c", 50)], &["hold category_lost"]),
        (
            "a small one gone",
            profile(990, &[("a", 600), ("b", 340), ("c", 50)]),
            &[("d", 10)],
            &["warn category_lost"],
        ),
        (
            "halved",
            profile(830, &[("a", 600), ("b", 140), ("c", 50), ("d", 10)]),
            &[("b", 200)],
            &["hold category_lost"],
        ),
        (
            "exactly half, and the others stay",
            profile(975, &[("a", 600), ("b", 340), ("c", 25), ("d", 10)]),
            &[("c", 25)],
            &["warn category_lost"],
        ),
        ("not quite", profile(850, &[("a", 600), ("b", 190), ("c", 50), ("d", 10)]), &[("b", 150)], &[]),
        (
            "all halved",
            profile(500, &[("a", 300), ("b", 170), ("c", 25), ("d", 5)]),
            &[("a", 300), ("b", 170), ("c", 25), ("d", 5)],
            &[],
        ),
        (
            "others came",
            profile(3_000, &[("a", 600), ("b", 340), ("c", 50), ("d", 10), ("e", 2_000)]),
            &[],
            &[],
        ),
    ] {
        let drift = Drift { common: 400, gone: counts(gone), ..Drift::default() };
        let seen = Seen {
            drift: Some(&drift),
            before: Some(&before),
            now: Some(&now),
            rows_before: None,
            rows: now.rows,
        };
        assert_eq!(found(&seen), expected, "{what}");
        let departments = findings(&GateConfig::default(), &seen, true);
        assert_eq!(departments, [], "{what}: its departments said so");
    }
}

#[test]
fn columns_that_lose_values_are_told_and_what_is_not_known_says_nothing() {
    let profile = |fill: &[(&str, u64)]| Profile { rows: 100, fill: counts(fill), ..Profile::default() };
    let before = profile(&[("id", 100), ("add_image_link", 60), ("normal_price", 40)]);
    for (now, expected) in [
        (Some(profile(&[("id", 100), ("add_image_link", 41)])), &[][..]),
        (Some(profile(&[("id", 100), ("add_image_link", 40)])), &["warn values_lost"]),
        (Some(profile(&[("id", 100)])), &["warn values_lost"]),
        (Some(profile(&[("id", 100), ("add_image_link", 100), ("brand", 100)])), &[]),
        (None, &[]),
    ] {
        let seen = |before| Seen { drift: None, before, now: now.as_ref(), rows_before: None, rows: 100 };
        assert_eq!(found(&seen(Some(&before))), expected, "{now:?}");
        assert_eq!(found(&seen(None)), [""; 0], "a former version's record says nothing");
    }
}

#[test]
fn a_fifth_more_is_told() {
    for (before, rows, expected) in [
        (10_000, 11_999, &[][..]),
        (10_000, 12_000, &["warn growth"]),
        (90, 109, &[]),
        (90, 110, &["warn growth"]),
    ] {
        let seen = Seen { drift: None, before: None, now: None, rows_before: Some(before), rows };
        assert_eq!(found(&seen), expected, "{before} {rows}");
    }
}
