//! Why the catalogue could not be read, in a sentence that says where, what was found and what to do.
//!
//! It never shows credentials: of a URL only that is shown which can be none, and where anything else stands in it, no
//! word of what came back is quoted.

use std::{fmt, fmt::Write as _};

use super::split::SplitError;
use crate::{
    report::FailureKind,
    web::{Discretion, ShownUrl, Why},
};

/// Characters quoted of what a source sent.
const QUOTED: usize = 120;

/// Why the catalogue could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody takes the products any more; not a fault of the catalogue.
    #[error("reading the catalogue was given up, because nobody takes its products any more")]
    Cancelled,
    /// It could not be reached, was too slow, broke off or changed while it was read.
    #[error("{place}: {found}; {advice}")]
    Unreachable {
        /// The URL and the number of tries.
        place: Place,
        /// What happened.
        found: String,
        /// What to do.
        advice: &'static str,
        /// Whether another call may find it mended.
        retryable: bool,
    },
    /// It answered with an error status.
    #[error("{place}: expected status 200, found {status}; {advice}{body}")]
    Refused {
        /// The URL and the number of tries.
        place: Place,
        /// The HTTP status.
        status: u16,
        /// What to do.
        advice: &'static str,
        /// The first bytes of the answer.
        body: Head,
    },
    /// It is not what the settings say.
    #[error("{place}: {found}{body}")]
    Unreadable {
        /// The URL and the number of tries.
        place: Place,
        /// What was expected, what was found, what to do.
        found: String,
        /// The first bytes of the text.
        body: Head,
        /// Whether another call may find it mended: an error page with status 200 often goes away.
        retryable: bool,
    },
}

impl FetchError {
    /// What kind of failure the run reports. `Cancelled` is `Internal`: whoever cancelled knows better.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Cancelled => FailureKind::Internal,
            Self::Unreachable { .. } => FailureKind::CatalogueUnreachable,
            Self::Refused { .. } => FailureKind::CatalogueRefused,
            Self::Unreadable { .. } => FailureKind::CatalogueUnreadable,
        }
    }

    /// Whether the same call may work later.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Cancelled => true,
            Self::Unreachable { retryable, .. } | Self::Unreadable { retryable, .. } => *retryable,
            Self::Refused { status, .. } => passes(*status),
        }
    }

    /// Whether the source says that there is no such thing, a department for instance.
    pub(super) fn is_not_there(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 404 | 410, .. })
    }

    pub(super) fn unreadable(place: Place, cause: &SplitError, head: &[u8]) -> Self {
        let retryable = matches!(cause, SplitError::Html | SplitError::Empty);
        let (found, body) = (cause.told(&place.discretion), place.head(head));
        Self::Unreadable { place, found, body, retryable }
    }

    pub(super) fn refused(place: Place, status: u16, body: &[u8]) -> Self {
        let body = place.head(body);
        let advice = match status {
            401 | 403 => "check CATALOG_URL, its credentials, and whether the source blocks us",
            404 | 410 => "check CATALOG_URL: this version of the source may have ended",
            429 => "the source is asked too often: lower CATALOG_CONCURRENCY or try again later",
            _ if passes(status) => "the source is in trouble: try again later",
            _ => "check CATALOG_URL and what the source asks of its readers",
        };
        Self::Refused { place, status, advice, body }
    }
}

/// Whether an error status usually goes away by itself.
pub(super) fn passes(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

/// Which URL, after how many tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The URL.
    pub url: ShownUrl,
    /// How often it was tried.
    pub tries: u32,
    /// What of its answer may be told.
    pub discretion: Discretion,
}

impl Place {
    /// The first bytes of what came from there, which may tell what was asked for.
    pub(super) fn head(&self, bytes: &[u8]) -> Head {
        match self.discretion.why() {
            Some(why) => Head::Kept { why, bytes: bytes.len(), is_text: std::str::from_utf8(bytes).is_ok() },
            None => Head::Told(bytes.to_vec()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)?;
        if self.tries > 1 { write!(f, " (after {} tries)", self.tries) } else { Ok(()) }
    }
}

/// The first bytes of what a source sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// They are shown readably: `; it begins with "…"`, or nothing for no bytes.
    Told(Vec<u8>),
    /// They are not, because they may repeat a secret.
    Kept {
        /// Why.
        why: Why,
        /// How many there are.
        bytes: usize,
        /// Whether they are text.
        is_text: bool,
    },
}

impl Head {
    /// Where nothing came.
    pub(super) fn none() -> Self {
        Self::Told(Vec::new())
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = match self {
            Self::Kept { bytes: 0, .. } => return Ok(()),
            Self::Kept { why, bytes, is_text } => {
                let kind = if *is_text { "text" } else { "no text" };
                return write!(
                    f,
                    "; its first {bytes} bytes, which are {kind}, are not quoted, because {why}"
                );
            }
            Self::Told(bytes) if bytes.is_empty() => return Ok(()),
            Self::Told(bytes) => bytes,
        };
        f.write_str("; it begins with \"")?;
        for c in String::from_utf8_lossy(bytes).chars().take(QUOTED) {
            match c {
                '"' => f.write_char('"')?,
                c if c.is_control() => write!(f, "{}", c.escape_debug())?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_are_shown_readably_and_shortly() {
        for (bytes, shown) in [
            (&b""[..], ""),
            (b"<html>\r\n\x1b[0m\0", "; it begins with \"<html>\\r\\n\\u{1b}[0m\\0\""),
            (b"\xff\xfe", "; it begins with \"\u{fffd}\u{fffd}\""),
            ("의자".as_bytes(), "; it begins with \"의자\""),
        ] {
            assert_eq!(Head::Told(bytes.to_vec()).to_string(), shown);
        }
        let kept = Head::Kept { why: Why::Hidden, bytes: 7, is_text: true };
        assert_eq!(
            kept.to_string(),
            "; its first 7 bytes, which are text, are not quoted, because CATALOG_URL holds values that are kept secret"
        );
        assert_eq!(Head::Told(vec![b'x'; 500]).to_string().matches('x').count(), QUOTED);
    }
}
