//! A batch of raw products → what becomes of each. Pure, so batches are judged on every core at once.
//!
//! It never counts and knows no other batch: duplicates and the cap are decided where the order is known.

use crate::{
    config::ep::{EpConfig, FilterConfig},
    ep::{
        row::{Broken, Row},
        rules::Violation,
    },
    fetch::Batch,
    filter::{self, Skip},
    product::Product,
    transform::Transform,
};

/// What becomes of one product, before duplicates and the cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A row that keeps every rule.
    Row {
        /// The row.
        row: Row,
        /// Its price is the members', because the source does not tell everybody's.
        members_only: bool,
    },
    /// Left out on purpose.
    Skip {
        /// Which product.
        who: Who,
        /// Why.
        skip: Skip,
    },
    /// Left out because its row would break a rule.
    Broken {
        /// Which product.
        who: Who,
        /// Which rule.
        broken: Broken,
    },
}

/// A product that is left out, as far as it can be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Its id, empty where it has none.
    pub id: String,
    /// Its name, empty where it has none.
    pub name: String,
}

/// Judges products by the settings.
pub struct Judge {
    filter: FilterConfig,
    transform: Transform,
}

/// What is quoted of a product that cannot be read.
const QUOTED_BYTES: usize = 200;

impl Judge {
    /// With these settings.
    pub fn new(filter: FilterConfig, ep: EpConfig) -> Self {
        Self { filter, transform: Transform::new(ep) }
    }

    /// What becomes of every product of a batch, in its order, whole variants after their product.
    pub fn batch(&self, batch: &Batch) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for raw in batch.items() {
            self.raw(raw, &mut outcomes);
        }
        outcomes
    }

    fn raw(&self, raw: &[u8], outcomes: &mut Vec<Outcome>) {
        // A struct would also be read from an array, field by field; a product is an object.
        let is_object = raw.first() == Some(&b'{');
        match serde_json::from_slice::<Product<'_>>(raw) {
            Ok(product) if is_object => self.with_variants(&product, outcomes),
            _ => {
                let utf8 = std::str::from_utf8(raw).is_ok();
                let violation = if utf8 { Violation::Unreadable } else { Violation::NotUtf8 };
                let head = String::from_utf8_lossy(&raw[..raw.len().min(QUOTED_BYTES)]).into_owned();
                outcomes.push(broken(Who::default(), "product", violation, head));
            }
        }
    }

    fn with_variants(&self, product: &Product<'_>, outcomes: &mut Vec<Outcome>) {
        outcomes.push(self.one(product));
        let group = product.gpr_description.0.as_ref();
        for variant in group.map_or(&[][..], |group| group.variants.list()).iter().filter(|v| v.is_whole()) {
            self.with_variants(variant, outcomes);
        }
    }

    fn one(&self, product: &Product<'_>) -> Outcome {
        let who = || Who {
            id: product.item_no.text().unwrap_or_default().to_owned(),
            name: product.name.text().unwrap_or_default().to_owned(),
        };
        if product.item_no.text().is_none() {
            return broken(who(), "product", Violation::NoId, String::new());
        }
        if product.name.text().is_none() {
            return broken(who(), "product", Violation::NoName, String::new());
        }
        match filter::judge(product, &self.filter) {
            Err(skip) => Outcome::Skip { who: who(), skip },
            Ok(offer) => match self.transform.row(product, &offer) {
                Ok(row) => Outcome::Row { row, members_only: offer.members_only },
                Err(broken) => Outcome::Broken { who: who(), broken },
            },
        }
    }
}

fn broken(who: Who, column: &'static str, violation: Violation, value: String) -> Outcome {
    Outcome::Broken { who, broken: Broken { column, violation, value } }
}
