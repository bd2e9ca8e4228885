//! The stores' promises, kept against folders and in-process services by the real clients. What `every_adapter` of a port
//! promises is also tried against servers that nobody here wrote, where `AUTO_EP_TEST_GCS` and `AUTO_EP_TEST_AWS` name
//! them: with the buckets `state` and `feed` and the distribution `AUTO_EP_TEST_DISTRIBUTION` (`.ci/third-party`).
#![allow(clippy::unwrap_used)] // a test may; clippy does not take its helpers for one

mod support;

#[path = "stores/feed.rs"]
mod feed;
#[path = "stores/invalidation.rs"]
mod invalidation;
#[path = "stores/role.rs"]
mod role;
#[path = "stores/state.rs"]
mod state;
#[path = "stores/upload.rs"]
mod upload;

/// A folder of our own in a bucket that others write to, too.
fn own_prefix() -> String {
    format!("adapters/{}", rand::random::<u64>())
}
