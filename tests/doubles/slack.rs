//! The Slack double keeps Slack's rules.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Fault, SlackDouble, slack};

async fn send(slack: &SlackDouble, token: &str, method: &str, body: Value) -> Value {
    let request = reqwest::Client::new().post(format!("{}{method}", slack.url())).bearer_auth(token);
    let answer = request.json(&body).send().await.unwrap();
    answer.json().await.unwrap()
}

async fn call(slack: &SlackDouble, method: &str, body: Value) -> Value {
    send(slack, slack::TOKEN, method, body).await
}

async fn look(slack: &SlackDouble, method: &str, query: &str) -> Value {
    let url = format!("{}{method}?channel={}&{query}", slack.url(), slack::CHANNEL);
    let request = reqwest::Client::new().get(url).bearer_auth(slack::TOKEN);
    request.send().await.unwrap().json().await.unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

#[tokio::test]
async fn threads_are_posted_found_edited_and_lost_as_in_slack() {
    let slack = SlackDouble::start().await;
    let marker = json!({"event_type": "ep", "event_payload": {"key": "parent"}});
    let parent = json!({"channel": "#ep-test", "text": "parent", "metadata": marker});
    let parent = call(&slack, "chat.postMessage", parent).await;
    assert_eq!((text(&parent, "/channel"), &parent["ok"]), (slack::CHANNEL, &json!(true)));
    let ts = text(&parent, "/ts").to_owned();
    let reply = json!({"channel": slack::CHANNEL, "text": "reply", "thread_ts": ts});
    let posted = call(&slack, "chat.postMessage", reply.clone()).await;
    assert_eq!(text(&posted, "/message/thread_ts"), ts);

    let found = look(&slack, "conversations.history", "include_all_metadata=true").await;
    assert_eq!(found["messages"].as_array().unwrap().len(), 1, "replies are not in the channel");
    assert_eq!(text(&found, "/messages/0/metadata/event_payload/key"), "parent");
    let page = look(&slack, "conversations.replies", &format!("ts={ts}&limit=1")).await;
    assert_eq!((text(&page, "/messages/0/text"), &page["has_more"]), ("parent", &json!(true)));
    let cursor = text(&page, "/response_metadata/next_cursor").to_owned();
    let page = look(&slack, "conversations.replies", &format!("ts={ts}&limit=1&cursor={cursor}")).await;
    assert_eq!((text(&page, "/messages/0/text"), &page["has_more"]), ("reply", &json!(false)));

    let edit = json!({"channel": slack::CHANNEL, "ts": ts, "text": "edited"});
    assert_eq!(call(&slack, "chat.update", edit.clone()).await["ok"], true);
    assert_eq!((slack.parents()[0].text.as_str(), slack.parents()[0].edited), ("edited", 1));
    let link = look(&slack, "chat.getPermalink", &format!("message_ts={ts}")).await;
    assert!(text(&link, "/permalink").starts_with("https://"));

    slack.vanish(&ts);
    assert_eq!(text(&call(&slack, "chat.update", edit).await, "/error"), "message_not_found");
    assert_eq!(
        text(&look(&slack, "conversations.replies", &format!("ts={ts}")).await, "/error"),
        "thread_not_found"
    );
    let astray = call(&slack, "chat.postMessage", reply).await;
    assert_eq!((&astray["ok"], astray.pointer("/message/thread_ts")), (&json!(true), None));
    assert_eq!(slack.parents().len(), 1);
}

#[tokio::test]
async fn a_deleted_parent_with_replies_stays_as_a_tombstone_until_the_last_of_them_goes() {
    let slack = SlackDouble::start().await;
    let post = |thread: Option<&str>| json!({"channel": slack::CHANNEL, "text": "x", "thread_ts": thread});
    let parent = call(&slack, "chat.postMessage", post(None)).await;
    let ts = text(&parent, "/ts").to_owned();
    let first = call(&slack, "chat.postMessage", post(Some(&ts))).await;
    let shown = look(&slack, "conversations.history", "").await;
    assert_eq!(text(&shown, "/messages/0/thread_ts"), ts, "a parent is the first of its own thread");

    slack.delete(&ts);
    assert_eq!((slack.parents().len(), slack.tombstones().len(), slack.replies(&ts).len()), (0, 1, 1));
    let reply = call(&slack, "chat.postMessage", post(Some(&ts))).await;
    assert_eq!(text(&reply, "/message/thread_ts"), ts, "the thread goes on where nobody sees it");
    let named = json!({"channel": slack::CHANNEL, "ts": ts, "text": "edited"});
    for method in ["chat.update", "chat.delete"] {
        assert_eq!(text(&call(&slack, method, named.clone()).await, "/error"), "message_not_found");
    }
    let link = look(&slack, "chat.getPermalink", &format!("message_ts={ts}")).await;
    assert_eq!(text(&link, "/error"), "message_not_found");
    for (method, query) in
        [("conversations.history", String::new()), ("conversations.replies", format!("ts={ts}"))]
    {
        let shown = look(&slack, method, &query).await;
        let found =
            ["subtype", "user", "text"].map(|name| text(&shown, &format!("/messages/0/{name}")).to_owned());
        assert_eq!(found, ["tombstone", "USLACKBOT", "This message was deleted."], "{method}");
    }

    for reply in [first, reply] {
        let named = json!({"channel": slack::CHANNEL, "ts": text(&reply, "/ts")});
        assert_eq!(call(&slack, "chat.delete", named).await["ok"], true);
    }
    assert_eq!(slack.tombstones(), []);
    let gone = look(&slack, "conversations.replies", &format!("ts={ts}")).await;
    assert_eq!(text(&gone, "/error"), "thread_not_found");
}

#[tokio::test]
async fn what_a_workspace_forbids_is_refused_method_by_method() {
    let slack = SlackDouble::start().await;
    let post = json!({"channel": slack::CHANNEL, "text": "x"});
    let ts = text(&call(&slack, "chat.postMessage", post.clone()).await, "/ts").to_owned();
    let named = json!({"channel": slack::CHANNEL, "ts": ts, "text": "y"});
    let nowhere = json!({"channel": slack::CHANNEL, "ts": "1.000001", "text": "y"});
    let outcomes = async || {
        let answers = [
            call(&slack, "chat.postMessage", post.clone()).await,
            call(&slack, "chat.update", named.clone()).await,
            call(&slack, "chat.update", nowhere.clone()).await,
            look(&slack, "conversations.history", "").await,
            look(&slack, "chat.getPermalink", &format!("message_ts={ts}")).await,
            call(&slack, "chat.delete", named.clone()).await,
        ];
        answers.map(|answer| text(&answer, "/error").to_owned())
    };
    let gone = "message_not_found";
    slack.kick(true);
    let kicked = "not_in_channel";
    assert_eq!(outcomes().await, [kicked, kicked, kicked, kicked, "", kicked]);
    slack.kick(false);
    slack.archive(true);
    let archived = "is_archived";
    assert_eq!(outcomes().await, [archived, archived, archived, "", "", archived]);
    slack.archive(false);
    slack.close_edits(Some("edit_window_closed"));
    slack.forbid_deletion(Some("cant_delete_message"));
    assert_eq!(outcomes().await, ["", "edit_window_closed", gone, "", "", "cant_delete_message"]);
    slack.close_edits(None);
    slack.refuse("chat.getPermalink", Some("heard_of_by_nobody"));
    assert_eq!(outcomes().await, ["", "", gone, "", "heard_of_by_nobody", "cant_delete_message"]);
    slack.refuse("chat.getPermalink", None);
    slack.refuse_form(Some("invalid_arguments"));
    assert_eq!(outcomes().await, ["", "", gone, "", "", "cant_delete_message"], "plain text is taken");
    let rich = json!({"channel": slack::CHANNEL, "text": "x", "blocks": [{"type": "divider"}]});
    assert_eq!(text(&call(&slack, "chat.postMessage", rich).await, "/error"), "invalid_arguments");
    slack.forbid_deletion(None);
    assert_eq!(call(&slack, "chat.delete", named).await["ok"], true);
}

#[tokio::test]
async fn breaches_are_told_by_slacks_names() {
    let slack = SlackDouble::start().await;
    let section = |n: usize| json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(n)}});
    let header = json!({"type": "header", "text": {"type": "plain_text", "text": "x".repeat(151)}});
    for (body, error) in [
        (json!({"channel": slack::CHANNEL}), "no_text"),
        (json!({"channel": "C0OTHER", "text": "x"}), "channel_not_found"),
        (json!({"text": "x"}), "invalid_arguments"),
        (json!({"channel": slack::CHANNEL, "text": "x".repeat(40_001)}), "msg_too_long"),
        (json!({"channel": slack::CHANNEL, "text": "x", "blocks": [section(3_001)]}), "invalid_blocks"),
        (json!({"channel": slack::CHANNEL, "text": "x", "blocks": [section(0)]}), "invalid_blocks"),
        (json!({"channel": slack::CHANNEL, "text": "x", "blocks": [header]}), "invalid_blocks"),
        (json!({"channel": slack::CHANNEL, "text": "x", "blocks": vec![section(1); 51]}), "invalid_blocks"),
        (json!({"channel": slack::CHANNEL, "text": "x", "blocks": "no"}), "invalid_blocks_format"),
        (
            json!({"channel": slack::CHANNEL, "text": "x", "metadata": {"event_type": "a"}}),
            "invalid_metadata_schema",
        ),
        (
            json!({"channel": slack::CHANNEL, "text": "x", "blocks": vec![section(221); 50]}),
            "msg_blocks_too_long",
        ),
    ] {
        assert_eq!(text(&call(&slack, "chat.postMessage", body.clone()).await, "/error"), error, "{body}");
    }
    let fine = json!({"channel": slack::CHANNEL, "text": "x", "blocks": vec![section(200); 50]});
    assert_eq!(call(&slack, "chat.postMessage", fine.clone()).await["ok"], true);
    assert_eq!(
        text(&send(&slack, "xoxb-wrong", "chat.postMessage", fine.clone()).await, "/error"),
        "invalid_auth"
    );
    slack.refuse_all(Some("token_revoked"));
    assert_eq!(text(&call(&slack, "chat.postMessage", fine).await, "/error"), "token_revoked");
    assert_eq!(slack.messages().len(), 1);
}

