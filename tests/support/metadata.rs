//! The metadata server of Cloud Run, as far as its place and tokens go: each asks for the flavour header, each access token is another
//! one, and those of before can be taken back; an identity token is made out for whomever it is asked for.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{
    Fault,
    http::{pairs, reply},
    server::{Server, Service},
};

/// The account's numeric id.
pub const ACCOUNT_ID: &str = "104029384756102938475";

/// Where everything is.
pub const PROJECT: &str = "shop-1";
pub const REGION: &str = "asia-northeast3";

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

    /// What `GCE_METADATA_HOST` is to be.
    pub fn host(&self) -> String {
        self.url().replace("http://", "")
    }

    /// The same for `identity`.
    pub fn fail_next_identity(&self, n: usize, fault: Fault) {
        self.server.fail_next("identity", n, fault);
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
            "/computeMetadata/v1/instance/service-accounts/default/identity" => {
                let asked = pairs(request.uri().query().unwrap_or_default());
                let Some(audience) = asked.get("audience") else {
                    return self.refusal(400, "non-empty audience parameter required");
                };
                let mut claims = json!({"iss": "https://accounts.google.com", "sub": ACCOUNT_ID, "azp": ACCOUNT_ID,
                    "aud": audience, "iat": 1_790_000_000, "exp": 1_790_003_600});
                if asked.get("format").is_some_and(|format| format == "full") {
                    claims["email"] = json!("auto-ep-run@shop-1.iam.gserviceaccount.com");
                    claims["email_verified"] = json!(true);
                }
                let part = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
                let head = json!({"alg": "RS256", "kid": "k", "typ": "JWT"});
                reply(200, "text/html", format!("{}.{}.signature", part(&head), part(&claims)))
            }
            "/computeMetadata/v1/project/project-id" => reply(200, "application/text", PROJECT),
            "/computeMetadata/v1/instance/region" => {
                reply(200, "application/text", format!("projects/123456789012/regions/{REGION}"))
            }
            _ => self.refusal(404, "Not Found"),
        }
    }

    fn refusal(&self, status: u16, message: &str) -> Response<Body> {
        reply(status, "text/html; charset=UTF-8", format!("<!DOCTYPE html><title>{message}</title>"))
    }
}
