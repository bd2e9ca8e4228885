//! The variants of a product, as they stand in its text: each is read when it is its turn, so that they take no memory
//! however many there are.

use crate::json::{elements, members};

/// Lists of variants that are kept; a group has one.
const MOST: usize = 16;

/// The other members of a group, not read yet. Their text is sound JSON but for what only a value's own reader refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variants<'a>(Vec<&'a [u8]>);

impl<'a> Variants<'a> {
    /// Those in a list; anything else holds no variants.
    pub(super) fn of(text: &'a [u8]) -> Self {
        let is_list = matches!(text.first(), Some(b'[' | b'{'));
        Self(is_list.then_some(text).into_iter().collect())
    }

    /// None, and room for some.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Its room alone.
    pub(super) fn emptied(mut self) -> Variants<'static> {
        self.clear();
        Variants(self.0.into_iter().map(|_| &[][..]).collect())
    }

    /// Adds those of another list; false where they cannot all be kept.
    pub(super) fn add(&mut self, more: Self) -> bool {
        let room = MOST - self.0.len();
        let fits = more.0.len() <= room;
        self.0.extend(more.0.into_iter().take(room));
        fits
    }

    /// What stands among them and is no object: what it stands for is not known.
    pub fn others<'v>(&'v self) -> impl Iterator<Item = &'a [u8]> + use<'v, 'a> {
        let elements = self.0.iter().flat_map(|list| elements(list));
        elements.filter(|text| !matches!(text.first(), Some(b'{' | b'n')))
    }

    /// Each object of the lists: an array's elements, or a map's values.
    pub fn texts<'v>(&'v self) -> impl Iterator<Item = &'a [u8]> + use<'v, 'a> {
        self.0.iter().flat_map(|list| {
            let values = members(list).map(|(_, value)| value);
            elements(list).chain(values).filter(|text| text.first() == Some(&b'{'))
        })
    }
}
