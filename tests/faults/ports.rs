//! The ports of one process onto the world.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use auto_ep::{
    chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts},
    clock::Clock,
    feed_store::{FeedError, FeedKey, FeedStore, Part, Probe},
    report::{BuildInfo, Invalidation},
    state::{Generation, Precondition, StateError, StateStore, Stored},
    web::{Request, Response, Web, WebError},
};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use reqwest::{StatusCode, header};
use tokio::sync::mpsc;

use crate::{
    instance::{Ending, Instance},
    mutations::Mutation,
    world::{Post, World, metadata},
};

/// How long a body is on its way: past a renewal of the lease.
const BODY: Duration = Duration::from_secs(7);

/// All ports of one process.
#[derive(Clone)]
pub struct Ports {
    pub world: Arc<World>,
    pub instance: Arc<Instance>,
    pub mutation: Option<Mutation>,
}

impl Ports {
    fn is(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }
}

#[async_trait]
impl Clock for Ports {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
        self.instance.gate().await;
    }
}

/// `runs`, `days`, `published` or `thread`: what kind of object it is.
fn kind(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap()
}

#[async_trait]
impl StateStore for Ports {
    async fn read(&self, name: &str) -> Result<Option<Stored>, StateError> {
        let effect = || {
            let object = self.world.inside().objects.get(name).cloned();
            let mut stored = object.map(|(bytes, g)| Stored { bytes, generation: Generation(g) });
            if self.is(Mutation::OrderForgotten)
                && kind(name) == "published"
                && let Some(stored) = &mut stored
            {
                stored.bytes = crate::mutations::without_order(&stored.bytes);
            }
            Ok(stored)
        };
        let nonsense = |_| Ok(Some(Stored { bytes: b"<html>".to_vec(), generation: Generation(-7) }));
        self.instance.call(&format!("state.read {}", kind(name)), effect, state_error, nonsense).await
    }

    async fn write(
        &self,
        name: &str,
        bytes: Vec<u8>,
        precondition: Precondition,
    ) -> Result<Generation, StateError> {
        let effect = || {
            let mut world = self.world.inside();
            let before = world.objects.get(name).map(|object| object.1);
            let holds = match (precondition, before) {
                (Precondition::None, _) | (Precondition::Absent, None) => true,
                (Precondition::Unchanged(known), Some(found)) => known.0 == found,
                _ => false,
            } || self.is(Mutation::LastWriterWins);
            if !holds {
                return Err(StateError::Conflict { object: name.to_owned() });
            }
            world.generation += 1;
            let generation = world.generation;
            if !(self.is(Mutation::NothingAnnounced) && kind(name) == "published") {
                world.objects.insert(name.to_owned(), (bytes, generation));
            }
            Ok(Generation(generation))
        };
        let nonsense = |result: Result<Generation, StateError>| result.map(|_| Generation(-7));
        self.instance.call(&format!("state.write {}", kind(name)), effect, state_error, nonsense).await
    }

    fn location(&self) -> String {
        "the state".into()
    }
}

fn state_error(ending: Ending) -> StateError {
    let (object, reason) = ("an object".to_owned(), "as planned".to_owned());
    match ending {
        Ending::Refused => StateError::Refused { object, reason },
        _ => StateError::Unavailable { object, reason },
    }
}

fn feed_error(ending: Ending) -> FeedError {
    let (object, reason) = ("a file".to_owned(), "as planned".to_owned());
    match ending {
        Ending::Refused => FeedError::Refused { object, reason },
        _ => FeedError::Unavailable { object, reason },
    }
}

fn chat_error(ending: Ending) -> ChatError {
    let kind = match ending {
        Ending::Refused => ChatErrorKind::Permanent,
        Ending::Before => ChatErrorKind::Unreachable,
        Ending::LostAnswer => ChatErrorKind::Ambiguous,
        Ending::RateLimited => ChatErrorKind::RateLimited(Duration::from_secs(30)),
    };
    ChatError { kind, method: "chat.any", detail: "as planned".into() }
}

/// What Slack says no with, as its adapter takes it.
fn refusal(method: &'static str, code: &str) -> ChatError {
    let kind = match code {
        "message_not_found" | "thread_not_found" => ChatErrorKind::Gone,
        "edit_window_closed" | "cant_delete_message" => ChatErrorKind::Closed,
        _ => ChatErrorKind::Permanent,
    };
    ChatError { kind, method, detail: code.into() }
}

/// A file's kind: each build has a name of its own.
fn file(key: &FeedKey) -> &'static str {
    match key {
        FeedKey::Build(_) => "build",
        FeedKey::Excluded(_) => "excluded",
    }
}

