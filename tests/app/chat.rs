//! What a workspace does to a day of ours.

use std::time::Duration;

use serde_json::json;

use crate::{
    house::{House, STATE_BUCKET},
    support::Fault,
};

const EXPORT: (&str, &str) = ("export-products", "2026-10-05T15:05:00Z");
const VERIFY: (&str, &str) = ("verify-ep", "2026-10-05T15:50:00Z");

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_takes_no_rich_messages_gets_the_day_as_plain_text() {
    for code in ["invalid_arguments", "metadata_must_be_sent_from_app", "heard_of_by_nobody"] {
        let house = House::start().await;
        house.slack.refuse_form(Some(code));
        for (route, time) in [EXPORT, VERIFY] {
            let answer = house.tick(route, time).await;
            assert_eq!(
                (answer.status, &answer.body["status"]),
                (200, &json!("ok")),
                "{code}: {:#}",
                answer.body
            );
        }
        assert_eq!(house.reports().len(), 2, "{code}");
        let messages = house.slack.messages();
        assert!(messages.iter().all(|m| m.blocks.is_empty() && m.metadata.is_none()), "{code}");
        assert_eq!(messages[0].text.matches('✅').count(), 2, "{code}: {}", messages[0].text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_people_deleted_is_replaced_once() {
    for leaves_a_tombstone in [true, false] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        let deleted = house.slack.parents().remove(0).ts;
        match leaves_a_tombstone {
            true => house.slack.delete(&deleted),
            false => house.slack.vanish(&deleted),
        }
        let answer = house.tick(EXPORT.0, EXPORT.1).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        house.tick(VERIFY.0, VERIFY.1).await;
        let parent = house.slack.parents().remove(0);
        assert_ne!(parent.ts, deleted);
        assert_eq!(answer.body["thread"]["ts"], parent.ts.as_str());
        assert_eq!(house.reports().len(), 2);
        let of_the_deleted = house.slack.replies(&deleted).len();
        assert_eq!(house.slack.messages().len(), 4 + of_the_deleted, "no stray message is left");
        assert_eq!(of_the_deleted, usize::from(leaves_a_tombstone), "nothing is told where nobody looks");
        assert_eq!(house.gcs.text(STATE_BUCKET, "thread.ts").unwrap(), parent.ts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_may_not_write_publishes_nothing_although_links_can_be_had() {
    for trouble in ["kicked", "archived", "chat:write lost"] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        let set = |on: bool| match trouble {
            "kicked" => house.slack.kick(on),
            "archived" => house.slack.archive(on),
            _ => ["chat.postMessage", "chat.update", "chat.delete"]
                .into_iter()
                .for_each(|method| house.slack.refuse(method, on.then_some("missing_scope"))),
        };
        set(true);
        let answer = house.tick(EXPORT.0, EXPORT.1).await;
        assert_eq!(
            (answer.status, &answer.body["retryable"]),
            (502, &json!(false)),
            "{trouble}: {:#}",
            answer.body
        );
        assert_eq!(house.public().await, None, "{trouble}: nobody can be told");
        set(false);
        let answer = house.tick(EXPORT.0, EXPORT.1).await;
        assert_eq!(answer.status, 200, "{trouble}: {:#}", answer.body);
        assert!(house.public().await.is_some() && house.reports().len() == 1, "{trouble}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_closes_edits_gets_each_report_in_the_thread_that_is_there() {
    for code in ["edit_window_closed", "cant_update_message"] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        house.slack.close_edits(Some(code));
        for (route, time) in [EXPORT, VERIFY] {
            let answer = house.tick(route, time).await;
            assert_eq!(answer.status, 200, "{code}: {:#}", answer.body);
        }
        let texts: Vec<_> = house.reports().into_iter().map(|report| report.text).collect();
        let verdicts = texts.iter().filter(|text| !text.starts_with('⏳')).count();
        assert_eq!(verdicts, 2, "{code}: {texts:#?}");
        let said = texts.iter().filter(|text| text.contains("메시지 수정이 막혀")).count();
        assert_eq!(said, 1, "{code}: {texts:#?}");
        assert!(house.slack.tombstones().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_post_that_lands_after_its_run_one_message_stays() {
    for code in [None, Some("cant_delete_message")] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        house.slack.forbid_deletion(code);
        // Longer than a call is waited for and two looks take: the report is posted again, and then this one lands.
        house.slack.fail_next("chat.postMessage", 1, Fault::Late(Duration::from_secs(20)));
        let answer = house.tick(EXPORT.0, EXPORT.1).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        for _ in 0..200 {
            if house.reports().len() > 1 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(house.reports().len(), 2, "it has landed");
        house.tick(VERIFY.0, VERIFY.1).await;
        let texts: Vec<_> = house.reports().into_iter().map(|report| report.text).collect();
        assert_eq!(texts.iter().filter(|text| text.contains("00:05 EP 생성 완료")).count(), 1, "{texts:#?}");
        assert_eq!(texts.len(), if code.is_none() { 2 } else { 3 }, "{texts:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_something_ate_each_parent_somebody_opens_a_new_one_by_hand_once_it_is_mended() {
    let house = House::start().await;
    house.slack.eat_parents(true);
    let answer = house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(false)), "{:#}", answer.body);
    assert!(house.slack.messages().is_empty(), "{:#?}", house.slack.messages());
    house.slack.eat_parents(false);
    let answer = house.tick(EXPORT.0, EXPORT.1).await;
    assert_eq!((answer.status, house.public().await.is_none()), (502, true), "{:#}", answer.body);
    assert!(house.slack.messages().is_empty(), "a guide without a thread: {:#?}", house.slack.messages());
    let began = std::time::Instant::now();
    let answer = house.call("create-thread").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    assert!(began.elapsed() < Duration::from_secs(3), "nobody waits for a claim that was given back");
    assert_eq!(house.slack.messages().len(), 2, "the parent and its guide");
    let answer = house.tick(EXPORT.0, EXPORT.1).await;
    assert_eq!((answer.status, house.reports().len()), (200, 1), "{:#}", answer.body);
    assert!(house.public().await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_may_reply_the_board_shows_it_and_the_next_export_publishes_nothing() {
    for code in ["restricted_action_thread_locked", "restricted_action_read_only_channel"] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        house.slack.forbid_replies(Some(code));
        // That the parent may be edited says nothing of replies; this one finds it out.
        let answer = house.tick(EXPORT.0, EXPORT.1).await;
        assert_eq!((answer.status, &answer.body["retryable"]), (502, &json!(false)), "{:#}", answer.body);
        let parent = house.slack.parents().remove(0);
        assert!(parent.text.contains("00:05") && parent.text.contains('✅'), "{code}: {}", parent.text);
        assert_eq!(house.builds(), 1, "{code}");
        let later = house.tick(EXPORT.0, "2026-10-06T06:00:00Z").await;
        assert_eq!((later.status, &later.body["retryable"]), (502, &json!(false)), "{:#}", later.body);
        assert_eq!(house.builds(), 1, "{code}: nobody can be told");
        house.slack.forbid_replies(None);
        for time in [EXPORT.1, "2026-10-06T06:00:00Z"] {
            let answer = house.tick(EXPORT.0, time).await;
            assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
        }
        assert_eq!(house.builds(), 2, "{code}");
        let texts: Vec<_> = house.reports().into_iter().map(|report| report.text).collect();
        assert_eq!((texts.len(), texts.iter().any(|text| text.starts_with('⏳'))), (2, false), "{texts:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_code_edits_are_refused_with_no_report_is_kept_from_anybody() {
    for code in ["heard_of_by_nobody", "invalid_arguments"] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        house.slack.refuse("chat.update", Some(code));
        for (route, time) in [EXPORT, VERIFY] {
            let answer = house.tick(route, time).await;
            assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
        }
        let texts: Vec<_> = house.reports().into_iter().map(|report| report.text).collect();
        assert_eq!(texts.iter().filter(|text| !text.starts_with('⏳')).count(), 2, "{code}: {texts:#?}");
        assert_eq!(texts.iter().filter(|text| text.starts_with('⏳')).count(), 0, "{code}: {texts:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_may_not_call_the_channel_is_told_in_the_thread() {
    for code in ["cant_broadcast_message", "restricted_action"] {
        let house = House::start().await;
        house.tick("create-thread", "2026-10-05T15:00:00Z").await;
        house.slack.forbid_broadcasts(Some(code));
        house.catalogue.serve(200, r#"{"moreProducts": {"productWindow": []}}"#);
        let answer = house.tick(EXPORT.0, EXPORT.1).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("held")),
            "{code}: {:#}",
            answer.body
        );
        let reports = house.reports();
        assert_eq!((reports.len(), reports[0].broadcast), (1, false), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_every_form_is_refused_nothing_is_published_with_and_without_a_thread() {
    for code in ["invalid_blocks", "invalid_arguments", "heard_of_by_nobody"] {
        for opened in [false, true] {
            let house = House::with(&[("LEASE", "4s"), ("DEADLINE", "40s"), ("VERIFY_TIMEOUT", "10s")]).await;
            if opened {
                house.tick("create-thread", "2026-10-05T15:00:00Z").await;
            }
            for method in ["chat.postMessage", "chat.update"] {
                house.slack.refuse(method, Some(code));
            }
            let answer = house.tick(EXPORT.0, EXPORT.1).await;
            assert_eq!(answer.status, 502, "{code}, {opened}: {:#}", answer.body);
            let passes = code == "heard_of_by_nobody";
            assert_eq!(answer.body["retryable"], json!(passes), "{code}, {opened}: {:#}", answer.body);
            assert_eq!(house.public().await, None, "{code}, {opened}: nobody can be told");
            // Whoever looks first and is refused then knows as much.
            let again = house.tick(EXPORT.0, EXPORT.1).await;
            assert_eq!(again.body["retryable"], json!(passes), "{code}, {opened}: {:#}", again.body);
            assert_eq!(house.public().await, None, "{code}, {opened}: nobody can be told");
        }
    }
}
