//! What a message is to Slack: the arguments of a post or an update.
//!
//! It never sends anything.

use serde_json::{Value, json};

use super::search::METADATA_EVENT_TYPE;
use crate::chat::{MAX_TEXT, Message, escape};

/// The fields that a post and an update share. A message without blocks goes without metadata too, because either
/// may be what Slack refused: then the marker stands in the text, which an update must not be longer with.
pub fn content(channel: &str, message: &Message) -> Value {
    let marker = &message.marker;
    let mut body = json!({"channel": channel, "unfurl_links": false, "unfurl_media": false});
    if message.blocks.is_empty() {
        let marker = escape::text(&marker.visible());
        let room = MAX_TEXT.saturating_sub(escape::length(&marker) + 1);
        body["text"] = json!(format!("{}\n{marker}", escape::cut(&message.text, room)));
    } else {
        body["text"] = json!(message.text);
        body["blocks"] = json!(message.blocks);
        body["metadata"] = json!({
            "event_type": METADATA_EVENT_TYPE,
            "event_payload": {"service": marker.service, "key": marker.key},
        });
    }
    body
}
