//! The day's thread: opened once, its guide first.
//!
//! The day's record decides: it is claimed before the parent is posted. Another day's thread is never used. What the
//! parent shows is `day`'s.

mod day;
pub mod deliver;
mod doubts;
mod error;
mod leased;
mod living;
pub mod reconcile;
mod tell;

pub use day::Parent;
pub use error::{ThreadError, chat_failure};
pub use living::{Living, Proof, Replace};
pub(crate) use tell::{Telling, is_last};

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, civil::Date};

use self::{
    deliver::PatientChat,
    reconcile::{Intent, Once},
};

use crate::{
    chat::{Chat, ChatError, ChatErrorKind, Message, Place},
    clock::Clock,
    ledger::{
        Claim, DayRecord, Doubt, Doubtful, GuideState, Ledger, LedgerError, OpenThread, ThreadState,
        day_name, nonce,
    },
    report::{Failure, FailureKind},
    schedule::Schedule,
    slack::Renderer,
    state::Generation,
};

/// How many leases a claim to post the parent or the guide holds: a post with its retries is done within it. No post
/// begins in the last lease of it: a call ends within a lease, and it has to end before a successor looks for it.
const CLAIM_LEASES: u32 = 4;
/// How often somebody who waits for another's post looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// Opens and finds the threads of days.
pub struct Threads {
    /// Where the days are kept.
    pub ledger: Ledger,
    /// Where the threads are.
    pub chat: Arc<dyn Chat>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes the messages.
    pub renderer: Arc<Renderer>,
    /// The day's slots.
    pub schedule: Schedule,
    /// The public URL of the feed, for the guide.
    pub feed_url: String,
    /// Where builds are kept, for the guide.
    pub files: String,
    /// `LEASE`
    pub lease: Duration,
}

/// A day's thread, and whether this call opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ensured {
    /// The thread, its guide posted.
    pub thread: OpenThread,
    /// Whether it was opened by this call.
    pub opened: bool,
}

impl Threads {
    /// The day's thread with its guide; opened first where there is none. Many at once make one.
    pub async fn ensure(&self, day: Date, deadline: Timestamp) -> Result<Ensured, ThreadError> {
        self.ensure_by(day, &mut Replace::OnceADay, deadline).await
    }

    /// The same by whoever may replace a parent that is gone before its guide stands below it.
    async fn ensure_by(
        &self,
        day: Date,
        replace: &mut Replace,
        deadline: Timestamp,
    ) -> Result<Ensured, ThreadError> {
        let name = day_name(day);
        let nonce = nonce();
        let mut opened = false;
        while self.clock.now() < deadline {
            let read = self.ledger.read::<DayRecord>(&name).await?;
            let (mut record, generation) =
                read.map_or((DayRecord::default(), None), |v| (v.value, Some(v.generation)));
            match &record.thread {
                ThreadState::Open(thread) if matches!(thread.guide, GuideState::Posted { .. }) => {
                    self.copy_ts(day, thread).await;
                    return Ok(Ensured { thread: thread.clone(), opened });
                }
                ThreadState::Open(OpenThread { guide: GuideState::Posting { claim, .. }, .. })
                | ThreadState::Opening { claim, .. }
                    if claim.nonce != nonce && claim.expires > self.clock.now() =>
                {
                    self.clock.sleep(LOOK_AGAIN).await;
                }
                ThreadState::Open(thread) => {
                    let since = match &thread.guide {
                        GuideState::Posting { since, .. } => *since,
                        GuideState::Posted { .. } => self.clock.now(),
                    };
                    let intent = Intent { since, maybe_posted: true };
                    let guide = GuideState::Posting { claim: self.claim(&nonce), since };
                    let thread = OpenThread { guide, ..thread.clone() };
                    record.thread = ThreadState::Open(thread.clone());
                    if self.write(&name, &record, generation).await? {
                        // A guide whose parent is gone would stand in the channel.
                        match self.show(day, &record, &thread, deadline).await {
                            Parent::Gone => self.replace_or_give_back(day, &nonce, &thread, replace).await?,
                            _ => self.post_guide(day, &nonce, &thread, intent, replace, deadline).await?,
                        }
                    }
                }
                ThreadState::None => {
                    let intent = Intent { since: self.clock.now(), maybe_posted: false };
                    opened |= self.open(day, &nonce, (record, generation), intent, replace, deadline).await?;
                }
                ThreadState::Opening { since, .. } => {
                    let intent = Intent { since: *since, maybe_posted: true };
                    opened |= self.open(day, &nonce, (record, generation), intent, replace, deadline).await?;
                }
            }
        }
        Err(Failure {
            failure: FailureKind::Deadline,
            detail: format!(
                "the thread of {day} was not open before DEADLINE: another instance was opening it"
            ),
            retryable: true,
        }
        .into())
    }

