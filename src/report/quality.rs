//! What a build's titles and images are like: what no rule forbids and no reader wants.

use serde::{Deserialize, Serialize};

use super::RowName;

/// A build's titles and images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Titles that were destroyed on their way here.
    #[serde(default)]
    pub destroyed: Flawed,
    /// Titles with a phone number.
    #[serde(default)]
    pub phone_numbers: Flawed,
    /// Titles with a promotion phrase.
    #[serde(default)]
    pub promotions: Flawed,
    /// Titles of several products.
    #[serde(default)]
    pub same_title: Shared,
    /// Images of several products.
    #[serde(default)]
    pub same_image: Shared,
}

/// Rows with a flaw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flawed {
    /// How many.
    pub products: u64,
    /// A few of them.
    pub examples: Vec<RowName>,
}

/// Values that stand on several products.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// How many such values.
    pub values: u64,
    /// How many products share their value with another.
    pub products: u64,
    /// Whether both are estimates, from a sample.
    pub sampled: bool,
    /// The largest groups, the largest first.
    pub groups: Vec<SharedGroup>,
}

/// A value and the products that it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedGroup {
    /// The value. Foreign text, cut to a readable length, not yet escaped.
    pub value: String,
    /// On how many products.
    pub products: u64,
    /// A few of the products' ids.
    pub ids: Vec<String>,
}
