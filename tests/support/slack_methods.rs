//! What each method of the Slack double does to its channel.

use std::sync::{Arc, Mutex, MutexGuard};

use auto_ep::clock::Clock;
use serde_json::{Value, json};

use super::{
    slack::{BOT, BOT_USER, CHANNEL, CHANNEL_NAME, Sent},
    slack_args::Args,
    slack_room::{Room, page},
    slack_rules,
};

pub(super) struct State {
    pub room: Mutex<Room>,
    pub clock: Arc<dyn Clock>,
    /// Every call that came through, oldest first.
    pub sent: Mutex<Vec<Sent>>,
}

type Outcome = Result<Value, &'static str>;

impl State {
    pub fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap()
    }

    fn post(&self, args: &Args) -> Outcome {
        slack_rules::check(args, true)?;
        let mut room = self.room();
        let message = room.post(args.message(true), self.clock.now());
        Ok(json!({"channel": CHANNEL, "ts": message.ts, "message": room.show(&message, true)}))
    }

    fn update(&self, args: &Args) -> Outcome {
        slack_rules::check(args, false)?;
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let mut room = self.room();
        // What is not sent stays: blocks go only by an empty list, metadata by an empty object.
        let message = room.update(&ts, |message| {
            if let Some(text) = args.text("text") {
                message.text = text;
            }
            if let Some(Ok(Value::Array(blocks))) = args.json("blocks") {
                message.blocks = blocks;
            }
            if let Some(Ok(metadata)) = args.json("metadata") {
                message.metadata = Some(metadata).filter(|m| m.as_object().is_some_and(|m| !m.is_empty()));
            }
        })?;
        Ok(json!({"channel": CHANNEL, "ts": ts, "text": message.text, "message": room.show(&message, true)}))
    }

    fn delete(&self, args: &Args) -> Outcome {
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        self.room().remove(&ts)?;
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
        let mut messages: Vec<_> = room.history().collect();
        messages.reverse(); // newest first
        page(&room, messages, args)
    }

    fn thread(&self, args: &Args) -> Outcome {
        let ts = args.text("ts").ok_or("invalid_arguments")?;
        let room = self.room();
        page(&room, room.thread(&ts)?.collect(), args)
    }

    pub fn run(&self, method: &str, args: &Args) -> Outcome {
        self.room().moods.check(method, args)?;
        if method == "auth.test" {
            return Ok(
                json!({"user_id": BOT_USER, "bot_id": BOT, "team_id": "T0TEST", "url": "https://test.slack.com/"}),
            );
        }
        if method == "blocks.validate" {
            args.text("blocks").ok_or("invalid_arguments")?;
            return slack_rules::check(args, true).map(|()| json!({}));
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
