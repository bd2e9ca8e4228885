//! AWS's STS in front of an S3 that takes its keys alone: a role that trusts one Google account, keys that end.
//!
//! Strict: the token's form, its signature and all three conditions of the trust policy are looked at, each refusal has
//! Amazon's own code, and S3 refuses keys that are not of this STS, or that have ended.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Fault, S3Double,
    http::{pairs, read_body, reply},
    metadata::ACCOUNT_ID,
    s3::{ACCESS_KEY, SECRET_KEY},
    server::{Server, Service},
};

pub const ROLE: &str = "arn:aws:iam::210987654321:role/auto-ep";
/// Whom the role trusts may be another account than the token's.
const ASSUME: &str = "AssumeRoleWithWebIdentity";

/// STS and S3 at one address.
pub struct StsDouble {
    pub server: Server,
    state: Arc<Sts>,
}

struct Sts {
    s3: Arc<dyn Service>,
    trusted: Mutex<String>,
    lifetime: Mutex<Duration>,
    /// Session tokens and when they end.
    given: Mutex<HashMap<String, SystemTime>>,
}

impl StsDouble {
    /// Before this S3; keys last as long.
    pub async fn start(s3: &S3Double, lifetime: Duration) -> Self {
        let state = Arc::new(Sts {
            s3: s3.store(),
            trusted: Mutex::new(ACCOUNT_ID.to_owned()),
            lifetime: Mutex::new(lifetime),
            given: Mutex::default(),
        });
        Self { server: Server::start(state.clone()).await, state }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The role trusts this account from now on, by its numeric id.
    pub fn trust(&self, account: &str) {
        *self.state.trusted.lock().unwrap() = account.to_owned();
    }

    /// How often the role was asked for.
    pub fn asked(&self) -> usize {
        self.server.count(ASSUME)
    }

    pub fn most_at_once(&self) -> usize {
        self.server.most_at_once(ASSUME)
    }

    /// The next `n` tries to take the role go wrong.
    pub fn fail_next(&self, n: usize, fault: Fault) {
        self.server.fail_next(ASSUME, n, fault);
    }
}

impl Sts {
    fn assume(&self, form: &HashMap<String, String>) -> Response<Body> {
        let of = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let parts: Vec<_> = of("WebIdentityToken").split('.').collect();
        let claims = parts.get(1).and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
        let claims: serde_json::Value =
            claims.and_then(|claims| serde_json::from_slice(&claims).ok()).unwrap_or_default();
        if claims["iss"] != "https://accounts.google.com" || parts.get(2) != Some(&"signature") {
            return self.refusal(
                400,
                "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider",
            );
        }
        let trusted = self.trusted.lock().unwrap().clone();
        // What the policy calls aud is the token's azp, and oaud its aud.
        let holds = claims["azp"] == *trusted && claims["sub"] == *trusted && claims["aud"] == ROLE;
        if of("RoleArn") != ROLE || !holds {
            return self
                .refusal(403, "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }
        let end = SystemTime::now() + *self.lifetime.lock().unwrap();
        let mut given = self.given.lock().unwrap();
        let token = format!("session-{}", given.len() + 1);
        given.insert(token.clone(), end);
        let end = jiff::Timestamp::try_from(end).unwrap();
        let xml = format!(
            "<{ASSUME}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{ASSUME}Result><Credentials>\
             <AccessKeyId>{ACCESS_KEY}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>\
             <SessionToken>{token}</SessionToken><Expiration>{end:.0}</Expiration></Credentials></{ASSUME}Result>\
             <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{ASSUME}Response>"
        );
        reply(200, "text/xml", xml)
    }
}

#[async_trait]
impl Service for Sts {
    fn operation(&self, request: &Request<Body>) -> String {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/") => ASSUME.to_owned(),
            _ => self.s3.operation(request),
        }
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        if self.operation(&request) == ASSUME {
            let body = read_body(request.into_body()).await;
            return self.assume(&pairs(&String::from_utf8_lossy(&body)));
        }
        let token = request.headers().get("x-amz-security-token").and_then(|token| token.to_str().ok());
        let end = self.given.lock().unwrap().get(token.unwrap_or_default()).copied();
        match end {
            None => self.s3.refusal(403, "InvalidToken"),
            Some(end) if end < SystemTime::now() => self.s3.refusal(400, "ExpiredToken"),
            Some(_) => self.s3.call(request).await,
        }
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        let code = if code.is_empty() { "InternalFailure" } else { code };
        let (code, message) = code.split_once(": ").unwrap_or((code, "ordered by a test"));
        let xml = format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        );
        reply(status, "text/xml", xml)
    }
}
