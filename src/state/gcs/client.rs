//! The SDK's client, made anew where its credentials went wrong.
//!
//! The client keeps its tokens, and gives up for good after an error that it takes for lasting: a cut-off answer of the
//! metadata server, or any 4xx. It never decides what is such an error.

use google_cloud_auth::credentials::{anonymous, mds};
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::{client::Storage, read_resume_policy::NeverResume};
use tokio::sync::Mutex;
use url::Url;

use super::fault::{Fault, no_client};

/// A client at hand.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The client; a clone of it costs nothing.
    pub storage: Storage,
    /// Whether it sends any.
    pub has_credentials: bool,
    number: u64,
}

/// The client in use, if there is one, and what the next is made of.
#[derive(Debug)]
pub(super) struct Clients {
    endpoint: Option<Url>,
    metadata_server: Option<Url>,
    current: Mutex<(u64, Option<Client>)>,
}

impl Clients {
    /// Of Google's endpoint or of this one; plain http there means no credentials.
    pub(super) fn new(endpoint: Option<Url>) -> Self {
        Self { endpoint, metadata_server: None, current: Mutex::default() }
    }

    /// The same with tokens of this metadata server.
    pub(super) fn with_metadata_server(self, address: Url) -> Self {
        Self { metadata_server: Some(address), ..self }
    }

    /// The client in use, or a new one.
    pub(super) async fn get(&self) -> Result<Client, Fault> {
        let mut current = self.current.lock().await;
        if let Some(client) = &current.1 {
            return Ok(client.clone());
        }
        let (storage, has_credentials) = self.make().await?;
        current.0 += 1;
        let client = Client { storage, has_credentials, number: current.0 };
        current.1 = Some(client.clone());
        Ok(client)
    }

    /// Uses this one no more; whoever has another one already keeps that.
    pub(super) async fn forget(&self, client: &Client) {
        self.current.lock().await.1.take_if(|current| current.number == client.number);
    }

    async fn make(&self) -> Result<(Storage, bool), Fault> {
        // One try a call, ours: the SDK would retry for minutes and hide which try a 412 belongs to.
        let mut builder =
            Storage::builder().with_retry_policy(NeverRetry).with_read_resume_policy(NeverResume);
        let mut has_credentials = true;
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
            has_credentials = endpoint.scheme() != "http" || self.metadata_server.is_some();
        }
        builder = match &self.metadata_server {
            Some(address) => {
                let address = address.as_str().trim_end_matches('/');
                let tokens = mds::Builder::default().with_endpoint(address).build();
                builder.with_credentials(tokens.map_err(|error| Fault::NoAnswer(error.to_string()))?)
            }
            None if has_credentials => builder,
            None => builder.with_credentials(anonymous::Builder::new().build()),
        };
        let storage = builder.build().await.map_err(|error| no_client(&error))?;
        Ok((storage, has_credentials))
    }
}
