//! The counts of a build: each id in exactly one of them, whatever its copies were like.
//!
//! It never decides what becomes of a product and never writes a file.

use crate::{
    ep::{broken::Breach, columns::Column, rules::Violation},
    filter::Reason,
    report::{BrokenRule, ForeignPrices, Funnel, MissingField, SkipReason},
};

/// Keys of the source's products, by which we find what we need, and the count of those that lack it.
const ID_KEY: &str = "itemNo";
const PRICE_KEY: &str = "salesPrice";

/// No room.
const OVER_CAP: Reason = Reason::Skip(SkipReason::OverCap);

/// Counts of a build.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) funnel: Funnel,
    /// The first other currency.
    pub(super) foreign_currency: Option<String>,
    pub(super) not_utf8: u64,
    /// Elements of the catalogue so far.
    pub(super) elements: u64,
    /// Products whose id is a number in the source, and the first one's id.
    pub(super) number_ids: Option<(u64, String)>,
    /// The keys of an element that nothing became of.
    pub(super) keys: Vec<String>,
    /// Every reason met, for what an index remembers of an id is its place here. Columns and rules are few.
    reasons: Vec<Reason>,
}

impl Tally {
    /// A row was kept.
    pub(super) fn keep(&mut self) {
        self.funnel.fetched += 1;
        self.funnel.kept += 1;
    }

    /// Another copy of an id that is in a count already.
    pub(super) fn repeat(&mut self) {
        self.funnel.fetched += 1;
        self.funnel.duplicates += 1;
    }

    /// A product was left out; gives the number that stands for why.
    pub(super) fn leave(&mut self, reason: Reason) -> u32 {
        self.funnel.fetched += 1;
        *self.count(reason) += 1;
        self.number(reason)
    }

    /// The number of what leaves out a row that finds no room.
    pub(super) fn over_cap(&mut self) -> u32 {
        self.number(OVER_CAP)
    }

    fn number(&mut self, reason: Reason) -> u32 {
        let known = self.reasons.iter().position(|known| *known == reason);
        let number = known.unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        u32::try_from(number).expect("there are as many reasons as rules, at most")
    }

    /// An id that was left out is kept after all: the copy that was left out is a repeat of it.
    pub(super) fn keep_after_all(&mut self, number: u32) {
        *self.count(self.reasons[number as usize]) -= 1;
        self.funnel.skipped.retain(|_, count| *count > 0);
        self.funnel.broken.retain(|_, count| *count > 0);
        self.funnel.duplicates += 1;
        self.keep();
    }

    /// The ids that are priced in another currency than the `expected` one.
    pub(super) fn foreign(&mut self, expected: &str) -> Option<ForeignPrices> {
        let products = self.broken(Some(Column::PricePc), Violation::Currency)?;
        let found = self.foreign_currency.take().unwrap_or_default();
        Some(ForeignPrices { expected: expected.to_owned(), products, found })
    }

    /// Whether the number stands for a row that found no room.
    pub(super) fn is_over_cap(&self, number: u32) -> bool {
        self.reasons.get(number as usize) == Some(&OVER_CAP)
    }

    fn count(&mut self, reason: Reason) -> &mut u64 {
        match reason {
            Reason::Skip(reason) => self.funnel.skipped.entry(reason).or_default(),
            Reason::Broken(breach) => self.funnel.broken.entry(BrokenRule::Known(breach)).or_default(),
        }
    }

    fn broken(&self, column: Option<Column>, violation: Violation) -> Option<u64> {
        self.funnel.broken.get(&BrokenRule::Known(Breach { column, violation })).copied()
    }

    /// Whether so many are in another encoding that it is another catalogue than the one we know how to read: the few
    /// products that happen to be ASCII must not replace the feed. Up to a tenth of them is read as far as it can be.
    pub(super) fn is_not_utf8(&self) -> bool {
        self.not_utf8 * 10 > self.elements
    }

    /// What not one product has, where nothing was kept for the want of it: products may stand elsewhere, or have other
    /// names for it.
    pub(super) fn missing(&self) -> Option<MissingField> {
        let Funnel { fetched, kept: 0, skipped, duplicates, .. } = &self.funnel else { return None };
        let without_id = self.broken(None, Violation::NoId).unwrap_or_default();
        let without_price = skipped.get(&SkipReason::NoPrice).copied().unwrap_or_default();
        let field = match fetched - duplicates {
            0 => return None,
            ids if ids == without_id => ID_KEY,
            ids if ids == without_price => PRICE_KEY,
            _ => return None,
        };
        (!self.keys.is_empty()).then(|| MissingField { field: field.to_owned(), keys: self.keys.clone() })
    }
}
