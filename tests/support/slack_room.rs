//! The channel behind the Slack double, which the fault tests use without HTTP: the messages that are in it, what
//! becomes of them, and how they are shown. Slack's rules stand here once.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    slack::{BOT, BOT_USER, Message},
    slack_args::Args,
    slack_moods::Moods,
};

#[derive(Clone, Default)]
pub struct Room {
    /// The living and the tombstones, oldest first.
    pub messages: Vec<Message>,
    /// The newest `ts`, in microseconds.
    last: i64,
    pub moods: Moods,
}

impl Room {
    /// Takes a message, whose `ts` is made here. A parent that is gone is no error: the reply goes astray and becomes a
    /// message of its own. A tombstone still has its thread.
    pub fn post(&mut self, mut message: Message, now: Timestamp) -> Message {
        let parents = |m: &&Message| m.thread_ts.is_none() && Some(&m.ts) == message.thread_ts.as_ref();
        message.thread_ts = self.messages.iter().find(parents).map(|parent| parent.ts.clone());
        message.broadcast &= message.thread_ts.is_some();
        self.last = now.as_microsecond().max(self.last + 1);
        message.ts = format!("{}.{:06}", self.last / 1_000_000, self.last % 1_000_000);
        self.messages.push(message.clone());
        if self.moods.eats_parents && message.ours && message.thread_ts.is_none() {
            self.delete(&message.ts);
        }
        message
    }

    /// Edits one of our messages by `edit`.
    pub fn update(&mut self, ts: &str, edit: impl FnOnce(&mut Message)) -> Result<Message, &'static str> {
        let closed = self.moods.edits;
        let message = self.find(ts)?;
        if !message.ours {
            return Err("cant_update_message");
        }
        if let Some(error) = closed {
            return Err(error);
        }
        edit(message);
        message.edited += 1;
        Ok(message.clone())
    }

    /// Our bot removes a message of its own.
    pub fn remove(&mut self, ts: &str) -> Result<(), &'static str> {
        if !self.find(ts)?.ours {
            return Err("cant_delete_message");
        }
        if let Some(error) = self.moods.deletions {
            return Err(error);
        }
        self.delete(ts);
        Ok(())
    }

    /// What stands in the channel itself, oldest first.
    pub fn history(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|m| m.thread_ts.is_none() || m.broadcast)
    }

    /// A thread, oldest first, its parent or the parent's tombstone among it.
    pub fn thread(&self, ts: &str) -> Result<impl Iterator<Item = &Message>, &'static str> {
        if !self.messages.iter().any(|m| m.ts == ts) {
            return Err("thread_not_found");
        }
        Ok(self.messages.iter().filter(move |m| m.ts == ts || m.thread_ts.as_deref() == Some(ts)))
    }

    pub fn living(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|m| !m.tombstone)
    }

    /// The places that deleted parents keep, oldest first.
    pub fn tombstones(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|m| m.tombstone)
    }

    pub fn find(&mut self, ts: &str) -> Result<&mut Message, &'static str> {
        self.messages.iter_mut().find(|m| m.ts == ts && !m.tombstone).ok_or("message_not_found")
    }

    fn replies(&self, ts: &str) -> usize {
        self.messages.iter().filter(|m| m.thread_ts.as_deref() == Some(ts)).count()
    }

    /// A person deletes a message. Replies keep the place of their parent; with the last of them a tombstone goes, too.
    pub fn delete(&mut self, ts: &str) {
        let Some(at) = self.messages.iter().position(|m| m.ts == ts) else { return };
        if self.replies(ts) > 0 {
            let message = &mut self.messages[at];
            message.tombstone = true;
            message.text = "This message was deleted.".to_owned();
            (message.blocks, message.metadata) = (Vec::new(), None);
            return;
        }
        if let Some(parent) = self.messages.remove(at).thread_ts
            && self.replies(&parent) == 0
        {
            self.messages.retain(|m| m.ts != parent || !m.tombstone);
        }
    }

    pub fn show(&self, message: &Message, with_metadata: bool) -> Value {
        let mut shown =
            json!({"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks});
        match message {
            Message { tombstone: true, .. } => {
                (shown["subtype"], shown["user"]) = (json!("tombstone"), json!("USLACKBOT"));
                shown["hidden"] = json!(true);
            }
            Message { ours: true, .. } => (shown["bot_id"], shown["user"]) = (json!(BOT), json!(BOT_USER)),
            Message { ours: false, .. } => shown["user"] = json!("U0SOMEBODY"),
        }
        match &message.thread_ts {
            Some(thread) => shown["thread_ts"] = json!(thread),
            // A parent is the first of its own thread.
            None => {
                let replies = self.replies(&message.ts);
                if replies > 0 {
                    (shown["thread_ts"], shown["reply_count"]) = (json!(message.ts), json!(replies));
                }
            }
        }
        if message.broadcast {
            shown["subtype"] = json!("thread_broadcast");
        }
        if let Some(metadata) = message.metadata.as_ref().filter(|_| with_metadata) {
            shown["metadata"] = metadata.clone();
        }
        shown
    }
}

/// One page of messages between `oldest` and `latest`, both left out unless `inclusive`.
pub(super) fn page(room: &Room, mut messages: Vec<&Message>, args: &Args) -> Result<Value, &'static str> {
    let (oldest, latest) = (args.text("oldest"), args.text("latest"));
    let inclusive = args.flag("inclusive");
    let after = |ts: &str, edge: &str| micros(ts) > micros(edge) || (inclusive && micros(ts) == micros(edge));
    let before =
        |ts: &str, edge: &str| micros(ts) < micros(edge) || (inclusive && micros(ts) == micros(edge));
    messages.retain(|m| oldest.as_ref().is_none_or(|edge| after(&m.ts, edge)));
    messages.retain(|m| latest.as_ref().is_none_or(|edge| before(&m.ts, edge)));
    let limit = args.text("limit").and_then(|t| t.parse::<usize>().ok()).unwrap_or(100).clamp(1, 999);
    let start = match args.text("cursor").filter(|c| !c.is_empty()) {
        None => 0,
        Some(cursor) => cursor.strip_prefix("from-").and_then(|n| n.parse().ok()).ok_or("invalid_cursor")?,
    };
    let more = messages.len() > start + limit;
    let with_metadata = args.flag("include_all_metadata");
    let shown: Vec<Value> =
        messages.iter().skip(start).take(limit).map(|m| room.show(m, with_metadata)).collect();
    let cursor = if more { format!("from-{}", start + limit) } else { String::new() };
    Ok(json!({"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}))
}

/// `1696521600.000100`, or a time in whole seconds, as microseconds.
fn micros(ts: &str) -> i64 {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    seconds.parse::<i64>().unwrap_or(0) * 1_000_000
        + format!("{fraction:0<6}")[..6].parse::<i64>().unwrap_or(0)
}
