//! Whether a promise of the state store held, as data.
//!
//! It holds no sentence.

use crate::state::StateError;

/// What became of a write and of one that must be refused.
#[derive(Debug)]
pub(in crate::doctor) enum Kept {
    /// The first was taken, the second refused.
    Promise,
    /// Both were taken.
    NoPromise,
    /// What was taken is not there.
    OtherBytes,
    /// One of them failed.
    Failed(StateError),
}
