//! The first line of a run's message: sign, time, verdict, the figure that matters most, and who is named.
//!
//! It never decides a verdict, nor whom to name.

use super::Renderer;
use crate::{
    report::{FailureKind, Origin, Publication, Report, RunInfo, Status},
    schedule::SCHEDULED_ATTEMPTS,
    step::Step,
};

impl Renderer {
    /// `📦 *00:05 EP 생성 완료* (수동) · 9,809개 (−12) <@U…>`
    pub(super) fn head(&self, run: &RunInfo, report: &Report, still: Option<String>, names: bool) -> String {
        let status = report.status();
        let verdict = match report {
            Report::Failure(_) => self.words.could_not(run.step),
            Report::Export(export) => match export.publication {
                Publication::Superseded { .. } => self.words.superseded_headline(),
                Publication::DryRun => self.words.dry_run_headline(),
                Publication::Published { .. } | Publication::Held { .. } => match &export.republished {
                    Some(again) => self.words.republished_headline(again.was_held(), status),
                    None => self.words.headline(run.step, status),
                },
            },
            Report::Thread(_) | Report::Verify(_) => self.words.headline(run.step, status),
        };
        let failed = match report {
            // What is told of an attempt that broke off, the next one tells.
            Report::Failure(failure) if failure.failure == FailureKind::BrokeOff => run.attempt - 1,
            Report::Failure(_) => run.attempt,
            _ => 1,
        };
        let attempt = Some(failed).filter(|n| *n > 1);
        let figure = still.into_iter().chain(self.figure(report)).collect::<Vec<_>>().join(" · ");
        let figure = Some(figure).filter(|figure| !figure.is_empty());
        self.headline(icon(run.step, status), run, verdict, attempt, figure, names)
    }

    /// What stands beside the verdict: the one figure that matters, or what a hold means.
    fn figure(&self, report: &Report) -> Option<String> {
        match report {
            Report::Export(export) if export.status() == Status::Held => {
                Some(self.words.feed_stays().to_owned())
            }
            Report::Export(export) => Some(self.words.rows(export.rows_before, export.funnel.kept)),
            Report::Verify(verify) => Some(self.words.passed(verify.passed(), verify.checks.len())),
            Report::Thread(_) | Report::Failure(_) => None,
        }
    }

    pub(super) fn headline(
        &self,
        icon: &str,
        run: &RunInfo,
        verdict: &str,
        attempt: Option<u32>,
        figure: Option<String>,
        names: bool,
    ) -> String {
        let time = run.at.to_zoned(self.timezone.clone()).strftime("%H:%M");
        let mut head = format!("{icon} *{time} {verdict}*");
        // By hand there is no number of attempts that one could be near to.
        let of = Some(SCHEDULED_ATTEMPTS).filter(|of| run.origin != Origin::Manual && run.attempt <= *of);
        let attempt = attempt.map(|attempt| self.words.attempt(attempt, of));
        let origin = self.words.origin(run.origin).map(str::to_owned);
        let marks: Vec<String> = origin.into_iter().chain(attempt).collect();
        if !marks.is_empty() {
            head.push_str(&format!(" ({})", marks.join(" · ")));
        }
        if let Some(figure) = figure {
            head.push_str(&format!(" · {figure}"));
        }
        if names {
            for id in &self.mention {
                head.push(' ');
                head.push_str(&id.mrkdwn());
            }
        }
        head
    }
}

/// The sign that a verdict begins with.
fn icon(step: Step, status: Status) -> &'static str {
    match (status, step) {
        (Status::Ok, Step::CreateThread) => "🧵",
        (Status::Ok, Step::ExportProducts) => "📦",
        (Status::Ok, Step::VerifyEp) => "🔎",
        (Status::Warn, _) => "⚠️",
        (Status::Held, _) => "⛔",
        (Status::Fail, _) => "❌",
    }
}
