//! What readers see: one public object of the S3 double over plain HTTP, as a CDN hands it out.
//!
//! It can be told to serve an outdated copy or somebody else's file.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
};

use super::{
    Fault, S3Double,
    http::{reply, segments},
    s3::{Object, Store},
    server::{Server, Service},
};

/// Which answer it was, as CloudFront says on each.
const ANSWER: &str = "ZGUtYWQtYmVlZg==";

/// A CDN before `bucket`, whose paths are keys below `prefix`.
pub struct CdnDouble {
    pub server: Server,
    edge: Arc<Edge>,
}

enum Mode {
    Live,
    Frozen(Option<Object>),
    Foreign(Object),
}

impl CdnDouble {
    pub async fn start(s3: &S3Double, bucket: &str, prefix: &str) -> Self {
        let edge = Arc::new(Edge {
            store: s3.store(),
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            mode: Mutex::new(Mode::Live),
        });
        Self { server: Server::start(edge.clone()).await, edge }
    }

    /// The public URL of `name`.
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.server.url())
    }

    /// The operation is `GET` (also for HEAD).
    pub fn fail_next(&self, n: usize, fault: Fault) {
        self.server.fail_next("GET", n, fault);
    }

    /// From now on readers get `name` as it is now, whatever is published.
    pub async fn freeze(&self, name: &str) {
        let now = self.edge.origin(name).await;
        *self.edge.mode.lock().unwrap() = Mode::Frozen(now);
    }

    /// From now on readers get these bytes, with no metadata of ours.
    pub fn serve(&self, bytes: &[u8], content_type: &'static str) {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
        let object = Object { bytes: bytes.to_vec().into(), headers: headers.into_iter().collect() };
        *self.edge.mode.lock().unwrap() = Mode::Foreign(object);
    }

    /// Readers get what is published again.
    pub fn thaw(&self) {
        *self.edge.mode.lock().unwrap() = Mode::Live;
    }
}

struct Edge {
    store: Arc<Store>,
    bucket: String,
    prefix: String,
    mode: Mutex<Mode>,
}

impl Edge {
    async fn origin(&self, name: &str) -> Option<Object> {
        let key = if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) };
        self.store.object(&self.bucket, &key).await
    }
}

#[async_trait]
impl Service for Edge {
    fn operation(&self, _: &Request<Body>) -> String {
        "GET".to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return self.refusal(405, "");
        }
        let chosen = match &*self.mode.lock().unwrap() {
            Mode::Live => None,
            Mode::Frozen(object) => Some(object.clone()),
            Mode::Foreign(object) => Some(Some(object.clone())),
        };
        let object = match chosen {
            Some(object) => object,
            None => self.origin(&segments(request.uri().path()).join("/")).await,
        };
        // What a private bucket behind CloudFront answers for a file that is not there.
        let Some(object) = object else {
            let mut refusal = self.refusal(403, "AccessDenied");
            refusal.headers_mut().insert("x-amz-cf-id", HeaderValue::from_static(ANSWER));
            return refusal;
        };
        let mut response = Response::builder().status(StatusCode::OK);
        for (name, value) in &object.headers {
            let name_text = name.as_str();
            if name_text.starts_with("x-amz-meta-")
                || ["content-type", "cache-control", "etag"].contains(&name_text)
            {
                response = response.header(name, value);
            }
        }
        let length = object.bytes.len();
        let body = if request.method() == Method::HEAD { Body::empty() } else { Body::from(object.bytes) };
        let response = response.header("x-amz-cf-id", ANSWER);
        response.header(header::CONTENT_LENGTH, length).body(body).unwrap()
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        reply(status, "application/xml", format!("<Error><Code>{code}</Code></Error>"))
    }
}
