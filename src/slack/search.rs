//! Looking for a message that may have been posted: which pages to ask for, and which message on them is ours.
//!
//! Pure but for the types: it never calls Slack. Correctness rests on the marker, never on a message's wording.

use jiff::Timestamp;
use serde_json::Value;

use super::{client::METADATA_EVENT_TYPE, escape};
use crate::chat::{Marker, Posted, Ts};

/// Who our token belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bot {
    /// The bot's user id.
    pub user: Option<String>,
    /// The bot's own id.
    pub bot: Option<String>,
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
    pub fn form(&self, cursor: &str) -> Vec<(&'static str, String)> {
        let mut form = vec![
            ("channel", self.channel.clone()),
            ("limit", "200".to_owned()),
            ("include_all_metadata", "true".to_owned()),
            ("inclusive", "true".to_owned()),
        ];
        match self.thread {
            Some(ts) => form.push(("ts", ts.0.clone())),
            None => form.push(("oldest", self.oldest().0)),
        }
        if !cursor.is_empty() {
            form.push(("cursor", cursor.to_owned()));
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
