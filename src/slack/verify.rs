//! A verification's message: how many checks passed, and each one that did not, with places to look at.
//!
//! It never lists what is in order.

use super::{
    blocks::Blocks,
    commands::{Commands, Remedy},
    table::{Cell, Table},
    wording::Words,
};
use crate::{
    chat::escape,
    report::{
        CheckResult, CheckStatus, Example, Mending, Problem, ProblemKind, RunInfo, Sign, Status, VerifyReport,
    },
};

/// Kinds of problems shown for one check.
const TOP_PROBLEMS: usize = 4;
/// Places shown for one problem.
const TOP_EXAMPLES: usize = 3;
/// Characters of a value from the file.
const VALUE_CHARS: usize = 80;
/// As many rows with problems read better in a table.
const LEAST_OF_A_TABLE: usize = 3;

/// Draws the report below `head`.
pub fn draw(
    blocks: &mut Blocks,
    words: Words,
    commands: &Commands,
    head: String,
    run: &RunInfo,
    report: &VerifyReport,
) {
    let mut lines = vec![head];
    if run.attempt > 1 {
        lines.push(words.after_tries(run.attempt, report.status()));
    }
    let open = report.checks.iter().filter(|check| check.status != CheckStatus::Pass);
    let (unchecked, mut found): (Vec<_>, Vec<_>) = open.partition(|check| is_unchecked(check));
    // The worst first: it is the verdict's reason.
    found.sort_by_key(|check| check.status != CheckStatus::Fail);
    let read = (report.bytes > 0).then(|| words.read(report.rows, report.bytes, report.duration_ms));
    let facts: Vec<String> = read.into_iter().chain([words.feed(&escape::link(&report.feed_url))]).collect();
    match found.split_first() {
        Some((worst, others)) => {
            with_places(blocks, words, worst, |blocks, finding| {
                lines.extend(finding);
                lines.push(facts.join(" · "));
                blocks.section(&lines);
            });
            for other in others {
                with_places(blocks, words, other, |blocks, finding| blocks.folded(&[finding]));
            }
        }
        None => {
            lines.push(facts.join(" · "));
            blocks.section(&lines);
        }
    }
    if !unchecked.is_empty() {
        let names: Vec<String> = unchecked.iter().map(|check| words.check(check.id)).collect();
        blocks.folded(&[vec![words.unchecked(&names)]]);
    }
    if report.status() == Status::Fail {
        let mend = export_mends(report).then_some(Remedy::Mend);
        let remedies: Vec<_> = mend.into_iter().chain([Remedy::Rerun(run.step)]).collect();
        commands.remedies(blocks, words, &remedies);
    }
    blocks.context(&report.build.iter().map(|build| words.build(build)).collect::<Vec<_>>());
}

/// Whether a check was only not made: such checks share one line.
fn is_unchecked(check: &CheckResult) -> bool {
    !check.problems.is_empty() && check.problems.iter().all(|p| p.kind == ProblemKind::NotChecked)
}

/// Whether another build would mend a check that failed, and the address is not what is wrong.
fn export_mends(report: &VerifyReport) -> bool {
    let mending = |check: &CheckResult| check.problems.iter().map(|problem| problem.kind.mending()).max();
    let failed = |check: &&CheckResult| check.status == CheckStatus::Fail;
    let is_address_wrong = report.checks.iter().any(|check| mending(check) == Some(Mending::Address));
    let mut failed = report.checks.iter().filter(failed);
    !is_address_wrong && failed.any(|check| mending(check) == Some(Mending::Export))
}

/// Tells a finding by its lines and the places to look at: in a table below it where there is one.
fn with_places(
    blocks: &mut Blocks,
    words: Words,
    check: &CheckResult,
    tell: impl FnOnce(&mut Blocks, Vec<String>),
) {
    match rows(words, check).filter(|table| blocks.takes(table)) {
        Some(table) => {
            tell(blocks, finding(words, check, false));
            let is_there = blocks.table(&table);
            debug_assert!(is_there, "room was kept for it");
        }
        None => tell(blocks, finding(words, check, true)),
    }
}

