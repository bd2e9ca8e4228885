//! The stores' promises, kept against folders and in-process services by the real clients.
#![allow(clippy::unwrap_used)] // a test may; clippy does not take its helpers for one

mod support;

#[path = "stores/feed.rs"]
mod feed;
#[path = "stores/invalidation.rs"]
mod invalidation;
#[path = "stores/state.rs"]
mod state;
#[path = "stores/upload.rs"]
mod upload;
