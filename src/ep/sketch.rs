//! What a row was like, in eight bytes: enough to tell later whether its title changed, whether it is another product's,
//! and whether its price is a sale's.
//!
//! It never holds a word or a price itself, only parts of their hashes and shares, so it can tell but not name anything.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// Words of a title that are known again: those with the smallest hashes, so that the same ones are picked wherever they
/// stand.
const WORDS: usize = 4;
/// Bits kept of each. Two words look alike once in a thousand.
const BITS: u32 = 10;
const MASK: u64 = (1 << BITS) - 1;
/// Steps that a sale's share of the regular price is kept in.
const STEPS: f64 = 254.0;
/// Prices closer than this are the same one: what is kept of a sale is a share, and shops round.
const NEAR: f64 = 0.1;

/// The same in every process, so that a sketch means the same everywhere; whoever makes up words that look alike spoils
/// the comparison of their own titles alone.
const HASHER: FixedState = FixedState::with_seed(0x0016);

/// A row's title and sale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sketch {
    title: u16,
    /// 0 without a regular price, else one more than the steps that the price is below it.
    sale: u8,
    words: [u8; 5],
}

/// A price that changed.
#[derive(Debug, Clone, Copy)]
pub struct Repriced {
    /// Before.
    pub before: u64,
    /// The regular price that stood beside it, where one did.
    pub regular_before: Option<u64>,
    /// Now.
    pub now: u64,
}

impl Sketch {
    /// Of a row with this title, in which the words of `without` say nothing, this price, and this value of
    /// `normal_price`.
    pub fn of(title: &str, without: &[&str], price: u64, normal: &str) -> Self {
        let mut lowest = [u64::MAX; WORDS];
        each_word(title, without, |hash| {
            let mut hash = hash;
            for slot in &mut lowest {
                if hash == *slot {
                    break;
                }
                if hash < *slot {
                    std::mem::swap(slot, &mut hash);
                }
            }
            true
        });
        let codes = lowest.into_iter().filter(|hash| *hash != u64::MAX).map(code);
        let packed = codes.fold(0, |packed, code| packed << BITS | code).to_le_bytes();
        let sale = normal.parse::<u64>().map_or(0, |normal| sale(price, normal));
        let words = [packed[0], packed[1], packed[2], packed[3], packed[4]];
        Self { title: short(stripped(title, without)), sale, words }
    }

    /// Whether it is of another title than this one. A first word more or less is the shop's name, or was.
    pub fn is_retitled(&self, before: &str, without: &[&str]) -> bool {
        let second = before.split_once(' ').map(|(_, rest)| rest);
        let titles = [Some(before), second].into_iter().flatten();
        !titles.map(|title| stripped(title, without)).any(|title| short(title) == self.title)
    }

    /// Whether no word of this title is among those that are known of its own. Where none is known nobody can say.
    pub fn is_strange_to(&self, before: &str, without: &[&str]) -> bool {
        let [a, b, c, d, e] = self.words;
        let packed = u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
        if packed == 0 {
            return false;
        }
        let mut any = false;
        each_word(before, without, |hash| {
            any |= (0..WORDS as u32).any(|at| packed >> (at * BITS) & MASK == code(hash));
            !any
        });
        !any
    }

    /// Whether the regular price beside a price says why it changed: a sale that began, went on or ended.
    pub fn explains(&self, Repriced { before, regular_before, now }: Repriced) -> bool {
        let near = |a: f64, b: u64| (a - b as f64).abs() <= b as f64 * NEAR;
        let regular = self.regular(now);
        let was =
            |regular: f64| near(regular, before) || regular_before.is_some_and(|then| near(regular, then));
        regular.is_some_and(was) || regular_before.is_some_and(|then| near(now as f64, then))
    }

    /// The regular price beside `price`, about.
    fn regular(&self, price: u64) -> Option<f64> {
        let steps = self.sale.checked_sub(1)?;
        Some(price as f64 / (1.0 - f64::from(steps) / (STEPS + 1.0)))
    }
}

