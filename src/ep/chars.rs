//! Characters that no reader can see or know: what they are, by their Unicode properties.
//!
//! Which characters those are grows with Unicode, so they are asked for by property and never listed. Nothing here
//! changes a text.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, NoncharacterCodePoint},
};

/// Whether a character has no place in a value: it shows nothing (zero-width characters and joiners, soft hyphens, byte
/// order marks, direction marks, variation selectors, tags, Hangul fillers), is for private use, or is no character.
///
/// Control characters are another matter: they break rows.
pub fn invisible(c: char) -> bool {
    // Nearly all of what a feed holds is ASCII and Hangul syllables, and none of those is.
    !matches!(c, '\0'..'\u{ad}' | '\u{ac00}'..='\u{d7a3}') && looked_up(c)
}

fn looked_up(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::PrivateUse
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
}

/// The first such character of a text.
pub fn first_invisible(text: &str) -> Option<char> {
    text.chars().find(|c| invisible(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_or_knows_is_told_from_what_people_write() {
        let unseen = [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2060}',
            '\u{206f}',
            '\u{3164}',
            '\u{e000}',
            '\u{f8ff}',
            '\u{fdd0}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{e0001}',
            '\u{e007f}',
            '\u{e01ef}',
            '\u{f0000}',
            '\u{10ffff}',
        ];
        for c in unseen {
            assert!(invisible(c), "U+{:04X}", u32::from(c));
        }
        for c in "aZ0 ~가힣ㄱㅎÄöØßéα×±²㎡™“”…–・ー大茶のカ😀🏻🇰\u{fffd}\u{1100}\u{11a8}ﾞ￦".chars()
        {
            assert!(!invisible(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_short_way_says_the_same_as_the_long_one() {
        for c in '\0'..=char::MAX {
            assert_eq!(invisible(c), looked_up(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_first_one_of_a_text_is_found() {
        assert_eq!(first_invisible("책장 80 cm"), None);
        assert_eq!(first_invisible("책\u{3164}장\u{200b}"), Some('\u{3164}'));
    }
}
