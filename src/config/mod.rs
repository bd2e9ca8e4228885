//! The settings, all from the environment: one struct per concern, each field naming its variable.
//!
//! A set but empty variable counts as unset. Every mistake is told at once. Nothing here contacts anything.

pub mod catalogue;
pub mod chat;
pub(crate) mod corrections;
pub mod env;
pub(crate) mod ep;
pub mod file;
pub mod gate;
pub(crate) mod google;
pub mod service;
pub mod stores;
mod url;
pub(crate) mod verify;

use env::{ConfigError, Env};

use crate::{map::Sources, preset::first};

/// All settings of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// The service itself.
    pub service: service::ServiceConfig,
    /// Which Google is asked.
    pub(crate) google: google::GoogleConfig,
    /// Where state lives.
    pub(crate) state: stores::StateConfig,
    /// Where the feed lives.
    pub feed: stores::FeedConfig,
    /// Where people are told.
    pub chat: chat::ChatConfig,
    /// Where products come from.
    pub catalogue: catalogue::CatalogueConfig,
    /// What stays out of the feed.
    pub(crate) filter: ep::FilterConfig,
    /// What the source does not know of a row.
    pub(crate) ep: ep::EpConfig,
    /// Where a merchant's own corrections stand, if anywhere.
    pub(crate) corrections: Option<corrections::CorrectionsPlace>,
    /// From where on a build is held or warned of.
    pub gate: gate::GateConfig,
    /// Against what the published feed is held.
    pub(crate) verify: verify::VerifyConfig,
    /// What is no mistake and should be changed all the same, a sentence each.
    pub remarks: Vec<String>,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_process() -> Result<Self, ConfigError> {
        Self::from_lookup(&|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`. Where `K_SERVICE` is set (Cloud Run), nothing falls back to its embedded
    /// twin and each missing variable is a mistake.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut env = Env::new(lookup);
        let embedded = env.text("K_SERVICE").is_none();
        let preset = catalogue::description(&mut env);
        // The sample is of the first shop.
        let shop = preset.clone().or_else(|| embedded.then(first));
        env.assume("FEED_KEY", shop.as_ref().and_then(|shop| shop.feed_key.clone()));
        env.assume("SERVICE_NAME", shop.and_then(|shop| shop.service_name));
        let catalogue = catalogue::CatalogueConfig::from_env(&mut env, embedded, preset);
        let made_up = catalogue.source == catalogue::CatalogueSource::Sample;
        let google = google::GoogleConfig::from_env(&mut env);
        let config = Self {
            service: service::ServiceConfig::from_env(&mut env, embedded),
            state: stores::StateConfig::from_env(&mut env, embedded),
            feed: stores::FeedConfig::from_env(&mut env, embedded, &google),
            google,
            chat: chat::ChatConfig::from_env(&mut env, embedded),
            ep: ep::EpConfig::from_env(&mut env, embedded, catalogue.product.brand != Sources::default()),
            catalogue,
            filter: ep::FilterConfig::from_env(&mut env),
            corrections: corrections::CorrectionsPlace::from_env(&mut env),
            gate: gate::GateConfig::from_env(&mut env),
            verify: verify::VerifyConfig::from_env(&mut env, made_up),
            remarks: env.remarks(),
        };
        let in_s3 = matches!(config.corrections, Some(corrections::CorrectionsPlace::S3 { .. }));
        if in_s3 && matches!(config.feed.store, stores::FeedStoreConfig::Folder(_)) {
            let message = "in S3 it is read as the feed's own bucket is, and FEED_STORE_URL names none; expected https:, gs: or file:";
            env.problem("CORRECTIONS_URL", message);
        }
        let left = config.service.deadline - service::reporting(config.service.deadline);
        if config.verify.timeout > left {
            let (found, left) = (config.verify.timeout.as_secs(), left.as_secs());
            env.problem(
                "VERIFY_TIMEOUT",
                format!(
                    "expected at most {left}s, what DEADLINE leaves of itself for the work, found {found}s"
                ),
            );
        }
        env.finish(config)
    }

    /// One line for each service that is not configured and runs on its embedded twin.
    pub fn embedded_twins(&self) -> Vec<String> {
        let mut twins = Vec::new();
        if let stores::StateConfig::Folder(folder) = &self.state {
            twins.push(format!("STATE_URL: state is kept in the folder {}", folder.display()));
        }
        if let stores::FeedStoreConfig::Folder(folder) = &self.feed.store {
            twins.push(format!(
                "FEED_STORE_URL: the feed is kept in the folder {} and served under /feed/",
                folder.display()
            ));
        }
        if matches!(self.chat.transport, chat::ChatTransport::Terminal) {
            twins.push("SLACK_BOT_TOKEN, SLACK_CHANNEL: not set, the thread is printed here".to_owned());
        }
        if self.catalogue.source == catalogue::CatalogueSource::Sample {
            twins.push("CATALOG_URL: not set, the made-up sample catalogue is exported".to_owned());
        }
        twins
    }
}
