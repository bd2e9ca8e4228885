//! Reads the public URL once, as a stream, within `VERIFY_TIMEOUT` and `VERIFY_MAX_BYTES`.
//!
//! It finds out what is wrong with the answer. What is wrong with its content is the inspector's to say.

use futures_util::StreamExt;
use reqwest::{
    StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT},
};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    READER,
    findings::{Findings, shown},
    inspect::{Inspection, Inspector},
    pieces::Pieces,
};
use crate::{
    config::verify::VerifyConfig,
    feed_store::META_BUILD,
    progress::Progress,
    report::{BuildId, CheckId, Example, Fingerprint, ProblemKind},
    web::{Reach, Request, Web},
};

/// What came of reading the URL.
#[derive(Default)]
pub struct Read {
    /// What the content is.
    pub inspection: Inspection,
    /// What was read.
    pub file: Fingerprint,
    /// What is wrong with the answer.
    pub findings: Findings,
    /// Status and content type.
    measured: String,
    /// Whether the whole body was read, so that its hash means something.
    pub whole: bool,
    /// The build that the answer's own headers name.
    pub says: Option<BuildId>,
}

impl Read {
    /// Reads it until `deadline`; what it names may lead as far as `reach`.
    pub async fn of(
        web: &dyn Web,
        url: &Url,
        reach: Reach,
        config: &VerifyConfig,
        deadline: Instant,
        progress: &Progress,
    ) -> Self {
        let started = Instant::now();
        let mut read = Self::default();
        let mut pieces = Pieces::new(Inspector::new(config.alive_sample, reach));
        let stream = read.stream(web, url, config.max_bytes, &mut pieces, progress);
        if timeout_at(deadline, stream).await.is_err() {
            read.problem(ProblemKind::TooSlow, format!("> {} s", config.timeout.as_secs()));
        }
        (read.inspection, read.file) = pieces.finish(read.whole).await;
        let seconds = started.elapsed().as_secs_f64();
        let separator = if read.measured.is_empty() { "" } else { " · " };
        let measured = format!("{}{separator}{seconds:.2} s", read.measured);
        read.findings.measure(CheckId::Reachable, measured, None);
        read
    }

    async fn stream(
        &mut self,
        web: &dyn Web,
        url: &Url,
        max_bytes: u64,
        pieces: &mut Pieces,
        progress: &Progress,
    ) {
        let headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(READER))]);
        let request = Request { headers, ..Request::get(url.clone()) };
        let mut response = match web.send(request).await {
            Ok(response) => response,
            Err(error) => return self.problem(ProblemKind::NoAnswer, error.detail),
        };
        let status = response.status;
        let header = |name: &str| {
            response.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        self.says = header(META_BUILD).and_then(|build| BuildId::parse(&build).ok());
        let content_type = header(CONTENT_TYPE.as_str());
        let named = content_type.as_deref().map_or_else(|| "no content type".to_owned(), shown);
        self.measured = format!("{} · {named}", status.as_u16());
        if status != StatusCode::OK {
            return self.problem(ProblemKind::BadStatus, status.as_u16().to_string());
        }
        if !content_type.is_some_and(|t| t.starts_with("text/") && !t.starts_with("text/html")) {
            self.problem(ProblemKind::ContentType, named);
        }
        if let Some(bytes) = header(CONTENT_LENGTH.as_str()).and_then(|bytes| bytes.parse().ok()) {
            progress.expect(bytes);
        }
        while let Some(chunk) = response.body.next().await {
            match chunk {
                Ok(chunk) => pieces.push(&chunk).await,
                Err(error) => return self.problem(ProblemKind::CutOff, error.detail),
            }
            progress.reach(pieces.bytes());
            if pieces.bytes() > max_bytes {
                return self.problem(ProblemKind::TooBig, format!("> {}", size(max_bytes)));
            }
        }
        self.whole = true;
    }

    fn problem(&mut self, kind: ProblemKind, value: String) {
        self.findings.add(kind, || Example::value(value));
    }
}

/// As `VERIFY_MAX_BYTES` is written.
fn size(bytes: u64) -> String {
    match [("GiB", 30), ("MiB", 20), ("KiB", 10)].iter().find(|(_, shift)| bytes.is_multiple_of(1 << shift)) {
        Some((unit, shift)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}
