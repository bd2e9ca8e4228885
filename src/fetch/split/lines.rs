//! One product a line (NDJSON).
//!
//! It never checks a line but the last, where a missing end would otherwise go unnoticed.

use memchr::memchr;

use super::{Lead, SplitError, not_json};
use crate::{
    fetch::batch::{Batch, Batcher},
    json::Skim,
};

/// Splits at line ends; blank lines count for nothing.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    lead: Lead,
    began: bool,
    in_line: bool,
    offset: u64,
    pub batcher: Batcher,
}

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl Lines {
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let mut rest = chunk;
        while let Some(&byte) = rest.first() {
            if self.in_line {
                rest = self.line(rest, out)?;
                continue;
            }
            if !self.began && self.lead.over(byte, self.offset)? {
                match byte {
                    b'{' => self.began = true,
                    b'[' => return Err(SplitError::NotLines { offset: self.offset }),
                    _ => return Err(not_json(self.offset, "{ of the first product", byte)),
                }
            }
            if self.began && !blank(byte) {
                self.batcher.begin();
                self.in_line = true;
            } else {
                self.offset += 1;
                rest = &rest[1..];
            }
        }
        Ok(())
    }

    fn line<'c>(&mut self, rest: &'c [u8], out: &mut Vec<Batch>) -> Result<&'c [u8], SplitError> {
        let end = memchr(b'\n', rest);
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        self.batcher.append(piece);
        self.offset += piece.len() as u64;
        if self.batcher.is_endless() {
            return Err(SplitError::Endless { offset: self.offset });
        }
        if end.is_some() {
            self.end_line(out);
        }
        Ok(after)
    }

    fn end_line(&mut self, out: &mut Vec<Batch>) {
        let line = self.batcher.current();
        let blanks = line.iter().rev().take_while(|&&b| blank(b)).count();
        self.batcher.end(0..line.len() - blanks, out);
        self.in_line = false;
    }

    pub fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), SplitError> {
        if !self.began {
            return Err(SplitError::Empty);
        }
        if self.in_line {
            if !self.batcher.is_too_large() && cut_off(self.batcher.current()) {
                return Err(SplitError::Truncated { offset: self.offset });
            }
            self.end_line(out);
        }
        self.batcher.flush(out);
        Ok(())
    }
}

/// Whether a line without a line end stops inside a string or a bracket. One that is wrong in another way is
/// whole, and for the product parser to judge.
fn cut_off(line: &[u8]) -> bool {
    let mut skim = Skim::new();
    skim.start(line[0], usize::MAX) && skim.run(line) == Ok(None) && !skim.may_end()
}
