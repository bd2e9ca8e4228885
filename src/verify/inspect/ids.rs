//! Which ids were there before: exact up to a fixed number of ids, in 8 bytes each.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::report::number;

/// How many ids are compared. It is twenty times what a mall may list, in 16 MB; without a bound, a file of very short
/// rows would take hundreds.
const MOST: usize = 2_000_000;
/// How many ids wait before they are merged into the sorted ones.
const RECENT: usize = 65_536;

/// The ids seen so far, as 64-bit hashes: with [`MOST`] of them, two ids look alike once in ten million files.
pub struct Ids {
    /// Sorted, each once.
    sorted: Vec<u64>,
    /// The newest, sorted only when merged.
    recent: std::collections::HashSet<u64>,
    hasher: RandomState,
    most: usize,
    /// Ids that came after the last one that was compared.
    beyond: u64,
}

impl Default for Ids {
    fn default() -> Self {
        Self::with_most(MOST)
    }
}

impl Ids {
    /// Compares the first `most` ids.
    fn with_most(most: usize) -> Self {
        Self {
            sorted: Vec::new(),
            recent: std::collections::HashSet::new(),
            hasher: RandomState::default(),
            most,
            beyond: 0,
        }
    }

    /// Takes the next id; true where it was there before. Ids that differ by spaces are one id.
    pub fn is_repeated(&mut self, id: &str) -> bool {
        let hash = match id.contains(' ') {
            true => self.hasher.hash_one(id.replace(' ', "")),
            false => self.hasher.hash_one(id),
        };
        if self.recent.contains(&hash) || self.sorted.binary_search(&hash).is_ok() {
            return true;
        }
        if self.sorted.len() + self.recent.len() >= self.most {
            self.beyond += 1;
            return false;
        }
        self.recent.insert(hash);
        if self.recent.len() >= RECENT {
            self.merge();
        }
        false
    }

    /// `2,000,000 / 25,000,000` where not all ids were compared with each other.
    pub fn not_compared(&self) -> Option<String> {
        let compared = (self.sorted.len() + self.recent.len()) as u64;
        (self.beyond > 0).then(|| format!("{} / {}", number(compared), number(compared + self.beyond)))
    }

    /// Merges from the back, in place, so that it never takes the memory twice.
    fn merge(&mut self) {
        let mut recent: Vec<u64> = self.recent.drain().collect();
        recent.sort_unstable();
        let mut old = self.sorted.len();
        self.sorted.reserve_exact(recent.len());
        self.sorted.resize(old + recent.len(), 0);
        let mut at = self.sorted.len();
        while let Some(&newest) = recent.last() {
            at -= 1;
            if old > 0 && self.sorted[old - 1] > newest {
                old -= 1;
                self.sorted[at] = self.sorted[old];
            } else {
                self.sorted[at] = newest;
                recent.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_found_again_however_many_came_between() {
        let mut ids = Ids::default();
        for i in 0..200_000 {
            assert!(!ids.is_repeated(&i.to_string()), "{i}");
        }
        for i in (0..200_000).step_by(997) {
            assert!(ids.is_repeated(&i.to_string()), "{i}");
        }
        assert_eq!(ids.sorted.len() + ids.recent.len(), 200_000);
        assert!(ids.sorted.is_sorted());
        assert_eq!(ids.not_compared(), None);
    }

    #[test]
    fn beyond_the_bound_nothing_is_kept_and_how_many_were_compared_is_said() {
        let mut ids = Ids::with_most(1000);
        for i in 0..5000 {
            assert!(!ids.is_repeated(&i.to_string()));
        }
        assert!(ids.is_repeated("999") && !ids.is_repeated("1000"));
        assert_eq!(ids.sorted.len() + ids.recent.len(), 1000);
        assert_eq!(ids.not_compared().as_deref(), Some("1,000 / 5,001"));
    }

    #[test]
    fn ids_that_differ_by_spaces_are_one_id() {
        let mut ids = Ids::default();
        assert!(!ids.is_repeated("A 1") && !ids.is_repeated("a1"));
        assert!(ids.is_repeated("A1") && ids.is_repeated("A1 ") && ids.is_repeated(" A  1"));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_set_finds(found in prop::collection::vec(0u8..30, 0..60), merge_at in 0usize..60) {
            let (mut ids, mut naive) = (Ids::default(), HashSet::new());
            for (i, id) in found.iter().enumerate() {
                prop_assert_eq!(ids.is_repeated(&id.to_string()), !naive.insert(id));
                if i % (merge_at + 1) == merge_at {
                    ids.merge();
                }
            }
        }
    }
}
