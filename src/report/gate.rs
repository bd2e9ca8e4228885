//! What the gate found: why a build is held, and what is worth a look although it is published.
//!
//! It never holds a sentence and never decides: that is for `slack::wording` and `gate`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    BrokenRule, BuildId, DepartmentName, DepartmentsBy, Flawed, Later, RowName, Shared, TakeoverDiff,
};

/// A share of a whole, kept in hundredths of a percent. In JSON it is a number of percent: `12.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
pub struct Percent(u64);

impl Percent {
    /// Whole percents.
    pub const fn whole(percent: u64) -> Self {
        Self(percent * 100)
    }

    /// Hundredths of a percent: 1250 is 12.5 %.
    pub const fn hundredths(hundredths: u64) -> Self {
        Self(hundredths)
    }

    /// `part` of `whole`, rounded down to hundredths of a percent; of nothing it is nothing.
    pub fn of(part: u64, whole: u64) -> Self {
        let hundredths = u128::from(part) * 10_000 / u128::from(whole.max(1));
        Self(u64::try_from(hundredths).unwrap_or(u64::MAX))
    }

    /// Whether `part` is at least this share of `whole`, exactly.
    pub fn is_reached_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 >= u128::from(self.0) * u128::from(whole)
    }

    /// Whether `part` is more than this share of `whole`, exactly.
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 > u128::from(self.0) * u128::from(whole)
    }
}

/// `20%`, `12.5%`, `6.25%`
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{}%", super::number(whole)),
            (whole, rest) if rest % 10 == 0 => write!(f, "{}.{}%", super::number(whole), rest / 10),
            (whole, rest) => write!(f, "{}.{rest:02}%", super::number(whole)),
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

/// A field that not one product of a catalogue has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingField {
    /// Its key: `itemNo`.
    pub field: String,
    /// Keys that are there instead; foreign text, cut to a readable length, not yet escaped.
    pub keys: Vec<String>,
}

/// Why a build is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum HoldReason {
    /// Not a single row.
    NoRows {
        /// What not one product has, where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<MissingField>,
    },
    /// Products are priced in another currency than the feed's.
    ForeignCurrency {
        /// The feed's currency.
        expected: String,
        /// How many products have another one.
        products: u64,
        /// The first other currency met.
        found: String,
    },
    /// The source gave far fewer elements than it says it has.
    SourceIncomplete {
        /// What the source says.
        expected: u64,
        /// What of it arrived.
        found: u64,
        /// The departments that most are missing of, if it has any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        departments: Vec<DepartmentName>,
    },
    /// Departments that had products in the published build have none now, and that is much of it.
    DepartmentsEmpty {
        /// Their share of the elements of the published build's departments.
        measured: Percent,
        /// From this on it is held.
        limit: Percent,
        /// The largest ones.
        departments: Vec<DepartmentName>,
        /// How many more.
        more: u64,
        /// Elements that they all had.
        elements: u64,
    },
    /// Too many products would have broken a rule; a column that the source emptied ends here.
    Broken {
        /// The share of broken products among all that were to become rows.
        measured: Percent,
        /// More than this is held.
        limit: Percent,
        /// Broken rows.
        broken: u64,
        /// Products that were to become rows: kept, broken and over the cap.
        of: u64,
        /// The rule that most of them broke.
        mostly: BrokenRule,
        /// How many broke that one.
        times: u64,
    },
    /// Far fewer rows than the published build.
    Shrink {
        /// By how much.
        measured: Percent,
        /// From this on it is held.
        limit: Percent,
        /// Rows of the published build.
        before: u64,
        /// Rows of this one.
        now: u64,
    },
    /// The median price moved far from the published build's.
    MedianPrice {
        /// By how much of what it was.
        measured: Percent,
        /// From this on it is held.
        limit: Percent,
        /// Of the published build, in the feed's currency.
        before: u64,
        /// Of this one.
        now: u64,
    },
    /// Most ids of the feed that somebody else published here are not in the build.
    Takeover {
        /// The share of that feed's ids that the build has.
        measured: Percent,
        /// Less than this is held.
        limit: Percent,
        /// Both feeds.
        #[serde(flatten)]
        diff: TakeoverDiff,
    },
    /// Something that somebody else published here may be a feed, and could not be compared.
    TakeoverUnreadable {
        /// How it begins. Foreign text, not yet escaped.
        begins: String,
    },
    /// Titles were destroyed on their way here.
    DestroyedText {
        /// The share of such titles.
        measured: Percent,
        /// From this on it is held.
        limit: Percent,
        /// How many.
        titles: u64,
        /// Rows of the build.
        of: u64,
        /// A few of them, as they are now.
        examples: Vec<RowName>,
    },
    /// Of a later version.
    #[serde(untagged)]
    Later(Later),
}

