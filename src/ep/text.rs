//! Makes foreign text fit for a field: no markup, no entities, no control characters, white space folded.
//!
//! An EP file knows no quoting, so a value must be clean by construction. Nothing here judges a value.

use std::borrow::Cow;

use super::{chars::invisible, plain};

/// What is read of a foreign text. The longest free text of an EP holds 1,000 characters.
pub(crate) const MOST_BYTES: usize = 8 * 1024;

/// The text without tags, entities, control characters and what nobody sees ([`invisible`]), runs of white space
/// folded to one space.
///
/// Cleaning twice changes nothing: text that decodes to more markup is cleaned until it holds none.
pub fn clean(raw: &str) -> Cow<'_, str> {
    if is_clean(raw) {
        return Cow::Borrowed(raw);
    }
    let mut text = fold(head(raw, MOST_BYTES));
    // Each round that changes anything makes the text shorter, so this ends.
    loop {
        let decoded = html_escape::decode_html_entities(&text);
        let next = fold(&strip_tags(&decoded));
        if next == text || next.len() > text.len() {
            return Cow::Owned(next);
        }
        text = next;
    }
}

/// A clean text.
#[derive(Debug, Clone, Default)]
pub struct Clean<'t> {
    pub text: Cow<'t, str>,
    /// Whether that was seen at a glance: then it is one that columns of texts take.
    pub is_plain: bool,
}

impl<'t> Clean<'t> {
    /// Of a foreign text.
    pub fn of(raw: Cow<'t, str>) -> Self {
        if plain::clean(&raw) && raw.len() <= MOST_BYTES {
            return Self { text: raw, is_plain: true };
        }
        let text = match raw {
            Cow::Borrowed(raw) => clean(raw),
            Cow::Owned(raw) => Cow::Owned(clean(&raw).into_owned()),
        };
        Self { text, is_plain: false }
    }
}

/// Whether nothing is left of a text once it is clean.
pub fn is_blank(raw: &str) -> bool {
    let is_plain = raw.starts_with(|c| c != ' ') && plain::text(raw);
    !is_plain && clean(raw).is_empty()
}

/// Whether the text holds an HTML entity: what it stands for is meant, and readers of a feed decode none.
pub fn has_entity(text: &str) -> bool {
    text.contains('&') && html_escape::decode_html_entities(text) != text
}

/// Whether the text holds something that looks like an HTML tag or comment.
pub fn has_markup(text: &str) -> bool {
    tags(text).next().is_some()
}

/// The first `most` characters, cut between words where one ends not too far back, without trailing space.
pub fn cut(text: &str, most: usize) -> &str {
    // A character has at least one byte.
    if text.len() <= most {
        return text;
    }
    let Some((end, _)) = text.char_indices().nth(most) else { return text };
    let head = &text[..end];
    if text[end..].starts_with(' ') {
        return head.trim_end();
    }
    match head.rfind(' ') {
        // A word so long that it would cost more than half of the text is cut itself.
        Some(space) if space >= head.len() / 2 => head[..space].trim_end(),
        _ => head,
    }
}

fn is_clean(text: &str) -> bool {
    if plain::clean(text) {
        return text.len() <= MOST_BYTES;
    }
    let mut space_before = true;
    for c in text.chars() {
        if c == ' ' {
            if space_before {
                return false;
            }
            space_before = true;
        } else if matches!(c, '<' | '&') || c.is_control() || c.is_whitespace() || invisible(c) {
            return false;
        } else {
            space_before = false;
        }
    }
    text.len() <= MOST_BYTES && (text.is_empty() || !space_before)
}

fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || (c.is_control() && out.ends_with(' ')) {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !invisible(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn strip_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in tags(text) {
        out.push_str(&text[from..start]);
        // A tag parts words: `책장<br>흰색`.
        out.push(' ');
        from = end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// The byte ranges of everything that looks like a tag: `<` and a letter, `/`, `!` or `?`, up to the next `>`.
fn tags(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find('<')?;
            let rest = &text[start + 1..];
            let opens = rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
            match rest.find('>').filter(|_| opens) {
                Some(length) => {
                    at = start + 1 + length + 1;
                    return Some((start, at));
                }
                None => at = start + 1,
            }
        }
    })
}

fn head(text: &str, most: usize) -> &str {
    if text.len() <= most { text } else { &text[..text.floor_char_boundary(most)] }
}

/// An id without what makes no difference: to a feed's readers, ids that differ by spaces are one.
pub fn key(id: &str) -> String {
    clean(id).chars().filter(|c| *c != ' ').collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn foreign_text_becomes_one_clean_line() {
        let cases = [
            ("책장", "책장"),
            ("  책장\t흰색\r\n 80 cm ", "책장 흰색 80 cm"),
            ("<b>책장</b><br/>흰색", "책장 흰색"),
            ("A &amp; B &lt;i&gt;C&lt;/i&gt;", "A & B C"),
            ("&amp;lt;b&amp;gt;굵게", "굵게"),
            ("5 < 6 > 4", "5 < 6 > 4"),
            ("a\u{0}b\u{7}c\u{85}d", "abc d"),
            ("\u{feff}책\u{200b}장", "책장"),
            ("&#9;&#10;x&nbsp;&nbsp;y", "x y"),
            ("👩\u{200d}🔧 공구", "👩🔧 공구"),
            ("책\u{3164}장 \u{e000}\u{fe0f}\u{fdd0} 흰색\u{ad}", "책장 흰색"),
            ("\u{3164}\u{115f} \u{ffa0}", ""),
            ("&a\u{200d}mp;lt;b>굵게", "굵게"),
            ("R&D 선반", "R&D 선반"),
            ("<!-- note -->x<?php ?>", "x"),
            ("", ""),
            (" \t ", ""),
        ];
        for (raw, expected) in cases {
            assert_eq!(clean(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn an_entity_is_told_from_an_ampersand() {
        for text in ["선반 &amp; 걸이", "세트&nbsp;2장", "&lt;특가&gt;", "&#44032;&#44396;", "&#x1F600;"]
        {
            assert!(has_entity(text), "{text}");
        }
        for text in ["R&D 선반", "A & B;", "&;", "&unknown;", "책장", "https://shop.example/?a=1&b=2"] {
            assert!(!has_entity(text), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_words() {
        let cases = [
            ("책장 흰색", 10, "책장 흰색"),
            ("책장 흰색", 4, "책장"),
            ("책장 흰색", 2, "책장"),
            ("책장흰색", 2, "책장"),
            ("가나 다라 마바", 5, "가나 다라"),
        ];
        for (text, most, expected) in cases {
            assert_eq!(cut(text, most), expected, "{text:?} at {most}");
        }
    }

    proptest! {
        #[test]
        fn what_is_cleaned_breaks_no_row_and_stays_as_it_is(raw in any::<String>()) {
            let once = clean(&raw).into_owned();
            prop_assert!(!once.chars().any(|c| c.is_control() || invisible(c)));
            prop_assert!(!has_markup(&once), "{once:?}");
            prop_assert_eq!(clean(&once).into_owned(), once);
        }

        #[test]
        fn markup_and_entities_never_survive(
            raw in "(&(amp;|lt;|gt;|#60;|#9;|nbsp;|#8203;|#12644;)|[<>/!b ;&\t\u{200d}\u{3164}]|책){0,40}",
        ) {
            let once = clean(&raw).into_owned();
            prop_assert!(!has_markup(&once) && !has_entity(&once), "{once:?}");
            prop_assert!(!once.chars().any(invisible));
            prop_assert!(!once.contains(['\t', '\n', '\r']));
            prop_assert_eq!(clean(&once).into_owned(), once);
        }
    }
}
