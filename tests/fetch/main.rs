//! The catalogue over real HTTP: what a source may do to us, and what becomes of it.

#![allow(clippy::unwrap_used)]

mod documents;
mod pages;
mod source;
