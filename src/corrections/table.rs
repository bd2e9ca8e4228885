//! A table of corrections as it was written, line by line: what holds, what is over, and what is wrong with the rest.

use jiff::civil::Date;

use super::{Correction, Corrections};
use crate::{
    ep::{columns::Column, text::clean},
    report::{CorrectionsTold, LineFault},
};

/// The columns of the table; the last four may be left out.
const COLUMNS: [&str; 5] = ["id", "action", "column", "value", "until"];
/// Lines that are read.
const MOST_LINES: usize = 20_000;

impl Corrections {
    /// The lines of a CSV that are in force on a day, for a feed with these columns. An error says why it is no such table.
    pub(crate) fn read(text: &str, today: Option<Date>, columns: &[Column]) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('<') {
            return Err("an HTML page stands where the table should be".to_owned());
        }
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| error.to_string())?.clone();
        let place = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
        let [id, action, column, value, until] = COLUMNS.map(place);
        let (Some(id), Some(action)) = (id, action) else {
            return Err("its first line does not name the columns id and action".to_owned());
        };
        let (mut all, mut told) = (Self::default(), CorrectionsTold::default());
        for record in reader.records().take(MOST_LINES) {
            let record = record.map_err(|error| error.to_string())?;
            let number = record.position().map_or(0, csv::Position::line);
            let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
            if record.iter().all(str::is_empty) {
                continue;
            }
            match is_over(field(until), today) {
                Err(fault) => told.refuse(fault, number),
                Ok(true) => told.expired.add(number),
                Ok(false) => {
                    let line = Line {
                        number,
                        id: field(Some(id)),
                        action: field(Some(action)),
                        column: field(column),
                        value: field(value),
                    };
                    match all.take(&line, columns) {
                        Ok(()) => told.lines += 1,
                        Err(fault) => told.refuse(fault, number),
                    }
                }
            }
        }
        all.told = told.into();
        Ok(all)
    }

    fn take(&mut self, line: &Line<'_>, columns: &[Column]) -> Result<(), LineFault> {
        let id = clean(line.id);
        if id.is_empty() {
            return Err(LineFault::NoId);
        }
        let action = line.action.to_ascii_lowercase();
        let set = match action.as_str() {
            "set" => Some(line.set(columns)?),
            "exclude" | "include" => None,
            _ => return Err(LineFault::UnknownAction),
        };
        let correction: &mut Correction = self.by_id.entry(id.into_owned()).or_default();
        correction.lines.push(line.number);
        match set {
            Some((column, value)) => correction.set.push((column, value, line.number)),
            None if action == "exclude" => correction.excluded = Some(line.number),
            None => correction.included = Some(line.number),
        }
        Ok(())
    }
}

struct Line<'a> {
    number: u64,
    id: &'a str,
    action: &'a str,
    column: &'a str,
    value: &'a str,
}

impl Line<'_> {
    fn set(&self, columns: &[Column]) -> Result<(Column, String), LineFault> {
        let column: Column = self.column.parse().map_err(|_| LineFault::UnknownColumn)?;
        if column == Column::Id {
            return Err(LineFault::SetsId);
        }
        if !columns.contains(&column) {
            return Err(LineFault::UnknownColumn);
        }
        let value = clean(self.value).into_owned();
        column.check(&value).map_err(|_| LineFault::BreaksRule)?;
        Ok((column, value))
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
        .map(|part| part.parse().unwrap_or_default())
        .collect();
    let [year, month, day] = parts[..] else { return Err(LineFault::NoDay) };
    let small = |number: i16| i8::try_from(number).map_err(|_| LineFault::NoDay);
    let last = Date::new(year, small(month)?, small(day)?).map_err(|_| LineFault::NoDay)?;
    Ok(today.is_some_and(|today| today > last))
}
