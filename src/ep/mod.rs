//! The EP format: its columns and rules, and the ways in and out of a file.

pub mod broken;
pub mod chars;
pub mod columns;
pub mod line;
pub mod plain;
pub mod quality;
pub mod read;
pub mod row;
pub mod rules;
pub mod sketch;
pub mod tabs;
pub mod text;