    /// Claims the thread and posts its parent and guide; false where somebody else was first.
    async fn open(
        &self,
        day: Date,
        nonce: &str,
        (mut record, generation): (DayRecord, Option<Generation>),
        intent: Intent,
        replace: &mut Replace,
        deadline: Timestamp,
    ) -> Result<bool, ThreadError> {
        let name = &day_name(day);
        record.thread = ThreadState::Opening { claim: self.claim(nonce), since: intent.since };
        if !self.write(name, &record, generation).await? {
            return Ok(false);
        }
        let parent = self.renderer.parent(&self.board(day, &record));
        let once = match self.post_once(Place::Channel, &parent, intent, deadline).await {
            Ok(once) => once,
            Err(error) => {
                self.give_back_after(&error, name, nonce).await;
                return Err(error.into());
            }
        };
        let doubt = self.doubt(Doubtful::Parent, &once, intent);
        let posted = once.posted;
        let permalink = self.chat.permalink(&posted.ts).await.unwrap_or_else(|error| {
            tracing::warn!(%day, %error, "the thread's link could not be had");
            None
        });
        let thread = OpenThread {
            channel: posted.channel,
            ts: posted.ts,
            permalink,
            guide: GuideState::Posting { claim: self.claim(nonce), since: self.clock.now() },
        };
        let now = self
            .ledger
            .update::<DayRecord>(name, |mut record| match &record.thread {
                ThreadState::Opening { claim, .. } if claim.nonce == nonce => {
                    record.thread = ThreadState::Open(thread.clone());
                    doubt.clone().into_iter().for_each(|doubt| record.doubt(doubt));
                    Some(record)
                }
                _ => None,
            })
            .await?;
        if now.thread != ThreadState::Open(thread.clone()) {
            tracing::error!(%day, ts = %thread.ts, "a second parent was posted: another instance took over meanwhile");
            return Ok(false);
        }
        tracing::info!(%day, thread_ts = %thread.ts, "thread opened");
        // A parent that was found may have its guide, too: the same intent holds for both.
        self.post_guide(day, nonce, &thread, intent, replace, deadline).await?;
        Ok(true)
    }

    async fn post_once(
        &self,
        place: Place<'_>,
        message: &Message,
        intent: Intent,
        deadline: Timestamp,
    ) -> Result<Once, ChatError> {
        let deadline = deadline.min(self.clock.now() + self.lease * (CLAIM_LEASES - 1));
        reconcile::post_once(self.calls(deadline), place, message, intent).await
    }

