//! Values that nobody is to be told, found in a text however it spells them.
//!
//! It never changes a text beside them, and never shows them itself.

use std::{fmt, ops::Range, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};

/// In the place of what is not shown.
pub(super) const HIDDEN: &str = "***";
/// What is shorter is no secret, and hiding it in a text would make that unreadable.
const SHORTEST: usize = 3;
/// Shorter numbers and words stand within longer ones by chance, as `250` does in a price of 19250: they are hidden only
/// where they stand alone.
const SHORTEST_NUMBER: usize = 12;
const SHORTEST_WORD: usize = 6;
/// What is shorter is not looked for in base64, where a few characters stand for anything.
const SHORTEST_IN_BASE64: usize = 6;
/// So often escapes are taken off: a URL within JSON within HTML.
const LAYERS: usize = 4;
/// Escapes of HTML that have names.
const NAMED: [(&str, char); 6] =
    [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\''), ("&nbsp;", ' ')];

/// Values that nobody is to be told.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(Arc<[Vec<char>]>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// A character that was read, and the part of the text that spells it.
type Read = (char, Range<usize>);

impl Secrets {
    /// These.
    pub fn of(values: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<Vec<char>> = Vec::new();
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            let plain: String = read(&value).into_iter().map(|(c, _)| c).collect();
            for spelt in [&value, &plain] {
                if spelt.len() >= SHORTEST_IN_BASE64 {
                    all.extend(in_base64(spelt).map(|spelt| folded(&spelt)));
                }
            }
            all.push(folded(&value));
        }
        Self::longest_first(all)
    }

    fn longest_first(mut all: Vec<Vec<char>>) -> Self {
        all.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self(all.into())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These and those.
    pub fn and(&self, others: &Self) -> Self {
        let all: Vec<_> = self.0.iter().chain(&*others.0).cloned().collect();
        Self::longest_first(all)
    }

    /// A text without them, in whatever letter case and under whatever escapes they stand there.
    pub fn struck(&self, text: &str) -> String {
        let long = || self.0.iter().filter(|secret| secret.len() >= SHORTEST);
        if long().next().is_none() {
            return text.to_owned();
        }
        let mut reading = read(text);
        reading.iter_mut().for_each(|(c, _)| *c = fold(*c));
        let (mut told, mut from, mut at) = (String::with_capacity(text.len()), 0, 0);
        while let Some((_, first)) = reading.get(at) {
            let rest = &reading[at..];
            let is_within = |beside: Option<&Read>| beside.is_some_and(|(c, _)| c.is_alphanumeric());
            let goes_on = is_within(at.checked_sub(1).map(|before| &reading[before]));
            let stands_alone =
                |secret: &[char]| !is_short(secret) || !goes_on && !is_within(rest.get(secret.len()));
            let begins = |secret: &[char]| {
                rest.len() >= secret.len() && is_spelt(secret, rest) && stands_alone(secret)
            };
            // The text may be cut within one.
            let is_cut = |secret: &[char]| {
                (SHORTEST..secret.len()).contains(&rest.len())
                    && is_spelt(&secret[..rest.len()], rest)
                    && stands_alone(secret)
            };
            let length = long()
                .find(|secret| begins(secret))
                .map(Vec::len)
                .or_else(|| long().any(|secret| is_cut(secret)).then_some(rest.len()));
            match length {
                Some(length) => {
                    told.push_str(text.get(from..first.start).unwrap_or_default());
                    told.push_str(HIDDEN);
                    from = from.max(rest[length - 1].1.end);
                    at += length;
                }
                None => at += 1,
            }
        }
        told.push_str(&text[from..]);
        told
    }
}

/// Whether it is a short word, or a number that is no longer than an amount.
fn is_short(secret: &[char]) -> bool {
    secret.len() < SHORTEST_NUMBER && secret.iter().all(char::is_ascii_digit)
        || secret.len() < SHORTEST_WORD && secret.iter().all(char::is_ascii_lowercase)
}

fn is_spelt(secret: &[char], reading: &[Read]) -> bool {
    secret.iter().zip(reading).all(|(c, (read, _))| c == read)
}

fn folded(text: &str) -> Vec<char> {
    read(text).into_iter().map(|(c, _)| fold(c)).collect()
}

/// Letter case tells nothing, and `+` is a space in a query.
fn fold(c: char) -> char {
    match c {
        '+' => ' ',
        c => c.to_lowercase().next().unwrap_or(c),
    }
}

/// What a value looks like within a longer text in base64: by where it begins, and without the characters that hold
/// something of what stands around it.
fn in_base64(value: &str) -> impl Iterator<Item = String> {
    (0..3).map(move |before| {
        let all = STANDARD.encode([&[0; 2][..before], value.as_bytes()].concat());
        let bits = 8 * (before + value.len());
        let skipped = (8 * before).div_ceil(6);
        all[skipped..bits / 6].to_owned()
    })
}

