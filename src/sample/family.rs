//! What a shop does with its products: offers, prices for some only, and variants inside each other.
//!
//! It never makes a defect; that is `dirt`'s work.

use serde_json::{Value, json};

use super::{
    FAMILY, Sample,
    dirt::Place,
    listing,
    listing::Fields,
    planted::{Fate, Planted},
    rng::Rng,
};
use crate::report::SkipReason;

/// Puts variants into a product.
pub(super) fn join(fields: &mut Fields, variants: Vec<Value>) {
    fields.set("gprDescription", json!({"numberOfVariants": variants.len(), "variants": variants}));
}

fn family_price(fields: &mut Fields) {
    fields.set("tag", json!("FAMILY_PRICE"));
    fields.set_price("tag", json!("FAMILY_PRICE"));
}

impl Sample {
    /// A clean product with offers, family prices, last chances and variants, as often as a shop has them.
    pub(super) fn enriched(&self, index: u64, planted: &mut Planted) -> Fields {
        let mut fields = self.clean(index, 0);
        let mut rng = Rng::new(!self.seed, index);
        let above = listing::amount(900_000 + 10_000 * rng.below(90));
        let offer = rng.below(64);
        planted.count(match offer {
            0 => Fate::Skipped(SkipReason::RestrictedPrice),
            _ => Fate::Kept,
        });
        match offer {
            0 => family_price(&mut fields),
            1 | 2 => {
                family_price(&mut fields);
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
        let mut variants = Vec::new();
        if rng.once_in(16) {
            let whole = rng.below(FAMILY);
            (1..=whole).for_each(|_| planted.count(Fate::Kept));
            variants.extend((1..=whole).map(|variant| self.variant(index, variant)));
            // Only a link back to the product itself: no name, no price.
            planted.count(Fate::Duplicate);
            variants.push(json!({"itemNo": self.number(index, 0), "id": "x", "validDesignText": "블랙",
                                 "mainImageUrl": "https://images.example/x_s5.jpg"}));
        } else if let Some(beside) = self.beside(index).filter(|_| rng.below(5) < 3) {
            // As most variants do, it stands alone, too, before or after.
            planted.count(Fate::Duplicate);
            variants.push(self.variant(beside, 0));
        }
        if !variants.is_empty() {
            join(&mut fields, variants);
        }
        fields
    }

    /// A product as it stands among another one's variants: without a path, sometimes without a type or a currency.
    pub(super) fn variant(&self, index: u64, variant: u64) -> Value {
        let mut fields = self.clean(index, variant);
        fields.remove("gprDescription");
        fields.remove("categoryPath");
        match variant {
            2 => fields.set("typeName", Value::Null),
            3 => fields.remove_price("currencyCode"),
            _ => {}
        }
        fields.into_value()
    }

    /// A product before or after this one that is kept as it is, in a dirty catalogue.
    fn beside(&self, index: u64) -> Option<u64> {
        let near = [index.checked_sub(1), Some(index + 1)];
        let there = |near: &u64| *near < self.products as u64 && self.place(*near) == Place::Plain;
        near.into_iter().flatten().find(there)
    }
}
