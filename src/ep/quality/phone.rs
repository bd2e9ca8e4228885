//! Phone numbers in titles: the EP guide forbids them, and merchants report sanctions for them.
//!
//! Digits of a furniture shop are measures, article numbers, GTINs and years. So only what is written as a Korean phone
//! number is written counts: a prefix that is in use, and groups of the right length, joined as people join them.

use crate::ep::plain::Glance;

/// Prefixes of nationwide numbers that everybody calls at local rates: `1588-0000`.
const NATIONWIDE: [&str; 25] = [
    "1522", "1533", "1544", "1551", "1555", "1566", "1577", "1588", "1599", "1600", "1644", "1660", "1661",
    "1666", "1668", "1670", "1688", "1800", "1811", "1833", "1844", "1855", "1866", "1877", "1899",
];
/// What says that digits are for calling, where they could be something else.
const CALL: [&str; 8] = ["☎", "☏", "📞", "전화", "문의", "상담", "고객센터", "TEL"];
/// Two numbers of millimetres, the first the smaller, up to here are a range: `1600-1800`.
const LONGEST_MM: u32 = 4000;

/// The first phone number of a title, as it stands there.
#[cfg(test)]
pub fn phone_number(title: &str) -> Option<&str> {
    glanced(title, Glance::of(title))
}

/// The same of a title that was glanced at.
pub fn glanced(title: &str, glance: Glance) -> Option<&str> {
    let bytes = title.as_bytes();
    // A phone number has eight digits.
    if !glance.may_hold_number() || bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < 8 {
        return None;
    }
    let starts = bytes.iter().enumerate().filter(|(i, byte)| match byte {
        b'+' => true,
        b'0' | b'1' => begins_alone(&title[..*i]),
        _ => false,
    });
    starts.map(|(i, _)| &title[i..]).find_map(|rest| {
        let length = number_at(rest, title)?;
        ends_alone(&rest[length..]).then(|| &rest[..length])
    })
}

/// Whether what stands before digits is no part of them, as in `702.758` and `KR-02`.
fn begins_alone(before: &str) -> bool {
    let joint = |c: char| matches!(c, '-' | '.' | '_' | '/' | ',' | '+');
    let inner = before.strip_suffix(joint).unwrap_or(before);
    let part = |c: char| c.is_ascii_alphanumeric();
    // `TEL.02-123-4567`: a point after a word that is no number.
    let is_called = inner.len() < before.len() && inner.to_ascii_uppercase().ends_with("TEL");
    is_called || !(before.ends_with(part) || (inner.len() < before.len() && inner.ends_with(part)))
}

/// Whether what stands after digits is no part of them: a unit, a further group, or a fraction.
fn ends_alone(after: &str) -> bool {
    let mut rest = after.chars();
    match rest.next() {
        Some('-' | '.' | '/' | ',') => !rest.next().is_some_and(|c| c.is_ascii_alphanumeric()),
        Some(c) => !(c.is_ascii_alphanumeric() || matches!(c, '×' | '*')),
        None => true,
    }
}

/// The length of the phone number that a text begins with.
fn number_at(text: &str, title: &str) -> Option<usize> {
    let mut rest = Groups { text, at: 0 };
    if text.starts_with('+') {
        return international(rest);
    }
    let (first, _) = rest.group("")?;
    if first.len() == 11 && first.starts_with("010") {
        return Some(rest.at);
    }
    if NATIONWIDE.contains(&first) {
        let (last, joint) = rest.group("-. ")?;
        return (last.len() == 4 && is_called(first, last, joint, title)).then_some(rest.at);
    }
    if !is_prefix(first) {
        return None;
    }
    let (middle, _) = rest.group("-. )")?;
    let (last, _) = rest.group("-. ")?;
    (matches!(middle.len(), 3 | 4) && last.len() == 4).then_some(rest.at)
}

/// Whether a number begins so: mobile (010, 011 …), Seoul (02), another region (031 … 064), 070, 080, 050x.
fn is_prefix(digits: &str) -> bool {
    match digits.as_bytes() {
        b"02" | b"070" | b"080" => true,
        [b'0', b'1', b'0' | b'1' | b'6'..=b'9'] | [b'0', b'3'..=b'6', b'1'..=b'5'] => true,
        [b'0', b'5', b'0', last] => last.is_ascii_digit(),
        _ => false,
    }
}

/// Whether two groups of four are a nationwide number and not a range of sizes or years.
fn is_called(first: &str, last: &str, joint: char, title: &str) -> bool {
    let number = |digits: &str| digits.parse::<u32>().unwrap_or_default();
    let is_range = number(first) < number(last) && number(last) <= LONGEST_MM;
    let is_said = || CALL.iter().any(|word| title.contains(word));
    (joint == '-' && !is_range) || is_said()
}

/// `+82-10-1234-5678`, `+82 2 123 4567`, `+82(0)31-123-4567`.
fn international(mut rest: Groups<'_>) -> Option<usize> {
    rest.at = 1;
    let (country, _) = rest.group("")?;
    let mut digits = country.strip_prefix("82")?.len();
    while let Some((group, _)) = rest.group("-. ()") {
        digits += group.len();
    }
    (8..=11).contains(&digits).then_some(rest.at)
}

