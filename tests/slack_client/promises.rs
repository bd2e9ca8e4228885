//! What every adapter of the chat promises: Slack and the terminal, and with `AUTO_EP_TEST_SLACK` a Slack that nobody here
//! wrote, in place of the double.

use std::{env, sync::Arc};

use auto_ep::{
    chat::{Chat, ChatErrorKind, Marker, Message, Place, Posted, SlackChat, TerminalChat, Ts},
    clock::SystemClock,
};
use jiff::{SignedDuration, Timestamp};

use crate::{message, start};

fn marked(key: &str) -> Message {
    Message { marker: Marker { key: key.to_owned(), ..message().marker }, ..message() }
}

async fn keeps_its_promises(chat: &dyn Chat) {
    // In a channel that may hold messages of an earlier test, and on servers whose `ts` are whole seconds.
    let now = Timestamp::now();
    let since = now - SignedDuration::from_secs(2);
    let key = |what: &str| marked(&format!("{what}:{}", now.as_nanosecond()));
    let (parent, told, copy) = (key("parent"), key("told"), key("copy"));
    let find = async |message: &Message, thread: Option<&Ts>| -> Vec<Posted> {
        chat.find(&message.marker, thread, since).await.unwrap()
    };
    assert_eq!(find(&parent, None).await, []);
    let opened = chat.post(Place::Channel, &parent).await.unwrap();
    assert_eq!((opened.thread_ts.as_ref(), find(&parent, None).await), (None, vec![opened.clone()]));

    let thread = Some(&opened.ts);
    let reply = chat.post(Place::Thread(&opened.ts), &told).await.unwrap();
    assert_eq!(reply.thread_ts.as_ref(), thread, "it landed in the thread");
    assert!(reply.ts > opened.ts, "a later message has a later name");
    let found: Vec<_> = find(&told, thread).await.into_iter().map(|found| found.ts).collect();
    assert_eq!(found, std::slice::from_ref(&reply.ts));
    assert_eq!(find(&told, None).await, [], "a reply is not in the channel");
    let one_too_many = chat.post(Place::Broadcast(&opened.ts), &copy).await.unwrap();
    assert_eq!(one_too_many.thread_ts.as_ref(), thread);
    assert_eq!(find(&copy, thread).await.len(), 1);

    chat.update(&reply.ts, &key("edited")).await.unwrap();
    assert_eq!((find(&told, thread).await.len(), find(&key("edited"), thread).await.len()), (0, 1));
    chat.delete(&one_too_many.ts).await.unwrap();
    assert_eq!(find(&copy, thread).await, []);
    assert_eq!(chat.update(&one_too_many.ts, &copy).await.unwrap_err().kind, ChatErrorKind::Gone);
    let link = chat.permalink(&opened.ts).await.unwrap();
    assert!(link.is_none_or(|link| link.starts_with("http")));
}

#[tokio::test]
async fn every_adapter_posts_finds_edits_and_removes() {
    match env::var("AUTO_EP_TEST_SLACK") {
        Ok(url) => {
            let [token, channel] =
                ["TOKEN", "CHANNEL"].map(|what| env::var(format!("AUTO_EP_TEST_SLACK_{what}")).unwrap());
            let url = url.parse().unwrap();
            keeps_its_promises(&SlackChat::new(reqwest::Client::new(), token.into(), channel, url)).await;
        }
        Err(_) => {
            let (_double, chat) = start().await;
            keeps_its_promises(&chat).await;
        }
    }
}

#[tokio::test]
async fn the_terminal_posts_finds_edits_and_removes_too() {
    keeps_its_promises(&TerminalChat::new(Arc::new(SystemClock), false)).await;
}

#[tokio::test]
async fn a_form_is_looked_at_and_nothing_is_posted() {
    let (double, chat) = start().await;
    chat.validate(&message()).await.unwrap();
    let too_many = Message { blocks: vec![serde_json::json!({"type": "divider"}); 51], ..message() };
    let refused = chat.validate(&too_many).await.unwrap_err();
    assert_eq!((refused.kind, refused.method), (ChatErrorKind::Payload, "blocks.validate"));
    assert_eq!(double.messages(), []);
    // Slack finds blocks in a form, not in a body of JSON.
    let sent = double.sent("blocks.validate");
    assert!(sent.iter().all(|sent| sent.content_type == "application/x-www-form-urlencoded"), "{sent:?}");
}
