//! In-process services for the tests: stateful, on loopback, with faults to order.
//!
//! Where the third-party emulators are lenient, these are strict. None of them knows anything of auto-ep, but for
//! the listing's second face, which is one of its ports.
#![allow(dead_code, missing_docs, unused_imports, clippy::unwrap_used)]

pub mod cdn;
pub mod cloudfront;
pub mod gcs;
mod gcs_wire;
mod http;
pub mod listing;
pub mod metadata;
pub mod s3;
pub mod scheduler;
pub mod server;
pub mod slack;
mod slack_args;
mod slack_methods;
mod slack_moods;
pub mod slack_room;
mod slack_rules;
pub mod sts;

pub use cdn::CdnDouble;
pub use cloudfront::CloudFrontDouble;
pub use gcs::GcsDouble;
pub use listing::{Listing, ListingDouble, ListingWeb};
pub use metadata::MetadataDouble;
pub use s3::S3Double;
pub use scheduler::SchedulerDouble;
pub use server::Fault;
pub use slack::SlackDouble;
pub use sts::StsDouble;
