//! Follows a catalogue, product by product, for products in a row that lack the same value.
//!
//! It never looks into a product that it does not tell of.

use super::{NAMED, NEEDED, Odd, Shapes, Text, needed};
use crate::{
    map::FieldMap,
    report::{Percent, ShapeChange},
    web::Discretion,
};

/// Fewer products in a row are chance.
const LEAST: u64 = 20;
/// And so is a smaller share of all.
const LEAST_SHARE: Percent = Percent::whole(1);
/// Of the others at least so many have it: else it is missing everywhere.
const USUAL: Percent = Percent::whole(90);

/// How little a place that only one of two products has says of what was renamed: least where it is what was sought but
/// for one key, more where its first key is known to the other product, for products have this and that besides.
fn distance(place: &str, sought: &[String], others: &[String]) -> u8 {
    let but_one = |other: &String| {
        let (keys, others) = (place.split('/'), other.split('/'));
        keys.clone().count() == others.clone().count()
            && keys.zip(others).filter(|(key, other)| key != other).count() == 1
    };
    let first = |place: &str| place.split('/').nth(1).map(str::to_owned);
    match sought.iter().any(but_one) {
        true => 0,
        false if others.iter().all(|other| first(other) != first(place)) => 1,
        false => 2,
    }
}

/// Products in a row that lack the same value.
#[derive(Debug, Clone, Default)]
struct Run {
    /// The number of the first one, from 1.
    first: u64,
    products: u64,
    odd: Odd,
    /// A product that lacks nothing, before it.
    whole: Text,
}

/// Follows a catalogue, product by product.
#[derive(Debug, Default)]
pub(in crate::export) struct Watch {
    products: u64,
    discretion: Discretion,
    whole: Text,
    /// For each value that a row needs: how many products lack it, the run at hand, and the longest.
    lack: [u64; NEEDED],
    open: [Option<Run>; NEEDED],
    longest: [Option<Run>; NEEDED],
}

impl Watch {
    /// Takes the next products, in the catalogue's order.
    pub(in crate::export) fn take(&mut self, shapes: Shapes) {
        let Shapes { lacks, discretion, whole, odd } = shapes;
        self.discretion.add(&discretion);
        let mut odd = odd.into_iter().peekable();
        for (number, lacks) in lacks.into_iter().enumerate() {
            self.products += 1;
            let here = odd.next_if(|(at, _)| *at == number).map(|(_, odd)| odd);
            for value in 0..NEEDED {
                if lacks >> value & 1 == 0 {
                    self.close(value);
                    continue;
                }
                self.lack[value] += 1;
                let (first, before) = (self.products, &self.whole);
                let run = self.open[value].get_or_insert_with(|| Run {
                    first,
                    whole: before.clone(),
                    ..Run::default()
                });
                run.products += 1;
                if run.odd.text.is_empty()
                    && let Some(odd) = &here
                {
                    run.odd = odd.clone();
                    if run.products > 1 {
                        // It stands for the first one, of which nothing is known; its id does not.
                        run.odd.id.clear();
                    }
                }
            }
            if lacks == 0 && self.whole.is_empty() {
                self.whole.clone_from(&whole);
            }
        }
        if !whole.is_empty() {
            self.whole = whole;
        }
    }

    fn close(&mut self, value: usize) {
        let Some(run) = self.open[value].take() else { return };
        if self.longest[value].as_ref().is_none_or(|longest| longest.products < run.products) {
            self.longest[value] = Some(run);
        }
    }

    /// The longest run that is no chance, now that the catalogue is over.
    pub(in crate::export) fn change(mut self, map: &FieldMap) -> Option<ShapeChange> {
        (0..NEEDED).for_each(|value| self.close(value));
        let is_change = |(value, run): &(usize, Run)| {
            let others = self.products - run.products;
            let have = self.products - self.lack[*value];
            run.products >= LEAST
                && LEAST_SHARE.is_reached_by(run.products, self.products)
                && others > 0
                && USUAL.is_reached_by(have, others)
        };
        let runs = self.longest.iter().cloned().enumerate().filter_map(|(value, run)| Some((value, run?)));
        let (value, run) =
            runs.filter(is_change).max_by_key(|(value, run)| (run.products, NEEDED - value))?;
        let whole = if run.whole.is_empty() { &self.whole } else { &run.whole };
        let (whole, odd) = (whole.places(), run.odd.text.places());
        let (field, wanted) = &needed(map)[value];
        // What the map looks for is no foreign word.
        let mut gone: Vec<_> = wanted.iter().map(ToString::to_string).collect();
        let sought = gone.clone();
        let named = |all: &[String], others: &[String]| -> Vec<String> {
            let mut differ: Vec<_> = all.iter().filter(|place| !others.contains(place)).collect();
            differ.sort_by_key(|place| distance(place, &sought, others));
            self.discretion.names(differ.into_iter().take(NAMED).cloned().collect())
        };
        let others: Vec<_> = whole.iter().filter(|place| !gone.contains(place)).cloned().collect();
        gone.extend(named(&others, &odd));
        gone.truncate(NAMED);
        Some(ShapeChange {
            field: (*field).to_owned(),
            products: run.products,
            of: self.products,
            first: run.first,
            id: run.odd.id.clone(),
            gone,
            new: named(&odd, &whole),
        })
    }
}
