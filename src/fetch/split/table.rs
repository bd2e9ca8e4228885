//! A table: the first row names the columns, each further one is a product, handed on as a JSON object of texts.
//!
//! It never judges a value. A row with more or fewer values than the first says that it is damaged, so that it is counted
//! as one that cannot be read, and told.

use std::mem;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::{SplitError, encoding::Text, quotes::Quotes};
use crate::{
    fetch::batch::{Batch, Batcher},
    preset::TableForm,
    product::DAMAGED,
};

/// What may stand between values where that is to be found; of several that stand equally often the first.
const DELIMITERS: [u8; 4] = [b'\t', b',', b';', b'|'];
/// The longest first row.
const LONGEST_HEADER: usize = 1024 * 1024;
/// A value is taken in pieces of this size.
const PIECE: usize = 4 * 1024;

/// Splits at row ends, with quotes as in RFC 4180.
#[derive(Debug)]
pub(crate) struct Table {
    form: TableForm,
    text: Text,
    /// The text before it is known what parts it.
    waiting: Vec<u8>,
    /// What parts it, once that is known.
    part: u8,
    reader: Option<Reader>,
    quotes: Quotes,
    /// The columns' names, each as the beginning of a member: `"price":"`.
    columns: Vec<Vec<u8>>,
    is_header: bool,
    /// Of the value at hand.
    column: usize,
    in_value: bool,
    /// The row at hand, the one with the names included.
    row: u64,
    offset: u64,
    pub batcher: Batcher,
}

