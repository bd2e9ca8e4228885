//! What an index says of an id.
//!
//! It holds none.

/// An id as the index knows it, which mostly is asked for before something is noted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::export) struct Hashed(pub(super) u64);

/// What became of an id so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::export) enum Seen {
    /// It did not come yet.
    Never,
    /// It did not come yet, but the published build has it.
    Expected,
    /// A row with it was kept.
    Kept,
    /// It was left out.
    Left {
        /// What [`RowIndex::leave`](super::RowIndex::leave) was given.
        reason: u32,
        /// Whether the published build has it.
        expected: bool,
    },
}
