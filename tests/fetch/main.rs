//! The catalogue over real HTTP: what a source may do to us, and what becomes of it.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod departments;
mod documents;
mod elements;
mod explain;
mod joined;
mod known;
mod linked;
mod pace;
mod pages;
mod shop;
mod source;
mod try_out;
mod unruly;
mod unruly_shop;
