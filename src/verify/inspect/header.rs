//! The first row: is it the header of a table at all, and which columns does it name?

use std::collections::HashSet;

use super::{
    super::findings::{Findings, shown},
    format,
};
use crate::{
    ep::{columns::Column, read::RawRow},
    report::{CheckId, Example, ProblemKind},
};

/// The most columns of anything that could be an EP file: the guides know 67.
const MOST_COLUMNS: usize = 1000;

/// The columns of a file.
pub struct Header {
    /// In the file's order.
    pub columns: Vec<HeaderColumn>,
    /// Where `id` stands.
    pub id: Option<usize>,
    /// Where `title` stands.
    pub title: Option<usize>,
    /// Where `price_pc` stands.
    pub price: Option<usize>,
    /// Where `normal_price` stands.
    pub list_price: Option<usize>,
    /// Where `link` stands.
    pub link: Option<usize>,
    /// Where `image_link` stands.
    pub image: Option<usize>,
    /// Where `class` stands.
    pub class: Option<usize>,
    /// The row was empty: what follows may be something else altogether.
    pub is_blank: bool,
}

/// One column as named by the file.
pub struct HeaderColumn {
    /// The name as found.
    pub name: String,
    /// The guide's column of that name.
    pub known: Option<Column>,
    /// Whether a value that is sound in the column before is so in this one.
    pub is_like_before: bool,
}

impl Header {
    /// Reads the first row; `None` where there is no table, so that nothing more is to be said of its rows.
    pub fn read(row: &RawRow<'_>, findings: &mut Findings) -> Option<Self> {
        let here = |value: Option<String>| Example { value, ..Example::row(1) };
        if let Some(kind) = format::no_table(row.bytes) {
            findings.add(kind, Example::default);
            return None;
        }
        let mut bytes = row.bytes;
        if let Some(rest) = bytes.strip_prefix("\u{feff}".as_bytes()) {
            findings.add(ProblemKind::Bom, Example::default);
            bytes = rest;
        }
        if let Some(kind) = format::markup(bytes) {
            findings.add(kind, || here(Some(shown(&format::text(bytes).0))));
            return None;
        }
        let mut is_cut = row.is_cut();
        if let Some(end) = memchr::memchr(b'\r', bytes) {
            findings.add(ProblemKind::LoneCarriageReturn, || here(None));
            bytes = &bytes[..end];
            is_cut = false;
        }
        let (text, wrong) = format::text(bytes);
        if let Some(kind) = wrong.filter(|_| !is_cut) {
            findings.add(kind, || here(Some(shown(&text))));
        }
        if row.carriage_return {
            findings.add(ProblemKind::CarriageReturn, || here(None));
        }
        // Counted before they are looked at: a row of a megabyte could name half a million columns.
        let count = memchr::memchr_iter(b'\t', bytes).count() + 1;
        if count > MOST_COLUMNS {
            let value = format!("{count} / {MOST_COLUMNS}");
            findings.add_to(CheckId::Header, ProblemKind::FieldCount, || here(Some(value)));
            return None;
        }
        if is_cut {
            let value = format!("{} MB", row.length / 1_000_000);
            findings.add_to(CheckId::Header, ProblemKind::RowTooLong, || here(Some(value)));
            return None;
        }
        if format::has_other_separator(&text) {
            findings.add(ProblemKind::OtherSeparator, || here(Some(shown(&text))));
            return None;
        }
        Some(Self::named(&text, findings))
    }

    fn named(text: &str, findings: &mut Findings) -> Self {
        let here = || Example::row(1);
        let mut names: Vec<&str> = text.split('\t').collect();
        if names.len() > 1 && names.last() == Some(&"") {
            findings.add(ProblemKind::TrailingTab, here);
            names.pop();
        }
        if names.iter().all(|name| format::unquoted(name).is_some()) {
            let value = Some(shown(text));
            findings.add(ProblemKind::Quoted, || Example { value, ..here() });
            names = names.into_iter().filter_map(format::unquoted).collect();
        }
        let mut before = None;
        let column = |name: &str| {
            let known: Option<Column> = name.parse().ok();
            let is_like_before =
                known.zip(before).is_some_and(|(one, other): (Column, _)| one.takes_what(other));
            before = known;
            HeaderColumn { name: name.to_owned(), known, is_like_before }
        };
        let columns: Vec<_> = names.into_iter().map(column).collect();
        judge_names(&columns, findings);
        let place = |name: &str| columns.iter().position(|column| column.name == name);
        Self {
            id: place("id"),
            title: place("title"),
            price: place("price_pc"),
            list_price: place("normal_price"),
            link: place("link"),
            image: place("image_link"),
            class: place("class"),
            is_blank: text.trim().is_empty(),
            columns,
        }
    }
}

fn judge_names(columns: &[HeaderColumn], findings: &mut Findings) {
    let named = |name: &str| Example { column: Some(shown(name)), ..Example::row(1) };
    let mut seen = HashSet::new();
    for column in columns {
        if !seen.insert(column.name.as_str()) {
            findings.add(ProblemKind::RepeatedColumn, || named(&column.name));
        } else if column.known.is_none() {
            findings.add(ProblemKind::UnknownColumn, || named(&column.name));
        }
    }
    for required in Column::required() {
        if !seen.contains(required.name()) {
            findings.add(ProblemKind::MissingColumn, || named(required.name()));
        }
    }
}
