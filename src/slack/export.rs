//! An export's message: the verdict and the funnel first, then what is worth knowing about the build.
//!
//! It never shows what a person need not read: every list is cut to its first few.

use super::{
    blocks::Blocks,
    commands::{Commands, Remedy},
    diff,
    wording::Words,
};
use crate::{
    chat::escape,
    report::{ExportReport, HoldReason, Invalidation, MapChange, Publication, Republished, RunInfo, Status},
};

/// Reasons shown by name; the rest is summed up.
const TOP_REASONS: usize = 3;
/// What is advised about a hold.
const MOST_ADVICE: usize = 8;
/// Remarks shown.
const TOP_REMARKS: usize = 5;

/// Draws the report below `head`.
pub fn draw(
    blocks: &mut Blocks,
    words: Words,
    commands: &Commands,
    head: String,
    run: &RunInfo,
    report: &ExportReport,
) {
    let mut lines = vec![head];
    match &report.publication {
        Publication::Published { invalidation: failed @ Invalidation::Failed { .. } } => {
            lines.push(words.invalidation(failed));
        }
        Publication::Published { .. } => {}
        Publication::Held { reasons } => lines.extend(held(words, reasons, report.map_changed.as_ref())),
        Publication::Superseded { by } => lines.push(words.superseded(by)),
        Publication::DryRun => lines.push(words.dry_run().to_owned()),
    }
    if let Some(again) = &report.republished {
        lines.extend(republished(words, report, again));
    }
    lines.extend(report.warnings.iter().map(|warning| format!("• *{}*", words.gate_warning(warning))));
    if run.attempt > 1 {
        lines.push(words.after_tries(run.attempt, report.status()));
    }
    lines.push(words.funnel(&report.funnel));
    blocks.section(&lines);
    blocks.section(&details(words, report).into_iter().map(|line| format!("• {line}")).collect::<Vec<_>>());
    if let Some(diff) = &report.diff {
        diff::draw(blocks, words, diff);
    }
    blocks.section(&remarks(words, report));
    if report.status() == Status::Held {
        // What a dry run made is stored nowhere.
        let force = report.build_location.is_some().then_some(Remedy::Force(&report.build));
        let remedies: Vec<_> = std::iter::once(Remedy::Rerun(run.step)).chain(force).collect();
        commands.remedies(blocks, words, &remedies);
    }
    let excluded = report.excluded_location.as_ref().filter(|_| report.funnel.kept < report.funnel.fetched);
    let mut notes = vec![words.build(&report.build)];
    notes.extend(excluded.map(|location| words.excluded_file(location)));
    blocks.context(&notes);
}

fn held(words: Words, reasons: &[HoldReason], map_changed: Option<&MapChange>) -> Vec<String> {
    let mut lines = vec![words.held().to_owned()];
    lines.extend(map_changed.map(|change| words.held_by_another_map(change)));
    lines.extend(reasons.iter().map(|reason| format!("• *{}*", words.hold_reason(reason))));
    let mut advice: Vec<&str> = reasons.iter().map(|reason| words.hold_advice(reason)).collect();
    advice.dedup();
    // The first reason is the plainest, and whoever mends ten things looks again.
    advice.truncate(MOST_ADVICE);
    lines.extend(advice.into_iter().map(str::to_owned));
    lines
}

fn republished(words: Words, report: &ExportReport, again: &Republished) -> Vec<String> {
    let mut lines = vec![words.republished(report.build_before.as_ref(), &report.build)];
    if let Some(forced) = &again.forced {
        lines.push(words.forced_because(&forced.reason));
        if !forced.holds.is_empty() {
            lines.push(words.had_been_held().to_owned());
            lines.extend(forced.holds.iter().map(|hold| format!("• {}", words.hold_reason(hold))));
        }
    }
    lines
}

fn details(words: Words, report: &ExportReport) -> Vec<String> {
    let funnel = &report.funnel;
    let mut lines = Vec::new();
    let skipped = funnel.skipped.iter().map(|(reason, n)| (words.skip(*reason), *n));
    lines.extend(top(words, skipped.collect()).map(|reasons| words.skipped(&reasons)));
    let broken = funnel.broken.iter().map(|(rule, n)| (words.broken_rule(*rule), *n));
    lines.extend(top(words, broken.collect()).map(|rules| words.broken(&rules)));
    match (&report.publication, report.rows_before) {
        (Publication::Superseded { .. }, _) => {}
        (_, Some(before)) => lines.push(words.rows(before, funnel.kept)),
        (Publication::Published { .. }, None) => lines.push(words.first_build().to_owned()),
        _ => {}
    }
    lines.push(words.effort(report.file.bytes, report.duration_ms));
    if let Publication::Published { invalidation } = &report.publication
        && !matches!(invalidation, Invalidation::Failed { .. })
    {
        lines.push(words.invalidation(invalidation));
    }
    lines.extend(report.delivery.as_ref().map(|delivery| words.delivery(delivery)));
    lines.push(words.feed(&escape::link(&report.feed_url)));
    lines
}

/// The most frequent ones first; `None` where there are none.
fn top(words: Words, mut counted: Vec<(String, u64)>) -> Option<String> {
    counted.retain(|(_, n)| *n > 0);
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    // The last one is shown rather than "one more".
    let shown = if counted.len() == TOP_REASONS + 1 { counted.len() } else { counted.len().min(TOP_REASONS) };
    let rest = counted.split_off(shown);
    let mut shown: Vec<String> = counted.iter().map(|(reason, n)| words.counted(reason, *n)).collect();
    if !rest.is_empty() {
        shown.push(words.more_kinds(rest.len() as u64, rest.iter().map(|(_, n)| n).sum()));
    }
    (!shown.is_empty()).then(|| shown.join(" · "))
}

fn remarks(words: Words, report: &ExportReport) -> Vec<String> {
    let shown = report.remarks.iter().take(TOP_REMARKS);
    let mut lines: Vec<String> = shown.map(|remark| format!("ℹ️ {}", words.remark(remark))).collect();
    let rest = report.remarks.len().saturating_sub(TOP_REMARKS);
    if rest > 0 {
        lines.push(words.more(rest as u64));
    }
    // A hold names it above all.
    if let Some(change) = report.map_changed.as_ref().filter(|_| report.status() != Status::Held) {
        lines.push(format!("ℹ️ {}", words.another_map(change)));
    }
    lines
}
