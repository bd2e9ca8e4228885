//! An export's message: the verdict first, then what people can do, then what is worth knowing about the build.
//!
//! It never shows what a person need not read: every list is cut to its first few.

use super::{
    blocks::Blocks,
    commands::{Commands, Remedy},
    diff, funnel, trend, verdict,
    wording::Words,
};
use crate::{
    chat::escape,
    report::{
        Diff, ExportReport, HoldReason, Invalidation, MapChange, Publication, Remark, Republished, RunInfo,
        Status,
    },
};

/// Warnings that stand in the verdict; the rest is folded away.
const TOP_WARNINGS: usize = 3;
/// Remarks shown, and how many of them in the verdict.
const TOP_REMARKS: usize = 5;
const FIRST_REMARKS: usize = 2;

/// Draws the report below `head`: the verdict in a few lines, what people can do, and folded away what only those want
/// who look closer. What is no news takes less room.
pub fn draw(
    blocks: &mut Blocks,
    words: Words,
    commands: &Commands,
    head: String,
    run: &RunInfo,
    report: &ExportReport,
    is_news: bool,
) {
    let is_held = report.status() == Status::Held;
    let Layers { mut verdict, had_been_held, mut also } = Layers::of(words, head, run, report);
    let mut remarks = remarks(words, report);
    if !is_held {
        verdict.extend(result(words, report));
        verdict.extend(remarks.drain(..remarks.len().min(FIRST_REMARKS)));
    }
    blocks.section(&verdict);
    if is_held {
        // What a dry run made is stored nowhere.
        let force = report.build_location.is_some().then_some(Remedy::Force(&report.build));
        let remedies: Vec<_> = std::iter::once(Remedy::Rerun(run.step)).chain(force).collect();
        commands.remedies(blocks, words, &remedies);
    }
    let days = trend::draw(blocks, words, &report.trend);
    if !also.is_empty() {
        also.insert(0, words.also_found().to_owned());
    }
    blocks.folded(&[had_been_held, also]);
    let told = if is_news { tables(blocks, words, report) } else { Told::default() };
    let mut details = details(words, report, !told.reasons);
    details.extend(days);
    let changes = diff_of_interest(report).filter(|_| !told.changes);
    let rows = changes.map(|diff| diff::rows(words, diff)).unwrap_or_default();
    blocks.folded(&[details, rows, remarks]);
    let excluded = report.excluded_location.as_ref().filter(|_| report.funnel.kept < report.funnel.fetched);
    let mut notes = vec![words.build(&report.build)];
    notes.extend(excluded.map(|location| words.excluded_file(location)));
    blocks.context(&notes);
}

/// What the gate and the publication say, by how soon one reads it.
struct Layers {
    /// First, and always shown.
    verdict: Vec<String>,
    /// Folded away: what a build that was forced had been held for,
    had_been_held: Vec<String>,
    /// and what was found besides.
    also: Vec<String>,
}

impl Layers {
    fn of(words: Words, head: String, run: &RunInfo, report: &ExportReport) -> Self {
        let mut layers = Self { verdict: vec![head], had_been_held: Vec::new(), also: Vec::new() };
        if let Publication::Held { reasons } = &report.publication {
            layers.held(words, reasons, report.map_changed.as_ref());
        }
        layers.verdict.extend(said_of_the_publication(words, report));
        if let Some(again) = &report.republished {
            layers.republished(words, report, again);
        }
        let mut warnings: Vec<String> =
            report.warnings.iter().map(|warning| format!("• *{}*", words.gate_warning(warning))).collect();
        // Beside a hold they are not what matters.
        let first = if report.status() == Status::Held { 0 } else { warnings.len().min(TOP_WARNINGS) };
        layers.verdict.extend(warnings.drain(..first));
        layers.also.extend(warnings);
        if run.attempt > 1 {
            layers.verdict.push(words.after_tries(run.attempt, report.status()));
        }
        layers
    }

    /// What it was held for and what to do about that.
    fn held(&mut self, words: Words, reasons: &[HoldReason], map_changed: Option<&MapChange>) {
        let Some((cause, others)) = verdict::cause(reasons) else { return };
        // Whoever changed what describes the source knows best what to do.
        let advice = map_changed.map(|change| words.held_by_another_map(change));
        let advice = advice.unwrap_or_else(|| words.hold_advice(cause).to_owned());
        self.verdict.extend([format!("*{}*", words.hold_reason(cause)), advice]);
        let others = others.into_iter();
        self.also.extend(
            others.map(|other| format!("• *{}* {}", words.hold_reason(other), words.hold_advice(other))),
        );
    }

