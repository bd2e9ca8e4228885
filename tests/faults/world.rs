//! What is outside of auto-ep and survives it: the state, the feed, the channel, the shop's catalogue.
//!
//! It notes at once when something happens to it that never may. What Slack does with a message stands in `support`;
//! here are time and what may not be.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use auto_ep::{
    chat::Marker,
    ledger::{PublishedRecord, RunRecord, run_name},
    report::{BuildInfo, Fingerprint},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::support::{slack, slack_room::Room};
pub use slack::Message as Post;

/// How long a call may take: two thirds of `LEASE`, less the way that the renewal took.
const ONE_CALL: SignedDuration = SignedDuration::from_millis(9_950);

/// The world of one case.
pub struct World {
    begin: (Timestamp, Instant),
    inside: Mutex<Inside>,
}

/// Everything that is kept.
#[derive(Clone, Default)]
pub struct Inside {
    /// State: each object's bytes and generation.
    pub objects: BTreeMap<String, (Vec<u8>, i64)>,
    pub generation: i64,
    /// The feed: builds by key, and the public file.
    pub files: BTreeMap<String, Vec<u8>>,
    pub public: Option<(BuildInfo, Vec<u8>)>,
    pub invalidations: BTreeSet<String>,
    /// The channel, and every ts it ever gave.
    pub slack: Room,
    pub given: BTreeSet<String>,
    /// Each message as it was taken, whatever became of it.
    pub posts: Vec<Post>,
    /// Posts that are on their way, and when they land.
    pub late: Vec<(Timestamp, Post)>,
    /// What the catalogue's URL answers.
    pub catalogue: (u16, Vec<u8>),
    /// What never may happen and did.
    pub violations: Vec<String>,
}

/// A marker as the client sends it.
pub fn metadata(marker: &Marker) -> serde_json::Value {
    json!({"event_type": "auto_ep", "event_payload": marker})
}

/// The key of a message's marker. A tombstone has none.
pub fn key(post: &Post) -> &str {
    post.metadata.as_ref().and_then(|metadata| metadata["event_payload"]["key"].as_str()).unwrap_or_default()
}

impl World {
    /// A world as it is at a moment.
    pub fn new(begin: Timestamp, inside: Inside) -> Arc<Self> {
        Arc::new(Self { begin: (begin, Instant::now()), inside: Mutex::new(inside) })
    }

    pub fn now(&self) -> Timestamp {
        self.begin.0 + SignedDuration::try_from(self.begin.1.elapsed()).unwrap()
    }

    /// Lets virtual time pass until `then`.
    pub async fn until(&self, then: Timestamp) {
        let left = Duration::try_from(then.duration_since(self.now())).unwrap_or_default();
        tokio::time::sleep(left).await;
    }

    /// A run's post begins: it has to end before anybody else may take the run over.
    pub fn note_short_lease(&self, marker: &Marker) {
        let Some((step, key)) = marker.key.strip_prefix("run:").and_then(|run| run.split_once(':')) else {
            return;
        };
        let mut inside = self.inside();
        let record = inside.object::<RunRecord>(&run_name(step.parse().unwrap(), key));
        let left =
            record.and_then(|record| record.claim).map(|claim| claim.expires.duration_since(self.now()));
        if left.is_none_or(|left| left < ONE_CALL) {
            inside
                .violations
                .push(format!("1: a post of {} begins with {left:?} of the lease left", marker.key));
        }
    }

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        let mut inside = self.inside.lock().unwrap();
        inside.land(self.now());
        inside
    }
}

impl Inside {
    pub fn object<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let (bytes, _) = self.objects.get(name)?;
        Some(serde_json::from_slice(bytes).unwrap_or_else(|e| panic!("{name} is damaged: {e}")))
    }

    /// The copy to the public key, watched: whole, announced, and in order.
    pub fn publish(&mut self, info: &BuildInfo) -> bool {
        let Some(bytes) = self.files.get(&format!("builds/{}.tsv", info.build)).cloned() else {
            return false;
        };
        let record: PublishedRecord = self.object("published.json").unwrap_or_default();
        let announced = record.publishing.iter().chain(&record.published).any(|p| p.info == *info);
        if !announced {
            self.violations.push(format!("2: build {} is made public, but was not announced", info.build));
        }
        if Fingerprint::of(&bytes) != info.file {
            self.violations.push(format!("2: build {} is made public, but is not whole", info.build));
        }
        self.public = Some((info.clone(), bytes));
        true
    }

    /// Takes a message now, and notes its name.
    pub fn post(&mut self, post: Post, now: Timestamp) -> Post {
        let post = self.slack.post(post, now);
        self.given.insert(post.ts.clone());
        self.posts.push(post.clone());
        post
    }

    fn land(&mut self, now: Timestamp) {
        let mut landed: Vec<_> = self.late.extract_if(.., |(at, _)| *at <= now).collect();
        landed.sort_by_key(|(at, _)| *at);
        for (at, post) in landed {
            self.post(post, at);
        }
    }

    /// Messages that people see: not those below a tombstone.
    pub fn visible(&self) -> impl Iterator<Item = &Post> {
        let hidden = |thread: &String| self.slack.messages.iter().any(|m| m.tombstone && m.ts == *thread);
        self.slack.living().filter(move |post| !post.thread_ts.as_ref().is_some_and(hidden))
    }

    /// Those whose marker's key begins so.
    pub fn marked(&self, start: &str) -> Vec<&Post> {
        self.visible().filter(|post| key(post).starts_with(start)).collect()
    }

    /// People delete every parent; what was below stays there.
    pub fn delete_parents(&mut self) {
        let parents: Vec<_> =
            self.slack.living().filter(|m| m.thread_ts.is_none()).map(|m| m.ts.clone()).collect();
        for ts in parents {
            self.slack.delete(&ts);
        }
    }
}

pub fn hash(bytes: &[u8]) -> String {
    auto_ep::report::hex(&Sha256::digest(bytes))
}

/// A sound catalogue of `n` products.
pub fn catalogue(n: usize) -> Vec<u8> {
    let mut document = Vec::new();
    auto_ep::sample::Sample { products: n, seed: 7, dirty: false }.write(&mut document).unwrap();
    document
}
