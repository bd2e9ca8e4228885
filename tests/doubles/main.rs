//! The doubles keep the rules of what they stand for; those of the stores are held to theirs by the real SDKs in
//! `stores`.

#![allow(clippy::unwrap_used)] // a test may; clippy does not take its helpers for one

#[path = "../support/mod.rs"]
mod support;

mod listing;
mod misbehaviour;
mod slack;
