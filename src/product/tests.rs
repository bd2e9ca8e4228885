use std::borrow::Cow;

use super::*;
use crate::{
    map::{FieldMap, Sources},
    preset::first,
};

fn read<'a>(map: &FieldMap, json: &'a str) -> Product<'a> {
    Product::read(map, json.as_bytes()).unwrap()
}

fn value(map: &FieldMap, json: &str, sources: &Sources) -> String {
    let product = read(map, json);
    Member::listed(map, &product)
        .value(sources)
        .map(|value| format!("{:?}", value.into_owned()))
        .unwrap_or_default()
}

#[test]
fn a_field_of_another_type_is_kept_as_what_it_is_and_loses_nothing_else() {
    let map = first().map().unwrap();
    let product = read(
        &map,
        r#"{"itemNo": "00263850", "name": "NOVAR", "typeName": null, "validDesignText": {"a": [1]},
            "salesPrice": {"numeral": 79900.0, "discount": {"a": [1, {"b": 2}]}, "previous": []},
            "allProductImage": {"url": "x"}, "categoryPath": ["x", {"name": "책장"}, 3, null, [{"name": "안쪽"}]],
            "ratingCount": "12", "onlineSellable": "soon", "colors": [[[]]], "unknown": 1e30}"#,
    );
    let member = Member::listed(&map, &product);
    let value = |sources| member.value(sources).map(Cow::into_owned);
    assert_eq!(member.text(&map.id).as_deref(), Some("00263850"));
    assert_eq!(value(&map.kind), None);
    assert_eq!(value(&map.title[2]), Some(Scalar::Object));
    assert_eq!(value(&map.price), Some(Scalar::Number(79900.0)));
    assert_eq!(value(&map.regular_price), Some(Scalar::Array));
    assert_eq!(member.images().count(), 0);
    let names: Vec<_> = member.categories().into_iter().map(|level| level.name.unwrap()).collect();
    assert_eq!(names, ["책장"]);
    assert_eq!(value(&map.rating_count).and_then(|count| count.count()), Some(12));
    assert_eq!(value(&map.sellable).and_then(|sellable| sellable.yes()), None);
    assert_eq!(product.conflict, None);
}

#[test]
fn texts_are_borrowed_unless_they_hold_escapes() {
    let map = first().map().unwrap();
    let product = read(&map, r#"{"name": "책장", "validDesignText": "a\tb"}"#);
    let held = |sources: &Sources| {
        let value = Member::listed(&map, &product).value(sources).map(Cow::into_owned);
        matches!(value, Some(Scalar::Text(Cow::Borrowed(_))))
    };
    assert_eq!((held(&map.name), held(&map.title[2])), (true, false));
}

#[test]
fn variants_are_products_and_what_says_nothing_is_none() {
    let map = first().map().unwrap();
    let product = read(
        &map,
        r#"{"gprDescription": {"numberOfVariants": 9, "variants": [{"itemNo": "1", "name": "N", "salesPrice": {}},
            {"itemNo": "2"}, {}, null, 7, "x", [], {"id": "x", "mainImageUrl": "y"}, {"name": "N"}]}}"#,
    );
    let listed = Member::listed(&map, &product);
    let variants: Vec<_> = listed.variants().map(|raw| Product::read(&map, raw).unwrap()).collect();
    let members = variants.iter().map(|variant| listed.variant(variant)).filter(Member::says_something);
    let found: Vec<_> =
        members.map(|variant| variant.text(&map.id).unwrap_or_default().into_owned()).collect();
    assert_eq!(found, ["1", "2"], "a name alone is no product");
}

