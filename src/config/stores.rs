//! Where the state and the feed are kept.
//!
//! It only reads settings: nothing here opens a folder or contacts a service.

use std::{fmt, path::PathBuf};

use url::Url;

pub use self::aws::{AwsAccess, AwsKeys, AwsRole};
use self::place::{StoreUrl, place};
use super::{env::Env, google::GoogleConfig, url::http_url};

/// Where the state is kept: `STATE_URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StateConfig {
    /// `file:…`
    Folder(PathBuf),
    /// `gs://bucket/prefix`
    Gcs {
        /// The bucket's name.
        bucket: String,
        /// What stands before each object's name, without slashes at its ends; may be empty.
        prefix: String,
        /// `GCS_ENDPOINT`: another endpoint than Google's. Plain http means no credentials.
        endpoint: Option<Url>,
    },
}

/// Where the feed is kept and where it is read.
#[derive(Debug, Clone)]
pub struct FeedConfig {
    /// `FEED_STORE_URL`
    pub store: FeedStoreConfig,
    /// `FEED_KEY`: the name of the public file below the store's root.
    pub key: FeedFileName,
    /// `FEED_URL`: the public URL. `None` where the binary serves the feed by itself.
    pub(crate) url: Option<Url>,
    /// `CLOUDFRONT_DISTRIBUTION_ID`: whose cache stands before `FEED_URL`, if any.
    pub(crate) distribution: Option<String>,
    /// `STATE_ADOPT_FROM`: where the feed was before it moved, as `s3://bucket/prefix/ep.tsv`. The state of that
    /// one feed is taken over.
    pub(crate) moved_from: Option<String>,
}

/// The feed's store.
#[derive(Debug, Clone)]
pub enum FeedStoreConfig {
    /// `file:…`
    Folder(PathBuf),
    /// `s3://bucket/prefix`
    S3(S3Config),
}

/// A bucket in S3 and how to get at it.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// The bucket's name.
    pub bucket: String,
    /// What stands before each key, without slashes at its ends; may be empty.
    pub prefix: String,
    /// `AWS_REGION`: where the bucket lies.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: another endpoint than Amazon's, for S3 and CloudFront alike.
    pub endpoint: Option<Url>,
    /// Who we are there.
    pub access: AwsAccess,
}

/// The name of the public file: `[A-Za-z0-9._-]{1,100}`, no leading dot, so that it is safe in keys, paths and URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedFileName(String);

impl FeedFileName {
    /// Checks a name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if (1..=100).contains(&text.len())
            && text.bytes().all(safe)
            && !text.starts_with('.')
            && text != "builds"
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "found {text:?}; expected a file name of 1 to 100 letters, digits, dots, _ or -, such as \
                 {FEED_KEY}, that neither starts with a dot nor is \"builds\""
            ))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FeedFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const LOCAL_STATE: &str = "./.auto-ep/state";
const LOCAL_FEED: &str = "./.auto-ep/feed";
const DISTRIBUTION: &str = "CLOUDFRONT_DISTRIBUTION_ID";
/// The public file's name on a laptop where no preset says one.
const FEED_KEY: &str = "ep.tsv";

impl StateConfig {
    /// Reads `STATE_URL` and `GCS_ENDPOINT`. With `embedded`, a folder stands in for a missing URL.
    pub fn from_env(env: &mut Env<'_>, embedded: bool) -> Self {
        let place = place(env, "STATE_URL", "gs", embedded, LOCAL_STATE);
        match place {
            StoreUrl::Folder(path) => Self::Folder(path),
            StoreUrl::Bucket { bucket, prefix } => {
                Self::Gcs { bucket, prefix, endpoint: env.optional("GCS_ENDPOINT", http_url) }
            }
        }
    }
}

impl FeedConfig {
    /// Reads `FEED_*`, `STATE_ADOPT_FROM`, `CLOUDFRONT_DISTRIBUTION_ID` and `AWS_*`. With `embedded`, a folder stands in for a missing
    /// store and the binary serves it; half a bucket is a mistake either way.
    pub(crate) fn from_env(env: &mut Env<'_>, embedded: bool, google: &GoogleConfig) -> Self {
        let place = place(env, "FEED_STORE_URL", "s3", embedded, LOCAL_FEED);
        env.needed("FEED_KEY", embedded, format_args!("the public file's name, as {FEED_KEY}"));
        let key = env.parsed("FEED_KEY", FeedFileName(FEED_KEY.to_owned()), FeedFileName::parse);
        let wrong_url = env.text("FEED_URL").is_some();
        let url = env.optional("FEED_URL", http_url);
        let distribution = env.optional(DISTRIBUTION, distribution_id);
        let store = match place {
            StoreUrl::Folder(path) => {
                // A store that is not said is told already.
                let is_said = embedded || env.text("FEED_STORE_URL").is_some();
                if distribution.is_some() && is_said {
                    env.problem(
                        DISTRIBUTION,
                        "set, but the feed is kept in a folder; expected FEED_STORE_URL as s3://bucket/prefix, \
                         or no distribution",
                    );
                }
                FeedStoreConfig::Folder(path)
            }
            StoreUrl::Bucket { bucket, prefix } => FeedStoreConfig::S3(s3(env, bucket, prefix, google)),
        };
        if !embedded && matches!(store, FeedStoreConfig::S3(_)) && env.text(DISTRIBUTION).is_none() {
            env.remark(format!(
                "{DISTRIBUTION} is not set: no cache is told that the feed changed, so readers may get an old one"
            ));
        }
        let needs_url = !embedded || matches!(store, FeedStoreConfig::S3(_));
        if needs_url && url.is_none() && !wrong_url {
            env.problem(
                "FEED_URL",
                "not set; expected the public URL that Naver reads, as https://host/ep.tsv",
            );
        }
        Self { store, key, url, distribution, moved_from: env.text("STATE_ADOPT_FROM") }
    }
}

fn s3(env: &mut Env<'_>, bucket: String, prefix: String, google: &GoogleConfig) -> S3Config {
    let region = env.text("AWS_REGION").unwrap_or_default();
    if region.is_empty() {
        env.problem(
            "AWS_REGION",
            "not set, but the feed is kept in S3; expected its region, as ap-northeast-2",
        );
    } else if !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        env.problem("AWS_REGION", format!("found {region:?}; expected a region such as ap-northeast-2"));
    }
    let access = AwsAccess::from_env(env, &google.metadata_server);
    S3Config { bucket, prefix, region, endpoint: env.optional("AWS_ENDPOINT_URL", http_url), access }
}

fn distribution_id(text: &str) -> Result<String, String> {
    if text.len() <= 64 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("found {text:?}; expected a distribution's id, as E2EXAMPLE3ABCD"))
    }
}

mod aws;
mod place;
#[cfg(test)]
mod tests;
