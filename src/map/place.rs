//! One place in a product, and where the value that stands there is kept once the product is read.

use std::fmt;

use serde::Deserialize;

use crate::json::{Path, Step};

/// How a place begins that is meant in the product that a variant belongs to.
const OF_PARENT: &str = "..";

/// A place in a product: `/price`, for all elements of a list `/images/*/url`, for some of them
/// `/attributes/*[name=Color]/value`; or in the product that a variant belongs to: `../vendor`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Place {
    path: Path,
    /// Whether it is meant in the product that this one is a variant of, or in that one's.
    pub(crate) of_parent: bool,
    /// Where the value is kept.
    pub(crate) slot: usize,
    /// The way on from what is kept: it is a list, and the values stand in some of its elements.
    pub(crate) inside: Option<Path>,
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Place {
    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (of_parent, path) = match text.strip_prefix(OF_PARENT) {
            Some(path) => (true, path),
            None => (false, text),
        };
        if !path.starts_with('/') {
            return Err(format!(
                "expected a place such as /id, or ../id in a variant's product, found {text:?}"
            ));
        }
        Ok(Self { path: Path::parse(path)?, of_parent, slot: 0, inside: None })
    }

    /// The steps to what is kept of it, outermost first: the whole way, or as far as to the first list of which only
    /// some elements are meant.
    pub(super) fn way(&mut self) -> Vec<Step> {
        let all = self.path.steps();
        let is_some = |step: &Step| matches!(step, Step::Where { .. });
        let end = all.iter().position(is_some).unwrap_or(all.len());
        self.inside = (end < all.len()).then(|| Path::of(all[end..].to_vec()));
        self.path.steps()[..end].to_vec()
    }

    /// Whether a value stands there in a product's text, `null` included, and no list or object in its place. What is
    /// meant in another product is taken to.
    pub(crate) fn stands_in(&self, text: &[u8]) -> bool {
        let is_value = |found: &&[u8]| !matches!(found.first(), Some(b'{' | b'['));
        self.of_parent || self.path.up_to(1, text).is_ok_and(|found| found.iter().any(is_value))
    }

    /// Whether it leads to one value, or to every element of one list, of the product itself.
    pub(super) fn is_plain(&self) -> bool {
        let list = match self.path.steps() {
            [list @ .., Step::All] => list,
            list => list,
        };
        !self.of_parent && list.iter().all(|step| matches!(step, Step::Key(_)))
    }

    /// The place of the `nth` value, counted from 0, where there are several: `/images/3/url`.
    pub(crate) fn nth(&self, nth: usize) -> String {
        self.to_string().replacen('*', &nth.to_string(), 1)
    }

    /// Its words for a sentence about one product: `onlineSellable`, `salesPrice/previous`.
    pub(crate) fn name(&self) -> String {
        self.path.to_string().trim_start_matches('/').to_owned()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.of_parent { OF_PARENT } else { "" }, self.path)
    }
}
