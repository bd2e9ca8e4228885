//! The SDK's client, made anew where its credentials went wrong.
//!
//! The client keeps its tokens, and gives up for good after an error that it takes for lasting: a cut-off answer of the
//! metadata server, or any 4xx. It never decides what is such an error.

use std::sync::Arc;

use google_cloud_auth::credentials::{anonymous, mds};
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::{client::Storage, read_resume_policy::NeverResume};
use tokio::sync::Mutex;
use url::Url;

use super::fault::{Fault, no_client};

/// A client at hand.
#[derive(Debug)]
pub(super) struct Client {
    pub storage: Storage,
    /// Whether it sends any.
    pub has_credentials: bool,
}

/// The client in use, if there is one, and what the next is made of.
#[derive(Debug)]
pub(super) struct Clients {
    /// Another endpoint than Google's; plain http there means no credentials.
    pub endpoint: Option<Url>,
    /// Whose tokens are sent, whatever the endpoint is.
    pub metadata_server: Option<Url>,
    current: Mutex<Option<Arc<Client>>>,
}

impl Clients {
    pub fn new(endpoint: Option<Url>) -> Self {
        Self { endpoint, metadata_server: None, current: Mutex::default() }
    }

    /// The client in use, or a new one.
    pub async fn get(&self) -> Result<Arc<Client>, Fault> {
        let mut current = self.current.lock().await;
        if current.is_none() {
            *current = Some(Arc::new(self.make().await?));
        }
        Ok(current.clone().expect("it was made where there was none"))
    }

    /// Uses this one no more; whoever has another one already keeps that.
    pub async fn forget(&self, client: &Arc<Client>) {
        self.current.lock().await.take_if(|current| Arc::ptr_eq(current, client));
    }

    async fn make(&self) -> Result<Client, Fault> {
        // One try a call, ours: the SDK would retry for minutes and hide which try a 412 belongs to.
        let mut builder =
            Storage::builder().with_retry_policy(NeverRetry).with_read_resume_policy(NeverResume);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        let is_plain = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
        let has_credentials = !is_plain || self.metadata_server.is_some();
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
        Ok(Client { storage, has_credentials })
    }
}
