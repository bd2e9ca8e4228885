//! The listing behind the service's port to the web: no network, and as much virtual time as there is to pass.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use auto_ep::web::{Request, Response, Web, WebError};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Ending, Listing};

/// A web in which there is nothing but a listing, at any host.
pub struct ListingWeb {
    pub listing: Arc<Listing>,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl ListingWeb {
    pub fn new(listing: Arc<Listing>) -> Self {
        Self { listing, running: AtomicUsize::new(0), most: AtomicUsize::new(0) }
    }

    /// How many calls ran at once at most.
    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

/// One call that runs until it is dropped, also when the caller gives up.
struct Running<'w>(&'w AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn error(detail: &str) -> WebError {
    WebError { detail: detail.to_owned(), plain: "no answer".into(), permanent: false }
}

#[async_trait]
impl Web for ListingWeb {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(&self.running);
        self.most.fetch_max(now, Ordering::SeqCst);
        let answer = self.listing.answer(
            request.method.as_str(),
            request.url.as_str(),
            &request.body.unwrap_or_default(),
        );
        tokio::time::sleep(answer.after).await;
        let mut headers = HeaderMap::new();
        for (name, value) in &answer.headers {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let mut chunks = vec![Ok(answer.arriving())];
        match answer.ending {
            Ending::Whole => {}
            Ending::CutOff => chunks.push(Err(error("the body broke off, ordered by a test"))),
            Ending::NoAnswer => return Err(error("no answer, ordered by a test")),
        }
        let body = Box::pin(futures_util::stream::iter(chunks));
        let status = StatusCode::from_u16(answer.status).unwrap();
        Ok(Response { status, url: request.url, headers, body })
    }
}
