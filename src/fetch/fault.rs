//! What one try can die of: whether another may help, and what people are told after the last.
//!
//! It never tries anything.

use std::time::Duration;

use super::error::{Asked, FetchError, passes};
use crate::web::{Discretion, Foreign};

/// Why a try failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An error status, with the first bytes of the answer.
    Status { status: u16, body: Vec<u8>, retry_after: Option<Duration> },
    /// No connection, or a broken one.
    Network(Foreign),
    /// Nothing came for this long.
    Silence(Duration),
    /// Gzip that is damaged or ends in the middle.
    Damaged,
    /// It is compressed in another way: `deflate`, `zstd`, `br`, or what `Content-Encoding` says.
    Coding(Foreign),
    /// Gzip within gzip within gzip.
    TooOften,
    /// The text is over too early.
    CutOff,
    /// The file cannot be read.
    File(String),
    /// No request can be made of the URL, its redirects never end, or no client can be made on this machine.
    Request(Foreign),
}

impl Fault {
    /// In a few words, with as many of the source's as may be told.
    pub fn told(&self, discretion: &Discretion) -> String {
        match self {
            Self::Status { status, .. } => format!("status {status}"),
            Self::Network(text) | Self::Request(text) => discretion.tell(text).to_owned(),
            Self::File(text) => text.clone(),
            Self::Silence(limit) => format!("nothing came for {limit:?}"),
            Self::Damaged => "the gzip is damaged or cut off".to_owned(),
            Self::Coding(name) => {
                format!("compressed with {}", discretion.tell(name))
            }
            Self::TooOften => "compressed more than twice".to_owned(),
            Self::CutOff => "it ends in the middle".to_owned(),
        }
    }

    /// Whether another try may help.
    pub fn passes(&self) -> bool {
        match self {
            Self::Status { status, .. } => passes(*status),
            Self::Network(_) | Self::Silence(_) | Self::CutOff | Self::Damaged => true,
            Self::Coding(_) | Self::TooOften | Self::File(_) | Self::Request(_) => false,
        }
    }

    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What the last of several tries died of, after so many decoded bytes.
    pub fn error(self, place: &Asked, handed: u64) -> FetchError {
        const ASK: &str = "run the export again; if that does not help, ask the source";
        let unreachable = |found: String, advice| FetchError::unreachable(place, &found, advice, true);
        let unreadable = |found: &str| FetchError::unreadable(place, found, &[]);
        match self {
            Self::Status { status, body, .. } => FetchError::refused(place, status, &body),
            Self::Network(text) => unreachable(
                format!("{} ({handed} bytes were read)", place.discretion.tell(&text)),
                "check CATALOG_URL and that the source is up, then run the export again",
            ),
            Self::Silence(limit) => unreachable(
                format!("no byte came for {} s ({handed} bytes were read)", limit.as_secs_f64()),
                "the source is too slow: run the export again later",
            ),
            Self::Damaged => unreachable(
                format!("its gzip is damaged or ends in the middle ({handed} bytes were read)"),
                ASK,
            ),
            Self::CutOff => unreachable(format!("it ends in the middle, after {handed} bytes"), ASK),
            Self::Coding(name) => unreadable(&format!(
                "expected JSON, plain or in gzip, found it compressed with {}, which was not asked for; ask \
                 the source for gzip",
                place.discretion.tell(&name)
            )),
            Self::TooOften => unreadable(
                "it is gzip within gzip within gzip, and only two of them are taken off; ask the source",
            ),
            Self::File(text) => {
                FetchError::unreachable(place, &text, "check CATALOG_URL and the file it names", false)
            }
            Self::Request(text) => {
                let found = place.discretion.tell(&text);
                FetchError::unreachable(place, found, "check CATALOG_URL", false)
            }
        }
    }
}
