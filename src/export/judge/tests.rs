use super::{
    family::{DEEPEST, MOST_IN_A_LINE},
    *,
};
use crate::{
    config::ep::EpConfig,
    export::outcome::{Outcome, PART, texts},
    fetch::batches_of,
    filter::Reason,
    preset::Preset,
};

pub(in crate::export) fn judge() -> Judge {
    let filter =
        FilterConfig { categories: [].into(), words: Vec::new(), keep_last_chance: true, min_price: 1 };
    let ep = EpConfig {
        brand: Some("IKEA".into()),
        title_prefix: Some(String::new()),
        shipping: 0,
        delivery_grade: false,
        delivery_detail: String::new(),
        installation_costs: false,
        link_params: String::new(),
        max_rows: 10,
        currency: "KRW".into(),
    };
    Judge {
        filter,
        map: Arc::new(crate::preset::first().map().unwrap()),
        transform: Transform::new(ep),
        corrections: None,
    }
}

/// All of a batch at once, in however many parts it comes.
fn whole(judge: &Judge, batch: &Batch) -> Judged {
    let mut whole = Judged::default();
    judge.batch(batch, &texts(), None, &mut |part| {
        whole.and(&part.text, part.outcomes);
        whole.elements += part.elements;
        whole.not_utf8 += part.not_utf8;
        if whole.keys.is_empty() {
            whole.keys = part.keys;
        }
        if let Some((more, id)) = part.number_ids {
            whole.number_ids.get_or_insert((0, id)).0 += more;
        }
        true
    });
    whole
}

/// The products of one element: `id title` for a row, `id/name: column: rule value` for one that is left out.
fn told(json: &[u8]) -> Vec<String> {
    let batches = batches_of([json]);
    let judged = whole(&judge(), &batches[0]);
    tell_all(&judged)
}

fn tell_all(judged: &Judged) -> Vec<String> {
    judged.outcomes.iter().map(|outcome| tell(outcome, &judged.text)).collect()
}

fn tell(outcome: &Outcome, text: &str) -> String {
    match outcome {
        Outcome::Row(row) => format!("{} {}", row.of(text).id(), row.of(text).title()),
        Outcome::Left { who, left: Left { why, value } } => {
            let why = match why {
                Reason::Skip(reason) => reason.name().to_owned(),
                Reason::Broken(breach) => breach.to_string(),
            };
            format!("{}/{}: {why} {value}", who.id, who.name)
        }
    }
}

/// A sound product with these members, which may be no JSON, besides or in place of its own.
fn product(id: &str, members: &str) -> String {
    let top = members.split("\"gprDescription\"").next().unwrap();
    product_with(id, members, |key| top.contains(&format!("\"{key}\"")))
}

