//! What the prices of a file are like: the absurd ones, and the median, in 28 KiB whatever the number of rows.

use crate::report::ProblemKind;

/// Buckets of each doubling; each is at most 1/128 of its prices wide, so the median is at most 0.4 % off.
const BUCKETS: usize = 128;
/// Ten digits are the most that the guide allows; more counts as that.
const HIGHEST: u64 = 9_999_999_999;
/// No product is cheaper, in won.
const LEAST: u64 = 10;
/// No product is dearer, in won.
const MOST: u64 = 1_000_000_000;

/// Counts prices by size.
#[derive(Default)]
pub struct Prices {
    /// Grows to what the highest price needs.
    buckets: Vec<u64>,
    counted: u64,
}

impl Prices {
    /// Takes the next value of the column, and tells what is odd about it. One that is no price (the formats' business) and zero do not count for the
    /// median.
    pub fn add(&mut self, value: &str) -> Option<ProblemKind> {
        if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let price = value.parse().unwrap_or(HIGHEST).min(HIGHEST);
        if price == 0 {
            return Some(ProblemKind::ZeroPrice);
        }
        let bucket = bucket(price);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.counted += 1;
        (!(LEAST..=MOST).contains(&price)).then_some(ProblemKind::OddPrice)
    }

    /// The median: exact below 256 won, else at most 0.4 % off.
    pub fn median(&self) -> Option<u64> {
        let below = self.counted.checked_sub(1)? / 2;
        Some((self.ranked(below)? + self.ranked(self.counted / 2)?) / 2)
    }

    /// The price that so many are before.
    fn ranked(&self, before: u64) -> Option<u64> {
        let mut left = before;
        for (bucket, count) in self.buckets.iter().enumerate() {
            if left < *count {
                return Some(middle(bucket));
            }
            left -= count;
        }
        None
    }
}

/// Prices below 256 have a bucket each, from there on each doubling has [`BUCKETS`].
fn bucket(price: u64) -> usize {
    let doublings = (price.max(1).ilog2() as usize).saturating_sub(7);
    doublings * BUCKETS + (price >> doublings) as usize
}

/// The price in the middle of a bucket.
fn middle(bucket: usize) -> u64 {
    let doublings = (bucket / BUCKETS).saturating_sub(1);
    let lowest = (bucket - doublings * BUCKETS) as u64;
    (lowest << doublings) + (1 << doublings) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(prices: &[u64]) -> Prices {
        let mut found = Prices::default();
        prices.iter().for_each(|price| {
            found.add(&price.to_string());
        });
        found
    }

    #[test]
    fn absurd_prices_are_told_from_others() {
        let mut prices = Prices::default();
        for (value, oddity) in [
            ("", None),
            ("12.5", None),
            ("-1", None),
            ("0", Some(ProblemKind::ZeroPrice)),
            ("000", Some(ProblemKind::ZeroPrice)),
            ("9", Some(ProblemKind::OddPrice)),
            ("10", None),
            ("1000000000", None),
            ("1000000001", Some(ProblemKind::OddPrice)),
            ("99999999999999999999999999", Some(ProblemKind::OddPrice)),
        ] {
            assert_eq!(prices.add(value), oddity, "{value}");
        }
        assert_eq!(prices.counted, 5, "what is no price does not count");
    }

    #[test]
    fn the_median_of_few_is_the_mean_of_the_two_in_the_middle() {
        assert_eq!(of(&[]).median(), None);
        assert_eq!(of(&[7]).median(), Some(7));
        assert_eq!(of(&[100, 200]).median(), Some(150));
        assert_eq!(of(&[250, 1, 3]).median(), Some(3));
    }

    proptest! {
        #[test]
        fn the_median_is_close_to_the_exact_one(mut prices in prop::collection::vec(1u64..10_000_000_000, 1..80)) {
            let found = of(&prices).median().unwrap();
            prices.sort_unstable();
            let exact = (prices[(prices.len() - 1) / 2] + prices[prices.len() / 2]) / 2;
            prop_assert!(found.abs_diff(exact) <= exact / 250 + 1, "{} for {}", found, exact);
        }
    }
}
