//! Which ids were there before: exact up to a fixed number of ids, in some eleven bytes each.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::{
    ep::quality::hashes::{Glance, Hashes},
    report::number,
};

/// How many ids are compared. It is twenty times what a mall may list, in 22 MB; without a bound, a file of very short
/// rows would take hundreds.
const MOST: usize = 2_000_000;
/// 2 to the power of this many drawers, of 61 ids each where there are [`MOST`]: with fewer drawers each new one of them
/// would have to be looked for among all of its drawer.
const DRAWER_BITS: u32 = 15;

/// The ids seen so far, as 64-bit hashes: with [`MOST`] of them, two ids look alike once in ten million files.
pub struct Ids {
    seen: Hashes<u64, 7>,
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
        Self { seen: Hashes::new(DRAWER_BITS), hasher: RandomState::default(), most, beyond: 0 }
    }

    /// Looks at the id that is taken next. Ids that differ by spaces are one id.
    pub fn glance(&self, id: &str) -> Glance {
        let hash = match id.contains(' ') {
            true => self.hasher.hash_one(id.replace(' ', "")),
            false => self.hasher.hash_one(id),
        };
        // No hash is 0, which stands for none.
        self.seen.glance(hash.max(1))
    }

    /// Takes an id that was looked at; true where it was there before.
    pub fn is_repeated(&mut self, glance: Glance) -> bool {
        if self.seen.find(glance, |kept| kept == glance.hash).is_some() {
            return true;
        }
        if self.seen.len() >= self.most {
            self.beyond += 1;
            return false;
        }
        self.seen.add(glance, glance.hash);
        false
    }

    /// `2,000,000 / 25,000,000` where not all ids were compared with each other.
    pub fn not_compared(&self) -> Option<String> {
        let compared = self.seen.len() as u64;
        (self.beyond > 0).then(|| format!("{} / {}", number(compared), number(compared + self.beyond)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn is_repeated(ids: &mut Ids, id: &str) -> bool {
        ids.is_repeated(ids.glance(id))
    }

    #[test]
    fn an_id_is_found_again_however_many_came_between() {
        let mut ids = Ids::default();
        for i in 0..200_000 {
            assert!(!is_repeated(&mut ids, &i.to_string()), "{i}");
        }
        for i in (0..200_000).step_by(997) {
            assert!(is_repeated(&mut ids, &i.to_string()), "{i}");
        }
        assert_eq!(ids.seen.len(), 200_000);
        assert_eq!(ids.not_compared(), None);
    }

    #[test]
    fn beyond_the_bound_nothing_is_kept_and_how_many_were_compared_is_said() {
        let mut ids = Ids::with_most(1000);
        for i in 0..5000 {
            assert!(!is_repeated(&mut ids, &i.to_string()));
        }
        assert!(is_repeated(&mut ids, "999") && !is_repeated(&mut ids, "1000"));
        assert_eq!(ids.seen.len(), 1000);
        assert_eq!(ids.not_compared().as_deref(), Some("1,000 / 5,001"));
    }

    #[test]
    fn ids_that_differ_by_spaces_are_one_id() {
        let mut ids = Ids::default();
        assert!(!is_repeated(&mut ids, "A 1") && !is_repeated(&mut ids, "a1"));
        assert!(
            is_repeated(&mut ids, "A1") && is_repeated(&mut ids, "A1 ") && is_repeated(&mut ids, " A  1")
        );
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_set_finds(found in prop::collection::vec(0u16..300, 0..600)) {
            let (mut ids, mut naive) = (Ids::default(), HashSet::new());
            for id in found {
                prop_assert_eq!(is_repeated(&mut ids, &id.to_string()), !naive.insert(id));
            }
        }
    }
}
