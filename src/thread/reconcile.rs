//! Posting exactly once although Slack knows no idempotency key: whoever may have posted before looks first.
//!
//! One window stays open: a post in flight from an instance that died or froze can land after its successor looked.

use std::{borrow::Cow, time::Duration};

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
    /// Whether another try's fate is unknown, so that a second copy may still land.
    pub(crate) unsure: bool,
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
    let mut message = Cow::Borrowed(message);
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
            return Ok(Once { posted: found, found: tries == 1, unsure: true });
        }
        if look && is_over() {
            return Err(ChatError {
                kind: ChatErrorKind::Ambiguous,
                method: "chat.postMessage",
                detail: "looking for the message took too long; the next try goes on".to_owned(),
            });
        }
        match calls.post(place, &message).await {
            Err(error) if may_go_again(&error, &message) && tries < POSTS && !is_over() => {
                tracing::warn!(%error, key = %message.marker.key, "looking for the message before posting it again");
                // What nobody knows may be about the message's form.
                if error.kind == ChatErrorKind::Unknown
                    && let Some(plainer) = message.plainer()
                {
                    message = Cow::Owned(plainer);
                }
                look = true;
                tries += 1;
            }
            // Once a post may have been taken, no later error can say that it was not.
            Err(error) if look => return Err(unsure(error)),
            other => return other.map(|posted| Once { posted, found: false, unsure: look }),
        }
    }
}

/// Whether the message may have been posted all the same, and is worth another try where it was not: what nobody
/// knows a reason for goes out in a plainer form, as long as there is one.
fn may_go_again(error: &ChatError, message: &Message) -> bool {
    match error.kind {
        ChatErrorKind::Ambiguous => true,
        ChatErrorKind::Unknown => !message.blocks.is_empty(),
        _ => false,
    }
}

/// Puts all copies of a message away but the one that counts; `thread` is where it is looked for, with the channel.
pub(crate) async fn keep_only(
    calls: PatientChat<'_>,
    marker: &Marker,
    thread: Option<&Ts>,
    since: Timestamp,
    keep: &Ts,
) -> Result<(), ChatError> {
    let mut found = calls.find(marker, None, since - BEFORE_INTENT).await?;
    if thread.is_some() {
        found.extend(calls.find(marker, thread, since - BEFORE_INTENT).await?);
    }
    let mut copies: Vec<_> = found.into_iter().map(|posted| posted.ts).filter(|ts| ts != keep).collect();
    copies.sort();
    copies.dedup();
    for copy in copies {
        tracing::warn!(ts = %copy, kept = %keep, key = %marker.key, "a second copy of a message had landed late");
        calls.put_away(&copy, marker).await?;
    }
    Ok(())
}

/// Puts replies away that went astray: to a parent that people had deleted, they became messages of the channel. One
/// that can be neither removed nor edited stays; it shows the whole verdict.
async fn sweep(
    calls: PatientChat<'_>,
    marker: &Marker,
    thread: &Ts,
    since: Timestamp,
) -> Result<(), ChatError> {
    let found = match calls.find(marker, None, since - BEFORE_INTENT).await {
        Ok(found) => found,
        // Nor can the thread be read then, and that is told below.
        Err(error) if cannot_look(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    for stray in found.iter().filter(|found| found.thread_ts.as_ref() != Some(thread)) {
        calls.put_away(&stray.ts, marker).await?;
    }
    Ok(())
}

/// Whether a look was refused for good: by the workspace, or because Slack does not take the call as it is. Looking
/// again would be refused again.
fn cannot_look(error: &ChatError) -> bool {
    matches!(error.kind, ChatErrorKind::Permanent | ChatErrorKind::Payload | ChatErrorKind::Unknown)
}

/// A call that failed leaves it open whether the message is there, unless Slack refused it: for a person to act, for its
/// form, or for a reason that nobody knows.
fn unsure(error: ChatError) -> ChatError {
    match error.kind {
        ChatErrorKind::Permanent
        | ChatErrorKind::Payload
        | ChatErrorKind::Gone
        | ChatErrorKind::Closed
        | ChatErrorKind::Unknown => error,
        _ => ChatError { kind: ChatErrorKind::Ambiguous, ..error },
    }
}

/// Looks twice, and keeps the newest of what is there. Without the right to read the channel nothing can be found: then
/// posting again, with a rare double, beats silence.
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
            Ok(mut found) => {
                let Some(newest) = found.pop() else { continue };
                for copy in found {
                    calls.put_away(&copy.ts, marker).await?;
                }
                return Ok(Some(newest));
            }
            // The thread is gone, and the message with it.
            Err(error) if error.kind == ChatErrorKind::Gone => return Ok(None),
            Err(error) if cannot_look(&error) => {
                tracing::warn!(%error, "the channel cannot be read (scope channels:history or groups:history), so a message can come twice");
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
