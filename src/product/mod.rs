//! One product of the source, borrowed from its JSON text, read by a field map.
//!
//! Only what the map names is read, and each value is kept as what it is: nothing that stands in a field can lose the
//! product, and whoever uses a value decides what of it can be read. Nothing here decides what becomes of a product.

mod any;
mod habit;
mod held;
mod listed;
mod marks;
mod member;
mod mend;
mod pick;
mod read;
mod room;
mod scalar;
mod texts;
mod variants;

pub use member::Member;
pub use mend::mend;
pub use scalar::Scalar;

use held::Held;
use room::Room;
use variants::Variants;

use std::mem;

use crate::{ep::broken::Broken, json::Stops, map::FieldMap};

/// A key that no source writes; the mender puts it into an object of which it could not read everything.
pub(crate) const DAMAGED: &str = "\0damaged";

/// A product of the listing. A key that stands twice counts once: its first value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Product<'a> {
    /// What was found at the map's places, by the plan's slots.
    held: Vec<Held<'a>>,
    room: Room<'a>,
    /// The other members of its group.
    variants: Variants<'a>,
    /// Two values where one decides.
    pub(crate) conflict: Option<Box<Broken>>,
    /// Part of its text could not be read.
    pub(crate) damaged: bool,
    /// Part of the text of its variants could not be read, so that one may be missing.
    pub(crate) variants_damaged: bool,
}

impl<'a> Product<'a> {
    /// Reads the text of one product. An error only where it is no JSON, or no object.
    pub fn read(map: &FieldMap, text: &'a [u8]) -> serde_json::Result<Self> {
        let mut product = Self::default();
        product.read_again(map, text, &mut Stops::default()).map(|()| product)
    }

    /// The same into one that was read before, of which nothing is left but its room.
    pub(crate) fn read_again(
        &mut self,
        map: &FieldMap,
        text: &'a [u8],
        stops: &mut Stops,
    ) -> serde_json::Result<()> {
        if pick::product(map.plan(), text, stops, self).is_none() {
            let read = read::product(map.plan(), text)?;
            *self = Self { room: mem::take(&mut self.room), ..read };
        }
        Ok(())
    }

    /// Its room alone, for another one.
    pub(crate) fn emptied(mut self) -> Product<'static> {
        self.held.iter_mut().for_each(|held| held.lighten(&mut self.room.lists));
        Product {
            held: self.held.into_iter().map(Held::nothing).collect(),
            room: self.room.emptied(),
            variants: self.variants.emptied(),
            ..Product::default()
        }
    }

    fn clear(&mut self, slots: usize) {
        self.held
            .iter_mut()
            .filter(|held| !matches!(held, Held::Nothing))
            .for_each(|held| *held = Held::Nothing);
        self.held.resize_with(slots, Held::default);
        self.variants.clear();
        self.conflict = None;
        (self.damaged, self.variants_damaged) = (false, false);
    }
}

#[cfg(test)]
mod tests;
