//! What of a text has to be looked at more closely, by one walk over it.

use super::walk::{ALL, Halves, Signs, only, to};

/// Control characters.
const CONTROL: u8 = 1;
/// What an entity ends in, and a tag begins with.
const MARKUP: u8 = 1 << 1;
/// A question mark, which a wrong reading leaves, and the control character that shares its column.
const QUESTION: u8 = 1 << 2;
/// The first bytes of characters other than À to ÿ, ideographs and Hangul syllables. Controls beyond ASCII, and characters
/// that nobody sees, begin with C2, CD, D8, E1, E2, E3, EE, EF, F0 and above.
const OTHERS: u8 = 1 << 3 | 1 << 4 | 1 << 5;
/// The first bytes of ideographs.
const IDEOGRAPH: u8 = 1 << 6;
/// A space behind a space.
const SPACES: u8 = 1 << 7;

/// What cleaning may take out or replace, but for spaces.
const UNCLEAN: u8 = CONTROL | MARKUP | QUESTION | OTHERS;
/// What a wrong reading may have left.
const STRANGE: u8 = QUESTION | OTHERS | IDEOGRAPH;

/// Of lines 8 to b are the bytes that follow a first one; À to ÿ begin with C3, ideographs with E4 to E9, Hangul syllables and
/// their like with EA to ED.
static TEXT: Signs = Signs::of(
    Halves::of(&[
        (CONTROL, to(0x0, 0x1), ALL),
        (MARKUP, only(0x3), to(0xb, 0xc)),
        (QUESTION, only(0x3) | only(0x7), only(0xf)),
        (1 << 3, to(0xc, 0xf), only(0x2) | to(0xe, 0xf)),
        (1 << 4, to(0xc, 0xd) | only(0xf), to(0x4, 0xd)),
        (1 << 5, to(0xd, 0xf), to(0x0, 0x1) | only(0x3)),
        (IDEOGRAPH, only(0xe), to(0x4, 0x9)),
        (SPACES, only(0x2), only(0x0)),
    ]),
    Halves::of(&[(!SPACES, ALL, ALL), (SPACES, only(0x2), only(0x0))]),
);

/// A letter with an accent right behind another one.
const ACCENTS: u8 = 1;
/// The first two digits of a phone number's prefix.
const NOUGHT: u8 = 1 << 1;
const ONE: u8 = 1 << 2;
/// A plus.
const PLUS: u8 = 1 << 3;

static TITLE: Signs = Signs::of(
    Halves::of(&[
        (ACCENTS, only(0xc), only(0x3)),
        (NOUGHT, only(0x3), to(0x1, 0x8)),
        (ONE, only(0x3), to(0x5, 0x6) | only(0x8)),
        (PLUS, only(0x2), only(0xb)),
    ]),
    Halves::of(&[
        (ACCENTS, to(0x8, 0xb), ALL),
        (NOUGHT, only(0x3), only(0x0)),
        (ONE, only(0x3), only(0x1)),
        (PLUS, ALL, ALL),
    ]),
);

/// Whether a text holds nothing that cleaning takes out or replaces, but for spaces: no control and no character that
/// nobody sees, no white space but the space, no tag and no HTML entity.
///
/// Not sure of scripts that hold such characters, and of question marks.
#[inline]
pub fn text(text: &str) -> bool {
    TEXT.in_text(text.as_bytes(), 0) & UNCLEAN == 0
}

/// Whether a text is one, and spaces only stand between words, one at a time.
#[inline]
pub fn clean(text: &str) -> bool {
    !text.ends_with(' ') && TEXT.in_text(text.as_bytes(), b' ') & (UNCLEAN | SPACES) == 0
}

/// What "surely" can be said of a title; of what is not sure, the rule that knows decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    text: u8,
    title: u8,
}

impl Glance {
    /// At a title.
    #[inline]
    pub fn of(title: &str) -> Self {
        let bytes = title.as_bytes();
        let mut glance = Self { text: TEXT.in_text(bytes, b' '), title: TITLE.in_text(bytes, 0) };
        if bytes.last() == Some(&b' ') {
            glance.text |= SPACES;
        }
        // Mostly it is one behind Hangul.
        if glance.title & ACCENTS != 0 && !bytes.windows(3).any(|three| three[0] == 0xc3 && three[2] == 0xc3)
        {
            glance.title &= !ACCENTS;
        }
        glance
    }

    /// Whether it is a [`text`].
    #[inline]
    pub fn is_text(self) -> bool {
        self.text & UNCLEAN == 0
    }

    /// Whether it is [`clean`].
    #[inline]
    pub fn is_clean(self) -> bool {
        self.text & (UNCLEAN | SPACES) == 0
    }

    /// Whether it is ASCII without question marks, Hangul, and letters with accents that stand alone among them: a wrong
    /// reading leaves a question mark, other letters, or several of these in a row.
    #[inline]
    pub fn is_of_letters(self) -> bool {
        self.text & STRANGE == 0 && self.title & ACCENTS == 0
    }

    /// Whether a phone number may begin somewhere: `+`, or the first two digits of a prefix.
    #[inline]
    pub fn may_hold_number(self) -> bool {
        self.title & (NOUGHT | ONE | PLUS) != 0
    }

    /// Whether a plus stands in it.
    #[inline]
    pub fn may_hold_plus(self) -> bool {
        self.title & PLUS != 0
    }

    /// Whether it holds what was seen at another glance, and maybe more.
    pub fn covers(self, other: Self) -> bool {
        other.text & !self.text == 0 && other.title & !self.title == 0
    }
}
