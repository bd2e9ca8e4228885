//! The fields of a row, as many as the header has names.

use super::{format, header::Header};
use crate::{
    ep::tabs::Tabs,
    report::{Example, ProblemKind},
    verify::findings::{Findings, shown},
};

/// One row as text.
pub struct RowText<'a> {
    /// Row number, the header is 1.
    pub number: u64,
    /// The fields and what parts them.
    pub text: &'a str,
    /// Whether it is what was written; else marks stand for what could not be read.
    pub is_readable: bool,
}

/// One row's text taken apart. It is used for row after row, so that not each needs memory of its own.
#[derive(Default)]
pub struct Fields {
    tabs: Tabs,
    /// Where each field ends.
    ends: Vec<usize>,
    /// Whether values stand in quotes, which are no part of them.
    is_quoted: bool,
}

impl Fields {
    /// Takes a row apart; false where its values stand under wrong names, which it tells.
    pub fn part(&mut self, row: &RowText<'_>, header: &Header, findings: &mut Findings) -> bool {
        let text = row.text;
        let expected = header.columns.len();
        self.ends.clear();
        self.tabs.find(text.as_bytes());
        let ends = &mut self.ends;
        self.tabs.each(|end| ends.push(end));
        let here = |value: Option<String>| {
            let id = header.id.and_then(|i| text.split('\t').nth(i)).map(shown);
            Example { id, value, ..Example::row(row.number) }
        };
        let found = self.ends.len() + 1;
        if found == expected + 1 && text.ends_with('\t') {
            findings.add(ProblemKind::TrailingTab, || here(None));
        } else if found == expected {
            self.ends.push(text.len());
        } else {
            let value = Some(format!("{found} / {expected}"));
            findings.add(ProblemKind::FieldCount, || here(value));
            return false;
        }
        self.is_quoted = false;
        if self.tabs.has_quote && self.are_quoted(text, header.id) {
            findings.add(ProblemKind::Quoted, || here(None));
            self.is_quoted = true;
        }
        true
    }

    /// The fields of the row that was taken apart last, which is `text`.
    pub fn of<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let mut begin = 0;
        self.ends.iter().map(move |end| {
            let field = &text[begin..*end];
            begin = end + 1;
            self.unquoted(field)
        })
    }

    /// One of them; empty where there is none.
    pub fn at<'a>(&self, text: &'a str, place: Option<usize>) -> &'a str {
        let Some((place, end)) = place.and_then(|place| Some((place, *self.ends.get(place)?))) else {
            return "";
        };
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before] + 1);
        self.unquoted(&text[begin..end])
    }

    fn unquoted<'a>(&self, field: &'a str) -> &'a str {
        if self.is_quoted { format::unquoted(field).unwrap_or(field) } else { field }
    }

    /// Whether a row's values stand in quotes, as whoever reads CSV expects: its id, or more than half of what is filled.
    fn are_quoted(&self, text: &str, id: Option<usize>) -> bool {
        let filled = self.of(text).filter(|field| !field.is_empty()).count();
        let quoted = self.of(text).filter(|field| format::unquoted(field).is_some()).count();
        format::unquoted(self.at(text, id)).is_some() || quoted * 2 > filled
    }
}
