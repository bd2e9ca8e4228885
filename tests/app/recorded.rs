//! The whole shop as it was recorded, read as env.yaml says: 23 departments, 9,208 products, their variants and the marks
//! on their prices.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    house::House,
    support::{
        ListingDouble,
        listing::{Fate, Order, Shop, Trouble, Truth},
    },
};

/// A row of the feed, by column.
type Row = BTreeMap<String, String>;

/// The settings of the catalogue in env.yaml, with the API's calls below `base`.
fn settings(base: &str) -> Vec<(String, String)> {
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/env.yaml")).unwrap();
    let lines = file.lines().filter(|line| line.starts_with("CATALOG_"));
    let settings = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        let value = if name == "CATALOG_URL" { base } else { value.trim_matches('"') };
        (name.to_owned(), value.to_owned())
    });
    settings.collect()
}

fn rows(feed: &[u8]) -> BTreeMap<String, Row> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').quoting(false).from_reader(feed);
    let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| {
        let row: Row = columns.iter().cloned().zip(record.unwrap().iter().map(str::to_owned)).collect();
        (row["id"].clone(), row)
    });
    rows.collect()
}

/// The row says what is true of the product.
fn compare(row: &Row, truth: &Truth, price: u64, normal: Option<u64>) {
    let normal = normal.map(|n| n.to_string()).unwrap_or_default();
    assert_eq!((&row["price_pc"], &row["normal_price"]), (&price.to_string(), &normal), "{truth:?}");
    assert_eq!(row["price_mobile"], row["price_pc"]);
    assert_eq!(row["image_link"], truth.image);
    assert!(row["title"].contains(truth.type_name.as_deref().unwrap_or("")), "{} {truth:?}", row["title"]);
    let levels = (1..=4).map(|n| row[&format!("category_name{n}")].clone()).filter(|name| !name.is_empty());
    let levels: Vec<String> = levels.collect();
    assert!(truth.categories.contains(&levels), "{levels:?} {truth:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recorded_shop_is_published_whole_with_everybodys_prices() {
    let listing = ListingDouble::start(Shop::recorded()).await;
    listing.order(Order::always(Trouble::Content(60)));
    let settings = settings(&listing.url(""));
    assert!(settings.iter().any(|(name, value)| name == "CATALOG_PRESET" && value == "ikea:kr/ko"));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let house = House::with(&settings).await;
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    let report = &answer.body["report"];
    assert_eq!((&report["warnings"], &report["publication"]["state"]), (&json!([]), &json!("published")));
    let content: u64 = listing.shop.departments.iter().map(|department| department.size / 59).sum();
    let remark = json!([{"remark": "no_products", "elements": content, "kinds": ["CONTENT"]}]);
    assert_eq!(report["remarks"], remark);

    let ledger = listing.shop.ledger();
    let funnel = &answer.body["report"]["funnel"];
    assert_eq!(
        *funnel,
        json!({
            "fetched": ledger.objects,
            "kept": ledger.kept,
            "skipped": {"not_sellable": ledger.not_sellable, "restricted_price": ledger.no_price_for_everybody},
            "broken": {},
            "duplicates": ledger.repeats(),
        })
    );
    let rows = rows(&house.public().await.unwrap());
    assert_eq!(rows.len() as u64, ledger.kept);
    for truth in listing.shop.truth().into_values() {
        match (truth.fate, rows.get(&truth.id)) {
            (Fate::Kept { price, normal }, Some(row)) => compare(row, &truth, price, normal),
            (Fate::Kept { .. }, None) => panic!("{truth:?} is not in the feed"),
            (Fate::NotSellable | Fate::NoPriceForEverybody, row) => assert_eq!(row, None, "{truth:?}"),
        }
    }
    let again = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    let diff = &again.body["report"]["diff"];
    assert_eq!((&again.body["status"], &diff["unchanged"]), (&json!("ok"), &json!(ledger.kept)), "{diff}");
    let checked = house.tick("verify-ep", "2026-10-06T08:50:00Z").await;
    assert_eq!((checked.status, &checked.body["status"]), (200, &json!("ok")), "{:#}", checked.body);
    assert_eq!(checked.body["report"]["rows"], Value::from(ledger.kept));
}
