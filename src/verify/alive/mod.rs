//! Do the pages and images of a few rows open? HEAD first, GET where HEAD is refused; an image's size by its first
//! bytes.
//!
//! It opens what the feed names, so it goes to the public web only, unless the feed itself is on this machine. It asks
//! as a browser does, because shops turn away what is none, and what counts is what their customers see. It is polite:
//! few requests at once, a pause for each host, no body read further than needed. It never tries again.

mod browser;
mod elsewhere;
mod image;
mod polite;
mod told;

use std::time::Duration;

use bytes::BytesMut;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use self::{
    elsewhere::is_elsewhere,
    image::judge,
    polite::Turns,
    told::{Visit, tell},
};
use super::{
    findings::{Findings, shown},
    inspect::SampledRow,
};
use crate::{
    report::ProblemKind,
    web::{Reach, Request, Response, Web},
};

/// Requests under way at once.
const AT_ONCE: usize = 4;
/// How long one page or image may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an image is read: enough for the size of nearly all, and little for everybody.
const FIRST_BYTES: usize = 64 * 1024;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Page,
    Image,
}

/// One address of the sample.
struct Target {
    kind: Kind,
    row: u64,
    id: String,
    url: String,
}

/// Opens the pages and images of a sample.
pub struct Opener<'a> {
    web: &'a dyn Web,
    reach: Reach,
    turns: Turns,
}

impl<'a> Opener<'a> {
    /// Through `web`, as far as `reach` allows.
    pub fn new(web: &'a dyn Web, reach: Reach) -> Self {
        Self { web, reach, turns: Turns::default() }
    }

    /// Looks at each address until `deadline`.
    pub async fn check(&self, sample: &[SampledRow], deadline: Instant, findings: &mut Findings) {
        let mut found: Vec<(Target, Visit)> = stream::iter(targets(sample))
            .map(|target| async {
                let outcome = timeout_at(deadline, self.open(&target)).await.unwrap_or(Visit::Unknown);
                (target, outcome)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        found.sort_by_key(|(target, _)| (target.row, target.kind == Kind::Image));
        tell(&found, findings);
    }

    async fn open(&self, target: &Target) -> Visit {
        let Ok(url) = Url::parse(&target.url) else { return Visit::Dead("not a URL".to_owned()) };
        let answer = async {
            match target.kind {
                Kind::Page => self.page(&url, &target.id).await,
                Kind::Image => self.image(&url).await,
            }
        };
        // The turn's wait is ours and does not count against the host.
        self.turns.wait(&url).await;
        match timeout(PATIENCE, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(detail)) => Visit::Silent(detail),
            Err(_) => Visit::Silent(format!("> {} s", PATIENCE.as_secs())),
        }
    }

    async fn page(&self, url: &Url, id: &str) -> Result<Visit, String> {
        let mut answer = self.send(Method::HEAD, url, Kind::Page).await?;
        if !matches!(Visit::of(answer.status), Visit::Alive | Visit::Unknown) {
            // Some hosts refuse HEAD, with any status; a page that is gone for GET, too, is gone.
            self.turns.wait(url).await;
            answer = self.send(Method::GET, url, Kind::Page).await?;
        }
        Ok(match Visit::of(answer.status) {
            Visit::Alive if is_elsewhere(url, &answer.url, id) => {
                Visit::Flawed(ProblemKind::PageElsewhere, format!("→ {}", shown(answer.url.as_str())))
            }
            outcome => outcome,
        })
    }

    async fn image(&self, url: &Url) -> Result<Visit, String> {
        let response = self.send(Method::GET, url, Kind::Image).await?;
        if !response.status.is_success() {
            return Ok(Visit::of(response.status));
        }
        let (mut first, mut body, mut whole) = (BytesMut::new(), response.body, true);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| error.detail)?;
            first.extend_from_slice(&chunk[..chunk.len().min(FIRST_BYTES - first.len())]);
            if first.len() == FIRST_BYTES {
                whole = false;
                break;
            }
        }
        Ok(judge(&first, whole))
    }

    async fn send(&self, method: Method, url: &Url, kind: Kind) -> Result<Response, String> {
        let headers = browser::headers(kind == Kind::Image);
        let request = Request { method, url: url.clone(), headers, body: None, reach: self.reach };
        self.web.send(request).await.map_err(|error| error.detail)
    }
}

fn targets(sample: &[SampledRow]) -> Vec<Target> {
    let both = |row: &SampledRow| [(Kind::Page, row.link.clone()), (Kind::Image, row.image.clone())];
    sample
        .iter()
        .flat_map(|row| both(row).map(|(kind, url)| (row, kind, url)))
        .filter_map(|(row, kind, url)| Some(Target { kind, row: row.row, id: row.id.clone(), url: url? }))
        .collect()
}

#[cfg(test)]
mod tests;
