//! The listing behind HTTP on loopback. Answers are in real time.

use std::{ops::Deref, sync::Arc};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, Response},
};

use super::{
    super::{
        Fault,
        http::{read_body, reply},
        server::{Server, Service, broken_off},
    },
    Ending, Kind, Listing, Shop,
    calls::problem,
};

/// A server of one shop's listing.
pub struct ListingDouble {
    pub server: Server,
    listing: Arc<Listing>,
}

impl ListingDouble {
    pub async fn start(shop: Shop) -> Self {
        let listing = Arc::new(Listing::new(shop));
        Self { server: Server::start(Arc::new(Front(listing.clone()))).await, listing }
    }

    /// The address of what stands below the market, `kr/ko`.
    pub fn url(&self, rest: &str) -> String {
        format!("{}/kr/ko/{rest}", self.server.url())
    }

    /// The next n calls of this kind go wrong in one of the ways that all doubles know.
    pub fn fail_next(&self, kind: Kind, n: usize, fault: Fault) {
        self.server.fail_next(kind.name(), n, fault);
    }
}

impl Deref for ListingDouble {
    type Target = Listing;

    fn deref(&self) -> &Listing {
        &self.listing
    }
}

struct Front(Arc<Listing>);

#[async_trait]
impl Service for Front {
    fn operation(&self, request: &Request<Body>) -> String {
        Kind::of(request.uri().path()).name().to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = read_body(body).await;
        let address = parts.uri.path_and_query().map_or("/", |address| address.as_str()).to_owned();
        let listing = self.0.clone();
        // a window of a thousand products is work
        let answer =
            tokio::task::spawn_blocking(move || listing.answer(parts.method.as_str(), &address, &body));
        let answer = answer.await.unwrap();
        tokio::time::sleep(answer.after).await;
        let mut response = Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(*name, value);
        }
        let whole = answer.body.len();
        match answer.ending {
            Ending::Whole => response.body(Body::from(answer.body)).unwrap(),
            Ending::CutOff | Ending::NoAnswer => {
                broken_off(response.body(()).unwrap(), answer.arriving(), whole)
            }
        }
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        reply(status, "application/problem+json", problem(status, code))
    }
}
