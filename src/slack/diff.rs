//! What an export changes against the published build: the counts in one line, then the rows that people ask about.
//!
//! It never lists more than the report's examples.

use super::{
    table::{Cell, Table},
    wording::Words,
};
use crate::report::{Changes, Diff, RowName};

/// As many examples read better in a table.
const LEAST_OF_A_TABLE: usize = 3;

/// What changed, in one line.
pub fn summary(words: Words, diff: &Diff) -> String {
    match diff {
        Diff::Unknown { reason, .. } => words.diff_unknown(*reason).to_owned(),
        Diff::Compared(changes) if changes.is_none() => words.unchanged().to_owned(),
        Diff::Compared(changes) => words.changes(changes),
    }
}

/// The rows that people ask about.
pub fn rows(words: Words, diff: &Diff) -> Vec<String> {
    let Diff::Compared(changes) = diff else { return Vec::new() };
    let mut lines: Vec<String> =
        changes.moves.iter().map(|moved| format!("• {}", words.price_move(moved))).collect();
    for (label, count, examples) in groups(words, changes) {
        lines.extend(named(words, label, count, examples));
    }
    lines
}

/// The same rows, each in a row, those first of what there is most of; `None` where they are few enough for lines.
pub fn table(words: Words, diff: &Diff) -> Option<Table<4>> {
    let Diff::Compared(changes) = diff else { return None };
    let row = |row: &RowName, change: String, price: Option<String>| {
        let title = Some(words.row_title(row)).filter(|_| !row.title.trim().is_empty());
        [Cell::Text(words.row_id(row)), title.into(), Cell::Text(change), price.into()]
    };
    let moves = changes.moves.iter();
    let moves = moves.map(|moved| row(&moved.row, words.price_change(moved), Some(words.prices(moved))));
    let mut kinds = vec![(changes.price_up.saturating_add(changes.price_down), moves.collect::<Vec<_>>())];
    for (label, count, examples) in groups(words, changes) {
        kinds.push((count, examples.iter().map(|example| row(example, label.to_owned(), None)).collect()));
    }
    kinds.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let rows: Vec<_> = kinds.into_iter().flat_map(|(_, rows)| rows).collect();
    let [caption, head @ ..] = words.changes_table();
    (rows.len() >= LEAST_OF_A_TABLE).then(|| Table { caption: caption.to_owned(), head, rows })
}

/// What happened to rows beside a move of their price, to how many, and a few of them.
fn groups(words: Words, changes: &Changes) -> [(&'static str, u64, &[RowName]); 3] {
    [
        (words.added(), changes.added, &changes.added_examples),
        (words.removed(), changes.removed, &changes.removed_examples),
        (words.changed(), changes.changed, &changes.changed_examples),
    ]
}

/// `• 추가: … · … 외 9건`; `None` where there are no examples.
fn named(words: Words, label: &str, count: u64, examples: &[RowName]) -> Option<String> {
    let mut shown: Vec<String> = examples.iter().map(|row| words.row_name(row)).collect();
    let rest = count.saturating_sub(shown.len() as u64);
    if shown.is_empty() {
        return None;
    }
    if rest > 0 {
        shown.push(words.more(rest));
    }
    Some(format!("• {label}: {}", shown.join(" · ")))
}
