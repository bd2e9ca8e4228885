//! Finds a key among those of one object that lead on.
//!
//! Most keys of a product lead nowhere, and are told so by one look; one that may be known is compared in words of eight
//! bytes.

use std::ops::Range;

/// Places of a table of keys.
const PLACES: usize = 128;
/// No key.
const NONE: u16 = u16::MAX;
/// Bytes of a word.
const WORD: usize = size_of::<u64>();

/// The keys, by their place in the list that they were made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keys {
    known: Vec<Known>,
    /// The first key of each place; empty where there are no keys.
    first: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    key: Box<[u8]>,
    head: u64,
    tail: u64,
    /// The next key of the same place.
    next: u16,
}

impl Keys {
    /// Of these, each of which stands there once. Those beyond what a place can name are never found.
    pub(super) fn of<'k>(keys: impl ExactSizeIterator<Item = &'k [u8]>) -> Self {
        let mut all = Self { known: Vec::new(), first: vec![NONE; if keys.len() == 0 { 0 } else { PLACES }] };
        for (at, key) in (0..NONE).zip(keys) {
            let (head, tail) = (first_word(key, 0..key.len()), last_word(key).unwrap_or_default());
            let first = &mut all.first[place(head, key.len())];
            all.known.push(Known { key: key.into(), head, tail, next: *first });
            *first = at;
        }
        all
    }

    /// Which of the keys stands here in a text.
    #[inline(always)]
    pub(super) fn find(&self, text: &[u8], key: Range<usize>) -> Option<usize> {
        let (head, length) = (first_word(text, key.clone()), key.len());
        let mut at = *self.first.get(place(head, length))?;
        while at != NONE {
            let known = &self.known[usize::from(at)];
            if known.head == head && known.key.len() == length && known.ends(&text[key.clone()]) {
                return Some(at.into());
            }
            at = known.next;
        }
        None
    }
}

impl Known {
    /// Whether a key of the same length and first word goes on like this one.
    #[inline(always)]
    fn ends(&self, key: &[u8]) -> bool {
        key.len() <= WORD || last_word(key) == Some(self.tail) && (key.len() <= 2 * WORD || *self.key == *key)
    }
}

/// The place of a key in a table, by its first word and its length.
#[inline(always)]
fn place(head: u64, length: usize) -> usize {
    // What is multiplied by an odd number has something of every byte in its highest bits.
    ((head ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES.ilog2())) as usize
}

/// The first word of a key in a text, with zeros where it is shorter.
#[inline(always)]
fn first_word(text: &[u8], key: Range<usize>) -> u64 {
    let length = key.len().min(WORD);
    let word = match text.get(key.start..).and_then(|rest| rest.first_chunk()) {
        Some(word) => u64::from_le_bytes(*word),
        None => at_the_end(text.get(key).unwrap_or_default()),
    };
    word & MASKS[length]
}

/// The first word of what is shorter than one.
#[inline(never)]
fn at_the_end(key: &[u8]) -> u64 {
    key.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// What is left of a word that is so many bytes long.
const MASKS: [u64; WORD + 1] = [
    0,
    0xff,
    0xffff,
    0xff_ffff,
    0xffff_ffff,
    0xff_ffff_ffff,
    0xffff_ffff_ffff,
    0xff_ffff_ffff_ffff,
    u64::MAX,
];

#[inline(always)]
fn last_word(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_found_where_it_is_known_and_no_other_is(
            known in prop::collection::btree_set("[ab가]{0,20}", 0..200),
            key in prop_oneof!["[ab가]{0,20}", "[ab]{0,2}"],
            before in "[a\"]{0,3}",
            behind in "[a\"]{0,9}",
            index in any::<prop::sample::Index>(),
        ) {
            let known: Vec<_> = known.into_iter().collect();
            let keys = Keys::of(known.iter().map(|key| key.as_bytes()));
            let one = if known.is_empty() { key.clone() } else { known[index.index(known.len())].clone() };
            for key in [key, one] {
                let text = [&*before, &*key, &*behind].concat();
                let found = keys.find(text.as_bytes(), before.len()..before.len() + key.len());
                prop_assert_eq!(found, known.iter().position(|one| *one == key), "{}", key);
            }
        }
    }
}
