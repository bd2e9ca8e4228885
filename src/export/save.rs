//! Rows out to TSV bytes: TAB between fields, `\n` after each row, no quoting.
//!
//! It holds one part of the file at most, sums up what it writes, and never judges a value.

use bytes::Bytes;

use crate::{
    buffers::{Buffer, Buffers},
    feed_store::MIN_PART,
    report::{Fingerprint, Fingerprinter},
};

/// A part is handed out once it is large enough, and what comes of a batch in one go goes beyond that.
const ROOM: usize = MIN_PART + 512 * 1024;

/// Room for parts, of all files of a build together: what one needs no more the other takes.
pub(crate) fn parts() -> Buffers {
    Buffers::of(ROOM)
}

/// Writes one file and hands it out in parts.
pub(crate) struct TsvWriter {
    /// Written but not handed out yet.
    pending: Buffer,
    parts: Buffers,
    sum: Fingerprinter,
    /// How many of the pending bytes are summed up.
    summed: usize,
}

impl TsvWriter {
    /// Starts a file with its header, whose parts stand in such `parts`.
    pub(crate) fn new<T: AsRef<str>>(header: impl IntoIterator<Item = T>, parts: Buffers) -> Self {
        let mut writer = Self { pending: parts.take(), parts, sum: Fingerprinter::default(), summed: 0 };
        writer.row(&header.into_iter().collect());
        writer
    }

    /// Adds one row, whose values hold no TAB and no line break.
    pub(crate) fn row(&mut self, record: &csv::StringRecord) {
        // One separator or line end follows each field.
        let length = record.as_slice().len() + record.len();
        let mut csv = csv::WriterBuilder::new()
            .delimiter(b'\t')
            .quote_style(csv::QuoteStyle::Never)
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(length)
            .from_writer(&mut *self.pending);
        csv.write_record(record).and_then(|()| Ok(csv.flush()?)).expect("writing to memory cannot fail");
    }

    /// Adds one row as it stands in the file, without its end.
    pub(crate) fn line(&mut self, line: &str) {
        self.pending.reserve(line.len() + 1);
        self.pending.extend_from_slice(line.as_bytes());
        self.pending.push(b'\n');
    }

    /// The bytes written since the last part, once there are at least `least` of them.
    pub(crate) fn part(&mut self, least: usize) -> Option<Bytes> {
        (self.pending.len() >= least).then(|| self.take())
    }

    /// Bytes that were not handed out yet.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Keeps no room of parts that were handed out, of all files that share it.
    pub(crate) fn keep_no_room(&self) {
        self.parts.keep_none();
    }

    /// Ends the file; gives its last part, and what the whole of it is.
    pub(crate) fn finish(mut self) -> (Bytes, Fingerprint) {
        (self.take(), self.sum.finish())
    }

    fn take(&mut self) -> Bytes {
        self.sum_up();
        self.summed = 0;
        Bytes::from_owner(std::mem::replace(&mut self.pending, self.parts.take()))
    }

    /// Sums up what was written since: done often, nobody waits long for it.
    pub(crate) fn sum_up(&mut self) {
        self.sum.push(&self.pending[self.summed..]);
        self.summed = self.pending.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_its_header_and_rows_and_nothing_is_quoted() {
        let mut writer = TsvWriter::new(["id", "title"], parts());
        writer.row(&["1", "\"책장\", 흰색"].into_iter().collect());
        assert_eq!(writer.part(1000), None);
        let first = writer.part(1).unwrap();
        writer.line("2\t");
        let (last, file) = writer.finish();
        let whole = [first, last].concat();
        assert_eq!(String::from_utf8(whole.clone()).unwrap(), "id\ttitle\n1\t\"책장\", 흰색\n2\t\n");
        assert_eq!(file, Fingerprint::of(&whole));
    }
}
