//! A source that changes its shape on the way, at an address that hides nothing.

use serde_json::{Value, json};

use crate::{
    gate::reasons,
    house::{Catalogue, House, sample},
};

const NIGHT: &str = "2026-10-05T15:05:00Z";

/// Products that call their price otherwise, by their number.
fn called_otherwise(products: usize, otherwise: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&sample(products)).unwrap();
    let listed = document["moreProducts"]["productWindow"].as_array_mut().unwrap();
    for (_, element) in listed.iter_mut().enumerate().filter(|(n, _)| otherwise(*n)) {
        let product = element.as_object_mut().unwrap();
        let price = product.remove("salesPrice").unwrap();
        product.insert("preis".to_owned(), price);
    }
    serde_json::to_vec(&document).unwrap()
}

/// At an address that hides nothing, so that words of the source may be told.
async fn open_house() -> (House, Catalogue) {
    let catalogue = Catalogue::of(sample(400));
    let url = catalogue.start().await.replace("catalogue.json", "");
    (House::with(&[("CATALOG_URL", &url)]).await, catalogue)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_changes_its_shape_on_the_way_is_held_with_the_keys_that_changed() {
    let (house, catalogue) = open_house().await;
    assert_eq!(house.tick("export-products", NIGHT).await.body["status"], "ok");
    let before = house.public().await;
    catalogue.serve(200, called_otherwise(400, |n| n >= 200));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("held")), "{:#}", answer.body);
    assert_eq!(reasons(&answer), ["shape_changed", "shrink"]);
    let found = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!((&found["products"], &found["first"]), (&json!(200), &json!(201)), "{found:#}");
    assert_eq!(found["gone"][0], "/salesPrice/numeral");
    assert_eq!(found["new"][0], "/preis/numeral", "{found:#}");
    assert_eq!(house.public().await, before);
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("201번째 상품부터 200개") && told.contains("새 항목: `/preis/numeral`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_first_build_too_and_a_little_of_it_is_told() {
    let (house, catalogue) = open_house().await;
    catalogue.serve(200, called_otherwise(600, |n| (100..124).contains(&n)));
    let answer = house.tick("export-products", NIGHT).await;
    let warnings = &answer.body["report"]["warnings"];
    assert_eq!((&warnings[0]["warning"], &warnings[0]["products"]), (&json!("shape_changed"), &json!(24)));
    assert!(house.public().await.is_some(), "{:#}", answer.body);

    let (house, catalogue) = open_house().await;
    catalogue.serve(200, called_otherwise(400, |n| n >= 200));
    assert_eq!(reasons(&house.tick("export-products", NIGHT).await), ["shape_changed"]);
    assert_eq!(house.public().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn products_without_a_price_here_and_there_are_what_shops_have() {
    let (house, catalogue) = open_house().await;
    catalogue.serve(200, called_otherwise(400, |n| n % 10 == 3));
    let answer = house.tick("export-products", NIGHT).await;
    assert_eq!((&answer.body["status"], reasons(&answer)), (&json!("ok"), vec![]), "{:#}", answer.body);
}
