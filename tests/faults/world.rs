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
    feed_store::BuildInfo,
    ledger::PublishedRecord,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

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

    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
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
        if hash(&bytes) != info.sha256 || bytes.len() as u64 != info.bytes {
            self.violations.push(format!("2: build {} is made public, but is not whole", info.build));
        }
        self.public = Some((info.clone(), bytes));
        true
    }

    /// Takes a message, as Slack does: a reply to a parent that is gone becomes a message of its own.
    pub fn post(&mut self, thread: Option<&Ts>, broadcast: bool, message: &Message, now: Timestamp) -> Post {
        let thread = thread.filter(|ts| self.posts.iter().any(|post| post.ts == **ts));
        let mut micros = now.as_microsecond();
        let ts = loop {
            let ts = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            if self.given.insert(ts.clone()) {
                break Ts(ts);
            }
            micros += 1;
        };
        let post = Post {
            ts,
            thread: thread.cloned(),
            broadcast,
            marker: message.marker.clone(),
            text: message.text.clone(),
        };
        self.posts.push(post.clone());
        post
    }

    /// Messages whose marker's key begins so.
    pub fn marked(&self, key: &str) -> Vec<&Post> {
        self.posts.iter().filter(|post| post.marker.key.starts_with(key)).collect()
    }

    /// People delete the day's parent, and with it its replies.
    pub fn delete_thread(&mut self) {
        self.posts.clear();
    }
}

pub fn hash(bytes: &[u8]) -> String {
    auto_ep::ep::save::hex(&Sha256::digest(bytes))
}

/// A sound catalogue of `n` products.
pub fn catalogue(n: usize) -> Vec<u8> {
    let mut document = Vec::new();
    auto_ep::sample::Sample { products: n, seed: 7, dirty: false }.write(&mut document).unwrap();
    document
}
