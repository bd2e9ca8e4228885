//! Corrections without code: what a merchant sets, leaves out or lets in by a table of their own.
//!
//! A line is `id, action, column, value, until, note`. What it sets stands in the row in place of what the source says,
//! and is held against the column's rule like any other value. It never changes an id, and never makes a product cheaper
//! than what every visitor pays.

mod lines;
mod source;
mod table;
mod value;

pub(crate) use source::{Reading, Source};

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use self::lines::{Noted, State};
use crate::{
    ep::{columns::Column, text::key},
    report::{CorrectionsTold, LineFault, Unread},
};

/// The lines in force, by id.
#[derive(Debug, Default)]
pub(crate) struct Corrections {
    by_id: HashMap<String, Correction>,
    notes: Mutex<Notes>,
}

/// What became of lines.
#[derive(Debug, Default)]
struct Notes {
    refused: BTreeSet<(LineFault, u64)>,
    expired: Vec<u64>,
    emptied: bool,
    unread: Option<Unread>,
}

/// What is corrected of one product.
#[derive(Debug, Default)]
pub(crate) struct Correction {
    /// The line that leaves it out.
    pub(crate) excluded: Option<u64>,
    /// The line by which it is in the feed though a filter would leave it out.
    pub(crate) included: Option<u64>,
    /// Values, with their lines. Of several for one column the last one holds.
    set: Vec<(Column, String, u64)>,
    /// Lines that another one of the product takes the effect of.
    overruled: BTreeSet<u64>,
    /// All of its lines, those that do not hold among them.
    lines: Vec<Noted>,
    met: AtomicBool,
}

impl Corrections {
    /// What is corrected of the product with this id.
    pub(crate) fn of(&self, id: &str) -> Option<&Correction> {
        let correction = self.about(id).filter(|correction| correction.in_force().next().is_some())?;
        correction.met.store(true, Ordering::Relaxed);
        Some(correction)
    }

    /// What its lines say of the product with this id, whether they hold or not.
    pub(crate) fn about(&self, id: &str) -> Option<&Correction> {
        if id.contains(' ') { self.by_id.get(&key(id)) } else { self.by_id.get(id) }
    }

    /// Notes a line that does not hold.
    fn refuse(&self, fault: LineFault, line: u64) {
        self.notes().refused.insert((fault, line));
    }

    /// Notes the lines whose prices cannot stand beside those of their product, and those that others stand before.
    pub(crate) fn refuse_prices(&self, sets: Sets<'_>) {
        for (column, value, line) in sets.correction.set.iter().filter(|(column, ..)| is_price(*column)) {
            if let Some(fault) = sets.refusal(*column, value, *line) {
                self.refuse(fault, *line);
            }
        }
    }

    /// Whether no line is in force.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.values().all(|correction| correction.in_force().next().is_none())
    }

    /// Notes that the table says nothing any more.
    fn emptied(&self) {
        self.notes().emptied = true;
    }

    /// Notes that the table could not be read.
    fn unread(&self, unread: Unread) {
        self.notes().unread = Some(unread);
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of all lines, now that every product was seen.
    pub(crate) fn told(&self) -> CorrectionsTold {
        let mut told = self.told_of_lines();
        let mut unmatched: Vec<_> = self
            .by_id
            .values()
            .filter(|correction| !correction.met.load(Ordering::Relaxed))
            .flat_map(Correction::in_force)
            .collect();
        unmatched.sort_unstable();
        unmatched.into_iter().for_each(|line| told.unmatched.add(line));
        told
    }

    /// What became of them as far as no product has to be seen for that.
    pub(crate) fn told_of_lines(&self) -> CorrectionsTold {
        let notes = self.notes();
        let mut told = CorrectionsTold {
            lines: self.by_id.values().map(|correction| correction.in_force().count() as u64).sum(),
            emptied: notes.emptied,
            unread: notes.unread.clone(),
            ..CorrectionsTold::default()
        };
        notes.expired.iter().for_each(|line| told.expired.add(*line));
        notes.refused.iter().for_each(|(fault, line)| told.refuse(*fault, *line));
        told
    }
}

