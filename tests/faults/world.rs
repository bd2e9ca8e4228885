//! What is outside of auto-ep and survives it: the state, the feed, the channel, the shop's catalogue.
//!
//! It notes at once when something happens to it that never may.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use auto_ep::{
    chat::{Marker, Message, Ts},
    ledger::{PublishedRecord, RunRecord, run_name},
    report::{BuildInfo, Fingerprint},
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

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
    pub posts: Vec<Post>,
    pub given: BTreeSet<String>,
    /// Posts that are on their way, and when they land.
    pub late: Vec<(Timestamp, Post)>,
    /// Parents that people deleted and that have replies: they stay as tombstones, and nobody looks there.
    pub tombstones: BTreeSet<Ts>,
    /// Whether the bot was removed from the channel.
    pub bot_removed: bool,
    /// What the workspace forbids.
    pub edits_closed: bool,
    pub removals_forbidden: bool,
    /// Somebody, or an app, removes each new parent at once.
    pub parents_removed: bool,
    /// What the catalogue's URL answers.
    pub catalogue: (u16, Vec<u8>),
    /// What never may happen and did.
    pub violations: Vec<String>,
}

/// A message in the channel.
#[derive(Debug, Clone)]
pub struct Post {
    pub ts: Ts,
    pub thread: Option<Ts>,
    /// Whether the channel sees it too.
    pub broadcast: bool,
    pub marker: Marker,
    pub text: String,
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
        let Some((route, key)) = marker.key.strip_prefix("run:").and_then(|run| run.split_once(':')) else {
            return;
        };
        let mut inside = self.inside();
        let record = inside.object::<RunRecord>(&run_name(route.parse().unwrap(), key));
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

    /// Takes a message, as Slack does: a reply to a parent that is gone becomes a message of its own; below a tombstone
    /// it is a reply.
    pub fn post(&mut self, thread: Option<&Ts>, broadcast: bool, message: &Message, now: Timestamp) -> Post {
        let post = self.make(thread, broadcast, message, now);
        self.posts.push(post.clone());
        if self.parents_removed && post.thread.is_none() {
            self.remove(&post.ts);
        }
        post
    }

    /// The same of one that lands only at `now`, which is still to come.
    pub fn post_late(&mut self, thread: Option<&Ts>, broadcast: bool, message: &Message, now: Timestamp) {
        let post = self.make(thread, broadcast, message, now);
        self.late.push((now, post));
    }

    fn land(&mut self, now: Timestamp) {
        let landed: Vec<_> = self.late.extract_if(.., |(at, _)| *at <= now).map(|(_, post)| post).collect();
        self.posts.extend(landed);
        self.posts.sort_by(|a, b| a.ts.cmp(&b.ts));
    }

    fn make(&mut self, thread: Option<&Ts>, broadcast: bool, message: &Message, now: Timestamp) -> Post {
        let thread =
            thread.filter(|ts| self.tombstones.contains(ts) || self.posts.iter().any(|post| post.ts == **ts));
        let mut micros = now.as_microsecond();
        let ts = loop {
            let ts = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            if self.given.insert(ts.clone()) {
                break Ts(ts);
            }
            micros += 1;
        };
        Post {
            ts,
            thread: thread.cloned(),
            broadcast,
            marker: message.marker.clone(),
            text: message.text.clone(),
        }
    }

    /// Messages that people see: not those below a tombstone.
    pub fn visible(&self) -> impl Iterator<Item = &Post> {
        self.posts
            .iter()
            .filter(|post| post.thread.as_ref().is_none_or(|thread| !self.tombstones.contains(thread)))
    }

    /// Those whose marker's key begins so.
    pub fn marked(&self, key: &str) -> Vec<&Post> {
        self.visible().filter(|post| post.marker.key.starts_with(key)).collect()
    }

    /// Removes a message. A parent that has replies stays as a tombstone; one without is gone.
    pub fn remove(&mut self, ts: &Ts) {
        if self.posts.iter().any(|post| post.thread.as_ref() == Some(ts)) {
            self.tombstones.insert(ts.clone());
        }
        self.posts.retain(|post| post.ts != *ts);
    }

    /// People delete every parent; what was below stays there.
    pub fn delete_parents(&mut self) {
        let parents: Vec<_> = self.posts.iter().filter(|post| post.thread.is_none()).collect();
        for ts in parents.into_iter().map(|parent| parent.ts.clone()).collect::<Vec<_>>() {
            self.remove(&ts);
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
