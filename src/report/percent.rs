//! A share of a whole, exactly: what limits are and what is held against them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::number;

/// A share of a whole, kept in hundredths of a percent. In JSON it is a number of percent: `12.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Percent(u64);

impl Percent {
    /// Whole percents.
    pub(crate) const fn whole(percent: u64) -> Self {
        Self(percent * 100)
    }

    /// Hundredths of a percent: 1250 is 12.5 %.
    pub(crate) const fn hundredths(hundredths: u64) -> Self {
        Self(hundredths)
    }

    /// `part` of `whole`, rounded down to hundredths of a percent; of nothing it is nothing.
    pub(crate) fn of(part: u64, whole: u64) -> Self {
        let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
        Self(u64::try_from(hundredths).unwrap_or(u64::MAX))
    }

    /// In hundredths of a percent.
    pub(crate) fn as_hundredths(self) -> u64 {
        self.0
    }

    /// The points between two shares.
    pub(crate) fn distance(self, other: Self) -> Self {
        Self(self.0.abs_diff(other.0))
    }

    /// Whether `part` is at least this share of `whole`, exactly.
    pub(crate) fn is_reached_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 >= u128::from(self.0) * u128::from(whole)
    }

    /// Whether `part` is more than this share of `whole`, exactly.
    pub(crate) fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 > u128::from(self.0) * u128::from(whole)
    }
}

/// `20%`, `12.5%`, `6.25%`
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{}%", number(whole)),
            (whole, rest) if rest % 10 == 0 => write!(f, "{}.{}%", number(whole), rest / 10),
            (whole, rest) => write!(f, "{}.{rest:02}%", number(whole)),
        }
    }
}

impl From<f64> for Percent {
    fn from(percent: f64) -> Self {
        Self((percent * 100.0).round() as u64)
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> Self {
        percent.0 as f64 / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read_well_and_compare_exactly() {
        for (percent, text) in [
            (Percent::whole(20), "20%"),
            (Percent::hundredths(1250), "12.5%"),
            (Percent::hundredths(1205), "12.05%"),
            (Percent::of(9, 1), "900%"),
            (Percent::of(1, 3), "33.33%"),
            (Percent::of(0, 0), "0%"),
            (Percent::of(u64::MAX, 1_000_000), "1,844,674,407,370,955.16%"),
        ] {
            assert_eq!(percent.to_string(), text);
        }
        let tenth = Percent::whole(10);
        for (part, whole, reached, exceeded) in
            [(1, 10, true, false), (100_001, 1_000_000, true, true), (99_999, 1_000_000, false, false)]
        {
            assert_eq!(
                (tenth.is_reached_by(part, whole), tenth.is_exceeded_by(part, whole)),
                (reached, exceeded)
            );
        }
        assert_eq!(serde_json::to_string(&Percent::hundredths(1250)).unwrap(), "12.5");
        assert_eq!(serde_json::from_str::<Percent>("33.33").unwrap(), Percent::of(1, 3));
    }
}