/// Groups of digits, joined by single characters.
struct Groups<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Groups<'a> {
    /// The next group and what joined it to the one before; where the joint is a bracket, a second one may follow.
    fn group(&mut self, joints: &str) -> Option<(&'a str, char)> {
        let rest = &self.text[self.at..];
        let mut start = 0;
        let mut joint = '\0';
        for c in rest.chars().take(2).take_while(|c| joints.contains(*c)) {
            if joint != '\0' && !matches!((joint, c), (')', _) | (_, '(')) {
                return None;
            }
            joint = c;
            start += c.len_utf8();
        }
        if !joints.is_empty() && start == 0 {
            return None;
        }
        let length = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        self.at += if length > 0 { start + length } else { 0 };
        (length > 0).then(|| (&rest[start..start + length], joint))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn phone_numbers_are_found_as_people_write_them() {
        for (title, number) in [
            ("책장 010-1234-5678", "010-1234-5678"),
            ("책장 01012345678 문의", "01012345678"),
            ("문의:010.1234.5678", "010.1234.5678"),
            ("(010) 1234 5678", "010) 1234 5678"),
            ("011-234-5678", "011-234-5678"),
            ("02-123-4567 소파", "02-123-4567"),
            ("02)1234-5678", "02)1234-5678"),
            ("TEL.02-123-4567", "02-123-4567"),
            ("소파(031-123-4567)", "031-123-4567"),
            ("031 123 4567", "031 123 4567"),
            ("064.712.3456으로 전화", "064.712.3456"),
            ("070-8888-9999", "070-8888-9999"),
            ("080-123-4567.", "080-123-4567"),
            ("0507-1234-5678", "0507-1234-5678"),
            ("1588-0000 책장", "1588-0000"),
            ("고객센터 1600 1234", "1600 1234"),
            ("상담 1877.5555", "1877.5555"),
            ("+82-10-1234-5678", "+82-10-1234-5678"),
            ("+82 2 123 4567 책장", "+82 2 123 4567"),
            ("+82(0)31-123-4567", "+82(0)31-123-4567"),
            ("+821012345678", "+821012345678"),
        ] {
            assert_eq!(phone_number(title), Some(number), "{title}");
        }
    }

    #[test]
    fn measures_numbers_of_articles_and_years_are_no_phone_numbers() {
        for title in [
            "",
            "이케아 BILLY 빌리 책장 화이트 80x28x202 cm",
            "702.758.14",
            "002.638.50",
            "00263850",
            "8801234560016",
            "0123456789012",
            "010123456789",
            "1600-1800 mm 높이조절 책상",
            "높이 1600-1800mm",
            "책상 1800-2000",
            "1588-1999 연대기",
            "2019-2024",
            "1588-00001",
            "15880000",
            "02-12-2024",
            "02.10.2026",
            "2026.02.123.4567",
            "KR-02-123-4567",
            "02-123-4567-89",
            "031 123 4567mm",
            "031-123-4567.5",
            "020 300 4000",
            "090-123-4567",
            "010-1234-567",
            "010-12-345678",
            "80x020-123-4567",
            "+40-150 cm 100000000",
            "1+1 010",
            "120x200x25 140x200x25 160x200x25",
        ] {
            assert_eq!(phone_number(title), None, "{title}");
        }
    }

    /// The same, trying each place.
    fn tried(title: &str) -> Option<&str> {
        title.char_indices().find_map(|(i, c)| {
            let rest = &title[i..];
            let length = number_at(rest, title).filter(|_| c == '+' || begins_alone(&title[..i]))?;
            ends_alone(&rest[length..]).then(|| &rest[..length])
        })
    }

    proptest! {
        #[test]
        fn it_finds_the_first_number_wherever_it_stands(
            title in "(0[0-9]{1,3}|1[0-9]{3}|1588|1544|1899|[+]82|[-. ()]|[0-9]{3,4}|TEL[.]?|전화|x){0,8}",
        ) {
            prop_assert_eq!(phone_number(&title), tried(&title));
        }

        #[test]
        fn measures_of_any_size_are_none(
            // A nationwide number stands in no range that rises.
            (a, b) in (1u32..3999).prop_flat_map(|a| (Just(a), a + 1..4000)),
            c in 1u32..400,
            unit in "( cm| mm|cm|)",
        ) {
            let title = format!("책장 {a}x{b}x{c}{unit} {a}-{b}{unit} {a}/{b}/{c} {a}.{c}");
            prop_assert_eq!(phone_number(&title), None);
        }

        #[test]
        fn no_title_makes_it_panic_and_what_is_found_stands_in_it(title in "[0-9 .()+-]{0,30}|.{0,30}") {
            if let Some(number) = phone_number(&title) {
                prop_assert!(title.contains(number) && number.bytes().filter(u8::is_ascii_digit).count() >= 8);
            }
        }
    }
}
