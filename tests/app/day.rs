//! The day as people live it.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::house::{FEED_BUCKET, House, PUBLIC_KEY, STATE_BUCKET};

const TICKS: [(&str, &str); 7] = [
    ("create-thread", "2026-10-05T15:00:00Z"),
    ("export-products", "2026-10-05T15:05:00Z"),
    ("verify-ep", "2026-10-05T15:50:00Z"),
    ("verify-ep", "2026-10-06T00:50:00Z"),
    ("verify-ep", "2026-10-06T04:50:00Z"),
    ("export-products", "2026-10-06T06:00:00Z"),
    ("verify-ep", "2026-10-06T08:50:00Z"),
];

#[tokio::test(flavor = "multi_thread")]
async fn seven_ticks_are_one_parent_and_seven_replies() {
    let house = House::start().await;
    for (route, time) in TICKS {
        let answer = house.tick(route, time).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("ok")),
            "{route} {time}: {:#}",
            answer.body
        );
        assert_eq!(answer.body["route"], route);
        assert_eq!(answer.body["run"], time);
        assert_eq!(answer.body["thread"]["channel"], crate::support::slack::CHANNEL);
    }
    let parent = house.slack.parents().remove(0);
    assert_eq!(house.slack.messages().len(), 8);
    assert!(parent.text.contains("2026-10-06 (화)"), "{}", parent.text);
    assert_eq!(parent.text.matches('✅').count(), 6, "{}", parent.text);
    let reports = house.reports();
    let titles: Vec<_> = reports.iter().map(|r| r.text.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        titles,
        [
            "📦 *00:05 EP 생성 완료* · 44개 <@U0123ABCD>",
            "🔎 *00:50 EP 검증 정상* · *13/13* 통과 <@U0123ABCD>",
            "🔎 *09:50 EP 검증 정상* · *13/13* 통과 <@U0123ABCD>",
            "🔎 *13:50 EP 검증 정상* · *13/13* 통과 <@U0123ABCD>",
            "📦 *15:00 EP 생성 완료* · 44개 <@U0123ABCD>",
            "🔎 *17:50 EP 검증 정상* · *13/13* 통과 <@U0123ABCD>",
        ]
    );
    assert_eq!(house.gcs.text(STATE_BUCKET, "thread.ts").unwrap(), parent.ts);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_file_is_the_build_and_says_so() {
    let house = House::start().await;
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let report = &answer.body["report"];
    let build = report["build"].as_str().unwrap();
    let public = house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap();
    let stored = house.s3.object(FEED_BUCKET, &format!("ep/builds/{build}.tsv")).await.unwrap();
    assert_eq!(public.bytes, stored.bytes);
    let sha256: String = Sha256::digest(&public.bytes).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(public.header("x-amz-meta-build"), Some(build));
    assert_eq!(public.header("x-amz-meta-sha256"), Some(sha256.as_str()));
    assert_eq!(public.header("x-amz-meta-rows"), Some("44"));
    assert_eq!(public.header("content-type"), Some("text/tab-separated-values; charset=utf-8"));
    assert_eq!(public.header("cache-control"), Some("public, max-age=0, must-revalidate"));
    assert!(house.s3.object(FEED_BUCKET, &format!("ep/builds/{build}.excluded.tsv")).await.is_some());
    assert_eq!(house.record("published.json").unwrap()["published"]["info"]["build"], build);
    let invalidations = house.cloudfront.invalidations();
    assert_eq!(invalidations.len(), 1);
    assert_eq!(invalidations[0].paths, ["/ikea_ep.tsv"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_without_a_thread_opens_it_first() {
    let house = House::start().await;
    let answer = house.tick("verify-ep", "2026-10-05T15:50:00Z").await;
    assert_eq!(answer.status, 200);
    assert_eq!(house.reports().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_days_thread_is_never_used_and_thread_ts_never_goes_back() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.tick("create-thread", "2026-10-06T15:00:00Z").await;
    let parents = house.slack.parents();
    assert_eq!(parents.len(), 2);
    // A tick of yesterday that comes late.
    let late = house.request("verify-ep").header("X-CloudScheduler-ScheduleTime", "2026-10-06T08:50:00Z");
    house.send(late).await;
    assert_eq!(house.slack.replies(&parents[0].ts).len(), 2, "the run went to the day of its scheduled time");
    assert_eq!(house.gcs.text(STATE_BUCKET, "thread.ts").unwrap(), parents[1].ts);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_simultaneous_calls_make_one_thread() {
    let house = std::sync::Arc::new(House::start().await);
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let house = house.clone();
            tokio::spawn(async move { house.call("create-thread").await })
        })
        .collect();
    let mut threads = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        threads.push(answer.body["thread"]["ts"].clone());
    }
    threads.dedup();
    assert_eq!(threads.len(), 1);
    assert_eq!(house.slack.messages().len(), 2, "the parent and the guide");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_come_in_english_where_asked_for() {
    let house = House::with(&[("LOCALE", "en"), ("SLACK_MENTION", "")]).await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    for message in house.slack.messages() {
        let hangul = message.text.chars().filter(|c| ('가'..='힣').contains(c)).count();
        assert_eq!(hangul, 0, "{}", message.text);
    }
}
