//! Why the catalogue could not be read, in a sentence that says where, what was found and what to do.
//!
//! It never shows credentials: of a URL only that is shown which can be none, and where anything else stands in it, no
//! word of what came back is quoted.

use std::fmt;

use super::split::SplitError;
use crate::{
    report::FailureKind,
    web::{Discretion, ShownUrl},
};

/// Characters quoted of what a source sent.
const QUOTED: usize = 120;

/// Why the catalogue could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nobody takes the products any more; not a fault of the catalogue.
    #[error("reading the catalogue was given up, because nobody takes its products any more")]
    Cancelled,
    /// The catalogue, or the way to it.
    #[error("{said}")]
    Failed {
        /// Which URL, after how many tries, what was found and what to do.
        said: String,
        /// What kind of failure the run reports.
        kind: FailureKind,
        /// Whether another call may find it mended.
        retryable: bool,
        /// Whether the source says that there is no such thing, a department for instance.
        is_not_there: bool,
    },
}

impl FetchError {
    /// What kind of failure the run reports. `Cancelled` is `Internal`: whoever cancelled knows better.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Cancelled => FailureKind::Internal,
            Self::Failed { kind, .. } => *kind,
        }
    }

    /// Whether the same call may work later.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed { retryable: true, .. })
    }

    pub(super) fn is_not_there(&self) -> bool {
        matches!(self, Self::Failed { is_not_there: true, .. })
    }

    /// It could not be reached, was too slow, broke off or changed while it was read.
    pub(super) fn unreachable(place: &Asked, found: &str, advice: &str, retryable: bool) -> Self {
        let said = format!("{place}: {found}; {advice}");
        Self::Failed { said, kind: FailureKind::CatalogueUnreachable, retryable, is_not_there: false }
    }

    /// It answered with an error status.
    pub(super) fn refused(place: &Asked, status: u16, body: &[u8]) -> Self {
        let advice = match status {
            401 | 403 => "check CATALOG_URL, its credentials, and whether the source blocks us",
            404 | 410 => "check CATALOG_URL: this version of the source may have ended",
            429 => "the source is asked too often: lower CATALOG_CONCURRENCY or try again later",
            _ if passes(status) => "the source is in trouble: try again later",
            _ => "check CATALOG_URL and what the source asks of its readers",
        };
        let quoted = place.quoted(body);
        Self::Failed {
            said: format!("{place}: expected status 200, found {status}; {advice}{quoted}"),
            kind: FailureKind::CatalogueRefused,
            retryable: passes(status),
            is_not_there: matches!(status, 400 | 404 | 410),
        }
    }

    /// It is not what the settings say, and begins with `head`.
    pub(super) fn unreadable(place: &Asked, found: &str, head: &[u8]) -> Self {
        let said = format!("{place}: {found}{}", place.quoted(head));
        let kind = FailureKind::CatalogueUnreadable;
        Self::Failed { said, kind, retryable: false, is_not_there: false }
    }

    /// Its windows would never end.
    pub(super) fn endless(url: ShownUrl, found: &str, advice: &str) -> Self {
        let place = Asked { discretion: Discretion::of(&url), url, tries: 1 };
        Self::unreadable(&place, &format!("{found}: the pages would never end; {advice}"), &[])
    }

    /// Its text cannot be split. An error page with status 200, or an empty one, often goes away.
    pub(super) fn of_split(place: &Asked, cause: &SplitError, head: &[u8]) -> Self {
        let mut error = Self::unreadable(place, &cause.told(&place.discretion), head);
        if let Self::Failed { retryable, .. } = &mut error {
            *retryable = matches!(cause, SplitError::Html | SplitError::Empty | SplitError::NoHeader { .. });
        }
        error
    }
}

/// Whether an error status usually goes away by itself.
pub(super) fn passes(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

/// Which URL, after how many tries.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub url: ShownUrl,
    pub tries: u32,
    /// What of its answer may be told.
    pub discretion: Discretion,
}

impl Asked {
    /// The first bytes of what came from there, readably: `; it begins with "…"`, or nothing for no bytes.
    fn quoted(&self, bytes: &[u8]) -> String {
        if bytes.is_empty() {
            return String::new();
        }
        if let Some(why) = self.discretion.why() {
            let kind = if std::str::from_utf8(bytes).is_ok() { "text" } else { "no text" };
            let length = bytes.len();
            return format!("; its first {length} bytes, which are {kind}, are not quoted, because {why}");
        }
        let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
        let text: String = String::from_utf8_lossy(bytes).chars().take(QUOTED).map(shown).collect();
        format!("; it begins with \"{text}\"")
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)?;
        if self.tries > 1 { write!(f, " (after {} tries)", self.tries) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(url: &str) -> Asked {
        let url = ShownUrl::of_text(url);
        Asked { discretion: Discretion::of(&url), url, tries: 1 }
    }

    #[test]
    fn first_bytes_are_shown_readably_and_shortly() {
        for (bytes, shown) in [
            (&b""[..], ""),
            (b"<html>\r\n\x1b[0m\0", "; it begins with \"<html>\\r\\n\\u{1b}[0m\\0\""),
            (b"\xff\xfe", "; it begins with \"\u{fffd}\u{fffd}\""),
            ("의자".as_bytes(), "; it begins with \"의자\""),
        ] {
            assert_eq!(place("https://a.example/").quoted(bytes), shown);
        }
        let kept = place("https://a.example/?key=s3cr3t");
        assert_eq!(
            kept.quoted(b"seven b"),
            "; its first 7 bytes, which are text, are not quoted, because CATALOG_URL holds values that are kept secret"
        );
        assert_eq!(kept.quoted(b""), "");
        let long = place("https://a.example/").quoted(&[b'x'; 500]);
        assert_eq!(long.matches('x').count(), QUOTED);
    }
}
