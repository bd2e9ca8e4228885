//! What a new build changes against the published one, as counts and a few examples.

use serde::{Deserialize, Serialize};

use super::{BuildId, LaterName};

/// A new build against the one that was public when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Diff {
    /// They were compared row by row.
    Compared(Changes),
    /// They could not be; the build is as good as any.
    Unknown {
        /// The build that was public.
        against: BuildId,
        /// Why.
        reason: DiffUnknown,
    },
}

/// Why nothing is known of what a build changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffUnknown {
    /// The published build's file is not kept any more.
    Gone,
    /// The store did not give it.
    Unreadable,
    /// It is not what was published: cut, replaced, or without ids.
    OtherFile,
    /// It took too long to read.
    TooSlow,
    /// Of a later version.
    #[serde(untagged)]
    Later(LaterName),
}

/// Each row of both builds is in exactly one count: the new build's rows are `added`, or in one of the four counts
/// of rows that both have; the published build's rows are `removed`, or in one of these four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The build that was public.
    pub against: BuildId,
    /// Rows with an id that was not there.
    pub added: u64,
    /// Rows with an id that is not there any more.
    pub removed: u64,
    /// Rows whose price rose, whatever else changed in them.
    pub price_up: u64,
    /// Rows whose price fell, whatever else changed in them.
    pub price_down: u64,
    /// Rows with another change: all others, where the published build has other columns.
    pub changed: u64,
    /// Rows that are the same.
    pub unchanged: u64,
    /// The largest price moves by their share of the old price, largest first.
    pub moves: Vec<PriceMove>,
    /// A few of the added rows.
    pub added_examples: Vec<RowName>,
    /// A few of the removed rows.
    pub removed_examples: Vec<RowName>,
    /// A few of the rows with another change, as they are now, or as they were where the build is not stored.
    pub changed_examples: Vec<RowName>,
}

/// One row as people know it. Foreign text, cut to a readable length, not yet escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowName {
    /// The row's id.
    pub id: String,
    pub title: String,
}

/// A row with another price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceMove {
    /// The row, as it is now, or as it was where the build is not stored.
    #[serde(flatten)]
    pub row: RowName,
    /// Its old price.
    pub old: u64,
    /// Its new price; 4,294,967,295 stands for that and more, here and in `old`.
    pub new: u64,
}

impl Changes {
    /// Against a build of `rows` rows that is the same.
    pub fn none(against: BuildId, rows: u64) -> Self {
        Self {
            against,
            added: 0,
            removed: 0,
            price_up: 0,
            price_down: 0,
            changed: 0,
            unchanged: rows,
            moves: Vec::new(),
            added_examples: Vec::new(),
            removed_examples: Vec::new(),
            changed_examples: Vec::new(),
        }
    }

    /// Whether both builds hold the same rows.
    pub fn is_none(&self) -> bool {
        [self.added, self.removed, self.price_up, self.price_down, self.changed] == [0; 5]
    }

    /// Rows that both builds have.
    pub fn in_both(&self) -> u64 {
        self.price_up + self.price_down + self.changed + self.unchanged
    }
}

impl PriceMove {
    /// The move as a share of the old price: 0.5 for half of it, up or down. A price of 0 counts as 1.
    pub fn share(&self) -> f64 {
        self.new.abs_diff(self.old) as f64 / self.old.max(1) as f64
    }
}
