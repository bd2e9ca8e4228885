use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn sum(n: u32) -> RowSum {
    RowSum::of_bytes(&n.to_le_bytes())
}

fn priced(prices: &[u64]) -> RowIndex {
    let mut index = RowIndex::default();
    prices.iter().enumerate().for_each(|(id, price)| {
        assert!(index.insert(id.to_string().as_bytes(), sum(0), *price));
    });
    index
}

#[test]
fn the_median_is_exact() {
    for (prices, median) in [
        (&[][..], None),
        (&[7], Some(7)),
        (&[9, 3], Some(6)),
        (&[5, 1, 70_000], Some(5)),
        (&[65_535, 65_536, 65_536, 1], Some(65_535)),
        (&[99_900, 99_900, 12_900, 4_000_000], Some(99_900)),
        (&[u64::MAX, u64::MAX, 1], Some(u64::from(u32::MAX))),
    ] {
        assert_eq!(priced(prices).median_price(), median, "{prices:?}");
    }
}

#[test]
fn it_takes_no_more_ids_than_it_has_room_for() {
    let mut index = RowIndex::of_most(2);
    assert!(index.has_room() && index.insert(b"a", sum(1), 1));
    index.leave(b"b", 7);
    assert!(!index.has_room() && !index.insert(b"c", sum(1), 1) && !index.expect(b"c"));
    index.leave(b"c", 7);
    assert_eq!((index.seen(b"c"), index.rows()), (Seen::Never, 1));
    assert!(index.insert(b"b", sum(1), 1), "what it knows may still become a row");
}

#[test]
fn a_row_is_met_once() {
    let mut index = priced(&[100, u64::MAX]);
    assert!(index.is_unmet(b"0") && !index.is_unmet(b"2"));
    assert_eq!(index.meet(b"0"), Some((sum(0), 100)));
    assert_eq!((index.meet(b"0"), index.meet(b"2")), (None, None));
    assert!(!index.is_unmet(b"0") && index.contains(b"0"));
    assert!(!index.insert(b"0", sum(1), 5), "met or not, it is there");
    assert_eq!(index.meet(b"1").map(|(_, price)| price), Some(u32::MAX));
}

#[test]
fn an_id_is_one_thing_at_a_time_and_a_row_once_it_is_one() {
    let mut index = RowIndex::default();
    assert_eq!(index.seen(b"a"), Seen::Never);
    let mut spaced = RowIndex::default();
    assert!(spaced.insert(b"a b", sum(1), 1) && spaced.contains(b"ab") && spaced.contains(b" a b "));
    assert!(index.expect(b"a") && !index.expect(b"a"));
    assert_eq!((index.seen(b"a"), index.contains(b"a")), (Seen::Expected, false));
    index.leave(b"a", 7);
    assert_eq!(index.seen(b"a"), Seen::Left { reason: 7, expected: true });
    index.leave(b"b", 8);
    assert_eq!(index.seen(b"b"), Seen::Left { reason: 8, expected: false });
    assert!(index.expect(b"b") && !index.expect(b"b"), "left out, and expected all the same");
    index.leave(b"b", 9);
    assert_eq!(index.seen(b"b"), Seen::Left { reason: 9, expected: true });
    assert_eq!((index.meet(b"a"), index.is_unmet(b"a"), index.rows()), (None, false, 0));
    assert_eq!(index.median_price(), None, "what was left out has no price");
    assert!(index.insert(b"a", sum(1), 100) && !index.insert(b"a", sum(2), 200));
    index.leave(b"a", 9);
    assert_eq!((index.seen(b"a"), index.rows(), index.median_price()), (Seen::Kept, 1, Some(100)));
    assert!(index.is_unmet(b"a") && index.meet(b"a").is_some() && index.seen(b"a") == Seen::Kept);
}

