//! Promotion phrases in titles: a title names the product, and Naver has other places for what makes it a bargain.
//!
//! The list is small on purpose. Each phrase is one that Naver's guide for titles in shopping search names as none of a
//! title's business (discounts, terms of buying, ways of delivery, events), that merchants report as the reason of a
//! sanction, or that has a column of its own in the EP guide. What also names products is not in it: `한정판`, `세트`,
//! `2+1` (a sofa with seats for two and for one), `인기`.

use crate::ep::plain::Glance;

/// How a phrase stands in a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Anywhere: no other word holds it.
    Anywhere,
    /// As a word of its own: `세일` is part of `세일러`.
    Alone,
    /// Anywhere but after one of these characters, with which it is another word: `역할인형`.
    NotAfter(&'static str),
}

/// A phrase, with a space where one may stand, and how it stands.
type Phrase = (&'static str, Stands);

use Stands::{Alone, Anywhere, NotAfter};

/// The phrases.
const PHRASES: [Phrase; 34] = [
    // Ways of delivery. The guide for titles names them; the EP has `shipping` and `delivery_detail`.
    ("무료 배송", Anywhere),
    ("무료 설치", Anywhere),
    ("무배", Alone),
    ("당일 발송", Anywhere),
    ("당일 배송", Anywhere),
    ("당일 출고", Anywhere),
    ("오늘 출발", Anywhere),
    ("오늘 발송", Anywhere),
    ("새벽 배송", Anywhere),
    // Prices and discounts. The guide names discounts; the EP has `normal_price`. `최저가` is besides a claim that the
    // law on fair labelling asks proof of, and that is untrue tomorrow.
    ("할인", NotAfter("역")),
    ("특가", NotAfter("독")),
    ("최저가", Anywhere),
    ("반값", Anywhere),
    ("핫딜", Anywhere),
    ("타임딜", Anywhere),
    ("땡처리", Anywhere),
    ("세일", Alone),
    ("세일중", Alone),
    ("세일가", Alone),
    ("빅세일", Anywhere),
    ("바겐 세일", Anywhere),
    ("SALE", Alone),
    // Gifts. Merchants report sanctions for them; the EP has `event_words`.
    ("사은품", Anywhere),
    ("증정", NotAfter("검")),
    ("1 + 1", Alone),
    // Terms of paying. The guide names them; the EP has `card_event`, `interest_free_event`, `coupon`, `point`.
    ("무이자", Anywhere),
    ("쿠폰", Anywhere),
    ("적립금", Anywhere),
    ("포인트 적립", Anywhere),
    // Events. The guide names them; the EP has `event_words`.
    ("이벤트", Anywhere),
    ("기획전", Anywhere),
    ("오늘만", Anywhere),
    ("마감 임박", Anywhere),
    ("품절 임박", Anywhere),
];

/// Bits of [`MAY_BEGIN`].
const BITS: usize = 1 << 16;

/// A bit is set for each four bytes by which a phrase is known: the last of its first syllable and the second syllable's,
/// or the letters of `SALE`, large or small. Few other four bytes share one of the bits.
static MAY_BEGIN: [u8; BITS / 8] = {
    let (mut bits, mut i) = ([0; BITS / 8], 0);
    while i < PHRASES.len() {
        let known = match *PHRASES[i].0.as_bytes() {
            [_, _, a, b @ 0xea..=0xed, c, d, ..] | [a @ b'A'..=b'Z', b, c, d] => Some([a, b, c, d]),
            // Known by its sign.
            [b'1', b' ', b'+', ..] => None,
            _ => panic!("a phrase begins with two syllables"),
        };
        let mut small = 0;
        while let Some([a, b, c, d]) = known
            && small < if a < 0x80 { 16 } else { 1 }
        {
            let bit =
                bit_of([a | small << 5 & 32, b | small << 4 & 32, c | small << 3 & 32, d | small << 2 & 32]);
            bits[bit / 8] |= 1 << (bit % 8);
            small += 1;
        }
        i += 1;
    }
    bits
};

const fn bit_of(bytes: [u8; 4]) -> usize {
    (u32::from_le_bytes(bytes).wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// A number that is odd where a phrase may be known by four bytes.
fn known_by(four: [u8; 4]) -> u8 {
    let bit = bit_of(four);
    MAY_BEGIN[bit / 8] >> (bit % 8)
}

/// Whether a title may hold a phrase: of a million titles, few others need a closer look.
fn may_hold(title: &str, glance: Glance) -> bool {
    let known = title.as_bytes().array_windows().fold(0, |known, four| known | known_by(*four));
    known & 1 == 1 || glance.may_hold_plus()
}

/// The first promotion phrase of a title, as the list has it.
#[cfg(test)]
pub fn promotion(title: &str) -> Option<&'static str> {
    glanced(title, Glance::of(title))
}

/// The same of a title that was glanced at.
pub fn glanced(title: &str, glance: Glance) -> Option<&'static str> {
    if may_hold(title, glance) { search(title, true) } else { None }
}

/// The first phrase; where it is `known` at which places one may be, only there.
fn search(title: &str, known: bool) -> Option<&'static str> {
    let mut before = '\0';
    for (i, c) in title.char_indices() {
        let here = &title.as_bytes()[i..];
        let may_be = |from: usize| {
            here.get(from..).and_then(<[u8]>::first_chunk).is_some_and(|four| known_by(*four) & 1 == 1)
        };
        if !known || c == '1' || may_be(0) || may_be(2) {
            let found = PHRASES.iter().find(|(phrase, stands)| {
                after(phrase, &title[i..]).is_some_and(|after| is_it(*stands, before, after))
            });
            if let Some((phrase, _)) = found {
                return Some(phrase);
            }
        }
        before = c;
    }
    None
}

