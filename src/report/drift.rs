//! What a build is like as a whole, and how it differs from the published one in the rows that both have.
//!
//! Data; what is too much the gate decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use super::{LaterName, Percent, PriceMove, RowName};

/// How many rows have each value, by what that is. Foreign text where it is none of ours.
pub type Counts = BTreeMap<String, u64>;

/// A build as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows of the feed.
    pub(crate) rows: u64,
    /// Rows that have a value, by the column's name.
    #[serde(default)]
    pub(crate) fill: Counts,
    /// Rows by the host of `link`: the largest ones.
    #[serde(default)]
    pub(crate) links: Counts,
    /// Rows by the host of `image_link`: the largest ones.
    #[serde(default)]
    pub(crate) images: Counts,
    /// Rows by `category_name1`: the largest ones.
    #[serde(default)]
    pub(crate) categories: Counts,
}

/// A build against the published one, in the rows that both have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// How many rows both have; 0 where they were not compared.
    pub(crate) common: u64,
    /// How many of them have another price; `None` where they were not compared, or by a version before, or where the feed is
    /// too large to know which of them a sale explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) repriced: Option<u64>,
    /// Prices that are ten, a hundred or a thousand times what they were, or that part of it.
    #[serde(default)]
    pub(crate) units: Moved,
    /// Other prices that moved far, and not for a sale.
    #[serde(default)]
    pub(crate) prices: Moved,
    /// Titles that changed.
    #[serde(default)]
    pub(crate) titles: Retitled,
    /// Of these, titles that share no word with the one before.
    #[serde(default)]
    pub(crate) strangers: Retitled,
    /// Rows of the published build that are gone, by `category_name1`.
    #[serde(default)]
    pub(crate) gone: Counts,
    /// Hosts that are new or gone on much of the feed.
    #[serde(default)]
    pub(crate) hosts: Vec<HostMoved>,
}

/// Prices that moved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Rows.
    pub products: u64,
    /// The first few of them.
    pub examples: Vec<PriceMove>,
}

/// Titles that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retitled {
    /// Rows.
    pub products: u64,
    /// The first few of them.
    pub examples: Vec<NewTitle>,
}

/// A row with another title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTitle {
    /// The row, as it is now, or as it was where the build is not stored.
    #[serde(flatten)]
    pub row: RowName,
    /// Its title before. Foreign text, cut to a readable length.
    pub before: String,
}

/// What of a row names a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostOf {
    /// `link`
    Link,
    /// `image_link`
    Image,
    /// Of a later version.
    #[serde(untagged)]
    Later(LaterName),
}

/// A host that is new or gone on much of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostMoved {
    /// Of what.
    pub of: HostOf,
    /// Its name. Foreign text.
    pub host: String,
    /// The share of the published build's rows that name it.
    pub before: Percent,
    /// And of the new one's.
    pub now: Percent,
    /// Addresses of the new build that were opened, on this host where it is a new one.
    pub asked: u64,
    /// How many of them open.
    pub opened: u64,
}

/// The three figures that the history keeps of how a build differed from the published one: shares of the rows that both
/// have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftShares {
    /// Prices that moved far, wrong units included.
    pub prices: Percent,
    /// Titles that changed.
    pub titles: Percent,
    /// Titles that share no word with the one before.
    pub strangers: Percent,
}

impl Drift {
    /// Whether the builds were compared: they may have no row in common.
    pub(crate) fn is_known(&self) -> bool {
        self.common > 0 || self.repriced.is_some()
    }

    /// Its figures, where rows were compared.
    pub(crate) fn shares(&self) -> Option<DriftShares> {
        let of = |products| Percent::of(products, self.common);
        (self.common > 0).then(|| DriftShares {
            prices: of(self.units.products + self.prices.products),
            titles: of(self.titles.products),
            strangers: of(self.strangers.products),
        })
    }
}

/// What a rule of drift is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DriftRule {
    /// Other ids in place of those that were published.
    IdsReplaced,
    /// Prices in another unit.
    PriceUnit,
    /// Prices that moved far.
    PricesMoved,
    /// Titles of other products.
    TitlesSwapped,
    /// Titles that changed.
    TitlesChanged,
    /// The host of links.
    LinkHost,
    /// The host of images.
    ImageHost,
    /// Categories that lost most of their products.
    CategoryLost,
    /// Columns that lost values.
    ValuesLost,
    /// Far more rows.
    Growth,
    /// Of a later version.
    #[serde(untagged)]
    #[strum(disabled)]
    Later(LaterName),
}

impl DriftRule {
    /// The name, as in answers and logs.
    pub fn name(&self) -> &str {
        match self {
            Self::Later(later) => later.as_str(),
            known => known.into(),
        }
    }
}

/// What a rule of drift found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drifted {
    /// Which rule.
    pub(crate) rule: DriftRule,
    /// The share that it measured.
    pub(crate) measured: Percent,
    /// From this on it is held or told.
    pub(crate) limit: Percent,
    /// Products, or points of a percent in hundredths where that is a share that fell.
    pub(crate) products: u64,
    /// Of so many.
    pub(crate) of: u64,
    /// A few of them.
    pub(crate) examples: Vec<DriftExample>,
}

/// One thing that is not what it was. Foreign text, cut to a readable length, not yet escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftExample {
    /// An id, a column, a host or a category.
    pub what: String,
    /// Of the published build.
    pub before: String,
    /// Of this one; empty where nobody knows.
    pub now: String,
}
