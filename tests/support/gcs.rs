//! Google Cloud Storage's JSON API, as far as single-shot uploads and reads go.
//!
//! Strict: preconditions on reads and writes, no third part in an upload, a checksum that must fit, no credentials
//! over plain http but where a metadata server gives them, and a missing bucket told as the real service tells it. It
//! can be told to take one write a second of each object, as the real one does.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, Response, header},
};
use serde_json::{Value, json};

use super::{
    Fault,
    gcs_wire::{checksum, two_parts},
    http::{pairs, read_body, reply, segments},
    metadata::Tokens,
    server::{Server, Service},
};

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub bytes: Bytes,
    pub generation: i64,
    pub content_type: String,
    pub cache_control: String,
}

type Buckets = HashMap<String, BTreeMap<String, Object>>;

/// The service, without any bucket at first.
pub struct GcsDouble {
    pub server: Server,
    state: Arc<State>,
}

impl GcsDouble {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Whoever calls must have one of these tokens.
    pub async fn start_for(tokens: Arc<Tokens>) -> Self {
        Self::start_with(Some(tokens)).await
    }

    async fn start_with(tokens: Option<Arc<Tokens>>) -> Self {
        let state = Arc::new(State {
            buckets: Mutex::default(),
            generation: Mutex::new(1_790_000_000_000_000),
            written: Mutex::default(),
            tokens,
        });
        Self { server: Server::start(state.clone()).await, state }
    }

    /// From now on more than one write a second of one object is refused.
    pub fn one_write_a_second(&self) {
        self.state.written.lock().unwrap().get_or_insert_default();
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn create_bucket(&self, name: &str) {
        self.state.buckets.lock().unwrap().entry(name.to_owned()).or_default();
    }

    pub fn delete_bucket(&self, name: &str) {
        self.state.buckets.lock().unwrap().remove(name);
    }

    pub fn object(&self, bucket: &str, name: &str) -> Option<Object> {
        self.state.buckets.lock().unwrap().get(bucket)?.get(name).cloned()
    }

    /// The object's bytes as text.
    pub fn text(&self, bucket: &str, name: &str) -> Option<String> {
        self.object(bucket, name).map(|o| String::from_utf8_lossy(&o.bytes).into_owned())
    }

    /// Every object's name, sorted.
    pub fn names(&self, bucket: &str) -> Vec<String> {
        let buckets = self.state.buckets.lock().unwrap();
        buckets.get(bucket).map(|b| b.keys().cloned().collect()).unwrap_or_default()
    }

    /// Puts an object there, as somebody else would; gives its generation.
    pub fn put(&self, bucket: &str, name: &str, bytes: &[u8]) -> i64 {
        let mut buckets = self.state.buckets.lock().unwrap();
        let object = self.state.object(bytes.to_vec().into(), &json!({}));
        let generation = object.generation;
        buckets.get_mut(bucket).unwrap().insert(name.to_owned(), object);
        generation
    }

    pub fn delete(&self, bucket: &str, name: &str) {
        self.state.buckets.lock().unwrap().get_mut(bucket).unwrap().remove(name);
    }

    /// Operations: `read`, `write`, `metadata`.
    pub fn fail_next(&self, operation: &str, n: usize, fault: Fault) {
        self.server.fail_next(operation, n, fault);
    }
}

struct State {
    buckets: Mutex<Buckets>,
    generation: Mutex<i64>,
    /// When each object was written last, where that matters.
    written: Mutex<Option<HashMap<String, Instant>>>,
    tokens: Option<Arc<Tokens>>,
}

impl State {
    fn object(&self, bytes: Bytes, metadata: &Value) -> Object {
        let mut generation = self.generation.lock().unwrap();
        *generation += 1;
        let text = |name: &str| metadata[name].as_str().unwrap_or_default().to_owned();
        let (content_type, cache_control) = (text("contentType"), text("cacheControl"));
        Object { bytes, generation: *generation, content_type, cache_control }
    }

