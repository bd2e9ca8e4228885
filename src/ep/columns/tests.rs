use std::str::FromStr;

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::{
    ep::{chars::first_invisible, text::has_entity},
    web::is_public,
};

#[test]
fn every_column_takes_and_refuses_what_the_guide_says() {
    use Violation::*;
    let long = "가".repeat(101);
    let link = format!("https://shop.example/{}", "a".repeat(240));
    let links = ["https://images.example/a.jpg"; 11].join("|");
    let cases: &[(&str, &str, Result<(), Violation>)] = &[
        ("id", "00263850", Ok(())),
        ("id", "s99 a_b-c", Ok(())),
        ("id", "", Err(Required)),
        ("id", "가", Err(Characters)),
        ("id", "a\tb", Err(ControlCharacters)),
        ("title", &long[..300], Ok(())),
        ("title", &long, Err(TooLong)),
        ("title", "5 < 6 cm", Ok(())),
        ("title", "<b>굵게</b>", Err(Markup)),
        ("price_pc", "79900", Ok(())),
        ("price_pc", "0", Err(Zero)),
        ("price_pc", "79,900", Err(NotDigits)),
        ("price_pc", "-1", Err(NotDigits)),
        ("price_pc", "12345678901", Err(TooLong)),
        ("normal_price", "", Ok(())),
        ("link", "https://shop.example/p/1", Ok(())),
        ("link", "/p/1", Err(NotHttp)),
        ("link", "ftp://shop.example/p", Err(NotHttp)),
        ("link", "https://shop.example/책장", Err(Characters)),
        ("link", &link, Err(TooLong)),
        ("add_image_link", &links, Err(TooMany)),
        ("add_image_link", &links[..links.len() - 29], Ok(())),
        ("category_name1", "", Err(Required)),
        ("naver_category", "50000001", Ok(())),
        ("naver_category", "5000", Err(Range)),
        ("condition", "신상품", Ok(())),
        ("condition", "new", Err(NotOneOf)),
        ("adult", "Y", Ok(())),
        ("adult", "N", Err(NotOneOf)),
        ("barcode", "4006381333931", Ok(())),
        ("barcode", "4006381333932", Err(CheckDigit)),
        ("barcode", "123", Err(Range)),
        ("search_tag", "책장|수납", Ok(())),
        ("search_tag", "책장 수납", Err(Characters)),
        ("search_tag", "<b>책장</b>", Err(Markup)),
        ("option_detail", "<i>흰색</i>^1000", Err(Markup)),
        ("group_id", "a-1", Err(Characters)),
        ("review_count", "12", Ok(())),
        ("review_count", "12.5", Err(NotDigits)),
        ("shipping", "-1", Ok(())),
        ("shipping", "0", Ok(())),
        ("shipping", "-2", Err(Range)),
        ("shipping", "1000001", Err(Range)),
        ("shipping", "free", Err(NotDigits)),
        ("shipping", "", Err(Required)),
        ("class", "D", Ok(())),
        ("update_time", "2026-10-06 08:00:00", Ok(())),
        ("update_time", "2026-10-06T08:00:00", Err(NotATime)),
        ("satisfylevel", "4.85", Ok(())),
        ("satisfylevel", "5", Ok(())),
        ("satisfylevel", "4.", Err(NotDigits)),
        ("satisfylevel", "별 5개", Err(NotDigits)),
        ("pre_match_code", &long, Err(TooLong)),
        ("benefit_price", "whatever <b>", Ok(())),
    ];
    for (name, value, expected) in cases {
        let column = Column::from_str(name).unwrap();
        assert_eq!(column.check(value), *expected, "{name} {value:?}");
        assert_eq!(column.judge(value), *expected, "without the glance: {name} {value:?}");
    }
}

#[test]
fn the_values_of_shops_are_sound_at_a_glance() {
    let images = ["https://images.example/a.jpg"; 10].join("|");
    for (name, value) in [
        ("id", "s99 a_b-c"),
        ("title", "이케아 BILLY 빌리 책장 화이트 80x28x202 cm"),
        ("title", &"가".repeat(100)),
        ("price_pc", "79900"),
        ("price_mobile", ""),
        ("link", "https://shop.example/p/1?a=1&b=2"),
        ("add_image_link", &images),
        ("condition", "신상품"),
        ("review_count", "0"),
        ("shipping", "0"),
        ("delivery_grade", "Y"),
        ("benefit_price", "<b>whatever</b>"),
    ] {
        assert!(Column::from_str(name).unwrap().is_plain(value), "{name} {value:?}");
    }
}

/// What "sound at a glance" promises.
fn is_sound(column: Column, value: &str) -> bool {
    let is_private = |link: &str| Url::parse(link).is_ok_and(|url| !is_public(&url));
    let is_link = matches!(column.rule(), Link | Links { .. });
    let is_clean = !has_entity(value)
        && first_invisible(value).is_none()
        && !(is_link && value.split('|').any(is_private));
    column.judge(value).is_ok() && (column.rule() == Anything || is_clean)
}

proptest! {
    #[test]
    fn what_is_sound_at_a_glance_is_sound(
        value in "(https?://([a-z]{1,4}[.]){0,2}(kr|lan|1)/[a-z./|]{0,9}[|]?){0,12}|-?[0-9]{0,12}|[YN]|신상품|새상품|\
            ([a-zA-Z_ -]|책장|&(amp|lt)?;?|[<>/|]|[\\x00-\\x20]|é|\u{ad}|\u{3164}|\u{85}|\\PC){0,20}|(가|a){90,120}",
    ) {
        for column in Column::iter() {
            prop_assert!(!column.is_plain(&value) || is_sound(column, &value), "{column} {value:?}");
            prop_assert_eq!(column.check(&value), column.judge(&value), "{} {:?}", column, &value);
        }
    }
}

#[test]
fn a_row_is_refused_for_what_it_needs_and_what_no_value_may_hold() {
    use Reaction::*;
    use Violation::*;
    for (name, violation, expected) in [
        ("price_pc", NotDigits, Refused),
        ("shipping", Range, Refused),
        ("image_link", NotHttp, Refused),
        ("search_tag", TooMany, Ignored),
        ("search_tag", Characters, Ignored),
        ("search_tag", Markup, Refused),
        ("condition", NotOneOf, Ignored),
        ("condition", ControlCharacters, Refused),
        ("order_made", NotOneOf, Ignored),
        ("adult", NotOneOf, Ignored),
        ("naver_product_id", TooLong, Ignored),
        ("add_image_link", TooMany, Ignored),
    ] {
        assert_eq!(Column::from_str(name).unwrap().reaction(violation), expected, "{name} {violation}");
    }
}

#[test]
fn seven_columns_are_required() {
    let names: Vec<_> = Column::required().map(Column::name).collect();
    assert_eq!(names, ["id", "title", "price_pc", "link", "image_link", "category_name1", "shipping"]);
}
