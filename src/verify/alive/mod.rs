//! Do the pages and images of a few rows open, and does a page say what its row says? An image's size is told by its first
//! bytes, what a page says by the JSON-LD of its first MiB; where pages are only opened, HEAD comes first, and GET where
//! that is refused.
//!
//! It opens what the feed names, so it goes to the public web only, unless the feed itself is on this machine. It asks
//! as a browser does, because shops turn away what is none, and what counts is what their customers see. It is polite:
//! few requests at once, a pause for each host, no body read further than needed. It never tries again.

mod browser;
mod elsewhere;
mod image;
mod linked;
mod offer;
mod polite;
mod shop;
mod told;

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use reqwest::Method;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use self::{
    elsewhere::is_elsewhere,
    image::judge,
    offer::{Compared, compare},
    polite::Turns,
    told::{Visit, tell},
};
use super::{
    findings::{Findings, shown},
    inspect::SampledRow,
};
use crate::{
    report::ProblemKind,
    web::{Reach, Request, Response, Web, WebBody},
};

/// Requests under way at once.
const AT_ONCE: usize = 4;
/// How long one page or image may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an image is read: enough for the size of nearly all, and little for everybody.
const FIRST_BYTES: usize = 64 * 1024;
/// How much of a page is read: what it says of its product stands in the head, mostly.
const PAGE_BYTES: usize = 1024 * 1024;
/// How long that may take. What has come by then counts.
const READING: Duration = Duration::from_secs(5);

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
    /// `price_pc`, where it is a price.
    price: Option<u64>,
}

/// Opens the pages and images of a sample.
pub struct Opener<'a> {
    web: &'a dyn Web,
    reach: Reach,
    turns: Turns,
    /// Whether pages are compared with their rows, and since when these are public, where that is known.
    compares: Option<Option<Timestamp>>,
}

impl<'a> Opener<'a> {
    /// Through `web`, as far as `reach` allows.
    pub fn new(web: &'a dyn Web, reach: Reach) -> Self {
        Self { web, reach, turns: Turns::default(), compares: None }
    }

    /// Compares pages with their rows, too, which are of a build that is public `since` then.
    #[must_use]
    pub fn comparing(self, since: Option<Timestamp>) -> Self {
        Self { compares: Some(since), ..self }
    }

    /// Looks at each address until `deadline`.
    pub async fn check(&self, sample: &[SampledRow], deadline: Instant, findings: &mut Findings) {
        let mut found: Vec<(Target, Visit, Compared)> = stream::iter(targets(sample))
            .map(|target| async {
                let opened = timeout_at(deadline, self.open(&target)).await;
                let (outcome, compared) = opened.unwrap_or((Visit::Unknown, Compared::default()));
                (target, outcome, compared)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        found.sort_by_key(|(target, ..)| (target.row, target.kind == Kind::Image));
        shop::tell(&found, findings);
        let found: Vec<_> = found.into_iter().map(|(target, outcome, _)| (target, outcome)).collect();
        tell(&found, findings);
    }

    async fn open(&self, target: &Target) -> (Visit, Compared) {
        let alone = |visit| (visit, Compared::default());
        let Ok(url) = Url::parse(&target.url) else { return alone(Visit::Dead("not a URL".to_owned())) };
        let answer = async {
            match (target.kind, self.compares.zip(target.price)) {
                (Kind::Page, Some((since, price))) => {
                    self.product(&url, offer::Row { id: &target.id, price, since }).await
                }
                (Kind::Page, None) => self.page(&url, &target.id).await.map(alone),
                (Kind::Image, _) => self.image(&url).await.map(alone),
            }
        };
        // The turn's wait is ours and does not count against the host.
        self.turns.wait(&url).await;
        match timeout(PATIENCE, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(detail)) => alone(Visit::Silent(detail)),
            Err(_) => alone(Visit::Silent(format!("> {} s", PATIENCE.as_secs()))),
        }
    }

    async fn page(&self, url: &Url, id: &str) -> Result<Visit, String> {
        let mut answer = self.send(Method::HEAD, url, Kind::Page).await?;
        if !matches!(Visit::of(answer.status), Visit::Alive | Visit::Unknown) {
            // Some hosts refuse HEAD, with any status; a page that is gone for GET, too, is gone.
            self.turns.wait(url).await;
            answer = self.send(Method::GET, url, Kind::Page).await?;
        }
        Ok(ended(url, &answer, id))
    }

    /// The page of a product, and how it compares with its row.
    async fn product(&self, url: &Url, row: offer::Row<'_>) -> Result<(Visit, Compared), String> {
        let answer = self.send(Method::GET, url, Kind::Page).await?;
        let visit = ended(url, &answer, row.id);
        if visit != Visit::Alive {
            return Ok((visit, Compared::default()));
        }
        let compared = compare(&first(answer.body).await, &row);
        Ok((visit, compared))
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

/// How many of these addresses open, as they should.
pub(crate) async fn opened(web: &dyn Web, reach: Reach, sample: &[SampledRow], deadline: Instant) -> usize {
    let opener = Opener::new(web, reach);
    let found =
        stream::iter(targets(sample)).map(|target| {
            let opener = &opener;
            async move {
                timeout_at(deadline, opener.open(&target)).await.map_or(Visit::Unknown, |(visit, _)| visit)
            }
        });
    let found: Vec<_> = found.buffer_unordered(AT_ONCE).collect().await;
    let opens = |visit: &&Visit| matches!(visit, Visit::Alive | Visit::Flawed(ProblemKind::ImageSize, _));
    found.iter().filter(opens).count()
}

/// Where a page ended, for a product of this id.
fn ended(url: &Url, answer: &Response, id: &str) -> Visit {
    match Visit::of(answer.status) {
        Visit::Alive if is_elsewhere(url, &answer.url, id) => {
            Visit::Flawed(ProblemKind::PageElsewhere, format!("→ {}", shown(answer.url.as_str())))
        }
        outcome => outcome,
    }
}

/// The beginning of a page, as far as it comes in time.
async fn first(mut body: WebBody) -> Bytes {
    let mut first = BytesMut::new();
    let reading = async {
        while let Some(Ok(chunk)) = body.next().await {
            first.extend_from_slice(&chunk[..chunk.len().min(PAGE_BYTES - first.len())]);
            if first.len() == PAGE_BYTES {
                break;
            }
        }
    };
    // A page that is slow to end is open all the same.
    let _ = timeout(READING, reading).await;
    first.freeze()
}

fn targets(sample: &[SampledRow]) -> Vec<Target> {
    let both = |row: &SampledRow| [(Kind::Page, row.link.clone()), (Kind::Image, row.image.clone())];
    sample
        .iter()
        .flat_map(|row| both(row).map(|(kind, url)| (row, kind, url)))
        .filter_map(|(row, kind, url)| {
            Some(Target { kind, row: row.row, id: row.id.clone(), url: url?, price: row.price })
        })
        .collect()
}

#[cfg(test)]
mod tests;
