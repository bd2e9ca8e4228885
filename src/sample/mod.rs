//! The made-up catalogue: any number of products in the shape of a real listing, the same on every machine,
//! clean or with every kind of defect planted and counted.
//!
//! It never reads data from anywhere and never names a real product.

mod dirt;
mod harmless;
mod listing;
mod planted;
mod rng;
mod words;

pub use planted::Planted;

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::{config::catalogue::JsonPointer, filter::SkipReason};
use dirt::{CYCLE, Dirt, Place};
use listing::Fields;
use planted::Fate;
use rng::Rng;

/// Products in the catalogue that is compiled in: each defect once, with room for clean ones between them.
const EMBEDDED: usize = 320;
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
pub fn items() -> JsonPointer {
    JsonPointer::parse("/moreProducts/productWindow").expect("it starts with a slash")
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
        let place = if self.dirty { dirt::place(index) } else { Place::Free };
        let mut fields = match place {
            Place::Dirty(Dirt::Duplicate) => self.clean(index - 1, 0),
            _ => self.clean(index, 0),
        };
        let Place::Dirty(dirt) = place else {
            match place {
                Place::Free => self.enrich(&mut fields, index, planted),
                _ => planted.count(Fate::Kept),
            }
            return text(&fields);
        };
        let turn = index / CYCLE;
        match dirt {
            Dirt::Duplicate => fields.set("categoryPath", json!([{"name": "신상품", "key": "new01"}])),
            Dirt::SkippedTwin | Dirt::BrokenTwin => fields.set("itemNo", json!(self.number(index + 1, 0))),
            Dirt::RepeatedVariant => {
                let variant = self.clean(index - 1, 0).into_value();
                fields.set("gprDescription", json!({"numberOfVariants": 1, "variants": [variant]}));
                planted.count(Fate::Duplicate);
            }
            _ => {}
        }
        dirt::soil(&mut fields, dirt, turn);
        planted.count(dirt::fate(dirt, turn));
        match dirt {
            Dirt::NotAnObject | Dirt::BrokenJson => dirt::unreadable(&text(&fields), dirt, turn),
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

    /// Offers, family prices, last chances and variants, as often as a shop has them.
    fn enrich(&self, fields: &mut Fields, index: u64, planted: &mut Planted) {
        let mut rng = Rng::new(!self.seed, index);
        let above = listing::amount(900_000 + 10_000 * rng.below(90));
        let offer = rng.below(64);
        planted.count(match offer {
            0 => Fate::Skipped(SkipReason::RestrictedPrice),
            _ => Fate::Kept,
        });
        match offer {
            0 => family_price(fields),
            1 | 2 => {
                family_price(fields);
                fields.set_price("previous", above);
            }
            3..=6 => fields.set_price("previous", above),
            7 => fields.set("tag", json!("TOP_SELLER")),
            8 => fields.set("tag", json!("NEW")),
            _ => {}
        }
        if rng.once_in(25) {
            fields.set("lastChance", json!(true));
        }
        if rng.once_in(16) {
            let whole = rng.below(FAMILY);
            let mut variants: Vec<Value> = (1..=whole)
                .map(|variant| {
                    planted.count(Fate::Kept);
                    let mut fields = self.clean(index, variant);
                    fields.remove("gprDescription");
                    fields.into_value()
                })
                .collect();
            // Only a link back to the product itself: no name, no price.
            planted.count(Fate::Duplicate);
            variants.push(json!({"itemNo": self.number(index, 0), "id": "x", "validDesignText": "블랙",
                                 "mainImageUrl": "https://images.example/x_s5.jpg"}));
            fields.set("gprDescription", json!({"numberOfVariants": variants.len(), "variants": variants}));
        }
    }
}

fn family_price(fields: &mut Fields) {
    fields.set("tag", json!("FAMILY_PRICE"));
    fields.set_price("tag", json!("FAMILY_PRICE"));
}

fn text(fields: &Fields) -> Vec<u8> {
    let mut text = Vec::with_capacity(2048);
    fields.write(&mut text);
    let mut lone = [0; 4];
    let lone = harmless::LONE.encode_utf8(&mut lone).as_bytes();
    if let Some(at) = memchr::memmem::find(&text, lone) {
        text.splice(at..at + lone.len(), *b"\\ud83e");
    }
    text
}

#[cfg(test)]
mod tests;
