//! What the members of an object were in the products before: mostly they are the same again, one after the other.
//!
//! What is expected is only a guess that costs less to try than a key to read; it never decides what a key is.

use std::mem;

/// Bytes of a word.
const WORD: usize = size_of::<u64>();
/// Words of a member's beginning. One with a longer key is not expected.
const WORDS: usize = 4;
/// Its bytes.
const LONGEST: usize = WORDS * WORD;
/// Members of one object that are expected.
const MOST: usize = 64;
/// Members that are tried beyond the next one, where that is left out.
const AHEAD: usize = 4;

/// How a member begins, `"name":`, up to its value, and what the key leads to.
#[derive(Debug, Clone)]
struct Beginning {
    words: [u64; WORDS],
    /// The bits of the words that count.
    counts: [u64; WORDS],
    length: usize,
    known: Option<Known>,
}

/// A key that leads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// A bit for it, of those of its object; a great many keys share the last one.
    pub(super) bit: u64,
    /// The node that it leads to.
    pub(super) node: usize,
}

/// A member that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    /// Its key, where that leads on.
    pub(super) known: Option<Known>,
    /// Where its value begins, or what stands before it.
    pub(super) value: usize,
}

/// The members of the objects at one place, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Habit {
    members: Vec<Beginning>,
    next: usize,
}

impl Habit {
    /// The same for the next object.
    #[inline(always)]
    pub(super) fn taken(from: &mut Self) -> Self {
        Self { members: mem::take(&mut from.members), next: 0 }
    }

    /// The member that begins at this byte of a text, where it is one that is expected.
    #[inline(always)]
    pub(super) fn meet(&mut self, text: &[u8], at: usize) -> Option<Met> {
        let rest = text.get(at..)?;
        let next = self.members.get(self.next)?;
        match rest.first_chunk() {
            Some(bytes) if next.is_at(bytes) => {
                self.next += 1;
                Some(Met { known: next.known, value: at + next.length })
            }
            _ => self.search(rest, at),
        }
    }

    /// The same among those that come next.
    #[inline(never)]
    fn search(&mut self, rest: &[u8], at: usize) -> Option<Met> {
        let mut bytes = [0; LONGEST];
        let length = rest.len().min(LONGEST);
        bytes[..length].copy_from_slice(&rest[..length]);
        let mut ahead = (self.next..self.members.len()).take(1 + AHEAD);
        let found = ahead.find(|nth| self.members[*nth].is_at(&bytes))?;
        self.next = found + 1;
        Some(Met { known: self.members[found].known, value: at + self.members[found].length })
    }

    /// Expects from now on what was met here without being expected: a member whose text begins like this, up to its value.
    /// False where there is no room for it.
    #[inline(never)]
    pub(super) fn learn(&mut self, begins: &[u8], known: Option<Known>) -> bool {
        let fits = begins.len() <= LONGEST && self.members.len() < MOST;
        if fits {
            let [mut bytes, mut counts] = [[0; LONGEST]; 2];
            bytes[..begins.len()].copy_from_slice(begins);
            counts[..begins.len()].fill(u8::MAX);
            let (words, counts) = (words(&bytes), words(&counts));
            self.members.insert(self.next, Beginning { words, counts, length: begins.len(), known });
            self.next += 1;
        }
        fits
    }
}

impl Beginning {
    #[inline(always)]
    fn is_at(&self, bytes: &[u8; LONGEST]) -> bool {
        let words = words(bytes);
        (0..WORDS).fold(0, |differs, nth| differs | (words[nth] ^ self.words[nth]) & self.counts[nth]) == 0
    }
}

#[inline(always)]
fn words(bytes: &[u8; LONGEST]) -> [u64; WORDS] {
    let (words, _) = bytes.as_chunks::<WORD>();
    std::array::from_fn(|nth| u64::from_le_bytes(words[nth]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_met_again_where_it_stands_and_some_may_be_left_out() {
        let mut habit = Habit::default();
        let text = br#"{"a":1,"bb":2,"ccc":3,"a long key is one that is not expected":4,"e":5}"#;
        let known = |nth: usize| (nth != 1).then_some(Known { bit: 1 << nth, node: 7 * nth });
        let (begins, values) = ([1, 7, 14, 22, 65], [5, 12, 20, 63, 69]);
        for nth in 0..5 {
            assert_eq!(habit.meet(text, begins[nth]), None, "{nth}");
            habit.learn(&text[begins[nth]..values[nth]], known(nth));
        }
        for left_out in [None, Some(0), Some(2)] {
            let mut again = Habit::taken(&mut habit);
            for nth in (0..5).filter(|nth| left_out != Some(*nth)) {
                let met = (nth != 3).then_some(Met { known: known(nth), value: values[nth] });
                assert_eq!(again.meet(text, begins[nth]), met, "{nth} without {left_out:?}");
            }
            habit = again;
        }
        assert_eq!(Habit::taken(&mut habit).meet(br#"{"a" :1}"#, 1), None);
    }

    #[test]
    fn no_more_is_expected_than_an_object_has_members() {
        let mut habit = Habit::default();
        for nth in 0..1000 {
            habit.learn(format!("\"{nth}\":").as_bytes(), None);
        }
        assert_eq!(habit.members.len(), MOST);
    }
}
