use std::borrow::Cow;

use super::*;

fn parse(json: &str) -> Product<'_> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_field_of_another_type_is_kept_as_what_it_is_and_loses_nothing_else() {
    let product = parse(
        r#"{"itemNo": "00263850", "name": "NOVAR", "typeName": null, "validDesignText": {"a": [1]},
            "salesPrice": {"numeral": 79900.0, "discount": {"a": [1, {"b": 2}]}, "previous": []},
            "allProductImage": {"url": "x"}, "categoryPath": ["x", {"name": "책장"}, 3, null, [{"name": "안쪽"}]],
            "ratingCount": "12", "onlineSellable": "soon", "colors": [[[]]], "unknown": 1e30}"#,
    );
    assert_eq!(text(&product.item_no).as_deref(), Some("00263850"));
    assert_eq!((text(&product.type_name), text(&product.valid_design_text)), (None, None));
    assert_eq!(product.valid_design_text, Some(Scalar::Object));
    let price = product.sales_price.as_ref().and_then(Nested::here).unwrap();
    assert_eq!(price.numeral, Some(Scalar::Number(79900.0)));
    assert_eq!(price.previous, Some(Nested::Other(Scalar::Array)));
    assert_eq!(product.all_product_image, Some(List::default()));
    let member = Member::listed(&product);
    let categories: Vec<_> = member.categories().iter().map(|level| text(&level.name).unwrap()).collect();
    assert_eq!(categories, ["책장"]);
    assert_eq!(product.rating_count.as_ref().and_then(Scalar::count), Some(12));
    assert_eq!(product.online_sellable.as_ref().and_then(Scalar::yes), None);
    assert_eq!(product.conflict, None);
}

#[test]
fn texts_are_borrowed_unless_they_hold_escapes() {
    let product = parse(r#"{"name": "책장", "typeName": "a\tb"}"#);
    assert!(matches!(product.name, Some(Scalar::Text(Cow::Borrowed("책장")))));
    assert!(matches!(product.type_name, Some(Scalar::Text(Cow::Owned(ref t))) if t == "a\tb"));
}

#[test]
fn variants_are_products_and_what_says_nothing_is_none() {
    let product = parse(
        r#"{"gprDescription": {"numberOfVariants": 9, "variants": [{"itemNo": "1", "name": "N", "salesPrice": {}},
            {"itemNo": "2"}, {}, null, 7, "x", [], {"id": "x", "mainImageUrl": "y"}, {"name": "N"}]}}"#,
    );
    let member = Member::listed(&product);
    let variants: Vec<Product<'_>> =
        member.variants().map(|raw| serde_json::from_slice(raw).unwrap()).collect();
    let products = variants.iter().filter(|variant| variant.says_something());
    let found: Vec<_> = products.map(|variant| text(&variant.item_no).unwrap_or_default()).collect();
    assert_eq!(found, ["1", "2"], "a name alone is no product");
}

#[test]
fn the_same_key_twice_with_two_values_is_a_conflict_where_it_decides() {
    for (json, expected) in [
        (r#"{"itemNo": "1", "itemNo": "2"}"#, Some("id itemNo: 1 / 2")),
        (r#"{"itemNo": "1", "itemNo": "1"}"#, None),
        (
            r#"{"onlineSellable": true, "onlineSellable": false}"#,
            Some("product onlineSellable: true / false"),
        ),
        (r#"{"tag": "NONE", "tag": "FAMILY_PRICE"}"#, Some("price_pc tag:  / FAMILY_PRICE")),
        (
            r#"{"salesPrice": {"numeral": 1}, "salesPrice": {"numeral": 2, "currencyCode": "KRW"}}"#,
            Some("price_pc salesPrice: 1 / 2 KRW"),
        ),
        (r#"{"salesPrice": {"numeral": 1}, "salesPrice": {"numeral": 1}}"#, None),
        (r#"{"name": "A", "name": "B", "pipUrl": "a", "pipUrl": "b", "x": 1, "x": 2}"#, None),
    ] {
        let conflict = parse(json).conflict;
        let found = conflict.map(|conflict| format!("{} {}", conflict.breach.names().0, conflict.value));
        assert_eq!(found.as_deref(), expected, "{json}");
    }
    for (json, expected) in [
        (r#"{"numeral": 79900, "numeral": 7990}"#, Some("numeral: 79900 / 7990")),
        (r#"{"numeral": 79900, "numeral": 79900.0}"#, None),
        (r#"{"numeral": 79900, "numeral": "79900"}"#, None),
        (r#"{"currencyCode": "KRW", "currencyCode": "SEK"}"#, Some("currencyCode: KRW / SEK")),
        (r#"{"tags": ["NEW"], "tags": ["NEW", "FAMILY_PRICE"]}"#, Some("tags: NEW / NEW FAMILY_PRICE")),
        (r#"{"previous": {"wholeNumber": "1"}, "previous": null}"#, Some("previous: 1 / ")),
    ] {
        let json = format!(r#"{{"salesPrice": {json}}}"#);
        let product = parse(&json);
        let conflict =
            product.sales_price.as_ref().and_then(Nested::here).and_then(|p| p.conflict.as_deref());
        assert_eq!(conflict.map(|conflict| conflict.value.as_str()), expected, "{json}");
    }
    assert_eq!(
        text(&parse(r#"{"name": "A", "name": "B"}"#).name).as_deref(),
        Some("A"),
        "the first one counts"
    );
}

#[test]
fn of_lists_no_more_is_kept_than_can_be_of_use() {
    let many = |element: &str| vec![element; 100_000].join(",");
    let json = format!(
        r#"{{"allProductImage": [{}, {{"url": "a"}}, "b", {}], "categoryPath": [{}, {{"name": "수납"}}],
            "gprDescription": {{"variants": [{}]}}}}"#,
        many("{}"),
        many(r#"{"url": "c"}"#),
        many(r#"{"name": null}"#),
        many("{}"),
    );
    let product = parse(&json);
    let images = product.all_product_image.as_ref().unwrap();
    assert_eq!((images.items.len(), images.more), (100, true));
    let first: Vec<_> =
        Member::listed(&product).images().take(2).map(|(at, url)| format!("{at} {url}")).collect();
    assert_eq!(first, ["allProductImage/100000/url a", "allProductImage/100001/url b"]);
    assert_eq!(Member::listed(&product).categories().len(), 1);
    assert_eq!((Member::listed(&product).variants().count(), product.damaged), (100_000, false));

    let deep = format!(r#"{{"categoryPath": [{}]}}"#, many(r#"{"name": "수납"}"#));
    let product = parse(&deep);
    assert!(Member::listed(&product).categories().len() == 64 && product.damaged, "that is no path");
    let lists = format!(r#"{{"gprDescription": {{{}}}}}"#, many(r#""variants": [{"itemNo": "1"}]"#));
    let product = parse(&lists);
    assert_eq!(Member::listed(&product).variants().count(), 16);
    assert!(product.gpr_description.as_ref().and_then(Nested::here).unwrap().damaged, "and said");
}
