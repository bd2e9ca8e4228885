//! Many at once: what waits, what is let in first, and what is turned away without a trace.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::{House, STATE_BUCKET};

/// A moment, so that one call is at work before the next one comes.
async fn moment() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// The names of runs' records.
fn runs(house: &House) -> Vec<String> {
    house.gcs.names(STATE_BUCKET).into_iter().filter(|name| name.starts_with("runs/")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_due_never_waits_for_dry_runs() {
    let house = House::start().await;
    house.catalogue.slow(Duration::from_secs(3));
    let dry = || house.call("export-products?dry_run=true");
    let due = async {
        moment().await;
        let begun = Instant::now();
        let answer = house.tick("export-products", "2026-10-05T15:05:00Z").await;
        house.catalogue.slow(Duration::ZERO);
        (answer, begun.elapsed())
    };
    let (first, second, (due, took)) = tokio::join!(dry(), dry(), due);
    assert_eq!((due.status, &due.body["status"]), (200, &json!("ok")), "{:#}", due.body);
    assert!(took < Duration::from_secs(6), "it waited {took:?}");
    // One of the two was at work, and left; the other one got its turn afterwards.
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
    let left = [first, second].into_iter().find(|answer| answer.status == 503).unwrap();
    assert_eq!(left.headers["content-type"], "application/problem+json");
    assert_eq!((&left.body["retryable"], left.headers.contains_key("retry-after")), (&json!(true), true));
    assert_eq!((house.reports().len(), house.builds()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_dry_runs_is_done_one_after_the_other() {
    let house = House::start().await;
    let begun = Instant::now();
    house.catalogue.slow(Duration::from_millis(200));
    let calls = (0..6).map(|n| {
        let route = if n % 3 == 2 { "verify-ep?dry_run=true" } else { "export-products?dry_run=true" };
        house.call(route)
    });
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.status, 200, "{:#}", answer.body);
    }
    assert!(begun.elapsed() >= Duration::from_millis(4 * 200), "they were at work at the same time");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_by_hand_are_done_one_after_the_other_and_each_is_told_once() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    let key = |n: usize| house.request("export-products").header("Idempotency-Key", format!("k{n}"));
    // Each comes twice, and joins its other delivery.
    let calls = (0..6).map(|n| house.send(key(n / 2)));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    }
    assert_eq!((house.reports().len(), house.builds()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_is_turned_away_without_a_trace() {
    let house = House::with(&[("DEADLINE", "20s"), ("LEASE", "5s"), ("VERIFY_TIMEOUT", "10s")]).await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.tick("verify-ep", "2026-10-05T15:00:10Z").await;
    house.catalogue.slow(Duration::from_secs(9));
    let working = house.send(house.request("export-products").header("Idempotency-Key", "first"));
    let crowd = async {
        moment().await;
        moment().await;
        let before = (runs(&house), house.slack.messages().len());
        let due =
            house.request("export-products").header("X-CloudScheduler-ScheduleTime", "2026-10-05T15:00:00Z");
        let begun = Instant::now();
        let (second, dry, due, replayed) = tokio::join!(
            house.send(house.request("export-products").header("Idempotency-Key", "second")),
            house.call("verify-ep?dry_run=true"),
            house.send(due),
            async {
                let answer = house.tick("verify-ep", "2026-10-05T15:00:10Z").await;
                (answer, begun.elapsed())
            }
        );
        assert_eq!(before, (runs(&house), house.slack.messages().len()), "no trace");
        for refused in [second, dry, due] {
            assert_eq!(
                (refused.status, &refused.body["retryable"]),
                (503, &json!(true)),
                "{:#}",
                refused.body
            );
            assert!(refused.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
            assert_eq!(refused.body["thread"], json!(null));
        }
        let (replayed, took) = replayed;
        assert_eq!(
            (replayed.status, &replayed.headers["idempotency-replayed"]),
            (200, &"true".parse().unwrap())
        );
        assert!(took < Duration::from_secs(3), "an answer that is there waits for nobody: {took:?}");
    };
    let (working, ()) = tokio::join!(working, crowd);
    assert_eq!(working.status, 200, "{:#}", working.body);

    // Later there is room for them.
    house.catalogue.slow(Duration::ZERO);
    let again = house.send(house.request("export-products").header("Idempotency-Key", "second")).await;
    assert_eq!((again.status, &again.body["status"]), (200, &json!("ok")), "{:#}", again.body);
    assert_eq!(house.reports().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_runs_at_once_end_well_though_an_object_takes_one_write_a_second() {
    let house = House::start().await;
    house.gcs.one_write_a_second();
    let answers = futures_util::future::join_all((0..8).map(|_| house.call("create-thread"))).await;
    for answer in answers {
        assert_eq!(answer.status, 200, "{:#}", answer.body);
    }
    assert_eq!(house.slack.parents().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_in_an_instance_that_is_being_stopped() {
    let house = House::start().await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    let before = (house.slack.messages().len(), house.builds());
    house.catalogue.slow(Duration::from_secs(60));
    let working = house.tick("export-products", "2026-10-05T15:05:00Z");
    let waiting = async {
        moment().await;
        let verify = house.request("verify-ep").header("Idempotency-Key", "waits");
        let waiting = async { tokio::join!(house.send(verify), house.call("export-products?dry_run=true")) };
        let stop = async {
            moment().await;
            house.sigterm.cancel();
            Instant::now()
        };
        let ((verify, dry), stopped) = tokio::join!(waiting, stop);
        assert!(stopped.elapsed() < Duration::from_secs(3), "they are told at once: {:?}", stopped.elapsed());
        [verify, dry]
    };
    let (working, waiting) = tokio::join!(working, waiting);
    for answer in waiting.iter().chain([&working]) {
        assert_eq!(answer.status, 503, "{:#}", answer.body);
        assert_eq!(answer.body["title"], json!("The instance is being stopped"), "{:#}", answer.body);
        assert_eq!(answer.headers["retry-after"], "1");
    }
    assert_eq!(runs(&house).len(), 2, "the thread's and the export's: {:?}", runs(&house));
    assert_eq!(before, (house.slack.messages().len(), house.builds()), "and nothing was told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_that_is_stopped_blames_no_deadline() {
    let house = House::start().await;
    house.catalogue.slow(Duration::from_secs(60));
    let stop = async {
        moment().await;
        house.sigterm.cancel();
    };
    let (dry, ()) = tokio::join!(house.call("export-products?dry_run=true"), stop);
    assert_eq!(dry.status, 503, "{:#}", dry.body);
    assert_eq!(dry.body["title"], json!("The instance is being stopped"), "{:#}", dry.body);
}
