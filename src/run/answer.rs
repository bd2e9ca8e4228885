//! What a caller is told: the verdict, or why there is none and whether a retry may help.
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
    NoVerdict(Box<NoVerdict>),
}

/// A finished and reported run.
#[derive(Debug, Clone, Serialize)]
pub struct Done {
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
pub struct NoVerdict {
    /// What kind.
    pub kind: WhyNot,
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

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
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
        Self::Done(Box::new(Done::of(info, outcome, thread)))
    }

    pub(super) fn replayed(info: &RunInfo, outcome: &Outcome, thread: ThreadRef) -> Self {
        Self::Done(Box::new(Done { replayed: true, ..Done::of(info, outcome, Some(thread)) }))
    }

    /// A dry run's failure is its report: nothing was to be done, so nothing failed to be told.
    pub(super) fn dry(info: &RunInfo, outcome: &Outcome, messages: Vec<Message>) -> Self {
        let done = Done::of(info, outcome, None);
        let (summary, messages) = (format!("dry run: {}", done.summary), Some(messages));
        Self::Done(Box::new(Done { summary, messages, ..done }))
    }

    pub(super) fn failed(key: &RunKey, failure: Failure, thread: Option<ThreadRef>) -> Self {
        let Failure { failure, detail, retryable } = failure;
        Self::because(key, NoVerdict { retryable, thread, ..NoVerdict::of(WhyNot::Failed(failure), detail) })
    }

    /// A run that this instance left to the next delivery, for it is being stopped: nobody need act.
    pub(super) fn stopping(key: &RunKey, detail: &str, thread: Option<ThreadRef>) -> Self {
        let why = NoVerdict::of(WhyNot::Stopping, detail).later(Duration::from_secs(1));
        Self::because(key, NoVerdict { thread, ..why })
    }

    pub(super) fn internal(key: &RunKey, detail: &str) -> Self {
        let failure = Failure { failure: FailureKind::Internal, detail: detail.to_owned(), retryable: true };
        Self::failed(key, failure, None)
    }

    pub(super) fn busy(key: &RunKey, lease: Duration) -> Self {
        let detail = "the same run is being done by another instance";
        Self::because(key, NoVerdict::of(WhyNot::Busy, detail).later(lease))
    }

    /// Nothing was begun, or of a dry run nothing is left.
    pub(super) fn crowded(key: &RunKey, detail: &str, retry_after: Duration) -> Self {
        Self::because(key, NoVerdict::of(WhyNot::Crowded, detail).later(retry_after))
    }

    pub(super) fn other_options(key: &RunKey) -> Self {
        let detail = "this run was started with other options; call again with the same ones, or with another \
                      Idempotency-Key";
        Self::wrong(key, WhyNot::OtherOptions, detail)
    }

    /// A call that is wrong as it stands.
    pub(super) fn wrong(key: &RunKey, why: WhyNot, detail: impl Into<String>) -> Self {
        Self::because(key, NoVerdict::of(why, detail))
    }

    fn because(key: &RunKey, why: NoVerdict) -> Self {
        Self::NoVerdict(Box::new(NoVerdict { run: key.key.clone(), ..why }))
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
            Self::NoVerdict(why) => match why.kind {
                WhyNot::Failed(_) => {
                    tracing::error!(retryable = why.retryable, told = why.thread.is_some(), "{}", why.detail)
                }
                WhyNot::Busy
                | WhyNot::Crowded
                | WhyNot::Stopping
                | WhyNot::OtherOptions
                | WhyNot::UnknownBuild
                | WhyNot::HeldBuild => tracing::warn!("{}", why.detail),
            },
        }
    }
}

impl Done {
    fn of(info: &RunInfo, outcome: &Outcome, thread: Option<ThreadRef>) -> Self {
        Self {
            step: info.step,
            run: info.key.clone(),
            status: outcome.status,
            summary: outcome.report.summary(),
            thread,
            report: outcome.report.clone(),
            duration_ms: outcome.duration_ms,
            messages: None,
            replayed: false,
        }
    }
}

impl NoVerdict {
    fn of(kind: WhyNot, detail: impl Into<String>) -> Self {
        let (detail, run) = (detail.into(), String::new());
        Self { kind, detail, run, retryable: false, retry_after: None, thread: None }
    }

    fn later(self, retry_after: Duration) -> Self {
        Self { retryable: true, retry_after: Some(retry_after), ..self }
    }
}
