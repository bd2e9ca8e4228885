//! What the app stands on, as the settings name it: the adapter of each port. It contacts nothing.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use super::address::feed_url;
use crate::{
    chat::{Chat, SlackChat, TerminalChat},
    clock::Clock,
    config::{
        Config,
        chat::ChatTransport,
        corrections::CorrectionsPlace,
        stores::{FeedStoreConfig, S3Config, StateConfig},
    },
    corrections::Source,
    doctor::Doctor,
    feed_store::{CloudFront, FeedStore, FolderFeed, S3Feed},
    ledger::call_limit,
    state::{FolderState, GcsState, StateStore},
    web::{HttpWeb, LazyClient, Web},
};

/// What the app stands on. Tests and the demo bring their own.
#[derive(Clone)]
pub struct Parts {
    /// Where records are.
    pub state: Arc<dyn StateStore>,
    /// Where the feed is.
    pub feed: Arc<dyn FeedStore>,
    /// Where people are told.
    pub chat: Arc<dyn Chat>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the catalogue is, and what readers get.
    pub web: Arc<dyn Web>,
}

impl Parts {
    /// The world is reached by `world`.
    pub(super) fn of(config: &Config, address: SocketAddr, clock: Arc<dyn Clock>, world: LazyClient) -> Self {
        let limit = call_limit(config.service.lease);
        let chat: Arc<dyn Chat> = match &config.chat.transport {
            ChatTransport::Terminal => Arc::new(TerminalChat::new(Arc::clone(&clock), true)),
            ChatTransport::Slack { token, channel, api_url } => {
                let slack = SlackChat::new(world.clone(), token.clone(), channel.clone(), api_url.clone());
                Arc::new(slack.with_limit(limit))
            }
        };
        Self {
            state: state(config, limit),
            feed: feed(config, address, &clock, limit),
            chat,
            clock,
            web: Arc::new(HttpWeb::new(world)),
        }
    }

    pub(super) fn doctor(&self, config: &Config) -> Doctor {
        let Self { state, feed, chat, clock, web } = self.clone();
        let corrections = corrections(config);
        Doctor { config: config.clone(), chat, state, feed, corrections, web, clock }
    }
}

/// Where a merchant's own corrections are read from: a bucket by the same access as the state's or the feed's.
pub(super) fn corrections(config: &Config) -> Option<Source> {
    Some(match config.corrections.as_ref()? {
        CorrectionsPlace::Web(url) => Source::Web(url.clone()),
        CorrectionsPlace::File(path) => Source::File(path.clone()),
        CorrectionsPlace::Gcs { bucket, name } => {
            let endpoint = match &config.state {
                StateConfig::Gcs { endpoint, .. } => endpoint.clone(),
                StateConfig::Folder(_) => None,
            };
            let bucket = GcsState::connect(bucket.clone(), String::new(), endpoint);
            Source::Gcs(Arc::new(bucket), name.clone())
        }
        CorrectionsPlace::S3 { bucket, name } => match &config.feed.store {
            FeedStoreConfig::S3(s3) => {
                let s3 = S3Config { bucket: bucket.clone(), ..s3.clone() };
                Source::S3(Arc::new(S3Feed::connect(s3, &config.feed.key, None)), name.clone())
            }
            // The settings refuse it.
            FeedStoreConfig::Folder(_) => Source::File(name.into()),
        },
    })
}

fn state(config: &Config, limit: Duration) -> Arc<dyn StateStore> {
    match &config.state {
        StateConfig::Folder(folder) => Arc::new(FolderState::new(folder.clone())),
        StateConfig::Gcs { bucket, prefix, endpoint } => {
            let gcs = GcsState::connect(bucket.clone(), prefix.clone(), endpoint.clone());
            Arc::new(gcs.with_limit(limit))
        }
    }
}

fn feed(config: &Config, address: SocketAddr, clock: &Arc<dyn Clock>, limit: Duration) -> Arc<dyn FeedStore> {
    match &config.feed.store {
        FeedStoreConfig::Folder(folder) => Arc::new(FolderFeed::new(folder.clone(), &config.feed.key)),
        FeedStoreConfig::S3(s3) => {
            let cloudfront = config.feed.distribution.as_ref().map(|distribution| {
                CloudFront::connect(distribution.clone(), &feed_url(config, address), s3, Arc::clone(clock))
                    .with_limit(limit)
            });
            let s3 = S3Feed::connect(s3.clone(), &config.feed.key, cloudfront);
            Arc::new(s3.with_limit(limit))
        }
    }
}
