//! Looking for a message that may have been posted: which pages to ask for, and which message on them is ours.
//!
//! Pure but for the types: it never calls Slack. Correctness rests on the marker, never on a message's wording.

use jiff::Timestamp;
use serde_json::Value;

use crate::chat::{Marker, Posted, Ts, escape};

/// Who our token belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bot {
    /// The bot's user id.
    pub user: Option<String>,
    /// The bot's own id.
    pub bot: Option<String>,
}

/// The name under which the marker rides on a message.
pub const METADATA_EVENT_TYPE: &str = "auto_ep";
/// Messages that a search reads at most: far more than a channel holds in the minutes it looks back.
const SEARCHED: usize = 10_000;
/// Messages on a page, at most.
const PAGE: usize = 200;
/// Bytes of a page: parsed, they take many times as much.
const PAGE_MAX_BYTES: usize = 1 << 18;
/// Bytes of a page that is one message, and so cannot be made smaller.
const MESSAGE_MAX_BYTES: usize = 1 << 20;

/// Which page of a place is asked for. Messages of a busy channel can be long, and then fewer fit on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    limit: usize,
    /// Where the page begins; empty for the first one.
    cursor: String,
    /// Messages on the pages before.
    read: usize,
}

impl Default for Pages {
    fn default() -> Self {
        Self { limit: PAGE, cursor: String::new(), read: 0 }
    }
}

impl Pages {
    /// Bytes that the page may have.
    pub fn max_bytes(&self) -> usize {
        if self.limit > 1 { PAGE_MAX_BYTES } else { MESSAGE_MAX_BYTES }
    }

    /// Asks for half as many messages, because a page was too long; false where there is no half.
    pub fn halve(&mut self) -> bool {
        let can = self.limit > 1;
        self.limit = (self.limit / 2).max(1);
        can
    }

    /// Goes on after this page of so many bytes; false where it was the last, or enough was read.
    pub fn turn(&mut self, page: &Value, bytes: usize) -> bool {
        // A page that holds nothing is one all the same: pages of nothing have an end, too.
        self.read += page["messages"].as_array().map_or(1, |messages| messages.len().max(1));
        // One long message must not make all others come one by one.
        if bytes <= PAGE_MAX_BYTES / 4 {
            self.limit = (self.limit * 2).min(PAGE);
        }
        match page.pointer("/response_metadata/next_cursor").and_then(Value::as_str) {
            Some(next) if !next.is_empty() => next.clone_into(&mut self.cursor),
            _ => return false,
        }
        if self.read >= SEARCHED {
            tracing::warn!(searched = self.read, "the channel holds more messages than are looked through");
        }
        self.read < SEARCHED
    }
}

/// What is looked for, and where.
pub struct Search<'a> {
    /// The channel's id.
    pub channel: String,
    /// Among this thread's replies; in the channel itself otherwise.
    pub thread: Option<&'a Ts>,
    /// Older messages are another's.
    pub since: Timestamp,
    /// What marks the message.
    pub marker: &'a Marker,
    /// Whose message it must be.
    pub bot: &'a Bot,
}

impl Search<'_> {
    /// The method that lists the place.
    pub fn method(&self) -> &'static str {
        if self.thread.is_some() { "conversations.replies" } else { "conversations.history" }
    }

    /// The arguments for one page.
    pub fn form(&self, pages: &Pages) -> Vec<(&'static str, String)> {
        let mut form = vec![
            ("channel", self.channel.clone()),
            ("limit", pages.limit.to_string()),
            ("include_all_metadata", "true".to_owned()),
            ("inclusive", "true".to_owned()),
        ];
        match self.thread {
            Some(ts) => form.push(("ts", ts.0.clone())),
            None => form.push(("oldest", self.oldest().0)),
        }
        if !pages.cursor.is_empty() {
            form.push(("cursor", pages.cursor.clone()));
        }
        form
    }

    /// The messages on a page that are the one looked for.
    pub fn found(&self, page: &Value) -> Vec<Posted> {
        let messages = page["messages"].as_array().map_or(&[][..], Vec::as_slice);
        messages
            .iter()
            .filter(|message| self.is_ours(message) && self.is_marked(message))
            .filter_map(|message| {
                let ts = Ts(message["ts"].as_str()?.to_owned());
                let thread_ts = message["thread_ts"].as_str().map(|ts| Ts(ts.to_owned()));
                (ts >= self.oldest()).then(|| Posted { channel: self.channel.clone(), ts, thread_ts })
            })
            .collect()
    }

    /// Not every Slack honours `oldest`, so each message's own time is looked at too. Seconds have ten digits until
    /// the year 2286: as texts they compare as numbers do.
    fn oldest(&self) -> Ts {
        Ts(format!("{}.{:06}", self.since.as_second(), self.since.subsec_microsecond()))
    }

    fn is_ours(&self, message: &Value) -> bool {
        let is =
            |name: &str, ours: &Option<String>| ours.is_some() && message[name].as_str() == ours.as_deref();
        is("bot_id", &self.bot.bot) || is("user", &self.bot.user)
    }

    fn is_marked(&self, message: &Value) -> bool {
        let metadata = &message["metadata"];
        if metadata["event_type"] == METADATA_EVENT_TYPE {
            let payload = &metadata["event_payload"];
            return payload["service"] == self.marker.service.as_str()
                && payload["key"] == self.marker.key.as_str();
        }
        // Undeclared metadata may not be kept; the marker then stands as a line of its own.
        let line = escape::text(&self.marker.visible());
        holds_line(&message["blocks"], &line) || holds_line(&message["text"], &line)
    }
}

