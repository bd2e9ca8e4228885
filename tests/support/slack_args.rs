//! What a call of the Slack double is given.

use std::collections::HashMap;

use serde_json::Value;

use super::slack::Message;

/// The arguments of a call, from a form, JSON or the query.
pub(super) struct Args(pub HashMap<String, Value>);

impl Args {
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "1"))
    }

    /// The message of a post, which has no `ts` yet.
    pub fn message(&self, ours: bool) -> Message {
        let blocks = self.json("blocks").and_then(Result::ok);
        Message {
            thread_ts: self.text("thread_ts"),
            broadcast: self.flag("reply_broadcast"),
            text: self.text("text").unwrap_or_default(),
            blocks: blocks.and_then(|blocks| blocks.as_array().cloned()).unwrap_or_default(),
            metadata: self.json("metadata").and_then(Result::ok),
            ours,
            ..Message::default()
        }
    }

    /// Whether a message is more than its text.
    pub fn is_rich(&self) -> bool {
        let is_empty = |value: Value| value.as_array().is_some_and(Vec::is_empty);
        self.json("metadata").is_some()
            || self.json("blocks").is_some_and(|v| v.map_or(true, |v| !is_empty(v)))
    }

    /// Whether it holds a block of this type.
    pub fn has_block(&self, kind: &str) -> bool {
        let blocks = self.json("blocks").and_then(Result::ok);
        blocks
            .is_some_and(|blocks| blocks.as_array().is_some_and(|all| all.iter().any(|b| b["type"] == kind)))
    }

    /// A structured argument, which a form carries as JSON text.
    pub fn json(&self, name: &str) -> Option<Result<Value, ()>> {
        match self.0.get(name)? {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(serde_json::from_str(text).map_err(drop)),
            other => Some(Ok(other.clone())),
        }
    }
}
