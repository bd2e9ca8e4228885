//! Departments of the shop, from the export's answer and its message.

use std::sync::{Arc, Mutex};

use axum::{Router, http::Uri, response::Redirect};
use serde_json::{Value, json};

use crate::{
    house::{Answer, House},
    support::{
        ListingDouble,
        listing::{Kind, Order, Shop, Trouble},
    },
};

const NIGHT: &str = "2026-10-05T15:05:00Z";

async fn house(listing: &ListingDouble) -> House {
    let base = listing.url("");
    let settings = [("CATALOG_PRESET", "ikea:kr/ko"), ("CATALOG_URL", &*base), ("CATALOG_ITEMS", "")];
    House::with(&settings).await
}

fn kinds<'a>(answer: &'a Answer, list: &str, tag: &str) -> Vec<&'a str> {
    let found = answer.body["report"].pointer(list).and_then(Value::as_array);
    found.into_iter().flatten().map(|one| one[tag].as_str().unwrap()).collect()
}

fn warnings(answer: &Answer) -> Vec<&str> {
    kinds(answer, "/warnings", "warning")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_that_lost_everything_is_told_and_held_where_it_was_much() {
    let listing = ListingDouble::start(Shop::of(&[("st001", 300), ("pt001", 9)])).await;
    let house = house(&listing).await;
    // 9 of 309 elements, gone once they were read.
    listing.order(Order::once(Trouble::Shrink(9)).of("pt001").on(Kind::More).at(0));
    let answer = house.tick("export-products", NIGHT).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    let record = house.record("published.json").unwrap();
    let departments = &record["history"][0]["departments"];
    assert_eq!(
        departments[1],
        json!({"id": "st001", "name": "st001 부서", "says": 300, "gave": 300, "listed": true})
    );

    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(answer.body["report"]["publication"]["state"], "published", "{:#}", answer.body);
    assert_eq!(warnings(&answer), ["departments_empty"]);
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("`pt001 부서 (pt001)` (상품 9개, 전체의 2.91%, 보류 기준 5%)"), "{told}");
    // That is how it is now.
    listing.order(Order::once(Trouble::Shrink(300)).of("st001").on(Kind::More).at(0));
    let answer = house.tick("export-products", "2026-10-06T07:00:00Z").await;
    assert_eq!((warnings(&answer), &answer.body["status"]), (vec![], &json!("ok")), "{:#}", answer.body);
    assert_eq!(kinds(&answer, "/remarks", "remark"), ["empty_category"]);

    let answer = house.tick("export-products", "2026-10-06T08:00:00Z").await;
    let reasons = kinds(&answer, "/publication/reasons", "reason");
    assert!(reasons.contains(&"departments_empty"), "{reasons:?}");
}

/// Leads to whichever shop it is set to.
async fn door(shop: Arc<Mutex<String>>) -> String {
    let lead = move |uri: Uri| {
        let to = format!("{}{}", shop.lock().unwrap().trim_end_matches('/'), uri.path_and_query().unwrap());
        async move { Redirect::temporary(&to) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(lead)).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_whose_products_stand_in_a_new_one_has_lost_nothing() {
    let before = ListingDouble::start(Shop::of(&[("st001", 300), ("pt001", 100)])).await;
    let renamed = ListingDouble::start(Shop::of(&[("st001", 300), ("new01", 100)])).await;
    let without = ListingDouble::start(Shop::of(&[("st001", 300)])).await;
    let shop = Arc::new(Mutex::new(before.url("")));
    let base = door(Arc::clone(&shop)).await;
    let house =
        House::with(&[("CATALOG_PRESET", "ikea:kr/ko"), ("CATALOG_URL", &*base), ("CATALOG_ITEMS", "")])
            .await;
    let first = house.tick("export-products", NIGHT).await;
    assert_eq!(first.body["status"], "ok", "{:#}", first.body);
    *shop.lock().unwrap() = renamed.url("");
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((warnings(&answer), &answer.body["status"]), (vec![], &json!("ok")), "{:#}", answer.body);
    let told = kinds(&answer, "/remarks", "remark");
    assert!(told.contains(&"new_departments"), "{told:?}");
    assert_eq!(answer.body["report"]["funnel"]["kept"], first.body["report"]["funnel"]["kept"]);
    *shop.lock().unwrap() = without.url("");
    let answer = house.tick("export-products", "2026-10-06T07:00:00Z").await;
    let reasons = kinds(&answer, "/publication/reasons", "reason");
    assert!(reasons.contains(&"departments_empty"), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_list_the_last_one_stands_in_and_new_departments_are_told() {
    let listing = ListingDouble::start(Shop::of(&[("st001", 100), ("pt001", 9), ("new01", 20)])).await;
    let house = house(&listing).await;
    listing.order(Order::once(Trouble::Status(404)).on(Kind::List));
    let answer = house.tick("export-products", NIGHT).await;
    assert_eq!((warnings(&answer), &answer.body["status"]), (vec!["departments_not_read"], &json!("warn")));
    assert_eq!(answer.body["report"]["warnings"][0]["by"], "preset");

    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((warnings(&answer), &answer.body["status"]), (vec![], &json!("ok")), "{:#}", answer.body);
    let remarks = &answer.body["report"]["remarks"];
    let new = json!({"remark": "new_departments", "departments": [{"id": "new01", "name": "new01 부서"}], "more": 0});
    assert_eq!(*remarks, json!([new]));
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("새 카테고리: `new01 부서 (new01)`"), "{told}");

    listing.order(Order::once(Trouble::Html).on(Kind::List));
    let answer = house.tick("export-products", "2026-10-06T07:00:00Z").await;
    assert_eq!(warnings(&answer), ["departments_not_read"]);
    assert_eq!(answer.body["report"]["rows_before"], answer.body["report"]["funnel"]["kept"]);
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("마지막으로 읽은 목록(3개)") && told.contains("an HTML or XML page"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_holds_from_one_percent_on_and_names_the_department() {
    let listing = ListingDouble::start(Shop::of(&[("st001", 1_900), ("pt001", 9)])).await;
    let house = house(&listing).await;
    listing.order(Order::always(Trouble::EmptyWindow).of("pt001"));
    let answer = house.tick("export-products", NIGHT).await;
    assert_eq!(answer.body["report"]["publication"]["state"], "published", "{:#}", answer.body);
    assert_eq!(warnings(&answer), ["source_incomplete"]);
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("1,909개 가운데 9개(0.47%)") && told.contains("`pt001 부서 (pt001)`"), "{told}");

    // A server that gives the first thousand of what it says it has.
    listing.order(Order::always(Trouble::EmptyWindow).of("st001").at(1_000));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(answer.body["status"], "held", "{:#}", answer.body);
    let reason = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!(
        (&reason["reason"], &reason["expected"], &reason["found"]),
        (&json!("source_incomplete"), &json!(1909), &json!(1000))
    );
    let named: Vec<_> =
        reason["departments"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(named, ["st001", "pt001"], "the one that most is missing of first");
}
