//! Slack's Web API, as far as threads go.
//!
//! Strict: token, channel id and limits are checked, read methods take no JSON, `chat.update` keeps what is not sent. A
//! deleted parent with replies stays as a tombstone, below which replies go on; a reply to a parent that is really gone
//! silently becomes a message of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use auto_ep::clock::{Clock, SystemClock};
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, Request, Response, header},
};
use serde_json::{Value, json};

use super::{
    Fault,
    http::{pairs, read_body, reply},
    server::{Server, Service},
    slack_args::Args,
    slack_methods::State,
    slack_room::Room,
};

pub const TOKEN: &str = "xoxb-test-token";
pub const CHANNEL: &str = "C0TESTCHAN";
pub const CHANNEL_NAME: &str = "ep-test";
pub const BOT: &str = "B0TESTBOT0";
pub const BOT_USER: &str = "U0TESTBOT0";

/// A message as it stands in the channel.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// Somebody deleted it, but its replies keep its place: nobody may read, edit or link it any more.
    pub tombstone: bool,
}

/// A call as it was sent: its method, its content type and what it was given.
#[derive(Debug, Clone)]
pub struct Sent {
    pub method: String,
    pub content_type: String,
    pub arguments: Value,
}

/// A workspace with one channel and one bot.
pub struct SlackDouble {
    pub server: Server,
    pub(super) state: Arc<State>,
}

impl SlackDouble {
    pub async fn start() -> Self {
        Self::start_at(Arc::new(SystemClock)).await
    }

    /// A workspace whose `ts` follow `clock`.
    pub async fn start_at(clock: Arc<dyn Clock>) -> Self {
        let state = Arc::new(State { room: Mutex::new(Room::default()), clock, sent: Mutex::default() });
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

    /// What calls of a method were given, as far as they came through, oldest first.
    pub fn sent(&self, method: &str) -> Vec<Sent> {
        self.state.sent.lock().unwrap().iter().filter(|sent| sent.method == method).cloned().collect()
    }

    /// Every living message, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.state.room().living().cloned().collect()
    }

    /// Living messages that are no replies, oldest first.
    pub fn parents(&self) -> Vec<Message> {
        self.messages().into_iter().filter(|m| m.thread_ts.is_none()).collect()
    }

    /// The living replies to `ts`, oldest first.
    pub fn replies(&self, ts: &str) -> Vec<Message> {
        self.messages().into_iter().filter(|m| m.thread_ts.as_deref() == Some(ts)).collect()
    }

    /// A person deletes a message. Its replies stay, and while there is one a tombstone keeps its place.
    pub fn delete(&self, ts: &str) {
        self.state.room().delete(ts);
    }

    /// People delete a whole thread, the replies first: nothing is left of it.
    pub fn vanish(&self, ts: &str) {
        self.state.room().messages.retain(|m| m.ts != ts && m.thread_ts.as_deref() != Some(ts));
    }

    /// The places that deleted parents keep, oldest first.
    pub fn tombstones(&self) -> Vec<Message> {
        self.state.room().tombstones().cloned().collect()
    }

    /// Somebody else posts; gives the `ts`.
    pub fn post_as_other(&self, thread_ts: Option<&str>, text: &str) -> String {
        self.post_rich_as_other(thread_ts, text, json!([]))
    }

    /// The same with blocks.
    pub fn post_rich_as_other(&self, thread_ts: Option<&str>, text: &str, blocks: Value) -> String {
        let args = Args(HashMap::from([
            ("text".to_owned(), json!(text)),
            ("blocks".to_owned(), blocks),
            ("thread_ts".to_owned(), json!(thread_ts)),
        ]));
        self.state.room().post(args.message(false), self.state.clock.now()).ts
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
            Some(TOKEN) => arguments(&method, posted, &content_type, &query, &body).and_then(|args| {
                let arguments = json!(args.0);
                self.sent.lock().unwrap().push(Sent { method: method.clone(), content_type, arguments });
                self.run(&method, &args)
            }),
            Some(_) => Err("invalid_auth"),
        };
        match outcome {
            Ok(mut answer) => {
                answer["ok"] = json!(true);
                let mut response = reply(200, "application/json; charset=utf-8", answer.to_string());
                let scopes = self.room().moods.scopes();
                response.headers_mut().insert("x-oauth-scopes", HeaderValue::from_static(scopes));
                response
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
