//! Whether people still see the day's thread, and what is done where they deleted it: another parent, once a day.
//!
//! A parent with replies stays as a tombstone when it is deleted: Slack goes on threading replies below it, where nobody
//! looks. Only an edit of the parent tells, so each run begins with one; that the edit was taken proves that the run
//! can be told, too. It never posts a report.

use jiff::{Timestamp, civil::Date};

use super::{Parent, ThreadError, Threads, opening::Ensured};
use crate::{
    chat::{ChatError, Ts},
    ledger::{DayRecord, OpenThread, ThreadState, day_name},
    report::{Failure, FailureKind},
};

/// Parents that take the place of deleted ones, in one day. Whatever removes more of them would remove all.
const REPLACEMENTS: u32 = 1;

/// Who lets a deleted parent be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replace {
    /// Whoever finds it, once a day.
    OnceADay,
    /// Somebody who opens the thread by hand: once for each call.
    ByHand,
}

impl Replace {
    /// What lets this one parent be replaced; the next one only once a day.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::OnceADay)
    }
}

/// A day's thread, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Living {
    pub(crate) thread: OpenThread,
    /// Whether this call opened it.
    pub(crate) opened: bool,
    pub(crate) proof: Proof,
    /// Whether the last reply was refused, whatever the parent's edits say.
    pub(crate) replies_refused: bool,
}

/// What shows that a run can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Something was written that people see.
    Written,
    /// The parent is there and closed for edits; `said` so by another run already.
    Closed { said: bool },
    /// The parent could not be edited, for this reason.
    None(ChatError),
}

impl Threads {
    /// The day's thread, its parent edited to how things stand; another one where people deleted it. `run` is the name of
    /// the record of a run that has a message to say in that the parent is closed, if it is.
    pub(crate) async fn living(
        &self,
        day: Date,
        run: Option<&str>,
        mut replace: Replace,
        deadline: Timestamp,
    ) -> Result<Living, ThreadError> {
        loop {
            let Ensured { thread, opened } = self.ensure_by(day, &mut replace, deadline).await?;
            if opened {
                return Ok(Living { thread, opened, proof: Proof::Written, replies_refused: false });
            }
            let record = self.ledger.read::<DayRecord>(&day_name(day)).await?;
            let record = record.map(|read| read.value).unwrap_or_default();
            let proof = match self.show(day, &record, &thread, deadline).await {
                Parent::Shown => {
                    if record.closed.is_some() {
                        self.note_closed(day, None).await?;
                    }
                    Proof::Written
                }
                Parent::Closed => {
                    let by = match (record.closed, run) {
                        (None, Some(run)) => self.note_closed(day, Some(run)).await?,
                        (by, _) => by,
                    };
                    Proof::Closed { said: by.as_deref() != run }
                }
                Parent::Unknown(error) => Proof::None(error),
                Parent::Gone => {
                    self.replace(day, &thread.ts, replace.take()).await?;
                    continue;
                }
            };
            return Ok(Living { thread, opened, proof, replies_refused: record.replies_refused });
        }
    }

    /// Forgets a thread that people deleted, unless somebody replaced it already. The next [`Self::ensure`] opens
    /// another one. Where that happened before today, it is an error: something removes each parent.
    pub(crate) async fn replace(&self, day: Date, gone: &Ts, replace: Replace) -> Result<(), Failure> {
        let mut refused = false;
        self.ledger
            .update::<DayRecord>(&day_name(day), |mut record| match &record.thread {
                ThreadState::Open(thread) if thread.ts == *gone => {
                    refused = replace == Replace::OnceADay && record.replaced >= REPLACEMENTS;
                    record.thread = ThreadState::None;
                    record.replaced += 1;
                    record.closed = None;
                    (!refused).then_some(record)
                }
                _ => {
                    refused = false;
                    None
                }
            })
            .await?;
        if refused {
            return Err(Failure {
                failure: FailureKind::Chat,
                detail: format!(
                    "the parent of {day}'s thread was deleted again after another one had taken its place; find out who \
                     or which app deletes it, then open a new one with create-thread by hand, and run this step again"
                ),
                retryable: false,
            });
        }
        tracing::warn!(%day, thread_ts = %gone, "the day's parent was deleted; another one is opened");
        Ok(())
    }

    /// Opens another thread in place of one that people deleted.
    pub(crate) async fn replace_gone(
        &self,
        day: Date,
        thread: &mut OpenThread,
        deadline: Timestamp,
    ) -> Result<(), Failure> {
        self.replace(day, &thread.ts, Replace::OnceADay).await?;
        *thread = self.ensure(day, deadline).await?.thread;
        Ok(())
    }

    /// Notes which run says that the parent is closed for edits, or that it is open again; whoever was first stays.
    async fn note_closed(&self, day: Date, by: Option<&str>) -> Result<Option<String>, Failure> {
        let name = day_name(day);
        let record = self.ledger.update::<DayRecord>(&name, |mut record| {
            if by.is_some() && record.closed.is_some() {
                return None;
            }
            record.closed = by.map(str::to_owned);
            Some(record)
        });
        Ok(record.await?.closed)
    }
}