/// A sound product with these members besides its own, but for those of which `says` tells that they are among them.
pub(in crate::export) fn product_with(id: &str, members: &str, says: impl Fn(&str) -> bool) -> String {
    let own = [
        ("itemNo", format!("\"{id}\"")),
        ("name", "\"NOVAR\"".to_owned()),
        ("salesPrice", r#"{"numeral": 79900.0, "currencyCode": "KRW", "tag": "NONE"}"#.to_owned()),
        ("pipUrl", format!("\"https://shop.example/{id}\"")),
        ("mainImageUrl", format!("\"https://images.example/{id}.jpg\"")),
        ("categoryPath", r#"[{"name": "수납", "key": "st001"}]"#.to_owned()),
    ];
    let own = own.iter().filter(|(key, _)| !says(key));
    let own: Vec<_> = own.map(|(key, value)| format!("\"{key}\": {value}")).collect();
    let members = Some(members).filter(|members| !members.is_empty());
    format!("{{{}}}", own.iter().map(String::as_str).chain(members).collect::<Vec<_>>().join(", "))
}

#[test]
fn one_bad_scalar_loses_nothing() {
    for (members, title) in [
        (r#""ratingValue": NaN"#, "1 NOVAR"),
        (r#""ratingCount": NaN"#, "1 NOVAR"),
        (r#""ratingCount": -Infinity, "other": [1e999, undefined]"#, "1 NOVAR"),
        (r#""typeName": "책장 \ud83d""#, "1 NOVAR 책장"),
        (r#""typeName": "\ud83d\udca1 등""#, "1 NOVAR 💡 등"),
        (r#""quickFacts": ["\udca1"]"#, "1 NOVAR"),
        ("\"typeName\": \"책\u{1}장\n선반\"", "1 NOVAR 책 장 선반"),
        (r#""validDesignText": "\x41""#, "1 NOVAR x41"),
        (r#""other": 123456789012345678901234567890123456789012345678901234567890"#, "1 NOVAR"),
        (r#""lastChance": fals, "tag": NONE"#, "1 NOVAR"),
    ] {
        assert_eq!(told(product("1", members).as_bytes()), [title], "{members}");
    }
    let bytes = product("1", r#""typeName": "@""#).replace('@', "\u{1}").into_bytes();
    let not_utf8: Vec<u8> = bytes.iter().map(|byte| if *byte == 1 { 0xff } else { *byte }).collect();
    assert_eq!(told(&not_utf8), ["1 NOVAR \u{fffd}"]);
    assert_eq!(whole(&judge(), &batches_of([not_utf8.as_slice()])[0]).not_utf8, 1);
}

#[test]
fn a_bad_scalar_that_decides_is_told_with_its_value() {
    for (members, expected) in [
        (r#""salesPrice": {"numeral": NaN}"#, "1/NOVAR: price_pc: not_an_amount NaN"),
        (r#""salesPrice": {"numeral": 1e999}"#, "1/NOVAR: price_pc: not_an_amount 1e999"),
        (r#""salesPrice": {"numeral": "무료"}"#, "1/NOVAR: price_pc: not_an_amount 무료"),
        (r#""onlineSellable": tru"#, "1/NOVAR: sellable_unclear onlineSellable tru"),
        (r#""itemNo": "1", "itemNo": "2""#, "1/NOVAR: id: two_values itemNo: 1 / 2"),
        (
            r#""salesPrice": {"numeral": 79900, "numeral": 7990}"#,
            "1/NOVAR: price_pc: two_values numeral: 79900 / 7990",
        ),
        ("\"name\": \"\u{200b}\u{feff}\"", "1/\u{200b}\u{feff}: product: empty_name \\u{200b}\\u{feff}"),
        (r#""name": " ""#, "1/: product: no_name "),
    ] {
        assert_eq!(told(product("1", members).as_bytes()), [expected], "{members}");
    }
    let number = product("1", r#""itemNo": 99903"#);
    assert_eq!(told(number.as_bytes()), ["99903 NOVAR"]);
    let judged = whole(&judge(), &batches_of([number.as_bytes(), number.as_bytes()])[0]);
    assert_eq!(judged.number_ids, Some((2, "99903".to_owned())), "zeros before it may be lost");
}

#[test]
fn a_bare_word_is_never_a_value() {
    for (members, expected) in [
        (r#""itemNo": NaN"#, "/NOVAR: product: no_id NaN"),
        (r#""name": NaN"#, "1/: product: no_name "),
        (r#""typeName": NaN, "validDesignText": -Infinity"#, "1 NOVAR"),
        (r#""salesPrice": {"numeral": 5, "currencyCode": NaN}"#, "1 NOVAR"),
        (r#""salesPrice": {"numeral": 5, "currencyCode": "krw\u0000"}"#, "1 NOVAR"),
        (r#""name": "NOVAR", "categoryPath": [{"name": NaN}]"#, "1/NOVAR: category_name1: required "),
        (r#""onlineSellable": False"#, "1/NOVAR: sellable_unclear onlineSellable False"),
        (r#""itemNo": 12345678.0"#, "12345678 NOVAR"),
    ] {
        assert_eq!(told(product("1", members).as_bytes()), [expected], "{members}");
    }
}

#[test]
fn a_mark_that_cannot_be_read_restricts() {
    let price = |mark: &str, beside: &str| {
        let json = format!(
            r#""salesPrice": {{"numeral": 59900, "previous": {{"wholeNumber": "79,900"}}, {mark}}}{beside}"#
        );
        let json = product("1", &json);
        let judged = whole(&judge(), &batches_of([json.as_bytes()])[0]);
        match &judged.outcomes[0] {
            Outcome::Row(row) => row.of(&judged.text).values().nth(2).unwrap().to_owned(),
            other => tell(other, &judged.text),
        }
    };
    let long = format!(r#""tag": "{}FAMILY_PRICE""#, "A".repeat(600));
    for mark in [
        r#""tagWithText": {tag: "FAMILY_PRICE"}"#,
        r#""tagWithText": {"tag"="FAMILY_PRICE"}"#,
        r#""badge": {'type': "IN_STORE_OFFER_ONLY"}"#,
        r#""badge": {"type":: "X"}"#,
        r#""tags": {"FAMILY_PRICE": true}"#,
        r#""tag": FAMILY_PRICE"#,
        r#""tag": "InStoreOfferOnly""#,
        r#""tag": "ＦＡＭＩＬＹ""#,
        r#""tagWithText": {"text": "패밀리 회원가"}"#,
        &long,
    ] {
        assert_eq!(price(mark, ""), "79900", "{mark}");
    }
    assert_eq!(price(r#""tag": "NONE""#, r#", "tags": ["FAMILY_PRICE"]"#), "79900");
    assert!(
        price(r#""tag": "NONE"}"#, r#","tag": "FAMILY_PRICE""#).contains("unreadable"),
        "one brace too many"
    );
    assert_eq!(
        price(r#""tag": "NONE", "tagWithText": {"text": "새로운 낮은 가격으로 만나 보세요"}"#, ""),
        "59900"
    );
}

#[test]
fn products_in_one_line_are_products() {
    let line = format!("{}{},{}", product("1", ""), product("2", ""), product("3", ""));
    assert_eq!(told(line.as_bytes()), ["1 NOVAR", "2 NOVAR", "3 NOVAR"]);
    let many = format!("{}{}", product("1", ""), "{}".repeat(5000));
    assert_eq!(told(many.as_bytes()).len(), MOST_IN_A_LINE + 2, "what follows is one that is lost");
}

#[test]
fn an_id_is_the_same_whoever_names_it() {
    let sound = product("1", "\"itemNo\": \"12\u{200b}34\"");
    assert_eq!(told(sound.as_bytes()), ["1234 NOVAR"]);
    let left = product("1", "\"itemNo\": \"12\u{200b}34\", \"onlineSellable\": false");
    assert_eq!(told(left.as_bytes()), ["1234/NOVAR: not_sellable onlineSellable false"]);
    let none = product("1", "\"itemNo\": \"\u{200b}\"");
    assert!(told(none.as_bytes())[0].contains("no_id"));
}

#[test]
fn a_variant_inherits_where_its_own_says_nothing() {
    let variant = |members: &str| {
        let group =
            format!(r#""typeName": "책장", "gprDescription": {{"variants": [{}]}}"#, product("2", members));
        told(product("1", &group).as_bytes())[1].clone()
    };
    for members in [
        r#""name": "NOVAR", "categoryPath": [{"name": "제품", "key": "products"}]"#,
        "\"name\": \"NOVAR\", \"categoryPath\": [{\"name\": \"\u{200b}\"}]",
        "\"typeName\": \"\u{200b}\"",
    ] {
        assert_eq!(variant(members), "2 NOVAR 책장", "{members}");
    }
    for (members, expected) in [
        (r#""salesPrice": {}, "name": null"#, "2/: no_price "),
        (r#""salesPrice": {"numeral": null}"#, "2/NOVAR: no_price "),
        (r#""salesPrice": {"numeral": "무료"}"#, "2/NOVAR: price_pc: not_an_amount 무료"),
    ] {
        assert_eq!(variant(members), expected, "{members}");
    }
    let twice = format!(
        r#""gprDescription": {{"variants": [{}], "variants": {{"0": {}}}}}, "gprDescription": {{"variants": [{}]}}"#,
        product("2", ""),
        product("3", ""),
        product("4", "")
    );
    assert_eq!(told(product("1", &twice).as_bytes()), ["1 NOVAR", "2 NOVAR", "3 NOVAR", "4 NOVAR"]);
}

#[test]
fn broken_structure_is_told_by_name_and_takes_down_only_what_it_touches() {
    let variant = product("2", "");
    let group = format!(r#""gprDescription": {{"variants": [{variant}]}}"#);
    for (members, expected) in [
        (format!(r#""x" 1, {group}"#), ["1/NOVAR: product: unreadable", "2 NOVAR"]),
        (format!(r#""x": 1,, {group}"#), ["1/NOVAR: product: unreadable", "2 NOVAR"]),
        (format!(r#""colors": {{"a" 1}}, {group}"#), ["1 NOVAR", "2 NOVAR"]),
        (
            format!(r#""salesPrice": {{"numeral" 79900, "currencyCode": "KRW"}}, {group}"#),
            ["1/NOVAR: product: unreadable", "2 NOVAR"],
        ),
        (
            format!(
                r#""gprDescription": {{"variants": [{}]}}"#,
                variant.replacen("\"itemNo\":", "\"itemNo\"", 1)
            ),
            ["1 NOVAR", "2/NOVAR: product: unreadable"],
        ),
    ] {
        let found = told(product("1", &members).as_bytes());
        let heads: Vec<_> = found.iter().map(|told| told.split(" {").next().unwrap()).collect();
        assert_eq!(heads, expected, "{members}");
    }
    let lost =
        told(product("1", &format!(r#""gprDescription": {{"variants": [{variant}, 7 8]}}"#)).as_bytes());
    assert_eq!(lost.len(), 3, "a variant may have been lost: {lost:?}");
    for raw in [&b"42"[..], b"null", b"[]", b"\"x\""] {
        let found = told(raw);
        assert_eq!(found, [format!("/: product: unreadable {}", String::from_utf8_lossy(raw))]);
    }
}

#[test]
fn an_unsound_parent_does_not_take_its_variants_down() {
    let variants = format!(
        r#""gprDescription": {{"variants": [{}, {{"itemNo": "3"}}, {{"itemNo": "4", "salesPrice": {{"numeral": 5}}}}]}}"#,
        product("2", r#""categoryPath": null"#)
    );
    for (members, first) in [
        (r#""itemNo": null"#, "/NOVAR: product: no_id "),
        (r#""salesPrice": null"#, "1/NOVAR: no_price "),
        (r#""onlineSellable": false"#, "1/NOVAR: not_sellable onlineSellable false"),
        (r#""pipUrl": "x""#, "1/NOVAR: link: not_http x"),
    ] {
        let found = told(product("1", &format!("{members}, {variants}")).as_bytes());
        assert_eq!(found, [first, "2 NOVAR", "3/: no_price ", "4/: product: no_name "], "{members}");
    }
}

#[test]
fn the_keys_of_an_element_that_is_no_product_are_remembered() {
    let judged =
        whole(&judge(), &batches_of([&br#"{"type": "PRODUCT", "product": {}}"#[..], b"{\"other\": 1}"])[0]);
    assert_eq!(judged.keys, ["type", "product"]);
    let sound = product("1", "");
    assert!(whole(&judge(), &batches_of([sound.as_bytes()])[0]).keys.is_empty());
}

#[test]
fn however_many_products_a_text_holds_they_come_in_parts() {
    let variants: Vec<_> =
        (0..5000).map(|n| format!(r#"{{"itemNo": "v{n}", "salesPrice": {{"numeral": 5}}}}"#)).collect();
    let text = product("1", &format!(r#""gprDescription": {{"variants": [{}]}}"#, variants.join(",")));
    let batch = &batches_of([text.as_bytes(), product("2", "").as_bytes()])[0];
    let (mut parts, mut outcomes, mut elements) = (0, 0, 0);
    judge().batch(batch, &texts(), None, &mut |part| {
        let outcomes_bytes = part.outcomes.iter().map(|outcome| size_of::<Outcome>() + outcome.bytes());
        let bytes = outcomes_bytes.sum::<usize>() + part.text.len();
        assert!(bytes < PART + 10_000, "{bytes}");
        parts += 1;
        outcomes += part.outcomes.len();
        elements += part.elements;
        true
    });
    assert!(parts > 2, "{parts}");
    assert_eq!((outcomes, elements), (5002, 2));
    let mut taken = 0;
    judge().batch(batch, &texts(), None, &mut |_| {
        taken += 1;
        false
    });
    assert_eq!(taken, 1, "who wants no more is given no more");
}

#[test]
fn what_is_told_of_a_product_is_no_longer_than_anybody_reads() {
    let long = "x".repeat(500_000);
    let members = format!(r#""itemNo": "1 {long}", "name": "{long}", "pipUrl": "{long}""#);
    let found = told(product("1", &members).as_bytes());
    assert!(
        found.len() == 1 && found[0].len() < 4000 && found[0].contains("link: not_http"),
        "{}",
        found[0].len()
    );
    let nested = (0..40).fold(product("9", ""), |inner, n| {
        product(&n.to_string(), &format!(r#""gprDescription": {{"variants": [{inner}]}}"#))
    });
    let found = told(nested.as_bytes());
    assert_eq!(found.len(), DEEPEST + 2, "{found:?}");
    assert!(found.last().unwrap().contains("unreadable"), "what is deeper is told");
}

#[test]
fn what_cannot_be_mended_within_bounds_is_told_and_loses_nothing_beside_it() {
    let broken = product("1", &format!(r#""other": NaN, "long": ["{}"]"#, "가".repeat(500_000)));
    let line = format!("{broken}{}", product("2", ""));
    let found = told(line.as_bytes());
    assert!(
        found.len() == 2 && found[0].contains("product: unreadable") && found[1] == "2 NOVAR",
        "{found:?}"
    );
}

#[test]
fn a_product_that_its_variants_stand_for_is_one_only_without_them() {
    let map = Preset::named("shopify").unwrap().below("https://moa.example/").unwrap().map().unwrap();
    let judge = Judge { map: Arc::new(map), ..judge() };
    let told = |variants: &str| {
        let json = format!(
            r#"{{"id": 7, "title": "Lamp", "handle": "lamp", "product_type": "Light", "price": "5",
                "images": [{{"src": "https://i.example/7.jpg"}}], "variants": {variants}}}"#
        );
        let batches = batches_of([json.as_bytes()]);
        tell_all(&whole(&judge, &batches[0]))
    };
    let red = r#"{"id": 8, "title": "Red", "price": "6", "available": true}"#;
    assert_eq!(told(&format!("[{red}]")), ["8 Lamp Red"]);
    assert_eq!(told(&format!("[{{}}, {red}, {{\"id\": 9}}]")), ["8 Lamp Red", "9/Lamp: no_price "]);
    for named in ["[8]", "[\"8\", null]", "[[{}]]"] {
        let found = told(named);
        assert!(found.len() == 1 && found[0].contains("unreadable"), "{named}: {found:?}");
    }
    for nothing in ["[]", "null", "[{}, {\"title\": \"Blue\"}]"] {
        assert_eq!(told(nothing), ["7 Lamp"], "{nothing}: what stands for nothing hides nothing");
    }
}
