//! The texts at one place of a product, one after the other.
//!
//! It never looks into another product: whose place is meant is for `member`.

use std::borrow::Cow;

use super::{Product, Scalar, held::Held};
use crate::map::{MOST_VALUES, Place};

/// The texts, each with the place of its element in its list.
#[derive(Debug, Clone)]
pub(super) enum Texts<'p> {
    /// One that stands alone.
    One(Option<&'p Scalar<'p>>),
    /// Those of a list.
    Listed(std::slice::Iter<'p, (usize, Scalar<'p>)>),
    /// Those that had to be looked for, or taken apart.
    Made(std::vec::IntoIter<(usize, Cow<'p, str>)>),
}

impl Default for Texts<'_> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl<'p> Texts<'p> {
    /// Of this place.
    pub(super) fn at(product: &'p Product<'_>, place: &Place) -> Self {
        match &product.held[place.slot] {
            Held::One(scalar) => Self::One(Some(scalar)),
            Held::Many(scalars) => Self::Listed(scalars.iter()),
            Held::Raw(_) => {
                let found = looked_up(product, place).into_iter().enumerate();
                let texts = found.filter_map(|(nth, scalar)| Some((nth, into_text(Cow::Owned(scalar))?)));
                Self::Made(texts.collect::<Vec<_>>().into_iter())
            }
            Held::Nothing | Held::Instead(_) | Held::Marks(_) => Self::default(),
        }
    }

    /// The parts of each, counted anew in each.
    pub(super) fn split(self, by: &str) -> Self {
        let parts = self.flat_map(|(_, text)| (0..).zip(parts(&text, by)));
        Self::Made(parts.map(|(nth, part)| (nth, part.into())).collect::<Vec<_>>().into_iter())
    }
}

impl<'p> Iterator for Texts<'p> {
    type Item = (usize, Cow<'p, str>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(one) => one.take().and_then(Scalar::text).map(|text| (0, text)),
            Self::Listed(all) => all.find_map(|(nth, scalar)| Some((*nth, scalar.text()?))),
            Self::Made(all) => all.next(),
        }
    }
}

/// What stands in those elements of a list that a place names.
pub(super) fn looked_up<'p>(product: &'p Product<'_>, place: &Place) -> Vec<Scalar<'p>> {
    let (Held::Raw(lists), Some(inside)) = (&product.held[place.slot], &place.inside) else {
        return Vec::new();
    };
    let found = lists.iter().filter_map(|list| inside.up_to(MOST_VALUES, list).ok()).flatten();
    found.take(MOST_VALUES).filter_map(|text| serde_json::from_slice(text).ok()).collect()
}

/// The parts of a text that holds several values.
pub(super) fn parts(text: &str, split: &str) -> Vec<String> {
    text.split(split).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A value as a text, where it is one.
pub(super) fn into_text<'p>(value: Cow<'p, Scalar<'p>>) -> Option<Cow<'p, str>> {
    match value {
        Cow::Borrowed(scalar) => scalar.text(),
        Cow::Owned(scalar) => scalar.text().map(|text| Cow::Owned(text.into_owned())),
    }
}
