//! What an export found out: where every product went, and what became of the build.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    BrokenRule, BuildId, CorrectionsTold, Delivery, DepartmentName, Diff, Fingerprint, GateWarning,
    HoldReason, Invalidation, Later, SkipReason, Status, TrendPoint, Why,
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
    /// Left out because the row would break a rule, by rule.
    pub broken: BTreeMap<BrokenRule, u64>,
    /// The same id again, after a row with it was kept.
    pub duplicates: u64,
}

impl Funnel {
    /// All products skipped on purpose.
    pub(crate) fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// All products that would have broken a rule.
    pub(crate) fn broken_total(&self) -> u64 {
        self.broken.values().sum()
    }

    /// Whether every product is in exactly one count.
    pub(crate) fn adds_up(&self) -> bool {
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

/// Something worth a line that holds nothing up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
pub enum Remark {
    /// A department has no products, and had none before.
    EmptyCategory {
        /// The category's id.
        category: String,
    },
    /// Products whose id is a number in the source, so that zeros before it may be lost.
    NumberIds {
        /// How many.
        products: u64,
        /// The first one's id.
        id: String,
    },
    /// The shop's list names departments that the published build's did not.
    NewDepartments {
        /// The first few.
        departments: Vec<DepartmentName>,
        /// How many more.
        more: u64,
    },
    /// The shop's list no longer names departments that it named when the published build was made.
    VanishedDepartments {
        /// The first few.
        departments: Vec<DepartmentName>,
        /// How many more.
        more: u64,
    },
    /// The catalogue is not in UTF-8, and was decoded.
    Decoded {
        /// From this encoding, as `EUC-KR` (which CP949 is a part of).
        encoding: String,
    },
    /// Elements of the listing that hold no product.
    NoProducts {
        /// How many.
        elements: u64,
        /// What they are, in the source's words: the first few kinds, at most 40 characters each.
        kinds: Vec<String>,
    },
    /// Products with a members' price whose regular price the source does not tell: only in reports of versions that put
    /// such products into the feed.
    FamilyPriceOnly {
        /// How many rows carry the members' price.
        products: u64,
    },
    /// What a merchant's own corrections came to, where there is something to look at.
    Corrections(CorrectionsTold),
    /// Of a later version.
    #[serde(untagged)]
    Later(Later),
}

/// A build made before that somebody asked to publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Republished {
    /// Why it is published although it was held; `None` where it needs no force.
    pub forced: Option<Forced>,
}

impl Republished {
    /// Whether the build had been held: otherwise somebody went back to one that had been public.
    pub fn was_held(&self) -> bool {
        self.forced.as_ref().is_some_and(|forced| !forced.holds.is_empty())
    }
}

/// A held build that is published all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forced {
    /// In the words of whoever forced it: at most 200 characters of foreign text.
    pub reason: String,
    /// What it had been held for; empty where it never was.
    pub holds: Vec<HoldReason>,
}

/// The source is described in another way than when the published build was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapChange {
    /// What the description was known by then.
    pub before: String,
    /// And now.
    pub now: String,
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
    /// That build.
    #[serde(default)]
    pub build_before: Option<BuildId>,
    /// What the gate thinks worth a look.
    #[serde(default)]
    pub warnings: Vec<GateWarning>,
    /// Where the build is one that was made before.
    #[serde(default)]
    pub republished: Option<Republished>,
    /// What it changes against that build; nothing where none was published, or where it was not compared.
    #[serde(default)]
    pub diff: Option<Diff>,
    /// The build's file.
    #[serde(flatten)]
    pub file: Fingerprint,
    /// The public URL.
    pub feed_url: String,
    /// What it gave right after the publication; nothing where nothing was published.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// Where the build lies; nowhere in a dry run.
    pub build_location: Option<String>,
    /// Where the excluded products lie; nowhere in a dry run.
    pub excluded_location: Option<String>,
    /// What the description of the source that it was made by is known by, where that was noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// Where that is another one than the published build's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map_changed: Option<MapChange>,
    /// Lines that hold nothing up.
    pub remarks: Vec<Remark>,
    /// What became of the products that a dry run was asked to explain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explained: Vec<Why>,
    /// Exports of the same hour day by day, this one last, where they are worth a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trend: Vec<TrendPoint>,
    /// How long making the build took, or checking a stored one.
    pub duration_ms: u64,
}

impl ExportReport {
    /// The verdict.
    pub fn status(&self) -> Status {
        match &self.publication {
            Publication::Held { .. } => Status::Held,
            Publication::Published { invalidation: Invalidation::Failed { .. } } => Status::Warn,
            Publication::Published { .. } | Publication::DryRun if !self.warnings.is_empty() => Status::Warn,
            Publication::Published { invalidation } if !self.is_delivered(invalidation) => Status::Warn,
            _ => Status::Ok,
        }
    }

    /// Whether readers got the new build, as far as that can be expected: while the cache is being cleared, the build
    /// before is what they may still get.
    pub(super) fn is_delivered(&self, invalidation: &Invalidation) -> bool {
        match &self.delivery {
            None | Some(Delivery::New) => true,
            Some(Delivery::Before { .. }) => matches!(invalidation, Invalidation::StillSpreading { .. }),
            Some(Delivery::Other { .. } | Delivery::Unread { .. }) => false,
        }
    }
}
