//! What can be wrong with a catalogue's text.
//!
//! It never knows where the text came from; `fetch::error` adds that.

/// Why a document cannot be split into products. Offsets count bytes of the un-gzipped text from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SplitError {
    #[error(
        "expected JSON, found an HTML or XML page; check CATALOG_URL, and whether the source asks for a \
         login or blocks us"
    )]
    Html,
    #[error("expected JSON in UTF-8, found {found}; ask the source for UTF-8")]
    Encoding { found: &'static str },
    #[error("expected JSON, found an empty body")]
    Empty,
    #[error(
        "expected {expected} at byte {offset}, found {found}: this is not JSON; check CATALOG_URL \
         and CATALOG_ITEMS"
    )]
    NotJson { offset: u64, expected: &'static str, found: String },
    #[error(
        "expected the array of products at {pointer}, but there is no {token:?} ({place}, up to byte {offset}); check CATALOG_ITEMS"
    )]
    Missing { offset: u64, pointer: String, token: String, place: String },
    #[error(
        "expected the array of products {place}, found {found} there (byte {offset}); check CATALOG_ITEMS"
    )]
    NoArray { offset: u64, place: String, found: String },
    #[error(
        "expected one product a line, found an array (byte {offset}); unset CATALOG_ITEMS, or \
         point it at the array"
    )]
    NotLines { offset: u64 },
    #[error(
        "the products stand one level deeper: an element of the array is an object of its own ({keys}); set \
         CATALOG_ITEMS={items}"
    )]
    Deeper { keys: String, items: String },
    #[error("it ends in the middle, after {offset} bytes")]
    Truncated { offset: u64 },
    #[error(
        "expected the end at byte {offset}, found {found}; if it holds one product a line, \
         set CATALOG_ITEMS=ndjson"
    )]
    Trailing { offset: u64, found: String },
    #[error(
        "more than 64 brackets stand inside each other at byte {offset}, outside the \
         products; check CATALOG_URL and CATALOG_ITEMS"
    )]
    TooDeep { offset: u64 },
    #[error(
        "a product does not end within 64 MiB (up to byte {offset}); check CATALOG_ITEMS, and whether CATALOG_URL gives \
         one product a line"
    )]
    Endless { offset: u64 },
}

/// A byte as people read it.
pub(crate) fn show(byte: u8) -> String {
    match byte {
        0x21..=0x7e => char::from(byte).to_string(),
        _ => format!("the byte 0x{byte:02x}"),
    }
}