impl HoldReason {
    /// The name, as in answers and logs.
    pub fn name(&self) -> &str {
        match self {
            Self::NoRows { .. } => "no_rows",
            Self::ForeignCurrency { .. } => "foreign_currency",
            Self::SourceIncomplete { .. } => "source_incomplete",
            Self::DepartmentsEmpty { .. } => "departments_empty",
            Self::Broken { .. } => "broken",
            Self::Shrink { .. } => "shrink",
            Self::MedianPrice { .. } => "median_price",
            Self::Takeover { .. } => "takeover",
            Self::TakeoverUnreadable { .. } => "takeover_unreadable",
            Self::DestroyedText { .. } => "destroyed_text",
            Self::Later(later) => later.name("reason"),
        }
    }
}

/// What is worth a look and holds nothing up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum GateWarning {
    /// Fewer rows than the published build.
    Shrink {
        /// By how much.
        measured: Percent,
        /// From this on it is told.
        limit: Percent,
        /// Rows of the published build.
        before: u64,
        /// Rows of this one.
        now: u64,
    },
    /// The source gave a little less than it says it has.
    SourceIncomplete {
        /// What share did not arrive.
        measured: Percent,
        /// From this on it is held.
        limit: Percent,
        /// What the source says.
        expected: u64,
        /// What of it arrived.
        found: u64,
        /// The departments that most are missing of, if it has any.
        departments: Vec<DepartmentName>,
    },
    /// Departments that had products in the published build have none now.
    DepartmentsEmpty {
        /// Their share of the elements of the published build's departments.
        measured: Percent,
        /// From this on it is held.
        limit: Percent,
        /// The largest ones.
        departments: Vec<DepartmentName>,
        /// How many more.
        more: u64,
        /// Elements that they all had.
        elements: u64,
    },
    /// The shop's own list of departments could not be read.
    DepartmentsNotRead {
        /// What stood in for it.
        by: DepartmentsBy,
        /// How many departments were read.
        departments: u64,
        /// A technical reason.
        why: String,
    },
    /// The source's own count could not be had, so that nobody knows whether everything arrived.
    CountUnknown {
        /// Of how many departments; 1 of 1 for a source without any.
        uncounted: u64,
        /// How many departments there are.
        of: u64,
    },
    /// Another number of rows than is usual at this hour.
    UnusualRows {
        /// How many standard deviations off the mean.
        measured: f64,
        /// Beyond this many it is told.
        limit: f64,
        /// Mean rows of the last exports of the same hour, rounded.
        usual: u64,
        /// Rows of this one.
        now: u64,
        /// How many exports that are.
        exports: u64,
    },
    /// The rows reach the cap, or nearly do.
    NearCap {
        /// The share of the cap that is used.
        measured: Percent,
        /// From this on it is told.
        limit: Percent,
        /// Rows in the feed.
        rows: u64,
        /// `EP_MAX_ROWS`
        cap: u64,
        /// Products that found no room.
        left_out: u64,
    },
    /// Whether somebody else's feed stands at the public URL could not be found out.
    TakeoverUnknown {
        /// Why.
        detail: String,
    },
    /// Nothing is recorded as published, and a build of ours is public: the state was lost. The new build was held against
    /// that one.
    StateLost {
        /// What the public file says it is.
        build: BuildId,
        /// Its rows.
        rows: u64,
        /// Why its prices could not be read, if so: the median was not compared then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unread: Option<String>,
    },
    /// Titles were destroyed on their way here.
    DestroyedText {
        /// The share of such titles.
        measured: Percent,
        /// From this on it is told.
        limit: Percent,
        /// How many.
        titles: u64,
        /// Rows of the build.
        of: u64,
        /// A few of them, as they are now.
        examples: Vec<RowName>,
    },
    /// Titles hold phone numbers.
    PhoneNumbers(Flawed),
    /// Titles hold promotion phrases.
    Promotions(Flawed),
    /// Several products have the same title.
    SameTitle(Shared),
    /// Several products have the same image.
    SameImage(Shared),
    /// Of a later version.
    #[serde(untagged)]
    Later(Later),
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
