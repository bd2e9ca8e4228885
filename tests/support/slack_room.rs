//! The channel behind the Slack double: what each method does to it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use auto_ep::clock::Clock;
use serde_json::{Value, json};

use super::{
    slack::{BOT, BOT_USER, CHANNEL, CHANNEL_NAME, Message},
    slack_rules,
};

pub(super) struct Room {
    pub messages: Vec<Message>,
    pub last: i64,
    pub refuses: Option<&'static str>,
}

pub(super) struct State {
    pub room: Mutex<Room>,
    pub clock: Arc<dyn Clock>,
}

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

    fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).as_deref(), Some("true" | "1"))
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

type Outcome = Result<Value, &'static str>;

impl State {
    pub fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap()
    }

    pub fn add(&self, room: &mut Room, args: &Args, thread_ts: Option<String>, ours: bool) -> Message {
        room.last = self.clock.now().as_microsecond().max(room.last + 1);
        let message = Message {
            ts: format!("{}.{:06}", room.last / 1_000_000, room.last % 1_000_000),
            broadcast: thread_ts.is_some() && args.flag("reply_broadcast"),
            thread_ts,
            text: args.text("text").unwrap_or_default(),
            blocks: args
                .json("blocks")
                .and_then(Result::ok)
                .and_then(|v| v.as_array().cloned())
                .unwrap_or_default(),
            metadata: args.json("metadata").and_then(Result::ok),
            ours,
            edited: 0,
        };
        room.messages.push(message.clone());
        message
    }

    fn post(&self, args: &Args) -> Outcome {
        slack_rules::check(args, true)?;
        let mut room = self.room();
        // A parent that is gone is no error: the reply goes astray.
        let thread = args
            .text("thread_ts")
            .filter(|ts| room.messages.iter().any(|m| m.ts == *ts && m.thread_ts.is_none()));
        let message = self.add(&mut room, args, thread, true);
        Ok(json!({"channel": CHANNEL, "ts": message.ts, "message": show(&message, true)}))
    }

    fn update(&self, args: &Args) -> Outcome {
        slack_rules::check(args, false)?;
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let mut room = self.room();
        let message = room.messages.iter_mut().find(|m| m.ts == ts).ok_or("message_not_found")?;
        if !message.ours {
            return Err("cant_update_message");
        }
        if let Some(text) = args.text("text") {
            message.text = text;
        }
        // What is not sent stays: blocks go only by an empty list.
        if let Some(Ok(Value::Array(blocks))) = args.json("blocks") {
            message.blocks = blocks;
        }
        if let Some(Ok(metadata)) = args.json("metadata") {
            message.metadata = Some(metadata);
        }
        message.edited += 1;
        Ok(json!({"channel": CHANNEL, "ts": ts, "text": message.text, "message": show(message, true)}))
    }

    fn delete(&self, args: &Args) -> Outcome {
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let mut room = self.room();
        let message = room.messages.iter().find(|m| m.ts == ts).ok_or("message_not_found")?;
        if !message.ours {
            return Err("cant_delete_message");
        }
        room.messages.retain(|m| m.ts != ts);
        Ok(json!({"channel": CHANNEL, "ts": ts}))
    }

    fn permalink(&self, args: &Args) -> Outcome {
        let ts = args.text("message_ts").ok_or("invalid_arguments")?;
        self.room().messages.iter().find(|m| m.ts == ts).ok_or("message_not_found")?;
        let link = format!("https://test.slack.com/archives/{CHANNEL}/p{}", ts.replace('.', ""));
        Ok(json!({"channel": CHANNEL, "permalink": link}))
    }

    fn history(&self, args: &Args) -> Outcome {
        let mut messages = self.room().messages.clone();
        messages.retain(|m| m.thread_ts.is_none() || m.broadcast);
        messages.reverse(); // newest first
        page(messages, args)
    }

    fn thread(&self, args: &Args) -> Outcome {
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let mut messages = self.room().messages.clone();
        if !messages.iter().any(|m| m.ts == ts) {
            return Err("thread_not_found");
        }
        messages.retain(|m| m.ts == ts || m.thread_ts.as_deref() == Some(ts.as_str()));
        page(messages, args) // oldest first, the parent among them
    }

    pub fn run(&self, method: &str, args: &Args) -> Outcome {
        if let Some(error) = self.room().refuses {
            return Err(error);
        }
        if method == "auth.test" {
            return Ok(
                json!({"user_id": BOT_USER, "bot_id": BOT, "team_id": "T0TEST", "url": "https://test.slack.com/"}),
            );
        }
        let channel = args.text("channel").ok_or("invalid_arguments")?;
        let named = method == "chat.postMessage" && channel.trim_start_matches('#') == CHANNEL_NAME;
        if channel != CHANNEL && !named {
            return Err("channel_not_found"); // only a post takes a name
        }
        match method {
            "chat.postMessage" => self.post(args),
            "chat.update" => self.update(args),
            "chat.delete" => self.delete(args),
            "chat.getPermalink" => self.permalink(args),
            "conversations.history" => self.history(args),
            "conversations.replies" => self.thread(args),
            _ => Err("unknown_method"),
        }
    }
}

/// One page of messages between `oldest` and `latest`, both left out unless `inclusive`.
fn page(mut messages: Vec<Message>, args: &Args) -> Outcome {
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
    let shown: Vec<Value> = messages.iter().skip(start).take(limit).map(|m| show(m, with_metadata)).collect();
    let cursor = if more { format!("from-{}", start + limit) } else { String::new() };
    Ok(json!({"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}))
}

/// `1696521600.000100`, or a time in whole seconds, as microseconds.
fn micros(ts: &str) -> i64 {
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    seconds.parse::<i64>().unwrap_or(0) * 1_000_000
        + format!("{fraction:0<6}")[..6].parse::<i64>().unwrap_or(0)
}

fn show(message: &Message, with_metadata: bool) -> Value {
    let mut shown =
        json!({"type": "message", "ts": message.ts, "text": message.text, "blocks": message.blocks});
    match message.ours {
        true => (shown["bot_id"], shown["user"]) = (json!(BOT), json!(BOT_USER)),
        false => shown["user"] = json!("U0SOMEBODY"),
    }
    if let Some(thread) = &message.thread_ts {
        shown["thread_ts"] = json!(thread);
    }
    if message.broadcast {
        shown["subtype"] = json!("thread_broadcast");
    }
    if let Some(metadata) = message.metadata.as_ref().filter(|_| with_metadata) {
        shown["metadata"] = metadata.clone();
    }
    shown
}
