//! HTTP clients, each made when it is first asked for: loading the CA store takes longer than the rest of a start, and
//! not every run needs each of them.
//!
//! It sends nothing.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use reqwest::{Client, ClientBuilder};

use super::public;

/// How long connecting to anything may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of an answer that may be on their way, and of all answers of one connection: at 20 ms a round trip still 25 and
/// 50 MB a second.
const STREAM_WINDOW: u32 = 512 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Why there is none.
const NO_CLIENT: &str = "the HTTP client could not be made; is the system's CA bundle installed (the package ca-certificates, \
                         or the file that SSL_CERT_FILE names)?";

/// A client that its clones share. Who comes first makes it; of several that come at once each may, and one is kept.
#[derive(Debug, Clone)]
pub struct LazyClient {
    made: Arc<OnceLock<Client>>,
    builder: fn() -> ClientBuilder,
}

impl LazyClient {
    /// For the world, by the environment's proxy where one is set.
    pub fn world() -> Self {
        Self::of(Client::builder)
    }

    /// For our own machine, which a proxy of the environment cannot reach. Plain HTTP needs no CA store.
    pub(crate) fn loopback() -> Self {
        Self::of(|| Client::builder().no_proxy().tls_certs_only([]))
    }

    /// For URLs from elsewhere: it goes nowhere but to the public web.
    pub(super) fn public() -> Self {
        Self::of(|| public::only(Client::builder()))
    }

    fn of(builder: fn() -> ClientBuilder) -> Self {
        Self { made: Arc::default(), builder }
    }

    /// The client. For the world it cannot be made where no CA store can be read. Loading that blocks for some milliseconds,
    /// once.
    pub fn get(&self) -> anyhow::Result<&Client> {
        if let Some(client) = self.made.get() {
            return Ok(client);
        }
        let client = (self.builder)()
            // Of all answers on one connection no more is on its way than this; by default it is some MiB.
            .http2_initial_stream_window_size(STREAM_WINDOW)
            .http2_initial_connection_window_size(CONNECTION_WINDOW)
            .connect_timeout(CONNECT)
            .user_agent(concat!("auto-ep/", env!("CARGO_PKG_VERSION")))
            .build()
            .context(NO_CLIENT)?;
        Ok(self.made.get_or_init(|| client))
    }
}

#[cfg(test)]
impl LazyClient {
    /// One that can never be made.
    pub(crate) fn none() -> Self {
        Self::of(|| Client::builder().user_agent("\n"))
    }
}

/// One that is there already.
impl From<Client> for LazyClient {
    fn from(client: Client) -> Self {
        Self { made: Arc::new(client.into()), ..Self::world() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{HttpWeb, Request, Web};

    #[test]
    fn a_client_is_made_when_it_is_asked_for_and_once_for_all_clones() {
        let client = LazyClient::loopback();
        let clone = client.clone();
        assert!(client.made.get().is_none());
        let made: *const Client = client.get().unwrap();
        assert_eq!(made, clone.get().unwrap() as *const Client);
    }

    #[tokio::test]
    async fn where_none_can_be_made_whoever_asks_is_told_and_need_not_ask_again() {
        let web = HttpWeb::new(LazyClient::none());
        let error = web.send(Request::get("https://shop.example/".parse().unwrap())).await.err().unwrap();
        assert!(error.permanent && error.detail.contains("CA bundle"), "{error:?}");
        assert!(!error.detail.contains("shop.example"), "{error:?}");
    }
}
