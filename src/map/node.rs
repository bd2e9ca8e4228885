//! What a plan knows of one value on the way.
//!
//! It never holds what a product says there.

use std::ops::Range;

use super::keys::Keys;

/// How a value is read first of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Take {
    /// By its text.
    Whole,
    /// As one value, kept in this slot, that nothing else is wanted of.
    One(usize),
    /// The same as one of several.
    Listed(usize),
    /// As what it is.
    #[default]
    Any,
}

/// A value on the way: what is kept of it, and which values inside lead on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// The members that lead on, or elements of an array by their number.
    pub(crate) keys: Vec<(String, usize)>,
    /// Every element leads on.
    pub(crate) all: Option<usize>,
    /// Where the value itself is kept.
    pub(crate) slot: Option<usize>,
    /// Where its text is kept, to be looked through later.
    pub(crate) raw: Option<usize>,
    /// Where every text in it is kept.
    pub(crate) marks: Option<usize>,
    /// Whether it is a list of variants.
    pub(crate) variants: bool,
    /// The slots of this value and of all inside.
    pub(crate) below: Vec<usize>,
    /// Whether it must be whole.
    pub(crate) is_vital: bool,
    /// Whether the variants stand in it.
    pub(crate) leads_to_variants: bool,
    /// Whether its text is read first, for whoever wants it.
    pub(crate) is_text: bool,
    /// Finds them.
    pub(super) finder: Keys,
    pub(crate) take: Take,
    /// Its own.
    pub(crate) number: usize,
}

impl Node {
    /// Whether the value is kept, or values inside are.
    pub(crate) fn leads_on(&self) -> bool {
        self.slot.is_some() || self.all.is_some() || !self.keys.is_empty()
    }

    /// Which of the keys stands here in a text.
    #[inline(always)]
    pub(crate) fn find(&self, text: &[u8], key: Range<usize>) -> Option<usize> {
        self.finder.find(text, key)
    }

    /// The node that the element at this place leads to.
    pub(crate) fn element(&self, place: usize) -> Option<usize> {
        let by_number = self.keys.iter().find(|(key, _)| key.parse() == Ok(place)).map(|(_, node)| *node);
        by_number.or(self.all)
    }

    /// Whether its text is wanted, or several want the value, each in its own way.
    pub(super) fn wants_text(&self) -> bool {
        self.raw.is_some() || self.variants || self.marks.is_some() && self.leads_on()
    }
}
