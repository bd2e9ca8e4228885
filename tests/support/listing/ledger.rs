//! What a shop holds, reckoned from the facts alone: the truth that a feed is compared with.

use std::collections::BTreeMap;

use super::{
    facts::{Facts, Price},
    product,
    shop::Shop,
};

/// What must become of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in the feed, at the price that everybody pays, with the list price where it is on offer.
    Kept {
        price: u64,
        normal: Option<u64>,
    },
    NotSellable,
    /// Its price is for members or in stores only, and no regular one is told.
    NoPriceForEverybody,
}

/// One id of the shop and what must become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    pub id: String,
    pub fate: Fate,
    /// Whether the listing's price is not everybody's.
    pub restricted: bool,
    /// Whether it stands in a department by itself, with a path of its own.
    pub own: bool,
    /// The columns for categories: the department and the most specific levels, at most four.
    pub categories: Vec<String>,
    /// `책장`; a variant that has none takes its product's.
    pub type_name: Option<String>,
    pub image: String,
}

/// The shop in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What all departments give together; a product of three departments counts three times.
    pub elements: u64,
    /// The elements and their variants.
    pub objects: u64,
    /// Distinct elements: what the shop says it has.
    pub products: u64,
    /// Distinct ids, with the variants that stand nowhere else.
    pub ids: u64,
    pub kept: u64,
    pub not_sellable: u64,
    pub no_price_for_everybody: u64,
    /// Kept, at the regular price instead of the one for some.
    pub restricted: u64,
}

impl Ledger {
    /// Objects whose id came before.
    pub fn repeats(&self) -> u64 {
        self.objects - self.ids
    }
}

impl Shop {
    /// Every id once.
    pub fn truth(&self) -> impl Iterator<Item = Truth> + '_ {
        (0..self.products).flat_map(|number| {
            let variants = self.variants(number).into_iter().filter(|v| *v >= self.products);
            std::iter::once(number).chain(variants).map(|number| self.truth_of(number))
        })
    }

    /// The same by id.
    pub fn truth_by_id(&self) -> BTreeMap<String, Truth> {
        self.truth().map(|truth| (truth.id.clone(), truth)).collect()
    }

    fn truth_of(&self, number: u64) -> Truth {
        let facts = self.facts(number);
        let levels = product::path(self, &self.facts(self.parent(number)));
        let deepest = levels.len() - levels.len().min(4).saturating_sub(1);
        let chosen = levels.iter().take(1).chain(levels.iter().skip(deepest.max(1)));
        Truth {
            fate: fate(&facts),
            restricted: matches!(facts.price, Price::Restricted { .. }),
            own: number < self.products,
            categories: chosen.map(|level| level.0.clone()).collect(),
            type_name: product::type_name(self, &facts)
                .or_else(|| product::type_name(self, &self.facts(self.parent(number)))),
            image: product::image(&facts, 0),
            id: facts.id,
        }
    }

    /// The shop in figures; takes as long as there are products.
    pub fn ledger(&self) -> Ledger {
        let mut ledger = Ledger { products: self.products, elements: self.places(), ..Ledger::default() };
        ledger.objects = ledger.elements;
        for number in 0..self.products {
            let variants = self.variants(number);
            ledger.objects += (variants.len() * self.places_of(number).len()) as u64;
            for id in std::iter::once(number).chain(variants.into_iter().filter(|v| *v >= self.products)) {
                let facts = self.facts(id);
                ledger.ids += 1;
                match fate(&facts) {
                    Fate::Kept { .. } => ledger.kept += 1,
                    Fate::NotSellable => ledger.not_sellable += 1,
                    Fate::NoPriceForEverybody => ledger.no_price_for_everybody += 1,
                }
                let restricted = matches!(facts.price, Price::Restricted { regular: Some(_), .. });
                ledger.restricted += u64::from(restricted);
            }
        }
        ledger
    }
}

fn fate(facts: &Facts) -> Fate {
    match facts.price {
        _ if !facts.sellable => Fate::NotSellable,
        Price::Everybody { before } => Fate::Kept { price: facts.asked, normal: before },
        Price::Restricted { regular: Some(price), .. } => Fate::Kept { price, normal: None },
        Price::Restricted { regular: None, .. } => Fate::NoPriceForEverybody,
    }
}