#[async_trait]
impl FeedStore for Ports {
    async fn write(&self, key: &FeedKey, mut parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
        let op = format!("feed.write {}", file(key));
        let mut bytes = Vec::new();
        loop {
            match parts.recv().await {
                Some(Part::Data(part)) => bytes.extend_from_slice(&part),
                Some(Part::End) => break,
                None => return Err(FeedError::Aborted { object: op }),
            }
        }
        let effect = || {
            self.world.inside().files.insert(key.path(), bytes);
            Ok(())
        };
        self.instance.call(&op, effect, feed_error, |result| result).await
    }

    async fn read(&self, key: &FeedKey) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError> {
        let effect = || {
            let (sender, receiver) = mpsc::channel(1);
            let found = self.world.inside().files.get(&key.path()).cloned();
            let bytes = found.ok_or_else(|| FeedError::NotFound { object: key.path() })?;
            sender.try_send(Ok(Bytes::from(bytes))).unwrap();
            Ok(receiver)
        };
        let nonsense = |_| {
            let (sender, receiver) = mpsc::channel(1);
            sender.try_send(Ok(Bytes::from_static(b"<html>"))).unwrap();
            Ok(receiver)
        };
        self.instance.call(&format!("feed.read {}", file(key)), effect, feed_error, nonsense).await
    }

    async fn publish(&self, info: &BuildInfo) -> Result<(), FeedError> {
        let effect = || match self.world.inside().publish(info) {
            true => Ok(()),
            false => Err(FeedError::NotFound { object: info.build.to_string() }),
        };
        self.instance.call("feed.publish", effect, feed_error, |result| result).await
    }

    async fn published(&self) -> Result<Option<BuildInfo>, FeedError> {
        let effect = || Ok(self.world.inside().public.as_ref().map(|public| public.0.clone()));
        self.instance.call("feed.published", effect, feed_error, |_| Ok(None)).await
    }

    async fn probe(&self, _: Probe, _: &str) -> Result<bool, FeedError> {
        unreachable!("only the doctor does that")
    }

    async fn invalidate(&self, reference: &str) -> Invalidation {
        let effect = || {
            self.world.inside().invalidations.insert(reference.to_owned());
            Ok(Invalidation::Completed { id: reference.to_owned() })
        };
        let failed = |_| Invalidation::Failed { reason: "as planned".into() };
        match self.instance.call("feed.invalidate", effect, failed, |result| result).await {
            Ok(invalidation) | Err(invalidation) => invalidation,
        }
    }

    fn location(&self) -> String {
        "the feed".into()
    }

    fn location_of(&self, key: &FeedKey) -> String {
        key.path()
    }
}

/// `parent`, `guide` or `run`.
fn message_kind(marker: &Marker) -> &str {
    marker.key.split(':').next().unwrap()
}

fn posted(post: &Post) -> Posted {
    Posted { channel: "C1".into(), ts: Ts(post.ts.clone()), thread_ts: post.thread_ts.clone().map(Ts) }
}

