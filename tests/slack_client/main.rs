//! The Slack client against a double of Slack's Web API that is stricter than Slack.
#![allow(clippy::unwrap_used, reason = "a test")]

mod channel;
mod double;
#[path = "../support/mod.rs"]
mod support;
mod troubles;

use std::time::Duration;

use auto_ep::{
    chat::{Chat, ChatErrorKind, Marker, Message, Place, Posted, SlackChat, Ts},
    clock::SystemClock,
    slack::deliver::PatientChat,
};
use double::{CHANNEL_ID, CHANNEL_NAME, TOKEN, TestSlack, Trouble};
use serde_json::{Value, json};
use url::Url;

fn message() -> Message {
    Message {
        text: "📦 *00:05 EP 생성 완료*".into(),
        blocks: vec![json!({"type": "divider"})],
        marker: Marker { service: "A & B".into(), key: "run:export-products:1".into() },
    }
}

async fn open_thread(chat: &SlackChat) -> Posted {
    chat.post(Place::Channel, &message()).await.unwrap()
}

#[tokio::test]
async fn a_post_carries_text_blocks_and_marker_and_unfurls_nothing() {
    let slack = TestSlack::start().await;
    let posted = open_thread(&slack.chat()).await;
    assert_eq!(
        posted,
        Posted { channel: CHANNEL_ID.into(), ts: Ts("1696521600.000001".into()), thread_ts: None }
    );
    assert_eq!(
        slack.posts(),
        [json!({
            "channel": CHANNEL_ID,
            "text": "📦 *00:05 EP 생성 완료*",
            "blocks": [{"type": "divider"}],
            "unfurl_links": false,
            "unfurl_media": false,
            "metadata": {
                "event_type": "auto_ep",
                "event_payload": {"service": "A & B", "key": "run:export-products:1"},
            },
            "ts": "1696521600.000001",
        })]
    );
}

#[tokio::test]
async fn replies_name_their_thread_and_a_broadcast_shows_in_the_channel_too() {
    let slack = TestSlack::start().await;
    let chat = slack.chat();
    let parent = open_thread(&chat).await.ts;
    let reply = chat.post(Place::Thread(&parent), &message()).await.unwrap();
    chat.post(Place::Broadcast(&parent), &message()).await.unwrap();
    assert_eq!(reply.thread_ts.as_ref(), Some(&parent));
    let posts = slack.posts();
    assert_eq!((&posts[1]["thread_ts"], &posts[1]["reply_broadcast"]), (&json!(parent), &Value::Null));
    assert_eq!((&posts[2]["thread_ts"], &posts[2]["reply_broadcast"]), (&json!(parent), &json!(true)));
}

#[tokio::test]
async fn a_reply_that_went_astray_is_told_by_its_missing_thread() {
    let slack = TestSlack::start().await;
    let gone = Ts("1600000000.000001".into());
    let posted = slack.chat().post(Place::Thread(&gone), &message()).await.unwrap();
    assert_eq!(posted.thread_ts, None);
}

#[tokio::test]
async fn a_channel_known_by_name_is_updated_by_the_id_that_a_post_told() {
    let slack = TestSlack::start().await;
    let chat = slack.client(TOKEN, CHANNEL_NAME);
    let nowhere = Ts("1.000001".into());
    let error = chat.update(&nowhere, &message()).await.unwrap_err();
    assert_eq!(error.kind, ChatErrorKind::Permanent, "{error}");
    assert!(error.detail.contains("SLACK_CHANNEL"), "{error}");

    let posted = open_thread(&chat).await;
    chat.update(&posted.ts, &message()).await.unwrap();
    let updates = slack.updates();
    assert_eq!((&updates[0]["channel"], &updates[0]["ts"]), (&json!(CHANNEL_ID), &json!(posted.ts)));
    assert_eq!(updates[0]["metadata"]["event_payload"]["key"], "run:export-products:1");
    assert_eq!(chat.update(&nowhere, &message()).await.unwrap_err().kind, ChatErrorKind::Gone);
    assert_eq!(chat.channel(), CHANNEL_NAME);
}

