//! What of an exchange may be told: where its URL hides anything, no word of what came back, for a source repeats what
//! it was asked for, and nobody knows in which spelling.
//!
//! It never decides what is said instead: that comes with each foreign word.

use std::{borrow::Cow, fmt};

use url::Url;

use super::{Secrets, ShownUrl};

/// Words that somebody else sent, and what is said in their place where they may repeat a secret. They are told through
/// a [`Discretion`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Foreign {
    words: String,
    instead: Cow<'static, str>,
}

impl Foreign {
    /// These words, and what they are.
    pub fn new(words: impl Into<String>, instead: impl Into<Cow<'static, str>>) -> Self {
        Self { words: words.into(), instead: instead.into() }
    }

    /// Words of ours, where somebody else's might stand.
    pub fn ours(words: impl Into<String>) -> Self {
        let words = words.into();
        Self { instead: words.clone().into(), words }
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Foreign({})", self.instead)
    }
}

/// Why no word is told: the URL that was asked for hides something, or the source led on to another one.
const HIDES: &str = "CATALOG_URL holds values that are kept secret";
const LED_ON: &str = "the source led on to an address that may hold secrets";

/// How much of an exchange may be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discretion {
    secrets: Secrets,
    /// Why no word of it is told.
    why: Option<&'static str>,
}

impl Discretion {
    /// Of what a URL answers.
    pub fn of(url: &ShownUrl) -> Self {
        let secrets = url.secrets().clone();
        Self { why: (!secrets.is_empty()).then_some(HIDES), secrets }
    }

    /// Of what another URL answered, to which the source led on: it may hold whatever the source likes.
    pub fn led_to(&mut self, url: &Url) {
        self.secrets = self.secrets.and(ShownUrl::of(url).secrets());
        self.why.get_or_insert(LED_ON);
    }

    /// As well of what another exchange answered.
    pub fn add(&mut self, other: &Self) {
        if *self != *other {
            self.secrets = self.secrets.and(&other.secrets);
            self.why = self.why.or(other.why);
        }
    }

    /// Why no foreign word may be told; `None` where all may.
    pub fn why(&self) -> Option<&'static str> {
        self.why
    }

    /// Foreign words, or what is said instead.
    pub fn tell<'f>(&self, foreign: &'f Foreign) -> &'f str {
        if self.why.is_some() { &foreign.instead } else { &foreign.words }
    }

    /// What holds no word of an answer but its data, without the secrets that it may repeat.
    pub fn struck(&self, text: String) -> String {
        if self.secrets.is_empty() { text } else { self.secrets.struck(&text) }
    }

    /// Names out of an answer, or the sign that there are some.
    pub fn names(&self, names: Vec<String>) -> Vec<String> {
        if self.why.is_none() || names.is_empty() { names } else { vec![super::secrets::HIDDEN.to_owned()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_told_where_nothing_is_hidden() {
        let foreign = Foreign::new("Cannot GET /s3cr3t", "some words");
        let mut open = Discretion::of(&ShownUrl::of_text("https://a.example/kr/ko/"));
        let kept = Discretion::of(&ShownUrl::of_text("https://a.example/x?key=s3cr3t"));
        assert_eq!((open.tell(&foreign), kept.tell(&foreign)), ("Cannot GET /s3cr3t", "some words"));
        assert_eq!(open.names(vec!["a".into()]), ["a"]);
        assert_eq!(kept.names(vec!["a".into(), "b".into()]), ["***"]);
        assert_eq!(kept.struck("/x/S3CR3T.jpg".into()), "/x/***.jpg");
        open.led_to(&Url::parse("https://b.example/y?X-Amz-Signature=f00d").unwrap());
        assert_eq!((open.tell(&foreign), open.struck("f00d".into())), ("some words", "***".into()));
        assert!(!format!("{foreign:?} {kept:?}").contains("s3cr3t"));
    }
}
