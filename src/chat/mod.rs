//! The port to the conversation: one channel in which a service posts threads. Slack, or the terminal.
//!
//! It never decides when to post again: a call is one call, and its error says which class it is in.

pub(crate) mod escape;
mod slack;
mod terminal;

pub use slack::SlackChat;
pub use terminal::TerminalChat;
pub(crate) use terminal::lines;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A message's `ts`, which is also its name: `1696521600.000100`. Only the chat makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ts(pub String);

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What makes a message findable again: it rides as metadata and stands in visible text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The service's name, so that two services can share a channel.
    pub service: String,
    /// What the message is of: `parent:2026-10-06`, `guide:2026-10-06` or `run:<run key>`.
    pub key: String,
}

impl Marker {
    /// The marker as it stands in visible text.
    pub(crate) fn visible(&self) -> String {
        format!("{} · {}", self.service, self.key)
    }
}

/// Characters of a message's text, which notifications and screen readers show.
pub(crate) const MAX_TEXT: usize = 4000;

/// The types of blocks that are a chart and a table: new, and refused by some workspaces.
pub(crate) const CHART: &str = "data_visualization";
pub(crate) const TABLE: &str = "data_table";

/// A message within Slack's limits. Everything foreign in it is already escaped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// The whole verdict as mrkdwn: what notifications and screen readers show, and what is sent alone when the
    /// blocks are refused.
    pub text: String,
    /// Block Kit blocks; empty for plain text.
    pub blocks: Vec<serde_json::Value>,
    /// The blocks to send where charts and tables are refused: what those show stands there in lines. `None` where there
    /// are none of them.
    #[serde(skip)]
    pub plain: Option<Vec<serde_json::Value>>,
    /// What finds the message again.
    pub marker: Marker,
}

impl Message {
    /// The same message in a plainer form, for when its form was refused: without charts and tables where it has any, else
    /// as text alone; `None` where there is no plainer one.
    pub fn plainer(&self) -> Option<Self> {
        if self.blocks.is_empty() {
            return None;
        }
        let blocks = self.plain.clone().unwrap_or_default();
        Some(Self { text: self.text.clone(), blocks, plain: None, marker: self.marker.clone() })
    }
}

/// What the chat says of a message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The channel's id.
    pub channel: String,
    /// The message's name.
    pub ts: Ts,
    /// The thread it landed in. Missing on a reply, it tells that the parent is gone and the reply went astray.
    pub thread_ts: Option<Ts>,
}

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// The channel itself: the day's parent.
    Channel,
    /// A reply in a thread.
    Thread(&'a Ts),
    /// A reply in a thread that also shows in the channel.
    Broadcast(&'a Ts),
}

/// The classes of error; each wants another reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatErrorKind {
    /// Somebody must act (token, channel, scope); a retry will not help.
    Permanent,
    /// The blocks or the metadata were refused: send the plain text.
    Payload,
    /// Wait this long, then the same call again. Nothing was posted.
    RateLimited(Duration),
    /// No connection could be made, so nothing was sent: the same call again is safe.
    Unreachable,
    /// It may have been posted: look before posting again.
    Ambiguous,
    /// A code that nobody knows: it may have been posted, and what was refused may be the message's form. Look, then
    /// send the plain text once.
    Unknown,
    /// The message or thread that the call names is gone.
    Gone,
    /// The message is there, but may not be edited any more, or not be removed.
    Closed,
}

impl ChatErrorKind {
    /// Whether the chat is only out of order for a while, and refused nothing.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::RateLimited(_) | Self::Unreachable | Self::Ambiguous)
    }
}

/// A call that the chat did not take, or whose fate is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{method}: {detail}")]
pub struct ChatError {
    /// The class.
    pub kind: ChatErrorKind,
    /// The method called, e.g. `chat.postMessage`.
    pub method: &'static str,
    /// What was answered, and what to do. Never holds a token.
    pub detail: String,
}

impl ChatError {
    /// Of a call of this method.
    pub(crate) fn new(kind: ChatErrorKind, method: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, method, detail: detail.into() }
    }
}

/// What the chat says of the token that we come with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// What it may do, as `chat:write`; `None` where the chat does not say.
    pub(crate) scopes: Option<Vec<String>>,
}

/// A channel to post in.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Posts one message.
    async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError>;

    /// Replaces the message named `ts`.
    async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError>;

    /// Every message of ours that carries `marker` and was posted at `since` or later, oldest first: in the channel,
    /// or among a thread's replies. Only our own bot's messages count, by metadata first, by visible text second.
    async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError>;

    /// Removes a message of ours that went astray.
    async fn delete(&self, ts: &Ts) -> Result<(), ChatError>;

    /// A link to the message for people; `None` where the chat has none.
    async fn permalink(&self, ts: &Ts) -> Result<Option<String>, ChatError>;

    /// Asks whether the message's form would be taken, and posts nothing. A chat that has no form takes every one.
    async fn validate(&self, _message: &Message) -> Result<(), ChatError> {
        Ok(())
    }

    /// Asks whether our token is taken, and for what. A chat that wants none takes everybody.
    async fn access(&self) -> Result<Access, ChatError> {
        Ok(Access::default())
    }
}
