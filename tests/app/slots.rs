//! Scheduled times, the slots of `SCHEDULE`, and what is not one of them.

use auto_ep::clock::Clock;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::house::{Answer, House, STATE_BUCKET};

/// A forced run: at `now`, somebody starts the job whose next run is at `next`.
async fn force(house: &House, route: &str, now: &str, next: &str) -> Answer {
    house.clock.set(now);
    house.send(house.request(route).header("X-CloudScheduler-ScheduleTime", next)).await
}

fn check<'a>(answer: &'a Answer, id: &str) -> &'a Value {
    let checks = answer.body["report"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["id"] == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_run_is_resumed_while_its_retries_last_and_another_one_after() {
    let (next, sound) = ("2026-10-06T06:00:00Z", crate::house::sample(40));
    for (again, attempts) in [("2026-10-06T01:02:00Z", 2), ("2026-10-06T05:00:00Z", 1)] {
        let house = House::start().await;
        house.tick("export-products", "2026-10-05T15:05:00Z").await;
        house.catalogue.serve(404, "gone");
        let failed = force(&house, "export-products", "2026-10-06T01:00:00Z", next).await;
        assert_eq!(failed.status, 502, "{:#}", failed.body);
        house.catalogue.serve(200, sound.clone());
        // Meanwhile somebody else makes one by hand.
        house.clock.set("2026-10-06T01:01:00Z");
        assert_eq!(house.call("export-products").await.body["status"], "ok");
        let answer = force(&house, "export-products", again, next).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(answer.body["run"], format!("forced:{next}"));
        let publication = &answer.body["report"]["publication"];
        let is_superseded = publication.to_string().contains("superseded");
        assert_eq!(is_superseded, attempts == 2, "{publication}: what began before is older");
        let texts: Vec<_> = house.reports().into_iter().map(|report| report.text).collect();
        let forced = texts.iter().filter(|text| text.contains("강제 실행")).count();
        assert_eq!(forced, if attempts == 2 { 1 } else { 2 }, "{texts:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_in_a_slots_minute_is_the_slot() {
    let house = House::start().await;
    let answer = house.tick("export-products", "2026-10-05T15:05:03.25Z").await;
    assert_eq!((answer.status, &answer.body["run"]), (200, &json!("2026-10-05T15:05:00Z")));
    let again = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert_eq!(again.headers["Idempotency-Replayed"], "true");
    let verified = house.tick("verify-ep", "2026-10-05T15:50:00Z").await;
    assert_eq!(verified.body["status"], "ok", "{:#}", verified.body);
    assert_eq!(check(&verified, "schedule_kept")["measured"], "1/1");
    let parent = house.slack.parents().remove(0).text;
    assert_eq!(parent.matches("00:05").count(), 1, "{parent}");
    assert!(parent.contains("00:05 생성 ✅"), "{parent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_no_slot_is_a_run_of_that_time_and_says_so_once() {
    let house = House::start().await;
    let answer = house.tick("export-products", "2026-10-05T15:07:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    assert_eq!(answer.body["run"], "2026-10-05T15:07:00Z");
    let report = house.reports().remove(0).text;
    assert_eq!(report.matches("`SCHEDULE`에 없는 시각").count(), 1, "{report}");
    assert!(report.contains("*00:07 EP 생성 완료*") && report.contains("deploy/schedule.sh"), "{report}");
    let parent = house.slack.parents().remove(0).text;
    assert!(parent.contains("00:05 생성 –") && parent.contains("00:07 생성 ✅"), "{parent}");
    // Its retry says nothing again, and one of the schedule says nothing of the kind.
    house.tick("export-products", "2026-10-05T15:07:00Z").await;
    house.tick("export-products", "2026-10-06T06:00:00Z").await;
    let reports = house.reports();
    assert_eq!(reports.len(), 2);
    assert!(!reports[1].text.contains("없는 시각"), "{}", reports[1].text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_of_long_ago_or_of_no_calendar_opens_no_thread() {
    let house = House::start().await;
    for (time, part) in [
        ("2026-10-04T15:00:00Z", "more than 24 hours ago"),
        ("0001-01-01T00:00:00Z", "found 0001-01-01T00:00:00Z"),
        ("-009999-01-02T01:59:59Z", "more than 24 hours ago"),
        ("9999-12-30T22:00:00.999999999Z", "more than a year ahead"),
        ("10000-01-01T00:00:00Z", "RFC 3339"),
    ] {
        for route in ["create-thread", "export-products", "verify-ep"] {
            let answer = force(&house, route, "2026-10-05T15:05:01Z", time).await;
            assert_eq!(answer.status, 400, "{time}: {:#}", answer.body);
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(detail.contains("X-CloudScheduler-ScheduleTime") && detail.contains(part), "{detail}");
        }
    }
    assert_eq!(house.slack.server.calls(), [] as [String; 0]);
    assert_eq!(house.gcs.names(STATE_BUCKET), [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_exists_twice_is_neither_missed_nor_shown_twice() {
    let schedule = "create-thread@0 0 * * *;export-products@30 1 * * *;verify-ep@0 4 * * *";
    // 2026-11-01: 01:30 comes at 05:30 UTC, and again at 06:30. The Scheduler takes either, or none.
    for run in [Some("2026-11-01T05:30:00Z"), Some("2026-11-01T06:30:00Z"), None] {
        let house = House::with(&[("TIMEZONE", "America/New_York"), ("SCHEDULE", schedule)]).await;
        house.tick("create-thread", "2026-10-31T04:00:00Z").await;
        house.tick("export-products", "2026-10-31T05:30:00Z").await;
        house.tick("create-thread", "2026-11-01T04:00:00Z").await;
        if let Some(time) = run {
            house.tick("export-products", time).await;
        }
        let verified = house.tick("verify-ep", "2026-11-01T09:00:00Z").await;
        assert_eq!(verified.status, 200, "{:#}", verified.body);
        assert_eq!(check(&verified, "schedule_kept")["status"], "pass", "{run:?}");
        assert!(!check(&verified, "fresh").to_string().contains("stale"), "{run:?}: {:#}", verified.body);
        let parent = house.slack.parents().remove(1).text;
        assert_eq!(parent.matches("01:30").count(), 1, "{parent}");
        assert_eq!(parent.contains("01:30 생성 ✅"), run.is_some(), "{parent}");
        let guide = house.slack.replies(&house.slack.parents()[1].ts).remove(0).text;
        assert_eq!(guide.matches("01:30").count(), 1, "{guide}");
        assert!(!house.slack.messages().iter().any(|m| m.text.contains("없는 시각")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_a_schedule_that_has_just_changed_was_not_missed() {
    for changed in [false, true] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        house.tick("export-products", "2026-10-05T15:05:00Z").await;
        if changed {
            // Until now the afternoon's export was at four.
            let known = house.gcs.text(STATE_BUCKET, "schedule.json").unwrap();
            let other = known.replace("export-products@0 15 * * *", "export-products@0 16 * * *");
            assert_ne!(known, other);
            house.gcs.put(STATE_BUCKET, "schedule.json", other.as_bytes());
        }
        let verified = house.tick("verify-ep", "2026-10-06T08:50:00Z").await;
        assert_eq!(verified.status, 200, "{:#}", verified.body);
        let kept = check(&verified, "schedule_kept");
        let expected = if changed { ("pass", "1/1") } else { ("warn", "1/2") };
        assert_eq!((&kept["status"], &kept["measured"]), (&json!(expected.0), &json!(expected.1)));
        let fresh = check(&verified, "fresh");
        assert_eq!(fresh["status"], if changed { "pass" } else { "warn" }, "{fresh:#}");
        // From the next day on it is due like any other.
        house.tick("create-thread", "2026-10-06T15:00:00Z").await;
        let next = house.clock.now() + SignedDuration::from_hours(18);
        house.clock.set(&next.to_string());
        let verified = house.call("verify-ep").await;
        let kept = check(&verified, "schedule_kept");
        assert_eq!(kept["measured"], "0/2", "{kept:#}");
    }
}