/// What follows the phrase that a text begins with.
fn after<'a>(phrase: &str, text: &'a str) -> Option<&'a str> {
    let mut rest = text.chars();
    for expected in phrase.chars() {
        if expected == ' ' {
            rest = rest.as_str().strip_prefix(' ').unwrap_or(rest.as_str()).chars();
        } else if rest.next()?.to_ascii_uppercase() != expected {
            return None;
        }
    }
    Some(rest.as_str())
}

fn is_it(stands: Stands, before: char, after: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '+' | '.');
    match stands {
        Anywhere => true,
        Alone => !part(before) && !after.starts_with(part),
        NotAfter(characters) => !characters.contains(before),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn promotion_phrases_are_found() {
        for (title, phrase) in [
            ("[무료배송] 이케아 책장", "무료 배송"),
            ("책장 무료 배송", "무료 배송"),
            ("무배 책장", "무배"),
            ("★당일발송★ 소파", "당일 발송"),
            ("소파 초특가", "특가"),
            ("온라인 최저가 책장", "최저가"),
            ("책장(사은품증정)", "사은품"),
            ("수건 1+1", "1 + 1"),
            ("수건 1 + 1 세트", "1 + 1"),
            ("[1+1] 수건", "1 + 1"),
            ("10% 할인 쿠폰", "할인"),
            ("청구할인 소파", "할인"),
            ("카드 무이자 할부", "무이자"),
            ("봄 이벤트 책장", "이벤트"),
            ("여름 세일 책장", "세일"),
            ("파격 세일중!", "세일중"),
            ("Summer Sale 책장", "SALE"),
            ("머그 증정", "증정"),
        ] {
            assert_eq!(promotion(title), Some(phrase), "{title}");
        }
    }

    #[test]
    fn words_that_only_look_alike_are_none() {
        for title in [
            "",
            "이케아 BILLY 빌리 책장 화이트 80x28x202 cm",
            "세일러 칼라 쿠션",
            "어린이 세일링 보트 침대",
            "역할인형 놀이 세트",
            "색칠할 인형",
            "세 일자형 선반",
            "독특가구 진열장",
            "11+10 세트",
            "1+1.5 L 물병",
            "1+1인 소파",
            "2+1 소파",
            "21+1",
            "WHOLESALE",
            "SALEN 살렌",
            "나무배 장난감",
            "한정판 포스터",
            "무료한 오후 포스터",
            "당일 여행 가방",
        ] {
            assert_eq!(promotion(title), None, "{title}");
        }
    }

    #[test]
    fn every_phrase_is_found_as_it_is_and_none_stands_twice() {
        for (i, (phrase, _)) in PHRASES.iter().enumerate() {
            assert_eq!(PHRASES.iter().position(|other| other.0 == *phrase), Some(i), "{phrase}");
            assert_eq!(promotion(&format!("책장 {phrase}")), Some(*phrase));
        }
    }

    proptest! {
        #[test]
        fn no_title_that_holds_a_phrase_is_passed_over(
            title in "(무료|배송|무배|당일|발송|할인|역|독|특가|세일|중|가|[sS][aA][lL][eE]|1|[+]| |이벤트|\\PC){0,8}",
        ) {
            prop_assert_eq!(promotion(&title), search(&title, false), "{:?}", &title);
        }
    }
}
