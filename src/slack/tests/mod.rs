//! Tests of whole messages.

mod promises;
mod sentences;
mod snapshots;
mod worst;
