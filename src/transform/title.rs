//! A product's title: what it is made of, clean and no longer than its column.

use std::borrow::Cow;

use super::Transform;
use crate::{
    ep::{
        plain::Glance,
        text::{MOST_BYTES, clean, cut},
    },
    product::Member,
};

/// The most characters of a title.
const TITLE: usize = 100;

impl Transform {
    /// Writes the title; gives what was seen of it at a glance.
    pub(super) fn title(&self, member: &Member<'_, '_>, out: &mut String) -> Glance {
        let begin = out.len();
        if self.write_parts(member, true, out) {
            // Where the whole is clean, so is each part of it.
            let title = &out[begin..];
            let glance = Glance::of(title);
            if glance.is_clean() && title.len() <= MOST_BYTES {
                out.truncate(begin + cut(title, TITLE).len());
                return glance;
            }
        }
        out.truncate(begin);
        self.cleaned_title(member, out)
    }

    /// The same, cleaned part by part.
    fn cleaned_title(&self, member: &Member<'_, '_>, out: &mut String) -> Glance {
        let begin = out.len();
        self.write_parts(member, false, out);
        // Two clean parts can join to markup (`a <b` and `c>`), so the whole is cleaned once more.
        let title = clean(&out[begin..]).into_owned();
        out.truncate(begin);
        out.push_str(cut(&title, TITLE));
        Glance::of(&out[begin..])
    }

    /// Writes what the title is made of, cleaned or as it is; false where something as it is was passed over that may not be
    /// if it is cleaned.
    fn write_parts(&self, member: &Member<'_, '_>, as_it_is: bool, out: &mut String) -> bool {
        let (begin, map) = (out.len(), member.map);
        let mut is_sure = true;
        out.push_str(self.config.title_prefix.as_ref().unwrap_or(&map.title_prefix));
        let mut is_written = |text: Cow<'_, str>| {
            let part = if as_it_is { Cow::Borrowed(&*text) } else { clean(&text) };
            if part.is_empty() || map.title_without.iter().any(|without| *without == part) {
                is_sure &= matches!(clean(&text), Cow::Borrowed(_));
                return false;
            }
            if out.len() > begin {
                out.push(' ');
            }
            out.push_str(&part);
            true
        };
        for sources in &map.title {
            // Mostly it is the first one.
            let Some(first) = member.text(sources) else { continue };
            if !is_written(first) {
                let _ = member.texts(sources).skip(1).any(&mut is_written);
            }
        }
        is_sure
    }
}

#[cfg(test)]
mod tests;
