//! RFC 6901.

use std::fmt;

/// An RFC 6901 JSON Pointer: `/moreProducts/productWindow`; empty for the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JsonPointer(Vec<String>);

impl JsonPointer {
    /// Parses the text form.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(tokens(text)?.map(unmasked).collect()))
    }

    /// Of these keys, outermost first.
    pub(super) fn of(tokens: Vec<String>) -> Self {
        Self(tokens)
    }

    /// The keys to follow, outermost first.
    pub(crate) fn tokens(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|token| write!(f, "/{}", masked(token)))
    }
}

/// What stands between the slashes, still masked.
pub(super) fn tokens(text: &str) -> Result<impl Iterator<Item = &str>, String> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err(format!("a JSON Pointer starts with /, as in /products, found {text:?}"));
    }
    Ok(text.split('/').skip(1))
}

pub(super) fn unmasked(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

pub(super) fn masked(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
