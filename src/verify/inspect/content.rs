//! Row after row against the header and the table of rules.

use super::{
    header::{Header, is_html, lossy},
    ids::Ids,
    prices::{Oddity, Prices},
    sample::{Reservoir, SampledRow, url},
};
use crate::{
    ep::{
        read::RawRow,
        rules::{self, Violation},
    },
    report::{CheckId, Example, ProblemKind},
    verify::findings::{Findings, shown},
};

/// What is known of the content so far.
#[derive(Default)]
pub struct Content {
    /// What is wrong with it.
    pub findings: Findings,
    /// The header; `None` before it came, and where there is no table.
    pub header: Option<Header>,
    /// Rows without the header.
    pub rows: u64,
    /// All prices.
    pub prices: Prices,
    /// Some rows.
    pub sample: Reservoir,
    ids: Ids,
    /// It is no table at all (HTML, UTF-16, gzip): nothing more is to be said of its rows.
    hopeless: bool,
}

impl Content {
    /// Keeps a sample of so many rows.
    pub fn sampling(most: usize) -> Self {
        Self { sample: Reservoir::of(most), ..Self::default() }
    }

    /// Takes the next row.
    pub fn row(&mut self, row: RawRow<'_>) {
        if self.hopeless {
            return;
        }
        let Some(header) = &mut self.header else {
            self.header = Header::read(&row, &mut self.findings);
            self.hopeless = self.header.is_none();
            return;
        };
        let at = |value: Option<String>| Example { row: Some(row.number), value, ..Example::default() };
        if header.is_blank && !row.bytes.trim_ascii().is_empty() {
            // A page often begins with empty lines.
            if is_html(row.bytes) {
                self.hopeless = true;
                self.header = None;
                self.findings
                    .add(CheckId::Reachable, ProblemKind::Html, || at(Some(shown(&lossy(row.bytes)))));
                return;
            }
            header.is_blank = false;
        }
        self.rows += 1;
        if row.carriage_return {
            self.findings.add(CheckId::Shape, ProblemKind::CarriageReturn, || at(None));
        }
        if row.is_cut() {
            self.findings.add(CheckId::Shape, ProblemKind::RowTooLong, || {
                at(Some(format!("{} MB", row.length / 1_000_000)))
            });
            return;
        }
        if !row.ended {
            self.findings.add(CheckId::Shape, ProblemKind::NoFinalLineEnd, || at(None));
        }
        match std::str::from_utf8(row.bytes) {
            Ok(text) => self.fields(row.number, text),
            Err(_) => {
                let text = lossy(row.bytes);
                self.findings.add(CheckId::Encoding, ProblemKind::NotUtf8, || at(Some(shown(&text))));
                self.fields(row.number, &text);
            }
        }
    }

    /// Says what is only known at the end.
    pub fn finish(mut self) -> Self {
        if let Some(compared) = self.ids.not_compared() {
            self.findings.add(CheckId::UniqueIds, ProblemKind::TooManyIds, || Example {
                value: Some(compared),
                ..Example::default()
            });
        }
        self
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
        for (i, (column, value)) in header.columns.iter().zip(text.split('\t')).enumerate() {
            let place = |rule: Option<Violation>| Example {
                column: Some(shown(&column.name)),
                value: Some(shown(value)),
                rule: rule.map(|rule| rule.name().to_owned()),
                ..named()
            };
            let Some(known) = column.known else {
                if value.chars().any(char::is_control) {
                    findings.add(CheckId::Shape, ProblemKind::ControlCharacter, || place(None));
                }
                continue;
            };
            if header.price == Some(i)
                && let Some(oddity) = self.prices.add(value)
            {
                let kind = match oddity {
                    Oddity::Zero => ProblemKind::ZeroPrice,
                    Oddity::Absurd => ProblemKind::OddPrice,
                };
                findings.add(CheckId::Prices, kind, || place(None));
            }
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
            && self.ids.is_repeated(id)
        {
            findings.add(CheckId::UniqueIds, ProblemKind::RepeatedId, named);
        }
        if header.link.is_some() || header.image.is_some() {
            let value = |place: Option<usize>| place.and_then(|i| text.split('\t').nth(i)).and_then(url);
            self.sample.offer(|| SampledRow {
                row: number,
                id: id.map(shown).unwrap_or_default(),
                link: value(header.link),
                image: value(header.image),
            });
        }
    }
}
