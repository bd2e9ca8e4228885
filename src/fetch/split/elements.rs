//! The elements of the array of products: each one's product goes into a batch, and those without one are counted.
//!
//! It never knows where the array stands.

use super::{SplitError, way::Way};
use crate::{
    fetch::{
        batch::{Batch, Batcher},
        element::{Holder, Others, deeper},
    },
    json::{Skim, member},
    preset::Element,
};

/// So many elements are looked at to see whether the products stand one level deeper.
const LOOKED_AT: u64 = 24;

#[derive(Debug)]
pub(crate) struct Elements {
    holder: Holder,
    seen: u64,
    /// An element was a product by itself.
    products_seen: bool,
    pub others: Others,
    pub batcher: Batcher,
}

impl Elements {
    pub fn new(element: &Element) -> Self {
        Self {
            holder: Holder::new(element),
            seen: 0,
            products_seen: false,
            others: Others::default(),
            batcher: Batcher::default(),
        }
    }

    /// The element at hand is over, through which `skim` went.
    pub(super) fn end(&mut self, way: &Way, skim: &Skim, out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let text = self.batcher.current();
        self.seen += 1;
        if self.batcher.is_too_large() {
            self.batcher.end(0..text.len(), out);
            return Ok(());
        }
        // Among products of its own kind an odd element is one, and no reason to stop.
        if self.seen <= LOOKED_AT && self.holder.is_whole() && !self.products_seen {
            if let Some((keys, advice)) = deeper(text) {
                return Err(way.deeper(&keys, &advice));
            }
            self.products_seen = member(text, "name").is_some();
        }
        match self.holder.held(text, skim) {
            Ok(range) => self.batcher.end(range, out),
            // The next item begins where this one did.
            Err(kind) => self.others.count(kind),
        }
        Ok(())
    }
}
