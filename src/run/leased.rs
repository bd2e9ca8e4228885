//! The chat in the hands of whoever holds a claim: a post begins only with enough of the lease left to end in it, so that
//! no successor looks for the message while it is still on its way.
//!
//! Everything else goes through as it is: done twice it is done once.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Runner, call_limit, claim::Held};
use crate::chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts};

/// The chat of one attempt.
pub(super) struct Leased<'a> {
    pub runner: &'a Runner,
    pub held: &'a Held,
}

#[async_trait]
impl Chat for Leased<'_> {
    async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let renewed = self.held.renew_for(self.runner, call_limit(self.runner.lease)).await;
        renewed.map_err(|error| ChatError {
            kind: ChatErrorKind::Unreachable,
            method: "chat.postMessage",
            detail: format!("not sent, for it might outlast the claim on the run: {error}"),
        })?;
        self.runner.chat.post(place, message).await
    }

    async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        self.runner.chat.update(ts, message).await
    }

    async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        self.runner.chat.find(marker, thread, since).await
    }

    async fn delete(&self, ts: &Ts) -> Result<(), ChatError> {
        self.runner.chat.delete(ts).await
    }

    async fn permalink(&self, ts: &Ts) -> Result<Option<String>, ChatError> {
        self.runner.chat.permalink(ts).await
    }
}
