//! Whether the catalogue changes its shape in the middle: from some product on, what a row needs stands nowhere that the
//! map looks for it.
//!
//! Products here and there that lack a price are normal; many in a row are not. It holds the beginnings of a few
//! products at most, and tells only their keys.

use std::sync::Arc;

use crate::{
    json::scalars,
    map::{FieldMap, Place, Source, Sources},
    product::Member,
    report::{Percent, ShapeChange},
    web::Discretion,
};

/// Fewer products in a row are chance.
const LEAST: u64 = 20;
/// And so is a smaller share of all.
const LEAST_SHARE: Percent = Percent::whole(1);
/// Of the others at least so many have it: else it is missing everywhere.
const USUAL: Percent = Percent::whole(90);
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

/// How little a place that only one of two products has says of what was renamed: least where it is what was sought but
/// for one key, more where its first key is known to the other product, for products have this and that besides.
fn distance(place: &str, sought: &[String], others: &[String]) -> u8 {
    let but_one = |other: &String| {
        let (keys, others) = (place.split('/'), other.split('/'));
        keys.clone().count() == others.clone().count()
            && keys.zip(others).filter(|(key, other)| key != other).count() == 1
    };
    let first = |place: &str| place.split('/').nth(1).map(str::to_owned);
    match sought.iter().any(but_one) {
        true => 0,
        false if others.iter().all(|other| first(other) != first(place)) => 1,
        false => 2,
    }
}

/// Products in a row that lack the same value.
#[derive(Debug, Clone, Default)]
struct Run {
    /// The number of the first one, from 1.
    first: u64,
    products: u64,
    odd: Odd,
    /// A product that lacks nothing, before it.
    whole: Text,
}

/// Follows a catalogue, product by product.
#[derive(Debug, Default)]
pub(super) struct Watch {
    products: u64,
    discretion: Discretion,
    whole: Text,
    /// For each value that a row needs: how many products lack it, the run at hand, and the longest.
    lack: [u64; NEEDED],
    open: [Option<Run>; NEEDED],
    longest: [Option<Run>; NEEDED],
}

impl Watch {
    /// Takes the next products, in the catalogue's order.
    pub(super) fn take(&mut self, shapes: Shapes) {
        let Shapes { lacks, discretion, whole, odd } = shapes;
        self.discretion.add(&discretion);
        let mut odd = odd.into_iter().peekable();
        for (number, lacks) in lacks.into_iter().enumerate() {
            self.products += 1;
            let here = odd.next_if(|(at, _)| *at == number).map(|(_, odd)| odd);
            for value in 0..NEEDED {
                if lacks >> value & 1 == 0 {
                    self.close(value);
                    continue;
                }
                self.lack[value] += 1;
                let (first, before) = (self.products, &self.whole);
                let run = self.open[value].get_or_insert_with(|| Run {
                    first,
                    whole: before.clone(),
                    ..Run::default()
                });
                run.products += 1;
                if run.odd.text.is_empty()
                    && let Some(odd) = &here
                {
                    run.odd = odd.clone();
                    if run.products > 1 {
                        // It stands for the first one, of which nothing is known; its id does not.
                        run.odd.id.clear();
                    }
                }
            }
            if lacks == 0 && self.whole.is_empty() {
                self.whole.clone_from(&whole);
            }
        }
        if !whole.is_empty() {
            self.whole = whole;
        }
    }

    fn close(&mut self, value: usize) {
        let Some(run) = self.open[value].take() else { return };
        if self.longest[value].as_ref().is_none_or(|longest| longest.products < run.products) {
            self.longest[value] = Some(run);
        }
    }

    /// The longest run that is no chance, now that the catalogue is over.
    pub(super) fn change(mut self, map: &FieldMap) -> Option<ShapeChange> {
        (0..NEEDED).for_each(|value| self.close(value));
        let is_change = |(value, run): &(usize, Run)| {
            let others = self.products - run.products;
            let have = self.products - self.lack[*value];
            run.products >= LEAST
                && LEAST_SHARE.is_reached_by(run.products, self.products)
                && others > 0
                && USUAL.is_reached_by(have, others)
        };
        let runs = self.longest.iter().cloned().enumerate().filter_map(|(value, run)| Some((value, run?)));
        let (value, run) =
            runs.filter(is_change).max_by_key(|(value, run)| (run.products, NEEDED - value))?;
        let whole = if run.whole.is_empty() { &self.whole } else { &run.whole };
        let (whole, odd) = (whole.places(), run.odd.text.places());
        let (field, wanted) = &needed(map)[value];
        // What the map looks for is no foreign word.
        let mut gone: Vec<_> = wanted.iter().map(ToString::to_string).collect();
        let sought = gone.clone();
        let named = |all: &[String], others: &[String]| -> Vec<String> {
            let mut differ: Vec<_> = all.iter().filter(|place| !others.contains(place)).collect();
            differ.sort_by_key(|place| distance(place, &sought, others));
            self.discretion.names(differ.into_iter().take(NAMED).cloned().collect())
        };
        let others: Vec<_> = whole.iter().filter(|place| !gone.contains(place)).cloned().collect();
        gone.extend(named(&others, &odd));
        gone.truncate(NAMED);
        Some(ShapeChange {
            field: (*field).to_owned(),
            products: run.products,
            of: self.products,
            first: run.first,
            id: run.odd.id.clone(),
            gone,
            new: named(&odd, &whole),
        })
    }
}

#[cfg(test)]
mod tests;
