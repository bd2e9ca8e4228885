//! Slack's Web API, as far as threads go.
//!
//! Strict: token, channel id and limits are checked, read methods take no JSON, `chat.update` keeps what is not sent,
//! and a reply to a parent that is gone silently becomes a message of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use auto_ep::clock::{Clock, SystemClock};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, Response, header},
};
use serde_json::{Value, json};

use super::{
    Fault,
    server::{Server, Service, pairs, read_body, reply},
    slack_rules,
};

pub const TOKEN: &str = "xoxb-test-token";
pub const CHANNEL: &str = "C0TESTCHAN";
pub const CHANNEL_NAME: &str = "ep-test";
pub const BOT: &str = "B0TESTBOT0";
pub const BOT_USER: &str = "U0TESTBOT0";

/// A message as it stands in the channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub ts: String,
    pub thread_ts: Option<String>,
    pub broadcast: bool,
    pub text: String,
    pub blocks: Vec<Value>,
    pub metadata: Option<Value>,
    /// Whether our bot wrote it; somebody else otherwise.
    pub ours: bool,
    pub edited: usize,
}

/// A workspace with one channel and one bot.
pub struct SlackDouble {
    pub server: Server,
    state: Arc<State>,
}

impl SlackDouble {
    pub async fn start() -> Self {
        Self::start_at(Arc::new(SystemClock)).await
    }

    /// A workspace whose `ts` follow `clock`.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Self {
        let room = Room { messages: Vec::new(), last: 0, refuses: None };
        let state = Arc::new(State { room: Mutex::new(room), clock });
        Self { server: Server::start(state.clone()).await, state }
    }

    /// What `SLACK_API_URL` is to be.
    pub fn url(&self) -> String {
        format!("{}/api/", self.server.url())
    }

    /// Operations are methods: `chat.postMessage`, …
    pub fn fail_next(&self, method: &str, n: usize, fault: Fault) {
        self.server.fail_next(method, n, fault);
    }

    /// Every living message, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.state.room().messages.clone()
    }

    /// Living messages that are no replies, oldest first.
    pub fn parents(&self) -> Vec<Message> {
        self.messages().into_iter().filter(|m| m.thread_ts.is_none()).collect()
    }

    /// The living replies to `ts`, oldest first.
    pub fn replies(&self, ts: &str) -> Vec<Message> {
        self.messages().into_iter().filter(|m| m.thread_ts.as_deref() == Some(ts)).collect()
    }

    /// Somebody deletes a message; its replies go with it.
    pub fn delete(&self, ts: &str) {
        self.state.room().messages.retain(|m| m.ts != ts && m.thread_ts.as_deref() != Some(ts));
    }

    /// Somebody else posts; gives the `ts`.
    pub fn post_as_other(&self, thread_ts: Option<&str>, text: &str) -> String {
        let args = Args(HashMap::from([("text".to_owned(), json!(text))]));
        self.state.add(&mut self.state.room(), &args, thread_ts.map(str::to_owned), false).ts
    }

    /// From now on every call fails with this error (`token_revoked`, `is_archived`, …); `None` ends it.
    pub fn refuse_all(&self, error: Option<&'static str>) {
        self.state.room().refuses = error;
    }
}

struct Room {
    messages: Vec<Message>,
    last: i64,
    refuses: Option<&'static str>,
}

struct State {
    room: Mutex<Room>,
    clock: Arc<dyn Clock>,
}

/// The arguments of a call, from a form, JSON or the query.
pub(super) struct Args(pub HashMap<String, Value>);

impl Args {
    pub(super) fn text(&self, name: &str) -> Option<String> {
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
    pub(super) fn json(&self, name: &str) -> Option<Result<Value, ()>> {
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
    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap()
    }

    fn add(&self, room: &mut Room, args: &Args, thread_ts: Option<String>, ours: bool) -> Message {
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

    fn run(&self, method: &str, args: &Args) -> Outcome {
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

#[async_trait]
impl Service for State {
    fn operation(&self, request: &Request<Body>) -> String {
        request.uri().path().trim_start_matches("/api/").to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let method = self.operation(&request);
        let (head, body) = request.into_parts();
        let text = |name| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let (token, content_type) = (text(header::AUTHORIZATION), text(header::CONTENT_TYPE));
        let query = head.uri.query().unwrap_or_default().to_owned();
        let posted = head.method == Method::POST;
        let body = read_body(body).await;
        let outcome = match token.strip_prefix("Bearer ") {
            None => Err("not_authed"),
            Some(TOKEN) => arguments(&method, posted, &content_type, &query, &body)
                .and_then(|args| self.run(&method, &args)),
            Some(_) => Err("invalid_auth"),
        };
        match outcome {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                reply(200, "application/json; charset=utf-8", answer.to_string())
            }
            Err(error) => self.refusal(200, error),
        }
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        let code = match (code, status) {
            ("", 429) => "ratelimited",
            ("", _) => return reply(status, "text/html", "<h1>Server Error</h1>"),
            (code, _) => code,
        };
        reply(status, "application/json; charset=utf-8", json!({"ok": false, "error": code}).to_string())
    }
}

/// Only methods that write take JSON; the others look at the query and at forms.
fn arguments(
    method: &str,
    posted: bool,
    content_type: &str,
    query: &str,
    body: &Bytes,
) -> Result<Args, &'static str> {
    let writes = matches!(method, "chat.postMessage" | "chat.update" | "chat.delete");
    let mut args: HashMap<String, Value> = pairs(query).into_iter().map(|(k, v)| (k, json!(v))).collect();
    if writes && !posted {
        return Err("method_not_supported");
    }
    if content_type.starts_with("application/json") && writes {
        let sent: HashMap<String, Value> = serde_json::from_slice(body).map_err(|_| "invalid_json")?;
        args.extend(sent);
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        args.extend(pairs(&String::from_utf8_lossy(body)).into_iter().map(|(k, v)| (k, json!(v))));
    } else if posted && !body.is_empty() && !content_type.starts_with("application/json") {
        return Err("invalid_post_type");
    }
    Ok(Args(args))
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
