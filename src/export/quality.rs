//! Watches titles and images of the rows that a build keeps.
//!
//! It counts and names a few; what is too much the gate decides. It takes some 3 MiB at most, however many rows come.

use super::rows::keep;
use crate::{
    ep::{quality::repeats::Repeats, row::Row},
    report::{Flawed, Quality, RowName},
};

/// The titles and images of the rows so far.
#[derive(Default)]
pub(super) struct Watch {
    quality: Quality,
    titles: Repeats,
    images: Repeats,
}

impl Watch {
    /// Looks at a row that is kept.
    pub(super) fn see(&mut self, row: &Row<'_>) {
        let flaws = row.flaws();
        for (there, flawed) in [
            (flaws.destroyed, &mut self.quality.destroyed),
            (flaws.phone_number, &mut self.quality.phone_numbers),
            (flaws.promotion, &mut self.quality.promotions),
        ] {
            if there {
                count(flawed, row);
            }
        }
        self.titles.take(row.title(), row.id());
        self.images.take(row.image(), row.id());
    }

    /// What they are like.
    pub(super) fn end(self) -> Quality {
        let [same_title, same_image] = [self.titles, self.images].map(Repeats::finish);
        Quality { same_title, same_image, ..self.quality }
    }
}

fn count(flawed: &mut Flawed, row: &Row<'_>) {
    flawed.products += 1;
    keep(&mut flawed.examples, || RowName { id: row.id().to_owned(), title: row.title().to_owned() });
}
