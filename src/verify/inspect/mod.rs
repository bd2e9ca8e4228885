//! The checks of the content: any file, whoever wrote it, in bounded memory and one pass.
//!
//! Pure: bytes go in, findings come out. It never reads a record, never decides whether a build is ours, and never
//! opens an address that it finds.

mod content;
mod fields;
mod format;
mod header;
mod hosts;
mod ids;
mod prices;
mod quality;
mod sample;
mod values;

#[cfg(test)]
mod tests;

pub use prices::Prices;
pub use sample::SampledRow;

use self::content::Content;
use super::findings::Findings;
use crate::{
    ep::read::RowReader,
    report::{Example, ProblemKind},
    web::Reach,
};

/// What the content of a file is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What is wrong with it.
    pub findings: Findings,
    /// Rows without the header.
    pub rows: u64,
    /// Columns of the header.
    pub columns: usize,
    /// The median of `price_pc` in won, at most 0.4 % off.
    pub median_price: Option<u64>,
    /// Some rows, for a look at their pages and images.
    pub sample: Vec<SampledRow>,
    /// Whether there is a table at all: not for nothing, HTML, UTF-16, gzip or CSV.
    pub is_table: bool,
    /// Whether it lists what changed and not what there is: a summary EP.
    pub is_summary: bool,
}

/// Takes the file's bytes in any pieces.
#[derive(Default)]
pub struct Inspector {
    reader: RowReader,
    content: Content,
    is_begun: bool,
}

impl Inspector {
    /// Keeps a sample of so many rows; links may lead as far as `reach`.
    pub fn new(sample: usize, reach: Reach) -> Self {
        Self { content: Content::new(sample, reach), ..Self::default() }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        self.is_begun |= !chunk.is_empty();
        let content = &mut self.content;
        self.reader.push(chunk, |row| content.row(row));
    }

    /// Ends the file; `whole` is false where it broke off, so that its last row is not judged.
    pub fn finish(mut self, whole: bool) -> Inspection {
        let content = &mut self.content;
        self.reader.finish(|row| {
            if whole {
                content.row(row);
            }
        });
        if !self.is_begun && whole {
            content.findings.add(ProblemKind::Empty, Example::default);
        }
        let Content { findings, header, rows, judge, sample, .. } = self.content.finish(whole);
        Inspection {
            rows,
            is_table: header.is_some(),
            columns: header.as_ref().map_or(0, |header| header.columns.len()),
            is_summary: judge.is_summary(rows),
            median_price: judge.prices.median(),
            sample: sample.rows(),
            findings,
        }
    }
}
