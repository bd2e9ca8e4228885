//! Where an answer says something of itself: how much there is in all, or where it goes on.

use std::fmt;

use reqwest::header::HeaderName;
use serde::Deserialize;

use crate::json::JsonPointer;

/// What a header's name is written behind.
const HEADER: &str = "header:";

/// Where an answer says something of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Said {
    /// In its text: `/paging/total`.
    At(JsonPointer),
    /// In one of its headers: `header:X-WP-Total`.
    Header(HeaderName),
}

impl TryFrom<String> for Said {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Said {
    /// Parses a JSON Pointer, or a header's name behind `header:`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix(HEADER) {
            Some(name) => HeaderName::from_bytes(name.trim().as_bytes())
                .map(Self::Header)
                .map_err(|_| format!("expected a header's name behind {HEADER}, found {name:?}")),
            None => JsonPointer::parse(text)
                .map(Self::At)
                .map_err(|error| format!("{error}; a header is written {HEADER}X-Total")),
        }
    }

    /// The pointer, where it is one.
    pub(crate) fn pointer(&self) -> Option<&JsonPointer> {
        match self {
            Self::At(pointer) => Some(pointer),
            Self::Header(_) => None,
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(pointer) => pointer.fmt(f),
            Self::Header(name) => write!(f, "{HEADER}{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_pointer_or_a_header() {
        for (text, shown) in
            [("/a/b", "/a/b"), ("header:X-WP-Total", "header:x-wp-total"), ("header: Link", "header:link")]
        {
            assert_eq!(Said::parse(text).map(|said| said.to_string()).as_deref(), Ok(shown));
        }
        for text in ["total", "header:", "header:a b", "Header:Link"] {
            let error = Said::parse(text).unwrap_err();
            assert!(error.contains("header"), "{text}: {error}");
        }
    }
}
