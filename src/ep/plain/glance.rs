//! What a text holds that has to be looked at more closely, by one walk over it.

use super::walk::{Signs, of_all_bytes};

/// What cleaning may take out or replace.
const UNCLEAN: u8 = 1;
/// Letters, and question marks, that a wrong reading may have left.
const STRANGE: u8 = 1 << 1;
/// A space at an end, or two in a row.
const SPACES: u8 = 1 << 2;
/// A letter with an accent right behind another one.
const ACCENTS: u8 = 1 << 3;
/// The first two digits of a phone number's prefix.
const NOUGHT: u8 = 1 << 4;
const ONE: u8 = 1 << 5;
/// A plus.
const PLUS: u8 = 1 << 6;

static SIGNS: Signs = Signs { own: of_all_bytes!(own), behind: of_all_bytes!(behind) };

/// What "surely" can be said of a text; of what is not sure, the rule that knows decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance(u8);

impl Glance {
    /// At a text.
    #[inline]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut found = SIGNS.of(bytes, b' ');
        if bytes.last() == Some(&b' ') {
            found |= SPACES;
        }
        // Mostly it is one behind Hangul.
        if found & ACCENTS != 0 && !bytes.windows(3).any(|three| three[0] == 0xc3 && three[2] == 0xc3) {
            found &= !ACCENTS;
        }
        Self(found)
    }

    /// Whether it holds nothing that cleaning takes out or replaces, but for spaces: no control and no character that
    /// nobody sees, no white space but the space, no tag and no HTML entity.
    ///
    /// Not sure of scripts that hold such characters.
    #[inline]
    pub fn is_text(self) -> bool {
        self.0 & UNCLEAN == 0
    }

    /// Whether spaces stand anywhere but between words, one at a time.
    #[inline]
    pub fn has_odd_spaces(self) -> bool {
        self.0 & SPACES != 0
    }

    /// Whether it is one, and spaces only stand between words, one at a time.
    #[inline]
    pub fn is_clean(self) -> bool {
        self.is_text() && !self.has_odd_spaces()
    }

    /// Whether it is ASCII without question marks, Hangul, and letters with accents that stand alone among them: a wrong
    /// reading leaves a question mark, other letters, or several of these in a row.
    #[inline]
    pub fn is_of_letters(self) -> bool {
        self.0 & (STRANGE | ACCENTS) == 0
    }

    /// Whether a phone number may begin somewhere: `+`, or the first two digits of a prefix.
    #[inline]
    pub fn may_hold_number(self) -> bool {
        self.0 & (NOUGHT | ONE | PLUS) != 0
    }

    /// Whether a plus stands in it.
    #[inline]
    pub fn may_hold_plus(self) -> bool {
        self.0 & PLUS != 0
    }

    /// Whether it holds what was seen at another glance, and maybe more.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

/// What a byte is a sign of, where the one before it lets it.
const fn own(b: u8) -> u8 {
    let unclean = if is_of_text(b) { 0 } else { UNCLEAN };
    let strange = if is_of_letters(b) { 0 } else { STRANGE };
    unclean
        | strange
        | match b {
            b' ' => SPACES,
            0xc3 => ACCENTS,
            b'5' | b'6' | b'8' => NOUGHT | ONE,
            b'1'..=b'8' => NOUGHT,
            b'+' => PLUS,
            _ => 0,
        }
}

/// What the byte behind this one can be a sign of.
const fn behind(b: u8) -> u8 {
    UNCLEAN
        | STRANGE
        | PLUS
        | match b {
            b' ' => SPACES,
            0x80..=0xbf => ACCENTS,
            b'0' => NOUGHT,
            b'1' => ONE,
            _ => 0,
        }
}

/// The bytes of texts. Controls beyond ASCII, and characters that nobody sees, begin with others (C2, CD, D8, E1, E2, E3,
/// EE, EF, F0 and above); an entity ends in a semicolon. What follows a first byte, À to ÿ, ideographs and Hangul
/// syllables are of them.
const fn is_of_text(b: u8) -> bool {
    matches!(b, b' '..=b':' | b'='..=b'~' | 0x80..=0xc1 | 0xc3 | 0xe4..=0xed)
}

/// The bytes of ASCII but for the question mark, of À to ÿ, and of U+A000 to U+D7FF, which Hangul syllables are of.
const fn is_of_letters(b: u8) -> bool {
    b < 0xc2 && b != b'?' || matches!(b, 0xc3 | 0xea..=0xed)
}
