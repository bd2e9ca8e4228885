//! What became of the products of an export, from those that were fetched to those that were kept.
//!
//! It never lists products: those stand in the build's file of what was left out.

use super::{
    table::{Cell, Table},
    wording::Words,
};
use crate::report::Funnel;

/// Reasons shown by name in a line; the rest is summed up.
const TOP_REASONS: usize = 3;
/// As many reasons read better in a table.
const LEAST_OF_A_TABLE: usize = TOP_REASONS + 1;

/// Why products were left out, in a line for each kind of reason.
pub fn lines(words: Words, funnel: &Funnel) -> Vec<String> {
    let skipped = top(words, skipped(words, funnel)).map(|reasons| words.skipped(&reasons));
    let broken = top(words, broken(words, funnel)).map(|rules| words.broken(&rules));
    skipped.into_iter().chain(broken).collect()
}

/// The same in a row for each reason, the most frequent ones first; `None` where they stand in lines as well.
pub fn table(words: Words, funnel: &Funnel) -> Option<Table<3>> {
    let skipped = skipped(words, funnel).into_iter().map(|counted| (words.kind_skipped(), counted));
    let broken = broken(words, funnel).into_iter().map(|counted| (words.kind_broken(), counted));
    let mut all: Vec<(&str, (String, u64))> = skipped.chain(broken).collect();
    all.sort_by_key(|(_, (_, n))| std::cmp::Reverse(*n));
    let row = |(kind, (reason, n)): (&str, (String, u64))| {
        [Cell::Text(reason), Cell::Text(kind.to_owned()), Cell::Number(n)]
    };
    let rows: Vec<_> = all.into_iter().map(row).collect();
    let [caption, head @ ..] = words.reasons_table();
    (rows.len() >= LEAST_OF_A_TABLE).then(|| Table { caption: caption.to_owned(), head, rows })
}

fn skipped(words: Words, funnel: &Funnel) -> Vec<(String, u64)> {
    sorted(funnel.skipped.iter().map(|(reason, n)| (words.skip(*reason), *n)))
}

fn broken(words: Words, funnel: &Funnel) -> Vec<(String, u64)> {
    sorted(funnel.broken.iter().map(|(rule, n)| (words.broken_rule(*rule), *n)))
}

/// The most frequent ones first.
fn sorted(counted: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut counted: Vec<_> = counted.filter(|(_, n)| *n > 0).collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted
}

/// The first of them and the sum of the rest; `None` where there are none.
fn top(words: Words, mut counted: Vec<(String, u64)>) -> Option<String> {
    // The last one is shown rather than "one more".
    let shown = if counted.len() == TOP_REASONS + 1 { counted.len() } else { counted.len().min(TOP_REASONS) };
    let rest = counted.split_off(shown);
    let mut shown: Vec<String> = counted.iter().map(|(reason, n)| words.counted(reason, *n)).collect();
    if !rest.is_empty() {
        shown.push(words.more_kinds(rest.len() as u64, rest.iter().map(|(_, n)| n).sum()));
    }
    (!shown.is_empty()).then(|| shown.join(" · "))
}
