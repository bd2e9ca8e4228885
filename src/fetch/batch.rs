//! A handful of products as raw JSON texts, the unit that flows through the export.
//!
//! It never looks into a product.

use std::{ops::Range, sync::Arc};

use super::room::Taken;
use crate::{
    buffers::{Buffer, Buffers},
    web::Discretion,
};

/// A batch of a page closes once it holds this many bytes: small enough that a few dozen on their way stay far below the
/// memory budget.
pub(super) const BATCH_BYTES: usize = 256 * 1024;
/// And one of a catalogue that is one document at most this many: each is handed from core to core, and to wake one takes as
/// long as to judge several products.
const DOCUMENT_BATCH_BYTES: usize = 512 * 1024;
/// Bytes of products that wait to be judged, are judged, or wait for their turn: enough for every core where they are
/// small, and for one of the largest.
pub(crate) const JUDGED_BYTES: usize = 3 * 1024 * 1024;
/// Either closes once it holds this many products, so that tiny ones spread over the workers too.
pub(super) const BATCH_ITEMS: usize = 512;

/// One product is at most this large. A real one has a few KiB; a larger one is mostly a pointer to the wrong array.
pub(super) const LARGEST_ITEM: usize = 2 * 1024 * 1024;
/// What stands in place of a larger one, and so much of it.
const TOO_LARGE: &str = "larger than 2 MiB: ";
const BEGINNING: usize = 200;
/// What is longer than this is no product any more, but a text that does not end.
const ENDLESS: u64 = 64 * 1024 * 1024;

/// Raw JSON texts of products, in the catalogue's order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The texts, one after the other, perhaps with something between them.
    pub(crate) bytes: Buffer,
    items: Vec<Range<usize>>,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// How much of it may be told.
    pub(crate) discretion: Discretion,
    /// What it takes of the room for all of them.
    pub(super) taken: Taken,
}

/// The part of a source that products came with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The department's id, where there are several.
    pub department: Option<Arc<str>>,
    /// The first element of the window, where it has a place.
    pub start: Option<u64>,
}

impl Batch {
    /// Each product's text.
    pub fn items(&self) -> impl Iterator<Item = &[u8]> {
        self.items.iter().map(|range| &self.bytes[range.clone()])
    }

    /// How many products.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Keeps the products whose text `keep` wants.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        self.items.retain(|range| keep(&self.bytes[range.clone()]));
    }

    /// Whether there is no product in it. `read` never hands on such a batch.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Room for the batches of a catalogue, and when each of them is full.
#[derive(Debug, Clone)]
pub(super) struct Batches {
    buffers: Buffers,
    full: usize,
}

impl Batches {
    /// For a catalogue that comes in pages.
    pub fn of_pages() -> Self {
        Self::of(BATCH_BYTES)
    }

    /// For one that is one document, and is judged by so many at once: as large as leaves a batch for each of them, and one
    /// that waits.
    pub fn of_a_document(judges: usize) -> Self {
        let each = JUDGED_BYTES / (judges + 1);
        Self::of((each - each / 16).clamp(BATCH_BYTES, DOCUMENT_BATCH_BYTES))
    }

    /// The last of usual products goes beyond the batch's bytes.
    fn of(full: usize) -> Self {
        Self { buffers: Buffers::of(full + full / 16), full }
    }
}

/// Collects items piece by piece and closes batches as they get full.
#[derive(Debug)]
pub(super) struct Batcher {
    /// Where room for the next batch comes from, and when it is full.
    pub batches: Batches,
    open: Batch,
    start: usize,
    /// Of the item at hand only the beginning is kept, and so many bytes were left out.
    too_large: bool,
    left_out: u64,
}

impl Default for Batcher {
    fn default() -> Self {
        Self { batches: Batches::of_pages(), open: Batch::default(), start: 0, too_large: false, left_out: 0 }
    }
}

impl Batcher {
    /// Begins an item; what was appended since the last `end` is forgotten.
    pub fn begin(&mut self) {
        self.open.bytes.truncate(self.start);
        (self.too_large, self.left_out) = (false, 0);
        if self.open.bytes.capacity() == 0 {
            self.open.bytes = self.batches.buffers.take();
        }
    }

    /// The next piece of the item. A large one grows by steps: doubled, it would take twice what it holds.
    ///
    /// Of an item beyond [`LARGEST_ITEM`] the beginning is kept, with a word before it, so that it is no product for
    /// anybody: it is counted as broken, and told by that.
    pub fn append(&mut self, piece: &[u8]) {
        if self.too_large {
            self.left_out += piece.len() as u64;
            return;
        }
        if self.current().len() + piece.len() > LARGEST_ITEM {
            self.too_large = true;
            let kept = self.current().iter().chain(piece).take(BEGINNING).copied();
            let text: Vec<u8> = TOO_LARGE.bytes().chain(kept).collect();
            self.open.bytes.truncate(self.start);
            self.open.bytes.shrink_to(self.batches.buffers.capacity());
            self.open.bytes.extend_from_slice(&text);
            return;
        }
        if self.open.bytes.capacity() - self.open.bytes.len() < piece.len() {
            self.open.bytes.reserve_exact(piece.len().max(BATCH_BYTES));
        }
        self.open.bytes.extend_from_slice(piece);
    }

    /// Whether the item is larger than any product may be.
    pub fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// Whether the item is so large that nobody waits for its end.
    pub fn is_endless(&self) -> bool {
        self.left_out > ENDLESS
    }

    /// Bytes that are held for items whose batch is still open.
    pub fn held(&self) -> usize {
        self.open.bytes.capacity()
    }

    /// The item as far as it is known.
    pub fn current(&self) -> &[u8] {
        &self.open.bytes[self.start..]
    }

    /// Ends the item, of which only this part is the product's text; a batch that is full thereby goes to `out`.
    pub fn end(&mut self, product: Range<usize>, out: &mut Vec<Batch>) {
        let (begin, end) = (self.start + product.start, self.start + product.end);
        self.open.bytes.truncate(end);
        self.open.items.push(begin..end);
        self.start = end;
        if self.start >= self.batches.full || self.open.items.len() >= BATCH_ITEMS {
            self.flush(out);
        }
    }

    /// Hands on what is left of whole items.
    pub fn flush(&mut self, out: &mut Vec<Batch>) {
        self.open.bytes.truncate(self.start);
        if !self.open.items.is_empty() {
            out.push(std::mem::take(&mut self.open));
        }
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::MOST_JUDGES;

    #[test]
    fn every_judge_has_a_batch_of_a_document_however_many_judges_there_are() {
        for judges in 1..=MOST_JUDGES {
            let Batches { buffers, full } = Batches::of_a_document(judges);
            assert!((BATCH_BYTES..=DOCUMENT_BATCH_BYTES).contains(&full), "{judges}: {full}");
            assert!((judges + 1) * buffers.capacity() <= JUDGED_BYTES, "{judges}: {full}");
        }
        assert_eq!(Batches::of_a_document(2).full, DOCUMENT_BATCH_BYTES);
        assert_eq!(Batches::of_pages().full, BATCH_BYTES);
    }
}
