//! Sound texts, and the same after everything that destroys them.

use std::borrow::Cow;

use encoding_rs::Encoding;
use proptest::prelude::*;

use super::*;
use crate::ep::{plain, text::clean};

fn destroyed(text: &str) -> Option<Destroyed> {
    glanced(text, Glance::of(text))
}

/// What Korean furniture shops write.
const KOREAN: [&str; 24] = [
    "책장",
    "화이트",
    "3인용 소파",
    "수납장",
    "접이식 테이블",
    "높이조절 책상",
    "블랙 브라운",
    "침대 프레임",
    "옷장 도어",
    "유리문 장식장",
    "LED 스탠드 조명",
    "벽선반",
    "이불 커버 세트",
    "어린이 의자",
    "원목 식탁",
    "서랍 6칸",
    "화분 받침대",
    "주방 정리 용품",
    "욕실 거울",
    "쿠션 커버",
    "실내외 겸용 러그",
    "다용도 바구니",
    "철제 행거",
    "빨래 건조대",
];

/// What foreign names and words such a shop has among them.
const FOREIGN: [&str; 40] = [
    "ÄPPLARÖ 에플라뢰",
    "KÖKSÖ",
    "LÅNDRE",
    "SMÅGÖRA",
    "FRÖJDA",
    "MALM",
    "GRÖNLID 그뢴리드",
    "BÅTSFJORD",
    "ÅÄÖ åäö",
    "Ææ Øø Åå",
    "RØDGRØD MED FLØDE på bordet",
    "Größe: über 80 cm, weiß",
    "Fußhocker „Möwe“",
    "Spaß–Spiel",
    "café crème brûlée à la française",
    "CHÂTEAU FORÊT NOËL",
    "déjà-vu… « été »",
    "señor ¿qué? ¡así…” sí»",
    "CORAÇÃO PÃO MAÇÃS",
    "smörgåsbord – 50 % på allt™",
    "大型 収納ラック 棚",
    "茶",
    "李朝 白磁",
    "自由?",
    "自然 家具",
    "新제품 無료 大용량",
    "カーテン 遮光 1級",
    "👩🔧 공구 ☎ ✔ 😀",
    "똠얌 그릇",
    "왜?",
    "무엇이든 물어보세요??",
    "정말로요 ??",
    "WHAT?",
    "Why not?! 포스터",
    "±0.5 °C ½ ² ³ ㎡ × ÷",
    "80×28×202 cm · Ø 12 mm · ₩79,900",
    "Łódź Škoda Žižkov Œuvre Ÿ",
    "Çağdaş ÖZGÜR",
    "ñandú güiro Ñuñoa",
    "« così » però perché",
];

const MEASURES: [&str; 6] = ["", "80x28x202 cm", "702.758.14", "30x40cm 2개", "00263850", "12 ㎡"];

/// Read in another encoding than it was written in; what could not be read is as `lost` says.
fn read_as(bytes: &[u8], encoding: &'static Encoding, lost: &str) -> String {
    encoding.decode_without_bom_handling(bytes).0.replace('\u{fffd}', lost)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn as_euc_kr(text: &str) -> Cow<'_, [u8]> {
    EUC_KR.encode(text).0
}

/// Every way in which a text is destroyed, by name.
fn damages(text: &str) -> Vec<(&'static str, String)> {
    let without_c1 = |text: String| text.replace(|c: char| matches!(c, '\u{80}'..='\u{9f}'), "");
    let utf8 = text.as_bytes();
    let ascii: String = text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    let bytewise: String = utf8.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect();
    vec![
        ("EUC-KR read as UTF-8", String::from_utf8_lossy(&as_euc_kr(text)).into_owned()),
        ("UTF-8 read as Latin-1", latin1(utf8)),
        ("UTF-8 read as Latin-1, cleaned", clean(&latin1(utf8)).into_owned()),
        ("UTF-8 read as Windows-1252", read_as(utf8, WINDOWS_1252, "")),
        ("UTF-8 read as Windows-1252, cleaned", without_c1(read_as(utf8, WINDOWS_1252, ""))),
        ("twice", latin1(latin1(utf8).as_bytes())),
        ("UTF-8 read as CP949", read_as(utf8, EUC_KR, "\u{fffd}")),
        ("UTF-8 read as CP949, marks for what was lost", read_as(utf8, EUC_KR, "?")),
        ("EUC-KR read as Latin-1", latin1(&as_euc_kr(text))),
        ("a question mark for each letter", ascii),
        ("a question mark for each byte", bytewise),
    ]
}

