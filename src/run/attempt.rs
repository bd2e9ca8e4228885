//! One attempt at a run: proves that it can be told, does the work, tells it and finishes.
//!
//! What the work is stands in `work`; how something is told, in `thread`.

use std::sync::{Arc, atomic::AtomicBool};

use futures_util::future::OptionFuture;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Answer, Call, RunKey, Runner, ThreadRef, admission::Permit};
use crate::{
    chat::{ChatErrorKind, Message},
    ledger::{DayRecord, Held, Outcome, RunRecord},
    report::{Failure, Report},
    step::Step,
    thread::{Living, Parent, Proof, Replace, Telling, ThreadError, chat_failure, is_last},
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
    ) -> Self {
        let cancel = runner.stopping.child_token();
        Self { runner, call, key, mode, before, deadline, cancel, publishing: AtomicBool::new(false) }
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
        let says_closed = self.prove().await?;
        let outcome = match &self.before.outcome {
            Some(outcome) if self.before.work_is_done() => outcome.clone(),
            _ => self.worked().await?,
        };
        match &self.mode {
            Mode::Dry(day) => told.messages = self.messages(day, &outcome),
            Mode::Claimed(held) => {
                self.tell(held, &outcome, says_closed, told).await?;
                self.finish(held, &outcome).await?;
            }
        }
        Ok(outcome)
    }

    /// Proves that what the run will find can be told, and tells what became of the attempt before. True where the run
    /// is to say that the parent is closed for edits.
    async fn prove(&self) -> Result<bool, Failure> {
        let Mode::Claimed(held) = &self.mode else { return Ok(false) };
        let info = &self.before.info;
        self.runner.note_schedule(info).await;
        if info.step == Step::CreateThread {
            return Ok(false);
        }
        let telling = self.telling(held);
        let says_closed = self.written(&telling).await?;
        if let Some(broke_off) = self.before.just_broke_off()
            && let Err(failure) = telling.tell_broke_off(broke_off).await
        {
            tracing::warn!(%failure, "that an attempt broke off could not be told; the work goes on");
        }
        Ok(says_closed)
    }

    /// Something is written that people see, in the day's thread, opened where there is none and replaced where people
    /// deleted it. Who cannot tell what it did does nothing: with a revoked token or a bot that was removed the feed
    /// stays as it is. When Slack is only out of order for a while, the feed need not wait for it. Where an edit of the
    /// parent proves nothing, for edits are closed, are not understood, or an earlier reply was refused all the same, an
    /// export says in a reply of its own that it is under way. True where the run is to say that the parent is closed
    /// for edits.
    async fn written(&self, telling: &Telling<'_>) -> Result<bool, Failure> {
        let info = &self.before.info;
        let publishes = info.step == Step::ExportProducts && !self.before.work_is_done();
        let (run, once) = (Some(telling.record_name()), Replace::OnceADay);
        let living = self.runner.threads.living(info.day, run, once, self.deadline).await;
        let Living { mut thread, proof, replies_refused, .. } = match living {
            Ok(living) => living,
            Err(error) if publishes && refuses(&error) => return Err(error.into()),
            Err(error) => {
                let failure = Failure::from(error);
                if failure.retryable {
                    tracing::warn!(%failure, "whether the run can be told is not known; it goes on");
                    return Ok(false);
                }
                return Err(failure);
            }
        };
        let (is_proven, says_closed) = match proof {
            Proof::Written => (!replies_refused, false),
            Proof::Closed { said } => (false, !said),
            Proof::None(error) if error.kind == ChatErrorKind::Permanent => return Err(chat_failure(&error)),
            Proof::None(error) if error.kind.passes() => return Ok(false),
            Proof::None(_) => (false, false),
        };
        if publishes && !is_proven {
            telling.announce(&mut thread).await?;
        }
        Ok(says_closed)
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
            if let Err(failure) = self.telling(held).tell(outcome, says_closed, &mut thread).await {
                // What no message says the board may, if anything can.
                if !failure.retryable || is_last(info) {
                    threads.untold(info, outcome, &thread, !failure.retryable, deadline).await;
                }
                return Err(failure);
            }
            told.thread = Some(ThreadRef::of(&thread));
            if threads.finished(info, outcome, &thread, deadline).await? != Parent::Gone {
                return Ok(());
            }
            // It was told where nobody looks.
            told.thread = None;
            threads.replace(info.day, &thread.ts, Replace::OnceADay).await?;
            thread = threads.ensure(info.day, deadline).await?.thread;
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
            report => vec![threads.renderer.report(info, outcome.status, report)],
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
            (Ok(outcome), Mode::Dry(_)) => Answer::dry(info, outcome, told.messages),
            (Ok(Outcome { report: Report::Failure(failure), .. }), _) => Answer::failed(key, failure, thread),
            (Ok(outcome), _) => Answer::done(info, &outcome, thread),
            // What could not be recorded or told is resumed by the next delivery of the same tick.
            (Err(failure), _) => {
                self.release().await;
                if self.runner.stopping.is_cancelled() && failure.retryable {
                    Answer::stopping(key, failure, thread)
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

    fn telling<'b>(&'b self, held: &'b Held) -> Telling<'b> {
        Telling::new(&self.runner.threads, held, &self.before.info, self.deadline)
    }
}

/// Whether the chat is there and does not take what we say.
fn refuses(error: &ThreadError) -> bool {
    matches!(error, ThreadError::Chat(error) if !error.kind.passes())
}
