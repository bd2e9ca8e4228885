//! The service from outside: HTTP in, what arrived in each service out. Real clients, in-process services.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod catalogue;
mod charts;
mod chat;
mod corrections;
mod crowd;
mod day;
mod departments;
mod described;
mod doctor;
mod drift;
mod explain;
mod former;
mod gate;
mod house;
mod owner;
mod progress;
mod recorded;
mod republish;
mod requests;
mod runs;
mod secrets;
mod shape;
mod slots;
