//! What becomes of a catalogue with every kind of defect.

use std::collections::HashSet;

use auto_ep::sample::{self, Sample};
use serde_json::json;

use crate::house::{FEED_BUCKET, House};

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_products_with_every_defect_are_counted_exactly() {
    counted(Sample { products: 10_000, seed: 3, dirty: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_compiled_in_catalogue_is_counted_exactly() {
    let sample = Sample { products: 400, seed: 1, dirty: true };
    let mut document = Vec::new();
    sample.write(&mut document).unwrap();
    assert!(document == sample::embedded(), "it is another one");
    counted(sample).await;
}

/// What was planted is what is reported, and what is in the files.
async fn counted(sample: Sample) {
    let house = House::start().await;
    let mut document = Vec::new();
    let planted = sample.write(&mut document).unwrap();
    house.catalogue.serve(200, document);
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    let report = &answer.body["report"];
    assert_eq!(
        report["funnel"],
        json!({
            "fetched": planted.fetched,
            "kept": planted.kept,
            "skipped": planted.skipped,
            "broken": planted.broken,
            "duplicates": planted.duplicates,
        })
    );
    assert!(planted.broken.len() >= 10 && planted.skipped.len() >= 4, "every kind is planted");
    // The address hides the file's name, so that no word of the source's own is told.
    let others = json!({"remark": "no_products", "elements": planted.others, "kinds": ["***"]});
    assert!(report["remarks"].as_array().unwrap().contains(&others), "{:#}", report["remarks"]);

    // A strict reader: no quoting, the same number of fields in each row.
    let file = house.public().await.unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .flexible(false)
        .from_reader(file.as_slice());
    let columns = reader.headers().unwrap().len();
    let mut ids = HashSet::new();
    for row in reader.records() {
        let row = row.unwrap();
        assert_eq!(row.len(), columns);
        assert!(ids.insert(row[0].to_owned()), "{} twice", &row[0]);
    }
    assert_eq!(ids.len() as u64, planted.kept);
    assert_eq!(file.iter().filter(|b| **b == b'\n').count() as u64, planted.kept + 1);

    // Each id that is not in the feed is in the other file, once, and no other one is.
    let build = report["build"].as_str().unwrap();
    let excluded = house.s3.object(FEED_BUCKET, &format!("ep/builds/{build}.excluded.tsv")).await.unwrap();
    let excluded = String::from_utf8(excluded.bytes.to_vec()).unwrap();
    let lines = excluded.lines().skip(1).count() as u64;
    assert_eq!(lines, planted.fetched - planted.kept - planted.duplicates);
    let named: Vec<_> = excluded.lines().skip(1).map(|line| line.split('\t').next().unwrap()).collect();
    let named: Vec<_> = named.into_iter().filter(|id| !id.is_empty()).collect();
    assert!(named.iter().all(|id| !ids.contains(*id)));
    assert_eq!(named.iter().collect::<HashSet<_>>().len(), named.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cap_leaves_the_rest_out_and_says_so() {
    let house = House::with(&[("EP_MAX_ROWS", "25")]).await;
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let funnel = &answer.body["report"]["funnel"];
    assert_eq!((&funnel["kept"], &funnel["skipped"]["over_cap"]), (&json!(25), &json!(19)));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_products_are_held_and_the_published_feed_stays() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let before = house.public().await;
    house.catalogue.serve(200, r#"{"moreProducts": {"productWindow": []}}"#);
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("held")));
    assert_eq!(house.public().await, before);
    let told = house.reports().pop().unwrap();
    assert!(told.text.contains("보류") && told.broadcast, "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_currency_is_held() {
    let house = House::start().await;
    let foreign = String::from_utf8(crate::house::sample(40)).unwrap().replacen("\"KRW\"", "\"SEK\"", 1);
    house.catalogue.serve(200, foreign);
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!(answer.body["status"], "held", "{:#}", answer.body);
    let reason = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!((&reason["reason"], &reason["found"]), (&json!("foreign_currency"), &json!("SEK")));
    assert_eq!(house.public().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_gives_less_than_it_says_is_held() {
    let house = House::with(&[("CATALOG_TOTAL", "/total")]).await;
    let mut document = String::from_utf8(crate::house::sample(40)).unwrap();
    document.replace_range(0..1, r#"{"total": 41, "#);
    house.catalogue.serve(200, document);
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let reason = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!(
        *reason,
        json!({"reason": "source_incomplete", "expected": 41, "found": 40}),
        "{:#}",
        answer.body
    );
}
