//! A product and, for a variant, the product that it is a variant of: what the field map's sources say of it.

use std::borrow::Cow;

use super::{
    Product, Scalar,
    held::Held,
    marks::Marks,
    texts::{Texts, into_text, looked_up},
};
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

    /// What stands among its variants and is none.
    pub fn no_variants(&self) -> impl Iterator<Item = &'a [u8]> + use<'p, 'a> {
        self.product.variants.others()
    }

    /// Whether an element of a list of variants is a product at all: it has an id or a price.
    pub fn says_something(&self) -> bool {
        let is_there = |sources| self.value(sources).is_some();
        let has_price = is_there(&self.map.price) || self.instead_of_price().is_some();
        is_there(&self.map.id) || has_price || self.product.damaged
    }

    /// The first value that its sources have, whatever it is.
    pub fn value(&self, sources: &'p Sources) -> Option<Cow<'p, Scalar<'p>>> {
        self.first(sources.all(), |scalar| Some(Cow::Borrowed(scalar)), Some)
    }

    /// The first text that its sources have.
    pub fn text(&self, sources: &'p Sources) -> Option<Cow<'p, str>> {
        self.first(sources.all(), Scalar::text, into_text)
    }

    /// The first of the sources' values that one of these two makes something of: one that is the product's own and alone at
    /// its place, as it mostly is, or any other one.
    #[inline]
    fn first<T>(
        &self,
        sources: &'p [Source],
        own: impl Fn(&'p Scalar<'a>) -> Option<T>,
        other: impl Fn(Cow<'p, Scalar<'p>>) -> Option<T>,
    ) -> Option<T> {
        let mut rest = sources;
        while let [source, after @ ..] = rest {
            match self.alone(source) {
                Alone::One(scalar) if !scalar.is_absent() => {
                    if let found @ Some(_) = own(scalar) {
                        return found;
                    }
                }
                Alone::One(_) | Alone::Nothing => {}
                Alone::Unclear => return self.values_of(rest).find_map(other),
            }
            rest = after;
        }
        None
    }

    /// What a source says, where there is no way to go.
    #[inline]
    fn alone(&self, source: &'p Source) -> Alone<'p, 'a> {
        match source {
            Source::At(place) if !place.of_parent => match &self.product.held[place.slot] {
                Held::One(scalar) => Alone::One(scalar),
                Held::Nothing | Held::Instead(_) | Held::Marks(_) => Alone::Nothing,
                Held::Many(_) | Held::Raw(_) => Alone::Unclear,
            },
            // It is a variant of none.
            Source::At(_) if self.parent.is_none() => Alone::Nothing,
            _ => Alone::Unclear,
        }
    }

    /// The texts that its sources have, in their order.
    pub fn texts(&self, sources: &'p Sources) -> impl Iterator<Item = Cow<'p, str>> + use<'p, 'a> {
        self.values(sources).filter_map(into_text)
    }

    /// The values that its sources have, in their order; blank ones are none.
    pub fn values(&self, sources: &'p Sources) -> impl Iterator<Item = Cow<'p, Scalar<'p>>> + use<'p, 'a> {
        self.values_of(sources.all())
    }

    fn values_of(&self, sources: &'p [Source]) -> impl Iterator<Item = Cow<'p, Scalar<'p>>> + use<'p, 'a> {
        let member = *self;
        sources.iter().flat_map(move |source| member.of(source)).filter(|value| !value.is_absent())
    }

    /// The source that the first text comes from.
    pub fn said_by<'s>(&self, sources: &'s Sources) -> Option<&'s Source> {
        sources.all().iter().find(|source| self.of(source).any(|value| into_text(value).is_some()))
    }

    /// What one source says: a place in the products that it is a variant of says several things, the nearest one first.
    fn of(&self, source: &'p Source) -> impl Iterator<Item = Cow<'p, Scalar<'p>>> + use<'p, 'a> {
        let (text, place) = match source {
            Source::At(place) => (None, Some(place)),
            Source::Text(text) => (Some(Cow::Owned(Scalar::Text(text.as_str().into()))), None),
            Source::Template(parts) => (self.filled(parts), None),
            // Nothing is known of the source's address.
            Source::Base => (None, None),
        };
        let member = *self;
        let found = place
            .into_iter()
            .flat_map(move |place| member.owners(place).filter_map(move |product| first(product, place)));
        text.into_iter().chain(found)
    }

    /// The products in which a place is meant: this one, or those that it is a variant of, the nearest one first.
    fn owners(&self, place: &Place) -> impl Iterator<Item = &'p Product<'a>> + use<'p, 'a> {
        let (from, most) = if place.of_parent { (1, usize::MAX) } else { (0, 1) };
        self.lineage().skip(from).take(most).map(|member| member.product)
    }

    /// The texts at a place of the nearest product that has any, each with the place of its element in its list.
    pub(super) fn many(&self, place: &'p Place) -> Texts<'p> {
        if !place.of_parent {
            return Texts::at(self.product, place);
        }
        let mut all = self.owners(place).map(|product| Texts::at(product, place));
        all.find(|texts| texts.clone().next().is_some()).unwrap_or_default()
    }

    /// Whether any text stands at a place.
    pub(crate) fn has(&self, place: &'p Place) -> bool {
        self.many(place).next().is_some()
    }

    /// What marks it, or its price.
    fn marks(&self) -> impl Iterator<Item = &'p Marks> + use<'p, 'a> {
        let member = *self;
        self.map.marks.iter().flat_map(move |place| member.marks_at(place))
    }

    fn marks_at(&self, place: &Place) -> impl Iterator<Item = &'p Marks> + use<'p, 'a> {
        let slot = place.slot;
        self.owners(place).filter_map(move |product| match &product.held[slot] {
            Held::Marks(marks) => Some(marks),
            _ => None,
        })
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
            Held::Marks(marks) if !place.of_parent => marks.any(&restricts),
            _ if !place.of_parent => false,
            _ => self.marks_at(place).any(|marks| marks.any(&restricts)),
        })
    }

    /// What stands where the way to its price goes on.
    pub fn instead_of_price(&self) -> Option<&'p Scalar<'a>> {
        let held = |source: &'p Source| match source {
            Source::At(place) => self.owners(place).find_map(|product| match &product.held[place.slot] {
                Held::Instead(scalar) => Some(scalar),
                _ => None,
            }),
            Source::Text(_) | Source::Template(_) | Source::Base => None,
        };
        self.map.price.all().iter().find_map(held)
    }

    /// Its price with its currency and the marks that restrict it, as people are shown them: `79900 KRW FAMILY_PRICE`.
    pub fn shown_price(&self) -> String {
        let scalars = [&self.map.price, &self.map.currency].map(|sources| self.value(sources));
        let scalars = scalars.into_iter().flatten().map(|value| value.to_string());
        let marks = self.marks().map(|marks| marks.shown(|mark| self.map.restricted.holds(mark)));
        scalars.chain(marks).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// What a source says, as far as that is seen at once.
enum Alone<'p, 'a> {
    /// One value, which may be blank.
    One(&'p Scalar<'a>),
    Nothing,
    /// It has to be looked for.
    Unclear,
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