/// The rows in which a check found problems; `None` where they are few, or where they are not rows.
fn rows(words: Words, check: &CheckResult) -> Option<Table<5>> {
    let shown = check.problems.iter().take(TOP_PROBLEMS);
    let examples: Vec<(&Problem, &Example)> = shown
        .flat_map(|problem| problem.examples.iter().take(TOP_EXAMPLES).map(move |example| (problem, example)))
        .collect();
    let are_rows = examples.iter().all(|(_, example)| example.row.is_some() && example.times.is_none());
    let code = |text: &String| escape::code(text, VALUE_CHARS);
    let row = |(problem, example): &(&Problem, &Example)| {
        [
            example.row.into(),
            example.id.as_ref().map(code).into(),
            example.column.as_ref().map(code).into(),
            example.value.as_ref().map(code).into(),
            Cell::Text(sign(words, example).unwrap_or_else(|| words.problem(problem.kind))),
        ]
    };
    (examples.len() >= LEAST_OF_A_TABLE && are_rows).then(|| Table {
        caption: words.rows_of(check.id),
        head: words.rows_table(),
        rows: examples.iter().map(row).collect(),
    })
}

fn finding(words: Words, check: &CheckResult, with_places: bool) -> Vec<String> {
    let sign = match check.status {
        CheckStatus::Pass => "✅",
        CheckStatus::Warn => "⚠️",
        CheckStatus::Fail => "❌",
    };
    let mut head = format!("{sign} *{}*", words.check(check.id));
    let measured = Some(check.measured.as_str()).filter(|text| !text.is_empty());
    let facts = [
        measured.map(|text| words.measured(&escape::code(text, VALUE_CHARS))),
        check.limit.as_deref().map(|text| words.limit(&escape::code(text, VALUE_CHARS))),
    ];
    for fact in facts.into_iter().flatten() {
        head.push_str(" · ");
        head.push_str(&fact);
    }
    let mut lines = vec![head];
    for problem in check.problems.iter().take(TOP_PROBLEMS) {
        lines.extend(places(words, problem, with_places));
    }
    let rest = check.problems.len().saturating_sub(TOP_PROBLEMS);
    if rest > 0 {
        lines.push(words.more(check.problems[TOP_PROBLEMS..].iter().map(|p| p.count).sum()));
    }
    lines
}

fn places(words: Words, problem: &Problem, with_places: bool) -> Vec<String> {
    let mut sentence = format!("• {}", words.problem(problem.kind));
    if problem.count > 1 {
        sentence.push_str(&format!(" ({})", words.times(problem.count)));
    }
    let mut lines = vec![sentence];
    if !with_places {
        return lines;
    }
    let shown = problem.examples.iter().take(TOP_EXAMPLES);
    lines.extend(shown.filter_map(|example| place(words, example)).map(|example| format!("    ◦ {example}")));
    // An example of a group stands for all of it.
    let told = problem.examples.iter().take(TOP_EXAMPLES).map(|example| example.times.unwrap_or(1));
    let rest = problem.count.saturating_sub(told.fold(0, u64::saturating_add));
    if rest > 0 && lines.len() > 1 {
        lines.push(format!("    {}", words.more(rest)));
    }
    lines
}

/// `12행 · id 123 · price_pc 12.5 · 숫자가 아닌 값`; `None` for an example that says nothing.
fn place(words: Words, example: &Example) -> Option<String> {
    let code = |text: &String| escape::code(text, VALUE_CHARS);
    let value = match (&example.column, &example.value) {
        (Some(column), Some(value)) => Some(format!("{} = {}", code(column), code(value))),
        (column, value) => column.as_ref().or(value.as_ref()).map(code),
    };
    let parts = [
        example.row.map(|row| words.row(row)),
        example.id.as_ref().map(|id| format!("ID {}", code(id))),
        value,
        example.times.map(|times| words.times(times)),
        sign(words, example),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What is wrong in this place.
fn sign(words: Words, example: &Example) -> Option<String> {
    example.rule.as_ref().map(|sign| match sign {
        Sign::Rule(violation) => words.violation(*violation).to_owned(),
        Sign::Found(found) => escape::code(found, VALUE_CHARS),
    })
}
