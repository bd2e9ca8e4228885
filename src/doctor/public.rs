//! `FEED_URL`: whether readers get what the store says is public, through the cache that is set.
//!
//! It asks as readers do, and reads no further than the head: the feed itself is for `verify-ep`.

use reqwest::header;
use url::Url;

use super::{Doctor, Finding, wording};
use crate::{
    feed_store::{FeedError, META_BUILD},
    report::{BuildId, BuildInfo},
    web::{Request, Web, WebError},
};

/// By this header an answer shows that it came through CloudFront.
const THROUGH: &str = "x-amz-cf-id";

/// What readers are told of the public file.
#[derive(Debug)]
pub(super) struct Seen {
    pub status: u16,
    /// How long the file is.
    pub bytes: Option<u64>,
    /// Which build it says it is.
    pub build: Option<BuildId>,
    /// Whether it came through CloudFront.
    pub through_cloudfront: bool,
}

/// Both sides of the public file.
#[derive(Debug)]
pub(super) struct Sides {
    /// What the store says is public.
    pub stored: Result<Option<BuildInfo>, FeedError>,
    /// What readers are told.
    pub seen: Result<Seen, WebError>,
    /// Whether a distribution is set.
    pub has_distribution: bool,
}

pub(super) async fn look(doctor: &Doctor) -> Finding {
    let feed = &doctor.config.feed;
    let Some(url) = &feed.url else { return wording::no_feed_url() };
    let (stored, seen) = tokio::join!(doctor.feed.published(), head(&*doctor.web, url));
    let sides = Sides { stored, seen, has_distribution: feed.distribution.is_some() };
    wording::feed_url(&sides, &doctor.feed.location())
}

async fn head(web: &dyn Web, url: &Url) -> Result<Seen, WebError> {
    // Who may get a file may not always ask for its head alone. The body goes with the answer.
    let answer = web.send(Request::get(url.clone())).await?;
    let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    Ok(Seen {
        status: answer.status.as_u16(),
        bytes: text(header::CONTENT_LENGTH.as_str()).and_then(|bytes| bytes.parse().ok()),
        build: text(META_BUILD).and_then(|build| BuildId::parse(build).ok()),
        through_cloudfront: text(THROUGH).is_some(),
    })
}

/// What a look at both sides shows, from the best on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// Readers get the build that the store says is public.
    TheBuild,
    /// A file of the same length, but nobody says which.
    TheLength,
    /// Nothing is public yet, and that is what readers are told.
    NothingYet,
    /// Something is there that auto-ep did not publish.
    Foreign,
    /// Another build, or another file.
    Another,
    /// Readers are refused, or told something else.
    Status,
}

impl Shows {
    /// By what the store says and what readers are told.
    pub fn of(stored: Option<&BuildInfo>, seen: &Seen) -> Self {
        match (stored, seen.status) {
            (None, 403 | 404) => Self::NothingYet,
            (None, 200) => Self::Foreign,
            (Some(stored), 200) => match &seen.build {
                Some(build) if *build == stored.build => Self::TheBuild,
                Some(_) => Self::Another,
                None if seen.bytes == Some(stored.file.bytes) => Self::TheLength,
                None => Self::Another,
            },
            _ => Self::Status,
        }
    }
}