    /// From which build to which, and why.
    fn republished(&mut self, words: Words, report: &ExportReport, again: &Republished) {
        self.verdict.push(words.republished(report.build_before.as_ref(), &report.build));
        let Some(forced) = &again.forced else { return };
        self.verdict.push(words.forced_because(&forced.reason));
        if !forced.holds.is_empty() {
            self.had_been_held.push(words.had_been_held().to_owned());
            self.had_been_held
                .extend(forced.holds.iter().map(|hold| format!("• {}", words.hold_reason(hold))));
        }
    }
}

/// What became of the build, where its headline does not say all of it.
fn said_of_the_publication(words: Words, report: &ExportReport) -> Option<String> {
    match &report.publication {
        Publication::Published { invalidation: failed @ Invalidation::Failed { .. } } => {
            Some(words.invalidation(failed))
        }
        Publication::Superseded { by } => Some(words.superseded(by)),
        Publication::DryRun => Some(words.dry_run().to_owned()),
        Publication::Published { .. } | Publication::Held { .. } => None,
    }
}

/// What changed and what readers get, in a line each.
fn result(words: Words, report: &ExportReport) -> Vec<String> {
    let mut lines = Vec::new();
    match (&report.diff, &report.publication) {
        (Some(diff), _) => lines.push(diff::summary(words, diff)),
        (None, Publication::Published { .. }) if report.rows_before.is_none() => {
            lines.push(words.first_build().to_owned());
        }
        (None, _) => {}
    }
    lines.extend(report.delivery.as_ref().map(|delivery| words.delivery(delivery)));
    lines.push(words.feed(&escape::link(&report.feed_url)));
    lines
}

/// What stands in tables.
#[derive(Default)]
struct Told {
    reasons: bool,
    changes: bool,
}

/// Draws what reads better in tables. A fine day has none: nobody looks closer there, and a table cannot be folded.
fn tables(blocks: &mut Blocks, words: Words, report: &ExportReport) -> Told {
    let mut told = Told::default();
    if report.status() != Status::Ok {
        let changes = diff_of_interest(report).and_then(|diff| diff::table(words, diff));
        told.changes = changes.is_some_and(|table| blocks.table(&table));
        told.reasons = funnel::table(words, &report.funnel).is_some_and(|table| blocks.table(&table));
    }
    told
}

/// Where nothing is left, nobody wants to read what is gone.
fn diff_of_interest(report: &ExportReport) -> Option<&Diff> {
    report.diff.as_ref().filter(|_| report.funnel.kept > 0)
}

fn details(words: Words, report: &ExportReport, with_reasons: bool) -> Vec<String> {
    let mut lines = vec![words.funnel(&report.funnel)];
    if with_reasons {
        lines.extend(funnel::lines(words, &report.funnel));
    }
    lines.push(words.effort(report.file.bytes, report.duration_ms));
    if let Publication::Published { invalidation } = &report.publication
        && !matches!(invalidation, Invalidation::Failed { .. })
    {
        lines.push(words.invalidation(invalidation));
    }
    if report.status() == Status::Held {
        lines.extend(diff_of_interest(report).map(|diff| diff::summary(words, diff)));
        lines.push(words.feed(&escape::link(&report.feed_url)));
    }
    lines
}

/// What holds nothing up.
fn remarks(words: Words, report: &ExportReport) -> Vec<String> {
    // That departments are empty is no news where everything is.
    let is_news = |remark: &&Remark| {
        report.funnel.kept > 0
            || !matches!(remark, Remark::EmptyCategory { .. } | Remark::VanishedDepartments { .. })
    };
    let told: Vec<&Remark> = report.remarks.iter().filter(is_news).collect();
    let mut lines: Vec<String> =
        told.iter().take(TOP_REMARKS).map(|remark| format!("ℹ️ {}", words.remark(remark))).collect();
    let rest = told.len().saturating_sub(TOP_REMARKS);
    if rest > 0 {
        lines.push(words.more(rest as u64));
    }
    // A hold names it above all.
    if let Some(change) = report.map_changed.as_ref().filter(|_| report.status() != Status::Held) {
        lines.insert(0, format!("ℹ️ {}", words.another_map(change)));
    }
    lines
}
