//! The fault matrix: every call of every route to everything outside, failed in every way, and what the retries that
//! follow make of it. On virtual time, at the ports: no socket is opened and nobody waits.

#![allow(clippy::unwrap_used)]

mod alarm;
mod cases;
mod driver;
mod instance;
mod invariants;
mod matrix;
mod mutations;
mod ports;
mod resume;
mod scenarios;
#[path = "../support/mod.rs"]
mod support;
mod told;
mod week;
mod world;
