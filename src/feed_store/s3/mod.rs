//! The feed in an S3 bucket, with CloudFront in front of it.
//!
//! It never holds a whole file: what comes in goes out in parts, what is read comes in chunks.

mod copy;
mod get;
mod object;
mod probe;
mod upload;

use std::{collections::HashMap, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation,
        StalledStreamProtectionConfig, retry::RetryConfig,
    },
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use url::Url;

use self::{copy::copy, object::Object, upload::upload};
use super::{
    BuildId, BuildInfo, CloudFront, FeedError, FeedKey, FeedStore, Invalidation, PUBLIC_CACHE_CONTROL, Part,
    Probe,
    aws::{self, PassingRefusals, Refusal},
    read_ahead,
};
use crate::{
    config::stores::{FeedFileName, S3Config},
    report::Fingerprint,
};

/// How long one try of an upload's or a read's call may take.
const ATTEMPT: Duration = Duration::from_secs(60);
/// How long a copy to the public key and a look at it may take, all tries included.
const LIMIT: Duration = Duration::from_secs(10);
/// Tries of one call, by the SDK.
const TRIES: u32 = 3;
/// How long a body may stand still before the connection is given up.
const STALLED: Duration = Duration::from_secs(20);

/// A bucket of builds with one public file.
pub struct S3Feed {
    config: S3Config,
    public: String,
    cloudfront: Option<CloudFront>,
    attempt: Duration,
    limit: Duration,
    client: OnceLock<Client>,
}

impl S3Feed {
    /// The feed in the configured bucket, its public file under `key`. Contacts nothing; the client is made by the
    /// first call.
    pub fn connect(config: S3Config, key: &FeedFileName, cloudfront: Option<CloudFront>) -> Self {
        let public = below(&config.prefix, key.as_str());
        Self { config, public, cloudfront, attempt: ATTEMPT, limit: LIMIT, client: OnceLock::new() }
    }

    /// The same with another limit for one try of one call that moves a file's bytes (there are three tries): 60 s
    /// otherwise.
    #[must_use]
    pub fn with_timeout(self, attempt: Duration) -> Self {
        Self { attempt, ..self }
    }

    /// The same with another limit for making a build public and for looking at what is, all tries included: 10 s
    /// otherwise. A copy has to fit into it, and S3 copies some hundred megabytes in a few seconds.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let config = &self.config;
            let mut builder = aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(config.region.clone()))
                .credentials_provider(aws::credentials(config))
                .identity_cache(aws::identity_cache(config))
                .timeout_config(aws::timeouts(self.attempt))
                .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
                .retry_classifier(PassingRefusals)
                .stalled_stream_protection(
                    StalledStreamProtectionConfig::enabled().grace_period(STALLED).build(),
                )
                // The signature covers the body already; a second checksum would only ask for the chunked upload
                // format that not every S3 speaks.
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
            builder.set_endpoint_url(config.endpoint.as_ref().map(Url::to_string));
            Client::from_conf(builder.force_path_style(config.endpoint.is_some()).build())
        })
    }

    fn file(&self, key: &FeedKey) -> Object {
        self.object(below(&self.config.prefix, &key.path()))
    }

    fn object(&self, key: String) -> Object {
        Object { client: self.client().clone(), bucket: self.config.bucket.clone(), key }
    }

    /// `call`, or the error that it took too long.
    async fn limited<T>(
        &self,
        public: &Object,
        call: impl Future<Output = Result<T, FeedError>>,
    ) -> Result<T, FeedError> {
        let ended = tokio::time::timeout(self.limit, call).await;
        ended.unwrap_or_else(|_| Err(public.unavailable(format!("no answer within {:?}", self.limit))))
    }

    /// A missing file and a missing bucket look alike in an answer without a body: ask for the bucket.
    async fn bucket_is_missing(&self) -> bool {
        let asked = self.client().head_bucket().bucket(&self.config.bucket).send().await;
        asked.is_err_and(|e| Refusal::of(&e).status == Some(404))
    }
}

/// What differs for a call that must be over within a limit: a try gets `attempt` of it.
fn within(attempt: Duration) -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::Config::builder().timeout_config(aws::timeouts(attempt))
}

#[async_trait]
impl FeedStore for S3Feed {
    async fn write(&self, key: &FeedKey, parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
        upload(self.file(key), parts).await
    }

    async fn read(&self, key: &FeedKey) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError> {
        let file = self.file(key);
        let request = file.client.get_object().bucket(&file.bucket).key(&file.key);
        let body = request.send().await.map_err(|e| file.error(&e))?.body;
        let chunks = stream::unfold(body, async |mut body| Some((body.next().await?, body)));
        Ok(read_ahead(chunks.map(move |chunk| {
            chunk.map_err(|e| file.unavailable(format!("it broke off while it was read: {e}")))
        })))
    }

    async fn publish(&self, info: &BuildInfo) -> Result<(), FeedError> {
        let build = self.file(&FeedKey::Build(info.build.clone()));
        let public = self.object(self.public.clone());
        let copied = copy(&build, &public, PUBLIC_CACHE_CONTROL, Some(to_metadata(info)), self.limit);
        self.limited(&public, copied).await
    }

    async fn published(&self) -> Result<Option<BuildInfo>, FeedError> {
        let public = self.object(self.public.clone());
        let request = public.client.head_object().bucket(&public.bucket).key(&public.key);
        let request = request.customize().config_override(within(self.limit / 2));
        self.limited(&public, async {
            match request.send().await.map_err(|e| public.error(&e)) {
                Ok(head) => Ok(from_metadata(head.metadata(), head.content_length())),
                Err(FeedError::NotFound { .. }) if self.bucket_is_missing().await => {
                    Err(public.no_bucket("status 404"))
                }
                Err(FeedError::NotFound { .. }) => Ok(None),
                Err(other) => Err(other),
            }
        })
        .await
    }

    async fn invalidate(&self, reference: &str) -> Invalidation {
        match &self.cloudfront {
            Some(cloudfront) => cloudfront.invalidate(reference).await,
            None => Invalidation::NotConfigured,
        }
    }

    async fn probe(&self, what: Probe, name: &str) -> Result<bool, FeedError> {
        self.try_out(what, name).await
    }

    fn location(&self) -> String {
        let S3Config { bucket, prefix, .. } = &self.config;
        format!("s3://{bucket}/{prefix}").trim_end_matches('/').to_owned()
    }

    fn location_of(&self, key: &FeedKey) -> String {
        self.file(key).name()
    }
}

fn below(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
}

fn to_metadata(info: &BuildInfo) -> HashMap<String, String> {
    HashMap::from([
        ("build".to_owned(), info.build.to_string()),
        ("sha256".to_owned(), info.file.sha256.clone()),
        ("rows".to_owned(), info.rows.to_string()),
        ("bytes".to_owned(), info.file.bytes.to_string()),
    ])
}

/// `None` where anything is missing or odd: then the file is not one of ours.
fn from_metadata(metadata: Option<&HashMap<String, String>>, length: Option<i64>) -> Option<BuildInfo> {
    let get = |name: &str| metadata?.get(name);
    let info = BuildInfo {
        build: BuildId::parse(get("build")?).ok()?,
        rows: get("rows")?.parse().ok()?,
        file: Fingerprint { bytes: get("bytes")?.parse().ok()?, sha256: get("sha256")?.clone() },
    };
    let whole = length.and_then(|length| u64::try_from(length).ok()) == Some(info.file.bytes);
    (whole && info.file.sha256.len() == 64).then_some(info)
}
