//! People have the last word: a held build is published by force, and an earlier one by going back to it.

use serde_json::{Value, json};

use crate::{
    gate::{build, reasons, stored},
    house::{FEED_BUCKET, House, PUBLIC_KEY, STATE_BUCKET, sample},
};

const NIGHT: &str = "2026-10-05T15:05:00Z";

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
    let path = command.rsplit('"').nth(1).unwrap().rsplit_once('/').unwrap().1;
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
    assert!(parent.starts_with("🟢") && parent.contains("15:00 생성 ⛔→✅ 22개"), "{parent}");
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
        let there = format!("at hand: {held} (held, 22 rows), {first} (public now, 44 rows)");
        assert!(detail.contains(&there), "{detail}");
    }

    // One whose file has aged out is not offered either.
    house.s3.delete(FEED_BUCKET, &format!("ep/builds/{held}.tsv"));
    let answer = house.call(&format!("export-products?build={held}&force=true&reason=sold")).await;
    assert_eq!(answer.status, 404, "{:#}", answer.body);
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(
        detail.contains("aged out") && detail.ends_with(&format!("at hand: {first} (public now, 44 rows)")),
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
