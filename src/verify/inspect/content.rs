//! Row after row: what a row is, before its values are looked at.

use super::{fields::RowText, format, header::Header, quality::Quality, sample::Reservoir, values::Judge};
use crate::{
    ep::read::RawRow,
    report::{Example, ProblemKind},
    verify::findings::{Findings, shown},
    web::Reach,
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
    /// What is known of values.
    pub judge: Judge,
    /// Some rows.
    pub sample: Reservoir,
    quality: Quality,
    /// Empty lines that nothing followed so far: the first one's number, and how many.
    blank: (u64, u64),
    /// It is no table at all (HTML, UTF-16, gzip): nothing more is to be said of its rows.
    hopeless: bool,
}

impl Content {
    /// Keeps a sample of so many rows; links may lead as far as `reach`.
    pub fn new(most: usize, reach: Reach) -> Self {
        Self { judge: Judge::new(reach), sample: Reservoir::of(most), ..Self::default() }
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
        let at = |value: Option<String>| Example { value, ..Example::row(row.number) };
        let is_blank = row.bytes.iter().all(|byte| matches!(byte, b' ' | b'\r'));
        if header.is_blank && !is_blank {
            // A page often begins with empty lines.
            if let Some(kind) = format::markup(row.bytes) {
                self.hopeless = true;
                self.header = None;
                // Those before it are a page's, and no end of a table.
                self.blank = (0, 0);
                self.findings.add(kind, || at(Some(shown(&format::text(row.bytes).0))));
                return;
            }
            header.is_blank = false;
        }
        if is_blank && header.columns.len() > 1 {
            // The end of a file is often an empty line; only what follows tells.
            let first = if self.blank.1 == 0 { row.number } else { self.blank.0 };
            self.blank = (first, self.blank.1 + 1);
            return;
        }
        self.blank_rows();
        self.rows += 1;
        if row.carriage_return {
            self.findings.add(ProblemKind::CarriageReturn, || at(None));
        }
        if row.is_cut() {
            self.findings.add(ProblemKind::RowTooLong, || at(Some(format!("{} MB", row.length / 1_000_000))));
            return;
        }
        if !row.ended {
            self.findings.add(ProblemKind::NoFinalLineEnd, || at(None));
        }
        let (text, wrong) = format::text(row.bytes);
        if let Some(kind) = wrong {
            self.findings.add(kind, || at(Some(shown(&text))));
        }
        self.fields(RowText {
            number: row.number,
            text: &text,
            is_readable: wrong != Some(ProblemKind::NotUtf8),
        });
    }

    /// Says what is only known at the end; `whole` is false where the file broke off.
    pub fn finish(mut self, whole: bool) -> Self {
        let (first, blank) = self.blank;
        for number in first..first + if whole { blank } else { 0 } {
            self.findings.add(ProblemKind::BlankLastLine, || Example::row(number));
        }
        self.judge.finish(&mut self.findings);
        if self.judge.is_summary(self.rows) {
            self.findings.add(ProblemKind::SummaryFile, Example::default);
        }
        std::mem::take(&mut self.quality).finish(self.rows, &mut self.findings);
        self
    }

    /// Empty lines that something follows are rows without fields.
    fn blank_rows(&mut self) {
        let (first, blank) = std::mem::take(&mut self.blank);
        let fields = self.header.as_ref().map_or(0, |header| header.columns.len());
        for number in first..first + blank {
            self.rows += 1;
            let value = Some(format!("1 / {fields}"));
            self.findings.add(ProblemKind::FieldCount, || Example { value, ..Example::row(number) });
        }
    }

    fn fields(&mut self, row: RowText<'_>) {
        let header = self.header.as_ref().expect("rows are looked at once the header is known");
        if !self.judge.part(&row, header, &mut self.findings) {
            return;
        }
        let said = self.judge.said(&row, header);
        let seen = self.quality.glance(&said);
        let is_repeated = self.judge.row(&row, (&said, seen.look), header, &mut self.findings);
        if said.is_gone() {
            return;
        }
        if !is_repeated {
            self.quality.take(row.number, &said, seen, &mut self.findings);
        }
        if header.link.is_some() || header.image.is_some() {
            self.sample.offer(|| said.sampled(row.number));
        }
    }
}
