//! What a caller is told of a wrong request, and what a dry run leaves behind.

use serde_json::json;

use crate::house::{House, STATE_BUCKET};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_preview_runs_nothing() {
    let house = House::start().await;
    for route in ["create-thread", "export-products", "verify-ep"] {
        let answer = house.send(house.http.get(format!("{}/{route}", house.base))).await;
        assert_eq!((answer.status, &answer.headers["allow"]), (405, &"POST".parse().unwrap()));
        assert!(answer.body["detail"].as_str().unwrap().contains("POST"), "{:#}", answer.body);
    }
    assert!(house.gcs.names(STATE_BUCKET).is_empty() && house.slack.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_refused_with_what_is_wrong() {
    let house = House::start().await;
    let big = "x".repeat(70_000);
    let cases = [
        ("verify-ep?dryrun=true", "", 400, "unknown option \"dryrun\"; known are dry_run"),
        ("verify-ep", "{\"dry_run\": ", 400, "the body is no JSON"),
        ("verify-ep", "{\"build\": \"x\"}", 400, "option \"build\" is for export-products alone"),
        ("verify-ep", &big, 413, "65536 bytes"),
        ("verify", "", 404, "POST /verify-ep"),
    ];
    for (route, body, status, part) in cases {
        let answer = house.send(house.request(route).body(body.to_owned())).await;
        assert_eq!(answer.status, status, "{:#}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{:#}", answer.body);
        assert_eq!(answer.body["retryable"], false);
    }
    assert!(house.gcs.names(STATE_BUCKET).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repeated_of_a_path_is_short() {
    let house = House::start().await;
    let long = "x".repeat(8_000);
    let odd = reqwest::Method::from_bytes(long.as_bytes()).unwrap();
    for (method, route) in
        [(reqwest::Method::POST, long.as_str()), (reqwest::Method::GET, long.as_str()), (odd, "verify-ep")]
    {
        let answer = house.send(house.http.request(method, format!("{}/{route}", house.base))).await;
        assert!([404, 405].contains(&answer.status), "{:#}", answer.body);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(&"x".repeat(79)) && detail.len() < 300, "{}", detail.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_web_page_makes_a_browser_run_a_step() {
    let house = House::start().await;
    for (header, value) in [
        ("origin", "https://elsewhere.example"),
        ("origin", "null"),
        ("origin", house.base.as_str()),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-origin"),
    ] {
        for route in ["create-thread", "export-products?dry_run=true", "verify-ep"] {
            let answer = house.send(house.request(route).header(header, value)).await;
            assert_eq!((answer.status, &answer.body["retryable"]), (403, &json!(false)), "{header}: {value}");
        }
    }
    assert!(house.gcs.names(STATE_BUCKET).is_empty() && house.slack.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let house = House::start().await;
    let slow = futures_util::stream::once(async {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        Ok::<_, std::io::Error>("{}")
    });
    let begun = std::time::Instant::now();
    let answer = house.send(house.request("verify-ep").body(reqwest::Body::wrap_stream(slow))).await;
    assert_eq!((answer.status, begun.elapsed().as_secs() < 20), (408, true), "{:#}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["connection"], "close");
    assert!(house.gcs.names(STATE_BUCKET).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn health_answers_from_memory() {
    let house = House::start().await;
    house.gcs.delete_bucket(STATE_BUCKET);
    let answer = house.send(house.http.get(format!("{}/health", house.base))).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_everything_and_leaves_nothing() {
    let house = House::start().await;
    for (route, messages) in [("create-thread", 2), ("export-products", 1), ("verify-ep", 1)] {
        let answer = house.call(&format!("{route}?dry_run=true")).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(answer.body["messages"].as_array().unwrap().len(), messages);
        assert_eq!(answer.body["thread"], json!(null));
    }
    let answer = house.send(house.request("export-products").body(r#"{"dry_run": true}"#)).await;
    assert_eq!(answer.body["report"]["publication"]["state"], "dry_run");
    assert_eq!(answer.body["report"]["funnel"]["kept"], 44);
    assert!(house.gcs.names(STATE_BUCKET).is_empty());
    assert!(house.slack.messages().is_empty());
    assert!(house.s3.keys(crate::house::FEED_BUCKET).is_empty());
    assert!(house.cloudfront.invalidations().is_empty());
}
