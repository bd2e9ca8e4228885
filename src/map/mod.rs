//! The field map: which value of a feed's row stands where in a product of the source, as data.
//!
//! It never reads a product: that is for `product`, which goes by the plan that a map is compiled to.

mod keys;
mod node;
mod parts;
mod place;
mod plan;
mod restricted;
mod source;
mod unit;

use serde::Deserialize;
use url::Url;

pub(crate) use node::{Node, Take};
pub use parts::{Categories, ImageSize};
pub use place::Place;
pub(crate) use plan::{MOST_VALUES, Plan};
pub use restricted::Restricted;
pub use source::{Source, Sources};
pub use unit::Unit;

use crate::web::without_user;
use plan::Role;

/// Where the values of a product stand, ready to be looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldMap {
    fields: Fields,
    plan: Plan,
    /// The line and the column of fields in the text of a shop's own map.
    written: Vec<(String, (usize, usize))>,
}

impl std::ops::Deref for FieldMap {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

/// The fields that a map names. Each says where its value stands; of several sources the first one that says something
/// counts. What is not named is not there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    /// The product's id: what makes it another product.
    pub(crate) id: Sources,
    /// Its name. A product without one is broken.
    pub(crate) name: Sources,
    /// What kind of thing it is. Words that leave a product out are looked for here and in its name.
    pub(crate) kind: Sources,
    /// The first word of every title.
    pub(crate) title_prefix: String,
    /// The parts of its title, in this order.
    pub(crate) title: Vec<Sources>,
    /// Texts that are no part of a title, though they stand where one does: `Default Title`.
    pub(crate) title_without: Vec<String>,
    /// What the source calls its price, whoever pays that.
    pub(crate) price: Sources,
    /// What the prices are counted in.
    pub(crate) price_unit: Unit,
    /// What it costs without the offer.
    pub(crate) regular_price: Sources,
    /// ISO 4217.
    pub(crate) currency: Sources,
    /// Where words stand that say for whom a price holds: any text below these places counts.
    pub(crate) marks: Vec<Place>,
    /// Words within those marks by which a price is not everybody's.
    pub(crate) restricted: Restricted,
    /// Its page.
    pub(crate) link: Sources,
    /// Its page for phones, where that is another one.
    pub(crate) mobile_link: Sources,
    /// Its images, the main one first: all values of all sources.
    pub(crate) images: Vec<Place>,
    /// What parts the addresses where one text holds several: `,`.
    pub(crate) images_split: Option<String>,
    /// The ends of an image's name, before its extension, that say that it is too small, and what stands there for one
    /// that is not.
    pub(crate) image_sizes: Vec<ImageSize>,
    /// The levels of its category path. A variant without any takes its product's.
    pub(crate) categories: Categories,
    /// Whether it can be bought.
    pub(crate) sellable: Sources,
    /// What that says of one that can, where it is no plain yes: `in stock`.
    pub(crate) sellable_yes: Vec<String>,
    /// How many there are; one of which there are none cannot be bought.
    pub(crate) stock: Sources,
    /// Whether it is about to leave the range.
    pub(crate) last_chance: Sources,
    /// How many people rated it.
    pub(crate) rating_count: Sources,
    /// Its maker's number.
    pub(crate) mpn: Sources,
    /// Who made it, or sells it under its name.
    pub(crate) brand: Sources,
    /// Its GTIN, of 8, 12 or 13 digits.
    pub(crate) gtin: Sources,
    /// The list of its variants, each of which is a product, too.
    pub(crate) variants: Option<Place>,
    /// Whether they stand for it, so that one with variants is none by itself.
    pub(crate) variants_replace: bool,
}

impl Fields {
    /// These where they are `named`, and `base`'s in place of the others: what is named counts though it says nothing new.
    pub(crate) fn over(self, base: Self, named: &[String]) -> Self {
        let is_named = |field: &str| named.iter().any(|named| named == field);
        macro_rules! each {
            ($($field:ident)*) => {
                Self { $($field: if is_named(stringify!($field)) { self.$field } else { base.$field },)* }
            };
        }
        each! {
            id name kind title_prefix title title_without price price_unit regular_price currency marks restricted link
            mobile_link images images_split image_sizes categories sellable sellable_yes stock last_chance rating_count mpn brand gtin
            variants variants_replace
        }
    }

