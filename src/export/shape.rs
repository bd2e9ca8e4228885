//! Whether the catalogue changes its shape in the middle: from some product on, what a row needs stands nowhere that the
//! map looks for it.
//!
//! Products here and there that lack a price are normal; many in a row are not. It holds the beginnings of a few
//! products at most, and tells only their keys.

mod watch;

pub(super) use watch::Watch;

use std::sync::Arc;

use crate::{
    json::scalars,
    map::{FieldMap, Place, Source, Sources},
    product::Member,
    web::Discretion,
};

/// Places of a product that are looked at.
const PLACES: usize = 200;
/// Bytes of a product that are kept to look at them, should they be asked for.
const KEPT: usize = 16 * 1024;
/// Keys that are named.
const NAMED: usize = 5;
/// Characters of a key.
const KEY_CHARS: usize = 80;
/// The values without which there is no row.
const NEEDED: usize = 5;

/// Which of the values that a row needs stand nowhere in a product, a bit each.
pub(super) type Lacks = u8;

/// A product that lacks something, and what it has instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Odd {
    id: String,
    text: Text,
}

/// The beginning of a product's text. What stands where in it is looked up for the few that are told of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Text(Arc<[u8]>);

impl Text {
    fn of(raw: &[u8]) -> Self {
        Self(raw[..raw.len().min(KEPT)].into())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The places of its values.
    fn places(&self) -> Vec<String> {
        let scalars = scalars(&self.0, PLACES).into_iter();
        scalars.map(|(place, _)| place.chars().take(KEY_CHARS).collect()).collect()
    }
}

/// The shapes of a part of a batch, product by product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shapes {
    lacks: Vec<Lacks>,
    /// How much of it may be told.
    discretion: Discretion,
    /// The first product that lacks nothing.
    whole: Text,
    /// The first product of each kind that lacks something, by its number in the part.
    odd: Vec<(usize, Odd)>,
}

impl Shapes {
    /// One product of the listing; where its variants stand for it, the first of them is looked at.
    pub(super) fn note(&mut self, member: &Member<'_, '_>, raw: &[u8], discretion: &Discretion) {
        let lacks = lacks(member, raw);
        if lacks == 0 && self.whole.is_empty() {
            self.whole = Text::of(raw);
        }
        if lacks != 0 && self.lacks.last().is_none_or(|before| *before != lacks) && self.odd.len() < NAMED {
            let id = member.text(&member.map.id).unwrap_or_default();
            let id = discretion.struck(id.chars().take(KEY_CHARS).collect());
            self.odd.push((self.lacks.len(), Odd { id, text: Text::of(raw) }));
            self.discretion.add(discretion);
        }
        self.lacks.push(lacks);
    }
}

/// The values that a row needs, by the map's names.
fn needed(map: &FieldMap) -> [(&'static str, Vec<&Place>); NEEDED] {
    fn of(sources: &Sources) -> Vec<&Place> {
        let parts = sources.all().iter().flat_map(|source| match source {
            Source::Template(parts) => &parts[..],
            one => std::slice::from_ref(one),
        });
        parts.filter_map(|part| if let Source::At(place) = part { Some(place) } else { None }).collect()
    }
    [
        ("id", of(&map.id)),
        ("name", of(&map.name)),
        ("price", of(&map.price)),
        ("link", of(&map.link)),
        ("images", map.images.iter().collect()),
    ]
}

fn lacks(member: &Member<'_, '_>, raw: &[u8]) -> Lacks {
    let map = member.map;
    let said = [
        member.value(&map.id).is_some(),
        member.value(&map.name).is_some(),
        member.value(&map.price).is_some(),
        member.value(&map.link).is_some(),
        map.images.iter().any(|place| member.has(place)),
    ];
    if said == [true; NEEDED] {
        return 0;
    }
    let is_gone = |(said, (_, places)): (bool, (&str, Vec<&Place>))| {
        !said && !places.is_empty() && places.iter().all(|place| !place.stands_in(raw))
    };
    let gone = said.into_iter().zip(needed(map)).map(is_gone);
    (0..).zip(gone).map(|(bit, gone)| Lacks::from(gone) << bit).sum()
}

#[cfg(test)]
mod tests;