#[tokio::test]
async fn a_plain_message_brings_its_marker_in_the_text_and_takes_old_blocks_away() {
    let slack = TestSlack::start().await;
    let chat = slack.chat();
    let posted = chat.post(Place::Channel, &message().plain()).await.unwrap();
    chat.update(&posted.ts, &message().plain()).await.unwrap();
    let (posts, updates) = (slack.posts(), slack.updates());
    let text = "📦 *00:05 EP 생성 완료*\nA &amp; B · run:export-products:1";
    assert_eq!(
        (&posts[0]["text"], &posts[0]["blocks"], &posts[0]["metadata"]),
        (&json!(text), &Value::Null, &Value::Null)
    );
    assert_eq!((&updates[0]["text"], &updates[0]["blocks"]), (&json!(text), &json!([])));
}

#[tokio::test]
async fn a_permalink_is_for_people() {
    let slack = TestSlack::start().await;
    let chat = slack.client(TOKEN, CHANNEL_NAME);
    let posted = open_thread(&chat).await;
    assert_eq!(
        chat.permalink(&posted.ts).await.unwrap().as_deref(),
        Some("https://example.slack.com/archives/C0123456789/p1696521600000001")
    );
}

#[tokio::test]
async fn every_trouble_falls_into_its_class() {
    use ChatErrorKind::{Ambiguous, Gone, Payload, Permanent, RateLimited, Unknown};
    let slack = TestSlack::start().await;
    let chat = slack.chat();
    for (status, body, retry_after, kind) in [
        (429, "", Some("30"), RateLimited(Duration::from_secs(30))),
        (429, "", None, RateLimited(Duration::from_secs(1))),
        (429, "", Some("soon"), RateLimited(Duration::from_secs(1))),
        (500, "oops", None, Ambiguous),
        (503, "", None, Ambiguous),
        (200, "<html>", None, Ambiguous),
        (200, r#"{"ok":true}"#, None, Ambiguous),
        (200, r#"{"ok":false,"error":"fatal_error"}"#, None, Ambiguous),
        (200, r#"{"ok":false,"error":"unheard_of"}"#, None, Unknown),
        (200, r#"{"ok":false,"error":"not_in_channel"}"#, None, Permanent),
        (200, r#"{"ok":false,"error":"invalid_blocks"}"#, None, Payload),
        (200, r#"{"ok":false,"error":"thread_not_found"}"#, None, Gone),
    ] {
        slack.next(Trouble::Answer(status, body, retry_after));
        let error = chat.post(Place::Channel, &message()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert_eq!(error.method, "chat.postMessage");
    }
    assert_eq!(slack.posts(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_wrong_token_is_permanent_says_what_to_do_and_is_not_shown() {
    let slack = TestSlack::start().await;
    for token in ["xoxb-wrong", "xoxb-wr\nong"] {
        let error = slack.client(token, CHANNEL_ID).post(Place::Channel, &message()).await.unwrap_err();
        assert_eq!(error.kind, ChatErrorKind::Permanent);
        assert!(
            error.detail.contains("SLACK_BOT_TOKEN") && !format!("{error:?}").contains("xoxb"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn no_connection_is_told_from_an_unknown_fate() {
    // Bound, so that nobody else takes the port, but never listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = Url::parse(&format!("http://{}/api/", socket.local_addr().unwrap())).unwrap();
    let chat = SlackChat::new(reqwest::Client::new(), TOKEN.to_owned().into(), CHANNEL_ID.into(), url);
    let error = chat.post(Place::Channel, &message()).await.unwrap_err();
    assert_eq!(error.kind, ChatErrorKind::Unreachable, "{error}");
    assert!(!error.to_string().contains(TOKEN));
}

#[tokio::test]
async fn a_delivery_outlives_a_rate_limit_and_a_refused_layout() {
    let slack = TestSlack::start().await;
    let (chat, clock) = (slack.chat(), SystemClock);
    slack.next(Trouble::Answer(429, "", Some("1")));
    slack.next(Trouble::Answer(200, r#"{"ok":false,"error":"invalid_blocks"}"#, None));
    let deadline = jiff::Timestamp::now() + Duration::from_secs(30);
    PatientChat { chat: &chat, clock: &clock, deadline, one_too_many: "" }
        .post(Place::Channel, &message())
        .await
        .unwrap();
    let posts = slack.posts();
    assert_eq!((posts.len(), &posts[0]["blocks"]), (1, &Value::Null));
}
