//! `auto-ep explain`: why products are in the feed or not, in words, for a person at a terminal.
//!
//! It reads the whole catalogue and what is published, and publishes nothing.

use std::fmt::Write as _;

use crate::{
    chat::escape::visible,
    report::{Decision, Explanation, Found, OfPublished, Publication, StepTaken, Why, WhyStep},
    slack::wording::Words,
};

/// Characters shown of a value.
const VALUE_CHARS: usize = 300;
/// Characters shown of a place of the source, or of a setting.
const FROM_CHARS: usize = 120;
/// Characters shown before those by which two long values differ.
const BEFORE_CHARS: usize = 40;
/// What stands where nothing does.
const NOTHING: &str = "–";

/// The answers as lines: what would become of the build, and one paragraph for each id.
pub fn lines(words: Words, explained: &Explanation) -> String {
    let held = match &explained.publication {
        Some(Publication::Held { reasons }) => reasons.as_slice(),
        _ => &[],
    };
    let mut text = format!("{}\n", words.would_become(explained.publication.as_ref()));
    for reason in held {
        line(&mut text, 1, &words.held_for(reason));
    }
    if let Some(reason) = &explained.unknown {
        line(&mut text, 1, &visible(reason, VALUE_CHARS));
    }
    if let Some(told) = explained.corrections.as_ref().and_then(|told| words.corrections_at_a_glance(told)) {
        line(&mut text, 0, &told);
    }
    for why in &explained.products {
        text.push('\n');
        paragraph(&mut text, words, why, !held.is_empty());
    }
    text
}

fn paragraph(text: &mut String, words: Words, why: &Why, is_held: bool) {
    line(text, 0, &words.standing(why, is_held));
    if why.times > 1 {
        line(text, 1, &words.found_times(why.times));
    }
    if why.times == 0 {
        line(text, 1, &words.nearest_ids(&why.nearest));
    }
    for found in &why.found {
        product(text, words, found);
    }
    line(text, 1, &words.published_for(&why.published, why.standing, is_held));
    if let OfPublished::Row { row, .. } = &why.published {
        if why.found.iter().any(|found| !found.row.is_empty()) {
            line(text, 1, &words.changed_columns(why.changes.len(), is_held));
            for change in &why.changes {
                let [published, now] = differing(&change.published, &change.now).map(|value| shown(&value));
                let column = visible(&change.column, FROM_CHARS);
                line(text, 2, &format!("{column}: {published} → {now}"));
            }
        } else {
            for cell in row {
                let (column, value) = (visible(&cell.column, FROM_CHARS), shown(&cell.value));
                line(text, 2, &format!("{column} = {value}"));
            }
        }
    }
}

/// One product of the source: where it is, what became of it, and how that came.
fn product(text: &mut String, words: Words, found: &Found) {
    line(text, 1, &words.found_at(found));
    line(text, 2, &words.fate(&found.fate));
    line(text, 2, words.fields_used());
    for said in &found.fields {
        let value = said.value.as_deref().map_or_else(|| NOTHING.to_owned(), shown);
        line(text, 3, &format!("{} = {value}  <- {}", said.field, visible(&said.place, FROM_CHARS)));
    }
    if !found.corrections.is_empty() {
        line(text, 2, words.lines_about_it());
    }
    for taken in &found.corrections {
        line(text, 3, &words.line_taken(taken));
    }
    line(text, 2, words.steps_taken());
    for taken in &found.steps {
        step(text, words, taken);
    }
    if !found.row.is_empty() {
        line(text, 2, words.row_of_now());
    }
    for cell in &found.row {
        let (value, from) = (shown(&cell.value), visible(&cell.from, FROM_CHARS));
        line(text, 3, &format!("{} = {value}  <- {from}", cell.column));
    }
}

fn step(text: &mut String, words: Words, taken: &StepTaken) {
    let sign = match taken.decision {
        Decision::Passed | Decision::RegularInstead => '+',
        Decision::LeftOut => 'x',
        Decision::NotReached => '.',
    };
    let mut told = format!("{sign} {}: {}", words.why_step(taken.step), words.decision(taken.decision));
    let value = match taken.step {
        WhyStep::Corrections if !taken.value.is_empty() => words.line_of_table(&taken.value),
        _ => taken.value.clone(),
    };
    if !value.is_empty() {
        write!(told, ": {}", shown(&value)).expect("writing into memory does not fail");
    }
    if !taken.by.is_empty() {
        write!(told, "  <- {}", visible(&taken.by, FROM_CHARS)).expect("writing into memory does not fail");
    }
    line(text, 3, &told);
}

fn shown(value: &str) -> String {
    if value.is_empty() { NOTHING.to_owned() } else { visible(value, VALUE_CHARS) }
}

/// Two values from a little before where they differ, where that would be cut off otherwise.
fn differing(a: &str, b: &str) -> [String; 2] {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let from = |value: &str| match same.checked_sub(BEFORE_CHARS).filter(|_| same > VALUE_CHARS / 2) {
        Some(skipped) => format!("…{}", value.chars().skip(skipped).collect::<String>()),
        None => value.to_owned(),
    };
    [from(a), from(b)]
}

fn line(text: &mut String, depth: usize, line: &str) {
    writeln!(text, "{:width$}{line}", "", width = depth * 2).expect("writing into memory does not fail");
}

#[cfg(test)]
mod tests;
