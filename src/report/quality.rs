//! What a build's titles and images are like: what no rule forbids and no reader wants.

use serde::{Deserialize, Serialize};

use super::RowName;
pub use crate::ep::quality::repeats::{Shared, SharedGroup};

/// A build's titles and images.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Titles that were destroyed on their way here.
    #[serde(default)]
    pub(crate) destroyed: Flawed,
    /// Titles with a phone number.
    #[serde(default)]
    pub(crate) phone_numbers: Flawed,
    /// Titles with a promotion phrase.
    #[serde(default)]
    pub(crate) promotions: Flawed,
    /// Titles of several products.
    #[serde(default)]
    pub(crate) same_title: Shared,
    /// Images of several products.
    #[serde(default)]
    pub(crate) same_image: Shared,
}

/// Rows with a flaw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flawed {
    /// How many.
    pub(crate) products: u64,
    /// A few of them.
    pub(crate) examples: Vec<RowName>,
}
