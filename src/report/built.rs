//! A finished build by its figures: what the gate judges, what a report is made of, and what a run that is resumed goes
//! on with.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    BuildInfo, CorrectionsTold, Diff, Drift, Funnel, Profile, Quality, Remark, Republished, RowName, Source,
    Why,
};

/// A finished build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Built {
    /// What it is.
    pub info: BuildInfo,
    /// Where every product went.
    pub(crate) funnel: Funnel,
    /// Lines that hold nothing up.
    pub(crate) remarks: Vec<Remark>,
    /// The median of its rows' prices; `None` without rows.
    pub(crate) median_price: Option<u64>,
    /// What the source was like.
    pub(crate) source: Source,
    /// Where it was made before and somebody asked to publish it.
    pub(crate) republished: Option<Republished>,
    /// What it changes against the published build, once somebody compared them.
    pub(crate) diff: Option<Diff>,
    /// What its titles and images are like.
    #[serde(default)]
    pub(crate) quality: Quality,
    /// What it would take over at the public URL, where nothing of ours was ever published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) takeover: Option<Takeover>,
    /// What is public instead of what is recorded, where the state was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unrecorded: Option<Unrecorded>,
    /// What the description of the source that it was made by is known by; unknown of what older versions made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) map: Option<String>,
    /// What it is like as a whole; unknown of what older versions made, and of a build that somebody asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<Profile>,
    /// How it differs from the published build, once somebody compared them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) drift: Option<Drift>,
    /// What became of a merchant's own corrections, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) corrections: Option<CorrectionsTold>,
    /// What became of the products that somebody asked for, in a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) explained: Vec<Why>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// A build of ours that is public although nothing is recorded as published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unrecorded {
    /// What the public file says it is.
    pub public: BuildInfo,
    /// The median of its rows' prices, at most 0.4 % off; `None` without rows, or where it could not be read.
    pub median_price: Option<u64>,
    /// Why its prices could not be read, if so.
    pub unread: Option<String>,
}

/// A feed at the public URL that somebody else made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Takeover {
    /// Its ids were compared with the build's.
    Compared(TakeoverDiff),
    /// Something is there that may be a feed, and could not be read as one.
    Unreadable {
        /// How it begins. Foreign text, not yet escaped.
        begins: String,
    },
    /// Whether there is one could not be found out.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// Somebody else's feed against the build that would replace it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeoverDiff {
    /// Ids that both have.
    pub(crate) kept: u64,
    /// Rows of the feed that is there.
    pub(crate) of: u64,
    /// Rows of the build.
    pub(crate) rows: u64,
    /// A few rows that would be gone.
    pub(crate) gone: Vec<RowName>,
    /// A few rows that would be new.
    pub(crate) new: Vec<RowName>,
}
