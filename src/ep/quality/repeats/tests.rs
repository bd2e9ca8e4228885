use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Shared {
    let mut repeats = Repeats::new();
    for (i, value) in values.into_iter().enumerate() {
        repeats.take(value, &i.to_string());
    }
    repeats.finish()
}

#[test]
fn groups_are_counted_and_the_largest_come_first() {
    assert_eq!(of(["a", "b", "c", "", "", ""]), Shared::default());
    let found = of(["a", "b", "a", "c", "b", "a", "a", "a"]);
    assert_eq!((found.values, found.products, found.sampled), (2, 7, false));
    let groups: Vec<_> =
        found.groups.iter().map(|g| (g.value.as_str(), g.products, g.ids.join(","))).collect();
    assert_eq!(groups, [("a", 5, "2,5,6".to_owned()), ("b", 2, "4".to_owned())]);
}

#[test]
fn a_value_takes_less_than_five_bytes() {
    let mut repeats = Repeats::new();
    for i in 0..MOST_VALUES {
        repeats.take(&format!("https://images.example/{i}.jpg"), &i.to_string());
    }
    let each = repeats.seen.bytes() as f64 / MOST_VALUES as f64;
    assert!(each < 4.6, "{each:.2} bytes a value");
    assert_eq!((repeats.level, repeats.finish()), (0, Shared::default()), "no two look alike");
}

#[test]
fn beyond_the_bound_whole_groups_are_a_sample() {
    let mut repeats = Repeats::with_most(10_000);
    // 40,000 values of which each fourth stands on three products, far from each other.
    for round in 0..3 {
        for i in (0..40_000).filter(|i| round == 0 || i % 4 == 0) {
            repeats.take(&i.to_string(), &format!("{i}-{round}"));
        }
    }
    assert!(repeats.seen.len() <= 10_000 && repeats.seen.len() > 4_000, "{}", repeats.seen.len());
    let found = repeats.finish();
    assert!(found.sampled && found.groups.iter().all(|group| group.products == 3), "{found:?}");
    assert_eq!(found.products, found.values * 3, "no group is counted in part");
    assert!((8_500..11_500).contains(&found.values), "10,000 are some {}", found.values);
}

#[test]
fn a_large_group_is_told_however_many_small_ones_there_are() {
    let mut repeats = Repeats::new();
    for i in 0..100_000 {
        repeats.take(&format!("pair {}", i / 2), &i.to_string());
        if i % 100 == 0 {
            repeats.take("one for all", &i.to_string());
        }
    }
    assert!(repeats.followed.len() <= MOST_FOLLOWED);
    let found = repeats.finish();
    assert_eq!((found.values, found.products), (50_001, 101_000));
    assert_eq!((found.groups.len(), found.groups[0].value.as_str()), (MOST_TOLD, "one for all"));
    assert!((900..=1_000).contains(&found.groups[0].products), "{}", found.groups[0].products);
}

#[test]
fn hostile_values_take_no_more_memory_than_others() {
    let mut repeats = Repeats::with_most(100);
    for i in 0..2_000 {
        repeats.take(&format!("{i}{}", "x".repeat(10_000)), &"9".repeat(10_000));
        repeats.take(&"y".repeat(10_000), &"9".repeat(10_000));
    }
    let kept = repeats.followed.iter().map(|f| f.group.value.len() + f.group.ids.concat().len()).max();
    assert!(kept.unwrap_or_default() <= MOST_BYTES * (MOST_IDS + 1) && repeats.seen.len() <= 100);
}

proptest! {
    #[test]
    fn it_counts_what_a_plain_map_counts(values in prop::collection::vec(0u8..40, 0..120)) {
        let mut plain: BTreeMap<String, u64> = BTreeMap::new();
        let texts: Vec<String> = values.iter().map(u8::to_string).collect();
        texts.iter().for_each(|text| *plain.entry(text.clone()).or_default() += 1);
        let found = of(texts.iter().map(String::as_str));
        let groups = || plain.values().filter(|count| **count > 1);
        prop_assert_eq!((found.values, found.products), (groups().count() as u64, groups().sum()));
        for group in &found.groups {
            prop_assert_eq!(plain[&group.value], group.products);
        }
    }
}