/// Whether any text within is the line, or has it as one of its lines.
fn holds_line(value: &Value, line: &str) -> bool {
    match value {
        Value::String(text) => text.lines().any(|found| found.trim() == line),
        Value::Array(items) => items.iter().any(|item| holds_line(item, line)),
        Value::Object(fields) => fields.values().any(|field| holds_line(field, line)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_shrink_where_messages_are_long_and_grow_again_after_them() {
        let mut pages = Pages::default();
        let page =
            |n: usize| json!({"messages": vec![json!({}); n], "response_metadata": {"next_cursor": "x"}});
        while pages.halve() {}
        assert_eq!((pages.limit, pages.max_bytes()), (1, MESSAGE_MAX_BYTES));
        assert!(pages.turn(&page(1), 900_000));
        assert_eq!(pages.limit, 1);
        for _ in 0..9 {
            assert!(pages.turn(&page(3), 2_000));
        }
        assert_eq!((pages.limit, pages.max_bytes(), pages.read), (PAGE, PAGE_MAX_BYTES, 28));
        assert!(pages.turn(&page(0), 100) && pages.read == 29, "pages of nothing are counted, too");
        assert!(!pages.turn(&json!({"messages": []}), 100));
    }

    #[test]
    fn only_our_own_marked_message_of_that_time_is_found() {
        let marker = Marker { service: "IKEA & EP".into(), key: "run:verify-ep:2026-10-05T15:50:00Z".into() };
        let bot = Bot { user: Some("U1".into()), bot: Some("B1".into()) };
        let since: Timestamp = "2026-10-05T15:50:00Z".parse().unwrap();
        let search = Search { channel: "C1".into(), thread: None, since, marker: &marker, bot: &bot };
        let at = |seconds: i64| format!("{}.000100", since.as_second() + seconds);
        let metadata = |key: &str| json!({"event_type": "auto_ep", "event_payload": {"service": "IKEA & EP", "key": key}});
        let visible = "IKEA &amp; EP · run:verify-ep:2026-10-05T15:50:00Z";
        let cases = [
            ("metadata", json!({"ts": at(1), "bot_id": "B1", "metadata": metadata(&marker.key)}), true),
            (
                "a block's text",
                json!({"ts": at(1), "user": "U1", "blocks": [{"elements": [{"text": visible}]}]}),
                true,
            ),
            ("the last line", json!({"ts": at(1), "user": "U1", "text": format!("✅\n{visible}")}), true),
            (
                "another run",
                json!({"ts": at(1), "user": "U1", "metadata": metadata("run:other"), "text": visible}),
                false,
            ),
            ("part of a line", json!({"ts": at(1), "user": "U1", "text": format!("see {visible}")}), false),
            ("a longer key", json!({"ts": at(1), "user": "U1", "text": format!("{visible}1")}), false),
            ("somebody else", json!({"ts": at(1), "user": "U2", "metadata": metadata(&marker.key)}), false),
            ("too old", json!({"ts": at(-1), "user": "U1", "metadata": metadata(&marker.key)}), false),
        ];
        for (what, message, expected) in cases {
            assert_eq!(!search.found(&json!({"messages": [message]})).is_empty(), expected, "{what}");
        }
    }
}
