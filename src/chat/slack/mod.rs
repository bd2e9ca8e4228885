//! Slack's Web API as the port wants it: one call is one request (`client`), its answer a value or an error in its class
//! (`answer`, `codes`), a message its arguments (`content`), and what may have been posted is looked for by its marker (`search`).
//!
//! It never retries and never waits: only its callers know the deadline.

mod answer;
mod client;
mod codes;
mod content;
mod search;

pub use client::SlackChat;
