//! A table of corrections as it was written, line by line: what holds, what is over, and what is wrong with the rest.

use jiff::civil::Date;

use super::{
    Corrections, Doing, is_price,
    lines::{Noted, State},
    value::{addresses, amount},
};
use crate::{
    ep::{
        columns::Column,
        text::{clean, key},
    },
    fetch::Quotes,
    report::LineFault,
};

/// The columns of the table; the last four may be left out.
const COLUMNS: [&str; 5] = ["id", "action", "column", "value", "until"];
/// So far ahead, or back, a line's last day mostly is.
const YEARS: i16 = 2;
/// Lines of a table at most.
const MOST_LINES: usize = 20_000;
/// What a spreadsheet shows in place of a value that it could not work out, or has not yet.
const NO_VALUES: [&str; 11] = [
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#ERROR!",
    "#SPILL!",
    "Loading...",
    "로드 중...",
];

impl Corrections {
    /// The lines of a CSV that are in force on a day, for a feed with these columns. An error says why it is no such table.
    pub(crate) fn read(text: &str, today: Option<Date>, columns: &[Column]) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('<') {
            return Err("an HTML page stands where the table should be".to_owned());
        }
        let mut quotes = Quotes::default();
        // All lines behind it would be one value.
        if let Some(at) = quotes.accident(text.as_bytes(), b',').or_else(|| quotes.open()) {
            let line = LineNumbers::of(text).line(at);
            return Err(format!("the quote that opens in line {line} is not closed"));
        }
        let mut lines = LineNumbers::of(text);
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| error.to_string())?.clone();
        let place = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
        let [id, action, column, value, until] = COLUMNS.map(place);
        let (Some(id), Some(action)) = (id, action) else {
            return Err("its first line does not name the columns id and action".to_owned());
        };
        let mut all = Self::default();
        for (nth, record) in reader.records().enumerate() {
            let record = record.map_err(|error| error.to_string())?;
            if nth == MOST_LINES {
                return Err(format!("it holds more than {MOST_LINES} lines"));
            }
            let number = lines.line(record.position().map_or(0, |at| at.byte() as usize));
            let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
            if record.iter().all(str::is_empty) {
                continue;
            }
            let line = Line {
                number,
                id: field(Some(id)),
                action: field(Some(action)),
                column: field(column),
                value: field(value),
                until: field(until),
            };
            all.meet(&line, today, columns);
        }
        Ok(all)
    }

    /// Takes a line if it holds, and notes what became of it.
    fn meet(&mut self, line: &Line<'_>, today: Option<Date>, columns: &[Column]) {
        let state = match is_over(line.until, today) {
            Err(fault) => State::Refused(fault),
            Ok(true) => State::Expired,
            Ok(false) => match self.take(line, columns) {
                Ok(overruled) => {
                    overruled.into_iter().for_each(|line| self.refuse(LineFault::Overruled, line));
                    State::InForce
                }
                Err(fault) => State::Refused(fault),
            },
        };
        match state {
            State::InForce => {}
            State::Expired => self.notes().expired.push(line.number),
            State::Refused(fault) => self.refuse(fault, line.number),
        }
        self.note(line, state);
    }

    /// Takes a line; gives those that lose their effect by it.
    fn take(&mut self, line: &Line<'_>, columns: &[Column]) -> Result<Vec<u64>, LineFault> {
        let id = key(line.id);
        if id.is_empty() {
            return Err(LineFault::NoId);
        }
        let doing = match line.action.to_ascii_lowercase().as_str() {
            "set" => line.set(columns).map(|(column, value)| Doing::Set(column, value))?,
            "exclude" => Doing::Exclude,
            "include" => Doing::Include,
            _ => return Err(LineFault::UnknownAction),
        };
        Ok(self.by_id.entry(id).or_default().take(line.number, doing))
    }

    /// Keeps what a line says and whether it holds, for whoever asks about its product.
    fn note(&mut self, line: &Line<'_>, state: State) {
        let id = key(line.id);
        if id.is_empty() {
            return;
        }
        let says = format!("{} {}", line.action, line.column).trim_end().to_owned();
        let (line, value) = (line.number, line.value.to_owned());
        self.by_id.entry(id).or_default().lines.push(Noted { line, says, value, state });
    }
}

