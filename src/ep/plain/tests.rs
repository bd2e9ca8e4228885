//! "Surely" is never said of what the slow way would change or refuse.

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::{
    ep::{chars::invisible, text},
    web::is_public,
};

/// What "surely" promises of an address.
fn is_in_normal_form(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        url.as_str() == text && matches!(url.scheme(), "http" | "https") && url.has_host() && is_public(&url)
    }) && !text::has_entity(text)
        && !text.contains(['|', ' '])
        && !text.chars().any(char::is_control)
}

#[test]
fn the_addresses_of_shops_are_sure() {
    for text in [
        "https://www.ikea.com/kr/ko/p/billy-bookcase-white-00263850/",
        "https://www.ikea.com/kr/ko/images/products/billy-bookcase-white__0625599_pe692385_s5.jpg",
        "https://shop.example/",
        "http://shop.example/products/1?variant=2&utm_source=naver&x=a%20b",
        "https://shop.example/%EC%B1%85%EC%9E%A5/%EC%9E%A5.html",
        "https://cdn.shop.co.kr/a/b.c/d..e/f.png?v=1714000000&width=900",
        "https://1001.m-1.shop.example/(a)/b,c+d~e!f$g*h@i:j",
    ] {
        assert!(address(text), "{text}");
        assert!(is_in_normal_form(text), "{text}");
    }
}

#[test]
fn what_is_hostile_or_in_another_form_is_not_sure() {
    for text in [
        "",
        "/p/1",
        "//shop.example/",
        "https:",
        "https://",
        "https:///",
        "https://shop.example",
        "https://shop.example?x",
        "HTTPS://shop.example/",
        "https://Shop.example/",
        "https://shop.example./",
        "https://shop..example/",
        "https://.shop.example/",
        "https://shop.example:443/",
        "https://shop.example:8443/",
        "https://user@shop.example/",
        "https://@shop.example/",
        "https://xn--o39aom.kr/",
        "https://a.xn--o39aom.kr/",
        "https://책장.example/",
        "https://1.2.3.4/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://shop.0x7f/",
        "https://[::1]/",
        "https://localhost/",
        "https://shop.localhost/",
        "https://shop.local/",
        "https://shop.home.arpa/",
        "https://intranet/p",
        "https://shop.example/a b",
        "https://shop.example/a\tb",
        "https://shop.example/책장",
        "https://shop.example/./a",
        "https://shop.example/a/..",
        "https://shop.example/a/../b",
        "https://shop.example/%2e",
        "https://shop.example/a/%2E%2e/b",
        "https://shop.example/.%2e/",
        "https://shop.example/%2e./",
        "https://shop.example\\a",
        "https://shop.example/a\\b",
        "https://shop.example/a|b",
        "https://shop.example/a#b",
        "https://shop.example/a?b'c",
        "https://shop.example/a\"b",
        "https://shop.example/a<b>",
        "https://shop.example/a`b",
        "https://shop.example/a{b}",
        "https://shop.example/?a=1&amp;b=2",
        "ftp://shop.example/",
        "https:/shop.example/",
        "javascript:alert(1)",
        " https://shop.example/",
    ] {
        assert!(!address(text), "{text}");
    }
}

#[test]
fn no_character_is_taken_for_another() {
    for c in '\0'..=char::MAX {
        let (one, long) = (c.to_string(), format!("https://shop.example/{}{c}", "책장".repeat(9)));
        let is_changed = (c.is_whitespace() && c != ' ') || c.is_control() || invisible(c) || c == '<';
        for value in [&one, &long] {
            assert!(!(is_changed && text(value)), "U+{:04X}", u32::from(c));
            assert!(!(c.is_control() && without_controls(value)), "U+{:04X}", u32::from(c));
        }
        let link = format!("https://shop.example/{c}/and-some-more-{c}?{c}");
        assert!(!address(&link) || is_in_normal_form(&link), "U+{:04X}", u32::from(c));
        assert!(!digits(&one) || c.is_ascii_digit());
    }
}

