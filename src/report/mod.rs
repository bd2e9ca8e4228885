//! What a run found out, as plain data: the answer's `report`, and what messages are made of.
//!
//! It never holds a sentence for people (that is `slack::wording`) and never decides anything.

mod board;
mod broken;
mod build;
mod built;
mod causes;
mod checks;
mod corrections;
mod delivery;
mod diff;
mod drift;
mod export;
mod failure;
mod gate;
mod later;
mod percent;
mod quality;
mod skip;
mod source;
mod trend;
mod verify;
mod why;

pub(crate) use board::{Board, RowChange, Slot, SlotOutcome};
pub(crate) use broken::BrokenRule;
pub(crate) use build::Fingerprinter;
pub use build::{BuildId, BuildInfo, Fingerprint, hex};
pub(crate) use built::{Built, Takeover, TakeoverDiff, Unrecorded};
pub(crate) use causes::HELD_BACK;
pub(crate) use checks::{CheckId, Mending, ProblemKind};
pub(crate) use corrections::{CorrectionsTold, LineBecame, LineFault, LineTaken, Lines, Unread};
pub(crate) use delivery::Delivery;
pub use delivery::Invalidation;
pub(crate) use diff::{Changes, Diff, DiffUnknown, PriceMove, RowName};
pub(crate) use drift::{
    Counts, Drift, DriftExample, DriftRule, DriftShares, Drifted, HostMoved, HostOf, Moved, NewTitle,
    Profile, Retitled,
};
pub use export::Funnel;
pub(crate) use export::{ExportReport, Forced, MapChange, Publication, Remark, Republished};
pub(crate) use failure::Failure;
pub use failure::FailureKind;
pub(crate) use gate::{
    Change, ChangedShape, DestroyedText, EmptyDepartments, GateWarning, HoldReason, MissingField,
};
pub(crate) use later::{Later, LaterName};
pub(crate) use percent::Percent;
pub use quality::Quality;
pub(crate) use quality::{Flawed, Shared, SharedGroup};
pub(crate) use skip::SkipReason;
pub use source::DepartmentsBy;
pub(crate) use source::{Department, DepartmentName, ForeignPrices, ShapeChange, Source};
pub(crate) use trend::TrendPoint;
pub(crate) use verify::{CheckResult, CheckStatus, Example, Problem, Sign, VerifyReport};
pub(crate) use why::{
    Cell, ColumnChange, Decision, Explanation, Fate, FieldSaid, Found, OfPublished, Standing, StepTaken, Why,
    WhyStep,
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::step::Step;

/// The verdict of a run, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// All is well.
    Ok,
    /// Somebody should have a look, nothing is broken.
    Warn,
    /// A build was made and kept back; the published feed is as it was.
    Held,
    /// It did not work, or what is published is not sound.
    Fail,
}

/// How a run came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// Cloud Scheduler, at its time.
    Scheduled,
    /// Somebody pressed "force run" in Cloud Scheduler.
    Forced,
    /// Somebody called the step, with `curl` for instance.
    Manual,
}

/// What is known of a run before it did anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The step.
    #[serde(rename = "route")]
    pub step: Step,
    /// The run's key: the scheduled time, `forced:<time>`, a given key or a fresh one.
    pub key: String,
    /// How it came about.
    pub(crate) origin: Origin,
    /// The scheduled time, or when the run was first claimed.
    pub at: Timestamp,
    /// The day (in `TIMEZONE`) whose thread it belongs to, fixed at the first claim.
    pub day: Date,
    /// Counts from 1.
    pub(crate) attempt: u32,
}

/// What a run has to tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Report {
    /// `create-thread`
    Thread(ThreadReport),
    /// `export-products` that came to a verdict.
    Export(Box<ExportReport>),
    /// `verify-ep` that came to a verdict.
    Verify(VerifyReport),
    /// Any step that could not do its work.
    Failure(Failure),
}

/// The day's thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ThreadReport {
    pub day: Date,
    /// Whether this run opened it; otherwise it was there already.
    pub opened: bool,
}

impl Report {
    /// The verdict.
    pub fn status(&self) -> Status {
        match self {
            Self::Thread(_) => Status::Ok,
            Self::Export(export) => export.status(),
            Self::Verify(verify) => verify.status(),
            Self::Failure(_) => Status::Fail,
        }
    }

    /// Whether it tells what readers get from now on, or get now. Going back to an earlier build tells nothing of the
    /// export that failed or was held: its trouble is still there.
    pub fn tells_of_the_feed(&self) -> bool {
        match self {
            Self::Export(export) => {
                let went_back = export.republished.as_ref().is_some_and(|again| !again.was_held());
                matches!(export.publication, Publication::Published { .. }) && !went_back
            }
            Self::Verify(_) => true,
            Self::Thread(_) | Self::Failure(_) => false,
        }
    }

    /// What a slot of the board shows of it. A build that a newer one superseded has no rows to show there.
    pub fn slot_outcome(&self) -> SlotOutcome {
        let outcome = SlotOutcome { causes: self.causes(), ..SlotOutcome::new(self.status()) };
        match self {
            Self::Export(export) if !matches!(export.publication, Publication::Superseded { .. }) => {
                let change = match &export.diff {
                    Some(Diff::Compared(changes)) => {
                        Some(RowChange { added: changes.added, removed: changes.removed })
                    }
                    Some(Diff::Unknown { .. }) | None => None,
                };
                SlotOutcome { rows: Some(export.funnel.kept), change, ..outcome }
            }
            _ => SlotOutcome { could_not: matches!(self, Self::Failure(_)), ..outcome },
        }
    }

    /// One English sentence, for answers and logs.
    pub fn summary(&self) -> String {
        match self {
            Self::Thread(thread) if thread.opened => format!("opened the thread of {}", thread.day),
            Self::Thread(thread) => format!("the thread of {} was open already", thread.day),
            Self::Export(export) => {
                let (kept, fetched) = (export.funnel.kept, export.funnel.fetched);
                let again = if export.republished.is_some() { " again" } else { "" };
                let what = match &export.publication {
                    Publication::Published { .. } => "published",
                    Publication::Held { .. } => "held",
                    Publication::Superseded { .. } => "superseded by a newer build:",
                    Publication::DryRun => "did not publish",
                };
                let why = match &export.publication {
                    Publication::Held { reasons } => {
                        format!(": {}", reasons.iter().map(HoldReason::name).collect::<Vec<_>>().join(", "))
                    }
                    _ => String::new(),
                };
                format!("{what}{again} {kept} of {fetched} products as build {}{why}", export.build)
            }
            Self::Verify(verify) => format!(
                "{} of {} checks passed on {} rows at {}",
                verify.passed(),
                verify.checks.len(),
                verify.rows,
                verify.feed_url
            ),
            Self::Failure(failure) => failure.detail.clone(),
        }
    }
}

/// A number with thousands separators.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
