//! The day at a glance, from which the parent is drawn.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Status;
use crate::step::Step;

/// The day at a glance, from which the parent is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    pub day: Date,
    /// The slots of the schedule without `create-thread`, in order of time.
    pub slots: Vec<Slot>,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Local time of day, `00:05`.
    pub time: String,
    pub step: Step,
    /// How it went; `None` while it has not.
    pub outcome: Option<SlotOutcome>,
    /// What a later run by hand told of the public feed.
    pub by_hand: Option<SlotOutcome>,
}

impl Slot {
    /// How things stand since.
    pub fn stands(&self) -> Option<&SlotOutcome> {
        self.by_hand.as_ref().or(self.outcome.as_ref())
    }
}

/// How a slot went, short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotOutcome {
    /// The verdict.
    pub status: Status,
    /// Rows of the build, for an export that made one that could be published.
    pub rows: Option<u64>,
    /// Whether the run could not do its work, so that its status says nothing of the public feed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub could_not: bool,
    /// What an export changed against the published build, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RowChange>,
    /// What was wrong, by the names that records know it by, where people were told of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Since when the step was bad without a good run between, where it was before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl SlotOutcome {
    /// Of a run that came to this verdict, and nothing else is known of it.
    pub fn new(status: Status) -> Self {
        Self { status, rows: None, could_not: false, change: None, causes: Vec::new(), since: None }
    }
}

/// Rows that came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowChange {
    /// Rows that were not in the published build.
    pub added: u64,
    /// Rows of the published build that are gone.
    pub removed: u64,
}

impl RowChange {
    /// Whether nothing came and nothing went.
    pub fn is_none(self) -> bool {
        (self.added, self.removed) == (0, 0)
    }
}
