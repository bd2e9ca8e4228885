//! The listing double answers as it was recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{
    Listing,
    listing::{Fate, Kind, Shop},
};

/// The answer to a call below the market, as JSON.
pub fn get(listing: &Listing, rest: &str) -> (u16, Value) {
    let answer = listing.answer("GET", &format!("/kr/ko/{rest}"), &[]);
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

/// The elements of one window.
pub fn window(listing: &Listing, department: &str, start: u64, end: u64, sort: &str) -> Vec<Value> {
    let rest = format!("product-list-page/more-products?category={department}&start={start}&end={end}{sort}");
    get(listing, &rest).1["moreProducts"]["productWindow"].as_array().unwrap().clone()
}

pub fn id(element: &Value) -> String {
    element["itemNo"].as_str().unwrap().to_owned()
}

/// The shop's own list: ids and counts.
fn departments(listing: &Listing) -> Vec<(String, u64)> {
    let (_, page) = get(listing, "search-result-page?types=PRODUCT&size=1");
    let filters = page["searchResultPage"]["products"]["filters"].as_array().unwrap();
    let filter = filters.iter().find(|filter| filter["id"] == "CATEGORIES").unwrap();
    let values = filter["values"].as_array().unwrap().iter();
    values.map(|v| (v["id"].as_str().unwrap().to_owned(), v["count"].as_u64().unwrap())).collect()
}

#[test]
fn the_shops_own_list_names_23_departments_of_their_recorded_sizes() {
    let listing = Listing::new(Shop::recorded());
    let (status, page) = get(&listing, "search-result-page?types=PRODUCT&size=1");
    let products = &page["searchResultPage"]["products"];
    assert_eq!((status, &products["badge"]), (200, &json!(9_208)));
    let types: Vec<&Value> =
        products["main"]["items"].as_array().unwrap().iter().map(|item| &item["type"]).collect();
    assert_eq!(types, ["PLANNER", "PRODUCT", "CONTENT"]);
    assert!(products["filters"][0]["id"] != "CATEGORIES", "other filters stand before it");
    let departments = departments(&listing);
    assert_eq!(departments.len(), 23);
    assert_eq!(departments[..2], [("st001".to_owned(), 2_000), ("de001".to_owned(), 1_247)]);
    assert_eq!(departments[22], ("pt001".to_owned(), 18));
    assert_eq!(departments.iter().map(|d| d.1).sum::<u64>(), 13_900, "a product stands in several");
    for (department, count) in &departments {
        let (_, page) = get(&listing, &format!("product-list-page?category={department}&size=0"));
        let page = &page["productListPage"];
        assert_eq!((&page["productCount"], &page["category"]["key"]), (&json!(count), &json!(department)));
        assert_eq!(page["productWindow"], json!([]));
    }
}

#[test]
fn the_windows_of_all_departments_hold_what_the_ledger_says() {
    let listing = Listing::new(Shop::recorded());
    let (mut elements, mut variants, mut with_variants) = (0, 0, 0);
    let mut standing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut inside = BTreeSet::new();
    let mut depths = BTreeSet::new();
    for (department, count) in departments(&listing) {
        let mut start = 0;
        loop {
            let window = window(&listing, &department, start, start + 1_000, "&sort=NAME_ASCENDING");
            if window.is_empty() {
                break;
            }
            start += window.len() as u64;
            for element in window {
                elements += 1;
                let new = standing.entry(id(&element)).or_default().insert(department.clone());
                assert!(new, "twice in {department}");
                let path = element["categoryPath"].as_array().unwrap();
                depths.insert(path.iter().filter(|level| level["key"] != "products").count());
                let group = element["gprDescription"]["variants"].as_array().cloned().unwrap_or_default();
                with_variants += u64::from(!group.is_empty());
                for variant in group {
                    variants += 1;
                    assert!(variant.get("categoryPath").is_none() && variant["salesPrice"].is_object());
                    inside.insert(id(&variant));
                }
            }
        }
        assert_eq!(start, count, "{department}");
    }
    let ledger = listing.shop.ledger();
    assert_eq!((elements, elements + variants), (ledger.elements, ledger.objects));
    assert_eq!((standing.len() as u64, ledger.products), (9_208, 9_208));
    let alone = inside.iter().filter(|id| standing.contains_key(*id)).count();
    assert!(alone * 2 > inside.len(), "most variants stand alone, too: {alone} of {}", inside.len());
    assert_eq!((standing.len() + inside.len() - alone) as u64, ledger.ids);
    let share = |part: u64, whole: u64| part * 100 / whole;
    assert!((58..=62).contains(&share(with_variants, elements)), "{with_variants} of {elements}");
    assert!((36..=39).contains(&share(variants, elements + variants)), "{variants}");
    let in_many = |n: usize| standing.values().filter(|departments| departments.len() == n).count();
    assert_eq!((in_many(1) + in_many(2) + in_many(3), in_many(3)), (9_208, 1_564));
    assert_eq!(depths, BTreeSet::from([1, 2, 3, 4, 5, 6]));
}

#[test]
fn the_order_is_stable_only_where_one_is_asked_for_and_windows_are_no_longer_than_a_thousand() {
    let listing = Listing::new(Shop::recorded());
    let ids = |sort: &str, start, end| -> Vec<String> {
        window(&listing, "li001", start, end, sort).iter().map(id).collect()
    };
    let whole = ids("&sort=NAME_ASCENDING", 0, 574);
    assert_eq!(ids("&sort=NAME_ASCENDING", 100, 200), whole[100..200]);
    assert_eq!(
        ids("&sort=NAME_ASCENDING", 570, 580),
        whole[570..],
        "the end is exclusive and may lie behind"
    );
    assert!(ids("&sort=NAME_ASCENDING", 574, 600).is_empty());
    assert_ne!(ids("&sort=NEWEST", 0, 574), whole);
    assert_ne!(ids("", 0, 100), ids("", 0, 100));
    assert_eq!(window(&listing, "st001", 0, 5_000, "").len(), 1_000);
}

#[test]
fn what_it_does_not_know_it_refuses_with_a_problem() {
    let listing = Listing::new(Shop::recorded());
    let more = "product-list-page/more-products?category=st001";
    for (rest, status, detail) in [
        ("search-result-page?types=PRODUCT&size=1&start=0", 400, "Unrecognized parameter: start"),
        (&format!("{more}&start=0&end=10&size=10"), 400, "Unrecognized parameter: size"),
        (&format!("{more}&start=0"), 400, "Missing parameter: end"),
        (&format!("{more}&start=0&end=ten"), 400, "Invalid value for parameter end: ten"),
        (&format!("{more}&start=0&end=10&sort=ID"), 400, "Invalid value for parameter sort: ID"),
        ("product-list-page?category=st001&size=1001", 400, "Invalid window"),
        ("product-list-page?category=xx999&size=1", 404, "Category not found: xx999"),
        (
            "meta-data/navigation/catalog-products-slim.json",
            404,
            "No such resource: /kr/ko/meta-data/navigation/catalog-products-slim.json",
        ),
    ] {
        let (found, problem) = get(&listing, rest);
        assert_eq!((found, &problem["status"], &problem["detail"]), (status, &json!(status), &json!(detail)));
        assert!(problem["title"].is_string());
    }
    assert_eq!(listing.answer("GET", "/xx/yy/product-list-page?category=st001", &[]).status, 404);
    assert_eq!(
        get(&listing, "product-list-page?category=fu003&size=0").0,
        200,
        "the sofas' other id answers"
    );
}

#[test]
fn the_websites_own_search_takes_a_window_in_its_body_and_wraps_products() {
    let listing = Listing::new(Shop::recorded());
    let post = |body: Value| {
        let answer = listing.answer(
            "POST",
            "https://any.example/kr/ko/search?c=listaf&v=20260903",
            body.to_string().as_bytes(),
        );
        (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap())
    };
    let input = json!({"input": "st001", "type": "CATEGORY"});
    let body = json!({"searchParameters": input, "window": {"offset": 20, "size": 5}, "sort": "NEWEST"});
    let (status, page) = post(body.clone());
    let items = page["results"][0]["items"].as_array().unwrap();
    assert_eq!((status, items.len(), &items[0]["type"]), (200, 5, &json!("PRODUCT")));
    let plain = window(&listing, "st001", 20, 25, "&sort=NEWEST");
    let products: Vec<Value> = items.iter().map(|item| item["product"].clone()).collect();
    assert_eq!(products, plain);
    let component =
        json!({"component": "PRIMARY_AREA", "window": {"offset": 20, "size": 5}, "sort": "NEWEST"});
    let nested = json!({"searchParameters": input, "components": [component]});
    assert_eq!(post(nested).1, page);
    assert_eq!(post(json!({"searchParameters": input})).0, 400);
    assert_eq!(get(&listing, "search?c=listaf").0, 405);
    assert_eq!(listing.count(Kind::Search), 4);
}

#[test]
fn every_kind_of_price_is_there_and_the_ledger_knows_what_everybody_pays() {
    let shop = Shop::recorded();
    let truth = shop.truth();
    let ledger = shop.ledger();
    let of = |fate: fn(&Fate) -> bool| truth.values().filter(|truth| fate(&truth.fate)).count() as u64;
    assert_eq!(truth.len() as u64, ledger.ids);
    assert_eq!(of(|fate| matches!(fate, Fate::Kept { .. })), ledger.kept);
    assert_eq!(of(|fate| *fate == Fate::NotSellable), ledger.not_sellable);
    assert_eq!(of(|fate| *fate == Fate::NoPriceForEverybody), ledger.no_price_for_everybody);
    assert!(ledger.not_sellable > 100 && ledger.no_price_for_everybody > 50 && ledger.restricted > 400);
    let listing = Listing::new(shop);
    let mut marks = BTreeSet::new();
    let mut previous = BTreeSet::new();
    for element in window(&listing, "st001", 0, 1_000, "&sort=NEWEST") {
        let price = &element["salesPrice"];
        let family = |value: &Value| value == "FAMILY_PRICE";
        let tags = price["tags"].as_array().is_some_and(|tags| tags.iter().any(family));
        let places = [
            ("tag", family(&price["tag"])),
            ("tags", tags),
            ("tagWithText", family(&price["tagWithText"]["tag"])),
            ("own tag", family(&element["tag"])),
            ("badge", element["badge"]["type"] == "IN_STORE_OFFER_ONLY"),
        ];
        let found: Vec<&str> = places.iter().filter(|place| place.1).map(|place| place.0).collect();
        assert_eq!(!found.is_empty(), truth[&id(&element)].restricted, "{element:#}");
        marks.insert(found);
        previous.insert(match &price["previous"] {
            Value::Object(parts) if parts["wholeNumber"].is_number() => "number in parts",
            Value::Object(_) => "parts",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            _ => "none",
        });
    }
    assert_eq!(marks.len(), 8, "{marks:?}");
    assert_eq!(previous.len(), 5, "{previous:?}");
}

#[test]
fn a_shop_of_a_million_takes_no_memory_and_a_small_one_keeps_its_departments() {
    let listing = Listing::new(Shop::sized(1_000_000));
    let departments = departments(&listing);
    assert_eq!((departments.len(), departments[0].1), (23, 217_202));
    let last = window(&listing, "st001", 217_200, 217_300, "&sort=NEWEST");
    assert_eq!(last.len(), 2);
    let small = Shop::of(&[("a", 25), ("b", 5)]);
    assert_eq!((small.ledger().products, small.ledger().elements), (30, 30));
    let other = Listing::new(small.clone().seeded(1));
    assert_ne!(
        window(&other, "a", 0, 9, "&sort=NEWEST"),
        window(&Listing::new(small), "a", 0, 9, "&sort=NEWEST")
    );
    assert_eq!(Shop::sized(300).departments.len(), 23);
}
