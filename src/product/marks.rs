//! The marks of a product and its price: words that say what holds for it, such as that only some pay that price.
//!
//! It never says what a word means; that is for `price`.

use std::fmt;

use serde::{Deserialize, Deserializer};

use super::object::{DAMAGED, Texts};

/// Texts kept of the marks in one place. A place with more is taken for one that restricts.
const MOST_MARKS: usize = 32;
/// Bytes kept of a mark. A longer one is taken for one that restricts, too.
const MARK_BYTES: usize = 512;

/// The words that stand in a mark's place, whatever its shape: a text, several, or an object with texts in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    words: Vec<String>,
    /// There were more than are kept, or some could not be read.
    more: bool,
}

impl Marks {
    /// Whether one of them is such that `restricts`. Marks that were not all kept may hold one.
    pub fn any(&self, restricts: impl Fn(&str) -> bool) -> bool {
        self.more || self.words.iter().any(|word| restricts(word))
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut marks = Self::default();
        let mut texts = Texts(|text: &str| {
            // what marks nothing needs no memory
            if text.is_empty() || text == "NONE" {
            } else if marks.words.len() == MOST_MARKS || text.len() > MARK_BYTES || text == DAMAGED {
                marks.more = true;
            } else {
                marks.words.push(text.to_owned());
            }
        });
        serde::de::DeserializeSeed::deserialize(&mut texts, deserializer)?;
        Ok(marks)
    }
}
