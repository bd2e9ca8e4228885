//! What a build is like as a whole, and how its rows differ from those that the published build has of the same products.
//!
//! It counts and names a few, and opens a few addresses; what is too much the gate decides. Of each row no more than a
//! sketch is kept (`ep::sketch`), and of the whole a few kilobytes.

mod counts;
mod hosts;

pub(super) use hosts::{Addresses, hosts_moved, reach};

use self::{counts::Tallied, hosts::Hosts};
use super::{
    judge::Judge,
    rows::{Columns, Fields, keep, readable},
};
use crate::{
    ep::{
        columns::Column,
        row::Row,
        sketch::{Repriced, Sketch},
    },
    report::{Counts, Drift, Moved, NewTitle, PriceMove, Profile, Retitled, RowName},
};

impl Judge {
    /// The words of the settings that stand in every title: what begins it, and the brand.
    pub(super) fn common_words(&self) -> Vec<String> {
        let config = self.transform.config();
        let prefix = config.title_prefix.as_ref().unwrap_or(&self.map.title_prefix);
        [Some(prefix), config.brand.as_ref()].into_iter().flatten().cloned().collect()
    }
}

/// Categories that are counted, and of these the largest are kept.
const CATEGORIES: usize = 1_000;
const CATEGORIES_KEPT: usize = 50;
/// Characters kept of a category's name.
const NAME_CHARS: usize = 60;
/// A price that fell by a larger share, or rose by a larger one, moved far: what other tools call worth a line.
const FALL: (u64, u64) = (4, 5);
const RISE: (u64, u64) = (3, 2);
/// Factors between units that people confuse: a digit too much, hundredths, and thousands.
const UNITS: [u64; 3] = [10, 100, 1000];

/// Watches the rows that a build keeps.
pub(super) struct Watch {
    columns: Vec<Column>,
    rows: u64,
    /// Rows without a value, by column: most have one.
    empty: [u64; u32::BITS as usize],
    links: Hosts,
    images: Hosts,
    categories: Tallied,
}

impl Watch {
    /// Of a feed with these columns.
    pub(super) fn of(columns: &[Column]) -> Self {
        assert!(columns.len() <= u32::BITS as usize, "a row has a bit for each column");
        let categories = Tallied::of_most(CATEGORIES);
        Self {
            columns: columns.to_vec(),
            rows: 0,
            empty: [0; u32::BITS as usize],
            links: Hosts::default(),
            images: Hosts::default(),
            categories,
        }
    }

    /// Looks at a row that is kept.
    pub(super) fn see(&mut self, row: &Row<'_>) {
        self.rows += 1;
        let mut empty = !row.filled() & (u32::MAX >> (u32::BITS - self.columns.len() as u32));
        while empty != 0 {
            self.empty[empty.trailing_zeros() as usize] += 1;
            empty &= empty - 1;
        }
        self.links.see(row.link(), row.id());
        self.images.see(row.image(), row.id());
        self.categories.see(row.category());
    }

    /// What they are like, and a few of their addresses.
    pub(super) fn end(self) -> (Profile, Addresses) {
        let Self { columns, rows, empty, links, images, categories } = self;
        let filled =
            columns.iter().zip(empty).map(|(column, empty)| (column.name().to_owned(), rows - empty));
        let ((links, link_samples), (images, image_samples)) = (links.end(), images.end());
        let categories = categories.largest(CATEGORIES_KEPT);
        let categories =
            categories.into_iter().map(|(name, rows)| (category(name.as_bytes()), rows)).collect();
        let fill = filled.filter(|(_, rows)| *rows > 0).collect();
        let addresses = Addresses { links: link_samples, images: image_samples };
        (Profile { rows, fill, links, images, categories }, addresses)
    }
}

/// A category's name as it is kept.
fn category(name: &[u8]) -> String {
    readable(name).chars().take(NAME_CHARS).collect()
}

/// The rows of the published build, one by one, against those of the new one.
#[derive(Default)]
pub(super) struct Pass {
    /// Words that stand in every title.
    common: Vec<String>,
    pub(super) drift: Drift,
    repriced: u64,
    /// A price changed of which nobody knows whether a sale says why.
    is_blind: bool,
    gone: Option<Tallied>,
}

