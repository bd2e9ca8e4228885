//! Channels that are no empty rooms: busy ones, and those of workspaces that take plain text alone.

use std::time::Duration;

use auto_ep::{
    chat::{Chat, ChatErrorKind, Place},
    clock::Clock,
    thread::{
        deliver::PatientChat,
        reconcile::{self, Intent},
    },
};

use crate::{
    message,
    support::{Fault, SlackDouble},
    troubles::{Hasty, connect},
};

const POST: &str = "chat.postMessage";
const HISTORY: &str = "conversations.history";

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_goes_out_once_as_plain_text() {
    let http = reqwest::Client::new();
    for code in [
        "invalid_blocks",
        "msg_blocks_too_long",
        "invalid_arguments",
        "invalid_arg_name",
        "metadata_must_be_sent_from_app",
        "heard_of_by_nobody",
    ] {
        let double = SlackDouble::start().await;
        let chat = connect(&http, &double);
        let deadline = Hasty.now() + Duration::from_secs(120);
        let calls = PatientChat { chat: &chat, clock: &Hasty, deadline, one_too_many: "" };
        double.refuse_form(Some(code));
        let intent = Intent { since: Hasty.now(), maybe_posted: false };
        let long = auto_ep::chat::Message { text: "긴 말 ".repeat(1_333), ..message() };
        let posted = reconcile::post_once(calls, Place::Channel, &long, intent).await.unwrap().posted;
        calls.update(&posted.ts, &long).await.unwrap();
        let messages = double.messages();
        assert_eq!((messages.len(), messages[0].edited, double.server.count(POST)), (1, 1, 2), "{code}");
        let plain = &messages[0];
        assert_eq!((&plain.blocks, &plain.metadata), (&Vec::new(), &None), "{code}");
        assert!(plain.text.starts_with("긴 말") && plain.text.ends_with("run:export-products:1"), "{code}");
        // And it is found again.
        let again = Intent { maybe_posted: true, ..intent };
        let once = reconcile::post_once(calls, Place::Channel, &long, again).await.unwrap();
        assert!(once.found, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_in_a_channel_and_in_a_thread_full_of_long_ones() {
    let http = reqwest::Client::new();
    let double = SlackDouble::start().await;
    let chat = connect(&http, &double);
    let since = Hasty.now();
    let parent = chat.post(Place::Channel, &message()).await.unwrap().ts;
    let reply = chat.post(Place::Thread(&parent), &message()).await.unwrap().ts;
    // 600 messages of 6 KiB in the channel, as many in the thread, and one as long as Slack takes them in each.
    let text = "회의록 ".repeat(300);
    let section = serde_json::json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    for thread in [None, Some(parent.0.as_str())] {
        for _ in 0..600 {
            double.post_rich_as_other(thread, &text, serde_json::json!([section]));
        }
        double.post_as_other(thread, &"긴".repeat(300_000));
    }
    for (thread, ts, method) in [(None, &parent, HISTORY), (Some(&parent), &reply, "conversations.replies")] {
        let found = chat.find(&message().marker, thread, since).await.unwrap();
        assert!(found.iter().any(|found| found.ts == *ts), "{method}");
        let calls = double.server.count(method);
        assert!((4..60).contains(&calls), "{method}: {calls} calls");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_too_long_to_read_past_keeps_no_report_back_and_nobodys_words_are_told() {
    let http = reqwest::Client::new();
    let double = SlackDouble::start().await;
    let chat = connect(&http, &double);
    let since = Hasty.now();
    double.post_as_other(None, &"swordfish ".repeat(120_000));
    let error = chat.find(&message().marker, None, since).await.unwrap_err();
    assert_eq!(error.kind, ChatErrorKind::Permanent);
    assert!(!format!("{error:?} {error}").contains("swordfish"), "{error}");
    let intent = Intent { since, maybe_posted: true };
    let deadline = since + Duration::from_secs(120);
    let calls = PatientChat { chat: &chat, clock: &Hasty, deadline, one_too_many: "" };
    reconcile::post_once(calls, Place::Channel, &message(), intent).await.unwrap();
    double.fail_next(HISTORY, 1, Fault::CutOff);
    let error = chat.find(&message().marker, None, since).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("swordfish"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_may_not_be_removed_is_edited_and_never_found_again() {
    let http = reqwest::Client::new();
    for code in ["cant_delete_message", "no_permission", "invalid_arguments", "heard_of_by_nobody"] {
        let double = SlackDouble::start().await;
        let chat = connect(&http, &double);
        let since = Hasty.now();
        let copy = chat.post(Place::Channel, &message()).await.unwrap().ts;
        let kept = chat.post(Place::Channel, &message()).await.unwrap().ts;
        double.refuse("chat.delete", Some(code));
        let deadline = Hasty.now() + Duration::from_secs(120);
        let calls = PatientChat { chat: &chat, clock: &Hasty, deadline, one_too_many: "one too many" };
        calls.put_away(&copy, &message().marker).await.unwrap();
        let found = chat.find(&message().marker, None, since).await.unwrap();
        assert_eq!(found.iter().map(|found| &found.ts).collect::<Vec<_>>(), [&kept], "{code}");
        assert_eq!(double.messages()[0].text, "one too many", "{code}");
    }
}
