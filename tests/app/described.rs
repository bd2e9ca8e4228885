//! A source whose description was changed since the published build was made.

use serde_json::json;

use crate::{
    gate::reasons,
    house::{Answer, House},
};

const NIGHT: &str = "2026-10-05T15:05:00Z";

/// The same service, started anew with another map.
async fn mapped(first: &House, map: &str) -> House {
    let (gcs, s3, slack, feed) =
        (first.gcs.url(), first.s3.url(), first.slack.url(), first.cdn.url("ikea_ep.tsv"));
    House::with(&[
        ("GCS_ENDPOINT", &gcs),
        ("AWS_ENDPOINT_URL", &s3),
        ("SLACK_API_URL", &slack),
        ("FEED_URL", &feed),
        ("CATALOG_PRESET", "ikea:kr/ko"),
        ("CATALOG_MAP", map),
    ])
    .await
}

/// What the newest message says of a changed map, and which line of it that is.
fn told(first: &House) -> Option<(usize, String)> {
    let text = first.reports().pop().unwrap().text;
    let mut lines = text.lines().enumerate();
    lines.find(|(_, line)| line.contains("카탈로그를 읽는 설정")).map(|(nth, line)| (nth, line.to_owned()))
}

fn map(answer: &Answer) -> String {
    answer.body["report"]["map"].as_str().unwrap_or_else(|| panic!("{:#}", answer.body)).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_map_is_named_where_it_holds_the_build_and_once_where_it_does_not() {
    let first = House::with(&[("CATALOG_PRESET", "ikea:kr/ko")]).await;
    let before = map(&first.tick("export-products", NIGHT).await);
    assert_eq!((before.len(), told(&first)), (16, None), "the first one");

    let harmless = mapped(&first, r#"{"product": {"rating_count": "/ratings"}}"#).await;
    let answer = harmless.tick("export-products", "2026-10-05T16:05:00Z").await;
    assert_eq!(answer.body["report"]["publication"]["state"], "published", "{:#}", answer.body);
    let published = map(&answer);
    assert_eq!(answer.body["report"]["map_changed"], json!({"before": before, "now": published}));
    assert!(told(&first).unwrap().1.starts_with("ℹ️"), "{:?}", told(&first));
    harmless.tick("export-products", "2026-10-05T17:05:00Z").await;
    assert_eq!(told(&first), None, "that is the published one's now");

    let wrong = mapped(&first, r#"{"about": "x", "product": {"price": "/cost"}}"#).await;
    let answer = wrong.tick("export-products", "2026-10-05T18:05:00Z").await;
    assert_eq!((answer.status, reasons(&answer)), (200, vec!["no_rows"]), "{:#}", answer.body);
    let now = map(&answer);
    let (line, said) = told(&first).unwrap();
    assert!(said.contains(&format!("(`{published}` → `{now}`)")) && said.contains("원인일 가능성"), "{said}");
    let text = first.reports().pop().unwrap().text;
    let found = text.lines().position(|line| line.contains("하나도 없습니다")).unwrap();
    assert_eq!(line, found + 1, "right below what was found: {text}");
    let history = &first.record("published.json").unwrap()["history"];
    assert_eq!((&history[0]["map"], &history[1]["map"]), (&json!(now), &json!(published)));
}
