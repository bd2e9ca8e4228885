//! The first row: is it the header of a table at all, and which columns does it name?

use std::collections::HashSet;

use super::super::findings::{Findings, shown};
use crate::{
    ep::{
        columns::{self, Column},
        read::RawRow,
    },
    report::{CheckId, Example, ProblemKind},
};

/// The most columns of anything that could be an EP file: the guides know 66.
const MOST_COLUMNS: usize = 1000;

/// The columns of a file.
pub struct Header {
    /// In the file's order.
    pub columns: Vec<HeaderColumn>,
    /// Where `id` stands.
    pub id: Option<usize>,
    /// Where `price_pc` stands.
    pub price: Option<usize>,
    /// Where `link` stands.
    pub link: Option<usize>,
    /// Where `image_link` stands.
    pub image: Option<usize>,
    /// The row was empty: what follows may be something else altogether.
    pub is_blank: bool,
}

/// One column as named by the file.
pub struct HeaderColumn {
    /// The name as found.
    pub name: String,
    /// The guide's column of that name.
    pub known: Option<&'static Column>,
}

impl Header {
    /// Reads the first row; `None` where there is no table, so that nothing more is to be said of its rows.
    pub fn read(row: &RawRow<'_>, findings: &mut Findings) -> Option<Self> {
        let here = |value: Option<String>| Example { row: Some(1), value, ..Example::default() };
        if let Some(kind) = not_text(row.bytes) {
            findings.add(CheckId::Encoding, kind, Example::default);
            return None;
        }
        let mut bytes = row.bytes;
        if let Some(rest) = bytes.strip_prefix("\u{feff}".as_bytes()) {
            findings.add(CheckId::Encoding, ProblemKind::Bom, Example::default);
            bytes = rest;
        }
        if is_html(bytes) {
            findings.add(CheckId::Reachable, ProblemKind::Html, || here(Some(shown(&lossy(bytes)))));
            return None;
        }
        let mut is_cut = row.is_cut();
        if let Some(end) = memchr::memchr(b'\r', bytes) {
            findings.add(CheckId::Shape, ProblemKind::LoneCarriageReturn, || here(None));
            bytes = &bytes[..end];
            is_cut = false;
        }
        if std::str::from_utf8(bytes).is_err() && !is_cut {
            findings.add(CheckId::Encoding, ProblemKind::NotUtf8, || here(Some(shown(&lossy(bytes)))));
        }
        if row.carriage_return {
            findings.add(CheckId::Shape, ProblemKind::CarriageReturn, || here(None));
        }
        // Counted before they are looked at: a row of a megabyte could name half a million columns.
        let count = memchr::memchr_iter(b'\t', bytes).count() + 1;
        if count > MOST_COLUMNS {
            let value = format!("{count} / {MOST_COLUMNS}");
            findings.add(CheckId::Header, ProblemKind::FieldCount, || here(Some(value)));
            return None;
        }
        if is_cut {
            let value = format!("{} MB", row.length / 1_000_000);
            findings.add(CheckId::Header, ProblemKind::RowTooLong, || here(Some(value)));
            return None;
        }
        Some(Self::named(&lossy(bytes), findings))
    }

    fn named(text: &str, findings: &mut Findings) -> Self {
        let columns: Vec<_> = text
            .split('\t')
            .map(|name| HeaderColumn { name: name.to_owned(), known: columns::known(name) })
            .collect();
        judge_names(&columns, findings);
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        Self {
            id: place("id"),
            price: place("price_pc"),
            link: place("link"),
            image: place("image_link"),
            is_blank: text.trim().is_empty(),
            columns,
        }
    }
}

/// Bytes that begin as no text in UTF-8 does. UTF-16 without a byte order mark shows by a NUL among the first two.
fn not_text(bytes: &[u8]) -> Option<ProblemKind> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => Some(ProblemKind::Utf16),
        [0x1f, 0x8b, ..] => Some(ProblemKind::Gzip),
        _ => None,
    }
}

/// Whether a text begins as an HTML or XML page does.
pub fn is_html(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<")
}

/// The text with a mark for each byte that is none.
pub fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn judge_names(columns: &[HeaderColumn], findings: &mut Findings) {
    let named = |name: &str| Example { row: Some(1), column: Some(shown(name)), ..Example::default() };
    let mut seen = HashSet::new();
    for column in columns {
        if !seen.insert(column.name.as_str()) {
            findings.add(CheckId::Header, ProblemKind::RepeatedColumn, || named(&column.name));
        } else if column.known.is_none() {
            findings.add(CheckId::Header, ProblemKind::UnknownColumn, || named(&column.name));
        }
    }
    for required in columns::required() {
        if !seen.contains(required.name) {
            findings.add(CheckId::Header, ProblemKind::MissingColumn, || named(required.name));
        }
    }
}