#[test]
fn a_row_takes_few_bytes_at_any_size_that_matters() {
    let empty = RowIndex::default().bytes();
    assert!(empty <= 256 * 1024, "{empty}");
    let mut index = RowIndex::default();
    let mut told = Vec::new();
    for n in 1..=400_000_u32 {
        assert!(index.insert(n.to_string().as_bytes(), sum(n), n.into()));
        if [110_000, 200_000, 400_000].contains(&n) {
            told.push((index.bytes() as f64) / f64::from(n));
        }
    }
    assert!(told[0] < 27.5 && told[1] < 18.5 && told[2] < 18.0, "{told:?}");
    assert!((1..=400_000).step_by(97).all(|n| index.contains(n.to_string().as_bytes())));
    assert!(!index.contains(b"0") && index.median_price() == Some(200_000));
    let met = |index: &mut RowIndex| index.meet(b"7").unwrap().0.sketch;
    assert_eq!(met(&mut index), None, "of a feed that large nothing but sums and prices is kept");
}

#[test]
fn each_row_has_its_own_sketch_however_often_it_moved() {
    let mut index = RowIndex::default();
    let row = |n: u32| {
        let sketch = Some(Sketch::of(&format!("BILLY {n}"), &[], 10, ""));
        RowSum { sketch, ..sum(n) }
    };
    for n in 0..40_000 {
        index.insert(n.to_string().as_bytes(), row(n), n.into());
    }
    for n in 0..40_000 {
        let (met, price) = index.meet(n.to_string().as_bytes()).unwrap();
        assert_eq!((met, met.sketch, price), (row(n), row(n).sketch, n));
    }
}

#[test]
fn hashes_that_crowd_at_one_end_find_room_there() {
    const CROWD: u64 = 1_500;
    for first in [1 << 40, u64::MAX - (1 << 20)] {
        let mut table = Table::new();
        let mut put = |hash: u64, price: u64| {
            let at = table.find(hash).unwrap_err();
            table.insert(at, Entry { id: hash | ROW, sum: 0, price: price as u32 }, Sketch::default());
        };
        let crowded = |n: u64| (first + n * 8) & !FLAGS;
        // Each stands before those that are there already, and all but one where another one belongs.
        (0..CROWD).rev().for_each(|n| put(crowded(n), n));
        // With so many others the table grows.
        let other = |n: u64| (n << 49) + (1 << 30);
        (1..8_000).for_each(|n| put(other(n), CROWD + n));
        assert_eq!(table.len() as u64, CROWD + 7_999);
        let found =
            |hash, price: u64| table.find(hash).is_ok_and(|at| u64::from(table.at(at).0.price) == price);
        assert!((0..CROWD).all(|n| found(crowded(n), n)) && (1..8_000).all(|n| found(other(n), CROWD + n)));
        assert!(table.iter().is_sorted_by_key(|entry| entry.hash()));
        assert!(table.find(crowded(CROWD)).is_err() && table.find(8).is_err());
    }
}

proptest! {
    #[test]
    fn it_does_what_a_map_does(
        steps in prop::collection::vec((0_u8..3, 0_u16..300, any::<u32>()), 0..800),
    ) {
        let (mut index, mut model) = (RowIndex::default(), HashMap::new());
        for (step, id, n) in steps {
            let text = format!("id-{id}");
            let id = text.as_bytes();
            match step {
                0 => {
                    let free = !model.contains_key(&text);
                    prop_assert_eq!(index.insert(id, sum(n), n.into()), free);
                    model.entry(text.clone()).or_insert((n, false));
                }
                1 => {
                    let met = model.get_mut(&text).filter(|row| !row.1).map(|row| {
                        row.1 = true;
                        (sum(row.0), row.0)
                    });
                    prop_assert_eq!(index.meet(id), met);
                }
                _ => {
                    prop_assert_eq!(index.contains(id), model.contains_key(&text));
                    prop_assert_eq!(index.is_unmet(id), model.get(&text).is_some_and(|row| !row.1));
                }
            }
        }
        let mut prices: Vec<u32> = model.values().map(|row| row.0).collect();
        prices.sort_unstable();
        let mut found: Vec<u32> = index.prices().collect();
        found.sort_unstable();
        prop_assert_eq!(&found, &prices);
        let middle = |at: usize| u64::from(prices[at]);
        let median = (!prices.is_empty())
            .then(|| (middle((prices.len() - 1) / 2) + middle(prices.len() / 2)) / 2);
        prop_assert_eq!((index.rows(), index.median_price()), (prices.len() as u64, median));
    }
}
