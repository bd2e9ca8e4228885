//! Proof of delivery: the public URL read once after a publication, as a reader would.
//!
//! It never reads twice and never waits for a cache: what is not there yet is said, and `verify-ep` looks again.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use reqwest::{Method, StatusCode, header::HeaderMap};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    feed_store::META_BUILD,
    report::{BuildId, BuildInfo, Delivery, hex},
    web::{Reach, Request, Web},
};

/// How long the whole of it may take: it is the last thing of a run, and must not cost it its time to report.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads the public URL.
pub struct Reader {
    /// Where the world is.
    pub web: Arc<dyn Web>,
    /// The public URL.
    pub feed_url: Url,
}

impl Reader {
    /// Which build readers get, now that `new` was published in place of `before`.
    pub async fn read(&self, new: &BuildInfo, before: Option<&BuildInfo>) -> Delivery {
        let unread = |reason: String| Delivery::Unread { reason };
        match tokio::time::timeout(PATIENCE, self.hash(new.file.bytes, before)).await {
            Ok(Ok((sha256, _))) if sha256 == new.file.sha256 => Delivery::New,
            Ok(Ok((sha256, says))) => match before {
                Some(before) if before.file.sha256 == sha256 => {
                    Delivery::Before { build: before.build.clone() }
                }
                _ => Delivery::Other { build: says },
            },
            Ok(Err(reason)) => unread(reason),
            Err(_) => unread(format!("it took longer than {} s", PATIENCE.as_secs())),
        }
    }

    /// The hash of what is there, and what it says it is. A file longer than both builds is neither, and is not read to
    /// its end.
    async fn hash(
        &self,
        bytes: u64,
        before: Option<&BuildInfo>,
    ) -> Result<(String, Option<BuildId>), String> {
        let request = Request {
            method: Method::GET,
            url: self.feed_url.clone(),
            headers: HeaderMap::new(),
            body: None,
            reach: Reach::Anywhere,
        };
        let mut response = self.web.send(request).await.map_err(|error| error.detail)?;
        if response.status != StatusCode::OK {
            return Err(format!("status {}", response.status.as_u16()));
        }
        let says =
            response.headers.get(META_BUILD).and_then(|value| BuildId::parse(value.to_str().ok()?).ok());
        let most = bytes.max(before.map_or(0, |before| before.file.bytes));
        let (mut digest, mut read) = (Sha256::new(), 0);
        while let Some(chunk) = response.body.next().await {
            let chunk = chunk.map_err(|error| error.detail)?;
            digest.update(&chunk);
            read += chunk.len() as u64;
            if read > most {
                break;
            }
        }
        Ok((hex(&digest.finalize()), says))
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use futures_util::stream;

    use super::*;
    use crate::{
        report::Fingerprint,
        web::{Response, WebError},
    };

    /// Answers with a status and these chunks; an error after them where `breaks`.
    struct Answer {
        status: u16,
        body: &'static [u8],
        breaks: bool,
    }

    #[async_trait]
    impl Web for Answer {
        async fn send(&self, request: Request) -> Result<Response, WebError> {
            let broken = self.breaks.then(|| {
                Err(WebError { detail: "reset".into(), plain: "no answer".into(), permanent: false })
            });
            Ok(Response {
                status: StatusCode::from_u16(self.status).unwrap(),
                url: request.url,
                headers: HeaderMap::from_iter([(META_BUILD.parse().unwrap(), "b-0".parse().unwrap())]),
                body: Box::pin(stream::iter(std::iter::once(Ok(self.body.into())).chain(broken))),
            })
        }
    }

    fn info(build: &str, bytes: &[u8]) -> BuildInfo {
        BuildInfo { build: BuildId::parse(build).unwrap(), rows: 1, file: Fingerprint::of(bytes) }
    }

    #[tokio::test]
    async fn what_readers_get_is_told_apart() {
        let (new, old) = (info("b-2", b"new"), info("b-1", b"old!"));
        let before = || Delivery::Before { build: old.build.clone() };
        let other = || Delivery::Other { build: BuildId::parse("b-0").ok() };
        let unread = |reason: &str| Delivery::Unread { reason: reason.into() };
        for (status, body, breaks, expected) in [
            (200, &b"new"[..], false, Delivery::New),
            (200, b"old!", false, before()),
            (200, b"foreign and longer than both", false, other()),
            (200, b"", false, other()),
            (200, b"ne", true, unread("reset")),
            (403, b"new", false, unread("status 403")),
        ] {
            let web = Arc::new(Answer { status, body, breaks });
            let reader = Reader { web, feed_url: Url::parse("https://feed.example/f.tsv").unwrap() };
            assert_eq!(reader.read(&new, Some(&old)).await, expected, "{status} {body:?}");
        }
    }
}
