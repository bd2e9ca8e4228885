//! Fields of a map that have parts of their own.

use serde::Deserialize;

use super::Place;

/// Where the levels of a category path stand.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Categories {
    /// Their names, outermost first.
    pub names: Vec<Place>,
    /// Their keys, in the same elements.
    pub keys: Option<Place>,
    /// Keys of levels that are no category.
    pub skip: Vec<String>,
    /// What parts the levels where one text names them all: `>`.
    pub split: Option<String>,
}

/// Ends of an image's name that are replaced by another: `_s1` by `_s5`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSize {
    /// They.
    pub small: Vec<String>,
    /// What replaces it.
    pub large: String,
}
