//! S3 on a folder: s3s-fs behind a front that is strict where it is lenient.
//!
//! The front adds: a missing bucket is told as such, a copy replaces its target in one step, keys are checked.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, Response, header},
};
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::sync::RwLock;
use tower::ServiceExt;

use super::{
    CloudFrontDouble, Fault,
    http::{pairs, read_body, reply, segments},
    server::{Server, Service},
};

pub const ACCESS_KEY: &str = "test-access-key";
pub const SECRET_KEY: &str = "test-secret-key";
pub const REGION: &str = "ap-northeast-2";
/// `RequestTimeTooSkewed` by somebody whose clock is years behind.
pub const OTHER_CLOCK: &str = "OtherClock";

/// S3 with one key pair.
pub struct S3Double {
    pub server: Server,
    store: Arc<Store>,
}

/// An object as a reader gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub bytes: Bytes,
    pub headers: HeaderMap,
}

impl Object {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl S3Double {
    /// S3 without any bucket.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// S3 that also answers CloudFront's calls, for binaries with one `AWS_ENDPOINT_URL` for both.
    pub async fn start_with(cloudfront: Option<&CloudFrontDouble>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let build = |keys: Option<SimpleAuth>| {
            let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
            if let Some(keys) = keys {
                builder.set_auth(keys);
            }
            builder.build()
        };
        let signed = build(Some(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY)));
        let open = build(None);
        let cloudfront = cloudfront.map(CloudFrontDouble::service);
        let store = Arc::new(Store { signed, open, folder, turn: RwLock::new(()), cloudfront });
        Self { server: Server::start(store.clone()).await, store }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn create_bucket(&self, name: &str) {
        std::fs::create_dir(self.store.folder.path().join(name)).unwrap();
    }

    pub fn delete_bucket(&self, name: &str) {
        std::fs::remove_dir_all(self.store.folder.path().join(name)).unwrap();
    }

    /// Operations are S3's own names: `PutObject`, `CreateMultipartUpload`, `UploadPart`, …
    pub fn fail_next(&self, operation: &str, n: usize, fault: Fault) {
        self.server.fail_next(operation, n, fault);
    }

    /// The object under `key`, as anybody with the right to read it gets it.
    pub async fn object(&self, bucket: &str, key: &str) -> Option<Object> {
        self.store.object(bucket, key).await
    }

    /// Puts an object there that is none of ours.
    pub async fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let request = Request::put(format!("/{bucket}/{key}")).body(Body::from(bytes.to_vec())).unwrap();
        let request = with_length(request, bytes.len());
        assert!(self.store.open.clone().oneshot(request).await.unwrap().status().is_success());
    }

    /// Removes an object, as a lifecycle rule does.
    pub fn delete(&self, bucket: &str, key: &str) {
        std::fs::remove_file(self.store.folder.path().join(bucket).join(key)).unwrap();
    }

    /// Every key in a bucket, sorted.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let root = self.store.folder.path().join(bucket);
        let mut folders = vec![root.clone()];
        let mut keys = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    keys.push(path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        keys.sort();
        keys
    }

    /// Parts and uploads that were begun and neither completed nor aborted.
    pub fn unfinished_uploads(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.store.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload")).collect()
    }

    pub(super) fn store(&self) -> Arc<Store> {
        self.store.clone()
    }
}

pub(super) struct Store {
    signed: S3Service,
    open: S3Service,
    folder: tempfile::TempDir,
    /// s3s-fs writes bytes and headers one after the other: writers go alone, so that nobody sees the gap.
    turn: RwLock<()>,
    cloudfront: Option<Arc<dyn Service>>,
}

impl Store {
    pub(super) async fn object(&self, bucket: &str, key: &str) -> Option<Object> {
        let _turn = self.turn.read().await;
        let request = Request::get(format!("/{bucket}/{key}")).body(Body::empty()).unwrap();
        let response = self.open.clone().oneshot(request).await.unwrap();
        if !response.status().is_success() {
            return None;
        }
        let (parts, body) = response.into_parts();
        Some(Object { bytes: read_body(Body::new(body)).await, headers: parts.headers })
    }

    fn file(&self, segments: &[String]) -> PathBuf {
        segments.iter().fold(self.folder.path().to_owned(), |path, part| path.join(part))
    }

    /// s3s-fs copies into the target as it stands; without the target a reader keeps the old file.
    fn make_room(&self, request: &Request<Body>) {
        let source = request.headers().get("x-amz-copy-source").and_then(|value| value.to_str().ok());
        if source.is_some_and(|source| self.file(&segments(source)).is_file()) {
            let _ = std::fs::remove_file(self.file(&segments(request.uri().path())));
        }
    }
}

