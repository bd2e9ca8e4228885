use proptest::prelude::*;

use super::{images::raised, *};
use crate::{
    ep::row::FEED_COLUMNS,
    preset::first,
    price::{self, Price},
    product::Product,
};

pub fn config() -> EpConfig {
    EpConfig {
        brand: Some("IKEA".into()),
        title_prefix: Some("이케아".into()),
        shipping: 3000,
        delivery_grade: true,
        delivery_detail: "지역별 차등".into(),
        installation_costs: false,
        link_params: "utm_source=naver".into(),
        max_rows: 10,
        currency: "KRW".into(),
    }
}

fn row(json: &str) -> Result<Vec<String>, String> {
    let map = first().map().unwrap();
    let product = Product::read(&map, json.as_bytes()).unwrap();
    let member = Member::listed(&map, &product);
    let Price::Offer(offer) = price::of(&member) else { panic!("{json}") };
    let mut text = String::new();
    Transform::new(config())
        .row(&member, &offer, &mut text, None)
        .map(|row| row.of(&text).values().map(str::to_owned).collect())
        .map_err(|broken| broken.breach.to_string())
}

pub const PRODUCT: &str = r#"{"itemNo": "00012345", "name": "NOVAR 노바르", "typeName": "책장", "validDesignText": "화이트",
    "itemMeasureReferenceText": "80x28x202 cm", "salesPrice": {"numeral": 79900.0, "currencyCode": "KRW",
    "previous": {"wholeNumber": "99,900"}}, "pipUrl": "https://shop.example/p/책장-1?a=b#top",
    "mainImageUrl": "https://images.example/a_s3.jpg", "contextualImageUrl": "https://images.example/room.jpg",
    "allProductImage": [{"url": "https://images.example/a_s5.jpg"}, {"url": "https://images.example/b_s1.jpg"}, {"url": "nope"}],
    "categoryPath": [{"name": "모든 제품", "key": "products"}, {"name": "수납"}, {"name": "책장"}, {"name": "높은 책장"}, {"name": "흰색"}],
    "ratingCount": 12}"#;

#[test]
fn a_product_becomes_the_row_that_the_mapping_says() {
    let link = "https://shop.example/p/%EC%B1%85%EC%9E%A5-1?a=b&utm_source=naver#top";
    assert_eq!(
        row(PRODUCT).unwrap(),
        [
            "00012345",
            "이케아 NOVAR 노바르 책장 화이트 80x28x202 cm",
            "79900",
            "79900",
            "99900",
            link,
            link,
            "https://images.example/a_s5.jpg",
            "https://images.example/b_s5.jpg|https://images.example/room.jpg",
            "수납",
            "책장",
            "높은 책장",
            "흰색",
            "신상품",
            "00012345",
            "IKEA",
            "IKEA",
            "",
            "12",
            "3000",
            "Y",
            "지역별 차등",
        ]
    );
}

#[test]
fn a_row_that_would_break_a_rule_names_it() {
    let long = format!("https://shop.example/{}", "a".repeat(255));
    let cases = [
        ("\"00012345\"", "\"책장\"", "id: characters"),
        ("79900.0", "79900.5", "price_pc: not_whole"),
        ("79900.0", "12345678901", "price_pc: too_long"),
        ("\"KRW\"", "\"SEK\"", "price_pc: currency"),
        ("https://shop.example/p/책장-1?a=b#top", "/p/1", "link: not_http"),
        ("https://shop.example/p/책장-1?a=b#top", &long, "link: too_long"),
        ("\"categoryPath\"", "\"other\"", "category_name1: required"),
    ];
    for (from, to, rule) in cases {
        assert!(PRODUCT.contains(from), "{from}");
        assert_eq!(row(&PRODUCT.replace(from, to)).unwrap_err(), rule, "{to}");
    }
}

fn value(json: &str, column: &str) -> String {
    let at = FEED_COLUMNS.iter().position(|ours| ours.name() == column).unwrap();
    row(json).unwrap_or_else(|rule| panic!("{rule}: {json}"))[at].clone()
}

