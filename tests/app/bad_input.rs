//! Whatever is wrong outside: the right status, one clear sentence, also in the thread where there can be one, and
//! the published feed as it was.

use std::time::Duration;

use serde_json::json;

use crate::{
    house::{FEED_BUCKET, House, STATE_BUCKET, sample},
    support::Fault,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_cannot_be_read_leaves_the_feed_alone_and_is_told() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let before = house.public().await.unwrap();
    let whole = sample(40);
    let cases: Vec<(u16, Vec<u8>, &str)> = vec![
        (200, b"<!doctype html><title>Sorry</title>".to_vec(), "HTML"),
        (200, b"".to_vec(), "empty"),
        (404, b"gone".to_vec(), "404"),
        (403, b"no".to_vec(), "403"),
        (200, br#"{"moreProducts": {"products": []}}"#.to_vec(), "productWindow"),
        (200, br#"{"moreProducts": {"productWindow": {"a": 1}}}"#.to_vec(), "object"),
        (200, b"{\"a\": \xff\xfe}".to_vec(), "JSON"),
        (200, b"\xff\xfe{\0}\0".to_vec(), "UTF-16"),
        (200, not_utf8(&whole), "40 of 40 products are not UTF-8"),
        (200, "[".repeat(100).into_bytes(), "inside each other"),
        (200, [whole.as_slice(), b"trailing"].concat(), "expected the end"),
    ];
    for (i, (status, body, part)) in cases.into_iter().enumerate() {
        house.catalogue.serve(status, body);
        let answer = house.tick("export-products", &format!("2026-10-06T06:{i:02}:00Z")).await;
        assert_eq!(answer.status, 502, "{part}: {:#}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.to_lowercase().contains(&part.to_lowercase()), "{part}: {detail}");
        assert!(detail.contains("/***.json"), "{detail}");
        let told = house.reports().pop().unwrap();
        assert!(told.text.starts_with('❌') && told.text.contains("그대로"), "{}", told.text);
        assert_eq!(house.public().await.unwrap(), before, "{part}");
    }
    assert!(house.s3.unfinished_uploads().is_empty());
    assert_eq!(house.s3.keys(FEED_BUCKET).iter().filter(|key| key.contains("builds/")).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_named() {
    let house = House::start().await;
    house.s3.delete_bucket(FEED_BUCKET);
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(false)), "{:#}", answer.body);
    assert!(answer.body["detail"].as_str().unwrap().contains(FEED_BUCKET));
    assert!(house.reports().pop().unwrap().text.starts_with('❌'));

    let house = House::start().await;
    house.gcs.delete_bucket(STATE_BUCKET);
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(false)), "{:#}", answer.body);
    assert!(answer.body["detail"].as_str().unwrap().contains(STATE_BUCKET));
    assert!(house.slack.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_leaves_the_feed_alone_until_it_is_mended() {
    for thread_is_open in [false, true] {
        let house = House::start().await;
        if thread_is_open {
            house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        }
        house.slack.refuse_all(Some("token_revoked"));
        let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
        assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(false)), "{:#}", answer.body);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains("token_revoked") && detail.contains("SLACK_BOT_TOKEN"), "{detail}");
        assert_eq!(house.public().await, None, "nobody can be told, so nothing is published");

        // With a new token the next delivery of the tick does it.
        house.slack.refuse_all(None);
        let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
        assert_eq!(house.reports().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_out_of_order_for_a_while_does_not_keep_the_feed_back() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.slack.refuse_all(Some("fatal_error"));
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(true)), "{:#}", answer.body);
    let published = house.public().await.expect("the feed is out");

    // The next delivery of the tick tells it, without another build.
    house.slack.refuse_all(None);
    assert_eq!(house.tick("export-products", "2026-10-05T15:05:00Z").await.status, 200);
    assert_eq!(house.public().await.unwrap(), published);
    assert_eq!(house.s3.keys(FEED_BUCKET).iter().filter(|key| key.contains("builds/")).count(), 2);
    assert_eq!(house.reports().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_url_that_serves_another_file_fails_the_verification() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let header = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping";
    house.cdn.serve(format!("{header}\n1\tA\t0\tx\ty\tc\t0\n").as_bytes(), "text/plain; charset=utf-8");
    let answer = house.tick("verify-ep", "2026-10-05T15:50:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("fail")));
    let identical = check(&answer.body, "identical");
    assert_eq!(
        (&identical["status"], &identical["problems"][0]["kind"]),
        (&json!("fail"), &json!("foreign_file"))
    );
    let formats = check(&answer.body, "formats");
    let examples: Vec<_> =
        formats["problems"].as_array().unwrap().iter().map(|p| p["examples"][0].clone()).collect();
    assert!(
        examples.contains(&json!({"row": 2, "id": "1", "column": "price_pc", "value": "0", "rule": "zero"}))
    );
    assert_eq!(answer.body["report"]["checks"].as_array().unwrap().len(), 13, "all checks ran");
    let told = house.reports().pop().unwrap();
    assert!(told.text.starts_with('❌') && told.text.contains("price_pc"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_public_url_is_a_verdict() {
    let house = House::with(&[("VERIFY_TIMEOUT", "5s")]).await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let cases = [
        (Fault::Status(404), "bad_status"),
        (Fault::Reset, "no_answer"),
        (Fault::Hang(Duration::from_secs(15)), "too_slow"),
        (Fault::CutOff, "cut_off"),
    ];
    for (i, (fault, kind)) in cases.into_iter().enumerate() {
        let before = house.cdn.server.count("GET");
        house.cdn.fail_next(1, fault);
        let answer = house.tick("verify-ep", &format!("2026-10-05T15:5{i}:00Z")).await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("fail")), "{kind}");
        let problems = check(&answer.body, "reachable")["problems"].to_string();
        assert!(problems.contains(kind), "{kind}: {problems}");
        assert_eq!(house.cdn.server.count("GET"), before + 1, "{kind}: a verification asks once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_of_before_is_told_from_a_foreign_file() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    house.cdn.freeze("ikea_ep.tsv").await;
    house.catalogue.serve(200, sample(39));
    house.tick("export-products", "2026-10-06T06:00:00Z").await;
    let answer = house.tick("verify-ep", "2026-10-06T08:50:00Z").await;
    let identical = check(&answer.body, "identical");
    assert_eq!(identical["problems"][0]["kind"], "older_build", "{:#}", answer.body);
    assert_eq!(check(&answer.body, "fresh")["problems"][0]["kind"], "stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_was_held_is_named_as_why_the_feed_is_old() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    house.catalogue.serve(200, r#"{"moreProducts": {"productWindow": []}}"#);
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(answer.body["status"], "held", "{:#}", answer.body);
    let answer = house.tick("verify-ep", "2026-10-06T08:50:00Z").await;
    assert_eq!(answer.body["status"], "warn", "{:#}", answer.body);
    let fresh = check(&answer.body, "fresh");
    assert_eq!(
        fresh["problems"],
        json!([{"kind": "held_back", "count": 1, "examples": [{"value": "10-06 15:00 export-products"}]}])
    );
    assert_eq!(check(&answer.body, "identical")["status"], "pass", "readers get what is published");
    let told = house.reports().pop().unwrap();
    assert!(told.text.contains("공개 보류"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_images_of_a_sample_are_opened() {
    let house = House::with(&[("VERIFY_ALIVE_SAMPLE", "2"), ("VERIFY_WARN_ONLY", "identical")]).await;
    let header = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping\n";
    let shop = house.catalogue_url.trim_end_matches("/catalogue.json");
    house.cdn.serve(
        format!("{header}1\tA\t9900\t{shop}/p/1\t{shop}/1.jpg\tc\t0\n").as_bytes(),
        "text/plain; charset=utf-8",
    );
    house.catalogue.serve(200, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\xf4\0\0\x01\xf4\x08\x02\0\0\0");
    let answer = house.tick("verify-ep", "2026-10-05T15:50:00Z").await;
    let alive = check(&answer.body, "alive");
    assert_eq!((&alive["status"], &alive["measured"]), (&json!("pass"), &json!("2/2")), "{alive:#}");
    house.catalogue.serve(404, "gone");
    let answer = house.tick("verify-ep", "2026-10-06T00:50:00Z").await;
    let alive = check(&answer.body, "alive");
    assert_eq!((&alive["status"], &alive["measured"]), (&json!("fail"), &json!("0/2")), "{alive:#}");
    let kinds: Vec<_> = alive["problems"].as_array().unwrap().iter().map(|p| p["kind"].clone()).collect();
    assert_eq!(kinds, ["dead_page", "dead_image", "mostly_dead"]);
}

/// A page that says this price of its product in JSON-LD, and an image where an image is asked for.
async fn pages_that_say(price: u64) -> String {
    let page = move |uri: axum::http::Uri| async move {
        let product = json!({"@type": "Product", "sku": "1", "offers": {"@type": "Offer", "price": price,
            "priceCurrency": "KRW", "availability": "https://schema.org/InStock"}});
        let html = format!("<!doctype html><script type=\"application/ld+json\">{product}</script>");
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\xf4\0\0\x01\xf4\x08\x02\0\0\0".to_vec();
        match uri.path().ends_with(".png") {
            true => ([("content-type", "image/png")], png),
            false => ([("content-type", "text/html")], html.into_bytes()),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(page)).await.unwrap() });
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_says_another_price_is_warned_of_unless_nobody_wants_to_know() {
    for (said, settings, status, kinds) in [
        (79_900, [("VERIFY_ALIVE_SAMPLE", "2"), ("VERIFY_WARN_ONLY", "identical")], "pass", json!([])),
        (
            89_900,
            [("VERIFY_ALIVE_SAMPLE", "2"), ("VERIFY_WARN_ONLY", "identical")],
            "warn",
            json!(["page_price"]),
        ),
        (89_900, [("VERIFY_ALIVE_SAMPLE", "2"), ("VERIFY_WARN_ONLY", "identical,alive")], "pass", json!([])),
        (89_900, [("VERIFY_ALIVE_SAMPLE", "0"), ("VERIFY_WARN_ONLY", "identical")], "pass", json!([])),
    ] {
        let (house, shop) = (House::with(&settings).await, pages_that_say(said).await);
        let header = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping\n";
        let feed = format!("{header}1\tA\t79900\t{shop}/p/1\t{shop}/1.png\tc\t0\n");
        house.cdn.serve(feed.as_bytes(), "text/plain; charset=utf-8");
        let answer = house.tick("verify-ep", "2026-10-05T15:50:00Z").await;
        let checks = answer.body["report"]["checks"].as_array().unwrap();
        let alive =
            checks.iter().find(|check| check["id"] == "alive").cloned().unwrap_or(json!({"status": "pass"}));
        let found = alive["problems"]
            .as_array()
            .map_or(json!([]), |all| all.iter().map(|one| one["kind"].clone()).collect());
        assert_eq!((&alive["status"], &found), (&json!(status), &kinds), "{alive:#}");
        let text = house.reports().pop().unwrap().text;
        assert_eq!(text.contains("89900"), !kinds.as_array().unwrap().is_empty(), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_invalidation_is_a_warning() {
    let house = House::start().await;
    house.s3.fail_next("CreateInvalidation", 50, Fault::Error(403, "AccessDenied"));
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("warn")), "{:#}", answer.body);
    assert!(house.public().await.is_some());
    assert!(house.reports().pop().unwrap().text.contains("CDN"));
}

/// The catalogue in another encoding: each name holds bytes that are no UTF-8.
fn not_utf8(catalogue: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(catalogue)
        .split("\"name\":\"")
        .map(str::as_bytes)
        .collect::<Vec<_>>()
        .join(b"\"name\":\"\xc7\xd1".as_slice())
}

fn check(body: &serde_json::Value, id: &str) -> serde_json::Value {
    let checks = body["report"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap().clone()
}