#[async_trait]
impl Service for Store {
    fn operation(&self, request: &Request<Body>) -> String {
        if let Some(cloudfront) = self.cloudfront_for(request) {
            return cloudfront.operation(request);
        }
        let query = pairs(request.uri().query().unwrap_or_default());
        let has = |name: &str| query.contains_key(name);
        let copies = request.headers().contains_key("x-amz-copy-source");
        let in_bucket = segments(request.uri().path()).len() > 1;
        let name = match *request.method() {
            Method::PUT if has("partNumber") => "UploadPart",
            Method::PUT if copies => "CopyObject",
            Method::PUT => "PutObject",
            Method::POST if has("uploads") => "CreateMultipartUpload",
            Method::POST if has("uploadId") => "CompleteMultipartUpload",
            Method::DELETE if has("uploadId") => "AbortMultipartUpload",
            Method::DELETE => "DeleteObject",
            Method::HEAD if in_bucket => "HeadObject",
            Method::HEAD => "HeadBucket",
            Method::GET if in_bucket => "GetObject",
            _ => "Other",
        };
        name.to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        if let Some(cloudfront) = self.cloudfront_for(&request) {
            return cloudfront.call(request).await;
        }
        let bucket = segments(request.uri().path()).swap_remove(0);
        let head = request.method() == Method::HEAD;
        if !self.folder.path().join(&bucket).is_dir() {
            let response = self.refusal(404, "NoSuchBucket");
            return if head { response.map(|_| Body::empty()) } else { response };
        }
        let operation = self.operation(&request);
        let query = pairs(request.uri().query().unwrap_or_default());
        if let Some(upload) = query.get("uploadId").filter(|id| !self.is_open(id)) {
            return self.ended_upload(&operation, upload, query.get("partNumber"), request).await;
        }
        let writes = matches!(operation.as_str(), "PutObject" | "CopyObject" | "CompleteMultipartUpload");
        if writes {
            let _turn = self.turn.write().await;
            self.make_room(&request);
            collected(self.signed.clone().oneshot(request).await.unwrap()).await
        } else {
            let _turn = self.turn.read().await;
            self.signed.clone().oneshot(request).await.unwrap().map(Body::new)
        }
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        let date = (code == OTHER_CLOCK).then_some("Mon, 05 Oct 2015 15:00:00 GMT");
        let code = match (code, status) {
            ("", 403) => "AccessDenied",
            (OTHER_CLOCK, _) => "RequestTimeTooSkewed",
            ("", 404) => "NoSuchKey",
            ("", 429 | 503) => "SlowDown",
            ("", _) => "InternalError",
            (code, _) => code,
        };
        let (code, message) = code.split_once(": ").unwrap_or((code, "ordered by a test"));
        let xml = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        let mut response = reply(status, "application/xml", xml);
        response.headers_mut().extend(date.map(|date| (header::DATE, date.parse().unwrap())));
        response
    }
}

impl Store {
    fn is_open(&self, upload: &str) -> bool {
        self.folder.path().join(format!(".upload-{upload}.json")).is_file()
    }

    /// A part that was under way when its upload was aborted lands all the same, and stays until somebody aborts the
    /// upload once more.
    async fn ended_upload(
        &self,
        operation: &str,
        upload: &str,
        part: Option<&String>,
        request: Request<Body>,
    ) -> Response<Body> {
        let file = format!(".upload_id-{upload}.part-{}", part.map_or("", String::as_str));
        if operation == "UploadPart" {
            std::fs::write(self.folder.path().join(file), read_body(request.into_body()).await).unwrap();
        } else if operation == "AbortMultipartUpload" {
            for entry in std::fs::read_dir(self.folder.path()).unwrap().flatten() {
                if entry.file_name().to_string_lossy().starts_with(&file[..file.len() - 1]) {
                    std::fs::remove_file(entry.path()).unwrap();
                }
            }
        }
        self.refusal(404, "NoSuchUpload")
    }

    fn cloudfront_for(&self, request: &Request<Body>) -> Option<&Arc<dyn Service>> {
        self.cloudfront.as_ref().filter(|_| request.uri().path().starts_with("/2020-05-31/"))
    }
}

/// s3s ends a multipart upload while its answer is read: read it here, so that the effect is in.
async fn collected(response: s3s::HttpResponse) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let bytes = read_body(Body::new(body)).await;
    parts.headers.remove(header::TRANSFER_ENCODING);
    Response::from_parts(parts, Body::from(bytes))
}

fn with_length(mut request: Request<Body>, length: usize) -> Request<Body> {
    request.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    request
}
