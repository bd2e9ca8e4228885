//! The texts at one place of a product, one after the other.
//!
//! It never looks into another product: whose place is meant is for `member`.

use std::borrow::Cow;

use super::{
    Product, Scalar,
    held::Held,
    member::{into_text, looked_up, parts},
};
use crate::map::Place;

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
