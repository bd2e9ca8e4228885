//! What the source says of a product's price, all of it.
//!
//! It never says which of it a visitor pays; that is for `price`.

use std::fmt;

use serde::de::MapAccess;

use super::{
    marks::{MARKED, Marks},
    object::{DAMAGED, Nested, Object, PRICE, put},
    scalar::Scalar,
};
use crate::ep::broken::Broken;

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
    pub conflict: Option<Box<Broken>>,
    /// Part of its text could not be read.
    pub damaged: bool,
}

impl<'de> Object<'de> for SalesPrice<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "numeral" => take!(self, map, key, numeral, PRICE),
            "currencyCode" => take!(self, map, key, currency_code, PRICE),
            "previous" => take!(self, map, key, previous, PRICE),
            DAMAGED => self.damaged = map.next_value()?,
            _ => match MARKED.iter().position(|place| *place == key) {
                Some(at) => put(&mut self.marks[at], map.next_value()?, key, PRICE, &mut self.conflict),
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
    pub conflict: Option<Box<Broken>>,
}

impl<'de> Object<'de> for Amount<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error> {
        match key {
            "wholeNumber" => take!(self, map, key, whole_number, PRICE),
            "numeral" => take!(self, map, key, numeral, PRICE),
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