#[tokio::test]
async fn faults_come_as_ordered() {
    let slack = SlackDouble::start().await;
    let url = format!("{}chat.postMessage", slack.url());
    let post = || {
        let body = json!({"channel": slack::CHANNEL, "text": "x"});
        reqwest::Client::new().post(&url).bearer_auth(slack::TOKEN).json(&body).send()
    };
    slack.fail_next("chat.postMessage", 1, Fault::RateLimited(7));
    let limited = post().await.unwrap();
    assert_eq!((limited.status().as_u16(), limited.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    slack.fail_next("chat.postMessage", 1, Fault::Reset);
    assert!(post().await.is_err());
    assert_eq!(slack.messages().len(), 0);
    slack.fail_next("chat.postMessage", 1, Fault::LostAnswer);
    assert!(post().await.is_err());
    assert_eq!(slack.messages().len(), 1, "the effect happened");
    let hasty = reqwest::Client::new().post(&url).bearer_auth(slack::TOKEN);
    let hasty =
        hasty.json(&json!({"channel": slack::CHANNEL, "text": "late"})).timeout(Duration::from_millis(50));
    slack.fail_next("chat.postMessage", 1, Fault::Late(Duration::from_millis(400)));
    assert!(hasty.send().await.unwrap_err().is_timeout());
    assert_eq!(slack.messages().len(), 1, "it is still under way");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_eq!(slack.messages().len(), 2, "it landed although nobody waited for it");
    slack.fail_next("chat.postMessage", 1, Fault::Error(200, "fatal_error"));
    assert_eq!(post().await.unwrap().json::<Value>().await.unwrap()["error"], "fatal_error");
    assert_eq!(slack.server.count("chat.postMessage"), 5);
}
