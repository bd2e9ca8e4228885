//! What can be wrong with a catalogue's text.
//!
//! It never knows where the text came from; `fetch::error` adds that, and whether words of it may be told.

use crate::web::{Discretion, Foreign};

/// Why a document cannot be split into products. Offsets count bytes of the un-gzipped text from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SplitError {
    Html,
    Encoding { found: &'static str },
    Empty,
    NotJson { offset: u64, expected: &'static str, found: String },
    Missing { offset: u64, pointer: String, token: String, place: Foreign },
    NoArray { offset: u64, place: String, found: Foreign },
    NotLines { offset: u64 },
    Deeper { keys: Foreign, items: Foreign },
    Truncated { offset: u64 },
    Trailing { offset: u64, found: String },
    NoHeader { found: &'static str },
    OpenQuote { row: u64, offset: u64 },
    TooDeep { offset: u64 },
    Endless { offset: u64 },
}

impl SplitError {
    /// In a sentence, with as many words of the text as may be told. It is long because it is a table.
    pub fn told(&self, discretion: &Discretion) -> String {
        match self {
            Self::Html => {
                "expected JSON, found an HTML or XML page; check CATALOG_URL, and whether the source asks \
                           for a login or blocks us"
                    .to_owned()
            }
            Self::Encoding { found } => {
                format!("expected JSON in UTF-8, found {found}; ask the source for UTF-8")
            }
            Self::Empty => "expected JSON, found an empty body".to_owned(),
            Self::NotJson { offset, expected, found } => format!(
                "expected {expected} at byte {offset}, found {found}: this is not JSON; check CATALOG_URL and \
                 CATALOG_ITEMS"
            ),
            Self::Missing { offset, pointer, token, place } => format!(
                "expected the array of products at {pointer}, but there is no {token:?} ({}, up to byte {offset}); \
                 check CATALOG_ITEMS",
                discretion.tell(place)
            ),
            Self::NoArray { offset, place, found } => format!(
                "expected the array of products {place}, found {} there (byte {offset}); check CATALOG_ITEMS",
                discretion.tell(found)
            ),
            Self::NotLines { offset } => format!(
                "expected one product a line, found an array (byte {offset}); unset CATALOG_ITEMS, or point it at \
                 the array"
            ),
            Self::Deeper { keys, items } => format!(
                "the products stand one level deeper: an element of the array is an object of its own ({}); set \
                 CATALOG_ITEMS={}",
                discretion.tell(keys),
                discretion.tell(items)
            ),
            Self::NoHeader { found } => format!(
                "expected a first row that names at least two columns, found {found}; check CATALOG_URL and \
                 CATALOG_ITEMS"
            ),
            Self::OpenQuote { row, offset } => format!(
                "a value of row {row} does not end (up to byte {offset}): a quote is open there, and all rows behind it \
                 would be lost; mend the table, or say that it has no quotes, by quotes=none behind csv or tsv in \
                 CATALOG_ITEMS"
            ),
            Self::Truncated { offset } => format!("it ends in the middle, after {offset} bytes"),
            Self::Trailing { offset, found } => format!(
                "expected the end at byte {offset}, found {found}; if it holds one product a line, set \
                 CATALOG_ITEMS=ndjson"
            ),
            Self::TooDeep { offset } => format!(
                "more than 64 brackets stand inside each other at byte {offset}, outside the products; check \
                 CATALOG_URL and CATALOG_ITEMS"
            ),
            Self::Endless { offset } => format!(
                "a product does not end within 64 MiB (up to byte {offset}); check CATALOG_ITEMS, and whether \
                 CATALOG_URL gives one product a line"
            ),
        }
    }
}

/// A byte as people read it.
pub(crate) fn show(byte: u8) -> String {
    match byte {
        0x21..=0x7e => char::from(byte).to_string(),
        _ => format!("the byte 0x{byte:02x}"),
    }
}
