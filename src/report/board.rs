//! The day at a glance, from which the parent is drawn.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Status;
use crate::route::Route;

/// The day at a glance, from which the parent is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The day.
    pub day: Date,
    /// The slots of the schedule without `create-thread`, in order of time.
    pub slots: Vec<Slot>,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Local time of day, `00:05`.
    pub time: String,
    /// The route.
    pub route: Route,
    /// How it went; `None` while it has not.
    pub outcome: Option<SlotOutcome>,
}

/// How a slot went, short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotOutcome {
    /// The verdict.
    pub status: Status,
    /// Rows of the feed, for an export that has some.
    pub rows: Option<u64>,
}
