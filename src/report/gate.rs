//! What the gate found: why a build is held, and what is worth a look although it is published.
//!
//! It never holds a sentence and never decides: that is for `slack::wording` and `gate`.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::{
    BrokenRule, BuildId, DepartmentName, DepartmentsBy, Drifted, Flawed, ForeignPrices, Later, Percent,
    RowName, ShapeChange, Shared, TakeoverDiff,
};

/// A field that not one product of a catalogue has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingField {
    /// Its key: `itemNo`.
    pub(crate) field: String,
    /// Keys that are there instead; foreign text, cut to a readable length, not yet escaped.
    pub(crate) keys: Vec<String>,
}

/// A figure that moved away from the published build's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// By how much of what it was.
    pub(crate) measured: Percent,
    /// From this on it is held or told.
    pub(crate) limit: Percent,
    /// Of the published build.
    pub(crate) before: u64,
    /// Of this one.
    pub(crate) now: u64,
}

/// Departments that had products in the published build and have none now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmptyDepartments {
    /// Their share of the elements of the published build's departments.
    pub(crate) measured: Percent,
    /// From this on it is held.
    pub(crate) limit: Percent,
    /// The largest ones.
    pub(crate) departments: Vec<DepartmentName>,
    /// How many more.
    pub(crate) more: u64,
    /// Elements that they all had.
    pub(crate) elements: u64,
}

/// Products in a row that lack what the others have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedShape {
    /// Their share of the catalogue.
    pub(crate) measured: Percent,
    /// From this on it is held.
    pub(crate) limit: Percent,
    /// Which, and what they have instead.
    #[serde(flatten)]
    pub(crate) change: ShapeChange,
}

/// Titles that were destroyed on their way here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestroyedText {
    /// Their share.
    pub(crate) measured: Percent,
    /// From this on it is held or told.
    pub(crate) limit: Percent,
    /// How many.
    pub(crate) titles: u64,
    /// Rows of the build.
    pub(crate) of: u64,
    /// A few of them, as they are now.
    pub(crate) examples: Vec<RowName>,
}

/// Why a build is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HoldReason {
    /// Not a single row.
    NoRows {
        /// What not one product has, where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<MissingField>,
    },
    /// Products are priced in another currency than the feed's.
    ForeignCurrency(ForeignPrices),
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
    /// Many products in a row lack what the others have.
    ShapeChanged(ChangedShape),
    /// Departments have nothing left, and that is much of the published build.
    DepartmentsEmpty(EmptyDepartments),
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
    Shrink(Change),
    /// The median price, in the feed's currency, moved far from the published build's.
    MedianPrice(Change),
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
    /// Too many titles were destroyed.
    DestroyedText(DestroyedText),
    /// Much of it is not what it was in the published build.
    Drift(Drifted),
    /// Of a later version.
    #[serde(untagged)]
    #[strum(disabled)]
    Later(Later),
}

/// What is worth a look and holds nothing up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[serde(tag = "warning", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GateWarning {
    /// Fewer rows than the published build.
    Shrink(Change),
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
    /// Some products in a row lack what the others have.
    ShapeChanged(ChangedShape),
    /// Departments have nothing left.
    DepartmentsEmpty(EmptyDepartments),
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
    /// Titles were destroyed.
    DestroyedText(DestroyedText),
    /// Titles hold phone numbers.
    PhoneNumbers(Flawed),
    /// Titles hold promotion phrases.
    Promotions(Flawed),
    /// Several products have the same title.
    SameTitle(Shared),
    /// Several products have the same image.
    SameImage(Shared),
    /// Some of it is not what it was in the published build.
    Drift(Drifted),
    /// The corrections could not be read, and there is no copy of them that is young enough: it goes without.
    CorrectionsLost {
        /// A technical reason.
        reason: String,
    },
    /// Of a later version.
    #[serde(untagged)]
    Later(Later),
}
