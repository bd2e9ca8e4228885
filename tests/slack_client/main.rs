//! The Slack client against a double of Slack's Web API that is stricter than Slack, and what every adapter of the port
//! promises.
#![allow(clippy::unwrap_used, reason = "a test")]

mod channel;
mod promises;
#[path = "../support/mod.rs"]
mod support;
mod troubles;

use std::time::Duration;

use auto_ep::{
    chat::{Chat, ChatErrorKind, Marker, Message, Place, Posted, SlackChat, Ts},
    clock::SystemClock,
    thread::deliver::PatientChat,
};
use serde_json::{Value, json};
use support::{
    Fault, SlackDouble,
    slack::{CHANNEL, CHANNEL_NAME, TOKEN},
};
use url::Url;

fn message() -> Message {
    Message {
        text: "📦 *00:05 EP 생성 완료*".into(),
        blocks: vec![json!({"type": "divider"})],
        plain: None,
        marker: Marker { service: "A & B".into(), key: "run:export-products:1".into() },
    }
}

fn client(double: &SlackDouble, token: &str, channel: &str) -> SlackChat {
    let url = double.url().parse().unwrap();
    SlackChat::new(reqwest::Client::new(), token.to_owned().into(), channel.to_owned(), url)
}

async fn start() -> (SlackDouble, SlackChat) {
    let double = SlackDouble::start().await;
    let chat = client(&double, TOKEN, CHANNEL);
    (double, chat)
}

/// What a method was given, call by call.
fn sent(double: &SlackDouble, method: &str) -> Vec<Value> {
    double.sent(method).into_iter().map(|sent| sent.arguments).collect()
}

async fn open_thread(chat: &SlackChat) -> Posted {
    chat.post(Place::Channel, &message()).await.unwrap()
}

#[tokio::test]
async fn a_post_carries_text_blocks_and_marker_and_unfurls_nothing() {
    let (double, chat) = start().await;
    let posted = open_thread(&chat).await;
    let ts = Ts(double.messages()[0].ts.clone());
    assert_eq!(posted, Posted { channel: CHANNEL.into(), ts, thread_ts: None });
    assert_eq!(
        sent(&double, "chat.postMessage"),
        [json!({
            "channel": CHANNEL,
            "text": "📦 *00:05 EP 생성 완료*",
            "blocks": [{"type": "divider"}],
            "unfurl_links": false,
            "unfurl_media": false,
            "metadata": {
                "event_type": "auto_ep",
                "event_payload": {"service": "A & B", "key": "run:export-products:1"},
            },
        })]
    );
    // Without the charset Slack takes it with a warning.
    assert_eq!(double.sent("chat.postMessage")[0].content_type, "application/json; charset=utf-8");
}

#[tokio::test]
async fn replies_name_their_thread_and_a_broadcast_shows_in_the_channel_too() {
    let (double, chat) = start().await;
    let parent = open_thread(&chat).await.ts;
    let reply = chat.post(Place::Thread(&parent), &message()).await.unwrap();
    chat.post(Place::Broadcast(&parent), &message()).await.unwrap();
    assert_eq!(reply.thread_ts.as_ref(), Some(&parent));
    let posts = sent(&double, "chat.postMessage");
    assert_eq!((&posts[1]["thread_ts"], &posts[1]["reply_broadcast"]), (&json!(parent), &Value::Null));
    assert_eq!((&posts[2]["thread_ts"], &posts[2]["reply_broadcast"]), (&json!(parent), &json!(true)));
}

#[tokio::test]
async fn a_reply_that_went_astray_is_told_by_its_missing_thread() {
    let (_double, chat) = start().await;
    let gone = Ts("1600000000.000001".into());
    assert_eq!(chat.post(Place::Thread(&gone), &message()).await.unwrap().thread_ts, None);
}

