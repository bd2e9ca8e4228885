//! The checks of the content: any file, whoever wrote it, in bounded memory and one pass.
//!
//! Pure: bytes go in, findings come out. It never reads a record and never decides whether a build is ours.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use sha2::{Digest, Sha256};

use super::findings::{Findings, shown};
use crate::{
    ep::{
        columns::{self, Column},
        read::{RawRow, RowReader},
        rules::{self, Violation},
        save::hex,
    },
    report::{CheckId, Example, ProblemKind},
};

/// The most columns of anything that could be an EP file: the guides know 66.
const MOST_COLUMNS: usize = 1000;

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
    /// Whether there is a table at all: not for nothing, HTML or UTF-16.
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

#[derive(Default)]
struct Content {
    findings: Findings,
    header: Option<Header>,
    rows: u64,
    ids: HashSet<u64>,
    hasher: RandomState,
    /// It is no table at all (HTML, UTF-16): nothing more is to be said of its rows.
    hopeless: bool,
}

struct Header {
    columns: Vec<HeaderColumn>,
    /// Where the id stands.
    id: Option<usize>,
}

struct HeaderColumn {
    name: String,
    known: Option<&'static Column>,
}

impl Inspector {
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
        Inspection {
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
            rows: content.rows,
            is_table: content.header.is_some(),
            columns: content.header.as_ref().map_or(0, |header| header.columns.len()),
            findings: self.content.findings,
        }
    }
}

impl Content {
    fn row(&mut self, row: RawRow<'_>) {
        if self.hopeless {
            return;
        }
        if self.header.is_none() {
            return self.header(row);
        }
        self.rows += 1;
        let at = |value: Option<String>| Example { row: Some(row.number), value, ..Example::default() };
        if row.carriage_return {
            self.findings.add(CheckId::Shape, ProblemKind::CarriageReturn, || at(None));
        }
        if row.is_cut() {
            self.findings.add(CheckId::Shape, ProblemKind::RowTooLong, || {
                at(Some(format!("{} MB", row.length / 1_000_000)))
            });
            return;
        }
        match std::str::from_utf8(row.bytes) {
            Ok(text) => self.fields(row.number, text),
            Err(_) => {
                let text = String::from_utf8_lossy(row.bytes);
                self.findings.add(CheckId::Encoding, ProblemKind::NotUtf8, || at(Some(shown(&text))));
                self.fields(row.number, &text);
            }
        }
    }

