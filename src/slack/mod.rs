//! The conversation: what is said (`wording`, `message`, `board`), within which limits (`blocks`, `escape`), and how
//! it gets there (`client`, `terminal`, `deliver`).
//!
//! It never decides what happened or whether to post at all: it is handed finished reports.

mod answer;
mod blocks;
mod board;
mod client;
mod codes;
pub mod deliver;
mod diff;
mod escape;
mod export;
mod failure;
mod guide;
mod message;
mod mrkdwn;
pub mod reconcile;
#[cfg(test)]
mod samples;

mod search;
mod terminal;
#[cfg(test)]
mod tests;
mod verify;
pub mod wording;

pub use client::SlackChat;
pub use guide::{GuideContext, GuideTime};
pub use message::{NAMED_FROM_ATTEMPT, Note, Renderer};
pub use terminal::TerminalChat;
