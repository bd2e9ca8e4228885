//! The marks of a product and its price: words that say what holds for it, such as that only some pay that price.
//!
//! It never says what a word means; that is for `price`.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess},
};

use super::{
    DAMAGED,
    any::{Any, Key, Take},
    scalar::{BARE, Scalar},
};

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

    /// Those such that `restricts`, as people are shown them.
    pub(super) fn shown(&self, restricts: impl Fn(&str) -> bool) -> String {
        let words: Vec<_> = self.words.iter().map(String::as_str).filter(|word| restricts(word)).collect();
        words.join(" ")
    }

    fn add(&mut self, text: Cow<'_, str>) {
        let marks_nothing = text.is_empty() || text == "NONE";
        if marks_nothing {
            return;
        }
        if self.words.len() == MOST_MARKS || text.len() > MARK_BYTES || text == DAMAGED {
            self.more = true;
        } else {
            self.words.push(text.into_owned());
        }
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
        Any(&mut marks).deserialize(deserializer)?;
        Ok(marks)
    }
}

/// Every text inside a value, keys included, however deep it stands.
impl<'de> Take<'de> for &mut Marks {
    type Value = ();

    fn scalar(self, scalar: Scalar<'de>) {
        match scalar {
            Scalar::Text(text) => self.add(text),
            Scalar::Bare(word) => self.add(format!("{BARE}{word}").into()),
            _ => {}
        }
    }

    fn map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            self.add(key);
            map.next_value_seed(Any(&mut *self))?;
        }
        Ok(())
    }

    fn seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Any(&mut *self))?.is_some() {}
        Ok(())
    }
}