impl Correction {
    /// What it sets for a product that costs `price`, which `is_lowest` where its own price is not everybody's.
    pub(crate) fn sets(&self, price: f64, is_lowest: bool) -> Sets<'_> {
        Sets { correction: self, price, is_lowest }
    }

    /// The lines that hold, as far as reading can tell.
    fn in_force(&self) -> impl Iterator<Item = u64> {
        let in_force = self.lines.iter().filter(|noted| noted.state == State::InForce);
        in_force.map(|noted| noted.line).filter(|line| !self.overruled.contains(line))
    }

    /// Takes a line that holds; gives those that lose their effect by it. Which of several prices holds is the product's to
    /// say.
    fn take(&mut self, line: u64, doing: Doing) -> Vec<u64> {
        let overruled: Vec<u64> = match doing {
            Doing::Set(column, value) => {
                let is_same = |set: &&(Column, String, u64)| set.0 == column && !is_price(column);
                let before = self.set.iter().filter(is_same).map(|(.., line)| *line).collect();
                self.set.push((column, value, line));
                before
            }
            Doing::Exclude => self.excluded.replace(line).into_iter().chain(self.included).collect(),
            Doing::Include => {
                let before = self.included.replace(line);
                before.into_iter().chain(self.excluded.map(|_| line)).collect()
            }
        };
        let new: Vec<_> = overruled.into_iter().filter(|line| !self.overruled.contains(line)).collect();
        self.overruled.extend(&new);
        new
    }

    /// Whether it says what the product is called.
    pub(crate) fn names_it(&self) -> bool {
        self.values(Column::Title).next().is_some()
    }

    /// What may stand in a column, with the lines, the last one first. A price is everybody's, on any device.
    fn values(&self, column: Column) -> impl Iterator<Item = (&str, u64)> {
        let set = move |wanted| self.set.iter().rev().filter(move |(column, ..)| *column == wanted);
        let as_well = (column == Column::PriceMobile).then(|| set(Column::PricePc)).into_iter().flatten();
        set(column).chain(as_well).map(|(_, value, line)| (&**value, *line))
    }
}

/// Whether a column's value has to fit the product's own price.
fn is_price(column: Column) -> bool {
    matches!(column, Column::PricePc | Column::PriceMobile | Column::NormalPrice)
}

/// What a line does.
enum Doing {
    Set(Column, String),
    Exclude,
    Include,
}

/// What is set in the row of one product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sets<'c> {
    correction: &'c Correction,
    price: f64,
    is_lowest: bool,
}

impl<'c> Sets<'c> {
    /// What stands in a column in place of its own value, with its line.
    pub(crate) fn value(&self, column: Column) -> Option<(&'c str, u64)> {
        self.correction.values(column).find(|(value, _)| self.fault(column, value).is_none())
    }

    /// Why a line does not stand in its column.
    fn refusal(&self, column: Column, value: &str, line: u64) -> Option<LineFault> {
        let is_before = || self.value(column).is_some_and(|(_, chosen)| chosen != line);
        self.fault(column, value).or_else(|| is_before().then_some(LineFault::Overruled))
    }

    /// Why a price cannot be set: it is below what every visitor pays, or a list price that is not above the price.
    fn fault(&self, column: Column, value: &str) -> Option<LineFault> {
        let amount = value.parse::<f64>().ok()?;
        match column {
            Column::PricePc | Column::PriceMobile => {
                (self.is_lowest && amount < self.price).then_some(LineFault::BelowRegular)
            }
            Column::NormalPrice => (amount <= self.stated_price()).then_some(LineFault::NotAbovePrice),
            _ => None,
        }
    }

    /// The price that the row states.
    fn stated_price(&self) -> f64 {
        self.value(Column::PricePc).and_then(|(price, _)| price.parse().ok()).unwrap_or(self.price)
    }
}

#[cfg(test)]
mod tests;
