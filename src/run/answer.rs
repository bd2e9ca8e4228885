//! What a caller is told: the verdict, or a problem with what it was about and whether a retry may help.
//!
//! Plain data; how it becomes HTTP is for `routes`.

use std::time::Duration;

use serde::Serialize;

use super::key::RunKey;
use crate::{
    chat::{Message, Ts},
    ledger::{OpenThread, Outcome},
    report::{Failure, FailureKind, Report, RunInfo, Status},
    step::Step,
};

/// How a call ended.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The run is finished and reported.
    Done(Box<Done>),
    /// It is not.
    Problem(Box<Problem>),
}

/// A finished and reported run.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
    /// The step.
    #[serde(rename = "route")]
    pub step: Step,
    /// The run's key.
    pub run: String,
    /// The verdict.
    pub status: Status,
    /// One English sentence.
    pub summary: String,
    /// The day's thread; none in a dry run.
    pub thread: Option<ThreadRef>,
    /// All that was found.
    pub report: Report,
    /// How long the work took.
    pub duration_ms: u64,
    /// What would have been posted, in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Message>>,
    /// Whether this was told before.
    #[serde(skip)]
    pub replayed: bool,
}

/// Where the day's thread is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThreadRef {
    /// The channel's id.
    pub channel: String,
    /// The parent's ts.
    pub ts: Ts,
    /// A link for people.
    pub permalink: Option<String>,
}

impl ThreadRef {
    /// Of an open thread.
    pub fn of(thread: &OpenThread) -> Self {
        Self { channel: thread.channel.clone(), ts: thread.ts.clone(), permalink: thread.permalink.clone() }
    }
}

/// Why a call did not end in a verdict.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// What was found, where, and what to do.
    pub detail: String,
    /// The run's key.
    pub run: String,
    /// Whether the same call may work later.
    pub retryable: bool,
    /// When to come again.
    pub retry_after: Option<Duration>,
    /// The thread in which it was told, if it could be.
    pub thread: Option<ThreadRef>,
}

/// What a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// Another instance is doing the same run.
    Busy,
    /// The same key came with other options.
    OtherOptions,
    /// The build that is asked for is not there.
    UnknownBuild,
    /// The build that is asked for was held and is not forced.
    HeldBuild,
    /// As much work as the memory allows is under way.
    Crowded,
    /// This instance is being stopped.
    Stopping,
    /// Something could not be done.
    Failed(FailureKind),
}

impl Answer {
    pub(super) fn done(info: &RunInfo, outcome: &Outcome, thread: Option<ThreadRef>) -> Self {
        Self::Done(Box::new(Done {
            step: info.step,
            run: info.key.clone(),
            status: outcome.status,
            summary: outcome.report.summary(),
            thread,
            report: outcome.report.clone(),
            duration_ms: outcome.duration_ms,
            messages: None,
            replayed: false,
        }))
    }

    /// A dry run's failure is its report: nothing was to be done, so nothing failed to be told.
    pub(super) fn dry(info: &RunInfo, outcome: Outcome, messages: Vec<Message>) -> Self {
        match Self::done(info, &outcome, None) {
            Self::Done(done) => {
                let summary = format!("dry run: {}", done.summary);
                Self::Done(Box::new(Done { messages: Some(messages), summary, ..*done }))
            }
            other => other,
        }
    }

    pub(super) fn replayed(self) -> Self {
        match self {
            Self::Done(done) => Self::Done(Box::new(Done { replayed: true, ..*done })),
            other => other,
        }
    }

    pub(super) fn failed(key: &RunKey, failure: Failure, thread: Option<ThreadRef>) -> Self {
        Self::Problem(Box::new(Problem {
            kind: ProblemKind::Failed(failure.failure),
            detail: failure.detail,
            run: key.key.clone(),
            retryable: failure.retryable,
            retry_after: None,
            thread,
        }))
    }

    /// A run that this instance left to the next delivery, for it is being stopped: nobody need act.
    pub(super) fn stopping(key: &RunKey, failure: Failure, thread: Option<ThreadRef>) -> Self {
        match Self::failed(key, failure, thread) {
            Self::Problem(problem) => Self::Problem(Box::new(Problem {
                kind: ProblemKind::Stopping,
                retry_after: Some(Duration::from_secs(1)),
                ..*problem
            })),
            other => other,
        }
    }

    /// Nothing was begun, or of a dry run nothing is left, for this instance is being stopped.
    pub(super) fn closing(key: &RunKey, detail: &str) -> Self {
        let (failure, detail) = (FailureKind::Deadline, detail.to_owned());
        Self::stopping(key, Failure { failure, detail, retryable: true }, None)
    }

    pub(super) fn internal(key: &RunKey, detail: &str) -> Self {
        let failure = Failure { failure: FailureKind::Internal, detail: detail.to_owned(), retryable: true };
        Self::failed(key, failure, None)
    }

    pub(super) fn busy(key: &RunKey, lease: Duration) -> Self {
        Self::Problem(Box::new(Problem {
            kind: ProblemKind::Busy,
            detail: "the same run is being done by another instance".to_owned(),
            run: key.key.clone(),
            retryable: true,
            retry_after: Some(lease),
            thread: None,
        }))
    }

    /// Nothing was begun, or of a dry run nothing is left.
    pub(super) fn crowded(key: &RunKey, detail: &str, retry_after: Duration) -> Self {
        Self::Problem(Box::new(Problem {
            kind: ProblemKind::Crowded,
            detail: detail.to_owned(),
            run: key.key.clone(),
            retryable: true,
            retry_after: Some(retry_after),
            thread: None,
        }))
    }

    pub(super) fn other_options(key: &RunKey) -> Self {
        let detail = "this run was started with other options; call again with the same ones, or with another \
                      Idempotency-Key";
        Self::refused(key, ProblemKind::OtherOptions, detail.to_owned())
    }

    pub(super) fn unknown_build(key: &RunKey, detail: String) -> Self {
        Self::refused(key, ProblemKind::UnknownBuild, detail)
    }

    pub(super) fn held_build(key: &RunKey, detail: String) -> Self {
        Self::refused(key, ProblemKind::HeldBuild, detail)
    }

    /// A call that is wrong as it stands.
    fn refused(key: &RunKey, kind: ProblemKind, detail: String) -> Self {
        let (run, thread) = (key.key.clone(), None);
        Self::Problem(Box::new(Problem { kind, detail, run, retryable: false, retry_after: None, thread }))
    }

    /// The one line that the log holds of a run's end. ERROR means that somebody must act.
    pub(super) fn log(&self) {
        match self {
            Self::Done(done) => tracing::info!(
                status = ?done.status,
                duration_ms = done.duration_ms,
                dry_run = done.messages.is_some(),
                replayed = done.replayed,
                "{}", done.summary
            ),
            Self::Problem(problem) => match problem.kind {
                ProblemKind::Busy
                | ProblemKind::Crowded
                | ProblemKind::Stopping
                | ProblemKind::OtherOptions
                | ProblemKind::UnknownBuild
                | ProblemKind::HeldBuild => {
                    tracing::warn!("{}", problem.detail);
                }
                ProblemKind::Failed(_) => tracing::error!(
                    retryable = problem.retryable,
                    told = problem.thread.is_some(),
                    "{}",
                    problem.detail
                ),
            },
        }
    }
}
