//! The made-up catalogue: any number of products in the shape of a real listing, the same on every machine,
//! clean or with every kind of defect planted and counted.
//!
//! It never reads data from anywhere and never names a real product.

mod defect;
mod dirt;
mod family;
mod harmless;
mod listing;
mod planted;
mod raw;
mod rng;
mod shops;
mod words;

pub use planted::Planted;
pub use shops::Shop;

use std::io::{self, Write};

use serde_json::json;

use crate::{preset::Items, report::SkipReason};
use dirt::{Dirt, Place};
use harmless::Harmless;
use listing::Fields;
use planted::Fate;
use rng::Rng;

/// Products in the catalogue that is compiled in: each defect once, with room for clean ones between them.
const EMBEDDED: usize = dirt::CYCLE as usize;
/// Item numbers have eight digits.
const NUMBERS: u64 = 100_000_000;
/// Numbers per product: its own and up to three variants'.
const FAMILY: u64 = 4;

/// A catalogue to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Products in the listing, variants inside them not counted; at most 25,000,000 have different numbers.
    pub products: usize,
    /// Another seed, other products.
    pub seed: u64,
    /// Whether defects are planted.
    pub dirty: bool,
}

/// The catalogue that stands in where none is configured: a few hundred products, some dirty ones of each kind.
pub fn embedded() -> Vec<u8> {
    let sample = Sample { products: EMBEDDED, seed: 1, dirty: true };
    let mut document = Vec::new();
    sample.write(&mut document).expect("writing into memory does not fail");
    document
}

/// Where the products stand in a sample's document.
pub(crate) fn items() -> Items {
    Items::parse("/moreProducts/productWindow/*[type=PRODUCT]/product").expect("it is a path")
}

impl Sample {
    /// Writes the document, one product at a time, and tells what is in it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<Planted> {
        let mut planted = Planted::default();
        out.write_all(b"{\"moreProducts\":{\"productWindow\":[")?;
        for index in 0..self.products {
            if index > 0 {
                out.write_all(b",")?;
            }
            out.write_all(&self.make(index as u64, &mut planted))?;
        }
        out.write_all(b"]}}")?;
        Ok(planted)
    }

    /// The JSON text of the product at `index`, byte for byte as in the document.
    pub fn product(&self, index: usize) -> Vec<u8> {
        self.make(index as u64, &mut Planted::default())
    }

    fn make(&self, index: u64, planted: &mut Planted) -> Vec<u8> {
        planted.raw_items += 1;
        match self.place(index) {
            Place::Dirty(dirt, turn) => self.dirty(index, dirt, turn, planted),
            Place::Plain => {
                planted.count(Fate::Kept);
                text(&self.clean(index, 0))
            }
            Place::Free => text(&self.enriched(index, planted)),
        }
    }

    fn place(&self, index: u64) -> Place {
        if self.dirty { dirt::place(index) } else { Place::Free }
    }

    fn dirty(&self, index: u64, dirt: Dirt, turn: u64, planted: &mut Planted) -> Vec<u8> {
        let mut fields = match dirt {
            Dirt::Duplicate => self.clean(index - 1, 0),
            Dirt::Again => self.clean(index - 2, 0),
            _ => self.clean(index, 0),
        };
        match dirt {
            Dirt::Duplicate => fields.set("categoryPath", json!([{"name": "신상품", "key": "new01"}])),
            Dirt::Again => fields.set("categoryPath", json!([{"name": "겨울", "key": "wt001"}])),
            Dirt::SkippedTwin | Dirt::BrokenTwin => fields.set("itemNo", json!(self.number(index + 1, 0))),
            Dirt::RepeatedVariant => {
                planted.count(Fate::Duplicate);
                family::join(&mut fields, vec![self.variant(index - 1, 0)]);
            }
            Dirt::VariantWithoutPrice => {
                planted.count(Fate::Skipped(SkipReason::NoPrice));
                let mut variant = self.clean(index, 1);
                variant.remove("salesPrice");
                family::join(&mut fields, vec![variant.into_value()]);
            }
            Dirt::UnsoundParent => {
                planted.count(Fate::Kept);
                family::join(&mut fields, vec![self.variant(index, 1)]);
            }
            _ => {}
        }
        let fate = dirt::fate(dirt, turn);
        planted.count(fate);
        defect::soil(&mut fields, dirt, turn);
        match (dirt, fate) {
            (Dirt::NotAnObject, _) => raw::no_object(turn),
            (Dirt::Content, _) => raw::content(turn),
            (Dirt::Harmless(Harmless::Wrapped), _) => raw::wrapped(&text(&fields)),
            (Dirt::UnsoundParent, Fate::Broken("product: unreadable")) => raw::broken(&text(&fields), 0),
            (Dirt::BrokenJson, _) => raw::broken(&text(&fields), turn),
            _ => text(&fields),
        }
    }

    /// A clean product without variants, on no offer: the one at `index`, or a variant of it from 1 to 3.
    fn clean(&self, index: u64, variant: u64) -> Fields {
        let mut rng = Rng::new(self.seed, index * FAMILY + variant);
        listing::product(&mut rng, &self.number(index, variant))
    }

    /// Eight digits, different for each product and variant.
    fn number(&self, index: u64, variant: u64) -> String {
        // the factor has no divisor in common with NUMBERS, so no two products meet
        let scattered = ((index * FAMILY + variant) % NUMBERS * 61_803_399 + self.seed) % NUMBERS;
        format!("{scattered:08}")
    }
}

fn text(fields: &Fields) -> Vec<u8> {
    let mut text = Vec::with_capacity(2048);
    fields.write(&mut text);
    raw::spell(text)
}

#[cfg(test)]
mod tests;
