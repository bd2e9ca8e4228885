//! What a product says in lists: the levels of its category, and its images.
//!
//! It never chooses among them.

use std::borrow::Cow;

use super::{
    member::Member,
    texts::{Texts, parts},
};
use crate::map::Place;

/// A level of a category path; it has a name or a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Level<'p> {
    /// For people.
    pub name: Option<Cow<'p, str>>,
    /// The category's id.
    pub key: Option<Cow<'p, str>>,
}

impl<'p, 'a> Member<'p, 'a> {
    /// The levels of its own category path, outermost first.
    pub fn categories(&self) -> Vec<Level<'p>> {
        let mut levels = Vec::new();
        self.each_category(|level| levels.push(level));
        levels
    }

    /// Hands them on, one after the other.
    pub fn each_category(&self, mut take: impl FnMut(Level<'p>)) {
        let categories = &self.map.categories;
        if let Some(split) = &categories.split {
            let texts = categories.names.iter().flat_map(|place| self.many(place));
            let names = texts.flat_map(|(_, text)| parts(&text, split));
            return names.for_each(|name| take(Level { name: Some(name.into()), key: None }));
        }
        for place in &categories.names {
            let mut keys = categories.keys.as_ref().map(|keys| self.many(keys)).unwrap_or_default();
            let mut next = keys.next();
            // Both come in the order of their elements.
            for (at, name) in self.many(place) {
                let mut own = None;
                while let Some((other, key)) = next.take_if(|(other, _)| *other <= at) {
                    next = keys.next();
                    if other == at && own.is_none() {
                        own = Some(key);
                        break;
                    }
                    take(Level { name: None, key: Some(key) });
                }
                take(Level { name: Some(name), key: own });
            }
            next.into_iter().chain(keys).for_each(|(_, key)| take(Level { name: None, key: Some(key) }));
        }
    }

    /// Every image address, where it stands and the place of its element there, the main one first; the same one may
    /// come twice.
    pub fn images(&self) -> Images<'p, 'a> {
        Images { member: *self, places: self.map.images.iter(), at: None }
    }
}

/// The image addresses of a product.
pub struct Images<'p, 'a> {
    member: Member<'p, 'a>,
    places: std::slice::Iter<'p, Place>,
    /// The place at hand, and what is left of its texts.
    at: Option<(&'p Place, Texts<'p>)>,
}

impl<'p> Iterator for Images<'p, '_> {
    type Item = (&'p Place, usize, Cow<'p, str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((place, texts)) = &mut self.at
                && let Some((nth, text)) = texts.next()
            {
                return Some((*place, nth, text));
            }
            let place = self.places.next()?;
            let texts = self.member.many(place);
            let split = self.member.map.images_split.as_deref();
            self.at = Some((place, split.map(|split| texts.clone().split(split)).unwrap_or(texts)));
        }
    }
}
