//! What is sound at a glance: byte by byte, without taking a value apart.
//!
//! Each test answers "surely" or "not sure", and never "no": where it is not sure, the library or the rule that knows
//! decides on that one value. So whatever is asked here first comes out as it would without.

mod glance;
mod walk;

pub use glance::{Glance, clean, text};

use walk::{ALL, Halves, Signs, only, to};

/// Endings of names that are doubtful: those that only private networks know.
const DOUBTFUL_ENDINGS: [&[u8]; 5] = [b"localhost", b"local", b"internal", b"lan", b"arpa"];

/// What is of no path or query that is written as it is: `"'<>` and the like, what ends a path (`#`) or an entity (`;`), what
/// stands between addresses (`|`) or is read as another character (`\`), and what is not ASCII.
const NO_PATH: u8 = 0x3f;
/// A question mark.
const QUERY: u8 = 1 << 6;
/// How a segment begins that may be `.` or `..`, behind a slash.
const DOTS: u8 = 1 << 7;

static PATH: Signs = Signs::of(
    Halves::of(&[
        (1, to(0x0, 0x1) | to(0x8, 0xf), ALL),
        (1 << 1, only(0x2), to(0x2, 0x3) | only(0x7)),
        (1 << 2, only(0x2) | only(0x6), only(0x0)),
        (1 << 3, only(0x3) | only(0x5), to(0xb, 0xc) | only(0xe)),
        (1 << 4, only(0x5) | only(0x7), to(0xb, 0xd)),
        (1 << 5, only(0x7), only(0xf)),
        (QUERY, only(0x3), only(0xf)),
        (DOTS, only(0x2), only(0x5) | only(0xe)),
    ]),
    Halves::of(&[(!DOTS, ALL, ALL), (DOTS, only(0x2), only(0xf))]),
);

/// What is of no name in lower case.
const NO_NAME: u8 = 0x1f;
/// An empty label.
const EMPTY: u8 = 1 << 5;
/// A label that begins with a hyphen, or two hyphens in a row, which may be Punycode.
const HYPHENS: u8 = 1 << 6;

static NAME: Signs = Signs::of(
    Halves::of(&[
        (1, to(0x0, 0x1) | to(0x4, 0x5) | to(0x8, 0xf), ALL),
        (1 << 1, only(0x2), to(0x0, 0xc) | only(0xf)),
        (1 << 2, only(0x3), only(0xa)),
        (1 << 3, only(0x3) | only(0x7), to(0xb, 0xf)),
        (1 << 4, only(0x6), only(0x0)),
        (EMPTY, only(0x2), only(0xe)),
        (HYPHENS, only(0x2), only(0xd)),
    ]),
    Halves::of(&[(NO_NAME, ALL, ALL), (EMPTY, only(0x2), only(0xe)), (HYPHENS, only(0x2), to(0xd, 0xe))]),
);

/// Whether a text is an http(s) address in the form that `url::Url` writes, with nothing to encode or to resolve, whose
/// host is a name that everybody may know. Parsed and written it is the same text; it holds no HTML entity.
///
/// Not sure of ports, users, fragments, numbers for hosts, names in Punycode and rare characters.
pub fn address(text: &str) -> bool {
    known(text).is_some()
}

/// What is known of such an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Whether a question mark stands in it.
    pub has_query: bool,
}

/// The same, with what else was seen. It has no fragment.
pub fn known(text: &str) -> Option<Known> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (host, path) = rest.as_bytes().split_at(memchr::memchr(b'/', rest.as_bytes())?);
    let found = PATH.in_text(path, 0);
    let is_path = found & NO_PATH == 0 && (found & DOTS == 0 || !has_dot_segment(path));
    (is_path && is_public_name(host)).then_some(Known { has_query: found & QUERY != 0 })
}

/// Whether a text is at most so many of them, joined by `|`.
pub fn addresses(text: &str, most: usize) -> bool {
    let bars = memchr::memchr_iter(b'|', text.as_bytes()).take(most);
    let (mut begin, mut count) = (0, 0);
    for end in bars.chain([text.len()]) {
        if count == most || !address(&text[begin..end]) {
            return false;
        }
        (begin, count) = (end + 1, count + 1);
    }
    true
}

/// Whether no wrong reading left its letters in a text: see [`Glance::is_of_letters`].
#[cfg(test)]
pub fn letters(text: &str) -> bool {
    Glance::of(text).is_of_letters()
}

/// Whether spaces only stand between words, one at a time.
#[cfg(test)]
fn single_spaced(text: &str) -> bool {
    clean(&text.replace(|c| c != ' ', "x"))
}

/// A text without white space at its ends, where mostly none is.
#[inline]
pub fn trimmed(text: &str) -> &str {
    // No white space begins with these bytes, and none is one of the characters of three bytes that begin so.
    let bytes = text.as_bytes();
    let is_shown = |b: &u8| b.is_ascii_graphic() || matches!(b, 0xe4..=0xed);
    let ends_shown = match bytes {
        [.., last] if last.is_ascii() => last.is_ascii_graphic(),
        [.., lead, _, _] => matches!(lead, 0xe4..=0xed),
        _ => false,
    };
    if ends_shown && bytes.first().is_some_and(is_shown) { text } else { text.trim() }
}

/// Whether a value of whatever content holds no control character.
pub fn without_controls(text: &str) -> bool {
    text.bytes().all(|b| b > 0x1f && b != 0x7f && b != 0xc2)
}

/// Whether a text is digits only.
pub fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a segment of a path may be `.` or `..`, however they are written: it begins so. (A query has no segments, but
/// nobody needs such a one.)
fn has_dot_segment(path: &[u8]) -> bool {
    path.split(|b| *b == b'/').any(|segment| segment.starts_with(b".") || segment.starts_with(b"%2"))
}

/// Whether a host is a name of at least two labels in lower case that is none of a private network and no number.
fn is_public_name(host: &[u8]) -> bool {
    let Some(dot) = host.iter().rposition(|b| *b == b'.') else { return false };
    let ending = &host[dot + 1..];
    host[0].is_ascii_alphanumeric()
        && NAME.in_text(host, 0) & (NO_NAME | EMPTY | HYPHENS) == 0
        && !ending.is_empty()
        && ending.iter().all(u8::is_ascii_lowercase)
        && !DOUBTFUL_ENDINGS.contains(&ending)
}

#[cfg(test)]
mod tests;
