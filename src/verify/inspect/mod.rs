//! The checks of the content: any file, whoever wrote it, in bounded memory and one pass.
//!
//! Pure: bytes go in, findings come out. It never reads a record, never decides whether a build is ours, and never
//! opens an address that it finds.

mod content;
mod header;
mod ids;
mod prices;
mod sample;

#[cfg(test)]
mod tests;

pub use sample::SampledRow;

use sha2::{Digest, Sha256};

use self::content::Content;
use super::findings::Findings;
use crate::{
    ep::{read::RowReader, save::hex},
    report::{CheckId, Example, ProblemKind},
};

/// What the content of a file is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What is wrong with it.
    pub findings: Findings,
    /// Lower-case hex SHA-256 of what was read.
    pub sha256: String,
    /// Bytes read.
    pub bytes: u64,
    /// Rows without the header.
    pub rows: u64,
    /// Columns of the header.
    pub columns: usize,
    /// The median of `price_pc` in won, at most 0.4 % off.
    pub median_price: Option<u64>,
    /// Some rows, for a look at their pages and images.
    pub sample: Vec<SampledRow>,
    /// Whether there is a table at all: not for nothing, HTML, UTF-16 or gzip.
    pub is_table: bool,
}

/// Takes the file's bytes in any pieces.
#[derive(Default)]
pub struct Inspector {
    reader: RowReader,
    content: Content,
    hash: Sha256,
    bytes: u64,
}

impl Inspector {
    /// Keeps a sample of so many rows.
    pub fn sampling(most: usize) -> Self {
        Self { content: Content::sampling(most), ..Self::default() }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        self.hash.update(chunk);
        self.bytes += chunk.len() as u64;
        let content = &mut self.content;
        self.reader.push(chunk, |row| content.row(row));
    }

    /// Bytes taken so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the file; `whole` is false where it broke off, so that its last row is not judged.
    pub fn finish(mut self, whole: bool) -> Inspection {
        let content = &mut self.content;
        self.reader.finish(|row| {
            if whole {
                content.row(row);
            }
        });
        if self.bytes == 0 && whole {
            content.findings.add(CheckId::Header, ProblemKind::Empty, Example::default);
        }
        let Content { findings, header, rows, prices, sample, .. } = self.content.finish();
        Inspection {
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
            rows,
            is_table: header.is_some(),
            columns: header.as_ref().map_or(0, |header| header.columns.len()),
            median_price: prices.median(),
            sample: sample.rows(),
            findings,
        }
    }
}
