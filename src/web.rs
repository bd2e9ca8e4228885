//! The port to the web: whatever stands at a public URL – the catalogue, the published feed, pages and images.
//!
//! One request is one try. It never tries again, never waits for longer than its caller does, and never looks into
//! what it brings.

mod client;
mod discretion;
mod public;
mod secrets;
mod shown;

pub use client::LazyClient;
pub(crate) use discretion::{Discretion, Foreign};
pub(crate) use public::is_public;
pub(crate) use secrets::Secrets;
pub(crate) use shown::{PLACES, ShownUrl};

use std::{io, pin::Pin};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use url::Url;

use crate::cause;

/// What is asked for.
#[derive(Clone)]
pub struct Request {
    /// GET, HEAD, or POST where there is a body.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// The headers that matter to the caller; the others are the client's own.
    pub headers: HeaderMap,
    /// What is sent along.
    pub body: Option<Bytes>,
    /// How far it may go.
    pub reach: Reach,
}

impl Request {
    /// GET of a URL of our own settings.
    pub(crate) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None, reach: Reach::Anywhere }
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} {})", self.method, ShownUrl::of(&self.url))
    }
}

/// Where a request may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Wherever it says: the URL comes from our own settings.
    Anywhere,
    /// The public web only, redirects included: the URL comes from elsewhere, and must not lead to this machine, its
    /// neighbours or its metadata server.
    #[default]
    Public,
}

/// A body as it comes in. It ends early with an error, never silently.
pub(crate) type WebBody = Pin<Box<dyn Stream<Item = Result<Bytes, WebError>> + Send>>;

/// What is answered, redirects followed, whatever the status.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Where it came from in the end, after every redirect.
    pub url: Url,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it was sent: nothing is decoded.
    pub body: WebBody,
}

/// Why there is no answer, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct WebError {
    /// What happened, with its causes. Never holds the URL, which may hold a secret.
    pub detail: String,
    /// The same without a word that may be the other side's.
    pub plain: String,
    /// Whether the same request can never work: no request can be made of the URL, its redirects never end, or no client can
    /// be made on this machine.
    pub permanent: bool,
}

impl From<reqwest::Error> for WebError {
    fn from(error: reqwest::Error) -> Self {
        let permanent = error.is_builder() || error.is_redirect();
        let plain = plain(&error);
        Self { detail: cause::of_request(error), plain, permanent }
    }
}

/// What happened in words of ours and of the operating system alone.
fn plain(error: &reqwest::Error) -> String {
    let what = match error {
        e if e.is_builder() => "no request can be made of the URL",
        e if e.is_redirect() => "its redirects cannot be followed",
        e if e.is_connect() => "no connection could be made",
        e if e.is_timeout() => "it took too long",
        _ => "the connection broke, or what came is no HTTP",
    };
    let code = cause::causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error());
    let system = code.map(io::Error::from_raw_os_error);
    system.map_or_else(|| what.to_owned(), |system| format!("{what} ({system})"))
}

/// A way to the web.
#[async_trait]
pub trait Web: Send + Sync {
    /// One try.
    async fn send(&self, request: Request) -> Result<Response, WebError>;
}

/// Real HTTP.
pub struct HttpWeb {
    world: LazyClient,
    loopback: LazyClient,
    public: LazyClient,
}

impl HttpWeb {
    /// Goes to the world by `world`; to this machine, and to URLs from elsewhere, by clients of its own.
    pub fn new(world: impl Into<LazyClient>) -> Self {
        Self { world: world.into(), loopback: LazyClient::loopback(), public: LazyClient::public() }
    }

    fn client(&self, request: &Request) -> Result<&Client, WebError> {
        let error = |detail: String| WebError { plain: detail.clone(), detail, permanent: true };
        let client = match request.reach {
            Reach::Anywhere if is_loopback(&request.url) => &self.loopback,
            Reach::Anywhere => &self.world,
            Reach::Public if !public::is_public(&request.url) => {
                return Err(error(public::NOT_PUBLIC.to_owned()));
            }
            Reach::Public => &self.public,
        };
        client.get().map_err(|e| error(format!("{e:#}")))
    }
}

#[async_trait]
impl Web for HttpWeb {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let client = self.client(&request)?;
        let asked = without_user(request.url.clone());
        let mut call = client.request(request.method, request.url).headers(request.headers);
        if let Some(body) = request.body {
            call = call.body(body);
        }
        let sent = call.send().await.map_err(|error| {
            let is_first = error.url().is_some_and(|url| without_user(url.clone()) == asked);
            // Whom nothing was sent to repeats nothing: whether a name or a certificate is wrong can be told.
            let sent_nothing = error.is_connect() && is_first;
            let error = WebError::from(error);
            if sent_nothing { WebError { plain: error.detail.clone(), ..error } } else { error }
        })?;
        Ok(Response {
            status: sent.status(),
            url: sent.url().clone(),
            headers: sent.headers().clone(),
            body: Box::pin(sent.bytes_stream().map(|chunk| chunk.map_err(WebError::from))),
        })
    }
}

/// A URL as an answer gives it back: who asks is told in a header.
pub(crate) fn without_user(mut url: Url) -> Url {
    // Only what cannot have a user has none to take away.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.set_fragment(None);
    url
}

/// Whether a URL is plain HTTP on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => url.scheme() == "http" && address.is_loopback(),
        Some(url::Host::Ipv6(address)) => url.scheme() == "http" && address.is_loopback(),
        Some(url::Host::Domain(name)) => url.scheme() == "http" && name == "localhost",
        None => false,
    }
}
