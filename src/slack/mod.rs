//! The conversation: what is said (`wording`, `message`, `board`), within which limits (`blocks`), and when it is
//! sent again (`deliver`).
//!
//! It never decides what happened or whether to post at all: it is handed finished reports.

mod blocks;
mod board;
pub mod deliver;
mod diff;
mod export;
mod failure;
mod guide;
mod message;
pub mod reconcile;
#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests;
mod verify;
pub mod wording;

pub use guide::{GuideContext, GuideTime};
pub use message::{NAMED_FROM_ATTEMPT, Note, Renderer};