    fn header(&mut self, row: RawRow<'_>) {
        let mut bytes = row.bytes;
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            self.hopeless = true;
            return self.findings.add(CheckId::Encoding, ProblemKind::Utf16, Example::default);
        }
        if let Some(rest) = bytes.strip_prefix("\u{feff}".as_bytes()) {
            self.findings.add(CheckId::Encoding, ProblemKind::Bom, Example::default);
            bytes = rest;
        }
        let text = String::from_utf8_lossy(bytes);
        if text.trim_start().starts_with('<') {
            self.hopeless = true;
            return self.findings.add(CheckId::Reachable, ProblemKind::Html, || Example {
                row: Some(1),
                value: Some(shown(&text)),
                ..Example::default()
            });
        }
        if std::str::from_utf8(bytes).is_err() {
            self.findings.add(CheckId::Encoding, ProblemKind::NotUtf8, || Example {
                row: Some(1),
                value: Some(shown(&text)),
                ..Example::default()
            });
        }
        if row.carriage_return {
            self.findings.add(CheckId::Shape, ProblemKind::CarriageReturn, || Example {
                row: Some(1),
                ..Example::default()
            });
        }
        let columns: Vec<_> = text
            .split('\t')
            .map(|name| HeaderColumn { name: name.to_owned(), known: columns::known(name) })
            .collect();
        if columns.len() > MOST_COLUMNS {
            self.hopeless = true;
            return self.findings.add(CheckId::Header, ProblemKind::FieldCount, || Example {
                row: Some(1),
                value: Some(format!("{} / {MOST_COLUMNS}", columns.len())),
                ..Example::default()
            });
        }
        self.names(&columns);
        let id = columns.iter().position(|column| column.name == "id");
        self.header = Some(Header { columns, id });
    }

    fn names(&mut self, columns: &[HeaderColumn]) {
        let named = |name: &str| Example { row: Some(1), column: Some(shown(name)), ..Example::default() };
        let mut seen = HashSet::new();
        for column in columns {
            if !seen.insert(column.name.as_str()) {
                self.findings.add(CheckId::Header, ProblemKind::RepeatedColumn, || named(&column.name));
            } else if column.known.is_none() {
                self.findings.add(CheckId::Header, ProblemKind::UnknownColumn, || named(&column.name));
            }
        }
        for required in columns::required() {
            if !seen.contains(required.name) {
                self.findings.add(CheckId::Header, ProblemKind::MissingColumn, || named(required.name));
            }
        }
    }

    fn fields(&mut self, number: u64, text: &str) {
        let header = self.header.as_ref().expect("rows are looked at once the header is known");
        let findings = &mut self.findings;
        let expected = header.columns.len();
        let found = memchr::memchr_iter(b'\t', text.as_bytes()).count() + 1;
        let id = header.id.and_then(|i| text.split('\t').nth(i));
        let named = || Example { row: Some(number), id: id.map(shown), ..Example::default() };
        if found != expected {
            // Its values stand under the wrong names, so nothing more is said of them.
            return findings.add(CheckId::Shape, ProblemKind::FieldCount, || Example {
                value: Some(format!("{found} / {expected}")),
                ..named()
            });
        }
        for (column, value) in header.columns.iter().zip(text.split('\t')) {
            let Some(known) = column.known else { continue };
            let place = |rule: Option<Violation>| Example {
                column: Some(column.name.clone()),
                value: Some(shown(value)),
                rule: rule.map(|rule| rule.name().to_owned()),
                ..named()
            };
            match rules::check(known, value) {
                Ok(()) => {}
                Err(Violation::Required) => findings.add_value(
                    CheckId::RequiredValues,
                    ProblemKind::EmptyRequired,
                    known.name,
                    None,
                    || Example { value: None, ..place(None) },
                ),
                Err(Violation::ControlCharacters) => {
                    findings.add_value(
                        CheckId::Shape,
                        ProblemKind::ControlCharacter,
                        known.name,
                        None,
                        || place(None),
                    );
                }
                Err(rule) => findings.add_value(
                    CheckId::Formats,
                    ProblemKind::BadValue,
                    known.name,
                    Some(rule.name()),
                    || place(Some(rule)),
                ),
            }
        }
        if let Some(id) = id.filter(|id| !id.is_empty())
            && !self.ids.insert(self.hasher.hash_one(id))
        {
            findings.add(CheckId::UniqueIds, ProblemKind::RepeatedId, named);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::CheckStatus;

    const HEADER: &str = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping";
    const ROW: &str = "1\t책장\t79900\thttps://shop.example/1\thttps://images.example/1.jpg\t수납\t3000";

    type Found = (CheckId, CheckStatus, ProblemKind, u64);

    fn found(file: &[u8]) -> Vec<Found> {
        let mut inspector = Inspector::default();
        inspector.push(file);
        let mut inspection = inspector.finish(true);
        CheckId::ALL
            .into_iter()
            .flat_map(|id| {
                let (status, problems) = inspection.findings.take(id);
                problems.into_iter().map(move |p| (id, status, p.kind, p.count))
            })
            .collect()
    }

    fn file(rows: &[&str]) -> Vec<u8> {
        let mut text = rows.join("\n");
        text.push('\n');
        text.into_bytes()
    }

    #[test]
    fn a_sound_file_has_nothing_to_tell() {
        assert_eq!(found(&file(&[HEADER, ROW, &ROW.replacen('1', "2", 1)])), []);
    }

    #[test]
    fn each_defect_is_told_by_its_check() {
        use CheckStatus::{Fail, Warn};
        use ProblemKind::*;
        let swapped = |from: &str, to: &str| file(&[HEADER, &ROW.replace(from, to)]);
        let mut latin = file(&[HEADER, ROW]);
        latin.extend(b"2\t\xe9\t1\thttps://a.example\thttps://a.example\tc\t0\n");
        let cases: Vec<(Vec<u8>, Vec<Found>)> = vec![
            (vec![], vec![(CheckId::Header, Fail, Empty, 1)]),
            (b"<!doctype html>\n<p>x".to_vec(), vec![(CheckId::Reachable, Fail, Html, 1)]),
            (b"\xff\xfei\0d\0".to_vec(), vec![(CheckId::Encoding, Fail, Utf16, 1)]),
            (latin, vec![(CheckId::Encoding, Fail, NotUtf8, 1)]),
            (file(&[&format!("\u{feff}{HEADER}"), ROW]), vec![(CheckId::Encoding, Warn, Bom, 1)]),
            (
                file(&[&format!("{HEADER}\tmy_own"), &format!("{ROW}\tx")]),
                vec![(CheckId::Header, Warn, UnknownColumn, 1)],
            ),
            (
                file(&[&HEADER.replace("title", "id"), ROW]),
                vec![
                    (CheckId::Header, Fail, MissingColumn, 1),
                    (CheckId::Header, Fail, RepeatedColumn, 1),
                    (CheckId::Formats, Fail, BadValue, 1),
                ],
            ),
            (file(&[HEADER, ROW, "2\tA"]), vec![(CheckId::Shape, Fail, FieldCount, 1)]),
            (file(&[HEADER, &format!("{ROW}\r")]), vec![(CheckId::Shape, Warn, CarriageReturn, 1)]),
            (swapped("책장", "책\u{0}장"), vec![(CheckId::Shape, Fail, ControlCharacter, 1)]),
            (swapped("책장", ""), vec![(CheckId::RequiredValues, Fail, EmptyRequired, 1)]),
            (file(&[HEADER, ROW, ROW, ROW]), vec![(CheckId::UniqueIds, Fail, RepeatedId, 2)]),
            (swapped("79900", "79,900"), vec![(CheckId::Formats, Fail, BadValue, 1)]),
            (file(&[HEADER, ROW])[..100].to_vec(), vec![(CheckId::Shape, Fail, FieldCount, 1)]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(found(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn ten_thousand_broken_rows_are_one_count_with_three_examples() {
        let rows: Vec<_> =
            (0..10_000).map(|i| ROW.replacen('1', &i.to_string(), 1).replace("79900", "0")).collect();
        let mut text = format!("{HEADER}\n{}", rows.join("\n"));
        text.push('\n');
        let mut inspector = Inspector::default();
        inspector.push(text.as_bytes());
        let (status, problems) = inspector.finish(true).findings.take(CheckId::Formats);
        assert_eq!((status, problems.len(), problems[0].count), (CheckStatus::Fail, 1, 10_000));
        let example = &problems[0].examples[2];
        assert_eq!(problems[0].examples.len(), 3);
        assert_eq!(
            (example.row, example.id.as_deref(), example.column.as_deref(), example.value.as_deref()),
            (Some(4), Some("2"), Some("price_pc"), Some("0"))
        );
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..300) {
            let mut file = HEADER.as_bytes().to_vec();
            file.push(b'\n');
            file.extend(&bytes);
            let at = at.min(file.len());
            let mut inspector = Inspector::default();
            inspector.push(&file[..at]);
            inspector.push(&file[at..]);
            let cut = inspector.finish(true);
            let mut inspector = Inspector::default();
            inspector.push(&file);
            prop_assert_eq!(cut, inspector.finish(true));
        }
    }
}
