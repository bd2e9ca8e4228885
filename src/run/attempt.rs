//! One attempt at a run: proves that it can be told, does the work, tells it and finishes.
//!
//! How it proves that stands in `prove`, what the work is in `work`, how something is told in `thread`.

use std::sync::{Arc, atomic::AtomicBool};

use futures_util::future::OptionFuture;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Answer, Call, RunKey, Runner, ThreadRef, admission::Permit};
use crate::{
    chat::Message,
    ledger::{DayRecord, Held, Outcome, RunRecord},
    progress::{Progress, Stage},
    report::{Failure, Report},
    step::Step,
    thread::{Parent, Telling, is_last},
};

/// How much of its course a run takes.
pub(super) enum Mode {
    /// All of it, by this claim.
    Claimed(Arc<Held>),
    /// A dry run: it claims, records, posts, stores and publishes nothing, and sees the day as it stands.
    Dry(DayRecord),
}

/// One attempt at a run.
pub(super) struct Attempt<'a> {
    pub(super) runner: &'a Runner,
    pub(super) call: &'a Call,
    key: &'a RunKey,
    pub(super) mode: Mode,
    /// What earlier attempts left.
    pub(super) before: RunRecord,
    pub(super) deadline: Timestamp,
    /// Cancelled when the work has to end and to clean up after itself.
    pub(super) cancel: CancellationToken,
    /// Whether the build may be public.
    pub(super) publishing: AtomicBool,
    pub(super) progress: &'a Progress,
}

/// What people were told.
#[derive(Default)]
pub(super) struct Told {
    /// The thread where the message stands, once it does.
    thread: Option<ThreadRef>,
    /// What would have been posted, in a dry run.
    messages: Vec<Message>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        runner: &'a Runner,
        call: &'a Call,
        key: &'a RunKey,
        mode: Mode,
        before: RunRecord,
        deadline: Timestamp,
        progress: &'a Progress,
    ) -> Self {
        let cancel = runner.stopping.child_token();
        Self {
            runner,
            call,
            key,
            mode,
            before,
            deadline,
            cancel,
            publishing: AtomicBool::new(false),
            progress,
        }
    }

    /// Renews the claim until what comes back is dropped.
    pub(super) fn renewal(&self) -> Option<impl Sized + use<>> {
        match &self.mode {
            Mode::Claimed(held) => Some(held.renew_until_dropped()),
            Mode::Dry(_) => None,
        }
    }

    /// A permit, where the run was let in without one because another instance was at it, and that left it to us.
    pub(super) async fn admitted(&self, permit: Option<Permit>) -> Result<Option<Permit>, Answer> {
        if permit.is_some() || self.before.work_is_done() {
            return Ok(permit);
        }
        let admitted = self.runner.admitted_now(self.call, self.key).await;
        if admitted.is_err() {
            self.release().await;
        }
        admitted
    }

    /// Ends when the attempt has to be left as it is. Who lost the claim does nothing more, and leaves the record to
    /// whoever has it; a dry run makes room for one that counts.
    pub(super) async fn given_up(&self, permit: Option<&Permit>) -> Answer {
        match &self.mode {
            Mode::Claimed(held) => Answer::failed(self.key, held.lost().await, None),
            Mode::Dry(_) => tokio::select! {
                biased;
                Some(()) = OptionFuture::from(permit.map(Permit::is_to_leave)) => self.runner.left(self.key),
                () = self.runner.stopping.cancelled() => self.runner.stopped(self.key),
            },
        }
    }

    /// The run's outcome, recorded and told.
    pub(super) async fn outcome_told(&self, told: &mut Told) -> Result<Outcome, Failure> {
        self.progress.enter(Stage::Prepare);
        let says_closed = self.prove().await?;
        let outcome = match &self.before.outcome {
            Some(outcome) if self.before.work_is_done() => outcome.clone(),
            _ => self.worked().await?,
        };
        self.progress.enter(Stage::Tell);
        match &self.mode {
            Mode::Dry(day) => told.messages = self.messages(day, &outcome),
            Mode::Claimed(held) => {
                self.tell(held, &outcome, says_closed, told).await?;
                self.finish(held, &outcome).await?;
            }
        }
        Ok(outcome)
    }

    /// Tells the outcome in the day's thread, and once more where people deleted that meanwhile.
    async fn tell(
        &self,
        held: &Held,
        outcome: &Outcome,
        says_closed: bool,
        told: &mut Told,
    ) -> Result<(), Failure> {
        let (threads, info, deadline) = (&self.runner.threads, &self.before.info, self.deadline);
        let mut thread = threads.ensure(info.day, deadline).await?.thread;
        if info.step == Step::CreateThread {
            told.thread = Some(ThreadRef::of(&thread));
            return Ok(());
        }
        loop {
            let since = match self.telling(held).tell(outcome, says_closed, &mut thread).await {
                Ok(since) => since,
                Err(failure) => {
                    // What no message says the board may, if anything can.
                    if !failure.retryable || is_last(info.origin, info.attempt) {
                        threads.untold(info, outcome, &thread, !failure.retryable, deadline).await;
                    }
                    return Err(failure);
                }
            };
            told.thread = Some(ThreadRef::of(&thread));
            if threads.finished(info, outcome, since, &thread, deadline).await? != Parent::Gone {
                return Ok(());
            }
            // It was told where nobody looks.
            told.thread = None;
            threads.replace_gone(info.day, &mut thread, deadline).await?;
        }
    }

    /// What would have been posted.
    fn messages(&self, day: &DayRecord, outcome: &Outcome) -> Vec<Message> {
        let (threads, info) = (&self.runner.threads, &self.before.info);
        match &outcome.report {
            Report::Thread(thread) if !thread.opened => Vec::new(),
            Report::Thread(_) => {
                vec![threads.renderer.parent(&threads.board(info.day, day)), threads.guide(info.day)]
            }
            report => vec![threads.preview(info, report)],
        }
    }

    async fn finish(&self, held: &Held, outcome: &Outcome) -> Result<(), Failure> {
        self.runner.threads.settle(self.before.info.day, held.name(), self.deadline).await;
        if matches!(outcome.report, Report::Failure(_)) {
            held.release().await;
            return Ok(());
        }
        let finished = self.runner.now();
        let finish = |record: &mut RunRecord| {
            record.claim = None;
            record.finished = Some(finished);
        };
        held.update(finish).await
    }

    pub(super) async fn answer(&self, ended: Result<Outcome, Failure>, told: Told) -> Answer {
        let (key, info, thread) = (self.key, &self.before.info, told.thread);
        match (ended, &self.mode) {
            (Ok(outcome), Mode::Dry(_)) => Answer::dry(info, &outcome, told.messages),
            (Ok(Outcome { report: Report::Failure(failure), .. }), _) => Answer::failed(key, failure, thread),
            (Ok(outcome), _) => Answer::done(info, &outcome, thread),
            // What could not be recorded or told is resumed by the next delivery of the same tick.
            (Err(failure), _) => {
                self.release().await;
                if self.runner.stopping.is_cancelled() && failure.retryable {
                    Answer::stopping(key, &failure.detail, thread)
                } else {
                    Answer::failed(key, failure, thread)
                }
            }
        }
    }

    async fn release(&self) {
        if let Mode::Claimed(held) = &self.mode {
            held.release().await;
        }
    }

    pub(super) fn telling<'b>(&'b self, held: &'b Held) -> Telling<'b> {
        Telling::new(&self.runner.threads, held, &self.before.info, self.deadline)
    }
}
