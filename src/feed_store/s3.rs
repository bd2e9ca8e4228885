//! The feed in an S3 bucket, with CloudFront in front of it.
//!
//! It never holds a whole file: what comes in goes out in parts, what is read comes in chunks.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation,
        StalledStreamProtectionConfig, http::HttpResponse, retry::RetryConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
    types::MetadataDirective,
};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::mpsc;

use super::{
    BuildId, BuildInfo, CONTENT_TYPE, CloudFront, FeedError, FeedKey, FeedStore, Invalidation,
    PUBLIC_CACHE_CONTROL, Part,
    aws::{self, Answer},
    passing::PassingRefusals,
    s3_upload::{self, Target},
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
/// Chunks read ahead of whoever reads.
const READ_AHEAD: usize = 4;
/// What the keys must be allowed to do, for messages.
const PERMISSIONS: &str = "s3:PutObject, s3:GetObject and s3:AbortMultipartUpload on the files and s3:ListBucket on \
                           the bucket (without it S3 answers 403 for a file that is not there)";
/// What stays as it is in the source of a copy.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

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
            let builder = aws_sdk_s3::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(config.region.clone()))
                .credentials_provider(aws::credentials(config.credentials.as_ref(), &config.region))
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
            let builder = match &config.endpoint {
                Some(endpoint) => builder.endpoint_url(endpoint.as_str()).force_path_style(true),
                None => builder,
            };
            Client::from_conf(builder.build())
        })
    }

    fn key(&self, key: &FeedKey) -> String {
        below(&self.config.prefix, &key.path())
    }

    fn object(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.config.bucket)
    }

    fn error<E>(&self, key: &str, error: &SdkError<E, HttpResponse>) -> FeedError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        classify(self.object(key), &self.config.bucket, &Answer::of(error))
    }

    /// What differs for a call that must be over within the limit: a try gets `attempt` of it.
    fn within(&self, attempt: Duration) -> aws_sdk_s3::config::Builder {
        aws_sdk_s3::Config::builder().timeout_config(aws::timeouts(attempt))
    }

    /// `call`, or the error that it took too long.
    async fn limited<T>(&self, call: impl Future<Output = Result<T, FeedError>>) -> Result<T, FeedError> {
        tokio::time::timeout(self.limit, call).await.unwrap_or_else(|_| {
            let reason = format!("no answer within {:?}", self.limit);
            Err(FeedError::Unavailable { object: self.object(&self.public), reason })
        })
    }

    /// A missing file and a missing bucket look alike in an answer without a body: ask for the bucket.
    async fn bucket_is_missing(&self) -> bool {
        let asked = self.client().head_bucket().bucket(&self.config.bucket).send().await;
        asked.is_err_and(|e| Answer::of(&e).status == Some(404))
    }
}

#[async_trait]
impl FeedStore for S3Feed {
    async fn write(&self, key: &FeedKey, parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
        let key = self.key(key);
        let target = Target {
            client: self.client().clone(),
            bucket: self.config.bucket.clone(),
            object: self.object(&key),
            key,
        };
        s3_upload::upload(Arc::new(target), parts).await
    }

    async fn read(&self, key: &FeedKey) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError> {
        let key = self.key(key);
        let request = self.client().get_object().bucket(&self.config.bucket).key(&key);
        let mut body = request.send().await.map_err(|e| self.error(&key, &e))?.body;
        let object = self.object(&key);
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        tokio::spawn(async move {
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|e| FeedError::Unavailable {
                    object: object.clone(),
                    reason: format!("it broke off while it was read: {e}"),
                });
                let broken = chunk.is_err();
                if sender.send(chunk).await.is_err() || broken {
                    return;
                }
            }
        });
        Ok(receiver)
    }

    async fn publish(&self, info: &BuildInfo) -> Result<(), FeedError> {
        let build = self.key(&FeedKey::Build(info.build.clone()));
        let source = format!("{}/{build}", self.config.bucket);
        let request = self
            .client()
            .copy_object()
            .bucket(&self.config.bucket)
            .key(&self.public)
            .copy_source(utf8_percent_encode(&source, KEY).to_string())
            .metadata_directive(MetadataDirective::Replace)
            .content_type(CONTENT_TYPE)
            .cache_control(PUBLIC_CACHE_CONTROL)
            .set_metadata(Some(to_metadata(info)))
            .customize()
            // A copy of a large file takes its time; cutting it short to begin anew would not help.
            .config_override(self.within(self.limit));
        self.limited(async {
            request.send().await.map(drop).map_err(|e| match Answer::of(&e).code.as_str() {
                "NoSuchKey" => FeedError::NotFound { object: self.object(&build) },
                _ => self.error(&self.public, &e),
            })
        })
        .await
    }

    async fn published(&self) -> Result<Option<BuildInfo>, FeedError> {
        let request = self.client().head_object().bucket(&self.config.bucket).key(&self.public);
        let request = request.customize().config_override(self.within(self.limit / 2));
        self.limited(async {
            match request.send().await {
                Ok(head) => Ok(from_metadata(head.metadata(), head.content_length())),
                Err(e) => match self.error(&self.public, &e) {
                    FeedError::NotFound { object } if self.bucket_is_missing().await => {
                        Err(no_bucket(object, &self.config.bucket, "status 404"))
                    }
                    FeedError::NotFound { .. } => Ok(None),
                    other => Err(other),
                },
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

    fn location(&self) -> String {
        self.object(&self.config.prefix).trim_end_matches('/').to_owned()
    }

    fn location_of(&self, key: &FeedKey) -> String {
        self.object(&self.key(key))
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

/// Puts S3's answer into the port's words.
pub(super) fn classify(object: String, bucket: &str, answer: &Answer) -> FeedError {
    if answer.code == "NoSuchBucket" {
        return no_bucket(object, bucket, &answer.said);
    }
    if let Some(remedy) = answer.remedy(PERMISSIONS) {
        return FeedError::Refused { object, reason: format!("{}; {remedy}", answer.said) };
    }
    match answer.status {
        Some(404) => FeedError::NotFound { object },
        _ if answer.passing() => FeedError::Unavailable { object, reason: answer.said.clone() },
        _ => FeedError::Refused { object, reason: answer.said.clone() },
    }
}

fn no_bucket(object: String, bucket: &str, said: &str) -> FeedError {
    let reason = format!("{said}; there is no bucket {bucket}: make it, or mend FEED_STORE_URL");
    FeedError::Refused { object, reason }
}
