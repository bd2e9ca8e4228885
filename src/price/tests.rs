use super::*;
use crate::{preset::first, product::Product};

fn read(json: &str) -> Price {
    let map = first().map().unwrap();
    let product = Product::read(&map, json.as_bytes()).unwrap();
    of(&Member::listed(&map, &product))
}

fn offer(price: f64, normal: Option<u64>) -> Price {
    Price::Offer(Offer { price, normal })
}

#[test]
fn the_price_is_what_every_visitor_pays() {
    let unreadable = |value: &str| Price::Unreadable(value.to_owned());
    for (sales, expected) in [
        (r#"{"numeral": 79900.0}"#, offer(79900.0, None)),
        (r#"{"numeral": 79900, "previous": {"wholeNumber": "99,900"}}"#, offer(79900.0, Some(99900))),
        (r#"{"numeral": 79900, "previous": {"wholeNumber": "59,900"}}"#, offer(79900.0, None)),
        (r#"{"numeral": 79900, "previous": {"wholeNumber": "sale"}}"#, offer(79900.0, None)),
        (r#"{"numeral": 79900, "previous": {"wholeNumber": "99.900"}}"#, offer(79900.0, Some(99900))),
        (r#"{"numeral": 79900, "previous": 99900}"#, offer(79900.0, Some(99900))),
        (r#"{"numeral": 79900, "previous": "₩99,900"}"#, offer(79900.0, Some(99900))),
        (r#"{"numeral": "79,900"}"#, offer(79900.0, None)),
        (r#"{"numeral": " ￦1,079,900 "}"#, offer(1_079_900.0, None)),
        (r#"{"numeral": "79900원"}"#, offer(79900.0, None)),
        (r#"{"numeral": "79900.00"}"#, offer(79900.0, None)),
        (r#"{"numeral": "79900.5"}"#, offer(79900.5, None)),
        (r#"{"numeral": 79900.00000000001}"#, offer(79900.0, None)),
        (r#"{"numeral": 79900.01}"#, offer(79900.01, None)),
        (r#"{"numeral": -79900}"#, offer(-79900.0, None)),
        (r#"{"numeral": "79.000"}"#, unreadable("79.000")),
        (
            r#"{"numeral": 79900, "previous": {"wholeNumber": "", "numeral": 99900}}"#,
            offer(79900.0, Some(99900)),
        ),
        (r#"{"numeral": 79900, "previous": "99,900.00"}"#, offer(79900.0, Some(99900))),
        (r#"{"numeral": "7,99"}"#, unreadable("7,99")),
        (r#"{"numeral": "79.900,00"}"#, unreadable("79.900,00")),
        (r#"{"numeral": "1234,567"}"#, unreadable("1234,567")),
        (r#"{"numeral": "$79"}"#, unreadable("$79")),
        (r#"{"numeral": "무료"}"#, unreadable("무료")),
        (r#"{"numeral": true}"#, unreadable("true")),
        (r#"{"numeral": {"value": 1}}"#, unreadable("an object")),
        (r#""79,900""#, unreadable("79,900")),
        ("[]", unreadable("an array")),
        (r#"{"numeral": null}"#, Price::Missing),
        (r#"{"numeral": ""}"#, Price::Missing),
        ("{}", Price::Missing),
        ("null", Price::Missing),
    ] {
        assert_eq!(read(&format!(r#"{{"salesPrice": {sales}}}"#)), expected, "{sales}");
    }
    assert_eq!(read("{}"), Price::Missing);
}

#[test]
fn a_price_that_some_pay_is_nobodys_wherever_its_mark_stands() {
    let marks = [
        (r#""tag": "FAMILY_PRICE""#, ""),
        (r#""tag": "NEW_PRODUCT", "tags": ["NEW_PRODUCT", "FAMILY_PRICE"]"#, ""),
        (r#""tagWithText": {"tag": "FAMILY_PRICE", "text": "회원가"}"#, ""),
        (r#""tags": {"main": {"tag": "family price"}}"#, ""),
        (r#""tag": "NONE", "badge": {"type": "IN_STORE_OFFER_ONLY"}"#, ""),
        (r#""tag": "NONE""#, r#", "tag": "FAMILY_PRICE""#),
        (
            r#""tag": "TIME_RESTRICTED_OFFER""#,
            r#", "badge": {"type": "IN_STORE_OFFER_ONLY", "text": "매장"}"#,
        ),
        (r#""tag": "NONE""#, r#", "badge": [{"type": "MEMBERS-ONLY"}]"#),
    ];
    let previous = [
        (r#", "previous": {"wholeNumber": "79,900"}"#, true),
        (r#", "previous": {"wholeNumber": 79900}"#, true),
        (r#", "previous": {"wholeNumber": "￦79,900"}"#, true),
        (r#", "previous": 59900.0"#, true),
        (r#", "previous": {"wholeNumber": "39,900"}"#, false),
        (r#", "previous": {"wholeNumber": "soon"}"#, false),
        (r#", "previous": null"#, false),
        ("", false),
    ];
    for (mark, beside) in marks {
        for (previous, readable) in previous {
            let json = format!(r#"{{"salesPrice": {{"numeral": 59900.0, {mark}{previous}}}{beside}}}"#);
            match (read(&json), readable) {
                (Price::Offer(Offer { price, normal: None }), true) => {
                    assert!([79900.0, 59900.0].contains(&price), "{json}");
                    assert_eq!(price == 59900.0, previous.contains("59900"), "{json}");
                }
                (Price::Restricted(shown), false) => {
                    assert!(shown.starts_with("59900"), "{json}: {shown}")
                }
                (other, _) => panic!("{json}: {other:?}"),
            }
        }
    }
    let many = format!(r#"{{"salesPrice": {{"numeral": 1, "tags": [{}]}}}}"#, vec![r#""NEW""#; 40].join(","));
    assert!(matches!(read(&many), Price::Restricted(_)), "a mark may stand behind those that are read");
}

#[test]
fn other_marks_leave_a_price_as_it_is() {
    for mark in ["NONE", "NEW_PRODUCT", "TOP_SELLER", "DISCONTINUED_PRODUCT", "TIME_RESTRICTED_OFFER", ""] {
        let json = format!(
            r#"{{"tag": "{mark}", "salesPrice": {{"numeral": 5, "tag": "{mark}", "tags": ["{mark}"],
                "validFrom": "2026-11-01", "lowestPreviousSalesPrice": {{"wholeNumber": "4"}},
                "previous": {{"wholeNumber": "7"}}}}}}"#
        );
        assert_eq!(read(&json), offer(5.0, Some(7)), "{mark}");
    }
}

#[test]
fn a_text_with_decimals_is_no_count_of_a_smaller_unit() {
    let map = r#"{"product": {"id": "/id", "name": "/n", "title": ["/n"], "price": "/price", "link": "/l",
        "images": ["/i"], "categories": {"names": ["/c"]}, "price_unit": "minor:2"}}"#;
    let map = crate::preset::Preset::described(map).unwrap().map().unwrap();
    for (price, expected) in [
        ("1290000", Some(12_900.0)),
        ("\"1290000\"", Some(12_900.0)),
        ("1290000.0", Some(12_900.0)),
        ("\"12900.00\"", None),
        ("\"₩12,900.00\"", None),
    ] {
        let text = format!("{{\"id\": 1, \"price\": {price}}}");
        let product = Product::read(&map, text.as_bytes()).unwrap();
        let found = match of(&Member::listed(&map, &product)) {
            Price::Offer(offer) => Some(offer.price),
            _ => None,
        };
        assert_eq!(found, expected, "{price}");
    }
}
