//! CloudFront's invalidations over REST and XML.
//!
//! Strict: the call is signed for us-east-1, the distribution known, and the same `CallerReference` gives the earlier
//! invalidation, or an error where its paths differ.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Method, Request, Response, header},
};

use super::{
    Fault,
    http::{read_body, reply, segments},
    server::{Server, Service},
};

pub const DISTRIBUTION: &str = "E2TESTDISTRIBUTION";

/// One invalidation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub id: String,
    pub reference: String,
    pub paths: Vec<String>,
    /// How often it was looked at.
    pub looks: usize,
}

/// CloudFront with one distribution, [`DISTRIBUTION`].
pub struct CloudFrontDouble {
    pub server: Server,
    state: Arc<State>,
}

impl CloudFrontDouble {
    pub async fn start() -> Self {
        let state = Arc::new(State { made: Mutex::default(), looks_until_done: Mutex::new(0) });
        Self { server: Server::start(state.clone()).await, state }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// An invalidation is in progress for so many looks, then completed; 0: completed at once.
    pub fn done_after(&self, looks: usize) {
        *self.state.looks_until_done.lock().unwrap() = looks;
    }

    pub fn invalidations(&self) -> Vec<Made> {
        self.state.made.lock().unwrap().clone()
    }

    /// Operations: `CreateInvalidation`, `GetInvalidation`.
    pub fn fail_next(&self, operation: &str, n: usize, fault: Fault) {
        self.server.fail_next(operation, n, fault);
    }

    pub(super) fn service(&self) -> Arc<dyn Service> {
        self.state.clone()
    }
}

struct State {
    made: Mutex<Vec<Made>>,
    looks_until_done: Mutex<usize>,
}

impl State {
    fn create(&self, xml: &str) -> Response<Body> {
        let references = elements(xml, "CallerReference");
        let paths = elements(xml, "Path");
        let quantity = elements(xml, "Quantity").first().and_then(|text| text.parse::<usize>().ok());
        let [reference] = references.as_slice() else { return self.refusal(400, "MalformedXML") };
        if paths.is_empty() || quantity != Some(paths.len()) {
            return self.refusal(400, "InconsistentQuantities");
        }
        if paths.iter().any(|path| !path.starts_with('/') || !path.is_ascii() || path.contains(' ')) {
            return self.refusal(400, "InvalidArgument");
        }
        let mut made = self.made.lock().unwrap();
        if let Some(earlier) = made.iter().find(|m| m.reference == *reference) {
            return match earlier.paths == paths {
                true => self.answer(201, earlier),
                false => self.refusal(400, "InvalidationBatchAlreadyExists"),
            };
        }
        let id = format!("I{:013}", made.len() + 1);
        let new = Made { id, reference: reference.clone(), paths, looks: 0 };
        made.push(new.clone());
        self.answer(201, &new)
    }

    fn get(&self, id: &str) -> Response<Body> {
        let mut made = self.made.lock().unwrap();
        let Some(found) = made.iter_mut().find(|m| m.id == id) else {
            return self.refusal(404, "NoSuchInvalidation");
        };
        found.looks += 1;
        self.answer(200, found)
    }

    fn answer(&self, status: u16, made: &Made) -> Response<Body> {
        let done = made.looks >= *self.looks_until_done.lock().unwrap();
        let state = if done { "Completed" } else { "InProgress" };
        let paths: String = made.paths.iter().map(|p| format!("<Path>{p}</Path>")).collect();
        let xml = format!(
            "<Invalidation xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Id>{}</Id><Status>{state}\
             </Status><CreateTime>2026-10-06T00:00:00Z</CreateTime><InvalidationBatch><Paths><Quantity>{}\
             </Quantity><Items>{paths}</Items></Paths><CallerReference>{}</CallerReference></InvalidationBatch>\
             </Invalidation>",
            made.id,
            made.paths.len(),
            made.reference
        );
        reply(status, "text/xml", xml)
    }
}

#[async_trait]
impl Service for State {
    fn operation(&self, request: &Request<Body>) -> String {
        match *request.method() {
            Method::POST => "CreateInvalidation".into(),
            _ => "GetInvalidation".into(),
        }
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let signature =
            request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or("");
        if !signature.contains("/us-east-1/cloudfront/aws4_request") {
            return self.refusal(403, "SignatureDoesNotMatch");
        }
        let path = segments(request.uri().path());
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (request.method().clone(), path.as_slice()) {
            (Method::POST, ["2020-05-31", "distribution", DISTRIBUTION, "invalidation"]) => {
                let body = read_body(request.into_body()).await;
                self.create(&String::from_utf8_lossy(&body))
            }
            (Method::GET, ["2020-05-31", "distribution", DISTRIBUTION, "invalidation", id]) => self.get(id),
            (_, ["2020-05-31", "distribution", ..]) => self.refusal(404, "NoSuchDistribution"),
            _ => self.refusal(404, "NoSuchResource"),
        }
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        let code = match (code, status) {
            ("", 403) => "AccessDenied",
            ("", 429) => "Throttling",
            ("", _) => "InternalError",
            (code, _) => code,
        };
        let (code, message) = code.split_once(": ").unwrap_or((code, "ordered by a test"));
        let xml = format!(
            "<ErrorResponse xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        reply(status, "text/xml", xml)
    }
}

/// The texts of all elements of that name; enough XML for one request.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.filter_map(|part| part.split_once(&close)).map(|(text, _)| text.to_owned()).collect()
}