#[async_trait]
impl Chat for Ports {
    async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let thread = match place {
            Place::Channel => None,
            Place::Thread(ts) | Place::Broadcast(ts) => Some(ts),
        };
        let op = format!("chat.post {}", message_kind(&message.marker));
        self.instance.gate().await;
        self.world.note_short_lease(&message.marker);
        let effect = || {
            let now = self.world.now();
            let mut world = self.world.inside();
            let method = "chat.postMessage";
            world.slack.moods.membership(method).map_err(|code| refusal(method, code))?;
            let post = Post {
                thread_ts: thread.map(|ts| ts.0.clone()),
                broadcast: matches!(place, Place::Broadcast(_)),
                text: message.text.clone(),
                metadata: Some(metadata(&message.marker)),
                ours: true,
                ..Post::default()
            };
            if let Some(late) = self.instance.lands_late() {
                world.late.push((now + late, post));
                return Err(chat_error(Ending::LostAnswer));
            }
            let mut answer = posted(&world.post(post, now));
            if self.is(Mutation::NothingPosted) && message_kind(&message.marker) == "run" {
                world.slack.messages.retain(|post| post.ts != answer.ts.0);
            }
            if self.is(Mutation::InventedTs) && message_kind(&message.marker) == "run" {
                answer.ts = Ts("1.000001".into());
            }
            Ok(answer)
        };
        self.instance.call(&op, effect, chat_error, |_| Err(chat_error(Ending::LostAnswer))).await
    }

    async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        let op = format!("chat.update {}", message_kind(&message.marker));
        let effect = || {
            let slack = &mut self.world.inside().slack;
            let edit = |post: &mut Post| {
                post.text = message.text.clone();
                post.metadata = Some(metadata(&message.marker));
            };
            let edited = slack.moods.membership("chat.update").and_then(|()| slack.update(&ts.0, edit));
            edited.map(drop).map_err(|code| refusal("chat.update", code))
        };
        self.instance.call(&op, effect, chat_error, |_| Err(chat_error(Ending::LostAnswer))).await
    }

    async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        let op = format!("chat.find {}", message_kind(marker));
        let effect = || {
            let slack = &self.world.inside().slack;
            let refused = |code| refusal("conversations.*", code);
            slack.moods.membership("conversations.*").map_err(refused)?;
            let here: Vec<_> = match thread {
                Some(ts) => slack.thread(&ts.0).map_err(refused)?.filter(|post| post.ts != ts.0).collect(),
                None => slack.history().collect(),
            };
            let since = format!("{}.{:06}", since.as_second(), since.subsec_microsecond());
            let marker = Some(metadata(marker));
            let found = here.into_iter().filter(|post| post.metadata == marker && post.ts >= since);
            Ok(found.map(posted).filter(|_| !self.is(Mutation::BlindSearch)).collect())
        };
        self.instance.call(&op, effect, chat_error, |_| Err(chat_error(Ending::LostAnswer))).await
    }

    async fn delete(&self, ts: &Ts) -> Result<(), ChatError> {
        let effect = || self.world.inside().slack.remove(&ts.0).map_err(|code| refusal("chat.delete", code));
        self.instance.call("chat.delete", effect, chat_error, |result| result).await
    }

    async fn permalink(&self, ts: &Ts) -> Result<Option<String>, ChatError> {
        let effect = || {
            let method = "chat.getPermalink";
            self.world.inside().slack.find(&ts.0).map_err(|code| refusal(method, code))?;
            Ok(Some(format!("https://chat.example/{ts}")))
        };
        let nonsense = |_| Err(chat_error(Ending::LostAnswer));
        self.instance.call("chat.permalink", effect, chat_error, nonsense).await
    }
}

#[async_trait]
impl Web for Ports {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let path = request.url.path();
        let catalogue = path.ends_with(".json");
        let op = match () {
            () if catalogue => "web.get catalogue",
            () if path.ends_with(".tsv") => "web.get feed",
            () => "web.get page",
        };
        let effect = || {
            let world = self.world.inside();
            let (status, bytes) = match (catalogue, &world.public) {
                (true, _) => world.catalogue.clone(),
                (false, Some((_, bytes))) => (200, bytes.clone()),
                (false, None) => (404, b"no such file".to_vec()),
            };
            Ok((
                status,
                if catalogue { "application/json" } else { "text/tab-separated-values" },
                bytes,
                None,
            ))
        };
        let broken = || WebError {
            detail: "the connection broke, as planned".into(),
            plain: "no answer".into(),
            permanent: false,
        };
        let mut lost = None;
        let error = |ending: Ending| match ending {
            // What is lost of a GET's answer is the rest of its body.
            Ending::LostAnswer => {
                lost = Some((200, "application/json", b"[".to_vec(), Some(broken())));
                broken()
            }
            Ending::Refused => {
                lost = Some((403, "text/plain", b"forbidden".to_vec(), None));
                broken()
            }
            Ending::RateLimited => {
                lost = Some((429, "text/plain", b"slowly".to_vec(), None));
                broken()
            }
            Ending::Before => broken(),
        };
        let nonsense = |_| Ok((200, "text/html", b"<!doctype html><p>sorry".to_vec(), None));
        let answer = self.instance.call(op, effect, error, nonsense).await;
        let (status, content_type, bytes, end) = match (answer, lost) {
            (Ok(answer), _) | (Err(_), Some(answer)) => answer,
            (Err(error), None) => return Err(error),
        };
        let instance = Arc::clone(&self.instance);
        let body = stream::once(async move {
            tokio::time::sleep(BODY).await;
            instance.gate().await;
            Ok(Bytes::from(bytes))
        });
        let mut headers = header::HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
        if matches!(status, 429 | 503) {
            // Without it the next try comes at random, and the course of a case would not be the same each time.
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("2"));
        }
        use futures_util::StreamExt as _;
        let body = body.chain(stream::iter(end.map(Err)));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response { status, url: request.url, headers, body: Box::pin(body) })
    }
}
