//! Promotion phrases in titles: a title names the product, and Naver has other places for what makes it a bargain.
//!
//! The list is small on purpose. Each phrase is one that Naver's guide for titles in shopping search names as none of a
//! title's business (discounts, terms of buying, ways of delivery, events), that merchants report as the reason of a
//! sanction, or that has a column of its own in the EP guide. What also names products is not in it: `한정판`, `세트`,
//! `2+1` (a sofa with seats for two and for one), `인기`.

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

/// Slots of characters that phrases begin with; most other characters share none with them.
const SLOTS: usize = 1024;
/// For each slot a bit for each phrase that begins with a character of it.
static BEGIN: [u64; SLOTS] = slots();

const fn slots() -> [u64; SLOTS] {
    let (mut slots, mut i) = ([0; SLOTS], 0);
    while i < PHRASES.len() {
        let phrase = PHRASES[i].0.as_bytes();
        let first = match *phrase {
            [ascii, ..] if ascii.is_ascii() => ascii as usize,
            [a, b, c, ..] => (a as usize & 0xf) << 12 | (b as usize & 0x3f) << 6 | c as usize & 0x3f,
            _ => panic!("a phrase begins with ASCII or a Hangul syllable"),
        };
        slots[first % SLOTS] |= 1 << i;
        if first < 0x80 {
            slots[(first as u8).to_ascii_lowercase() as usize] |= 1 << i;
        }
        i += 1;
    }
    slots
}

/// The first promotion phrase of a title, as the list has it.
pub fn promotion(title: &str) -> Option<&'static str> {
    let mut before = '\0';
    for (i, c) in title.char_indices() {
        let mut begun = BEGIN[c as usize % SLOTS];
        while begun != 0 {
            let (phrase, stands) = PHRASES[begun.trailing_zeros() as usize];
            if after(phrase, &title[i..]).is_some_and(|after| is_it(stands, before, after)) {
                return Some(phrase);
            }
            begun &= begun - 1;
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

    /// The same, trying each phrase at each place.
    fn tried(title: &str) -> Option<&'static str> {
        title.char_indices().find_map(|(i, _)| {
            let before = title[..i].chars().next_back().unwrap_or('\0');
            let stands_here = |(phrase, stands): &&Phrase| {
                after(phrase, &title[i..]).is_some_and(|after| is_it(*stands, before, after))
            };
            PHRASES.iter().find(stands_here).map(|(phrase, _)| *phrase)
        })
    }

    proptest! {
        #[test]
        fn it_finds_the_first_phrase_wherever_it_stands(
            title in "(무료|배송|무배|당일|발송|할인|역|독|특가|세일|중|가|[sS]ale|WHOLE|1|[+]| |이벤트|\\PC){0,8}",
        ) {
            prop_assert_eq!(promotion(&title), tried(&title));
        }
    }
}
