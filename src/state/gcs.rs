//! State in a Google Cloud Storage bucket.
//!
//! It speaks only single-shot reads and writes of whole objects; nothing of the SDK shows outside.

mod fault;

use std::time::Duration;

use async_trait::async_trait;
use google_cloud_auth::credentials::anonymous;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::{client::Storage, read_resume_policy::NeverResume};
use tokio::{sync::OnceCell, time::Instant};
use url::Url;

use self::fault::{Fault, fault, no_client, passing, tries};
use super::{Generation, Precondition, StateError, StateStore, Stored};

/// How long one call may take, all its tries included; the SDK has no limit of its own.
const LIMIT: Duration = Duration::from_secs(10);
/// What to do where the credentials are missing.
const CREDENTIALS: &str = "on Cloud Run give the service an account, elsewhere run gcloud auth \
                           application-default login";

/// A bucket with compare-and-set on its objects' generations.
///
/// Connecting costs nothing: the client and its credentials are made by the first call, so that start-up neither
/// waits for them nor fails because of them.
#[derive(Debug)]
pub struct GcsState {
    bucket: String,
    prefix: String,
    endpoint: Option<Url>,
    limit: Duration,
    client: OnceCell<Storage>,
}

impl GcsState {
    /// State in `bucket` below `prefix`. Another `endpoint` than Google's is for tests; plain http there means no
    /// credentials.
    pub fn connect(bucket: impl Into<String>, prefix: impl Into<String>, endpoint: Option<Url>) -> Self {
        let prefix = prefix.into().trim_matches('/').to_owned();
        Self { bucket: bucket.into(), prefix, endpoint, limit: LIMIT, client: OnceCell::new() }
    }

    /// The same with another limit for one call, all its tries included: 10 s otherwise.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    async fn client(&self) -> Result<&Storage, Fault> {
        let build = async || {
            // One try a call, ours: the SDK would retry for minutes and hide which try a 412 belongs to.
            let mut builder =
                Storage::builder().with_retry_policy(NeverRetry).with_read_resume_policy(NeverResume);
            if let Some(endpoint) = &self.endpoint {
                builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
                if endpoint.scheme() == "http" {
                    builder = builder.with_credentials(anonymous::Builder::new().build());
                }
            }
            builder.build().await.map_err(|e| no_client(&e))
        };
        self.client.get_or_try_init(build).await
    }

    async fn read_by(&self, name: &str, end: Instant) -> Result<Option<Stored>, StateError> {
        match tries(end, self.limit, || self.read_once(name)).await {
            Ok(stored) => Ok(Some(stored)),
            // The service answers 404 for a missing object and for a missing bucket; only its words tell.
            Err(Fault::Status(404, said)) if !said.contains("bucket does not exist") => Ok(None),
            Err(fault) => Err(self.error(name, fault)),
        }
    }

    async fn read_once(&self, name: &str) -> Result<Stored, Fault> {
        let request = self.client().await?.read_object(self.bucket_path(), self.key(name));
        let mut response = request.send().await.map_err(fault)?;
        let generation = Generation(response.object().generation);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.next().await {
            bytes.extend_from_slice(&chunk.map_err(fault)?);
        }
        Ok(Stored { bytes, generation })
    }

    async fn write_once(
        &self,
        name: &str,
        bytes: &[u8],
        precondition: Precondition,
    ) -> Result<Generation, Fault> {
        let body = bytes::Bytes::copy_from_slice(bytes);
        let content_type =
            if name.ends_with(".json") { "application/json" } else { "text/plain; charset=utf-8" };
        let request = self
            .client()
            .await?
            .write_object(self.bucket_path(), self.key(name), body)
            .set_content_type(content_type)
            .set_cache_control("no-store")
            // Told in advance, the checksum rides in the metadata, and the service refuses damaged bytes.
            .with_known_crc32c(crc32c::crc32c(bytes));
        let request = match precondition {
            Precondition::Absent => request.set_if_generation_match(0),
            Precondition::Unchanged(Generation(known)) => request.set_if_generation_match(known),
            Precondition::None => request,
        };
        request.send_unbuffered().await.map(|object| Generation(object.generation)).map_err(fault)
    }

    fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    fn bucket_path(&self) -> String {
        format!("projects/_/buckets/{}", self.bucket)
    }

    fn object(&self, name: &str) -> String {
        format!("gs://{}/{}", self.bucket, self.key(name))
    }

    fn error(&self, name: &str, fault: Fault) -> StateError {
        let object = self.object(name);
        let bucket = &self.bucket;
        match fault {
            Fault::Status(401 | 403, said) => StateError::Refused {
                object,
                reason: format!(
                    "{said}; grant this service's account roles/storage.objectUser on the bucket {bucket}"
                ),
            },
            Fault::Status(404, said) => StateError::Refused {
                object,
                reason: format!("{said}; there is no bucket {bucket}: make it, or mend STATE_URL"),
            },
            Fault::Status(status, said) if (400..500).contains(&status) && !passing(status) => {
                StateError::Refused { object, reason: format!("{said} (status {status})") }
            }
            Fault::Status(status, said) => {
                StateError::Unavailable { object, reason: format!("{said} (status {status})") }
            }
            Fault::Credentials(passing) => {
                let reason = format!("no Google credentials; {CREDENTIALS}");
                if passing {
                    StateError::Unavailable { object, reason }
                } else {
                    StateError::Refused { object, reason }
                }
            }
            Fault::NoAnswer(reason) => StateError::Unavailable { object, reason },
        }
    }
}

#[async_trait]
impl StateStore for GcsState {
    async fn read(&self, name: &str) -> Result<Option<Stored>, StateError> {
        self.read_by(name, Instant::now() + self.limit).await
    }

    async fn write(
        &self,
        name: &str,
        bytes: Vec<u8>,
        precondition: Precondition,
    ) -> Result<Generation, StateError> {
        let end = Instant::now() + self.limit;
        match tries(end, self.limit, || self.write_once(name, &bytes, precondition)).await {
            Ok(generation) => Ok(generation),
            // Perhaps an earlier try of ours, whose answer was lost: then our bytes are there.
            Err(Fault::Status(412, _)) => match self.read_by(name, end).await? {
                Some(stored) if stored.bytes == bytes => Ok(stored.generation),
                _ => Err(StateError::Conflict { object: self.object(name) }),
            },
            Err(fault) => Err(self.error(name, fault)),
        }
    }

    fn location(&self) -> String {
        format!("gs://{}/{}", self.bucket, self.prefix).trim_end_matches('/').to_owned()
    }
}
