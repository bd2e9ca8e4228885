//! The calls of the port as requests.

mod access;
mod request;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{RequestBuilder, Response, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::{
    answer::{Answer, MOST_VALUES, lost, too_long},
    content::content,
    search::{Bot, Pages, Search},
};
use crate::{
    chat::{Access, Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts},
    json,
    web::{LazyClient, Secrets},
};

/// A call that takes longer has an unknown fate. Slack mostly answers within half a second.
const LIMIT: Duration = Duration::from_secs(10);
/// Slack's answers hold a few kilobytes; whatever is longer than this is not one. Pages of messages have limits of
/// their own.
const ANSWER_MAX_BYTES: usize = 1 << 20;

const POST: &str = "chat.postMessage";
const UPDATE: &str = "chat.update";
const PERMALINK: &str = "chat.getPermalink";
const DELETE: &str = "chat.delete";
const WHO_AM_I: &str = "auth.test";
const VALIDATE: &str = "blocks.validate";
/// A search is several calls; this is what its error goes by.
const SEARCH: &str = "conversations.*";

/// A channel of a Slack workspace.
pub struct SlackChat {
    http: LazyClient,
    token: SecretString,
    /// What no error may hold: the token.
    secrets: Secrets,
    channel: String,
    api_url: Url,
    limit: Duration,
    /// The channel's id as the last post's answer gave it, for `chat.update` takes no names; until then as configured.
    channel_id: Mutex<String>,
    /// Who we are, asked once.
    bot: OnceCell<Bot>,
}

impl SlackChat {
    /// Posts to `channel` (an id or a name) by the methods below `api_url`, which ends with a slash.
    pub fn new(http: impl Into<LazyClient>, token: SecretString, channel: String, api_url: Url) -> Self {
        let (channel_id, bot) = (Mutex::new(channel.clone()), OnceCell::new());
        let secrets = Secrets::of([token.expose_secret().to_owned()]);
        let http = http.into();
        Self { http, token, secrets, channel, api_url, limit: LIMIT, channel_id, bot }
    }

    /// The same with another limit for one call, and for one search with all its pages: 10 s otherwise.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    fn channel_id(&self) -> String {
        self.channel_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn bot(&self) -> Result<&Bot, ChatError> {
        self.bot
            .get_or_try_init(|| async {
                let answer = self.post_json(WHO_AM_I, &json!({})).await?;
                let text = |name: &str| answer[name].as_str().map(str::to_owned);
                let (user, bot) = (text("user_id"), text("bot_id"));
                if user.is_none() && bot.is_none() {
                    // Whoever kept that would find no message of ours again.
                    let detail = "the answer names neither user_id nor bot_id";
                    return Err(ChatError::new(ChatErrorKind::Ambiguous, WHO_AM_I, detail));
                }
                Ok(Bot { user, bot })
            })
            .await
    }

    async fn post_json(&self, method: &'static str, body: &Value) -> Result<Value, ChatError> {
        let request = self
            .request(method)?
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(body.to_string());
        self.call(method, request).await
    }

    async fn search(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        let bot = self.bot().await?;
        let search = Search { channel: self.channel_id(), thread, since, marker, bot };
        let (mut pages, mut found) = (Pages::default(), Vec::new());
        loop {
            let request = self.request(search.method())?.form(&search.form(&pages));
            let (page, bytes) = match self.read(search.method(), request, pages.max_bytes()).await? {
                Some(read) => read,
                None if pages.halve() => continue,
                // Somebody must find out why; what stands in it is never told.
                None => return Err(too_long(search.method(), ChatErrorKind::Permanent)),
            };
            found.extend(search.found(&page));
            if !pages.turn(&page, bytes) {
                break;
            }
        }
        found.sort_by(|a, b| a.ts.cmp(&b.ts));
        // A thread's every page brings its parent again.
        found.dedup();
        Ok(found)
    }

    /// What Slack answers.
    async fn call(&self, method: &'static str, request: RequestBuilder) -> Result<Value, ChatError> {
        let read = self.read(method, request, ANSWER_MAX_BYTES).await?;
        // It may have been taken all the same.
        let (answer, _) = read.ok_or_else(|| too_long(method, ChatErrorKind::Ambiguous))?;
        Ok(answer)
    }

