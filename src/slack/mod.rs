//! What is said in the thread (`wording`, `message`, `board`), within which limits (`blocks`).
//!
//! It is handed finished reports and makes messages of them; it has no network and no clock, and it never decides what
//! happened, whether to post, or whom a message calls: that is for `thread`.

mod blocks;
mod board;
mod chart;
mod commands;
mod diff;
mod export;
mod failure;
mod funnel;
mod guide;
mod links;
mod message;
pub(crate) mod samples;
mod table;
#[cfg(test)]
mod tests;
mod trend;
mod verdict;
mod verify;
pub mod wording;

pub(crate) use commands::CalledAt;
pub(crate) use guide::{GuideContext, GuideTime};
pub(crate) use links::{Consoles, Logs};
#[cfg(test)]
pub(crate) use message::Kind;
pub(crate) use message::{Note, Renderer};