    /// Calls until `deadline`.
    pub fn calls(&self, deadline: Timestamp) -> PatientChat<'_> {
        PatientChat {
            chat: self.chat.as_ref(),
            clock: self.clock.as_ref(),
            deadline,
            one_too_many: self.renderer.one_too_many(),
        }
    }

    /// What is to be remembered of a post where another try of it may still land.
    pub fn doubt(&self, of: Doubtful, once: &Once, intent: Intent) -> Option<Doubt> {
        once.unsure.then(|| Doubt { of, since: intent.since, posted: self.clock.now() })
    }

    async fn post_guide(
        &self,
        day: Date,
        nonce: &str,
        thread: &OpenThread,
        intent: Intent,
        replace: &mut Replace,
        deadline: Timestamp,
    ) -> Result<(), ThreadError> {
        let guide = self.guide(day);
        let place = Place::Thread(&thread.ts);
        let once = match self.post_once(place, &guide, intent, deadline).await {
            Ok(once) => once,
            Err(error) if error.kind == ChatErrorKind::Gone => {
                return self.replace_or_give_back(day, nonce, thread, replace).await;
            }
            Err(error) => {
                self.give_back_after(&error, &day_name(day), nonce).await;
                return Err(error.into());
            }
        };
        let doubt = self.doubt(Doubtful::Guide, &once, intent);
        let posted = once.posted;
        if posted.thread_ts.as_ref() != Some(&thread.ts) {
            // The parent was deleted meanwhile: the stray guide goes, and the next look opens another thread.
            let calls = self.calls(deadline);
            calls.put_away(&posted.ts, &guide.marker).await?;
            return self.replace_or_give_back(day, nonce, thread, replace).await;
        }
        self.ledger
            .update::<DayRecord>(&day_name(day), |mut record| match &mut record.thread {
                ThreadState::Open(OpenThread { guide: guide @ GuideState::Posting { .. }, .. })
                    if matches!(&*guide, GuideState::Posting { claim, .. } if claim.nonce == nonce) =>
                {
                    *guide = GuideState::Posted { ts: posted.ts.clone() };
                    doubt.clone().into_iter().for_each(|doubt| record.doubt(doubt));
                    Some(record)
                }
                _ => None,
            })
            .await?;
        Ok(())
    }

    /// Has another thread opened in place of one that people deleted, as far as `replace` lets anybody.
    async fn replace_or_give_back(
        &self,
        day: Date,
        nonce: &str,
        gone: &OpenThread,
        replace: &mut Replace,
    ) -> Result<(), ThreadError> {
        let replaced = self.replace(day, &gone.ts, replace.take()).await;
        if replaced.is_err() {
            self.give_back(&day_name(day), nonce).await;
        }
        Ok(replaced?)
    }

    /// Nothing was posted unless the error says so, and then the claim stands until it expires.
    async fn give_back_after(&self, error: &ChatError, name: &str, nonce: &str) {
        if !matches!(error.kind, ChatErrorKind::Ambiguous | ChatErrorKind::Unknown) {
            self.give_back(name, nonce).await;
        }
    }

    async fn give_back(&self, name: &str, nonce: &str) {
        let given = self
            .ledger
            .update::<DayRecord>(name, |mut record| match &mut record.thread {
                ThreadState::Opening { claim, since }
                | ThreadState::Open(OpenThread { guide: GuideState::Posting { claim, since }, .. })
                    if claim.nonce == nonce =>
                {
                    // The intent stays: a token that is mended later must not forget what may have been posted.
                    claim.expires = *since;
                    Some(record)
                }
                _ => None,
            })
            .await;
        if let Err(error) = given {
            tracing::warn!(%error, "the claim on the thread could not be given back; it expires by itself");
        }
    }

    async fn copy_ts(&self, day: Date, thread: &OpenThread) {
        // A late tick of yesterday may open a thread that is newer than today's: it is not the one others look for.
        if day < self.schedule.day_of(self.clock.now()) {
            return;
        }
        if let Err(error) = self.ledger.write_thread_ts(&thread.ts.0, self.clock.now()).await {
            tracing::warn!(%error, "thread.ts could not be written; {}", error.outlook());
        }
    }

    fn claim(&self, nonce: &str) -> Claim {
        Claim { nonce: nonce.to_owned(), expires: self.clock.now() + self.lease * CLAIM_LEASES }
    }

    /// Whether the write took effect; false where somebody else was first.
    async fn write(&self, name: &str, record: &DayRecord, over: Option<Generation>) -> Result<bool, Failure> {
        match self.ledger.write(name, record, over).await {
            Ok(_) => Ok(true),
            Err(LedgerError::Moved(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}
