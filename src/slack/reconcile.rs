//! Posting exactly once although Slack knows no idempotency key: whoever may have posted before looks first.
//!
//! One window stays open: a post in flight from an instance that died or froze can land after its successor looked.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::deliver::PatientChat;
use crate::chat::{ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts};

/// How far before the intent a search begins: Slack's clock need not be ours.
const BEFORE_INTENT: SignedDuration = SignedDuration::from_secs(60);
/// Between two looks: a message that was just taken need not show at once.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// Posts of one message by one holder, each after a look.
const POSTS: usize = 3;

/// A post that must happen once.
#[derive(Debug, Clone, Copy)]
pub struct Intent {
    /// When somebody first meant to post it.
    pub since: Timestamp,
    /// Whether somebody may have done so: an attempt that was taken over, or an answer that was lost.
    pub maybe_posted: bool,
}

/// A message that is where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Where it is.
    pub posted: Posted,
    /// Whether it was there before this call: then it says what an earlier attempt had to say.
    pub found: bool,
}

/// Posts `message` unless one with its marker is there already, and tells where it is.
pub async fn post_once(
    calls: PatientChat<'_>,
    place: Place<'_>,
    message: &Message,
    intent: Intent,
) -> Result<Once, ChatError> {
    let thread = match place {
        Place::Channel => None,
        Place::Thread(ts) | Place::Broadcast(ts) => Some(ts),
    };
    let is_over = || calls.clock.now() >= calls.deadline;
    let mut look = intent.maybe_posted;
    let mut tries = 1;
    loop {
        if look && let Some(thread) = thread {
            sweep(calls, &message.marker, thread, intent.since).await.map_err(unsure)?;
        }
        if look
            && let Some(found) =
                look_twice(calls, &message.marker, thread, intent.since).await.map_err(unsure)?
        {
            tracing::info!(ts = %found.ts, key = %message.marker.key, "the message was there already");
            return Ok(Once { posted: found, found: tries == 1 });
        }
        if look && is_over() {
            return Err(ChatError {
                kind: ChatErrorKind::Ambiguous,
                method: "chat.postMessage",
                detail: "looking for the message took too long; the next try goes on".to_owned(),
            });
        }
        match calls.post(place, message).await {
            Err(error) if is_unsure(&error) && tries < POSTS && !is_over() => {
                tracing::warn!(%error, key = %message.marker.key, "looking for the message before posting it again");
                look = true;
                tries += 1;
            }
            // Once a post may have been taken, no later error can say that it was not.
            Err(error) if look => return Err(unsure(error)),
            other => return other.map(|posted| Once { posted, found: false }),
        }
    }
}

/// Removes a reply that went astray: to a parent that people had deleted, it became a message of the channel. One that
/// cannot be removed is an error, for with the reply it would be the second of its kind; it shows the whole verdict
/// meanwhile.
async fn sweep(
    calls: PatientChat<'_>,
    marker: &Marker,
    thread: &Ts,
    since: Timestamp,
) -> Result<(), ChatError> {
    let found = match calls.find(marker, None, since - BEFORE_INTENT).await {
        Ok(found) => found,
        // Nor can the thread be read then, and that is told below.
        Err(error) if error.kind == ChatErrorKind::Permanent => return Ok(()),
        Err(error) => return Err(error),
    };
    for stray in found.iter().filter(|found| found.thread_ts.as_ref() != Some(thread)) {
        calls.remove(&stray.ts).await?;
    }
    Ok(())
}

/// Whether the message may have been posted all the same.
fn is_unsure(error: &ChatError) -> bool {
    matches!(error.kind, ChatErrorKind::Ambiguous | ChatErrorKind::Unknown)
}

/// A look that failed leaves it open whether the message is there, unless a person must act first.
fn unsure(error: ChatError) -> ChatError {
    match error.kind {
        ChatErrorKind::Permanent | ChatErrorKind::Gone | ChatErrorKind::Closed => error,
        _ => ChatError { kind: ChatErrorKind::Ambiguous, ..error },
    }
}

/// Looks twice. Without the right to read the channel nothing can be found: then posting again, with a rare
/// double, beats silence.
async fn look_twice(
    calls: PatientChat<'_>,
    marker: &Marker,
    thread: Option<&Ts>,
    since: Timestamp,
) -> Result<Option<Posted>, ChatError> {
    let since = since - BEFORE_INTENT;
    for again in [false, true] {
        if again {
            calls.clock.sleep(LOOK_AGAIN).await;
        }
        match calls.find(marker, thread, since).await {
            Ok(found) if found.is_empty() => {}
            Ok(mut found) => return Ok(found.pop()),
            // The thread is gone, and the message with it.
            Err(error) if error.kind == ChatErrorKind::Gone => return Ok(None),
            Err(error) if error.kind == ChatErrorKind::Permanent => {
                tracing::warn!(%error, "the channel cannot be read (scope channels:history or groups:history), so a message can come twice");
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
