//! A product and, for a variant, the product that it is a variant of: what the field map's sources say of it.

use std::borrow::Cow;

use super::{Product, Scalar, held::Held};
use crate::map::{FieldMap, Place, Source, Sources};

/// A product as a member of its family.
#[derive(Debug, Clone, Copy)]
pub struct Member<'p, 'a> {
    /// Where its values stand.
    pub map: &'p FieldMap,
    /// The product itself.
    pub product: &'p Product<'a>,
    parent: Option<&'p Member<'p, 'a>>,
}

/// A level of a category path; it has a name or a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Level<'p> {
    /// For people.
    pub name: Option<Cow<'p, str>>,
    /// The category's id.
    pub key: Option<Cow<'p, str>>,
}

impl<'p, 'a> Member<'p, 'a> {
    /// A product of the listing.
    pub fn listed(map: &'p FieldMap, product: &'p Product<'a>) -> Self {
        Self { map, product, parent: None }
    }

    /// A variant of this one.
    pub fn variant(&'p self, product: &'p Product<'a>) -> Self {
        Self { map: self.map, product, parent: Some(self) }
    }

    /// Whether it is a variant of another product.
    pub fn is_variant(&self) -> bool {
        self.parent.is_some()
    }

    /// The texts of its variants, each an object that may be a product.
    pub fn variants(&self) -> impl Iterator<Item = &'a [u8]> + use<'p, 'a> {
        self.product.variants.texts()
    }

    /// Whether an element of a list of variants is a product at all: it has an id or a price.
    pub fn says_something(&self) -> bool {
        let is_there = |sources| self.value(sources).is_some();
        let has_price = is_there(&self.map.price) || self.instead_of_price().is_some();
        is_there(&self.map.id) || has_price || self.product.damaged
    }

    /// The first value that its sources have, whatever it is.
    pub fn value(&self, sources: &'p Sources) -> Option<Cow<'p, Scalar<'p>>> {
        self.values(sources).next()
    }

    /// The first text that its sources have.
    pub fn text(&self, sources: &'p Sources) -> Option<Cow<'p, str>> {
        self.texts(sources).next()
    }

    /// The texts that its sources have, in their order.
    pub fn texts(&self, sources: &'p Sources) -> impl Iterator<Item = Cow<'p, str>> + use<'p, 'a> {
        self.values(sources).filter_map(into_text)
    }

    /// The values that its sources have, in their order; blank ones are none.
    pub fn values(&self, sources: &'p Sources) -> impl Iterator<Item = Cow<'p, Scalar<'p>>> + use<'p, 'a> {
        let member = *self;
        sources.all().iter().flat_map(move |source| member.of(source)).filter(|value| !value.is_absent())
    }

    /// The source that the first text comes from.
    pub fn said_by<'s>(&self, sources: &'s Sources) -> Option<&'s Source> {
        sources.all().iter().find(|source| self.of(source).any(|value| into_text(value).is_some()))
    }

    /// What one source says: a place in the products that it is a variant of says several things, the nearest one first.
    fn of(&self, source: &'p Source) -> impl Iterator<Item = Cow<'p, Scalar<'p>>> + use<'p, 'a> {
        let (own, place) = match source {
            Source::At(place) if place.of_parent => (None, Some(place)),
            Source::At(place) => (first(self.product, place), None),
            Source::Text(text) => (Some(Cow::Owned(Scalar::Text(text.as_str().into()))), None),
            Source::Template(parts) => (self.filled(parts), None),
            // Nothing is known of the source's address.
            Source::Base => (None, None),
        };
        let lineage = self.lineage();
        let above = place.map(|place| lineage.skip(1).filter_map(move |member| first(member.product, place)));
        own.into_iter().chain(above.into_iter().flatten())
    }

    fn filled(&self, parts: &'p [Source]) -> Option<Cow<'p, Scalar<'p>>> {
        let texts: Option<String> = parts.iter().map(|part| self.of(part).find_map(into_text)).collect();
        texts.map(|text| Cow::Owned(Scalar::Text(text.into())))
    }

    /// Itself, then the product that it is a variant of, and so on.
    pub fn lineage(&self) -> impl Iterator<Item = Self> + use<'p, 'a> {
        std::iter::successors(Some(*self), |member| member.parent.copied())
    }

    /// The texts that mark it, or its price.
    pub fn is_marked(&self, restricts: impl Fn(&str) -> bool) -> bool {
        self.map.marks.iter().any(|place| match &self.product.held[place.slot] {
            Held::Marks(marks) => marks.any(&restricts),
            _ => false,
        })
    }

    /// What stands where the way to its price goes on.
    pub fn instead_of_price(&self) -> Option<&'p Scalar<'a>> {
        let held = |source: &'p Source| match source {
            Source::At(place) => match &self.product.held[place.slot] {
                Held::Instead(scalar) => Some(scalar),
                _ => None,
            },
            Source::Text(_) | Source::Template(_) | Source::Base => None,
        };
        self.map.price.all().iter().find_map(held)
    }

    /// Its price with its currency and the marks that restrict it, as people are shown them: `79900 KRW FAMILY_PRICE`.
    pub fn shown_price(&self) -> String {
        let scalars = [&self.map.price, &self.map.currency].map(|sources| self.value(sources));
        let scalars = scalars.into_iter().flatten().map(|value| value.to_string());
        let marks = self.map.marks.iter().filter_map(|place| match &self.product.held[place.slot] {
            Held::Marks(marks) => Some(marks.shown(|mark| self.map.restricted.holds(mark))),
            _ => None,
        });
        scalars.chain(marks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The levels of its own category path, outermost first.
    pub fn categories(&self) -> Vec<Level<'p>> {
        let categories = &self.map.categories;
        if let Some(split) = &categories.split {
            let texts = categories.names.iter().flat_map(|place| many(self.product, place));
            let names = texts.flat_map(|(_, text)| parts(&text, split));
            return names.map(|name| Level { name: Some(name.into()), key: None }).collect();
        }
        let mut levels: Vec<Level<'p>> = Vec::new();
        for place in &categories.names {
            let names = many(self.product, place);
            let keys = categories.keys.iter().flat_map(|keys| many(self.product, keys)).collect::<Vec<_>>();
            let mut places: Vec<_> = names.iter().chain(&keys).map(|(at, _)| *at).collect();
            places.sort_unstable();
            places.dedup();
            let at = |all: &[(usize, Cow<'p, str>)], place| {
                all.iter().find(|(at, _)| *at == place).map(|(_, text)| text.clone())
            };
            levels.extend(
                places.into_iter().map(|place| Level { name: at(&names, place), key: at(&keys, place) }),
            );
        }
        levels
    }

    /// Every image address, where it stands and the place of its element there, the main one first; the same one may
    /// come twice.
    pub fn images(&self) -> impl Iterator<Item = (&'p Place, usize, Cow<'p, str>)> + use<'p, 'a> {
        let member = *self;
        self.map.images.iter().flat_map(move |place| {
            let found = many(member.owner(place), place).into_iter();
            found.flat_map(move |(nth, text)| match &member.map.images_split {
                None => vec![(place, nth, text)],
                Some(split) => {
                    (0..).zip(parts(&text, split)).map(|(nth, url)| (place, nth, url.into())).collect()
                }
            })
        })
    }

    fn owner(&self, place: &Place) -> &'p Product<'a> {
        self.parent.filter(|_| place.of_parent).map_or(self.product, |parent| parent.product)
    }
}

/// The first value at a place.
fn first<'p>(product: &'p Product<'_>, place: &Place) -> Option<Cow<'p, Scalar<'p>>> {
    match &product.held[place.slot] {
        Held::One(scalar) => Some(Cow::Borrowed(scalar)),
        Held::Many(scalars) => scalars.first().map(|(_, scalar)| Cow::Borrowed(scalar)),
        Held::Raw(_) => looked_up(product, place).into_iter().next().map(Cow::Owned),
        Held::Nothing | Held::Instead(_) | Held::Marks(_) => None,
    }
}

