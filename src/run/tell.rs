//! A run's message: posted once, or edited where an earlier attempt left one.

use jiff::Timestamp;

use super::{Runner, claim::Held};
use crate::{
    chat::{ChatErrorKind, Place},
    ledger::{Message, OpenThread, Outcome, RunRecord},
    report::{Failure, FailureKind, Report, RunInfo, Status},
    slack::{
        deliver,
        reconcile::{self, Intent},
    },
    thread::chat_failure,
};

/// Threads that one run tries to reply in: the day's, and one that replaces it where people deleted it.
const THREADS: usize = 2;
impl Runner {
    /// Posts the run's message once, or edits the one that an earlier attempt left. `thread` is replaced where people
    /// deleted it.
    pub(super) async fn tell(
        &self,
        held: &Held,
        info: &RunInfo,
        outcome: &Outcome,
        before: &RunRecord,
        thread: &mut OpenThread,
        deadline: Timestamp,
    ) -> Result<Message, Failure> {
        let message = self.renderer.report(info, outcome.status, &outcome.report);
        let (chat, clock) = (self.chat.as_ref(), self.clock.as_ref());
        held.renew(self).await?;
        if let Some(before) = &before.message {
            match deliver::update(chat, clock, &before.ts, &message, deadline).await {
                Ok(()) => return Ok(Message { shows: outcome.status, ..before.clone() }),
                Err(error) if error.kind == ChatErrorKind::Gone => {
                    tracing::warn!(%error, "the earlier message cannot be edited any more; a new one is posted");
                }
                Err(error) => return Err(chat_failure(&error)),
            }
        }
        let is_final = matches!(&outcome.report, Report::Failure(failure) if !failure.retryable);
        let broadcast = outcome.status == Status::Held || is_final;
        // An intent without a message: an attempt before this one may have posted it.
        let maybe_posted = before.intent.is_some() && before.message.is_none();
        let intent = Intent { since: before.intent.unwrap_or_else(|| clock.now()), maybe_posted };
        held.update(&self.ledger, |record| record.intent = Some(intent.since)).await?;
        for _ in 0..THREADS {
            let place = if broadcast { Place::Broadcast(&thread.ts) } else { Place::Thread(&thread.ts) };
            let reconcile::Once { posted, found } =
                reconcile::post_once(chat, clock, place, &message, intent, deadline)
                    .await
                    .map_err(|error| chat_failure(&error))?;
            if found {
                // It may be an earlier attempt's, which had something else to say.
                deliver::update(chat, clock, &posted.ts, &message, deadline)
                    .await
                    .map_err(|error| chat_failure(&error))?;
            }
            if posted.thread_ts.as_ref() == Some(&thread.ts) {
                let (channel, thread_ts) = (posted.channel, thread.ts.clone());
                return Ok(Message { channel, thread_ts, ts: posted.ts, shows: outcome.status });
            }
            // A reply without a thread: people deleted the parent, and Slack put the reply into the channel.
            reconcile::remove(chat, &posted.ts).await.map_err(|error| chat_failure(&error))?;
            self.threads.forget(info.day, &thread.ts).await?;
            *thread = self.threads.ensure(info.day, deadline).await?.thread;
        }
        Err(Failure {
            failure: FailureKind::Chat,
            detail: "the reply landed outside of the day's thread again and again: somebody keeps deleting its parent"
                .to_owned(),
            retryable: true,
        })
    }
}