#[test]
fn an_image_that_cannot_be_one_gives_way_to_the_next() {
    let long = format!("https://images.example/{}.jpg", "a".repeat(240));
    let with = |main: &str, others: &str| {
        format!(
            r#"{{"itemNo": "1", "name": "N", "salesPrice": {{"numeral": 1}}, "pipUrl": "https://shop.example/1",
                "categoryPath": [{{"name": "책장"}}], "mainImageUrl": {main}, "allProductImage": [{others}]}}"#
        )
    };
    let good = r#"{"url": "https://images.example/good_s5.jpg"}"#;
    for (main, link) in [
        (r#""//images.example/a_s5.jpg""#, "https://images.example/a_s5.jpg"),
        (r#""HTTPS://IMAGES.EXAMPLE/A_S3.JPG""#, "https://images.example/A_S5.JPG"),
        (r#""/images/a_s5.jpg""#, "https://images.example/good_s5.jpg"),
        (r#""images/a_s5.jpg""#, "https://images.example/good_s5.jpg"),
        (r#""data:image/gif;base64,R0lGODlh""#, "https://images.example/good_s5.jpg"),
        (r#""https://""#, "https://images.example/good_s5.jpg"),
        (r#""https:///a.jpg""#, "https://images.example/good_s5.jpg"),
        (r#""https:a.jpg""#, "https://images.example/good_s5.jpg"),
        (r#""없음""#, "https://images.example/good_s5.jpg"),
        ("7", "https://images.example/good_s5.jpg"),
        ("null", "https://images.example/good_s5.jpg"),
        (&format!("{long:?}"), "https://images.example/good_s5.jpg"),
    ] {
        let json = with(main, good);
        assert_eq!(value(&json, "image_link"), link, "{main}");
        let more = if link.contains("good") { "" } else { "https://images.example/good_s5.jpg" };
        assert_eq!(value(&json, "add_image_link"), more, "{main}");
    }
    for (main, others, rule) in [
        (r#""a.jpg""#, "", "image_link: not_http"),
        (&format!("{long:?}"), r#"{"url": "b.jpg"}, {"url": null}"#, "image_link: too_long"),
    ] {
        assert_eq!(row(&with(main, others)).unwrap_err(), rule, "{main}");
    }
}

#[test]
fn of_a_long_path_the_department_and_the_most_specific_levels_stay() {
    for (path, expected) in [
        ("a b", "a|b||"),
        ("a b c d", "a|b|c|d"),
        ("a b c d e", "a|c|d|e"),
        ("a b c d e f", "a|d|e|f"),
        ("products a b c d e", "a|c|d|e"),
        ("products a", "a|||"),
    ] {
        let levels: Vec<_> =
            path.split(' ').map(|name| serde_json::json!({"name": name, "key": name})).collect();
        let json = PRODUCT.replace(
            &PRODUCT[PRODUCT.find("\"categoryPath\"").unwrap()..PRODUCT.find("\"ratingCount\"").unwrap()],
            &format!("\"categoryPath\": {}, ", serde_json::Value::from(levels)),
        );
        let found = [1, 2, 3, 4].map(|n| value(&json, &format!("category_name{n}"))).join("|");
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn a_variant_inherits_path_type_and_currency_and_nothing_else() {
    let json = r#"{"itemNo": "1", "name": "PARENT", "typeName": "책장", "pipUrl": "https://shop.example/1",
        "mainImageUrl": "https://images.example/1.jpg", "salesPrice": {"numeral": 5, "currencyCode": "KRW"},
        "categoryPath": [{"name": "수납", "key": "st001"}, {"name": "책장", "key": "10382"}],
        "gprDescription": {"variants": [
            {"itemNo": "2", "name": "CHILD", "salesPrice": {"numeral": 7}, "pipUrl": "https://shop.example/2",
             "mainImageUrl": "https://images.example/2.jpg", "categoryPath": []},
            {"itemNo": "3", "name": "CHILD", "salesPrice": {"numeral": 7}, "mainImageUrl": "https://images.example/3.jpg"},
            {"itemNo": "4", "name": "CHILD", "salesPrice": {"numeral": 7}, "pipUrl": "https://shop.example/4"}]}}"#;
    let map = first().map().unwrap();
    let product = Product::read(&map, json.as_bytes()).unwrap();
    let parent = Member::listed(&map, &product);
    let rows: Vec<_> = parent
        .variants()
        .map(|variant| {
            let offer = Offer { price: 7.0, normal: None };
            let variant = Product::read(&map, variant).unwrap();
            let mut text = "before".to_owned();
            let row = Transform::new(config()).row(&parent.variant(&variant), &offer, &mut text, None);
            assert!(row.is_ok() || text == "before", "nothing is left of what is no row: {text}");
            row.map(|row| [1, 9, 10].map(|at| row.of(&text).values().nth(at).unwrap().to_owned()))
                .map_err(|broken| broken.breach.to_string())
        })
        .collect();
    let sound = ["이케아 CHILD 책장", "수납", "책장"].map(str::to_owned);
    let broken = |rule: &str| Err(rule.to_owned());
    assert_eq!(rows, [Ok(sound), broken("link: not_http"), broken("image_link: required")]);
    let foreign = json.replace("\"currencyCode\": \"KRW\"", "\"currencyCode\": \"SEK\"");
    let product = Product::read(&map, foreign.as_bytes()).unwrap();
    let parent = Member::listed(&map, &product);
    let variant = Product::read(&map, parent.variants().next().unwrap()).unwrap();
    let offer = Offer { price: 7.0, normal: None };
    let row = Transform::new(config()).row(&parent.variant(&variant), &offer, &mut String::new(), None);
    assert_eq!(row.unwrap_err().breach.to_string(), "price_pc: currency");
}

#[test]
fn only_small_images_are_raised() {
    let cases = [
        ("https://i.example/a_s1.jpg", "https://i.example/a_s5.jpg"),
        ("https://i.example/a_s3", "https://i.example/a_s5"),
        ("https://i.example/a_s4.jpg", "https://i.example/a_s4.jpg"),
        ("https://i.example/a_s31.jpg", "https://i.example/a_s31.jpg"),
        ("https://i.example/a.jpg", "https://i.example/a.jpg"),
        ("https://i.example/a_s2.JPG?v=1.2", "https://i.example/a_s5.JPG?v=1.2"),
    ];
    let sizes = &first().map().unwrap().image_sizes;
    for (raw, expected) in cases {
        assert_eq!(raised(raw, sizes), expected);
    }
}

proptest! {
    #[test]
    fn parameters_stand_where_the_url_crate_puts_them(
        url in "https?://[a-z]{1,3}\\.example(/[a-z가 .%]{0,5}){0,2}(\\?([a-z=&가?]{0,6}))?(#[a-z?]{0,3})?",
        params in "([a-z]{1,3}=[a-z가 #'%]{0,4}){0,2}",
    ) {
        let transform = Transform::new(EpConfig { link_params: params.clone(), ..config() });
        let mut with = String::new();
        transform.with_params(Url::parse(&url).unwrap().as_str(), &mut with);
        let mut url = Url::parse(&url).unwrap();
        if !params.is_empty() {
            let before = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
            url.set_query(Some(&format!("{}{params}", before.unwrap_or_default())));
        }
        prop_assert_eq!(with, String::from(url));
    }

    #[test]
    fn no_value_can_break_a_row(
        id in prop_oneof!["[0-9A-Za-z_-]{1,50}", any::<String>()], name in any::<String>(), design in any::<String>(),
        url in "https://[a-z]{1,5}\\.example/\\PC{0,40}", category in prop_oneof!["\\PC{1,30}", any::<String>()],
        price in prop_oneof![any::<f64>(), (1u32..1_000_000).prop_map(f64::from)],
    ) {
        let product = serde_json::json!({
            "itemNo": id, "name": name, "validDesignText": design, "pipUrl": url, "mainImageUrl": url,
            "allProductImage": [{"url": format!("{url}?{design}")}], "salesPrice": {"numeral": price},
            "categoryPath": [{"name": category}],
        }).to_string();
        let map = first().map().unwrap();
        let product = Product::read(&map, product.as_bytes()).unwrap();
        let member = Member::listed(&map, &product);
        let Price::Offer(offer) = price::of(&member) else { return Ok(()) };
        let mut text = String::new();
        let Ok(row) = Transform::new(config()).row(&member, &offer, &mut text, None) else { return Ok(()) };
        let row = row.of(&text);
        let mut file = crate::export::save::TsvWriter::new(FEED_COLUMNS, crate::export::save::parts());
        file.line(row.line());
        let bytes = file.finish().0;
        let lines: Vec<_> = bytes.strip_suffix(b"\n").unwrap().split(|b| *b == b'\n').collect();
        prop_assert_eq!(lines.len(), 2);
        let fields: Vec<_> = lines[1].split(|b| *b == b'\t').collect();
        let expected: Vec<_> = row.values().map(str::as_bytes).collect();
        prop_assert_eq!(expected.len(), FEED_COLUMNS.len());
        prop_assert_eq!(fields, expected);
    }
}
