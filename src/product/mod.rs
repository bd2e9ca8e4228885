//! One product of the source, borrowed from its JSON text.
//!
//! Only the fields that we use are read, and each is kept as what it is: nothing that stands in a field can lose the
//! product, and whoever uses a value decides what of it can be read. Nothing here decides what becomes of a product.

mod any;
mod family;
mod marks;
mod mend;
mod object;
mod scalar;
mod variants;

pub use family::{ImageField, Member, text};
pub use marks::Marks;
pub use mend::{Mended, mend};
pub use object::{Conflict, List, Nested};
pub use scalar::{Scalar, Text};
pub use variants::Variants;

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess},
};

use object::{DAMAGED, Element, Object, put};

/// Where marks stand in a product and in its price: `tag` is the older, single one.
const MARKED: [&str; 4] = ["tag", "tags", "tagWithText", "badge"];

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
    pub conflict: Option<Box<Conflict>>,
    /// Part of its text could not be read.
    pub damaged: bool,
}

impl Product<'_> {
    /// Whether an element of a list of variants is a product at all: it has an id or a price.
    pub fn says_something(&self) -> bool {
        let has_price = match &self.sales_price {
            Some(Nested::Here(_)) => true,
            Some(Nested::Other(other)) => !other.is_absent(),
            None => false,
        };
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

/// Takes a key's value into a field: the first one counts. With a column, a second and different one is a conflict.
macro_rules! take {
    ($self:ident, $map:ident, $key:ident, $field:ident) => {{
        let value = $map.next_value()?;
        $self.$field.get_or_insert(value);
    }};
    ($self:ident, $map:ident, $key:ident, $field:ident, $column:literal) => {{ put(&mut $self.$field, $map.next_value()?, $key, $column, &mut $self.conflict) }};
}

impl<'de> Object<'de> for Product<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "itemNo" => take!(self, map, key, item_no, "id"),
            "name" => take!(self, map, key, name),
            "typeName" => take!(self, map, key, type_name),
            "validDesignText" => take!(self, map, key, valid_design_text),
            "itemMeasureReferenceText" => take!(self, map, key, item_measure_reference_text),
            "salesPrice" => take!(self, map, key, sales_price, "price_pc"),
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
            "onlineSellable" => take!(self, map, key, online_sellable, "product"),
            "lastChance" => take!(self, map, key, last_chance),
            "ratingCount" => take!(self, map, key, rating_count),
            DAMAGED => self.damaged = map.next_value()?,
            _ => match MARKED.iter().position(|place| *place == key) {
                Some(at) => put(&mut self.marks[at], map.next_value()?, key, "price_pc", &mut self.conflict),
                None => return Ok(false),
            },
        }
        Ok(true)
    }
}

/// The price of a product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SalesPrice<'a> {
    /// `numeral`: the amount, a float even where it is whole.
    pub numeral: Option<Scalar<'a>>,
    /// `currencyCode`: `KRW`
    pub currency_code: Option<Scalar<'a>>,
    /// `previous`: the price before an offer, only while on offer.
    pub previous: Option<Nested<'a, Amount<'a>>>,
    /// Its marks, in each place where some may stand.
    pub marks: [Option<Marks>; MARKED.len()],
    /// Two values where one decides.
    pub conflict: Option<Box<Conflict>>,
    /// Part of its text could not be read.
    pub damaged: bool,
}

impl<'de> Object<'de> for SalesPrice<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "numeral" => take!(self, map, key, numeral, "price_pc"),
            "currencyCode" => take!(self, map, key, currency_code, "price_pc"),
            "previous" => take!(self, map, key, previous, "price_pc"),
            DAMAGED => self.damaged = map.next_value()?,
            _ => match MARKED.iter().position(|place| *place == key) {
                Some(at) => put(&mut self.marks[at], map.next_value()?, key, "price_pc", &mut self.conflict),
                None => return Ok(false),
            },
        }
        Ok(true)
    }
}

/// The amount, its currency and its marks, as far as they are there: `79900 KRW FAMILY_PRICE`.
impl fmt::Display for SalesPrice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scalars = [&self.numeral, &self.currency_code].into_iter().flatten().map(Scalar::to_string);
        let parts: Vec<String> = scalars
            .chain(self.marks.iter().flatten().map(Marks::to_string))
            .filter(|part| !part.is_empty())
            .collect();
        f.write_str(&parts.join(" "))
    }
}

/// A price in parts, as shown to people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amount<'a> {
    /// `wholeNumber`: `79,900`
    pub whole_number: Option<Scalar<'a>>,
    /// `numeral`, which some listings give here, too.
    pub numeral: Option<Scalar<'a>>,
    /// Two values where one decides.
    pub conflict: Option<Box<Conflict>>,
}

impl<'de> Object<'de> for Amount<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "wholeNumber" => take!(self, map, key, whole_number, "price_pc"),
            "numeral" => take!(self, map, key, numeral, "price_pc"),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl fmt::Display for Amount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole_number.as_ref().or(self.numeral.as_ref()).map_or(Ok(()), |amount| amount.fmt(f))
    }
}

/// An image of a product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Image<'a> {
    /// `url`: where it is.
    pub url: Option<Scalar<'a>>,
    /// Its place among the images, from 0.
    pub place: usize,
}

impl Element for Image<'_> {
    // A row shows eleven, and the first one that can be shown is mostly the first.
    const MOST: usize = 100;

    fn at(self, place: usize) -> Option<Self> {
        text(&self.url).is_some().then_some(())?;
        Some(Self { place, ..self })
    }
}

impl<'de> Object<'de> for Image<'de> {
    fn of_scalar(url: Scalar<'de>) -> Option<Self> {
        Some(Self { url: Some(url), place: 0 })
    }

    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "url" => take!(self, map, key, url),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A level of a category path.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Category<'a> {
    /// `name`: for people.
    pub name: Option<Scalar<'a>>,
    /// `key`: the category's id.
    pub key: Option<Scalar<'a>>,
}

impl Element for Category<'_> {
    const MOST: usize = 64;

    fn at(self, _: usize) -> Option<Self> {
        (text(&self.name).is_some() || text(&self.key).is_some()).then_some(self)
    }
}

impl<'de> Object<'de> for Category<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "name" => take!(self, map, key, name),
            "key" => take!(self, map, key, key),
            _ => return Ok(false),
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
