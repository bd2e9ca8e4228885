//! State in a Google Cloud Storage bucket.
//!
//! It speaks only single-shot reads and writes of whole objects; nothing of the SDK shows outside.

mod client;
mod fault;

use std::{future::Future, time::Duration};

use async_trait::async_trait;
use google_cloud_storage::client::Storage;
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::{
    client::Clients,
    fault::{Fault, fault, tries},
};
use super::{Generation, MOST_BYTES, Precondition, StateError, StateStore, Stored};

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
    limit: Duration,
    clients: Clients,
}

impl GcsState {
    /// State in `bucket` below `prefix`. Another `endpoint` than Google's is for tests; plain http there means no
    /// credentials.
    pub fn connect(bucket: impl Into<String>, prefix: impl Into<String>, endpoint: Option<Url>) -> Self {
        let prefix = prefix.into().trim_matches('/').to_owned();
        Self { bucket: bucket.into(), prefix, limit: LIMIT, clients: Clients::new(endpoint) }
    }

    /// The same with another limit for one call, all its tries included: 10 s otherwise.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// The same with tokens of the metadata server at this address, whatever the endpoint is: for tests.
    #[must_use]
    pub fn with_metadata_server(mut self, address: Url) -> Self {
        self.clients.metadata_server = Some(address);
        self
    }

    /// Tries a call until `end`. What goes wrong with credentials goes wrong for good with their client: the next try,
    /// or the next call, gets another one.
    async fn tries<T, F>(&self, end: Instant, call: impl Fn(Storage) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let call = &call;
        let once = |until| async move {
            let client = self.clients.get().await?;
            let outcome = timeout_at(until, call(client.storage.clone())).await;
            let outcome = match outcome.unwrap_or(Err(Fault::Silence(self.limit))) {
                // A token that was taken back; who sent none has none to renew.
                Err(Fault::Status(401, said)) if client.has_credentials => {
                    Err(Fault::Credentials { passing: true, said })
                }
                other => other,
            };
            match &outcome {
                Err(Fault::Credentials { said, .. }) => {
                    tracing::warn!("no Google credentials: {said}");
                    self.clients.forget(&client).await;
                }
                // Nobody knows who is silent: it may be whoever gives credentials.
                Err(Fault::Silence(_)) => self.clients.forget(&client).await,
                _ => {}
            }
            outcome
        };
        tries(end, self.limit, once).await
    }

    async fn read_by(&self, name: &str, end: Instant) -> Result<Option<Stored>, StateError> {
        match self.tries(end, |client| self.read_once(client, name)).await {
            Ok(stored) => Ok(Some(stored)),
            // The service answers 404 for a missing object and for a missing bucket; only its words tell.
            Err(Fault::Status(404, said)) if !said.contains("bucket does not exist") => Ok(None),
            Err(fault) => Err(self.error(name, fault)),
        }
    }

    async fn read_once(&self, client: Storage, name: &str) -> Result<Stored, Fault> {
        let request = client.read_object(self.bucket_path(), self.key(name));
        let mut response = request.send().await.map_err(fault)?;
        let generation = Generation(response.object().generation);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.next().await {
            let chunk = chunk.map_err(fault)?;
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(Fault::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Stored { bytes, generation })
    }

    async fn write_once(
        &self,
        client: Storage,
        name: &str,
        bytes: &[u8],
        precondition: Precondition,
    ) -> Result<Generation, Fault> {
        let body = bytes::Bytes::copy_from_slice(bytes);
        let content_type =
            if name.ends_with(".json") { "application/json" } else { "text/plain; charset=utf-8" };
        let request = client
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
        let (object, bucket) = (self.object(name), &self.bucket);
        let passes = fault.passes();
        let reason = match fault {
            Fault::TooLarge => return StateError::TooLarge { object },
            Fault::Status(401 | 403, said) => {
                format!(
                    "{said}; grant this service's account roles/storage.objectUser on the bucket {bucket}"
                )
            }
            Fault::Status(404, said) => {
                format!("{said}; there is no bucket {bucket}: make it, or mend STATE_URL")
            }
            Fault::Status(status, said) => format!("{said} (status {status})"),
            Fault::Credentials { said, .. } => format!("no Google credentials ({said}); {CREDENTIALS}"),
            Fault::NoAnswer(reason) => reason,
            Fault::Silence(limit) => format!("no answer within {limit:?}"),
        };
        match passes {
            true => StateError::Unavailable { object, reason },
            false => StateError::Refused { object, reason },
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
        let write = |client| self.write_once(client, name, &bytes, precondition);
        match self.tries(end, write).await {
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