#[tokio::test]
async fn a_channel_known_by_name_is_updated_by_the_id_that_a_post_told() {
    let double = SlackDouble::start().await;
    let chat = client(&double, TOKEN, CHANNEL_NAME);
    let nowhere = Ts("1.000001".into());
    let error = chat.update(&nowhere, &message()).await.unwrap_err();
    assert_eq!(error.kind, ChatErrorKind::Permanent, "{error}");
    assert!(error.detail.contains("SLACK_CHANNEL"), "{error}");

    let posted = open_thread(&chat).await;
    chat.update(&posted.ts, &message()).await.unwrap();
    let updates = sent(&double, "chat.update");
    let update = updates.last().unwrap();
    assert_eq!((&update["channel"], &update["ts"]), (&json!(CHANNEL), &json!(posted.ts)));
    assert_eq!(update["metadata"]["event_payload"]["key"], "run:export-products:1");
    assert_eq!(chat.update(&nowhere, &message()).await.unwrap_err().kind, ChatErrorKind::Gone);
}

#[tokio::test]
async fn a_plain_message_brings_its_marker_in_the_text_and_takes_old_blocks_away() {
    let (double, chat) = start().await;
    let posted = chat.post(Place::Channel, &message().plainer().unwrap()).await.unwrap();
    chat.update(&posted.ts, &message().plainer().unwrap()).await.unwrap();
    let (posts, updates) = (sent(&double, "chat.postMessage"), sent(&double, "chat.update"));
    let text = "📦 *00:05 EP 생성 완료*\nA &amp; B · run:export-products:1";
    assert_eq!(
        (&posts[0]["text"], &posts[0]["blocks"], &posts[0]["metadata"]),
        (&json!(text), &Value::Null, &Value::Null)
    );
    assert_eq!((&updates[0]["text"], &updates[0]["blocks"]), (&json!(text), &json!([])));
}

#[tokio::test]
async fn a_permalink_is_for_people() {
    let double = SlackDouble::start().await;
    let chat = client(&double, TOKEN, CHANNEL_NAME);
    let posted = open_thread(&chat).await;
    let link = format!("https://test.slack.com/archives/{CHANNEL}/p{}", posted.ts.0.replace('.', ""));
    assert_eq!(chat.permalink(&posted.ts).await.unwrap(), Some(link));
}

#[tokio::test]
async fn every_trouble_falls_into_its_class() {
    use ChatErrorKind::{Ambiguous, Gone, Payload, Permanent, RateLimited, Unknown};
    let (double, chat) = start().await;
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
        double.fail_next("chat.postMessage", 1, Fault::Answer(status, body, retry_after));
        let error = chat.post(Place::Channel, &message()).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert_eq!(error.method, "chat.postMessage");
    }
    assert_eq!(double.messages(), []);
}

#[tokio::test]
async fn a_wrong_token_is_permanent_says_what_to_do_and_is_not_shown() {
    let double = SlackDouble::start().await;
    for token in ["xoxb-wrong", "xoxb-wr\nong"] {
        let error = client(&double, token, CHANNEL).post(Place::Channel, &message()).await.unwrap_err();
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
    let chat = SlackChat::new(reqwest::Client::new(), TOKEN.to_owned().into(), CHANNEL.into(), url);
    let error = chat.post(Place::Channel, &message()).await.unwrap_err();
    assert_eq!(error.kind, ChatErrorKind::Unreachable, "{error}");
    assert!(!error.to_string().contains(TOKEN));
}

#[tokio::test]
async fn a_delivery_outlives_a_rate_limit_and_a_refused_layout() {
    let ((double, chat), clock) = (start().await, SystemClock);
    double.fail_next("chat.postMessage", 1, Fault::RateLimited(1));
    double.fail_next("chat.postMessage", 1, Fault::Error(200, "invalid_blocks"));
    let deadline = jiff::Timestamp::now() + Duration::from_secs(30);
    PatientChat { chat: &chat, clock: &clock, deadline, one_too_many: "" }
        .post(Place::Channel, &message())
        .await
        .unwrap();
    let messages = double.messages();
    assert_eq!((messages.len(), messages[0].blocks.len()), (1, 0));
}