struct Line<'a> {
    number: u64,
    id: &'a str,
    action: &'a str,
    column: &'a str,
    value: &'a str,
    until: &'a str,
}

impl Line<'_> {
    fn set(&self, columns: &[Column]) -> Result<(Column, String), LineFault> {
        let column: Column =
            self.column.to_ascii_lowercase().parse().map_err(|_| LineFault::UnknownColumn)?;
        if column == Column::Id {
            return Err(LineFault::SetsId);
        }
        if !columns.contains(&column) {
            return Err(LineFault::UnknownColumn);
        }
        let value = clean(self.value);
        let value = match column {
            _ if is_price(column) => amount(&value),
            Column::Link | Column::MobileLink | Column::ImageLink | Column::AddImageLink => addresses(&value),
            _ => value.into_owned(),
        };
        if value.starts_with('=') || NO_VALUES.contains(&value.as_str()) {
            return Err(LineFault::BreaksRule);
        }
        column.check(&value).map_err(|_| LineFault::BreaksRule)?;
        Ok((column, value))
    }
}

/// Numbers rows as a spreadsheet does, whatever ends them, blank ones included; a row is one however many lines of text
/// stand in its values.
struct LineNumbers<'t> {
    text: &'t [u8],
    at: usize,
    number: u64,
    /// Where in a value it is.
    place: InValue,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InValue {
    Begin,
    Plain,
    Quoted,
}

impl<'t> LineNumbers<'t> {
    fn of(text: &'t str) -> Self {
        Self { text: text.as_bytes(), at: 0, number: 1, place: InValue::Begin }
    }

    /// The row of the first value from this byte on; no earlier one may be asked for later.
    fn line(&mut self, from: usize) -> u64 {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let from = self.text[from..].iter().position(|byte| !is_end(byte)).map_or(from, |more| from + more);
        while self.at < from {
            let (byte, next) = (self.text[self.at], self.text.get(self.at + 1));
            self.place = match (self.place, byte) {
                // Of two quotes inside the second opens once more.
                (InValue::Quoted, b'"') => InValue::Begin,
                (InValue::Quoted, _) => InValue::Quoted,
                (InValue::Begin, b'"') => InValue::Quoted,
                (_, b',' | b'\r' | b'\n') => InValue::Begin,
                _ => InValue::Plain,
            };
            // Of `\r\n` the second half counts.
            let ends = byte == b'\n' || byte == b'\r' && next != Some(&b'\n');
            self.number += u64::from(ends && self.place != InValue::Quoted);
            self.at += 1;
        }
        self.number
    }
}

/// Whether a line's last day is before today.
fn is_over(until: &str, today: Option<Date>) -> Result<bool, LineFault> {
    if until.is_empty() {
        return Ok(false);
    }
    // Spreadsheets write days their own way: 2026-10-05, 2026. 10. 5, 2026/10/5.
    let parts: Vec<i16> = until
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().map_err(|_| LineFault::NoDay))
        .collect::<Result<_, _>>()?;
    let [year, month, day] = parts[..] else { return Err(LineFault::NoDay) };
    let small = |number: i16| i8::try_from(number).ok();
    let date = |year: i16, month, day| Date::new(year, small(month)?, small(day)?).ok();
    // `26.12.31` is how it is mostly written.
    let is_short = year < 100;
    let last = date(if is_short { 2000 + year } else { year }, month, day).ok_or(LineFault::NoDay)?;
    // `31.12.26` and `5.12.26` begin with their day: taken for a year they would hold for years, or be over for long. Of
    // `27.12.26` nobody knows: it is what most people would mean.
    let is_near = |date: Date| today.is_some_and(|today| (date.year() - today.year()).abs() <= YEARS);
    if is_short && !is_near(last) && date(2000 + day, month, year).is_some_and(is_near) {
        return Err(LineFault::NoDay);
    }
    Ok(today.is_some_and(|today| today > last))
}
