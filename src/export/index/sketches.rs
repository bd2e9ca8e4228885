//! A sketch beside each entry of an index, for as long as there is room for them.
//!
//! They are half as much again as an entry itself: a feed that is too large for that gives up all of them, so that of
//! every row one is known or of none.

use super::{GROWTH, SHARD_BITS};
use crate::ep::sketch::Sketch;

/// Entries up to which each has its sketch.
const MOST: usize = 150_000;

/// The sketches, in the order of the index's entries; none once they were given up.
pub(super) struct Sketches {
    shards: Vec<Vec<Sketch>>,
    kept: usize,
}

impl Sketches {
    pub(super) fn new() -> Self {
        Self { shards: vec![Vec::new(); 1 << SHARD_BITS], kept: 0 }
    }

    /// Puts one in beside a new entry.
    pub(super) fn insert(&mut self, shard: usize, at: usize, sketch: Sketch) {
        if self.kept == MOST {
            self.shards = Vec::new();
        }
        let Some(shard) = self.shards.get_mut(shard) else { return };
        if shard.len() == shard.capacity() {
            shard.reserve_exact(shard.len() / GROWTH + 1);
        }
        shard.insert(at, sketch);
        self.kept += 1;
    }

    /// Sets that of an entry that is there.
    pub(super) fn set(&mut self, shard: usize, at: usize, sketch: Sketch) {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard[at] = sketch;
        }
    }

    pub(super) fn get(&self, shard: usize, at: usize) -> Option<Sketch> {
        self.shards.get(shard).map(|shard| shard[at])
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let sketches: usize = self.shards.iter().map(Vec::capacity).sum();
        self.shards.capacity() * size_of::<Vec<Sketch>>() + sketches * size_of::<Sketch>()
    }
}
