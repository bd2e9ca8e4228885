//! Reports at their worst: one of every finding, and ones full of hostile text.

mod gate;

pub use gate::*;

use super::*;
use crate::chat::Message;

/// What a hostile catalogue would write everywhere.
pub const HOSTILE: &str = "<!channel> & <b> `*x*` @here\n\u{202e}<@U999>";

/// A report as a run tells it that names people.
pub fn told(renderer: &Renderer, run: &RunInfo, report: &Report) -> Message {
    renderer.report(run, report, true, &[])
}

pub fn departments(foreign: &str) -> Vec<DepartmentName> {
    let named = |name: Option<&str>| DepartmentName { id: foreign.into(), name: name.map(str::to_owned) };
    vec![named(Some(foreign)), named(None)]
}

/// The report of a build that somebody asked for.
pub fn again(forced: Option<Forced>) -> Report {
    let invalidation = Invalidation::Completed { id: "I2J".into() };
    let republished = Some(Republished { forced });
    Report::Export(Box::new(ExportReport { republished, ..export(Publication::Published { invalidation }) }))
}

/// Every kind of report, each place for foreign text filled with `foreign` so many times.
pub fn filled_with(foreign: &str, times: usize) -> Vec<(RunInfo, Report)> {
    let text = foreign.repeat(times);
    let report = filled_export(foreign, times);
    let held = ExportReport {
        publication: Publication::Held { reasons: holds(&text) },
        warnings: warnings(&text),
        feed_url: text.clone(),
        ..report.clone()
    };
    let forced = again(Some(Forced { reason: text.clone(), holds: holds(&text) }));
    let failed = Failure { failure: FailureKind::Internal, detail: text.clone(), retryable: false };
    [
        (Step::ExportProducts, Report::Export(Box::new(report))),
        (Step::ExportProducts, Report::Export(Box::new(held))),
        (Step::ExportProducts, forced),
        (Step::VerifyEp, Report::Verify(filled_verify(&text, times))),
        (Step::VerifyEp, Report::Failure(failed)),
    ]
    .map(|(step, report)| {
        (RunInfo { key: text.clone(), origin: Origin::Manual, ..run(step, "09:50") }, report)
    })
    .into()
}

fn filled_export(foreign: &str, times: usize) -> ExportReport {
    let text = foreign.repeat(times);
    let mut report =
        export(Publication::Published { invalidation: Invalidation::Failed { reason: text.clone() } });
    report.funnel.broken =
        (0..times).map(|n| (format!("{n}{foreign}: {foreign}").as_str().into(), 2)).collect();
    report.trend = trend(0, None);
    report.feed_url = format!("https://{text}");
    report.excluded_location = Some(text.clone());
    report.remarks = vec![Remark::EmptyCategory { category: text.clone() }; times];
    report.remarks.insert(0, Remark::NewDepartments { departments: departments(&text), more: 3 });
    report.remarks.insert(0, Remark::NoProducts { elements: 7, kinds: vec![text.clone(); 5] });
    let row = row_name(&text, &text);
    report.diff = Some(Diff::Compared(Changes {
        moves: vec![PriceMove { row: row.clone(), old: 0, new: u64::MAX }; times.min(5)],
        added: u64::MAX / 1000,
        added_examples: vec![row.clone(); times.min(3)],
        removed_examples: vec![row.clone(); times.min(3)],
        changed_examples: vec![row; times.min(3)],
        ..changes()
    }));
    report
}

/// Each place for foreign text holds `text`; problems and examples are as many as `times`, within what is kept of them.
fn filled_verify(text: &str, times: usize) -> VerifyReport {
    let example = Example {
        row: Some(u64::MAX),
        id: Some(text.to_owned()),
        column: Some(text.to_owned()),
        value: Some(text.to_owned()),
        rule: Some(Sign::Found(text.to_owned())),
        times: Some(u64::MAX),
    };
    let by_row = Example { times: None, ..example.clone() };
    let problem = |example: Example| Problem {
        kind: ProblemKind::BadValue,
        count: u64::MAX / 1000,
        examples: vec![example; times.min(5)],
    };
    let check = |id| CheckResult {
        id,
        status: CheckStatus::Fail,
        measured: text.to_owned(),
        limit: Some(text.to_owned()),
        // Some in groups, some row by row.
        problems: match id {
            CheckId::Formats | CheckId::Reachable => vec![problem(by_row.clone()); times.min(2)],
            _ => vec![problem(example.clone()); times.min(9)],
        },
    };
    let mut verified = verify(CHECKS.map(check).into());
    text.clone_into(&mut verified.feed_url);
    verified
}
