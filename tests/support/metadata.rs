//! The metadata server of Cloud Run, as far as access tokens go: each asks for the flavour header, each token is
//! another one, and those of before can be taken back.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, Response},
};
use serde_json::json;

use super::{
    Fault,
    http::reply,
    server::{Server, Service},
};

/// A metadata server with one account.
pub struct MetadataDouble {
    pub server: Server,
    tokens: Arc<Tokens>,
}

/// The tokens that are good.
#[derive(Default)]
pub struct Tokens(Mutex<(u64, HashSet<String>)>);

impl Tokens {
    pub(super) fn are_good(&self, authorization: &str) -> bool {
        authorization.strip_prefix("Bearer ").is_some_and(|token| self.0.lock().unwrap().1.contains(token))
    }

    fn give(&self) -> String {
        let mut tokens = self.0.lock().unwrap();
        tokens.0 += 1;
        let token = format!("ya29.c.token-{}", tokens.0);
        tokens.1.insert(token.clone());
        token
    }
}

impl MetadataDouble {
    pub async fn start() -> Self {
        let tokens = Arc::new(Tokens::default());
        let service = Arc::new(Metadata(tokens.clone()));
        Self { server: Server::start(service).await, tokens }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The operation is `token`.
    pub fn fail_next(&self, n: usize, fault: Fault) {
        self.server.fail_next("token", n, fault);
    }

    /// Takes back every token given so far.
    pub fn revoke(&self) {
        self.tokens.0.lock().unwrap().1.clear();
    }

    /// The tokens that are good, for whoever has to know.
    pub fn tokens(&self) -> Arc<Tokens> {
        self.tokens.clone()
    }
}

struct Metadata(Arc<Tokens>);

#[async_trait]
impl Service for Metadata {
    fn operation(&self, request: &Request<Body>) -> String {
        request.uri().path().rsplit('/').next().unwrap_or_default().to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        if request.headers().get("metadata-flavor").is_none_or(|flavor| flavor != "Google") {
            return self.refusal(403, "Missing Metadata-Flavor:Google header.");
        }
        match request.uri().path() {
            "/computeMetadata/v1/instance/service-accounts/default/token" => {
                let answer =
                    json!({"access_token": self.0.give(), "expires_in": 3599, "token_type": "Bearer"});
                reply(200, "application/json", answer.to_string())
            }
            _ => self.refusal(404, "Not Found"),
        }
    }

    fn refusal(&self, status: u16, message: &str) -> Response<Body> {
        reply(status, "text/html; charset=UTF-8", format!("<!DOCTYPE html><title>{message}</title>"))
    }
}