    fn write(
        &self,
        bucket: &str,
        query: &HashMap<String, String>,
        content_type: &str,
        body: &Bytes,
    ) -> Response<Body> {
        let mut buckets = self.buckets.lock().unwrap();
        let Some(objects) = buckets.get_mut(bucket) else { return missing_bucket() };
        let Some(name) = query.get("name") else { return self.refusal(400, "Required: name") };
        if query.get("uploadType").map(String::as_str) != Some("multipart") {
            return self.refusal(400, "only single-shot uploads here");
        }
        let Some([metadata, data]) = two_parts(content_type, body) else {
            return self.refusal(400, "an upload has two parts: metadata and data");
        };
        let Ok(metadata) = serde_json::from_slice::<Value>(&metadata) else {
            return self.refusal(400, "Parse Error");
        };
        if metadata["crc32c"].as_str().is_some_and(|told| told != checksum(&data)) {
            return self.refusal(400, "Provided CRC32C does not match calculated CRC32C");
        }
        if let Some(written) = &*self.written.lock().unwrap()
            && written.get(name).is_some_and(|at| at.elapsed() < Duration::from_secs(1))
        {
            return self.refusal(429, "");
        }
        let now = objects.get(name).map_or(0, |o| o.generation);
        match query.get("ifGenerationMatch").map(|text| text.parse::<i64>()) {
            Some(Ok(known)) if known != now => return precondition_failed(),
            Some(Err(_)) => return self.refusal(400, "Invalid value for ifGenerationMatch"),
            _ => {}
        }
        let object = self.object(data, &metadata);
        let answer = describe(bucket, name, &object);
        if let Some(written) = &mut *self.written.lock().unwrap() {
            written.insert(name.clone(), Instant::now());
        }
        objects.insert(name.clone(), object);
        reply(200, "application/json", answer.to_string())
    }

    fn read(&self, bucket: &str, name: &str, query: &HashMap<String, String>) -> Response<Body> {
        let buckets = self.buckets.lock().unwrap();
        let Some(objects) = buckets.get(bucket) else { return missing_bucket() };
        let media = query.get("alt").map(String::as_str) == Some("media");
        let Some(object) = objects.get(name) else {
            return problem(404, "notFound", &format!("No such object: {bucket}/{name}"));
        };
        let known = query.get("ifGenerationMatch").and_then(|text| text.parse::<i64>().ok());
        if known.is_some_and(|known| known != object.generation) {
            return precondition_failed();
        }
        if !media {
            return reply(200, "application/json", describe(bucket, name, object).to_string());
        }
        let mut response = reply(200, &object.content_type, object.bytes.clone());
        let headers = response.headers_mut();
        headers.insert("x-goog-generation", object.generation.into());
        headers.insert("x-goog-metageneration", 1.into());
        headers.insert("x-goog-stored-content-length", object.bytes.len().into());
        headers.insert("x-goog-hash", format!("crc32c={}", checksum(&object.bytes)).parse().unwrap());
        headers.insert(header::CONTENT_LENGTH, object.bytes.len().into());
        response
    }
}

#[async_trait]
impl Service for State {
    fn operation(&self, request: &Request<Body>) -> String {
        let media =
            request.uri().query().is_some_and(|query| pairs(query).get("alt").is_some_and(|v| v == "media"));
        match *request.method() {
            Method::POST => "write",
            _ if media => "read",
            _ => "metadata",
        }
        .to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let authorization = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        match (&self.tokens, authorization) {
            (None, None) => {}
            (None, Some(_)) => return self.refusal(401, "credentials must not travel over plain http"),
            (Some(tokens), Some(authorization)) if tokens.are_good(authorization) => {}
            (Some(_), _) => return self.refusal(401, "Invalid Credentials"),
        }
        let path = segments(request.uri().path());
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let query = pairs(request.uri().query().unwrap_or_default());
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        match (request.method().clone(), path.as_slice()) {
            (Method::POST, ["upload", "storage", "v1", "b", bucket, "o"]) => {
                let content_type = content_type.to_owned();
                let body = read_body(request.into_body()).await;
                self.write(bucket, &query, &content_type, &body)
            }
            (Method::GET, ["storage", "v1", "b", bucket, "o", name]) => self.read(bucket, name, &query),
            _ => self.refusal(404, "Not Found"),
        }
    }

    fn refusal(&self, status: u16, message: &str) -> Response<Body> {
        let (reason, usual) = match status {
            401 => ("required", "Anonymous caller does not have storage access."),
            403 => ("forbidden", "test@example.com does not have storage.objects.get access."),
            429 => {
                ("rateLimitExceeded", "The object exceeded the rate limit for object mutation operations.")
            }
            _ => ("backendError", "ordered by a test"),
        };
        problem(status, reason, if message.is_empty() { usual } else { message })
    }
}

fn problem(status: u16, reason: &str, message: &str) -> Response<Body> {
    let errors = json!([{"message": message, "domain": "global", "reason": reason}]);
    let body = json!({"error": {"code": status, "message": message, "errors": errors}});
    reply(status, "application/json", body.to_string())
}

fn missing_bucket() -> Response<Body> {
    problem(404, "notFound", "The specified bucket does not exist.")
}

fn precondition_failed() -> Response<Body> {
    problem(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
}

fn describe(bucket: &str, name: &str, object: &Object) -> Value {
    json!({
        "kind": "storage#object", "bucket": bucket, "name": name,
        "generation": object.generation.to_string(), "metageneration": "1",
        "size": object.bytes.len().to_string(), "crc32c": checksum(&object.bytes),
        "contentType": object.content_type, "cacheControl": object.cache_control,
    })
}
