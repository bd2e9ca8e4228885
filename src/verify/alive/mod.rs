//! Do the pages and images of a few rows open? HEAD first, GET where HEAD is refused; an image's size by its first
//! bytes.
//!
//! It opens what the feed names, so it goes to the public web only, unless the feed itself is on this machine. It is
//! polite: few requests at once, a pause for each host, no body read further than needed. It never tries again.

mod image;
mod polite;

use std::time::Duration;

use bytes::BytesMut;
use futures_util::{StreamExt, stream};
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderValue, RANGE, USER_AGENT},
};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use self::{
    image::{Picture, judge},
    polite::Turns,
};
use super::{
    READER,
    findings::{Findings, shown},
    inspect::SampledRow,
};
use crate::{
    report::{CheckId, Example, ProblemKind},
    web::{Reach, Request, Response, Web},
};

/// Requests under way at once.
const AT_ONCE: usize = 4;
/// Of fewer pages or images nobody can say that most are gone.
const LEAST_OF_KIND: usize = 4;
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

/// What became of it.
enum Outcome {
    Alive,
    /// It is alive, but not as an image should be.
    Flawed(ProblemKind, String),
    /// Somebody answered that it is not there, or nobody can open it.
    Dead(String),
    /// Nobody answered.
    Silent(String),
    /// There was no time for it, or we were told to ask less.
    Unknown,
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

    /// Looks at each address until `deadline`, and gives how many of how many opened: `39/40`.
    pub async fn check(&self, sample: &[SampledRow], deadline: Instant, findings: &mut Findings) -> String {
        let mut found: Vec<(Target, Outcome)> = stream::iter(targets(sample))
            .map(|target| async {
                let outcome = timeout_at(deadline, self.open(&target)).await.unwrap_or(Outcome::Unknown);
                (target, outcome)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        found.sort_by_key(|(target, _)| (target.row, target.kind == Kind::Image));
        tell(&found, findings)
    }

    async fn open(&self, target: &Target) -> Outcome {
        let Ok(url) = Url::parse(&target.url) else { return Outcome::Dead("not a URL".to_owned()) };
        let answer = async {
            match target.kind {
                Kind::Page => self.page(&url).await,
                Kind::Image => self.image(&url).await,
            }
        };
        // The turn's wait is ours and does not count against the host.
        self.turns.wait(&url).await;
        match timeout(PATIENCE, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(detail)) => Outcome::Silent(detail),
            Err(_) => Outcome::Silent(format!("> {} s", PATIENCE.as_secs())),
        }
    }

    async fn page(&self, url: &Url) -> Result<Outcome, String> {
        let head = self.send(Method::HEAD, url).await?.status;
        if head.is_success() || asks_for_less(head) {
            return Ok(by_status(head));
        }
        // Some hosts refuse HEAD, with any status; a page that is gone for GET, too, is gone.
        self.turns.wait(url).await;
        Ok(by_status(self.send(Method::GET, url).await?.status))
    }

    async fn image(&self, url: &Url) -> Result<Outcome, String> {
        let response = self.send(Method::GET, url).await?;
        if !response.status.is_success() {
            return Ok(by_status(response.status));
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
        Ok(match judge(&first, whole) {
            Picture::Fine => Outcome::Alive,
            Picture::OutOfBounds(size) => Outcome::Flawed(ProblemKind::ImageSize, size),
            Picture::None => Outcome::Flawed(ProblemKind::NotAnImage, String::new()),
        })
    }

    async fn send(&self, method: Method, url: &Url) -> Result<Response, String> {
        let mut headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(READER))]);
        if method == Method::GET {
            headers.insert(RANGE, HeaderValue::from_static("bytes=0-65535"));
        }
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

/// Whether the host is busy, perhaps with us: that says nothing of the page.
fn asks_for_less(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

fn by_status(status: StatusCode) -> Outcome {
    match status {
        status if status.is_success() => Outcome::Alive,
        status if asks_for_less(status) => Outcome::Unknown,
        status => Outcome::Dead(status.as_u16().to_string()),
    }
}

fn tell(found: &[(Target, Outcome)], findings: &mut Findings) -> String {
    let asked = found.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Unknown)).count();
    let silent = found.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Silent(_))).count();
    if asked == 0 {
        findings.add(CheckId::Alive, ProblemKind::NotChecked, Example::default);
        return "–".to_owned();
    }
    let all_silent = silent == asked;
    let mut dead = 0;
    for (target, outcome) in found {
        let (kind, value) = match (outcome, target.kind) {
            (Outcome::Alive | Outcome::Unknown, _) => continue,
            (Outcome::Flawed(kind, value), _) => (*kind, value),
            (Outcome::Silent(value), _) if all_silent => (ProblemKind::NoneAnswered, value),
            (Outcome::Dead(value) | Outcome::Silent(value), kind) => {
                dead += 1;
                (if kind == Kind::Page { ProblemKind::DeadPage } else { ProblemKind::DeadImage }, value)
            }
        };
        findings.add(CheckId::Alive, kind, || Example {
            row: Some(target.row),
            id: Some(target.id.clone()).filter(|id| !id.is_empty()),
            value: Some([shown(&target.url).as_str(), value].join(" ").trim_end().to_owned()),
            ..Example::default()
        });
    }
    // Each kind by itself, too: with every image gone the pages may be fine.
    let of_kind = |kind: Kind| {
        let answers = || found.iter().filter(|(target, _)| target.kind == kind).map(|(_, outcome)| outcome);
        let is_dead = |outcome: &&Outcome| matches!(outcome, Outcome::Dead(_) | Outcome::Silent(_));
        let is_known = |outcome: &&Outcome| !matches!(outcome, Outcome::Unknown);
        (answers().filter(is_dead).count(), answers().filter(is_known).count())
    };
    let kinds =
        [Kind::Page, Kind::Image].map(of_kind).into_iter().filter(|(_, asked)| *asked >= LEAST_OF_KIND);
    let mostly = std::iter::once((dead, asked)).chain(kinds).find(|(dead, asked)| dead * 2 > *asked);
    if let Some((dead, asked)) = mostly.filter(|_| !all_silent) {
        findings.add(CheckId::Alive, ProblemKind::MostlyDead, || Example {
            value: Some(format!("{dead} / {asked}")),
            ..Example::default()
        });
    }
    let opened = if all_silent { 0 } else { asked - dead };
    format!("{opened}/{asked}")
}

#[cfg(test)]
mod tests;