impl Table {
    pub fn new(form: TableForm) -> Self {
        Self {
            form,
            text: form.encoding.map_or_else(Text::unknown, Text::of),
            waiting: Vec::new(),
            part: b',',
            reader: None,
            quotes: Quotes::default(),
            columns: Vec::new(),
            is_header: true,
            column: 0,
            in_value: false,
            row: 1,
            offset: 0,
            batcher: Batcher::default(),
        }
    }

    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        self.offset += chunk.len() as u64;
        let text = self.text.decode(chunk, false);
        self.take(&text, out)
    }

    pub fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let rest = self.text.decode(&[], true);
        self.take(&rest, out)?;
        // The last row may have no end.
        self.take(b"\n", out)?;
        if self.is_header {
            return Err(SplitError::NoHeader { found: "nothing" });
        }
        if self.reader.as_mut().is_some_and(is_quoted) {
            return Err(SplitError::OpenQuote { row: self.row, offset: self.offset });
        }
        self.batcher.flush(out);
        Ok(())
    }

    /// What the text is decoded from, where it is not UTF-8.
    pub fn encoding(&self) -> Option<&'static str> {
        self.text.encoding()
    }

    /// Bytes that are held for products whose batch is still open, or until the first row is known.
    pub fn held(&self) -> usize {
        self.batcher.held() + self.waiting.capacity() + self.text.held()
    }

    /// Takes decoded text.
    fn take(&mut self, text: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        if self.reader.is_some() {
            return self.read(text, out);
        }
        self.waiting.extend_from_slice(text);
        let lead = self.waiting.iter().take_while(|byte| matches!(byte, b' ' | b'\r' | b'\n')).count();
        if self.waiting.iter().take(4).any(|byte| *byte == 0) {
            let found = "UTF-16 without a mark, which csv encoding=utf-16le or utf-16be would say";
            return Err(SplitError::NoHeader { found });
        }
        if self.waiting.get(lead) == Some(&b'<') {
            return Err(SplitError::NoHeader { found: "an HTML or XML page" });
        }
        let Some(end) = self.waiting[lead..].iter().position(|byte| *byte == b'\n') else {
            let is_endless = self.waiting.len() > LONGEST_HEADER;
            let found = "a first row of more than 1 MiB";
            return if is_endless { Err(SplitError::NoHeader { found }) } else { Ok(()) };
        };
        let delimiter = self.form.delimiter.unwrap_or_else(|| found(&self.waiting[lead..lead + end]));
        self.part = delimiter;
        self.reader = Some(ReaderBuilder::new().delimiter(delimiter).quoting(self.form.quoted).build());
        let waiting = mem::take(&mut self.waiting);
        self.read(&waiting[lead..], out)
    }

    /// Reads decoded text, up to a value whose quotes are an accident.
    fn read(&mut self, text: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let accident = if self.form.quoted { self.quotes.accident(text, self.part) } else { None };
        self.values(&text[..accident.unwrap_or(text.len())], out)?;
        match accident {
            Some(_) => Err(SplitError::OpenQuote { row: self.row, offset: self.offset }),
            None => Ok(()),
        }
    }

    fn values(&mut self, mut text: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let mut piece = [0; PIECE];
        while !text.is_empty() {
            let reader = self.reader.as_mut().expect("the first row was seen");
            let (result, taken, given) = reader.read_field(text, &mut piece);
            text = &text[taken..];
            match result {
                ReadFieldResult::End => break,
                ReadFieldResult::InputEmpty if given == 0 => {}
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => self.piece(&piece[..given])?,
                ReadFieldResult::Field { record_end } => {
                    self.piece(&piece[..given])?;
                    self.end_value();
                    if record_end {
                        self.end_row(out)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A piece of a value.
    fn piece(&mut self, piece: &[u8]) -> Result<(), SplitError> {
        if self.is_header {
            if !self.in_value {
                self.columns.push(Vec::new());
            }
            self.in_value = true;
            let column = self.columns.last_mut().expect("it was pushed");
            column.extend_from_slice(piece);
            return Ok(());
        }
        if !self.in_value {
            self.in_value = true;
            if self.column == 0 {
                self.batcher.begin();
                self.batcher.append(b"{");
            } else if self.column < self.columns.len() {
                self.batcher.append(b",");
            }
            if let Some(column) = self.columns.get(self.column) {
                self.batcher.append(column);
            }
        }
        if self.column < self.columns.len() {
            escape(piece, &mut self.batcher);
        }
        if self.batcher.is_too_large() {
            // No row of a table is so large: with it all that follows would be lost.
            return Err(SplitError::OpenQuote { row: self.row, offset: self.offset });
        }
        Ok(())
    }

    fn end_value(&mut self) {
        if !self.is_header && self.column < self.columns.len() {
            self.batcher.append(b"\"");
        }
        self.in_value = false;
        self.column += 1;
    }

    fn end_row(&mut self, out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let values = mem::take(&mut self.column);
        self.row += 1;
        if mem::take(&mut self.is_header) {
            if values < 2 {
                return Err(SplitError::NoHeader { found: "one value" });
            }
            self.columns.iter_mut().for_each(|name| *name = member(name));
            return Ok(());
        }
        if values != self.columns.len() {
            let damaged = serde_json::Value::from(DAMAGED);
            self.batcher.append(format!(",{damaged}:true").as_bytes());
        }
        self.batcher.append(b"}");
        let length = self.batcher.current().len();
        self.batcher.end(0..length, out);
        Ok(())
    }
}

/// Whether a reader stands within quotes: then the end of a row does not end its value. It is of no use afterwards.
fn is_quoted(reader: &mut Reader) -> bool {
    let (result, ..) = reader.read_field(b"x\n", &mut [0; 8]);
    !matches!(result, ReadFieldResult::Field { record_end: true })
}

/// What stands most often between the names of the first row.
fn found(header: &[u8]) -> u8 {
    let count = |delimiter: &u8| header.iter().filter(|byte| *byte == delimiter).count();
    let most = DELIMITERS.iter().map(count).max().unwrap_or_default();
    DELIMITERS.into_iter().find(|delimiter| count(delimiter) == most).unwrap_or(b',')
}

/// The beginning of a member with this name.
fn member(name: &[u8]) -> Vec<u8> {
    let name = serde_json::Value::from(String::from_utf8_lossy(name.trim_ascii()));
    format!("{name}:\"").into_bytes()
}

/// Appends a piece of a JSON text.
fn escape(mut piece: &[u8], batcher: &mut Batcher) {
    while let Some(at) = piece.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        batcher.append(&piece[..at]);
        batcher.append(format!("\\u{:04x}", piece[at]).as_bytes());
        piece = &piece[at + 1..];
    }
    batcher.append(piece);
}

#[cfg(test)]
mod tests;
