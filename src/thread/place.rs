//! Where a run's message stands: in the day's thread, in the one that replaces it, or in place of an earlier one.
//!
//! It never decides what a message says or whom it calls; a call that the channel refuses becomes a quieter one.

use super::{
    Telling, ThreadError,
    alarm::is_last,
    chat_failure,
    reconcile::{self, Intent},
};
use crate::{
    chat::{ChatError, ChatErrorKind, Message as ChatMessage, Place, Posted, Ts},
    ledger::{Calls, Doubtful, Message, OpenThread, Turn},
    report::{Failure, FailureKind, Origin, Status},
};

/// Posts that one run tries: in the day's thread, in the one that replaces it where people deleted it, and in place of
/// an earlier attempt's message.
const PLACES: usize = 3;

/// A message to be posted, and what is noted of it.
pub(super) struct Post {
    pub message: ChatMessage,
    pub call: Calls,
    /// Whether one that was there already will not do, for nobody knows whom it called.
    pub is_alarm: bool,
    pub shows: Status,
    pub turn: Option<Turn>,
}

/// What became of one try to post.
enum Tried {
    Posted(Posted),
    /// The reply may be taken if it does not call the channel.
    CallRefused,
    /// One that was there had to go.
    MadeRoom,
    /// People deleted the thread.
    ThreadGone,
}

impl Telling<'_> {
    /// Edits an earlier attempt's message. False where another one is to be posted: it must be new, stood elsewhere, was
    /// removed, or cannot be edited any more.
    pub(super) async fn edits(
        &self,
        earlier: &Message,
        must_be_new: bool,
        message: &ChatMessage,
        thread: &OpenThread,
    ) -> Result<bool, Failure> {
        // In a thread that people deleted nobody looks.
        let elsewhere = earlier.thread_ts != thread.ts;
        if (elsewhere || must_be_new) && self.remove(&earlier.ts).await? {
            tracing::info!(ts = %earlier.ts, "the earlier message makes room for another one");
            return Ok(false);
        }
        if elsewhere {
            return Ok(false);
        }
        match self.calls().update(&earlier.ts, message).await {
            Ok(()) => Ok(true),
            Err(error) if takes_no_edit(&error) => {
                tracing::warn!(%error, "the earlier message cannot be edited any more; a new one is posted");
                // It may only be closed for edits, and there must not be two.
                self.remove(&earlier.ts).await?;
                Ok(false)
            }
            Err(error) => Err(chat_failure(&error)),
        }
    }

    /// Posts a message once, in the thread that replaces the day's where people deleted that, and notes it with whom it
    /// called.
    pub(super) async fn post(
        &self,
        mut post: Post,
        maybe_posted: bool,
        thread: &mut OpenThread,
    ) -> Result<(), Failure> {
        let threads = self.threads;
        let first = self.held.record().await.intent;
        let mut intent = Intent { since: first.unwrap_or_else(|| threads.clock.now()), maybe_posted };
        self.held.renew_and(|record| record.intent = Some(intent.since)).await?;
        for _ in 0..PLACES {
            match self.try_post(&post, intent, thread).await? {
                Tried::Posted(Posted { channel, ts, .. }) => {
                    let Post { call, shows, turn, .. } = post;
                    let thread_ts = thread.ts.clone();
                    return self.note(Message { channel, thread_ts, ts, shows, call, turn }).await;
                }
                Tried::CallRefused => post.call = Calls::Named,
                Tried::MadeRoom => intent.maybe_posted = false,
                Tried::ThreadGone => threads.replace_gone(self.info.day, thread, self.deadline).await?,
            }
        }
        Err(Failure {
            failure: FailureKind::Chat,
            detail:
                "the reply could not be placed in the day's thread: somebody keeps deleting messages there"
                    .to_owned(),
            retryable: true,
        })
    }

    async fn try_post(&self, post: &Post, intent: Intent, thread: &OpenThread) -> Result<Tried, ThreadError> {
        let calls = self.calls();
        let place = match post.call {
            Calls::Channel => Place::Broadcast(&thread.ts),
            Calls::Named | Calls::Nobody => Place::Thread(&thread.ts),
        };
        let once = match reconcile::post_once(calls, place, &post.message, intent).await {
            Ok(once) => once,
            Err(error) if error.kind == ChatErrorKind::Gone => return Ok(Tried::ThreadGone),
            Err(error) if post.call == Calls::Channel && refuses_a_broadcast(&error) => {
                tracing::warn!(%error, "the channel may not be called; a plain reply is tried");
                return Ok(Tried::CallRefused);
            }
            Err(error) => return Err(error.into()),
        };
        let of = Doubtful::Run { step: self.info.step, key: self.info.key.clone() };
        if let Some(doubt) = self.threads.doubt(of, &once, intent) {
            self.threads.note_doubt(self.info.day, doubt).await?;
        }
        if once.found && !self.keeps(&once.posted, post).await? {
            return Ok(Tried::MadeRoom);
        }
        if once.posted.thread_ts.as_ref() != Some(&thread.ts) {
            // A reply without a thread: people deleted the parent, and Slack put the reply into the channel.
            calls.put_away(&once.posted.ts, &post.message.marker).await?;
            return Ok(Tried::ThreadGone);
        }
        Ok(Tried::Posted(once.posted))
    }

    /// Makes a message that was there already say what is to be said; false where it had to go. It may be an earlier
    /// attempt's, which had something else to say.
    async fn keeps(&self, found: &Posted, post: &Post) -> Result<bool, ChatError> {
        let calls = self.calls();
        // Nobody knows whether it called anybody; an alarm must. What may not be removed is edited.
        if post.is_alarm && calls.remove(&found.ts).await? {
            return Ok(false);
        }
        match calls.update(&found.ts, &post.message).await {
            Err(error) if takes_no_edit(&error) => {
                calls.remove(&found.ts).await?;
                Ok(false)
            }
            updated => updated.map(|()| true),
        }
    }

    /// Removes a message; false where the workspace does not let us, or where no later attempt could: a message that
    /// only says it is better than none.
    async fn remove(&self, ts: &Ts) -> Result<bool, Failure> {
        let is_over = self.info.origin == Origin::Manual || is_last(self.info.origin, self.info.attempt);
        match self.calls().remove(ts).await {
            Ok(removed) => Ok(removed),
            Err(error) if is_over || error.kind == ChatErrorKind::Permanent => Ok(false),
            Err(error) => Err(chat_failure(&error)),
        }
    }
}

/// Whether a message that is there can be told from now on only by another one: it is gone, closed for edits, or edits
/// are refused whatever their form.
fn takes_no_edit(error: &ChatError) -> bool {
    use ChatErrorKind::{Closed, Gone, Payload, Unknown};
    matches!(error.kind, Gone | Closed | Payload | Unknown)
}

/// Whether it may be only the channel that must not be called: a reply may be taken all the same.
fn refuses_a_broadcast(error: &ChatError) -> bool {
    use ChatErrorKind::{Payload, Permanent, Unknown};
    matches!(error.kind, Payload | Permanent | Unknown)
}
