//! Cuts a catalogue into products while it streams by: a push parser that never holds a whole document.
//!
//! It never reads anything by itself, and never judges a product beyond where it begins and ends.

mod document;
mod elements;
mod encoding;
mod error;
mod lines;
mod quotes;
mod state;
mod table;
mod way;

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

pub(super) use error::{SplitError, show};
pub(crate) use quotes::Quotes;

use super::{
    batch::{Batch, Batcher},
    element::Others,
};
use crate::{json::JsonPointer, preset::Items};
use document::Document;
use lines::Lines;
use table::Table;
use way::Aside;

/// Brackets inside each other outside the products: no listing comes near, and it bounds our memory.
const DEEPEST: usize = 64;

/// Splits one document, as the settings say that it looks.
#[derive(Debug)]
pub(super) enum Splitter {
    Document(Box<Document>),
    Lines(Box<Lines>),
    Table(Box<Table>),
}

impl Splitter {
    /// Of a text in which the values at these pointers are wanted beside the products.
    pub fn new(items: &Items, aside: [Option<&JsonPointer>; 2]) -> Self {
        match items {
            Items::Array(pointer, element) => {
                Self::Document(Box::new(Document::new(pointer, element, aside)))
            }
            Items::Ndjson => Self::Lines(Box::default()),
            Items::Table(form) => Self::Table(Box::new(Table::new(*form))),
        }
    }

    /// Takes the next bytes; batches that became full go to `out`. After an error it must not be used again.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        match self {
            Self::Document(document) => document.push(chunk, out),
            Self::Lines(lines) => lines.push(chunk, out),
            Self::Table(table) => table.push(chunk, out),
        }
    }

    /// What gathers its products.
    pub fn batcher(&mut self) -> &mut Batcher {
        match self {
            Self::Document(document) => &mut document.elements.batcher,
            Self::Lines(lines) => &mut lines.batcher,
            Self::Table(table) => &mut table.batcher,
        }
    }

    /// Bytes that are held for products whose batch is still open.
    pub fn held(&self) -> usize {
        match self {
            Self::Document(document) => document.elements.batcher.held(),
            Self::Lines(lines) => lines.batcher.held(),
            Self::Table(table) => table.held(),
        }
    }

    /// What the text is decoded from, where it is not UTF-8.
    pub fn encoding(&self) -> Option<&'static str> {
        match self {
            Self::Document(_) | Self::Lines(_) => None,
            Self::Table(table) => table.encoding(),
        }
    }

    /// Elements so far that hold no product.
    pub fn others(&self) -> Others {
        match self {
            Self::Document(document) => document.elements.others.clone(),
            Self::Lines(_) | Self::Table(_) => Others::default(),
        }
    }

    /// Says that the text is over; the last batch goes to `out`. Gives the values beside the products that were wanted and
    /// found. After [`SplitError::Truncated`] more may be pushed, should the text go on after all.
    pub fn finish(&mut self, out: &mut Vec<Batch>) -> Result<Aside, SplitError> {
        match self {
            Self::Document(document) => document.finish(out),
            Self::Lines(lines) => lines.finish(out).map(|()| Aside::default()),
            Self::Table(table) => table.finish(out).map(|()| Aside::default()),
        }
    }
}

/// What stands before the first value: white space, perhaps a byte order mark.
#[derive(Debug, Default)]
struct Lead {
    mark: usize,
}

/// The UTF-8 byte order mark, skipped.
const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl Lead {
    /// Whether the value begins with this byte; an error where none can.
    fn over(&mut self, byte: u8, offset: u64) -> Result<bool, SplitError> {
        if (self.mark > 0 || offset == 0) && self.mark < MARK.len() {
            if byte == MARK[self.mark] {
                self.mark += 1;
                return Ok(false);
            }
            if self.mark > 0 {
                return Err(not_json(offset, "the rest of a byte order mark", byte));
            }
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => Ok(false),
            b'<' => Err(SplitError::Html),
            0xfe | 0xff => Err(SplitError::Encoding { found: "a UTF-16 byte order mark" }),
            0 => Err(SplitError::Encoding { found: "UTF-16 or UTF-32" }),
            _ => Ok(true),
        }
    }
}

/// An unexpected byte. A NUL among the first bytes is what UTF-16 without a byte order mark looks like.
fn not_json(offset: u64, expected: &'static str, byte: u8) -> SplitError {
    if byte == 0 && offset < 4 {
        return SplitError::Encoding { found: "UTF-16 or UTF-32" };
    }
    SplitError::NotJson { offset, expected, found: error::show(byte) }
}
