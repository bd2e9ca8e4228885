//! Why products are left out of the feed on purpose.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use super::LaterName;

/// Why a product is left out on purpose.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SkipReason {
    /// `onlineSellable` is false.
    NotSellable,
    /// `onlineSellable` is something that is neither yes nor no, or says no in another way.
    SellableUnclear,
    /// Its price is for members or stores only, and the source does not tell everybody's.
    RestrictedPrice,
    /// No price at all.
    NoPrice,
    /// A price of zero, or below `FILTER_MIN_PRICE`.
    PriceTooLow,
    /// Neither a main image nor another one.
    NoImage,
    /// A category of `FILTER_EXCLUDE_CATEGORIES`.
    ExcludedCategory,
    /// A word of `FILTER_EXCLUDE_WORDS` in its name or type.
    ExcludedWord,
    /// `lastChance`, and `FILTER_LAST_CHANCE` is `drop`.
    LastChance,
    /// A line of `CORRECTIONS_URL` excludes it.
    Corrected,
    /// Beyond `EP_MAX_ROWS`.
    OverCap,
    /// Of a later version.
    #[serde(untagged)]
    #[strum(disabled)]
    Later(LaterName),
}

impl SkipReason {
    /// The name, as in counts and files.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Later(later) => later.as_str(),
            known => known.into(),
        }
    }
}
