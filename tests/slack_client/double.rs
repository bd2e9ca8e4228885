//! A double of Slack's Web API, as strict as Slack or stricter.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use auto_ep::chat::SlackChat;
use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use url::Url;

/// The only token that it takes.
pub const TOKEN: &str = "xoxb-test-token";
/// Its only channel.
pub const CHANNEL_ID: &str = "C0123456789";
/// The name of that channel, which only posts may use.
pub const CHANNEL_NAME: &str = "#ep-feed";

/// What the double does with the next call instead of answering it well.
#[derive(Clone)]
pub enum Trouble {
    Answer(u16, &'static str, Option<&'static str>),
}

#[derive(Default)]
struct Slack {
    posts: Mutex<Vec<Value>>,
    updates: Mutex<Vec<Value>>,
    troubles: Mutex<Vec<Trouble>>,
}

type Double = Arc<Slack>;

fn refuse(error: &str) -> Response {
    Json(json!({"ok": false, "error": error})).into_response()
}

impl Slack {
    /// What is wrong with a call before its method is even looked at.
    async fn gate(&self, headers: &HeaderMap, json_body: bool) -> Option<Response> {
        let trouble = self.troubles.lock().unwrap().pop();
        match trouble {
            Some(Trouble::Answer(status, body, retry_after)) => {
                let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
                if let Some(seconds) = retry_after {
                    response.headers_mut().insert("retry-after", seconds.parse().unwrap());
                }
                return Some(response);
            }
            None => {}
        }
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if header("authorization") != format!("Bearer {TOKEN}") {
            return Some(refuse("invalid_auth"));
        }
        if json_body && header("content-type") != "application/json; charset=utf-8" {
            return Some(refuse("invalid_post_type"));
        }
        None
    }

    fn knows(&self, ts: &Value) -> bool {
        self.posts.lock().unwrap().iter().any(|post| post["ts"] == *ts)
    }
}

async fn post_message(State(slack): State<Double>, headers: HeaderMap, body: String) -> Response {
    if let Some(response) = slack.gate(&headers, true).await {
        return response;
    }
    let mut body: Value = serde_json::from_str(&body).unwrap();
    if body["channel"] != CHANNEL_ID && body["channel"] != CHANNEL_NAME {
        return refuse("channel_not_found");
    }
    if body["text"].as_str().is_none_or(str::is_empty) {
        return refuse("no_text");
    }
    let ts = format!("1696521600.{:06}", slack.posts.lock().unwrap().len() + 1);
    body["ts"] = json!(ts);
    // A reply to a parent that is not there becomes a message of its own, and only the missing field tells.
    let mut message = json!({"ts": ts, "text": body["text"]});
    if slack.knows(&body["thread_ts"]) {
        message["thread_ts"] = body["thread_ts"].clone();
    }
    slack.posts.lock().unwrap().push(body);
    Json(json!({"ok": true, "channel": CHANNEL_ID, "ts": ts, "message": message})).into_response()
}

async fn update(State(slack): State<Double>, headers: HeaderMap, body: String) -> Response {
    if let Some(response) = slack.gate(&headers, true).await {
        return response;
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    if body["channel"] != CHANNEL_ID {
        return refuse("channel_not_found");
    }
    if !slack.knows(&body["ts"]) {
        return refuse("message_not_found");
    }
    slack.updates.lock().unwrap().push(body);
    Json(json!({"ok": true})).into_response()
}

async fn permalink(
    State(slack): State<Double>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if let Some(response) = slack.gate(&headers, false).await {
        return response;
    }
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (channel, ts) = (value("channel").unwrap(), value("message_ts").unwrap());
    if channel != CHANNEL_ID || !slack.knows(&json!(ts)) {
        return refuse("message_not_found");
    }
    let link = format!("https://example.slack.com/archives/{channel}/p{}", ts.replace('.', ""));
    Json(json!({"ok": true, "permalink": link})).into_response()
}

/// A running double, and clients for it.
pub struct TestSlack {
    double: Double,
    address: SocketAddr,
}

impl TestSlack {
    pub async fn start() -> Self {
        let double = Double::default();
        let app = Router::new()
            .route("/api/chat.postMessage", post(post_message))
            .route("/api/chat.update", post(update))
            .route("/api/chat.getPermalink", get(permalink))
            .with_state(double.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { double, address }
    }

    pub fn client(&self, token: &str, channel: &str) -> SlackChat {
        let url = Url::parse(&format!("http://{}/api/", self.address)).unwrap();
        SlackChat::new(reqwest::Client::new(), token.to_owned().into(), channel.to_owned(), url)
    }

    pub fn chat(&self) -> SlackChat {
        self.client(TOKEN, CHANNEL_ID)
    }

    pub fn next(&self, trouble: Trouble) {
        self.double.troubles.lock().unwrap().insert(0, trouble);
    }

    pub fn posts(&self) -> Vec<Value> {
        self.double.posts.lock().unwrap().clone()
    }

    pub fn updates(&self) -> Vec<Value> {
        self.double.updates.lock().unwrap().clone()
    }
}
