//! auto-ep builds a shop's product feed (Naver's EP file), publishes it only when it is safe to, proves what
//! readers get, and tells the day in one Slack thread.
//!
//! Data flows one way, from the routes down to the ports: no two modules need each other, by whatever way.

// The house from the door down.
pub mod config;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod preview;
mod routes;
pub mod run;
mod serve;
pub mod startup;
pub mod telemetry;
pub mod try_out;

// The export.
mod corrections;
mod ep;
pub mod export;
pub mod fetch;
mod filter;
pub mod gate;
pub mod json;
mod map;
pub mod preset;
mod price;
mod product;
mod publish;
pub mod sample;
mod transform;

// The verification.
mod verify;

// The conversation.
pub mod ledger;
mod progress;
pub mod report;
mod schedule;
pub mod slack;
pub mod step;
pub mod thread;

// Bytes on their way.
mod buffers;
mod chunks;

// The ports.
mod cause;
pub mod chat;
pub mod clock;
pub mod feed_store;
mod metadata;
pub mod state;
pub mod web;
