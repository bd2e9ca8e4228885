//! The addresses of a row in normal form, each looked at once: what is seen of it at a glance goes with it.

use std::borrow::Cow;

use url::Url;

use crate::{
    ep::{
        broken::Broken,
        columns::Column,
        line::Seen,
        plain::{self, Known},
        rules::Violation,
    },
    map::Sources,
    product::{Member, Scalar},
};

/// An address in normal form.
#[derive(Debug, Clone, Default)]
pub(super) struct Address<'p> {
    pub(super) text: Cow<'p, str>,
    /// None where only its column's rule can say whether it is sound.
    pub(super) known: Option<Known>,
}

/// The same, borrowed.
#[derive(Clone, Copy)]
pub(super) struct Shown<'u> {
    pub(super) text: &'u str,
    known: Option<Known>,
}

impl<'u> From<&'u str> for Shown<'u> {
    fn from(text: &'u str) -> Self {
        Self { text, known: plain::known(text) }
    }
}

impl Shown<'_> {
    /// What is known of what is made of it by known parts.
    pub(super) fn seen(self) -> Seen {
        if self.known.is_some() { Seen::Content } else { Seen::No }
    }

    /// Where a query would go on: what stands before a fragment, and what joins it to that.
    pub(super) fn joint(self) -> (usize, &'static str) {
        // What is known has no fragment.
        let end = match self.known {
            Some(_) => self.text.len(),
            None => memchr::memchr(b'#', self.text.as_bytes()).unwrap_or(self.text.len()),
        };
        let question = match self.known {
            Some(known) if !known.has_query => None,
            _ => memchr::memchr(b'?', &self.text.as_bytes()[..end]),
        };
        let joint = match question {
            None => "?",
            Some(at) if at + 1 == end => "",
            Some(_) => "&",
        };
        (end, joint)
    }
}

impl<'p> Address<'p> {
    /// Of what a product says; an address in another form is put into the normal one.
    pub(super) fn of(column: Column, raw: Cow<'p, str>) -> Result<Self, Broken> {
        match plain::known(&raw) {
            known @ Some(_) => Ok(Self { text: raw, known }),
            None => Ok(Self { text: String::from(http_url(column, &raw)?).into(), known: None }),
        }
    }

    /// Whether what stands between several of them stands in it.
    pub(super) fn holds_bar(&self) -> bool {
        // What is known holds none.
        self.known.is_none() && memchr::memchr(b'|', self.text.as_bytes()).is_some()
    }

    /// Writes it.
    pub(super) fn write(&self, out: &mut String) -> Seen {
        out.push_str(&self.text);
        self.shown().seen()
    }

    /// It, borrowed.
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown { text: &self.text, known: self.known }
    }
}

/// The address that a product says at its sources.
pub(super) fn link<'p>(member: &Member<'p, '_>, sources: &'p Sources) -> Result<Address<'p>, Broken> {
    let raw = match member.value(sources) {
        Some(Cow::Borrowed(Scalar::Text(text))) => Cow::Borrowed(text.trim()),
        Some(Cow::Owned(Scalar::Text(text))) => Cow::Owned(text.trim().to_owned()),
        Some(other) => Cow::Owned(other.to_string()),
        None => Cow::Borrowed(""),
    };
    Address::of(Column::Link, raw)
}

/// Parsing percent-encodes what is not ASCII and drops TAB and line breaks. An address without a scheme, `//host/path`,
/// is an https one.
pub(super) fn http_url(column: Column, raw: &str) -> Result<Url, Broken> {
    // `http:x` and `http:///x` are read as hosts by those who mean well.
    let rest = raw.split_once(':').map_or(raw, |(_, rest)| rest);
    let names_a_host = rest.strip_prefix("//").is_some_and(|host| !host.starts_with(['/', '\\']));
    let whole = if raw.starts_with("//") { Cow::from(format!("https:{raw}")) } else { Cow::from(raw) };
    match Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() && names_a_host => Ok(url),
        _ => Err(Broken::of(column, Violation::NotHttp, raw)),
    }
}
