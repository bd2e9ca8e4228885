//! A table of data as Slack draws it: five rows at a time, sorted by whichever column one clicks.
//!
//! It never decides whether lines would read better, nor whether there is room.

use serde_json::{Value, json};

use crate::{
    chat::{TABLE, escape},
    report::number,
};

/// Rows of a table, its header among them,
pub const MAX_TABLE_ROWS: usize = 101;
/// and columns. All rows have the same number of cells, and none of them is empty.
pub const MAX_TABLE_COLUMNS: usize = 20;
/// Characters of a cell: more of them make a table that is hard to read.
pub const MAX_CELL: usize = 80;
/// What stands where there is nothing to say.
const NOTHING: &str = "–";

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// mrkdwn in which everything foreign is safe already; its marks are left out, for cells show text as it is.
    Text(String),
    /// A number, to be sorted by.
    Number(u64),
    /// Nothing.
    None,
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::None, Into::into)
    }
}

impl From<String> for Cell {
    fn from(mrkdwn: String) -> Self {
        Self::Text(mrkdwn)
    }
}

impl From<u64> for Cell {
    fn from(n: u64) -> Self {
        Self::Number(n)
    }
}

impl Cell {
    fn text(&self) -> String {
        let text = match self {
            Self::Text(mrkdwn) => escape::plain(mrkdwn, MAX_CELL),
            Self::Number(n) => number(*n),
            Self::None => String::new(),
        };
        if text.is_empty() { NOTHING.to_owned() } else { text }
    }

    fn json(&self) -> Value {
        let text = self.text();
        match self {
            Self::Number(n) => json!({"type": "raw_number", "value": n, "text": text}),
            Self::Text(_) | Self::None => json!({"type": "raw_text", "text": text}),
        }
    }
}

/// Rows below a header of as many cells. Screen readers name a row by its first cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table<const COLUMNS: usize> {
    /// What it shows.
    pub caption: String,
    /// What each column shows.
    pub head: [&'static str; COLUMNS],
    /// As many as [`MAX_TABLE_ROWS`] has room for are drawn.
    pub rows: Vec<[Cell; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// The block, and how many characters it shows.
    pub(super) fn block(&self) -> (Value, usize) {
        const { assert!(COLUMNS >= 1 && COLUMNS <= MAX_TABLE_COLUMNS) };
        let caption = escape::plain(&self.caption, MAX_CELL);
        let head = self.head.map(|head| Cell::Text(head.to_owned()));
        let drawn: Vec<&[Cell; COLUMNS]> =
            std::iter::once(&head).chain(&self.rows).take(MAX_TABLE_ROWS).collect();
        let cells = drawn.iter().flat_map(|row| row.iter());
        let length = cells.map(|cell| escape::length(&cell.text())).sum::<usize>() + escape::length(&caption);
        let rows: Vec<[Value; COLUMNS]> =
            drawn.iter().map(|row| (*row).clone().map(|cell| cell.json())).collect();
        let rows: Vec<Vec<Value>> = rows.into_iter().map(Vec::from).collect();
        (json!({"type": TABLE, "caption": caption, "rows": rows}), length)
    }
}
