//! One product of the source, borrowed from its JSON text.
//!
//! Only the fields that we use are read. A used field of another type than expected counts as absent, and a field
//! that we do not use can never lose a product. Nothing here decides what becomes of a product.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// A text, borrowed where the JSON holds no escapes.
pub type Text<'a> = Cow<'a, str>;

/// A product of the listing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Product<'a> {
    /// The article number, with leading zeros.
    #[serde(borrow)]
    pub item_no: Lenient<Text<'a>>,
    /// `NOVAR`
    #[serde(borrow)]
    pub name: Lenient<Text<'a>>,
    /// `책장`
    #[serde(borrow)]
    pub type_name: Lenient<Text<'a>>,
    /// Colour and material.
    #[serde(borrow)]
    pub valid_design_text: Lenient<Text<'a>>,
    /// `80x28x202 cm`
    #[serde(borrow)]
    pub item_measure_reference_text: Lenient<Text<'a>>,
    /// The price.
    #[serde(borrow)]
    pub sales_price: Lenient<SalesPrice<'a>>,
    /// The product page.
    #[serde(borrow)]
    pub pip_url: Lenient<Text<'a>>,
    /// The main image.
    #[serde(borrow)]
    pub main_image_url: Lenient<Text<'a>>,
    /// An image in a room.
    #[serde(borrow)]
    pub contextual_image_url: Lenient<Text<'a>>,
    /// All images.
    #[serde(borrow)]
    pub all_product_image: Lenient<Vec<Image<'a>>>,
    /// Outermost first.
    #[serde(borrow)]
    pub category_path: Lenient<Vec<Category<'a>>>,
    /// The variants.
    #[serde(borrow)]
    pub gpr_description: Lenient<GprDescription<'a>>,
    /// False where it cannot be ordered online.
    pub online_sellable: Lenient<bool>,
    /// About to leave the range.
    pub last_chance: Lenient<bool>,
    /// Number of ratings.
    pub rating_count: Lenient<f64>,
}

impl Product<'_> {
    /// Whether a variant is a product of its own: it has what may be relied on.
    pub fn is_whole(&self) -> bool {
        self.item_no.0.is_some() && self.name.0.is_some() && self.sales_price.0.is_some()
    }
}

/// The price of a product.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SalesPrice<'a> {
    /// The amount, a float even where it is whole.
    pub numeral: Lenient<f64>,
    /// `KRW`
    #[serde(borrow)]
    pub currency_code: Lenient<Text<'a>>,
    /// The price before an offer, only while on offer.
    #[serde(borrow)]
    pub previous: Lenient<Amount<'a>>,
    /// `NONE`, `FAMILY_PRICE` …
    #[serde(borrow)]
    pub tag: Lenient<Text<'a>>,
}

/// A price in parts, as shown to people.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Amount<'a> {
    /// `79,900`
    #[serde(borrow)]
    pub whole_number: Lenient<Text<'a>>,
}

/// An image of a product.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Image<'a> {
    /// Where it is.
    #[serde(borrow)]
    pub url: Lenient<Text<'a>>,
}

/// A level of a category path.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Category<'a> {
    /// For people.
    #[serde(borrow)]
    pub name: Lenient<Text<'a>>,
    /// The category's id.
    #[serde(borrow)]
    pub key: Lenient<Text<'a>>,
}

/// The group that a product belongs to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GprDescription<'a> {
    /// Its other members, some of them products that appear nowhere else.
    #[serde(borrow)]
    pub variants: Lenient<Vec<Product<'a>>>,
}

/// A field that may be absent, null or of another type: all three read as `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lenient<T>(pub Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl Lenient<Text<'_>> {
    /// The text, unless it is absent or blank.
    pub fn text(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|t| !t.is_empty())
    }
}

impl<T> Lenient<Vec<T>> {
    /// The elements; none where the field is absent.
    pub fn list(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// What a field may be made of. Every kind of JSON value that a type does not name is skipped.
trait Shape<'de>: Sized {
    fn text(_: Cow<'de, str>) -> Option<Self> {
        None
    }

    fn number(_: f64) -> Option<Self> {
        None
    }

    fn flag(_: bool) -> Option<Self> {
        None
    }

    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl<'de: 'a, 'a> Shape<'de> for Cow<'a, str> {
    fn text(text: Cow<'de, str>) -> Option<Self> {
        Some(text)
    }
}

impl Shape<'_> for f64 {
    fn number(number: f64) -> Option<Self> {
        Some(number)
    }
}

impl Shape<'_> for bool {
    fn flag(flag: bool) -> Option<Self> {
        Some(flag)
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for Vec<T> {
    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element::<Lenient<T>>()? {
            list.extend(element.0);
        }
        Ok(Some(list))
    }
}

macro_rules! object_shape {
    ($($name:ident),*) => {$(
        impl<'de: 'a, 'a> Shape<'de> for $name<'a> {
            fn map<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
                Self::deserialize(MapAccessDeserializer::new(map)).map(Some)
            }
        }
    )*};
}

object_shape!(Product, SalesPrice, Amount, Image, Category, GprDescription);

impl<'de, T: Shape<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData)).map(Self)
    }
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for LenientVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(T::number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::number(number as f64))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(T::number(number as f64))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(T::flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::seq(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Product<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_field_of_another_type_is_absent_and_loses_nothing_else() {
        let product = parse(
            r#"{"itemNo": "00263850", "name": "NOVAR", "typeName": null, "validDesignText": 7,
                "salesPrice": {"numeral": 79900.0, "discount": {"a": [1, {"b": 2}]}, "previous": []},
                "allProductImage": {"url": "x"}, "categoryPath": ["x", {"name": "책장"}, 3],
                "ratingCount": "12", "onlineSellable": "yes", "colors": [[[]]], "unknown": 1e999}"#,
        );
        assert_eq!(product.item_no.text(), Some("00263850"));
        assert_eq!(product.type_name.text(), None);
        assert_eq!(product.valid_design_text.text(), None);
        let price = product.sales_price.0.unwrap();
        assert_eq!(price.numeral.0, Some(79900.0));
        assert!(price.previous.0.is_none());
        assert!(product.all_product_image.list().is_empty());
        assert_eq!(product.category_path.list().len(), 1);
        assert_eq!(product.rating_count.0, None);
        assert_eq!(product.online_sellable.0, None);
    }

    #[test]
    fn texts_are_borrowed_unless_they_hold_escapes() {
        let product = parse(r#"{"name": "책장", "typeName": "a\tb"}"#);
        assert!(matches!(product.name.0, Some(Cow::Borrowed("책장"))));
        assert!(matches!(product.type_name.0, Some(Cow::Owned(ref t)) if t == "a\tb"));
    }

    #[test]
    fn variants_are_products() {
        let product = parse(
            r#"{"gprDescription": {"variants": [{"itemNo": "1", "name": "N", "salesPrice": {}}, {"itemNo": "2"}]}}"#,
        );
        let whole: Vec<_> = product
            .gpr_description
            .0
            .as_ref()
            .unwrap()
            .variants
            .list()
            .iter()
            .map(Product::is_whole)
            .collect();
        assert_eq!(whole, [true, false]);
    }
}
