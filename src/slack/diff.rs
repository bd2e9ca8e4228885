//! What an export changes against the published build: the counts in one line, then the rows that people ask about.
//!
//! It never lists more than the report's examples.

use super::{blocks::Blocks, wording::Words};
use crate::report::{Changes, Diff, RowName};

/// Draws the diff as a paragraph of its own.
pub fn draw(blocks: &mut Blocks, words: Words, diff: &Diff) {
    match diff {
        Diff::Unknown { reason, .. } => blocks.section(&[words.diff_unknown(*reason).to_owned()]),
        Diff::Compared(changes) if changes.is_none() => blocks.section(&[words.unchanged().to_owned()]),
        Diff::Compared(changes) => blocks.section(&lines(words, changes)),
    }
}

fn lines(words: Words, changes: &Changes) -> Vec<String> {
    let mut lines = vec![words.changes(changes)];
    lines.extend(changes.moves.iter().map(|moved| format!("• {}", words.price_move(moved))));
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