fn sale(price: u64, normal: u64) -> u8 {
    let below = 1.0 - price as f64 / normal.max(1) as f64;
    1 + (below.clamp(0.0, 1.0) * (STEPS + 1.0)).round().min(STEPS) as u8
}

/// What stands for a word; never 0.
fn code(hash: u64) -> u64 {
    (hash & MASK).max(1)
}

fn short(title: &str) -> u16 {
    HASHER.hash_one(title.as_bytes()) as u16
}

/// A title without those first words that are everybody's.
fn stripped<'t>(title: &'t str, without: &[&str]) -> &'t str {
    let mut rest = title;
    for common in without {
        rest = match rest.strip_prefix(common) {
            Some(after) if after.is_empty() || common.is_empty() => after,
            Some(after) => after.strip_prefix(' ').unwrap_or(rest),
            None => rest,
        };
    }
    rest
}

/// Hands the hashes of a title's telling words on until `take` wants no more; of a title without any, of all of its words.
fn each_word(title: &str, without: &[&str], mut take: impl FnMut(u64) -> bool) {
    let common = Common::of(without);
    let words = || words(title.as_bytes()).filter(|word| !common.holds(word.bytes));
    let mut any = false;
    for word in words().filter(|word| word.tells) {
        any = true;
        if !take(HASHER.hash_one(word.bytes)) {
            return;
        }
    }
    if !any {
        words().all(|word| take(HASHER.hash_one(word.bytes)));
    }
}

/// A digit.
const DIGIT: u8 = 1;
/// What is not ASCII.
const BEYOND: u8 = 1 << 1;
/// What each byte is.
static SIGNS: [u8; 256] = {
    let (mut signs, mut byte) = ([0; 256], 0);
    while byte < 256 {
        signs[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            0x80.. => BEYOND,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

/// A word of a title, without commas at its ends; never empty. By its bytes: nothing of it is cut amid a character.
struct Word<'t> {
    bytes: &'t [u8],
    /// Whether it says which product it is of: measures and units stand in many titles.
    tells: bool,
}

/// The words of a title.
fn words(title: &[u8]) -> impl Iterator<Item = Word<'_>> {
    let mut rest = Some(title);
    let next = move || {
        let title = rest.take()?;
        let mut signs = 0;
        let end = title.iter().position(|byte| {
            signs |= SIGNS[usize::from(*byte)];
            *byte == b' '
        });
        let word = match end {
            None => title,
            Some(end) => {
                rest = Some(&title[end + 1..]);
                &title[..end]
            }
        };
        let bytes = without_commas(word);
        Some(Word { bytes, tells: signs & DIGIT == 0 && (bytes.len() > 2 || signs & BEYOND != 0) })
    };
    std::iter::from_fn(next).filter(|word| !word.bytes.is_empty())
}

fn without_commas(mut word: &[u8]) -> &[u8] {
    while let [b',', rest @ ..] | [rest @ .., b','] = word {
        word = rest;
    }
    word
}

/// The words that say nothing of a product.
struct Common<'w> {
    texts: &'w [&'w str],
    /// A bit for each last byte of one, as far as that tells them apart.
    ends: u64,
}

impl<'w> Common<'w> {
    fn of(texts: &'w [&'w str]) -> Self {
        let mut ends = 0;
        for text in texts {
            let mut last = b' ';
            for byte in text.as_bytes() {
                ends |= u64::from(*byte == b' ') << (last & 63);
                last = *byte;
            }
            ends |= 1 << (last & 63);
        }
        Self { texts, ends }
    }

    /// Whether a word, which is not empty, is one of them.
    fn holds(&self, word: &[u8]) -> bool {
        let may_be = word.last().is_some_and(|last| self.ends >> (last & 63) & 1 == 1);
        may_be && self.texts.iter().any(|text| is_word_of(text.as_bytes(), word))
    }
}

fn is_word_of(text: &[u8], word: &[u8]) -> bool {
    text == word || text.len() > word.len() && text.split(|byte| *byte == b' ').any(|common| common == word)
}

#[cfg(test)]
mod tests;
