//! What a sample holds, so that a funnel can be compared with it.
//!
//! It never reads a catalogue: it is counted while the products are made.

use std::collections::BTreeMap;

use crate::report::{BrokenRule, SkipReason};

/// What was planted, product by product, under the default filters and a row cap that is not reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planted {
    /// Elements of the listing.
    pub(crate) raw_items: u64,
    /// Elements of another kind than a product.
    pub others: u64,
    /// Products: the elements and the whole variants inside them.
    pub fetched: u64,
    /// Products that become rows.
    pub kept: u64,
    /// Products left out on purpose.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Products that break a rule.
    pub broken: BTreeMap<BrokenRule, u64>,
    /// Products whose id a kept one before them had.
    pub duplicates: u64,
}

/// What becomes of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    Skipped(SkipReason),
    Broken(&'static str),
    Duplicate,
    /// It is none.
    NoProduct,
}

impl Planted {
    /// Counts one product.
    pub(super) fn count(&mut self, fate: Fate) {
        self.fetched += u64::from(fate != Fate::NoProduct);
        match fate {
            Fate::NoProduct => self.others += 1,
            Fate::Kept => self.kept += 1,
            Fate::Skipped(reason) => *self.skipped.entry(reason).or_default() += 1,
            Fate::Broken(rule) => *self.broken.entry(rule.into()).or_default() += 1,
            Fate::Duplicate => self.duplicates += 1,
        }
    }
}