#[test]
fn the_texts_of_shops_are_sure() {
    for value in [
        "",
        "책장",
        "이케아 BILLY 빌리 책장 화이트 80x28x202 cm",
        "VÄSTERÅS 20 × 30",
        "R&D 선반 (2개)",
        "大型",
    ] {
        assert!(text(value) && single_spaced(value), "{value}");
    }
    for value in [" a", "a ", " ", "a  b", "  "] {
        assert!(text(value) && !single_spaced(value), "{value:?}");
    }
    for value in ["a\tb", "<b>", "a &lt; b", "a\u{a0}b", "책\u{3164}장", "a\u{ad}b", "\u{7f}", "\u{85}", "😀"]
    {
        assert!(!text(value), "{value:?}");
    }
}

proptest! {
    #[test]
    fn a_sure_address_is_what_the_library_writes(
        link in "(https?:|HTTP:|https)(//|/|\\\\)([a-z0-9-]{0,5}[.]?|xn--|[A-Z]|@|:80|%61){0,4}(com|kr|1|0x1|LAN|local|[a-z]{1,3})?[.]?(/([a-z.?&=;%'|#\\\\~]|%2[eE]|[.]{1,2}|/){0,12})?",
    ) {
        prop_assert!(!address(&link) || is_in_normal_form(&link), "{link}");
    }

    #[test]
    fn a_changed_address_is_sure_only_where_it_is_still_in_normal_form(
        at in 0usize..60, put in "([ -~]|[\\x00-\\x20]|/|[.]|%2e|%2E|\\.\\.|책|é|\u{ad}){1,3}", twice in 0usize..60,
    ) {
        let mut link = "https://www.shop.example/kr/p/book-case-1/%EC%B1%85.jpg?f=s&v=1".to_owned();
        link.insert_str(twice.min(link.len()), &put);
        let at = link.floor_char_boundary(at.min(link.len()));
        link.insert_str(at, &put);
        prop_assert!(!address(&link) || is_in_normal_form(&link), "{link}");
    }

    #[test]
    fn a_sure_text_stays_as_it_is_when_it_is_cleaned(
        value in "([a-z ]|책장|&(amp|lt|nbsp|#60)?;?|[<>/!]|\\PC|[\\x00-\\x20]|é|\u{3000}|\u{200b}|  ){0,30}",
    ) {
        if text(&value) {
            prop_assert!(!text::has_entity(&value) && !text::has_markup(&value), "{value:?}");
            if single_spaced(&value) {
                prop_assert_eq!(text::clean(&value).into_owned(), value);
            }
        }
    }
}

#[test]
fn no_white_space_is_left_at_an_end() {
    for c in '\0'..=char::MAX {
        for text in [format!("{c}"), format!("책{c}"), format!("{c}책"), format!("a{c}"), format!("{c}a")] {
            assert_eq!(trimmed(&text), text.trim(), "U+{:04X}", u32::from(c));
        }
    }
}

proptest! {
    #[test]
    fn what_is_known_of_an_address_is_so(path in "([a-z0-9/.-]|%EC|[?]|#|&|=){0,60}") {
        let link = format!("https://shop.example/{path}");
        if let Some(known) = known(&link) {
            prop_assert_eq!(known.has_query, link.contains('?'));
            prop_assert!(!link.contains('#') && is_in_normal_form(&link));
        }
    }

    #[test]
    fn what_is_clean_at_a_glance_stays_as_it_is(
        value in "([a-z ]|책장|[0-9+?]|&(amp|lt|nbsp|#60)?;?|[<>/!]|\\PC|[\\x00-\\x20]|é|\u{3000}|\u{200b}|  ){0,60}",
    ) {
        let glance = Glance::of(&value);
        prop_assert_eq!((glance.is_clean(), glance.is_text()), (clean(&value), text(&value)));
        prop_assert_eq!(glance.may_hold_plus(), value.contains('+'));
        prop_assert!(!clean(&value) || text::clean(&value) == value.as_str(), "{value:?}");
        prop_assert!(!text::is_blank(&value) || text::clean(&value).is_empty(), "{value:?}");
        prop_assert!(text::is_blank(&value) || !text::clean(&value).is_empty(), "{value:?}");
    }

    #[test]
    fn a_glance_at_a_text_covers_one_at_its_beginning(value in "([a-z ]|책|é|[0-9+?]|\\PC){0,60}", end in 0usize..200) {
        let begin = &value[..value.floor_char_boundary(end)];
        let begin = begin.trim_end();
        prop_assert!(Glance::of(&value).covers(Glance::of(begin)), "{begin:?} of {value:?}");
    }
}