impl Pass {
    /// Of titles in which these words say nothing.
    pub(super) fn new(common: Vec<String>) -> Self {
        Self { common, ..Self::default() }
    }

    /// A row that the new build has not.
    pub(super) fn gone(&mut self, columns: &Columns, row: &[u8]) {
        let gone = self.gone.get_or_insert_with(|| Tallied::of_most(CATEGORIES));
        gone.see(&category(columns.category(row)));
    }

    /// A row that the new build has in another way: as `now`, at this price.
    pub(super) fn changed(
        &mut self,
        columns: &Columns,
        row: &[u8],
        fields: &Fields<'_>,
        now: Option<Sketch>,
        price: u32,
    ) {
        // Of a feed that is too large for sketches only units can be told.
        if let Some(before) = fields.price().filter(|before| *before != price) {
            self.repriced += 1;
            self.is_blind |= now.is_none();
            let regular_before = columns.normal_price(row);
            let repriced = Repriced { before: before.into(), regular_before, now: price.into() };
            self.repriced(fields, now, repriced);
        }
        let (Ok(title), Some(now)) = (std::str::from_utf8(fields.title), now) else { return };
        let brand = std::str::from_utf8(columns.brand(row)).unwrap_or_default();
        let (mut without, mut words) = ([""; 3], self.common.iter().map(String::as_str).chain([brand]));
        without.fill_with(|| words.next().unwrap_or_default());
        if now.is_retitled(title, &without) {
            retitled(&mut self.drift.titles, fields);
            if now.is_strange_to(title, &without) {
                retitled(&mut self.drift.strangers, fields);
            }
        }
    }

    fn repriced(&mut self, fields: &Fields<'_>, now: Option<Sketch>, repriced: Repriced) {
        let Repriced { before: old, now: new, .. } = repriced;
        // A tenth of the price before, which is shown as the regular one, is no sale but a digit too few.
        let (other_unit, explained) =
            (is_another_unit(old, new), now.is_some_and(|now| now.explains(repriced)));
        if !is_far(old, new) || explained && !(other_unit && new < old) {
            return;
        }
        let Drift { units, prices, .. } = &mut self.drift;
        let Moved { products, examples } = match other_unit {
            true => units,
            // Nobody knows whether it is a sale.
            false if now.is_none() => return,
            false => prices,
        };
        *products += 1;
        keep(examples, || PriceMove { row: fields.name(), old, new });
    }

    /// The pass is over, over so many rows that both builds have.
    pub(super) fn end(&mut self, common: u64) {
        self.drift.common = common;
        self.drift.repriced = (!self.is_blind).then_some(self.repriced);
        let gone = self.gone.take().map(|gone| gone.largest(CATEGORIES));
        self.drift.gone = gone.into_iter().flatten().collect::<Counts>();
    }

    /// The rows named, each as it was, to be put as they are.
    pub(super) fn old_names(&mut self) -> impl Iterator<Item = &mut RowName> {
        let Drift { units, prices, titles, strangers, .. } = &mut self.drift;
        let priced = units.examples.iter_mut().chain(&mut prices.examples).map(|moved| &mut moved.row);
        priced.chain(titles.examples.iter_mut().chain(&mut strangers.examples).map(|titled| &mut titled.row))
    }
}

fn retitled(titles: &mut Retitled, fields: &Fields<'_>) {
    titles.products += 1;
    keep(&mut titles.examples, || {
        let row = fields.name();
        NewTitle { before: row.title.clone(), row }
    });
}

fn is_far(old: u64, new: u64) -> bool {
    new * FALL.1 < old * FALL.0 || new * RISE.1 > old * RISE.0
}

/// Whether one is the other in another unit; what was rounded on the way is one too.
fn is_another_unit(old: u64, new: u64) -> bool {
    let (less, more) = (old.min(new), old.max(new));
    UNITS.iter().any(|unit| {
        let off = more.abs_diff(less * unit);
        off * 100 <= less * unit || off * 2 <= *unit
    })
}

#[cfg(test)]
mod tests;
