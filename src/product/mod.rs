//! One product of the source, borrowed from its JSON text.
//!
//! Only the fields that we use are read, and each is kept as what it is: nothing that stands in a field can lose the
//! product, and whoever uses a value decides what of it can be read. Nothing here decides what becomes of a product.

#[macro_use]
mod object;

mod any;
mod family;
mod lists;
mod marks;
mod mend;
mod sales_price;
mod scalar;
mod variants;

pub use family::{ImageField, Member, text};
pub use lists::{Category, Image};
pub use marks::Marks;
pub use mend::mend;
pub use object::{List, Nested};
pub use sales_price::{Amount, SalesPrice};
pub use scalar::Scalar;
pub use variants::Variants;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess},
};

use crate::ep::{broken::Broken, columns::Column};
use marks::MARKED;
use object::{DAMAGED, Object, PRICE, put};

/// A product of the listing. A key that stands twice counts once: its first value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Product<'a> {
    /// `itemNo`: the article number, with leading zeros.
    pub item_no: Option<Scalar<'a>>,
    /// `name`: `NOVAR`
    pub name: Option<Scalar<'a>>,
    /// `typeName`: `책장`
    pub type_name: Option<Scalar<'a>>,
    /// `validDesignText`: colour and material.
    pub valid_design_text: Option<Scalar<'a>>,
    /// `itemMeasureReferenceText`: `80x28x202 cm`
    pub item_measure_reference_text: Option<Scalar<'a>>,
    /// `salesPrice`
    pub sales_price: Option<Nested<'a, SalesPrice<'a>>>,
    /// `pipUrl`: the product page.
    pub pip_url: Option<Scalar<'a>>,
    /// `mainImageUrl`
    pub main_image_url: Option<Scalar<'a>>,
    /// `contextualImageUrl`: an image in a room.
    pub contextual_image_url: Option<Scalar<'a>>,
    /// `allProductImage`
    pub all_product_image: Option<List<Image<'a>>>,
    /// `categoryPath`, outermost first.
    pub category_path: Option<List<Category<'a>>>,
    /// `gprDescription`: the group that it belongs to.
    pub gpr_description: Option<Nested<'a, GprDescription<'a>>>,
    /// `onlineSellable`
    pub online_sellable: Option<Scalar<'a>>,
    /// `lastChance`: about to leave the range.
    pub last_chance: Option<Scalar<'a>>,
    /// `ratingCount`
    pub rating_count: Option<Scalar<'a>>,
    /// Marks of the product, and perhaps of its price, in each place where some may stand.
    pub marks: [Option<Marks>; MARKED.len()],
    /// Two values where one decides.
    pub conflict: Option<Box<Broken>>,
    /// Part of its text could not be read.
    pub damaged: bool,
}

impl Product<'_> {
    /// Whether an element of a list of variants is a product at all: it has an id or a price.
    pub fn says_something(&self) -> bool {
        let has_price = self.sales_price.as_ref().is_some_and(|price| !price.is_absent());
        self.item_no.as_ref().is_some_and(|id| !id.is_absent()) || has_price || self.damaged
    }
}

impl<'de> Deserialize<'de> for Product<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Nested::deserialize(deserializer)? {
            Nested::Here(product) => Ok(product),
            Nested::Other(_) => Err(D::Error::custom("no object")),
        }
    }
}

impl<'de> Object<'de> for Product<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "itemNo" => take!(self, map, key, item_no, Some(Column::Id)),
            "name" => take!(self, map, key, name),
            "typeName" => take!(self, map, key, type_name),
            "validDesignText" => take!(self, map, key, valid_design_text),
            "itemMeasureReferenceText" => take!(self, map, key, item_measure_reference_text),
            "salesPrice" => take!(self, map, key, sales_price, PRICE),
            "pipUrl" => take!(self, map, key, pip_url),
            "mainImageUrl" => take!(self, map, key, main_image_url),
            "contextualImageUrl" => take!(self, map, key, contextual_image_url),
            "allProductImage" => take!(self, map, key, all_product_image),
            "categoryPath" => {
                let path: List<_> = map.next_value()?;
                // No shelf is that deep: whatever this is, it was not read to its end.
                self.damaged |= path.more;
                self.category_path.get_or_insert(path);
            }
            // A second group has members of its own.
            "gprDescription" => match (map.next_value()?, &mut self.gpr_description) {
                (Nested::Here(GprDescription { variants, damaged }), Some(Nested::Here(group))) => {
                    group.damaged |= damaged | !group.variants.add(variants);
                }
                (group, field) => {
                    field.get_or_insert(group);
                }
            },
            "onlineSellable" => take!(self, map, key, online_sellable, None),
            "lastChance" => take!(self, map, key, last_chance),
            "ratingCount" => take!(self, map, key, rating_count),
            DAMAGED => self.damaged = map.next_value()?,
            _ => match MARKED.iter().position(|place| *place == key) {
                Some(at) => put(&mut self.marks[at], map.next_value()?, key, PRICE, &mut self.conflict),
                None => return Ok(false),
            },
        }
        Ok(true)
    }
}

/// The group that a product belongs to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GprDescription<'a> {
    /// `variants`: its other members, each a product of its own that may appear nowhere else.
    pub variants: Variants<'a>,
    /// Part of its text could not be read, so that a variant may be missing.
    pub damaged: bool,
}

impl<'de> Object<'de> for GprDescription<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "variants" => {
                self.damaged |= !self.variants.add(map.next_value()?);
            }
            DAMAGED => self.damaged = map.next_value()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
