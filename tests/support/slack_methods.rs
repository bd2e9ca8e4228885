//! What each method of the Slack double does to its channel.

use std::sync::{Arc, Mutex, MutexGuard};

use auto_ep::clock::Clock;
use serde_json::{Value, json};

use super::{
    slack::{BOT, BOT_USER, CHANNEL, CHANNEL_NAME, Message},
    slack_args::Args,
    slack_room::{Room, page},
    slack_rules,
};

pub(super) struct State {
    pub room: Mutex<Room>,
    pub clock: Arc<dyn Clock>,
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
            tombstone: false,
        };
        room.messages.push(message.clone());
        message
    }

    fn post(&self, args: &Args) -> Outcome {
        slack_rules::check(args, true)?;
        let mut room = self.room();
        // A parent that is gone is no error: the reply goes astray. A tombstone still has its thread.
        let thread = args
            .text("thread_ts")
            .filter(|ts| room.messages.iter().any(|m| m.ts == *ts && m.thread_ts.is_none()));
        let message = self.add(&mut room, args, thread, true);
        let answer = json!({"channel": CHANNEL, "ts": message.ts, "message": room.show(&message, true)});
        if room.moods.eats_parents && message.thread_ts.is_none() {
            room.delete(&message.ts);
        }
        Ok(answer)
    }

    fn update(&self, args: &Args) -> Outcome {
        slack_rules::check(args, false)?;
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let mut room = self.room();
        let closed = room.moods.edits;
        let message = room.find(&ts)?;
        if !message.ours {
            return Err("cant_update_message");
        }
        if let Some(error) = closed {
            return Err(error);
        }
        if let Some(text) = args.text("text") {
            message.text = text;
        }
        // What is not sent stays: blocks go only by an empty list.
        if let Some(Ok(Value::Array(blocks))) = args.json("blocks") {
            message.blocks = blocks;
        }
        if let Some(Ok(metadata)) = args.json("metadata") {
            // Nor does metadata, but by an empty object.
            message.metadata =
                Some(metadata).filter(|metadata| metadata.as_object().is_some_and(|m| !m.is_empty()));
        }
        message.edited += 1;
        let message = message.clone();
        Ok(json!({"channel": CHANNEL, "ts": ts, "text": message.text, "message": room.show(&message, true)}))
    }

    fn delete(&self, args: &Args) -> Outcome {
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let mut room = self.room();
        if !room.find(&ts)?.ours {
            return Err("cant_delete_message");
        }
        if let Some(error) = room.moods.deletions {
            return Err(error);
        }
        room.delete(&ts);
        Ok(json!({"channel": CHANNEL, "ts": ts}))
    }

    fn permalink(&self, args: &Args) -> Outcome {
        let ts = args.text("message_ts").ok_or("invalid_arguments")?;
        self.room().find(&ts)?;
        let link = format!("https://test.slack.com/archives/{CHANNEL}/p{}", ts.replace('.', ""));
        Ok(json!({"channel": CHANNEL, "permalink": link}))
    }

    fn history(&self, args: &Args) -> Outcome {
        let room = self.room();
        let mut messages: Vec<_> =
            room.messages.iter().filter(|m| m.thread_ts.is_none() || m.broadcast).collect();
        messages.reverse(); // newest first
        page(&room, messages, args)
    }

    fn thread(&self, args: &Args) -> Outcome {
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let room = self.room();
        if !room.messages.iter().any(|m| m.ts == ts) {
            return Err("thread_not_found");
        }
        let is_of_it = |m: &&Message| m.ts == ts || m.thread_ts.as_deref() == Some(ts.as_str());
        page(&room, room.messages.iter().filter(is_of_it).collect(), args) // oldest first, the parent among them
    }

    pub fn run(&self, method: &str, args: &Args) -> Outcome {
        self.room().moods.check(method, args)?;
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