/// The texts at a place, each with the place of its element in its list.
fn many<'p>(product: &'p Product<'_>, place: &Place) -> Vec<(usize, Cow<'p, str>)> {
    match &product.held[place.slot] {
        Held::One(scalar) => scalar.text().map(|text| (0, text)).into_iter().collect(),
        Held::Many(scalars) => {
            scalars.iter().filter_map(|(nth, scalar)| Some((*nth, scalar.text()?))).collect()
        }
        Held::Raw(_) => {
            let found = looked_up(product, place).into_iter().enumerate();
            found.filter_map(|(nth, scalar)| Some((nth, into_text(Cow::Owned(scalar))?))).collect()
        }
        Held::Nothing | Held::Instead(_) | Held::Marks(_) => Vec::new(),
    }
}

/// What stands in those elements of a list that a place names.
fn looked_up<'p>(product: &'p Product<'_>, place: &Place) -> Vec<Scalar<'p>> {
    let (Held::Raw(lists), Some(inside)) = (&product.held[place.slot], &place.inside) else {
        return Vec::new();
    };
    let found = lists.iter().filter_map(|list| inside.up_to(MOST, list).ok()).flatten();
    found.take(MOST).filter_map(|text| serde_json::from_slice(text).ok()).collect()
}

/// Values that are looked up in a list.
const MOST: usize = 100;

/// The parts of a text that names several levels.
fn parts(text: &str, split: &str) -> Vec<String> {
    text.split(split).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn into_text<'p>(value: Cow<'p, Scalar<'p>>) -> Option<Cow<'p, str>> {
    match value {
        Cow::Borrowed(scalar) => scalar.text(),
        Cow::Owned(scalar) => scalar.text().map(|text| Cow::Owned(text.into_owned())),
    }
}