#[test]
fn the_same_key_twice_with_two_values_is_a_conflict_where_it_decides() {
    let map = first().map().unwrap();
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
        (r#"{"salesPrice": {"numeral": 79900, "numeral": 7990}}"#, Some("price_pc numeral: 79900 / 7990")),
        (r#"{"salesPrice": {"numeral": 79900, "numeral": 79900.0}}"#, None),
        (r#"{"salesPrice": {"numeral": 79900, "numeral": "79900"}}"#, None),
        (
            r#"{"salesPrice": {"currencyCode": "KRW", "currencyCode": "SEK"}}"#,
            Some("price_pc currencyCode: KRW / SEK"),
        ),
        (
            r#"{"salesPrice": {"tags": ["NEW"], "tags": ["NEW", "FAMILY_PRICE"]}}"#,
            Some("price_pc tags: NEW / NEW FAMILY_PRICE"),
        ),
        (
            r#"{"salesPrice": {"previous": {"wholeNumber": "1"}, "previous": null}}"#,
            Some("price_pc previous: 1 / "),
        ),
        (
            r#"{"salesPrice": {"previous": {"wholeNumber": "1", "wholeNumber": "2"}}}"#,
            Some("price_pc wholeNumber: 1 / 2"),
        ),
    ] {
        let conflict = read(&map, json).conflict;
        let found = conflict.map(|conflict| format!("{} {}", conflict.breach.names().0, conflict.value));
        assert_eq!(found.as_deref(), expected, "{json}");
    }
    assert!(value(&map, r#"{"name": "A", "name": "B"}"#, &map.name).contains("A"), "the first one counts");
}

#[test]
fn of_lists_no_more_is_kept_than_can_be_of_use() {
    let map = first().map().unwrap();
    let many = |element: &str| vec![element; 100_000].join(",");
    let json = format!(
        r#"{{"allProductImage": [{}, {{"url": "a"}}, {}], "categoryPath": [{}, {{"name": "수납"}}],
            "gprDescription": {{"variants": [{}]}}}}"#,
        many("{}"),
        many(r#"{"url": "c"}"#),
        many(r#"{"name": null}"#),
        many("{}"),
    );
    let product = read(&map, &json);
    let member = Member::listed(&map, &product);
    let found: Vec<_> =
        member.images().map(|(place, nth, url)| format!("{} {url}", place.nth(nth))).collect();
    assert_eq!(found.len(), 100);
    assert_eq!(found[..2], ["/allProductImage/100000/url a", "/allProductImage/100001/url c"]);
    assert_eq!(member.categories().len(), 1);
    assert_eq!((member.variants().count(), product.damaged), (100_000, false));

    let deep = format!(r#"{{"categoryPath": [{}]}}"#, many(r#"{"name": "수납"}"#));
    let product = read(&map, &deep);
    assert!(Member::listed(&map, &product).categories().len() == 64 && product.damaged, "that is no path");
    let lists = format!(r#"{{"gprDescription": {{{}}}}}"#, many(r#""variants": [{"itemNo": "1"}]"#));
    let product = read(&map, &lists);
    assert_eq!(Member::listed(&map, &product).variants().count(), 16);
    assert!(product.variants_damaged, "and said");
}

#[test]
fn another_shops_names_are_read_by_another_map() {
    let fields: crate::map::Fields = serde_json::from_str(
        r#"{"id": "/sku", "name": ["/title", "../title"], "title": [["/title", "../title"], "/attributes/*[name=Colour]/value"],
            "price": "/offers/0/amount", "link": "https://shop.example/{../handle}?v={/sku}",
            "images": ["/photo", "../photos/*"], "categories": {"names": ["/shelf"]}, "variants": "/options/*"}"#,
    )
    .unwrap();
    let map = FieldMap::try_from(fields).unwrap();
    let json = r#"{"sku": "P", "title": "Lamp", "handle": "lamp", "photos": ["p1", {"x": 1}, "p2"], "shelf": "Light",
        "attributes": [{"name": "Size", "value": "L"}, {"name": "Colour", "value": "red"}], "offers": [{"amount": "5"}],
        "options": [{"sku": "V", "offers": [{"amount": 6}, {"amount": 7}], "photo": "v1"}]}"#;
    let product = read(&map, json);
    let listed = Member::listed(&map, &product);
    let title = |member: &Member<'_, '_>| {
        map.title.iter().filter_map(|part| member.text(part)).collect::<Vec<_>>().join(" ")
    };
    let images = |member: &Member<'_, '_>| {
        member.images().map(|(place, nth, url)| format!("{}={url}", place.nth(nth))).collect::<Vec<_>>()
    };
    assert_eq!((title(&listed).as_str(), listed.text(&map.link)), ("Lamp red", None), "no parent, no handle");
    let variant = Product::read(&map, listed.variants().next().unwrap()).unwrap();
    let variant = listed.variant(&variant);
    assert_eq!(title(&variant), "Lamp");
    assert_eq!(variant.text(&map.price).as_deref(), Some("6"));
    assert_eq!(variant.text(&map.link).as_deref(), Some("https://shop.example/lamp?v=V"));
    assert_eq!(images(&variant), ["/photo=v1", "../photos/0=p1", "../photos/2=p2"]);
    assert_eq!(listed.categories()[0].name.as_deref(), Some("Light"));
}

#[test]
fn what_stands_in_the_product_of_a_variant_holds_for_it_alike_wherever_a_map_looks_for_it() {
    let fields = |more: &str| -> Result<FieldMap, String> {
        let text = format!(
            r#"{{"id": "/n", "name": "/n", "title": ["/n"], "price": "../p/now", "link": "/n", "images": ["../i/*"],
                "categories": {{"names": ["../c"]}}{more}}}"#
        );
        serde_json::from_str::<crate::map::Fields>(&text).unwrap().try_into()
    };
    let map = fields(r#", "marks": ["../tags"], "restricted": ["club"], "variants": "/v/*""#).unwrap();
    let json = r#"{"n": "P", "tags": ["Club only"], "i": ["a", "b"], "c": "Light", "p": "soon", "v": [{"n": "V", "v": [{"n": "W"}]}]}"#;
    let product = read(&map, json);
    let listed = Member::listed(&map, &product);
    let child = Product::read(&map, listed.variants().next().unwrap()).unwrap();
    let variant = listed.variant(&child);
    let grandchild = Product::read(&map, variant.variants().next().unwrap()).unwrap();
    let found = |member: &Member<'_, '_>| {
        let price = member.instead_of_price().map(ToString::to_string).unwrap_or_default();
        let is_restricted = member.is_marked(|mark| map.restricted.holds(mark));
        (is_restricted, member.images().count(), member.categories().len(), price)
    };
    assert_eq!(found(&listed), (false, 0, 0, String::new()), "it is nobody's variant");
    for member in [variant, variant.variant(&grandchild)] {
        assert_eq!(found(&member), (true, 2, 1, "soon".to_owned()));
    }
    for place in ["../v", "/v/*/w", "/v/*[kind=variant]"] {
        let error = fields(&format!(r#", "variants": "{place}""#)).unwrap_err();
        let expected = "the variants are all elements of one list of the product itself, found ";
        assert_eq!(error, format!("{expected}{place}"));
    }
}
