//! When a call to the chat is made again, and when it is given up.
//!
//! It never posts again after an answer that was lost: only who searches the thread first may.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::{
    chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts},
    clock::Clock,
};

/// Waits before the second and the third try of a call that got no connection, or of one with a lost answer that may be
/// made twice.
const BACKOFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
/// The least wait after "rate limited": a zero would make a busy loop.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// A chat whose calls are made again where that may help. No call begins after the deadline.
#[derive(Clone, Copy)]
pub struct PatientChat<'a> {
    /// Whose calls.
    pub chat: &'a dyn Chat,
    /// To wait by.
    pub clock: &'a dyn Clock,
    /// After this no call begins.
    pub deadline: Timestamp,
    /// What a message says that is one too many where the workspace forbids to remove it.
    pub one_too_many: &'a str,
}

impl PatientChat<'_> {
    /// Posts one message; a lost answer is returned as it is.
    pub async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let mut message = message.clone();
        let mut policy = Policy::new(self, false);
        loop {
            match self.chat.post(place, &message).await {
                Ok(posted) => return Ok(posted),
                Err(error) => policy.prepare_again(&mut message, error).await?,
            }
        }
    }

    /// Replaces the message named `ts`; doing it twice is doing it once, so a lost answer is no reason to stop.
    pub async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        let mut message = message.clone();
        let mut policy = Policy::new(self, true);
        loop {
            match self.chat.update(ts, &message).await {
                Ok(()) => return Ok(()),
                Err(error) => policy.prepare_again(&mut message, error).await?,
            }
        }
    }

    /// Looks for a message by its marker, again where there was no answer.
    pub(crate) async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        let mut policy = Policy::new(self, true);
        loop {
            match self.chat.find(marker, thread, since).await {
                Ok(found) => return Ok(found),
                Err(error) => policy.wait(error).await?,
            }
        }
    }

    /// Removes a message of ours that must not stay as it is, again where there was no answer; one that is gone
    /// already is no error. False where the workspace does not let us: it stays.
    pub(crate) async fn remove(&self, ts: &Ts) -> Result<bool, ChatError> {
        let mut policy = Policy::new(self, true);
        loop {
            let error = match self.chat.delete(ts).await {
                Ok(()) => return Ok(true),
                Err(error) if error.kind == ChatErrorKind::Gone => return Ok(true),
                Err(error) => error,
            };
            let error = match error.kind {
                ChatErrorKind::Closed | ChatErrorKind::Permanent | ChatErrorKind::Payload => error,
                _ => match policy.wait(error).await {
                    Ok(()) => continue,
                    // A code that nobody knows, again and again, is a refusal like any other.
                    Err(error) if error.kind == ChatErrorKind::Unknown => error,
                    Err(error) => {
                        tracing::warn!(%error, %ts, "a message that must make room could not be removed");
                        return Err(error);
                    }
                },
            };
            tracing::warn!(%error, %ts, "a message that must make room may not be removed");
            return Ok(false);
        }
    }

    /// Removes a message that is one too many; what cannot be deleted is edited, so that it says so and nobody finds
    /// it again by its marker.
    pub async fn put_away(&self, ts: &Ts, marker: &Marker) -> Result<(), ChatError> {
        if self.remove(ts).await? {
            return Ok(());
        }
        let marker = Marker { service: marker.service.clone(), key: format!("stray:{}", marker.key) };
        let text = self.one_too_many.to_owned();
        // With a block of its own the marker that rides on the message is replaced, too: plain text would leave it.
        let blocks = vec![json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})];
        match self.update(ts, &Message { text, blocks, plain: None, marker }).await {
            Err(error) if !matches!(error.kind, ChatErrorKind::Gone | ChatErrorKind::Closed) => Err(error),
            _ => Ok(()),
        }
    }
}

struct Policy<'a> {
    clock: &'a dyn Clock,
    deadline: Timestamp,
    /// Whether the call may be made again although it may have been taken.
    idempotent: bool,
    backoff: std::array::IntoIter<Duration, 2>,
}

impl<'a> Policy<'a> {
    fn new(calls: &PatientChat<'a>, idempotent: bool) -> Self {
        Self { clock: calls.clock, deadline: calls.deadline, idempotent, backoff: BACKOFF.into_iter() }
    }

    /// Returns when the call may be made again; gives the error back when it may not. A code that nobody knows may be
    /// about the form, too: where it does no harm, plainer ones are tried.
    async fn prepare_again(&mut self, message: &mut Message, error: ChatError) -> Result<(), ChatError> {
        let is_form = match error.kind {
            ChatErrorKind::Payload => true,
            ChatErrorKind::Unknown => self.idempotent,
            _ => false,
        };
        if let Some(plainer) = message.plainer().filter(|_| is_form) {
            tracing::warn!(key = %message.marker.key, "Slack refused the message's form, sending a plainer one: {error}");
            *message = plainer;
            return Ok(());
        }
        self.wait(error).await
    }

    /// Waits until the call may be made again as it was; gives the error back when it may not.
    async fn wait(&mut self, error: ChatError) -> Result<(), ChatError> {
        let wait = match &error.kind {
            ChatErrorKind::RateLimited(wait) => Some((*wait).max(LEAST_WAIT)),
            ChatErrorKind::Unreachable => self.backoff.next(),
            ChatErrorKind::Ambiguous | ChatErrorKind::Unknown if self.idempotent => self.backoff.next(),
            ChatErrorKind::Payload
            | ChatErrorKind::Ambiguous
            | ChatErrorKind::Unknown
            | ChatErrorKind::Permanent
            | ChatErrorKind::Closed
            | ChatErrorKind::Gone => None,
        };
        let Some(wait) = wait else { return Err(error) };
        if self.clock.now().checked_add(wait).map_or(true, |then| then >= self.deadline) {
            return Err(error);
        }
        self.clock.sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
