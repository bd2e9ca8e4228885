//! What the source of a build was like: what it says that it has, what it gave, and its departments.

use serde::{Deserialize, Serialize};

use super::{LaterName, MissingField};

/// What the source was like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// How many elements it says it has, where it says so; of several departments the sum.
    pub says: Option<u64>,
    /// How many products it gave.
    pub gave: u64,
    /// Products in another currency than the feed's, if any.
    pub(crate) foreign: Option<ForeignPrices>,
    /// What not one product has, where nothing was kept for the want of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<MissingField>,
    /// From where on its products have another shape, where they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<ShapeChange>,
    /// Elements that it says it has and that did not arrive, though they were asked for twice. What one department gives
    /// beyond its count makes up for no other's.
    #[serde(default)]
    pub short: u64,
    /// Its departments, in the order in which they were read; none where it has none.
    #[serde(default)]
    pub departments: Vec<Department>,
    /// How the list of departments was had; nothing where there are none.
    #[serde(default)]
    pub list: Option<DepartmentsBy>,
    /// Why the shop's own list could not be read, where it could not: a technical reason.
    #[serde(default)]
    pub list_error: Option<String>,
    /// Departments whose count could not be had though the settings say where it stands; 1 for a source without
    /// departments.
    #[serde(default)]
    pub uncounted: u64,
}

/// A department of the shop as one export found it. Its elements are those of the listing that hold a product; the
/// variants inside them do not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// Its id, at most 100 characters.
    pub id: String,
    /// Its name, at most 60 characters, where the source tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many elements the source says it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<u64>,
    /// How many it gave.
    pub gave: u64,
    /// How many did not arrive.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub short: u64,
    /// Whether the shop's list, or the settings, named it: one that the published build knew is asked for all the same.
    pub listed: bool,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A department, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentName {
    pub(crate) id: String,
    /// Its name, where the source tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

impl Department {
    /// What people call it.
    pub(crate) fn named(&self) -> DepartmentName {
        DepartmentName { id: self.id.clone(), name: self.name.clone() }
    }
}

/// How the list of departments was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepartmentsBy {
    /// It is the shop's own, read just now.
    Shop,
    /// `CATALOG_CATEGORIES` names them.
    Settings,
    /// The shop's could not be read: it is the last one that was.
    Last,
    /// Nor was one ever read: it is the preset's own.
    Preset,
    /// Of a later version.
    #[serde(untagged)]
    Later(LaterName),
}

/// Products in a row that lack what a row needs and what the others have, and what they have instead. Foreign texts are
/// cut to a readable length and not yet escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeChange {
    /// What they lack, by the map's name: `price`.
    pub field: String,
    /// How many.
    pub products: u64,
    /// Of how many products of the listing.
    pub of: u64,
    /// The first one's number in the catalogue, from 1.
    pub first: u64,
    /// Its id; empty where it has none.
    pub id: String,
    /// Where it was looked for, and places of other values that the others have and it has not: `/price/now`, a few.
    pub gone: Vec<String>,
    /// And that it has and the others have not.
    pub new: Vec<String>,
}

/// Products in another currency than the feed's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignPrices {
    /// The feed's currency.
    pub(crate) expected: String,
    /// How many products.
    pub(crate) products: u64,
    /// The first other currency met.
    pub(crate) found: String,
}
