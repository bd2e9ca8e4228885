//! Corrections without code: what a merchant sets, leaves out or lets in by a table of their own.
//!
//! A line is `id, action, column, value, until, note`. What it sets stands in the row in place of what the source says,
//! and is held against the column's rule like any other value. It never changes an id, and never makes a product cheaper
//! than what every visitor pays.

mod lines;
mod source;
mod table;

pub(crate) use source::{Reading, Source};

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
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
    told: Mutex<CorrectionsTold>,
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
    overruled: Vec<u64>,
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

    /// Notes a line that turned out not to hold for its product.
    fn refuse(&self, fault: LineFault, line: u64) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_told =
            told.refused.iter().any(|(known, lines)| *known == fault && lines.first.contains(&line));
        if !is_told {
            told.refuse(fault, line);
        }
    }

    /// Notes the lines whose prices cannot stand beside those of their product.
    pub(crate) fn refuse_prices(&self, sets: Sets<'_>) {
        for column in [Column::PricePc, Column::PriceMobile, Column::NormalPrice] {
            if let Some((value, line)) = sets.correction.value(column)
                && let Some(fault) = sets.fault(column, value)
            {
                self.refuse(fault, line);
            }
        }
    }

    /// Whether no line is in force.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.values().all(|correction| correction.in_force().next().is_none())
    }

    /// Notes that the table says nothing any more.
    fn emptied(&self) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).emptied = true;
    }

    /// Notes that the table could not be read.
    fn unread(&self, unread: Unread) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).unread = Some(unread);
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
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        told.refused.iter_mut().for_each(|(_, lines)| lines.first.sort_unstable());
        told.refused.sort();
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
        self.lines.iter().filter(|noted| noted.state == State::InForce).map(|noted| noted.line)
    }

    /// Takes a line that holds; gives those that lose their effect by it.
    fn take(&mut self, line: u64, doing: Doing) -> Vec<u64> {
        let before = match doing {
            Doing::Set(column, value) => {
                let before = self.set.iter().filter(|(set, ..)| *set == column);
                let before: Vec<_> = before.map(|(.., line)| *line).collect();
                self.set.push((column, value, line));
                before
            }
            Doing::Exclude => {
                self.excluded = Some(line);
                self.included.into_iter().collect()
            }
            Doing::Include => {
                self.included = Some(line);
                self.excluded.map(|_| line).into_iter().collect()
            }
        };
        let new: Vec<_> = before.into_iter().filter(|line: &u64| !self.overruled.contains(line)).collect();
        self.overruled.extend(&new);
        new
    }

    /// Whether it says what the product is called.
    pub(crate) fn names_it(&self) -> bool {
        self.value(Column::Title).is_some()
    }

    /// The value that stands in a column, with its line. A price is everybody's, on any device.
    fn value(&self, column: Column) -> Option<(&str, u64)> {
        let set = |wanted| self.set.iter().rev().find(|(column, ..)| *column == wanted);
        let found = set(column).or_else(|| set(Column::PricePc).filter(|_| column == Column::PriceMobile))?;
        Some((&found.1, found.2))
    }
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
        self.correction.value(column).filter(|(value, _)| self.fault(column, value).is_none())
    }

    /// Why a price cannot be set: it is below what every visitor pays, or a list price that is not above the price.
    fn fault(&self, column: Column, value: &str) -> Option<LineFault> {
        let amount = value.parse::<f64>().ok()?;
        match column {
            Column::PricePc | Column::PriceMobile => {
                (self.is_lowest && amount < self.price).then_some(LineFault::BelowRegular)
            }
            Column::NormalPrice => (amount <= self.stated_price()).then_some(LineFault::BreaksRule),
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
