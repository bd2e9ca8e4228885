//! One tick, one message: retries, doubles, callers that hang up.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    house::{FEED_BUCKET, House, sample},
    support::Fault,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_tick_again_is_answered_again_and_done_once() {
    let house = House::start().await;
    let first = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let again = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, first.body);
    assert_eq!(house.reports().len(), 1);
    assert_eq!(house.s3.keys(FEED_BUCKET).len(), 3, "one build, its excluded products, the public file");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_at_the_same_time_share_one_run() {
    let house = Arc::new(House::start().await);
    house.catalogue.slow(Duration::from_millis(300));
    house.clock.set("2026-10-05T15:05:01Z");
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let house = house.clone();
            tokio::spawn(async move {
                let request = house.request("export-products");
                house.send(request.header("X-CloudScheduler-ScheduleTime", "2026-10-05T15:05:00Z")).await
            })
        })
        .collect();
    let mut bodies = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!(answer.status, 200);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!((bodies.len(), house.reports().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_told_once_and_edited_by_the_one_that_succeeds() {
    let house = House::start().await;
    house.catalogue.serve(404, "gone");
    for _ in 0..2 {
        let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
        assert_eq!(answer.status, 502);
        let reports = house.reports();
        assert_eq!(reports.len(), 1);
        assert!(reports[0].text.starts_with('❌'), "{}", reports[0].text);
    }
    house.catalogue.serve(200, sample(40));
    let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")));
    let reports = house.reports();
    assert_eq!(reports.len(), 1);
    assert!(reports[0].text.starts_with("📦") && reports[0].text.contains('3'), "{}", reports[0].text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_hangs_up_cancels_nothing() {
    let house = House::start().await;
    house.catalogue.slow(Duration::from_millis(500));
    house.clock.set("2026-10-05T15:05:01Z");
    let hung_up = house
        .request("export-products")
        .header("X-CloudScheduler-ScheduleTime", "2026-10-05T15:05:00Z")
        .timeout(Duration::from_millis(100))
        .send()
        .await;
    assert!(hung_up.is_err());
    let again = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!(again.status, 200);
    assert_eq!(house.reports().len(), 1);
    assert_eq!(house.s3.keys(FEED_BUCKET).len(), 3, "one build");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manual_run_says_so_and_never_eats_a_scheduled_one() {
    let house = House::start().await;
    house.clock.set("2026-10-05T15:04:00Z");
    house.call("export-products").await;
    let early =
        house.request("export-products").header("X-CloudScheduler-ScheduleTime", "2026-10-05T15:05:00Z");
    let forced = house.send(early).await;
    assert_eq!(forced.body["run"], "forced:2026-10-05T15:05:00Z");
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let titles: Vec<_> = house.reports().iter().map(|r| r.text.lines().next().unwrap().to_owned()).collect();
    assert_eq!(titles.len(), 3);
    assert!(
        titles[0].contains("수동") && titles[1].contains("수동") && !titles[2].contains("수동"),
        "{titles:?}"
    );
    assert_eq!(house.slack.parents()[0].text.matches('✅').count(), 1, "the board shows the schedule alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_other_options_is_refused() {
    let house = House::start().await;
    let key = |route: &str| house.request(route).header("Idempotency-Key", "again");
    assert_eq!(house.send(key("verify-ep")).await.status, 200);
    let answer = house.send(key("verify-ep")).await;
    assert_eq!((answer.status, &answer.headers["idempotency-replayed"]), (200, &"true".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_slack_refuses_are_sent_as_text() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.slack.fail_next("chat.postMessage", 1, Fault::Error(200, "invalid_blocks"));
    let answer = house.tick("verify-ep", "2026-10-05T15:50:00Z").await;
    assert_eq!(answer.status, 200);
    let report = house.reports().pop().unwrap();
    assert!(report.blocks.is_empty() && report.text.contains("검증"), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_for() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.slack.fail_next("chat.postMessage", 1, Fault::RateLimited(1));
    assert_eq!(house.tick("verify-ep", "2026-10-05T15:50:00Z").await.status, 200);
    assert_eq!(house.reports().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_slack_makes_no_second_message() {
    let house = House::start().await;
    // The first of each: the parent, the guide and the report were taken, but nobody said so.
    for _ in 0..2 {
        house.slack.fail_next("chat.postMessage", 1, Fault::LostAnswer);
        let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
    }
    house.slack.fail_next("chat.postMessage", 1, Fault::LostAnswer);
    assert_eq!(house.tick("verify-ep", "2026-10-05T15:50:00Z").await.status, 200);
    assert_eq!(house.reports().len(), 2);
    assert_eq!(house.slack.messages().len(), 4, "one parent, one guide, two reports");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_fails_before_its_effect_is_made_again() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.slack.fail_next("chat.postMessage", 2, Fault::Status(503));
    assert_eq!(house.tick("verify-ep", "2026-10-05T15:50:00Z").await.status, 200);
    assert_eq!(house.reports().len(), 1);
}
