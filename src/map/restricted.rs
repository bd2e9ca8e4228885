//! The words by which a mark says that a price is not everybody's.

use serde::Deserialize;

/// Words within the marks of a price: a club's, and those of offers that hold in stores only. Words and not whole marks,
/// so that a mark of another spelling never opens a price to everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Restricted(Vec<String>);

impl From<Vec<String>> for Restricted {
    /// In any case, with anything or nothing between their parts.
    fn from(words: Vec<String>) -> Self {
        Self(words.iter().map(|word| normal(word)).filter(|word| !word.is_empty()).collect())
    }
}

impl Restricted {
    /// Whether a mark holds one of them.
    pub fn holds(&self, mark: &str) -> bool {
        let mark = normal(mark);
        self.0.iter().any(|word| mark.contains(word.as_str()))
    }
}

fn normal(mark: &str) -> String {
    // Full-width letters stand as far from the plain ones as their blocks do.
    let plain = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    mark.chars().map(plain).filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
}
