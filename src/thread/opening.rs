//! The day's thread: opened once, its guide first.
//!
//! The day's record decides: it is claimed before the parent is posted. Another day's thread is never used. What the
//! parent shows is `day`'s.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};

use super::{
    Parent, Replace, ThreadError, Threads,
    reconcile::{self, Intent, Once},
};
use crate::{
    chat::{ChatError, ChatErrorKind, Message, Place},
    ledger::{Claim, DayRecord, Doubtful, GuideState, LedgerError, OpenThread, ThreadState, day_name, nonce},
    report::{Failure, FailureKind},
    state::Generation,
};

/// How many leases a claim to post the parent or the guide holds: a post with its retries is done within it. No post
/// begins in the last lease of it: a call ends within a lease, and it has to end before a successor looks for it.
const CLAIM_LEASES: u32 = 4;
/// How often somebody who waits for another's post looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// A day's thread, and whether this call opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ensured {
    pub(crate) thread: OpenThread,
    pub(crate) opened: bool,
}

/// A day's record as it was read, and what a write of it replaces.
type Read = (DayRecord, Option<Generation>);

/// One call's way to the day's thread.
pub(super) struct Opening<'a> {
    pub(super) threads: &'a Threads,
    pub(super) day: Date,
    /// The name of the day's record.
    pub(super) name: String,
    /// Tells our claims from others'.
    pub(super) nonce: String,
    /// What lets a parent be replaced that is gone before its guide stands below it.
    replace: &'a mut Replace,
    pub(super) deadline: Timestamp,
}

impl Threads {
    /// The day's thread with its guide; opened first where there is none. Many at once make one.
    pub(crate) async fn ensure(&self, day: Date, deadline: Timestamp) -> Result<Ensured, ThreadError> {
        self.ensure_by(day, &mut Replace::OnceADay, deadline).await
    }

    /// The same by whoever may replace a parent that is gone before its guide stands below it.
    pub(super) async fn ensure_by(
        &self,
        day: Date,
        replace: &mut Replace,
        deadline: Timestamp,
    ) -> Result<Ensured, ThreadError> {
        Opening { threads: self, day, name: day_name(day), nonce: nonce(), replace, deadline }.ensure().await
    }
}

