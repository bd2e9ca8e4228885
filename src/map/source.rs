//! Where one value comes from: a place, a text that is always the same, or a text with places in it.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use super::Place;

/// How a text begins that stands for itself.
const LITERAL: char = '=';
/// What stands in a template for the address that the source is asked at.
const BASE: &str = "base";

/// One of the sources of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// What stands at a place.
    At(Place),
    /// Always this text: `=신상품`.
    Text(String),
    /// Text and places in turn: `https://shop.example/products/{/handle}`. It says something only where each place does.
    Template(Vec<Source>),
    /// The address that the source is asked at, within a template: `{base}products/{/handle}`.
    Base,
}

/// The sources of a value, the first ones first; none where nothing says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Source {
    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(literal) = text.strip_prefix(LITERAL) {
            return Ok(Self::Text(literal.to_owned()));
        }
        if text.contains('{') && !text.starts_with(['/', '.']) {
            return Self::template(text);
        }
        Place::parse(text).map(Self::At).map_err(|e| {
            format!(
                "{e}; a text that is always the same begins with =, and a template holds a place as {{/id}}"
            )
        })
    }

    fn template(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('{') {
            let (place, after) =
                from.split_once('}').ok_or_else(|| format!("expected a }} after {{{from}"))?;
            parts.push(Self::Text(before.to_owned()));
            parts.push(if place == BASE { Self::Base } else { Self::At(Place::parse(place)?) });
            rest = after;
        }
        parts.push(Self::Text(rest.to_owned()));
        parts.retain(|part| *part != Self::Text(String::new()));
        Ok(Self::Template(parts))
    }

    /// With the address that the source is asked at.
    fn based(&mut self, base: &str) {
        match self {
            Self::Base => *self = Self::Text(base.to_owned()),
            Self::Template(parts) => parts.iter_mut().for_each(|part| part.based(base)),
            Self::At(_) | Self::Text(_) => {}
        }
    }

    /// Whether the address that the source is asked at is part of it, and not known.
    fn needs_base(&self) -> bool {
        match self {
            Self::Base => true,
            Self::Template(parts) => parts.iter().any(Self::needs_base),
            Self::At(_) | Self::Text(_) => false,
        }
    }

    fn places_mut(&mut self) -> Vec<&mut Place> {
        match self {
            Self::At(place) => vec![place],
            Self::Text(_) | Self::Base => Vec::new(),
            Self::Template(parts) => parts.iter_mut().flat_map(Self::places_mut).collect(),
        }
    }
}

impl From<Source> for Sources {
    fn from(source: Source) -> Self {
        Self(vec![source])
    }
}

impl Sources {
    /// Whether one of them cannot be said, because it is not known where the source is asked.
    pub(super) fn needs_base(&self) -> bool {
        self.0.iter().any(Source::needs_base)
    }

    /// They.
    pub(crate) fn all(&self) -> &[Source] {
        &self.0
    }

    /// The words for them in a sentence about one product: `onlineSellable`.
    pub(crate) fn name(&self) -> String {
        match self.0.first() {
            Some(Source::At(place)) => place.name(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    /// With the address that the source is asked at.
    pub(super) fn based(&mut self, base: &str) {
        self.0.iter_mut().for_each(|source| source.based(base));
    }

    pub(super) fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        self.0.iter_mut().flat_map(Source::places_mut)
    }
}

/// All of them: `/typeName, else ../typeName`.
impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(Source::to_string).collect();
        f.write_str(&all.join(", else "))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(place) => place.fmt(f),
            Self::Text(text) => write!(f, "{LITERAL}{text}"),
            Self::Base => f.write_str(BASE),
            Self::Template(parts) => parts.iter().try_for_each(|part| match part {
                Self::Text(text) => f.write_str(text),
                place => write!(f, "{{{place}}}"),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Sources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// One source as a text, or several as a list of texts.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Sources;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a place such as \"/id\", or a list of places of which the first that says something counts",
        )
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Sources, E> {
        Source::parse(text).map(Sources::from).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Sources, A::Error> {
        let mut sources = Vec::new();
        while let Some(text) = seq.next_element::<String>()? {
            sources.push(Source::parse(&text).map_err(A::Error::custom)?);
        }
        if sources.is_empty() {
            return Err(A::Error::custom("expected at least one place"));
        }
        Ok(Sources(sources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Sources, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    #[test]
    fn a_source_is_a_place_a_text_or_both() {
        for (json, shown) in [
            (r#""/id""#, "/id"),
            (r#"["/a/*/b", "../a", "=-"]"#, "/a/*/b, else ../a, else =-"),
            (r#""/attributes/*[name=Colour]/value""#, "/attributes/*[name=Colour]/value"),
            (r#""https://shop.example/p/{/handle}?v={../id}""#, "https://shop.example/p/{/handle}?v={../id}"),
            (r#""={/a}""#, "={/a}"),
        ] {
            assert_eq!(read(json).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_column() {
        for (json, said) in [
            (
                r#""id""#,
                "expected a place such as /id, or ../id in a variant's product, found \"id\"; a text",
            ),
            (r#""a{/b""#, "expected a } after {/b at line 1 column 6"),
            (r#""a{b}""#, "found \"b\" at line 1 column 6"),
            ("[]", "expected at least one place at line 1 column 2"),
            ("7", "expected a place such as \"/id\", or a list of places"),
            (r#""/a/*[b]""#, "expected a condition such as *[id=CATEGORIES], found \"*[b]\""),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(said), "{json}: {error}");
        }
    }
}
