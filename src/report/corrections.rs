//! What became of the corrections that a merchant keeps in a table of their own.

use serde::{Deserialize, Serialize};

use super::LaterName;

/// Lines that are told by their numbers.
pub const LINES_TOLD: usize = 10;

/// The corrections of an export. Lines are counted as a spreadsheet does: the header is 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionsTold {
    /// Lines that are in force.
    pub(crate) lines: u64,
    /// Lines whose day is over.
    #[serde(default, skip_serializing_if = "Lines::is_none")]
    pub(crate) expired: Lines,
    /// Lines whose id no product has.
    #[serde(default, skip_serializing_if = "Lines::is_none")]
    pub(crate) unmatched: Lines,
    /// Lines that are passed over, by what is wrong with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<(LineFault, Lines)>,
    /// The table, which had lines in force, has none any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) emptied: bool,
    /// Where the table could not be read: why, and the moment that the copy is of which stood in for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unread: Option<Unread>,
}

/// Lines: how many, and the first ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lines {
    /// How many.
    pub count: u64,
    /// The first few numbers.
    pub first: Vec<u64>,
}

/// A table that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// A technical reason, without a word of the address.
    pub reason: String,
    /// When the copy that stood in for it was read; `None` where there is none that is young enough.
    pub copy_of: Option<jiff::Timestamp>,
    /// How old that was then, in minutes.
    #[serde(default)]
    pub copy_age: u64,
}

/// What is wrong with a line.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
pub enum LineFault {
    /// No id.
    NoId,
    /// Neither `set` nor `exclude` nor `include`.
    UnknownAction,
    /// A column that the feed has not.
    UnknownColumn,
    /// An id is never changed: to Naver it would be another product.
    SetsId,
    /// The value breaks its column's rule.
    BreaksRule,
    /// `until` is no day, or begins with one.
    NoDay,
    /// A price below the regular one of a product whose price is not everybody's.
    BelowRegular,
    /// A list price that is not above the price.
    NotAbovePrice,
    /// Another line of the same product takes its effect: a later one for the same column, or one that excludes it.
    Overruled,
    /// Of a later version.
    #[serde(untagged)]
    #[strum(disabled)]
    Later(LaterName),
}

/// A line of the corrections that is about a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTaken {
    /// Its number, as a spreadsheet counts.
    pub line: u64,
    /// Its action and column.
    pub says: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What became of it.
    #[serde(flatten)]
    pub became: LineBecame,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "became", rename_all = "snake_case")]
pub enum LineBecame {
    /// It holds.
    Holds,
    /// It changes nothing: the product has no row.
    Unused,
    /// Its last day is over.
    Expired,
    /// It is passed over.
    Refused {
        /// What is wrong with it.
        fault: LineFault,
    },
}

impl Lines {
    /// Notes one.
    pub fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first.len() < LINES_TOLD {
            self.first.push(line);
        }
    }

    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        self.count == 0
    }
}

impl CorrectionsTold {
    /// Notes a line that is passed over.
    pub(crate) fn refuse(&mut self, fault: LineFault, line: u64) {
        match self.refused.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, lines)) => lines.add(line),
            None => self.refused.push((fault, Lines { count: 1, first: vec![line] })),
        }
    }

    /// Whether there is anything that people should look at.
    pub(crate) fn needs_a_look(&self) -> bool {
        let are_all_sound = self.expired.is_none() && self.unmatched.is_none() && self.refused.is_empty();
        !are_all_sound || self.emptied || self.unread.is_some()
    }
}
