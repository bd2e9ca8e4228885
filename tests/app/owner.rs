//! Two services on one state place: neither takes the other's runs for its own, nor stands in its way.

use serde_json::{Value, json};

use crate::{
    gate::build,
    house::{Answer, House, STATE_BUCKET},
};

const NIGHT: &str = "2026-10-05T15:05:00Z";
const AFTERNOON: &str = "2026-10-06T06:00:00Z";
const HERE: &str = "s3://feeds/ep/ikea_ep.tsv";

/// A service of another shop whose state somebody put where `first` keeps its own.
async fn beside(first: &House, settings: &[(&str, &str)]) -> House {
    let gcs = first.gcs.url();
    let usual = [("GCS_ENDPOINT", gcs.as_str()), ("FEED_KEY", "other_ep.tsv")];
    House::with(&[&usual, settings].concat()).await
}

fn is_refused(answer: &Answer, owner: &str) {
    let detail = answer.body["detail"].as_str().unwrap_or_else(|| panic!("{:#}", answer.body));
    assert!(answer.status >= 500 && answer.body["retryable"] == json!(false), "{:#}", answer.body);
    assert!(!answer.headers.contains_key("idempotency-replayed"));
    for part in [owner, "STATE_URL", "STATE_ADOPT_FROM"] {
        assert!(detail.contains(part), "{part} in {detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_anothers_state_answers_none_of_its_ticks_and_disturbs_none() {
    let first = House::start().await;
    assert_eq!(first.tick("export-products", NIGHT).await.body["status"], "ok");
    let (published, names) = (first.record("published.json"), first.gcs.names(STATE_BUCKET));
    let other = beside(&first, &[]).await;
    // The same tick, one of a time that is nobody's yet, and what only looks.
    is_refused(&other.tick("export-products", NIGHT).await, HERE);
    is_refused(&other.tick("export-products", AFTERNOON).await, HERE);
    is_refused(&other.tick("create-thread", "2026-10-06T15:00:00Z").await, HERE);
    for route in ["create-thread", "export-products", "verify-ep"] {
        let answer = other.call(&format!("{route}?dry_run=true")).await;
        let refusal = answer.body.to_string();
        assert!(refusal.contains(HERE) && refusal.contains("STATE_ADOPT_FROM"), "{route}: {refusal}");
    }
    assert!(other.slack.parents().is_empty());
    assert_eq!((first.record("published.json"), first.gcs.names(STATE_BUCKET)), (published, names));
    let answer = first.tick("export-products", AFTERNOON).await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_turned_away_before_anything_was_published_leaves_nothing_in_the_way() {
    let first = House::start().await;
    assert_eq!(first.tick("create-thread", "2026-10-05T15:00:00Z").await.status, 200);
    let names = first.gcs.names(STATE_BUCKET);
    let other = beside(&first, &[]).await;
    // The same day's runs, and one of a day of which nothing is recorded.
    for (route, at) in [
        ("export-products", NIGHT),
        ("verify-ep", "2026-10-05T15:50:00Z"),
        ("export-products", "2026-10-06T15:05:00Z"),
    ] {
        is_refused(&other.tick(route, at).await, HERE);
    }
    assert_eq!(first.gcs.names(STATE_BUCKET), names);
    let answer = first.tick("export-products", NIGHT).await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_moved_takes_its_history_along_once_it_is_told_where_it_was() {
    let first = House::start().await;
    let built = build(&first.tick("export-products", NIGHT).await);
    let moved = beside(&first, &[("STATE_ADOPT_FROM", HERE)]).await;
    let replayed = moved.tick("export-products", NIGHT).await;
    assert_eq!((build(&replayed), replayed.status), (built.clone(), 200), "it is the same service's run");
    let answer = moved.tick("export-products", AFTERNOON).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    assert_eq!(answer.body["report"]["build_before"], json!(built));
    let record = moved_record(&first);
    assert_eq!(record["owner"], "s3://feeds/ep/other_ep.tsv");
    assert_eq!(record["history"].as_array().unwrap().len(), 2);
    // Who stayed behind is told that the feed is gone.
    is_refused(&first.tick("export-products", "2026-10-06T15:05:00Z").await, "s3://feeds/ep/other_ep.tsv");
}

fn moved_record(first: &House) -> Value {
    first.record("published.json").unwrap()
}