#[test]
fn each_way_has_its_name() {
    use Destroyed::*;
    for (text, expected) in [
        ("책\u{fffd} 흰색", ReplacementCharacter),
        ("TESTA íì¤í¸", Latin1),
        ("TESTA íì¤í", Latin1),
        ("ì±ì¥", Latin1),
        ("í…ŒìŠ¤íŠ¸", Latin1),
        ("Ã¤", Latin1),
        ("Ã„PPLARÃ– KÃ–KSÃ–", Latin1),
        ("80Ã—28 cm", Latin1),
        ("20 Â°C", Latin1),
        ("sofa â€“ white", Latin1),
        ("LEDì¡°ëª", Latin1),
        ("ðŸ˜€", Latin1),
        ("ï»¿id", Latin1),
        ("\u{f9e2}낆옣", Cp949),
        ("TESTA \u{f9e2}낆옣 80x28 cm", Cp949),
        // The same after Unicode normalisation, which changes the ideograph.
        ("\u{68a8}낆옣", Cp949),
        ("?붿씠??", Cp949),
        ("?쒓?", Cp949),
        ("Ã¥Àå", Cp949),
        ("È\u{ad}ÀÌÆ® Ã¥Àå", Cp949),
        ("TESTA ??? ?? 80x28x202 cm", QuestionMarks),
        ("이케아 TESTA ??? (??)", QuestionMarks),
        ("?? ???", QuestionMarks),
        ("?????", QuestionMarks),
    ] {
        assert_eq!(destroyed(text), Some(expected), "{text}");
    }
}

#[test]
fn what_people_write_is_never_destroyed() {
    for name in FOREIGN.iter().chain(&KOREAN) {
        for measure in MEASURES {
            // Marks that stand alone are at the end only.
            let after = if name.ends_with(" ??") { "" } else { "책장" };
            for text in
                [name.to_string(), format!("이케아 {name} {after}"), format!("{after} {measure} {name}")]
            {
                assert_eq!(destroyed(text.trim()), None, "{text}");
            }
        }
    }
}

#[test]
fn korean_titles_are_found_however_they_were_destroyed() {
    for first in KOREAN {
        for second in KOREAN {
            for measure in MEASURES {
                let title = format!("TESTA {first} {second} {measure}");
                for (what, text) in damages(title.trim()) {
                    assert!(destroyed(&text).is_some(), "{title:?}, {what}: {text:?}");
                }
            }
        }
    }
}

/// Any of the 2,350 syllables in use.
fn syllable() -> impl Strategy<Value = char> {
    (0xb0u8..=0xc8, 0xa1u8..=0xfe).prop_map(|(lead, trail)| {
        EUC_KR.decode_without_bom_handling(&[lead, trail]).0.chars().next().expect("a syllable")
    })
}

fn word() -> impl Strategy<Value = String> {
    let hangul = prop::collection::vec(syllable(), 1..6).prop_map(String::from_iter);
    prop_oneof![3 => hangul, 1 => "[a-zA-Z0-9][a-zA-Z0-9.,:+*/()x-]{0,7}"]
}

proptest! {
    #[test]
    fn hangul_and_ascii_are_sound_in_any_order(words in prop::collection::vec(word(), 1..8), end in "[?!]{0,3}") {
        let text = words.join(" ") + &end;
        prop_assert_eq!(destroyed(&text), None);
    }

    #[test]
    fn a_text_that_is_sound_at_a_glance_is_sound(
        text in "([a-z ?]|책|[\u{80}-\u{ff}]|ê|ë|Ã|[\u{150}-\u{180}]|[\u{2010}-\u{2122}]|\u{fffd}|梨|낆|옣|\\PC){0,9}",
    ) {
        prop_assert!(!plain::letters(&text) || sign_of(&text).is_none(), "{text:?}");
    }

    #[test]
    fn words_with_accents_are_sound_at_a_glance(text in "([a-zA-Z0-9 ]|책장|이케아|[가-힣]|[ÅÄÖåäö][a-z ])*") {
        prop_assert!(plain::letters(&text) && sign_of(&text).is_none(), "{text:?}");
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = destroyed(&text);
    }
}
