//! What an export changes against the published build: the counts in one line, then the rows that people ask about.
//!
//! It never lists more than the report's examples.

use super::wording::Words;
use crate::report::{Diff, RowName};

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
    for (label, count, examples) in [
        (words.added(), changes.added, &changes.added_examples),
        (words.removed(), changes.removed, &changes.removed_examples),
        (words.changed(), changes.changed, &changes.changed_examples),
    ] {
        lines.extend(named(words, label, count, examples));
    }
    lines
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
