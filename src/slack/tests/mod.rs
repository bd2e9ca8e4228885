//! Tests of whole messages.

mod day;
mod promises;
mod sentences;
