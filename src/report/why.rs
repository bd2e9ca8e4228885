//! Why a product is in the feed or is not, as data: where the source has it, what each step made of it, and what is
//! published for it now.
//!
//! It never holds a sentence for people, and every foreign value in it is bounded by whoever puts it there.

use serde::{Deserialize, Serialize};
use strum::EnumIter;

use super::{BrokenRule, BuildId, CorrectionsTold, LineTaken, Publication, SkipReason};

/// What a build of now would do with products, and what would become of that build.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Explanation {
    /// `dry_run` where it would be published, `held` where not; `None` where the records do not say what it has to be
    /// held against.
    pub(crate) publication: Option<Publication>,
    /// Why they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unknown: Option<String>,
    /// What became of the merchant's corrections, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) corrections: Option<CorrectionsTold>,
    /// The products, in the order in which they were asked for.
    #[serde(rename = "explained")]
    pub(crate) products: Vec<Why>,
}

/// The answer for one id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// As it was asked for, without spaces around it.
    pub id: String,
    /// What a build of now would do with it.
    pub standing: Standing,
    /// How often the source has it.
    pub times: u64,
    /// The first few of these, in the source's order, and the one that is kept.
    pub found: Vec<Found>,
    /// What is published for it.
    pub published: OfPublished,
    /// By which columns the row of now is another one than the published row.
    pub changes: Vec<ColumnChange>,
    /// Ids of the source that come nearest, where it does not have this one.
    pub nearest: Vec<String>,
}

/// What a build of now would do with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is a row.
    InFeed,
    /// The source has it, and it is none.
    LeftOut,
    /// The source does not have it.
    NotInSource,
}

/// A product of the source that has the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The department that it came with; none where the catalogue has none.
    pub department: Option<String>,
    /// The first element of the window that it came with, where the source is read in windows.
    pub window: Option<u64>,
    /// The place of its element in all that was read, from 1.
    pub element: u64,
    /// The id of the product that it is a variant of.
    pub variant_of: Option<String>,
    /// What the map looks for in it.
    pub fields: Vec<FieldSaid>,
    /// The lines of the merchant's corrections that are about it, and what became of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<LineTaken>,
    /// Every step that it comes by, in their order.
    pub steps: Vec<StepTaken>,
    /// Its row, column by column, without what is empty; nothing where it breaks a rule or is left out.
    pub row: Vec<Cell>,
    /// What became of it.
    pub fate: Fate,
}

/// A field of the map and what the product says there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSaid {
    /// `price`
    pub field: String,
    /// Where it was found, or looked for.
    pub place: String,
    /// What stands there; nothing where nothing does.
    pub value: Option<String>,
}

/// A value of a row, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub column: String,
    pub value: String,
    /// Fields of the source, settings, or a rule of ours; nothing is known of a published row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
}

/// What became of one product of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "became", rename_all = "snake_case")]
pub enum Fate {
    /// A row of the feed.
    Kept,
    /// It was left out on purpose.
    Skipped {
        /// Why.
        reason: SkipReason,
        /// What decided it.
        value: String,
    },
    /// Its row would break a rule.
    Broken {
        /// Which.
        rule: BrokenRule,
        /// The value that breaks it.
        value: String,
    },
    /// Another one with the same id counts.
    Repeat,
}

/// A step of the way from the source to the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum WhyStep {
    /// Whether all of it can be read, and says one thing where that decides.
    Read,
    /// Whether the merchant's corrections let it in; only where there are any.
    Corrections,
    /// Whether it has a name.
    Name,
    /// Whether it is sold online.
    Sellable,
    /// What every visitor pays.
    Price,
    /// Whether that is enough.
    LowestPrice,
    /// Whether it has an image.
    Image,
    /// Whether its categories are wanted.
    Category,
    /// Whether the words of its name are.
    Word,
    /// Whether it stays in the range.
    LastChance,
    /// Whether its row keeps every rule of the format.
    Rules,
    /// Whether it is the first one of its id.
    Repeat,
    /// Whether there is room.
    Cap,
}

/// What a step made of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTaken {
    /// Which.
    pub step: WhyStep,
    /// What it decided.
    pub decision: Decision,
    /// The setting, the rule or the fields of the map by which it decides; nothing where it is always the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The value that it looked at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// What a step decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It lets the product pass.
    Passed,
    /// It does, with the regular price in place of one that is not everybody's.
    RegularInstead,
    /// It leaves the product out.
    LeftOut,
    /// An earlier one had decided.
    NotReached,
}

/// What is published for an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum OfPublished {
    /// A row.
    Row {
        /// The build, where it is known.
        build: Option<BuildId>,
        /// The row without what is empty.
        row: Vec<Cell>,
    },
    /// A feed is published, and has no row with it.
    Absent {
        /// The build, where it is known.
        build: Option<BuildId>,
    },
    /// No feed is published.
    NoFeed,
    /// It could not be found out.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// A column by which two rows differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnChange {
    /// Its name.
    pub column: String,
    /// What is published; empty where nothing is.
    pub published: String,
    /// What it would become.
    pub now: String,
}
