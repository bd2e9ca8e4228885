//! The port to the feed: builds under keys of their own, one public file, and the cache in front of it.
//!
//! It never decides what is published and never looks into a build: bytes come in, bytes go out.

mod aws;
mod cloudfront;
mod folder;
mod s3;

pub use cloudfront::CloudFront;
pub use folder::FolderFeed;
pub use s3::S3Feed;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use crate::report::{BuildId, BuildInfo, Fingerprint, Fingerprinter, Invalidation};

/// A file of a build: the only place that knows where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedKey {
    /// `builds/<build>.tsv`
    Build(BuildId),
    /// `builds/<build>.excluded.tsv`
    Excluded(BuildId),
}

impl FeedKey {
    /// The key below the store's root.
    pub fn path(&self) -> String {
        match self {
            Self::Build(id) => format!("builds/{id}.tsv"),
            Self::Excluded(id) => format!("builds/{id}.excluded.tsv"),
        }
    }
}

/// Content type of every file of the feed.
pub(crate) const CONTENT_TYPE: &str = "text/tab-separated-values; charset=utf-8";
/// Builds never change, so they may be cached for ever; nobody but us reads them.
pub(crate) const BUILD_CACHE_CONTROL: &str = "private, max-age=31536000, immutable";
/// Readers ask again each time, so that the invalidation is the belt, not the trousers.
pub(crate) const PUBLIC_CACHE_CONTROL: &str = "public, max-age=0, must-revalidate";

/// The header by which the public file says which build it is.
pub(crate) const META_BUILD: &str = "x-amz-meta-build";

/// One piece of a file on its way to the store.
#[derive(Debug)]
pub enum Part {
    /// The next bytes. Every `Data` but the last holds at least [`MIN_PART`] bytes.
    Data(Bytes),
    /// The file is whole. Without it (the sender was dropped) the upload is aborted and leaves nothing behind.
    End,
}

/// The least size of every part but the last: S3's own limit of 5 MiB.
pub const MIN_PART: usize = 5 * 1024 * 1024;

/// Why the feed store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The sender went away before [`Part::End`]; nothing was left behind.
    #[error("{object}: the upload was given up before its end")]
    Aborted {
        /// The object's full name, as `s3://bucket/key` or a file path.
        object: String,
    },
    /// There is no such object.
    #[error("{object}: not there")]
    NotFound {
        /// The object's full name.
        object: String,
    },
    /// The store refused: no such bucket, no permission, wrong keys. A retry will not help.
    #[error("{object}: {reason}")]
    Refused {
        /// The object's full name.
        object: String,
        /// What the store said, and what to do.
        reason: String,
    },
    /// The store could not be reached or failed.
    #[error("{object}: {reason}")]
    Unavailable {
        /// The object's full name.
        object: String,
        /// What happened.
        reason: String,
    },
}

/// What exports need of a store, one by one, for whoever looks whether it is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter)]
pub enum Probe {
    /// A small file is written.
    Put,
    /// An upload in parts is begun, and aborted.
    Multipart,
    /// The file that [`Self::Put`] wrote is copied within the store.
    Copy,
    /// A file that is not there is looked for, and that is what the store says.
    Missing,
    /// What [`Self::Put`] and [`Self::Copy`] left is removed. Exports never do that, so it may be forbidden.
    Remove,
    /// The cache is told to drop a path that nobody reads.
    Invalidate,
}

/// The files of a probe: where it is written, and where it is copied to.
fn probe_paths(name: &str) -> [String; 2] {
    [format!("builds/doctor-{name}.tsv"), format!("builds/doctor-{name}.copy.tsv")]
}

/// What stands in a probe's file.
const PROBE: &str = "written by auto-ep doctor, to see that it can be; nobody reads it\n";

/// A store of feed files.
#[async_trait]
pub trait FeedStore: Send + Sync {
    /// Takes the parts as they come and makes the file appear at `key` in one atomic step after [`Part::End`].
    /// On any error, and when the sender is dropped early, nothing appears and nothing is left that costs money.
    async fn write(&self, key: &FeedKey, parts: mpsc::Receiver<Part>) -> Result<(), FeedError>;

    /// Streams the file at `key` in chunks of any size.
    async fn read(&self, key: &FeedKey) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError>;

    /// Makes the public file the given build, in one atomic step, with `x-amz-meta-build`, `-sha256` and `-rows`.
    async fn publish(&self, info: &BuildInfo) -> Result<(), FeedError>;

    /// What the public file says it is: `None` where there is no public file or it is not one of ours.
    async fn published(&self) -> Result<Option<BuildInfo>, FeedError>;

    /// Asks the cache in front of the public file to drop it and waits, 60 s at most. The same `reference` never
    /// makes a second invalidation. Never an error: a failed invalidation is degraded, not failed.
    async fn invalidate(&self, reference: &str) -> Invalidation;

    /// Tries one thing on files `builds/doctor-<name>…` of their own, which are no build and never become public; `false`
    /// where this store has no such thing.
    async fn probe(&self, what: Probe, name: &str) -> Result<bool, FeedError>;

    /// Where the feed is, for people: `s3://bucket/prefix` or a folder.
    fn location(&self) -> String;

    /// Where one file is, for people.
    fn location_of(&self, key: &FeedKey) -> String;
}

/// Chunks read ahead of whoever reads.
const READ_AHEAD: usize = 4;

/// The chunks up to the first error, as they are taken.
fn read_ahead(
    chunks: impl Stream<Item = Result<Bytes, FeedError>> + Send + 'static,
) -> mpsc::Receiver<Result<Bytes, FeedError>> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    tokio::spawn(async move {
        let mut chunks = std::pin::pin!(chunks);
        while let Some(chunk) = chunks.next().await {
            let is_broken = chunk.is_err();
            if sender.send(chunk).await.is_err() || is_broken {
                return;
            }
        }
    });
    receiver
}

/// What the chunks of a file come to, read to its end.
pub(crate) async fn fingerprint(
    mut chunks: mpsc::Receiver<Result<Bytes, FeedError>>,
) -> Result<Fingerprint, FeedError> {
    let mut sum = Fingerprinter::default();
    while let Some(chunk) = chunks.recv().await {
        sum.push(&chunk?);
    }
    Ok(sum.finish())
}