    /// These, with the address that the source is asked at, as anybody may know it: who signs in there is nobody's business.
    pub(crate) fn based(mut self, base: &str) -> Self {
        let base = Url::parse(base).map_or_else(|_| base.to_owned(), |url| without_user(url).into());
        self.sources_mut()
            .into_iter()
            .flat_map(|(_, sources)| sources)
            .for_each(|sources| sources.based(&base));
        self
    }

    /// The fields without which there is no row, as far as they are not named.
    fn missing(&self) -> Vec<&'static str> {
        let none = Sources::default();
        let is_there = [
            ("id", self.id != none),
            ("name", self.name != none),
            ("title", !self.title.is_empty()),
            ("price", self.price != none),
            ("link", self.link != none),
            ("images", !self.images.is_empty()),
            ("categories", !self.categories.names.is_empty()),
        ];
        is_there.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
    }

    fn sources_mut(&mut self) -> [(Role, Vec<&mut Sources>); 5] {
        [
            (Role::Id, vec![&mut self.id]),
            (Role::Price, vec![&mut self.price]),
            (Role::Regular, vec![&mut self.regular_price, &mut self.currency]),
            (Role::Sellable, vec![&mut self.sellable, &mut self.stock]),
            (
                Role::Plain,
                [
                    &mut self.name,
                    &mut self.kind,
                    &mut self.link,
                    &mut self.mobile_link,
                    &mut self.last_chance,
                ]
                .into_iter()
                .chain([&mut self.rating_count, &mut self.mpn, &mut self.brand, &mut self.gtin])
                .chain(&mut self.title)
                .chain(self.price_unit.sources_mut())
                .collect(),
            ),
        ]
    }

    fn places_mut(&mut self) -> [(Role, Vec<&mut Place>); 4] {
        let Categories { names, keys, .. } = &mut self.categories;
        [
            (Role::Marks, self.marks.iter_mut().collect()),
            (Role::Image, self.images.iter_mut().collect()),
            (Role::Level, names.iter_mut().chain(keys).collect()),
            (Role::Variants, self.variants.iter_mut().collect()),
        ]
    }
}

impl TryFrom<Fields> for FieldMap {
    type Error = String;

    fn try_from(mut fields: Fields) -> Result<Self, String> {
        let missing = fields.missing();
        if !missing.is_empty() {
            return Err(format!(
                "the map of a product does not say where to find its {}",
                missing.join(", ")
            ));
        }
        if let Some(place) = fields.variants.as_ref().filter(|place| !place.is_plain()) {
            return Err(format!(
                "the variants are all elements of one list of the product itself, found {place}"
            ));
        }
        let mut plan = Plan::default();
        for (role, sources) in fields.sources_mut() {
            for place in sources.into_iter().flat_map(Sources::places_mut) {
                plan.add(place, role);
            }
        }
        for (role, places) in fields.places_mut() {
            places.into_iter().for_each(|place| plan.add(place, role));
        }
        Ok(Self { fields, plan: plan.finished(), written: Vec::new() })
    }
}

impl FieldMap {
    /// With where its fields stand in the text of a shop's own map.
    pub(crate) fn written(self, written: Vec<(String, (usize, usize))>) -> Self {
        Self { written, ..self }
    }

    /// The line and the column of a field in a shop's own map.
    pub(crate) fn written_at(&self, field: &str) -> Option<(usize, usize)> {
        self.written.iter().find(|(named, _)| named == field).map(|(_, place)| *place)
    }

    /// Whether a template of it begins with the address that the source is asked at, and that is not known.
    pub(crate) fn needs_base(&self) -> bool {
        let mut fields = self.fields.clone();
        fields.sources_mut().into_iter().flat_map(|(_, sources)| sources).any(|sources| sources.needs_base())
    }

    /// Whether the feed has a column for what the products' barcodes say.
    pub(crate) fn has_barcode(&self) -> bool {
        self.gtin != Sources::default()
    }

    /// The way through a product that meets every place of the map.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }
}
