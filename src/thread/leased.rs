//! The chat in the hands of whoever holds a claim: a post begins only with enough of the lease left to end in it, so that
//! no successor looks for the message while it is still on its way.
//!
//! Everything else goes through as it is: done twice it is done once.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts},
    ledger::Held,
};

/// The chat of one attempt.
pub(super) struct Leased<'a> {
    pub chat: &'a dyn Chat,
    pub held: &'a Held,
}

#[async_trait]
impl Chat for Leased<'_> {
    async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let renewed = self.held.renew_for_a_call().await;
        renewed.map_err(|error| ChatError {
            kind: ChatErrorKind::Unreachable,
            method: "chat.postMessage",
            detail: format!("not sent, for it might outlast the claim on the run: {error}"),
        })?;
        self.chat.post(place, message).await
    }

    async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        self.chat.update(ts, message).await
    }

    async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        self.chat.find(marker, thread, since).await
    }

    async fn delete(&self, ts: &Ts) -> Result<(), ChatError> {
        self.chat.delete(ts).await
    }

    async fn permalink(&self, ts: &Ts) -> Result<Option<String>, ChatError> {
        self.chat.permalink(ts).await
    }
}
