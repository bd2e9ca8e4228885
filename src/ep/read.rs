//! TSV bytes in, rows out: any file, whoever wrote it, in bounded memory.
//!
//! It only finds where rows end. What is wrong with a row is for the checks to say.

/// The most that is kept of one row. The guide's longest row holds some 30 kB.
pub const MOST_ROW_BYTES: usize = 1024 * 1024;

/// One row as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRow<'a> {
    /// Counts from 1, the header, as a text editor does.
    pub number: u64,
    /// The bytes without the line end; the first [`MOST_ROW_BYTES`] where it is longer.
    pub bytes: &'a [u8],
    /// The row's real length without the line end.
    pub length: u64,
    /// Whether the line end was `\r\n`.
    pub carriage_return: bool,
    /// Whether a line end follows; false only for a last row that is cut.
    pub ended: bool,
}

impl RawRow<'_> {
    /// Whether bytes of the row were dropped.
    pub fn is_cut(&self) -> bool {
        self.length > MOST_ROW_BYTES as u64
    }
}

/// Takes a file's bytes in any pieces and finds its rows.
#[derive(Debug, Default)]
pub struct RowReader {
    partial: Vec<u8>,
    /// The partial row's real length, which may exceed what is kept of it.
    partial_length: u64,
    /// The last byte of the partial row, which may have been dropped.
    last_byte: u8,
    rows: u64,
}

impl RowReader {
    /// Hands every row that ends in `chunk` to `row`.
    pub fn push(&mut self, chunk: &[u8], mut row: impl FnMut(RawRow<'_>)) {
        let mut rest = chunk;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            if self.partial_length == 0 && line.len() <= MOST_ROW_BYTES {
                self.rows += 1;
                row(raw_row(self.rows, line, line.len() as u64, line.last() == Some(&b'\r'), true));
            } else {
                self.keep(line);
                self.flush(true, &mut row);
            }
            rest = after;
        }
        self.keep(rest);
    }

    /// Hands over the last row where no line end follows it.
    pub fn finish(mut self, mut row: impl FnMut(RawRow<'_>)) {
        if self.partial_length > 0 {
            self.flush(false, &mut row);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = MOST_ROW_BYTES.saturating_sub(self.partial.len());
        self.partial.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.partial_length += bytes.len() as u64;
        if let Some(&last) = bytes.last() {
            self.last_byte = last;
        }
    }

    fn flush(&mut self, ended: bool, row: &mut impl FnMut(RawRow<'_>)) {
        self.rows += 1;
        row(raw_row(self.rows, &self.partial, self.partial_length, self.last_byte == b'\r', ended));
        self.partial.clear();
        self.partial_length = 0;
        self.last_byte = 0;
    }
}

fn raw_row(number: u64, bytes: &[u8], length: u64, carriage_return: bool, ended: bool) -> RawRow<'_> {
    let whole = bytes.len() as u64 == length;
    let carriage_return = carriage_return && ended;
    let bytes = if carriage_return && whole { &bytes[..bytes.len() - 1] } else { bytes };
    RawRow { number, bytes, length: length - u64::from(carriage_return), carriage_return, ended }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(chunks: &[&[u8]]) -> Vec<(u64, Vec<u8>, u64, bool, bool)> {
        let mut found = Vec::new();
        let mut reader = RowReader::default();
        let mut keep =
            |r: RawRow<'_>| found.push((r.number, r.bytes.to_vec(), r.length, r.carriage_return, r.ended));
        for chunk in chunks {
            reader.push(chunk, &mut keep);
        }
        reader.finish(&mut keep);
        found
    }

    #[test]
    fn rows_are_found_with_every_line_end() {
        let found = rows(&[b"id\ttitle\n1\tA\r\n\n2\tB"]);
        let expected: Vec<(u64, Vec<u8>, u64, bool, bool)> = vec![
            (1, b"id\ttitle".to_vec(), 8, false, true),
            (2, b"1\tA".to_vec(), 3, true, true),
            (3, b"".to_vec(), 0, false, true),
            (4, b"2\tB".to_vec(), 3, false, false),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_row_of_ten_megabytes_is_cut_and_the_next_one_is_whole() {
        let long = vec![b'x'; 10 * 1024 * 1024];
        let found = rows(&[&long[..5_000_000], &long[5_000_000..], b"\r\nnext\n"]);
        assert_eq!(found[0].1.len(), MOST_ROW_BYTES);
        assert_eq!((found[0].2, found[0].3), (long.len() as u64, true));
        assert_eq!(found[1].1, b"next");
    }

    /// The same with the whole file in memory.
    fn naive(file: &[u8]) -> Vec<(u64, Vec<u8>, u64, bool, bool)> {
        let mut lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
        let last = lines.pop().filter(|last| !last.is_empty());
        let ended = lines.into_iter().map(|line| (line, true)).chain(last.map(|line| (line, false)));
        let row = |(i, (line, ended)): (usize, (&[u8], bool))| {
            let plain = line.strip_suffix(b"\r").filter(|_| ended);
            let bytes = plain.unwrap_or(line).to_vec();
            let length = bytes.len() as u64;
            (i as u64 + 1, bytes, length, plain.is_some(), ended)
        };
        ended.enumerate().map(row).collect()
    }

    proptest! {
        #[test]
        fn it_finds_what_a_naive_reader_finds_however_the_file_is_cut_into_pieces(
            pieces in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(prop::sample::select(b"ab\t\r\n".to_vec()), 0..12),
                    prop::collection::vec(any::<u8>(), 0..12),
                ],
                0..12,
            ),
        ) {
            let file = pieces.concat();
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(rows(&pieces), naive(&file));
        }
    }
}
