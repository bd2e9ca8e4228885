//! What an export found out: where every product went, and what became of the build.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    feed_store::{BuildId, Invalidation},
    filter::SkipReason,
};

/// Where every product of the catalogue went. Each counts exactly once:
/// `fetched = kept + skipped + broken + duplicates`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Products read, whole variants included.
    pub fetched: u64,
    /// Rows in the feed.
    pub kept: u64,
    /// Left out on purpose, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Left out because the row would break a rule, by rule (`price_pc: not_whole`).
    pub broken: BTreeMap<String, u64>,
    /// The same id again, after a row with it was kept.
    pub duplicates: u64,
}

impl Funnel {
    /// All products skipped on purpose.
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// All products that would have broken a rule.
    pub fn broken_total(&self) -> u64 {
        self.broken.values().sum()
    }

    /// Whether every product is in exactly one count.
    pub fn adds_up(&self) -> bool {
        self.fetched == self.kept + self.skipped_total() + self.broken_total() + self.duplicates
    }
}

/// What became of a build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Publication {
    /// It is the public file now.
    Published {
        /// How the cache in front of it took it.
        invalidation: Invalidation,
    },
    /// It was kept back; the public file is as it was.
    Held {
        /// Why.
        reasons: Vec<HoldReason>,
    },
    /// A newer run's build is out; this one was not published.
    Superseded {
        /// The build that is out.
        by: BuildId,
    },
    /// A dry run: nothing was stored or published.
    DryRun,
}

/// Why a build is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum HoldReason {
    /// Not a single row.
    NoRows,
    /// Products are priced in another currency than the feed's.
    ForeignCurrency {
        /// The feed's currency.
        expected: String,
        /// How many products have another one.
        products: u64,
        /// The first other currency met.
        found: String,
    },
    /// The source gave fewer products than it says it has.
    SourceIncomplete {
        /// What the source says.
        expected: u64,
        /// What it gave.
        found: u64,
    },
}

/// Something worth a line that holds nothing up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
pub enum Remark {
    /// A category of `CATALOG_CATEGORIES` has no products.
    EmptyCategory {
        /// The category's id.
        category: String,
    },
    /// Products with a members' price whose regular price the source does not tell.
    FamilyPriceOnly {
        /// How many rows carry the members' price.
        products: u64,
    },
}

/// An export that came to a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportReport {
    /// The build's id.
    pub build: BuildId,
    /// What became of it.
    pub publication: Publication,
    /// Where every product went.
    pub funnel: Funnel,
    /// Rows of the build that was published before, if any.
    pub rows_before: Option<u64>,
    /// Size of the file.
    pub bytes: u64,
    /// Lower-case hex SHA-256 of the file.
    pub sha256: String,
    /// The public URL.
    pub feed_url: String,
    /// Where the build lies; nowhere in a dry run.
    pub build_location: Option<String>,
    /// Where the excluded products lie; nowhere in a dry run.
    pub excluded_location: Option<String>,
    /// Lines that hold nothing up.
    pub remarks: Vec<Remark>,
    /// How long the run's work took.
    pub duration_ms: u64,
}