    /// What Slack answers, and in how many bytes; `None` where there are more than `max`, or too many values in them.
    async fn read(
        &self,
        method: &'static str,
        request: RequestBuilder,
        max: usize,
    ) -> Result<Option<(Value, usize)>, ChatError> {
        self.taken(method, self.send(method, request).await?, max).await
    }

    async fn send(&self, method: &'static str, request: RequestBuilder) -> Result<Response, ChatError> {
        let request = request.bearer_auth(self.token.expose_secret()).timeout(self.limit);
        request.send().await.map_err(|e| lost(method, e))
    }

    async fn taken(
        &self,
        method: &'static str,
        mut response: Response,
        max: usize,
    ) -> Result<Option<(Value, usize)>, ChatError> {
        let status = response.status().as_u16();
        let retry_after =
            response.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| lost(method, e))? {
            body.extend_from_slice(&chunk);
            if body.len() > max {
                break;
            }
        }
        let bytes = body.len();
        // Of another status that alone tells enough.
        if status == 200 && (bytes > max || json::values(&body) > MOST_VALUES) {
            return Ok(None);
        }
        Ok(Some((Answer { status, retry_after, body }.read(method, &self.secrets)?, bytes)))
    }
}

#[async_trait]
impl Chat for SlackChat {
    async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let mut body = content(&self.channel, message);
        if let Place::Thread(ts) | Place::Broadcast(ts) = place {
            body["thread_ts"] = json!(ts);
        }
        if let Place::Broadcast(_) = place {
            body["reply_broadcast"] = json!(true);
        }
        let answer = self.post_json(POST, &body).await?;
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (Some(channel), Some(ts)) = (text("/channel"), text("/ts")) else {
            let detail = "taken, but the answer names no channel and ts";
            return Err(ChatError::new(ChatErrorKind::Ambiguous, POST, detail));
        };
        self.channel_id.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&channel);
        Ok(Posted { channel, ts: Ts(ts), thread_ts: text("/message/thread_ts").map(Ts) })
    }

    async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        let mut body = content(&self.channel_id(), message);
        body["ts"] = json!(ts);
        if message.blocks.is_empty() {
            // Blocks that are not mentioned would stay as they were, below the new text.
            body["blocks"] = json!([]);
        }
        self.post_json(UPDATE, &body).await.map(drop)
    }

    async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        let search = self.search(marker, thread, since);
        tokio::time::timeout(self.limit, search).await.unwrap_or_else(|_| {
            let detail = format!("the search did not end within {:?}", self.limit);
            Err(ChatError::new(ChatErrorKind::Ambiguous, SEARCH, detail))
        })
    }

    async fn delete(&self, ts: &Ts) -> Result<(), ChatError> {
        self.post_json(DELETE, &json!({"channel": self.channel_id(), "ts": ts})).await.map(drop)
    }

    async fn permalink(&self, ts: &Ts) -> Result<Option<String>, ChatError> {
        let mut url = self.url(PERMALINK);
        url.query_pairs_mut().append_pair("channel", &self.channel_id()).append_pair("message_ts", &ts.0);
        let request = self.client(PERMALINK)?.get(url);
        let answer = self.call(PERMALINK, request).await?;
        Ok(answer["permalink"].as_str().map(str::to_owned))
    }

    async fn validate(&self, message: &Message) -> Result<(), ChatError> {
        // A form: in a body of JSON Slack does not find them.
        let form = [("blocks", json!(message.blocks).to_string())];
        self.call(VALIDATE, self.request(VALIDATE)?.form(&form)).await.map(drop)
    }

    async fn access(&self) -> Result<Access, ChatError> {
        self.own_access().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_no_client_can_be_made_nothing_was_sent_and_no_retry_helps() {
        let (url, channel) = ("https://slack.example/api/".parse().unwrap(), "C1".to_owned());
        let slack = SlackChat::new(LazyClient::none(), "xoxb-secret".into(), channel, url);
        let error = slack.delete(&Ts("1.2".to_owned())).await.unwrap_err();
        assert_eq!((error.kind, error.method), (ChatErrorKind::Permanent, DELETE));
        assert!(error.detail.contains("CA bundle") && !error.detail.contains("secret"), "{}", error.detail);
    }
}
