//! Proof of delivery: the public URL read once after a publication, as a reader would.
//!
//! It never reads twice and never waits for a cache: what is not there yet is said, and `verify-ep` looks again.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::StatusCode;
use url::Url;

use crate::{
    feed_store::META_BUILD,
    report::{BuildId, BuildInfo, Delivery, Fingerprinter},
    web::{Request, Web},
};

/// How long the whole of it may take: it is the last thing of a run, and must not cost it its time to report.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which build readers get at `url`, now that `new` was published in place of `before`.
pub(super) async fn read(web: &dyn Web, url: &Url, new: &BuildInfo, before: Option<&BuildInfo>) -> Delivery {
    let most = new.file.bytes.max(before.map_or(0, |before| before.file.bytes));
    match tokio::time::timeout(PATIENCE, hash(web, url, most)).await {
        Ok(Ok((sha256, _))) if sha256 == new.file.sha256 => Delivery::New,
        Ok(Ok((sha256, says))) => match before {
            Some(before) if before.file.sha256 == sha256 => Delivery::Before { build: before.build.clone() },
            _ => Delivery::Other { build: says },
        },
        Ok(Err(reason)) => Delivery::Unread { reason },
        Err(_) => Delivery::Unread { reason: format!("it took longer than {} s", PATIENCE.as_secs()) },
    }
}

/// The hash of what is there, and what it says it is. A file longer than `most` bytes is neither build, and is not read
/// to its end.
async fn hash(web: &dyn Web, url: &Url, most: u64) -> Result<(String, Option<BuildId>), String> {
    let mut response = web.send(Request::get(url.clone())).await.map_err(|error| error.detail)?;
    if response.status != StatusCode::OK {
        return Err(format!("status {}", response.status.as_u16()));
    }
    let says = response.headers.get(META_BUILD).and_then(|value| BuildId::parse(value.to_str().ok()?).ok());
    let mut sum = Fingerprinter::default();
    while let Some(chunk) = response.body.next().await {
        sum.push(&chunk.map_err(|error| error.detail)?);
        if sum.bytes > most {
            break;
        }
    }
    Ok((sum.finish().sha256, says))
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use futures_util::stream;
    use reqwest::header::HeaderMap;

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
            let (web, url) =
                (Answer { status, body, breaks }, Url::parse("https://feed.example/f.tsv").unwrap());
            assert_eq!(read(&web, &url, &new, Some(&old)).await, expected, "{status} {body:?}");
        }
    }
}
