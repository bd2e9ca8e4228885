//! The field map: which value of a feed's row stands where in a product of the source, as data.
//!
//! It never reads a product: that is for `product`, which goes by the plan that a map is compiled to.

mod place;
mod plan;
mod restricted;
mod source;

use serde::Deserialize;

pub use place::Place;
pub(crate) use plan::{Node, Plan};
pub use restricted::Restricted;
pub use source::{Source, Sources};

use plan::Role;

/// Where the values of a product stand, ready to be looked up.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Fields")]
pub struct FieldMap {
    fields: Fields,
    plan: Plan,
}

impl std::ops::Deref for FieldMap {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.fields
    }
}

/// The fields that a map names. Each says where its value stands; of several sources the first one that says something
/// counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// The product's id: what makes it another product.
    pub id: Sources,
    /// Its name. A product without one is broken.
    pub name: Sources,
    /// What kind of thing it is. Words that leave a product out are looked for here and in its name.
    pub kind: Option<Sources>,
    /// The parts of its title, in this order.
    pub title: Vec<Sources>,
    /// What the source calls its price, whoever pays that.
    pub price: Sources,
    /// What it costs without the offer.
    pub regular_price: Option<Sources>,
    /// ISO 4217.
    pub currency: Option<Sources>,
    /// Where words stand that say for whom a price holds: any text below these places counts.
    #[serde(default)]
    pub marks: Vec<Place>,
    /// Words within those marks by which a price is not everybody's.
    #[serde(default)]
    pub restricted: Restricted,
    /// Its page.
    pub link: Sources,
    /// Its images, the main one first: all values of all sources.
    pub images: Vec<Place>,
    /// The ends of an image's name, before its extension, that say that it is too small, and what stands there for one
    /// that is not.
    #[serde(default)]
    pub image_sizes: Vec<ImageSize>,
    /// The levels of its category path. A variant without any takes its product's.
    pub categories: Categories,
    /// Whether it can be bought.
    pub sellable: Option<Sources>,
    /// Whether it is about to leave the range.
    pub last_chance: Option<Sources>,
    /// How many people rated it.
    pub rating_count: Option<Sources>,
    /// The list of its variants, each of which is a product, too.
    pub variants: Option<Place>,
}

/// Where the levels of a category path stand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Categories {
    /// Their names, outermost first.
    pub names: Place,
    /// Their keys, in the same elements.
    pub keys: Option<Place>,
    /// Keys of levels that are no category.
    #[serde(default)]
    pub skip: Vec<String>,
}

/// Ends of an image's name that are replaced by another: `_s1` by `_s5`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSize {
    /// They.
    pub small: Vec<String>,
    /// What replaces it.
    pub large: String,
}

impl From<Fields> for FieldMap {
    fn from(mut fields: Fields) -> Self {
        let mut plan = Plan::default();
        let all = &mut fields;
        for (role, sources) in [
            (Role::Id, vec![&mut all.id]),
            (Role::Price, vec![&mut all.price]),
            (Role::Regular, all.regular_price.iter_mut().chain(&mut all.currency).collect()),
            (Role::Sellable, all.sellable.iter_mut().collect()),
            (Role::Plain, [&mut all.name, &mut all.link].into_iter().chain(&mut all.title).collect()),
            (
                Role::Plain,
                all.kind.iter_mut().chain(&mut all.last_chance).chain(&mut all.rating_count).collect(),
            ),
        ] {
            for place in sources.into_iter().flat_map(Sources::places_mut) {
                plan.add(place, role);
            }
        }
        for (role, places) in [
            (Role::Marks, all.marks.iter_mut().collect::<Vec<_>>()),
            (Role::Image, all.images.iter_mut().collect()),
            (Role::Level, [&mut all.categories.names].into_iter().chain(&mut all.categories.keys).collect()),
            (Role::Variants, all.variants.iter_mut().collect()),
        ] {
            places.into_iter().for_each(|place| plan.add(place, role));
        }
        Self { fields, plan: plan.finished() }
    }
}

impl FieldMap {
    /// The way through a product that meets every place of the map.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }
}
