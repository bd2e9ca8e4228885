//! Values that stand on several products, such as titles and images: how many, and the largest groups, in bounded memory.
//!
//! Of each value only a hash is kept, 41 bits and more in 4.6 bytes: two values of a full file look alike once in a hundred
//! files.
//! Up to [`MOST_VALUES`] values every one is compared; beyond that those with one bit of the hash set are given up, then
//! those with the next, so that of every value all products or none are counted, and numbers are estimates.

mod drawers;

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use serde::{Deserialize, Serialize};

use self::drawers::{Drawers, Put, Short};
use super::hashes::Glance;

/// How many different values are compared at most.
pub const MOST_VALUES: usize = 300_000;
/// Groups that are followed while the values come; of these the largest are told.
const MOST_FOLLOWED: usize = 128;
/// Groups that are told.
const MOST_TOLD: usize = 3;
/// Ids that are told of a group.
const MOST_IDS: usize = 3;
/// Bytes that are kept of a value or an id.
const MOST_BYTES: usize = 300;

/// Takes the values of one column, one product after another.
pub struct Repeats {
    hasher: RandomState,
    seen: Drawers,
    most: usize,
    /// How many low bits of a hash must be unset for its value to be kept.
    level: u32,
    /// By how many low bits of the hash are unset: values on several products, and those products.
    counts: [(u64, u64); 31],
    followed: Vec<Followed>,
}

struct Followed {
    hash: u64,
    group: SharedGroup,
}

/// Values that stand on several products.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// How many such values.
    pub(crate) values: u64,
    /// How many products share their value with another.
    pub(crate) products: u64,
    /// Whether both are estimates, from a sample.
    pub(crate) sampled: bool,
    /// The largest groups, the largest first.
    pub(crate) groups: Vec<SharedGroup>,
}

impl Shared {
    /// The products of the largest group.
    pub(crate) fn largest(&self) -> u64 {
        self.groups.first().map_or(0, |group| group.products)
    }
}

/// A value and the products that it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedGroup {
    /// The value, its first 300 bytes. Foreign text, not yet escaped.
    pub value: String,
    /// On how many products; at least that many where there were very many groups.
    pub products: u64,
    /// A few of the products' ids; the first product's is not known.
    pub ids: Vec<String>,
}

impl Default for Repeats {
    fn default() -> Self {
        Self::new()
    }
}

impl Repeats {
    /// Compares up to [`MOST_VALUES`] values.
    pub fn new() -> Self {
        Self::with_most(MOST_VALUES)
    }

    fn with_most(most: usize) -> Self {
        Self {
            hasher: RandomState::default(),
            seen: Drawers::new(),
            most,
            level: 0,
            counts: [(0, 0); 31],
            followed: Vec::new(),
        }
    }

    /// Takes a product's value. An empty one is nobody's.
    pub fn take(&mut self, value: &str, id: &str) {
        self.take_seen(self.glance(value), value, id);
    }

    /// Looks at the value that is taken next.
    pub fn glance(&self, value: &str) -> Glance {
        self.seen.glance(self.hasher.hash_one(value))
    }

    /// Takes a product's value that was looked at.
    pub fn take_seen(&mut self, glance: Glance, value: &str, id: &str) {
        let hash = glance.hash;
        if value.is_empty() || Short::of(hash).unset_bits() < self.level {
            return;
        }
        match self.seen.put(glance) {
            Put::New => {
                while self.seen.len() > self.most && self.level < 30 {
                    self.give_up_half();
                }
            }
            Put::Second => self.repeated(hash, 2, value, id),
            Put::Further => self.repeated(hash, 1, value, id),
        }
    }

    /// Counts so many more products of a value: the second one brings the first along.
    fn repeated(&mut self, hash: u64, more: u64, value: &str, id: &str) {
        let (values, products) = &mut self.counts[Short::of(hash).unset_bits() as usize];
        *values += u64::from(more == 2);
        *products += more;
        let known = self.followed.iter_mut().find(|followed| followed.hash == hash);
        if let Some(Followed { group, .. }) = known {
            group.products += 1;
            if group.ids.len() < MOST_IDS {
                group.ids.push(head(id));
            }
            return;
        }
        if self.followed.len() == MOST_FOLLOWED {
            // The smallest gives way, of several the oldest: a large one comes back and stays.
            let smallest = (0..MOST_FOLLOWED).min_by_key(|i| self.followed[*i].group.products);
            self.followed.remove(smallest.expect("some are followed"));
        }
        // It was there twice before where it is not the second.
        let group = SharedGroup { value: head(value), products: 4 - more, ids: vec![head(id)] };
        self.followed.push(Followed { hash, group });
    }

    fn give_up_half(&mut self) {
        self.level += 1;
        let level = self.level;
        self.seen.retain(|short| short.unset_bits() >= level);
        self.followed.retain(|followed| Short::of(followed.hash).unset_bits() >= level);
    }

    /// What was found.
    pub fn finish(mut self) -> Shared {
        let counts = self.counts[self.level as usize..].iter();
        let (values, products) =
            counts.fold((0, 0), |sum, (values, products)| (sum.0 + values, sum.1 + products));
        self.followed.sort_by_key(|followed| std::cmp::Reverse(followed.group.products));
        Shared {
            values: values << self.level,
            products: products << self.level,
            sampled: self.level > 0,
            groups: self.followed.into_iter().take(MOST_TOLD).map(|followed| followed.group).collect(),
        }
    }
}

fn head(text: &str) -> String {
    text[..text.floor_char_boundary(MOST_BYTES)].to_owned()
}

#[cfg(test)]
mod tests;
