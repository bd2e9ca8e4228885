//! A disaster in the catalogue never reaches readers, and people have the last word: by force, and by rolling back.

use serde_json::{Value, json};

use crate::house::{Answer, FEED_BUCKET, House, PUBLIC_KEY, STATE_BUCKET, sample};

const NIGHT: &str = "2026-10-05T15:05:00Z";

/// The sample's products, changed one by one; the number tells them apart.
fn changed(mut change: impl FnMut(usize, &mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&sample(40)).unwrap();
    let products = document["moreProducts"]["productWindow"].as_array_mut().unwrap();
    for (n, product) in products.iter_mut().enumerate() {
        change(n, product);
        // Some products hold their variants, which are products too.
        if let Some(variants) = product["gprDescription"]["variants"].as_array_mut() {
            variants.iter_mut().for_each(|variant| change(n, variant));
        }
    }
    serde_json::to_vec(&document).unwrap()
}

fn priced(factor: f64) -> Vec<u8> {
    changed(|_, product| {
        let price = &mut product["salesPrice"];
        if let Some(numeral) = price["numeral"].as_f64() {
            price["numeral"] = json!((numeral * factor).round());
            price["previous"] = Value::Null;
        }
    })
}

fn without_images() -> Vec<u8> {
    changed(|_, product| {
        for field in ["mainImageUrl", "contextualImageUrl"] {
            product[field] = json!("");
        }
        product["allProductImage"] = json!([]);
    })
}

fn with_total(total: u64) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&sample(40)).unwrap();
    document["total"] = json!(total);
    serde_json::to_vec(&document).unwrap()
}

