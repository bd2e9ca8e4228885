//! What is sound at a glance: byte by byte, without taking a value apart.
//!
//! Each test answers "surely" or "not sure", and never "no": where it is not sure, the library or the rule that knows
//! decides on that one value. So whatever is asked here first comes out as it would without.

/// So many bytes are looked at in one step.
const STEP: usize = 16;

/// Endings of names that are doubtful: those that only private networks know.
const DOUBTFUL_ENDINGS: [&[u8]; 5] = [b"localhost", b"local", b"internal", b"lan", b"arpa"];

/// Whether a text is an http(s) address in the form that `url::Url` writes, with nothing to encode or to resolve, whose
/// host is a name that everybody may know. Parsed and written it is the same text; it holds no HTML entity.
///
/// Not sure of ports, users, fragments, numbers for hosts, names in Punycode and rare characters.
pub fn address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let Some(slash) = memchr::memchr(b'/', rest.as_bytes()) else { return false };
    let (host, path) = rest.as_bytes().split_at(slash);
    is_public_name(host) && all(path, is_of_path) && !has_dot_segment(path)
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

/// Whether a text holds nothing that cleaning takes out or replaces, but for spaces: no control and no character that
/// nobody sees, no white space but the space, no tag and no HTML entity.
///
/// Not sure of scripts that hold such characters.
pub fn text(text: &str) -> bool {
    all(text.as_bytes(), is_of_text)
}

/// Whether spaces only stand between words, one at a time.
pub fn single_spaced(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_space = |b: &u8| *b == b' ';
    !bytes.first().is_some_and(is_space)
        && !bytes.last().is_some_and(is_space)
        && !any_pair::<1>(bytes, |a, b| (a == b' ') & (b == b' '))
}

/// Whether a text is ASCII without question marks, Hangul, and letters with accents that stand alone among them: a wrong
/// reading leaves a question mark, other letters, or several of these in a row.
pub fn letters(text: &str) -> bool {
    let bytes = text.as_bytes();
    all(bytes, is_of_letters) && !any_pair::<2>(bytes, |a, b| (a == 0xc3) & (b == 0xc3))
}

/// Whether a value of whatever content holds no control character.
pub fn without_controls(text: &str) -> bool {
    all(text.as_bytes(), |b| b > 0x1f && b != 0x7f && b != 0xc2)
}

/// Whether a phone number may begin somewhere: `+`, or the first two digits of a prefix.
pub fn may_hold_number(text: &str) -> bool {
    any_pair::<1>(text.as_bytes(), |a, b| {
        (a == b'+')
            | (a == b'0') & (b'1'..=b'8').contains(&b)
            | (a == b'1') & ((b == b'5') | (b == b'6') | (b == b'8'))
    })
}

/// Whether a text is digits only.
pub fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The bytes of texts. Controls beyond ASCII, and characters that nobody sees, begin with others (C2, CD, D8, E1, E2, E3,
/// EE, EF, F0 and above); an entity ends in a semicolon.
fn is_of_text(b: u8) -> bool {
    let ascii = (b' '..=b':').contains(&b) | (b'='..=b'~').contains(&b);
    // What follows a first byte, À to ÿ, ideographs and Hangul syllables.
    let beyond = (0x80..=0xc1).contains(&b) | (b == 0xc3) | (0xe4..=0xed).contains(&b);
    ascii | beyond
}

/// The bytes of ASCII but for the question mark, of À to ÿ, and of U+A000 to U+D7FF, which Hangul syllables are of.
fn is_of_letters(b: u8) -> bool {
    (b < 0xc2) & (b != b'?') | (b == 0xc3) | (0xea..=0xed).contains(&b)
}

/// The bytes of paths and queries that are written as they are: neither `"'<>` and the like, nor what ends a path (`#`)
/// or an entity (`;`), nor what stands between addresses (`|`) or is read as another character (`\`).
fn is_of_path(b: u8) -> bool {
    let signs = (b'$'..=b'&').contains(&b) | (b == b'=') | (b == b'_') | (b == b'~') | (b == b'!');
    let letters = (b'?'..=b'Z').contains(&b) | b.is_ascii_lowercase();
    (b'('..=b':').contains(&b) | letters | signs
}

/// Whether a segment of a path may be `.` or `..`, however they are written: it begins so. (A query has no segments, but
/// nobody needs such a one.)
fn has_dot_segment(path: &[u8]) -> bool {
    any_pair::<1>(path, |a, b| (a == b'/') & ((b == b'.') | (b == b'%')))
        && path.split(|b| *b == b'/').any(|segment| segment.starts_with(b".") || segment.starts_with(b"%2"))
}

/// Whether a host is a name of at least two labels in lower case that is none of a private network and no number. Two
/// hyphens in a row may be Punycode.
fn is_public_name(host: &[u8]) -> bool {
    let is_of_name = |b: u8| b.is_ascii_lowercase() | b.is_ascii_digit() | (b == b'-') | (b == b'.');
    let is_doubtful = |a, b| ((a == b'.') | (a == b'-')) & (b == b'-') | (a == b'.') & (b == b'.');
    let Some(dot) = memchr::memrchr(b'.', host) else { return false };
    let ending = &host[dot + 1..];
    host[0].is_ascii_alphanumeric()
        && all(host, is_of_name)
        && !any_pair::<1>(host, is_doubtful)
        && !ending.is_empty()
        && ending.iter().all(u8::is_ascii_lowercase)
        && !DOUBTFUL_ENDINGS.contains(&ending)
}

/// Whether all bytes are allowed. The last step takes some bytes once more, so that none is left over.
fn all(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> bool {
    let step = |step: &[u8; STEP]| step.iter().fold(true, |all, b| all & allowed(*b));
    match bytes.last_chunk() {
        Some(last) => bytes.as_chunks().0.iter().all(step) && step(last),
        None => bytes.iter().all(|b| allowed(*b)),
    }
}

/// Whether two bytes that are `APART` from each other are such a pair.
fn any_pair<const APART: usize>(bytes: &[u8], is_it: impl Fn(u8, u8) -> bool) -> bool {
    let Some(seconds) = bytes.get(APART..) else { return false };
    let firsts = &bytes[..seconds.len()];
    // By their places: zipped, they are no longer known to be as many as are compared at once.
    let step = |(first, second): (&[u8; STEP], &[u8; STEP])| {
        (0..STEP).fold(false, |any, i| any | is_it(first[i], second[i]))
    };
    match (firsts.last_chunk(), seconds.last_chunk()) {
        (Some(a), Some(b)) => {
            firsts.as_chunks().0.iter().zip(seconds.as_chunks().0).any(step) || step((a, b))
        }
        _ => firsts.iter().zip(seconds).any(|(a, b)| is_it(*a, *b)),
    }
}

#[cfg(test)]
mod tests;