impl Opening<'_> {
    async fn ensure(&mut self) -> Result<Ensured, ThreadError> {
        let Threads { ledger, clock, .. } = self.threads;
        let mut opened = false;
        while clock.now() < self.deadline {
            let read = ledger.read::<DayRecord>(&self.name).await?;
            let read = read.map_or((DayRecord::default(), None), |v| (v.value, Some(v.generation)));
            match read.0.thread.clone() {
                ThreadState::Open(OpenThread { guide: GuideState::Posting { claim, .. }, .. })
                | ThreadState::Opening { claim, .. }
                    if claim.nonce != self.nonce && claim.expires > clock.now() =>
                {
                    clock.sleep(LOOK_AGAIN).await;
                }
                ThreadState::None => {
                    let intent = Intent { since: clock.now(), maybe_posted: false };
                    opened |= self.open(read, intent).await?;
                }
                ThreadState::Opening { since, .. } => {
                    opened |= self.open(read, Intent { since, maybe_posted: true }).await?;
                }
                ThreadState::Open(thread) => match thread.guide {
                    GuideState::Posting { since, .. } => self.finish(read, thread, since).await?,
                    GuideState::Posted { .. } => {
                        self.copy_ts(&thread).await;
                        return Ok(Ensured { thread, opened });
                    }
                },
            }
        }
        let detail = format!(
            "the thread of {} was not open before DEADLINE: another instance was opening it",
            self.day
        );
        Err(Failure { failure: FailureKind::Deadline, detail, retryable: true }.into())
    }

    /// Claims the thread and posts its parent and guide; false where somebody else was first.
    async fn open(&mut self, (mut record, generation): Read, intent: Intent) -> Result<bool, ThreadError> {
        let Threads { ledger, chat, clock, renderer, .. } = self.threads;
        record.thread = ThreadState::Opening { claim: self.claim(), since: intent.since };
        if !self.write(&record, generation).await? {
            return Ok(false);
        }
        let parent = renderer.parent(&self.threads.board(self.day, &record));
        let once = match self.post_once(Place::Channel, &parent, intent).await {
            Ok(once) => once,
            Err(error) => return Err(self.give_back_after(error).await),
        };
        let doubt = self.threads.doubt(Doubtful::Parent, &once, intent);
        let posted = once.posted;
        let permalink = chat.permalink(&posted.ts).await.unwrap_or_else(|error| {
            tracing::warn!(day = %self.day, %error, "the thread's link could not be had");
            None
        });
        let guide = GuideState::Posting { claim: self.claim(), since: clock.now() };
        let thread = OpenThread { channel: posted.channel, ts: posted.ts, permalink, guide };
        let opened = |mut record: DayRecord| match &record.thread {
            ThreadState::Opening { claim, .. } if claim.nonce == self.nonce => {
                record.thread = ThreadState::Open(thread.clone());
                doubt.clone().into_iter().for_each(|doubt| record.doubt(doubt));
                Some(record)
            }
            _ => None,
        };
        if ledger.update(&self.name, opened).await?.thread != ThreadState::Open(thread.clone()) {
            tracing::error!(day = %self.day, ts = %thread.ts, "a second parent was posted: another instance took over meanwhile");
            return Ok(false);
        }
        tracing::info!(day = %self.day, thread_ts = %thread.ts, "thread opened");
        // A parent that was found may have its guide, too: the same intent holds for both.
        self.post_guide(&thread, intent).await?;
        Ok(true)
    }

    /// Claims the guide of a thread that somebody else opened, and posts it.
    async fn finish(
        &mut self,
        (mut record, generation): Read,
        thread: OpenThread,
        since: Timestamp,
    ) -> Result<(), ThreadError> {
        let guide = GuideState::Posting { claim: self.claim(), since };
        let thread = OpenThread { guide, ..thread };
        record.thread = ThreadState::Open(thread.clone());
        if !self.write(&record, generation).await? {
            return Ok(());
        }
        // A guide whose parent is gone would stand in the channel.
        match self.threads.show(self.day, &record, &thread, self.deadline).await {
            Parent::Gone => self.replace_or_give_back(&thread).await,
            _ => self.post_guide(&thread, Intent { since, maybe_posted: true }).await,
        }
    }

    /// Within our claim: no post begins in its last lease.
    pub(super) async fn post_once(
        &self,
        place: Place<'_>,
        message: &Message,
        intent: Intent,
    ) -> Result<Once, ChatError> {
        let threads = self.threads;
        let deadline = self.deadline.min(threads.clock.now() + threads.lease * (CLAIM_LEASES - 1));
        reconcile::post_once(threads.calls(deadline), place, message, intent).await
    }

    /// Has another thread opened in place of one that people deleted, as far as that is let.
    pub(super) async fn replace_or_give_back(&mut self, gone: &OpenThread) -> Result<(), ThreadError> {
        let replaced = self.threads.replace(self.day, &gone.ts, self.replace.take()).await;
        if replaced.is_err() {
            self.give_back().await;
        }
        Ok(replaced?)
    }

    /// Nothing was posted unless the error says so, and then the claim stands until it expires.
    pub(super) async fn give_back_after(&self, error: ChatError) -> ThreadError {
        if !matches!(error.kind, ChatErrorKind::Ambiguous | ChatErrorKind::Unknown) {
            self.give_back().await;
        }
        error.into()
    }

    async fn give_back(&self) {
        let given = |mut record: DayRecord| match &mut record.thread {
            ThreadState::Opening { claim, since }
            | ThreadState::Open(OpenThread { guide: GuideState::Posting { claim, since }, .. })
                if claim.nonce == self.nonce =>
            {
                // The intent stays: a token that is mended later must not forget what may have been posted.
                claim.expires = *since;
                Some(record)
            }
            _ => None,
        };
        if let Err(error) = self.threads.ledger.update(&self.name, given).await {
            tracing::warn!(%error, "the claim on the thread could not be given back; it expires by itself");
        }
    }

    async fn copy_ts(&self, thread: &OpenThread) {
        let Threads { ledger, clock, schedule, .. } = self.threads;
        // A late tick of yesterday may open a thread that is newer than today's: it is not the one others look for.
        if self.day < schedule.day_of(clock.now()) {
            return;
        }
        if let Err(error) = ledger.write_thread_ts(&thread.ts.0, clock.now()).await {
            tracing::warn!(%error, "thread.ts could not be written; {}", error.outlook());
        }
    }

    fn claim(&self) -> Claim {
        let threads = self.threads;
        Claim { nonce: self.nonce.clone(), expires: threads.clock.now() + threads.lease * CLAIM_LEASES }
    }

    /// Whether the write took effect; false where somebody else was first.
    async fn write(&self, record: &DayRecord, over: Option<Generation>) -> Result<bool, Failure> {
        match self.threads.ledger.write(&self.name, record, over).await {
            Ok(_) => Ok(true),
            Err(LedgerError::Moved(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}