/// What is planted, and what must be found: on a first build, and against a published one.
type Disaster = (&'static str, Vec<u8>, &'static [&'static str], &'static [&'static str]);

fn disasters() -> Vec<Disaster> {
    let empty = br#"{"moreProducts": {"productWindow": []}}"#.to_vec();
    let emptied = changed(|_, product| product["categoryPath"] = json!([]));
    let some_broken = changed(|n, product| {
        if n % 7 == 0 {
            product["pipUrl"] = json!("somewhere");
        }
    });
    let foreign = changed(|_, product| product["salesPrice"]["currencyCode"] = json!("SEK"));
    vec![
        ("an empty catalogue", empty, &["no_rows"], &["no_rows"]),
        ("half of it", sample(20), &[], &["shrink"]),
        ("prices times zero", priced(0.0), &["no_rows"], &["no_rows"]),
        ("prices times ten", priced(10.0), &[], &["median_price"]),
        ("a tenth of the prices", priced(0.1), &[], &["median_price"]),
        ("a column emptied", emptied, &["no_rows", "broken"], &["no_rows", "broken"]),
        ("all images gone", without_images(), &["no_rows"], &["no_rows"]),
        ("a seventh broken", some_broken, &["broken"], &["broken"]),
        ("less than it says", with_total(41), &["source_incomplete"], &["source_incomplete"]),
        (
            "another currency",
            foreign,
            &["no_rows", "foreign_currency", "broken"],
            &["no_rows", "foreign_currency", "broken"],
        ),
    ]
}

fn reasons(answer: &Answer) -> Vec<&str> {
    let reasons = answer.body["report"]["publication"]["reasons"].as_array();
    reasons.map_or(Vec::new(), |all| all.iter().map(|one| one["reason"].as_str().unwrap()).collect())
}

fn build(answer: &Answer) -> String {
    answer.body["report"]["build"].as_str().unwrap_or_else(|| panic!("{:#}", answer.body)).to_owned()
}

async fn stored(house: &House, build: &str) -> Vec<u8> {
    house.s3.object(FEED_BUCKET, &format!("ep/builds/{build}.tsv")).await.unwrap().bytes.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_disaster_reaches_readers() {
    let house = House::with(&[("CATALOG_TOTAL", "/total")]).await;
    house.catalogue.serve(200, with_total(40));
    assert_eq!(house.tick("export-products", NIGHT).await.body["status"], "ok");
    let before = house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap();
    for (n, (what, catalogue, _, expected)) in disasters().into_iter().enumerate() {
        // Only one of them has a total of its own; without one the pointer would be a mistake.
        let mut document: Value = serde_json::from_slice(&catalogue).unwrap();
        if document.get("total").is_none() {
            document["total"] = json!(0);
        }
        house.catalogue.serve(200, serde_json::to_vec(&document).unwrap());
        let answer = house.tick("export-products", &format!("2026-10-06T06:{n:02}:00Z")).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("held")),
            "{what}: {:#}",
            answer.body
        );
        assert_eq!(reasons(&answer), expected, "{what}");
        assert_eq!(house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap(), before, "{what}");
        let told = house.reports().pop().unwrap();
        let command = format!("export-products?build={}&amp;force=true", build(&answer));
        assert!(
            told.broadcast && told.text.starts_with('⛔') && told.text.contains(&command),
            "{}",
            told.text
        );
        assert!(!stored(&house, &build(&answer)).await.is_empty(), "{what}: it is kept to look at");
    }
    let record = house.record("published.json").unwrap();
    let verdicts: Vec<_> =
        record["history"].as_array().unwrap().iter().map(|e| e["verdict"].clone()).collect();
    assert_eq!(verdicts.len(), 11);
    assert_eq!((&verdicts[0], &verdicts[10]), (&json!("held"), &json!("published")));

    // None of them is the base of a comparison: the sound catalogue is calm again.
    house.catalogue.serve(200, with_total(40));
    let answer = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
    assert_eq!(answer.body["report"]["warnings"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_build_is_judged_by_itself() {
    for (what, catalogue, expected, _) in disasters() {
        let total = if what == "less than it says" { "/total" } else { "" };
        let house = House::with(&[("CATALOG_TOTAL", total)]).await;
        house.catalogue.serve(200, catalogue);
        let answer = house.tick("export-products", NIGHT).await;
        assert_eq!(reasons(&answer), expected, "{what}: {:#}", answer.body);
        assert_eq!(house.public().await.is_some(), expected.is_empty(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dominates_is_named_with_what_was_measured() {
    let house = House::start().await;
    house.catalogue.serve(
        200,
        changed(|n, product| {
            if n % 4 == 0 {
                product["categoryPath"] = json!([]);
            }
        }),
    );
    let answer = house.tick("export-products", NIGHT).await;
    let found = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!((&found["reason"], &found["mostly"]), (&json!("broken"), &json!("category_name1: required")));
    assert!(found["measured"].as_f64().unwrap() > 20.0 && found["limit"] == json!(10.0), "{found}");
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("`category_name1` 필수 값 없음") && told.contains("허용 기준 10%"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_little_less_is_published_with_a_warning() {
    let house = House::start().await;
    house.tick("export-products", NIGHT).await;
    house.catalogue.serve(200, sample(37));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("warn")), "{:#}", answer.body);
    assert_eq!(answer.body["report"]["warnings"][0]["warning"], "shrink");
    let public = house.public().await.unwrap();
    assert_eq!(public, stored(&house, &build(&answer)).await);
    let told = house.reports().pop().unwrap().text;
    assert!(told.starts_with("⚠️") && told.contains("줄었습니다"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thresholds_are_settings() {
    let house = House::with(&[("GATE_HOLD_SHRINK", "90%"), ("GATE_WARN_SHRINK", "80%")]).await;
    house.tick("export-products", NIGHT).await;
    house.catalogue.serve(200, sample(20));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_have_the_last_word_and_can_take_it_back() {
    let house = House::start().await;
    let big = build(&house.tick("export-products", NIGHT).await);
    let big_bytes = house.public().await.unwrap();
    house.catalogue.serve(200, sample(20));
    let held = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    let small = build(&held);
    assert_eq!(house.public().await.unwrap(), big_bytes);

    // Not without saying so.
    house.clock.set("2026-10-06T06:10:00Z");
    let refused = house.call(&format!("export-products?build={small}")).await;
    assert_eq!((refused.status, &refused.body["retryable"]), (409, &json!(false)), "{:#}", refused.body);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("shrink") && detail.contains("force=true"), "{detail}");
    assert_eq!(house.public().await.unwrap(), big_bytes);

    // With the command that the message gave, and a reason in its place.
    let messages = house.slack.messages().len();
    let told = house.reports().pop().unwrap().text.replace("&amp;", "&");
    let command = told.lines().find(|line| line.contains("force=true")).unwrap();
    let path = command.split("$URL/").nth(1).unwrap().split('"').next().unwrap();
    let body = command.split("-d '").nth(1).unwrap().split('\'').next().unwrap();
    let unread = house.send(house.request(path).body(body.to_owned())).await;
    assert_eq!(unread.status, 400, "pasted without a reason: {:#}", unread.body);
    let body = body.replace('…', "강남점 <철수>");
    let dry = house.send(house.request(&format!("{path}&dry_run=true")).body(body.clone())).await;
    assert_eq!(dry.body["report"]["publication"]["state"], "dry_run", "{:#}", dry.body);
    assert_eq!(house.public().await.unwrap(), big_bytes);
    assert_eq!(house.slack.messages().len(), messages, "nothing of that was told");
    let forced = house.send(house.request(path).body(body)).await;
    assert_eq!((forced.status, &forced.body["status"]), (200, &json!("ok")), "{:#}", forced.body);
    assert_eq!(build(&forced), small);
    assert_eq!(house.public().await.unwrap(), stored(&house, &small).await);
    let public = house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap();
    assert_eq!(public.header("x-amz-meta-build"), Some(small.as_str()));
    let parent = house.slack.parents().pop().unwrap().text;
    assert!(parent.starts_with("🟢") && parent.contains("15:00 생성 ⛔→✅ 23개"), "{parent}");
    let told = house.reports().pop().unwrap();
    assert!(told.broadcast, "whoever saw the hold sees its end");
    let told = told.text;
    for part in [
        "보류한 빌드 공개 완료",
        "다시 정상입니다",
        "(수동)",
        "`강남점 &lt;철수&gt;`",
        &format!("`{big}` → `{small}`"),
        "줄었습니다",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let record = house.record("published.json").unwrap();
    assert_eq!(record["published"]["info"]["build"], small.as_str());
    assert_eq!(
        (&record["history"][0]["verdict"], &record["history"][0]["reason"]),
        (&json!("forced"), &json!("강남점 <철수>"))
    );
    assert_eq!(house.cloudfront.invalidations().len(), 2);

    // The new size is the new normal.
    let answer = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
    let today = house.slack.parents().pop().unwrap().ts;
    let told = house.slack.replies(&today).pop().unwrap();
    assert!(!told.broadcast && told.text.starts_with("📦"), "{}", told.text);
    assert!(!told.text.contains("다시 정상입니다"), "{}", told.text);
    let verified = house.tick("verify-ep", "2026-10-06T15:50:00Z").await;
    assert_eq!(verified.body["status"], "ok", "{:#}", verified.body);

    // And back: exactly the bytes of before, and an older run never takes their place.
    house.clock.set("2026-10-06T16:00:00Z");
    let back = house.call(&format!("export-products?build={big}")).await;
    assert_eq!((back.status, &back.body["status"]), (200, &json!("ok")), "{:#}", back.body);
    assert_eq!(house.public().await.unwrap(), big_bytes);
    let verified = house.call("verify-ep").await;
    assert_eq!(verified.body["status"], "warn", "{:#}", verified.body);
    let checks = verified.body["report"]["checks"].as_array().unwrap().iter();
    let found: Vec<_> = checks.flat_map(|check| check["problems"].as_array()).flatten().collect();
    let kinds: Vec<_> = found.iter().map(|problem| &problem["kind"]).collect();
    assert_eq!(kinds, ["chosen"], "it is what somebody went back to, and nothing else is wrong");
    let late = house.tick("export-products", "2026-10-06T15:30:00Z").await;
    assert_eq!(late.body["report"]["publication"]["state"], "superseded", "{:#}", late.body);
    assert_eq!(house.public().await.unwrap(), big_bytes);
    let day = house.slack.parents().pop().unwrap().ts;
    let told: Vec<_> = house.slack.replies(&day).into_iter().map(|reply| reply.text).collect();
    assert!(
        told.iter()
            .any(|text| text.contains("저장된 빌드 공개 완료") && text.contains(&format!("→ `{big}`"))),
        "{told:?}"
    );

    // The next scheduled export is newer, and judged against what is public now.
    let next = house.tick("export-products", "2026-10-07T06:00:00Z").await;
    assert_eq!(reasons(&next), ["shrink"], "{:#}", next.body);
    assert_eq!(house.public().await.unwrap(), big_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_build_can_be_put_out_once_more() {
    let house = House::start().await;
    let id = build(&house.tick("export-products", NIGHT).await);
    let bytes = house.public().await.unwrap();
    house.s3.put(FEED_BUCKET, PUBLIC_KEY, b"somebody's").await;
    house.clock.set("2026-10-05T16:00:00Z");
    let answer = house.call(&format!("export-products?build={id}")).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    assert_eq!(house.public().await.unwrap(), bytes);
    assert!(house.reports().pop().unwrap().text.contains("다시 공개"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_is_not_there_is_answered_with_those_that_are() {
    let house = House::start().await;
    let nothing = house.call("export-products?build=20261006-000503-k3x9").await;
    assert_eq!(nothing.status, 404);
    assert!(nothing.body["detail"].as_str().unwrap().ends_with("at hand: none"), "{:#}", nothing.body);
    let first = build(&house.tick("export-products", NIGHT).await);
    house.catalogue.serve(200, sample(20));
    let held = build(&house.tick("export-products", "2026-10-06T06:00:00Z").await);
    let (messages, records) = (house.slack.messages().len(), house.gcs.names(STATE_BUCKET));
    let bytes = house.public().await.unwrap();
    for dry_run in ["", "&dry_run=true"] {
        let answer = house.call(&format!("export-products?build=20261006-000503-k3x9{dry_run}")).await;
        assert_eq!(answer.status, 404, "{:#}", answer.body);
        let detail = answer.body["detail"].as_str().unwrap();
        let there = format!("at hand: {held} (held, 23 rows), {first} (public now, 45 rows)");
        assert!(detail.contains(&there), "{detail}");
    }

    // One whose file has aged out is not offered either.
    house.s3.delete(FEED_BUCKET, &format!("ep/builds/{held}.tsv"));
    let answer = house.call(&format!("export-products?build={held}&force=true&reason=sold")).await;
    assert_eq!(answer.status, 404, "{:#}", answer.body);
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(
        detail.contains("aged out") && detail.ends_with(&format!("at hand: {first} (public now, 45 rows)")),
        "{detail}"
    );
    assert_eq!(house.slack.messages().len(), messages, "nobody else need know");
    assert_eq!(house.gcs.names(STATE_BUCKET), records, "and no run was begun");
    assert_eq!(house.public().await.unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_build_that_somebody_changed_is_not_published() {
    let house = House::start().await;
    let first = build(&house.tick("export-products", NIGHT).await);
    house.catalogue.serve(200, sample(39));
    house.tick("export-products", "2026-10-06T06:00:00Z").await;
    let bytes = house.public().await.unwrap();
    house.s3.put(FEED_BUCKET, &format!("ep/builds/{first}.tsv"), b"id\n1\n").await;
    house.clock.set("2026-10-06T06:10:00Z");
    let answer = house.call(&format!("export-products?build={first}")).await;
    assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(false)), "{:#}", answer.body);
    assert!(answer.body["detail"].as_str().unwrap().contains("somebody changed it"), "{:#}", answer.body);
    assert_eq!(house.public().await.unwrap(), bytes);
    assert!(house.reports().pop().unwrap().text.starts_with('❌'));
    assert_eq!(house.record("published.json").unwrap()["publishing"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_that_is_called_twice_is_done_once() {
    let house = House::start().await;
    let first = build(&house.tick("export-products", NIGHT).await);
    house.catalogue.serve(200, sample(39));
    house.tick("export-products", "2026-10-06T06:00:00Z").await;
    house.clock.set("2026-10-06T06:10:00Z");
    let call = |build: &str| {
        house.request(&format!("export-products?build={build}")).header("Idempotency-Key", "back")
    };
    assert_eq!(house.send(call(&first)).await.status, 200);
    let messages = house.slack.messages().len();
    // Even when the build has aged out since.
    house.s3.delete(FEED_BUCKET, &format!("ep/builds/{first}.tsv"));
    let again = house.send(call(&first)).await;
    assert_eq!((again.status, &again.headers["idempotency-replayed"]), (200, &"true".parse().unwrap()));
    assert_eq!(house.slack.messages().len(), messages);
    assert_eq!(house.send(call("20261006-000503-k3x9")).await.status, 422, "the same key, another build");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_make_no_sense_are_refused() {
    let house = House::start().await;
    for (route, part) in [
        ("export-products?force=true&reason=x", "needs \"build\""),
        ("export-products?build=b-1&reason=x", "needs \"force\""),
        ("export-products?build=b-1&force=true", "needs \"reason\""),
        ("export-products?build=b-1&force=true&reason=", "in a few words why"),
        ("export-products?build=..%2Fx", "such as 20261006-000503-k3x9"),
        ("verify-ep?build=b-1", "for export-products alone"),
        ("create-thread?force=true", "for export-products alone"),
    ] {
        let answer = house.call(route).await;
        assert_eq!(answer.status, 400, "{route}: {:#}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{:#}", answer.body);
    }
    assert!(house.gcs.names(STATE_BUCKET).is_empty() && house.slack.messages().is_empty());
}
