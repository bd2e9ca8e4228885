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
    /// What may stand in the columns for categories: the department and the most specific levels, at most four, of its
    /// own path or of that of a product whose variant it is, for the first copy of an id is the one that is written.
    pub categories: Vec<Vec<String>>,
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
    /// Every id once, and what must become of it. It remembers who is whose variant, so it is not for a million.
    pub fn truth(&self) -> BTreeMap<String, Truth> {
        let mut copies: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for number in 0..self.products {
            copies.entry(number).or_default().insert(0, number);
            for variant in self.variants(number) {
                copies.entry(variant).or_default().push(number);
            }
        }
        let truth = |(number, paths)| {
            let truth = self.truth_of(number, paths);
            (truth.id.clone(), truth)
        };
        copies.into_iter().map(truth).collect()
    }

    /// Of a product, with those whose path it may have.
    fn truth_of(&self, number: u64, paths: Vec<u64>) -> Truth {
        let facts = self.facts(number);
        let categories = |product: u64| -> Vec<String> {
            let levels: Vec<String> =
                product::path(self, &self.facts(product)).into_iter().map(|level| level.0).collect();
            let skipped = if levels.len() > 4 { 1..levels.len() - 3 } else { 0..0 };
            levels
                .into_iter()
                .enumerate()
                .filter(|(n, _)| !skipped.contains(n))
                .map(|(_, name)| name)
                .collect()
        };
        let inherited = self.facts(self.parent(number));
        Truth {
            fate: fate(&facts),
            restricted: matches!(facts.price, Price::Restricted { .. }),
            categories: paths.into_iter().map(categories).collect(),
            type_name: product::type_name(self, &facts).or_else(|| product::type_name(self, &inherited)),
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