/// The characters that a text spells, without all escapes.
fn read(text: &str) -> Vec<Read> {
    let mut reading: Vec<Read> = text.char_indices().map(|(at, c)| (c, at..at + c.len_utf8())).collect();
    for _ in 0..LAYERS {
        if !reading.iter().any(|(c, _)| matches!(c, '%' | '\\' | '&')) {
            break;
        }
        let (mut next, mut at) = (Vec::with_capacity(reading.len()), 0);
        while at < reading.len() {
            let (spelt, length) = escape(&reading[at..]);
            let part = reading[at].1.start..reading[at + length - 1].1.end;
            match spelt {
                Some(spelt) => next.extend(spelt.chars().map(|c| (c, part.clone()))),
                None => next.push((reading[at].0, part)),
            }
            at += length;
        }
        if next.len() == reading.len() {
            break;
        }
        reading = next;
    }
    reading
}

/// What the escape spells that a text begins with, and its length; none, and one character, where there is none.
fn escape(rest: &[Read]) -> (Option<String>, usize) {
    let char_at = |n: usize| rest.get(n).map(|(c, _)| *c);
    let hex = |from: usize, length: usize| {
        let digits: Option<String> = (from..from + length).map(char_at).collect();
        u32::from_str_radix(&digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?, 16).ok()
    };
    match (char_at(0), char_at(1)) {
        (Some('%'), _) => {
            let bytes: Vec<u8> = (0..)
                .map_while(|n| (char_at(3 * n) == Some('%')).then(|| hex(3 * n + 1, 2))?)
                .map(|byte| u8::try_from(byte).expect("two digits are a byte"))
                .collect();
            if !bytes.is_empty() {
                return (Some(String::from_utf8_lossy(&bytes).into_owned()), 3 * bytes.len());
            }
        }
        (Some('\\'), Some('u')) => {
            if let Some(c) = hex(2, 4).and_then(char::from_u32) {
                return (Some(c.into()), 6);
            }
        }
        (Some('\\'), Some('x')) => {
            if let Some(c) = hex(2, 2).and_then(char::from_u32) {
                return (Some(c.into()), 4);
            }
        }
        (Some('\\'), Some(c @ ('/' | '\\' | '"' | '\''))) => return (Some(c.into()), 2),
        (Some('&'), _) => {
            let entity: String = rest.iter().take(10).map(|(c, _)| *c).collect();
            let known = NAMED.iter().find(|(name, _)| entity.starts_with(name));
            if let Some((name, c)) = known {
                return (Some((*c).into()), name.len());
            }
            if let Some((number, _)) = entity.strip_prefix("&#").and_then(|rest| rest.split_once(';')) {
                let value = match number.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => number.parse(),
                };
                if let Some(c) = value.ok().and_then(char::from_u32) {
                    return (Some(c.into()), number.chars().count() + 3);
                }
            }
        }
        _ => {}
    }
    (None, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_struck_out_however_it_is_spelt() {
        let secrets = Secrets::of(["a+b/c=Secret", "p%40ss wort", "n", "250", "stock"].map(str::to_owned));
        for (said, told) in [
            ("no a+b/c=Secret here", "no *** here"),
            ("a b/c=secret, A+B/C=SECRET", "***, ***"),
            ("a%2Bb%2fc%3DSecret", "***"),
            ("a%252Bb%252Fc%253DSecret.", "***."),
            (r"a+b\/c=Secret", "***"),
            (r"\u0061+b/c\u003dSecret", "***"),
            (r"a\\u002bb\/c=Secret", "***"),
            (r"\x61+b/c=Secret", "***"),
            ("a&#43;b&#x2F;c=Secret", "***"),
            ("a&amp;#43;b/c=Secret", "***"),
            ("p@ss+wort p%40ss%20wort P@SS WORT", "*** *** ***"),
            ("it was cut off at a+b/c=Sec", "it was cut off at ***"),
            ("19250 in livestock, 2500", "19250 in livestock, 2500"),
            ("stock=250 and \"/stock/\": %32%350", "***=*** and \"/***/\": ***"),
            ("n is short, and 100% of \\ & stays", "n is short, and 100% of \\ & stays"),
            ("", ""),
        ] {
            assert_eq!(secrets.struck(said), told, "{said}");
        }
        for before in ["", "x", "Bearer ", "user:", "의자"] {
            let said = STANDARD.encode(format!("{before}a+b/c=Secret and more"));
            let told = secrets.struck(&said);
            assert!(told.contains(HIDDEN) && told.len() < said.len() - 6, "{said}: {told}");
        }
        assert_eq!(format!("{secrets:?}").matches("ecret").count(), 1, "its own name");
        assert_eq!(Secrets::default().struck("a+b/c=Secret"), "a+b/c=Secret");
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_struck(text in ".{0,60}", secret in "[a-z%&\\\\]{1,8}") {
            let secrets = Secrets::of([secret]);
            let told = secrets.struck(&text);
            proptest::prop_assert_eq!(&told, &secrets.struck(&told));
        }
    }
}
