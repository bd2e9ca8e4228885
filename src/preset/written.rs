//! How a description was written: what it names, where, and by which fingerprint the records know it. Whoever finds another
//! fingerprint there knows that the figures before and after it were not made in the same way.
//!
//! It never says what changed, and never changes with what is for people alone.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{json::members, report::hex};

/// Hex digits of the hash that are kept: enough to tell the few descriptions that one shop ever has apart.
const DIGITS: usize = 16;
/// What of a description is for people.
const FOR_PEOPLE: &str = "about";
/// Where the values of a product stand.
const PRODUCT: &[u8] = b"product";

/// A description's text, and those that it took the place of parts of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Written {
    /// All that it was put together from, without what is for people. Spaces and the order of keys are gone.
    parts: Vec<Value>,
    /// The fields of a product that it names.
    pub named: Vec<String>,
    /// The line and the column of each of them.
    pub places: Vec<(usize, usize)>,
    /// The line and the column at which its product begins, or it itself where it has none.
    place: Option<(usize, usize)>,
}

impl Written {
    /// A text that is a description.
    pub fn of(text: &str) -> Self {
        let mut written = Self::default();
        if let Ok(mut value) = serde_json::from_str::<Value>(text) {
            value.as_object_mut().and_then(|members| members.remove(FOR_PEOPLE));
            written.parts.push(value);
        }
        let whole = text.trim_ascii_start().as_bytes();
        let product = members(whole).find(|(key, _)| *key == PRODUCT).map(|(_, product)| product);
        let place = |part: &[u8]| {
            let before = &text[..part.as_ptr().addr() - text.as_ptr().addr()];
            let line = before.rsplit('\n').next().unwrap_or_default();
            (before.matches('\n').count() + 1, line.chars().count() + 1)
        };
        for (key, value) in members(product.unwrap_or_default()) {
            written.named.push(String::from_utf8_lossy(key).into_owned());
            written.places.push(place(value));
        }
        written.place = Some(place(product.unwrap_or(whole)));
        written
    }

    /// With another one that takes the place of parts of it.
    pub fn with(self, over: Self) -> Self {
        let parts = [self.parts, over.parts].concat();
        Self { parts, place: over.place.or(self.place), named: over.named, places: over.places }
    }

    /// For a market.
    pub fn of_market(&mut self, country: &str, language: &str) {
        self.parts.push(json!([country, language]));
    }

    /// What is wrong with its product, with where that stands.
    pub fn told(&self, error: String) -> String {
        match self.place {
            Some((line, column)) => format!("{error} at line {line} column {column}"),
            None => error,
        }
    }

    /// What it is known by, with places that are said beside it.
    pub fn fingerprint(&self, beside: Value) -> String {
        let mut parts = self.parts.clone();
        parts.push(beside);
        let mut digits = hex(&Sha256::digest(Value::Array(parts).to_string()));
        digits.truncate(DIGITS);
        digits
    }
}
