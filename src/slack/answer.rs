//! What an answer of Slack's Web API means: the value asked for, or an error in its class.
//!
//! It never sends anything: it is handed a status, a `Retry-After` and a body.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::chat::{ChatError, ChatErrorKind};

/// What Slack's own clients wait where a 429 does not say how long.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);
/// Characters of foreign text quoted in an error.
const QUOTED_CHARS: usize = 200;

/// One answer, as far as it matters.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header, in seconds.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    error: Option<String>,
    needed: Option<String>,
    response_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    messages: Option<Vec<String>>,
}

impl Answer {
    /// The JSON of a call that Slack took.
    pub fn read(self, method: &'static str) -> Result<Value, ChatError> {
        let error = |kind, detail| Err(ChatError { kind, method, detail });
        match self.status {
            429 => {
                let wait = self.wait();
                return error(
                    ChatErrorKind::RateLimited(wait),
                    format!("429: wait {} s, then again", wait.as_secs()),
                );
            }
            500.. | 408 => {
                return error(
                    ChatErrorKind::Ambiguous,
                    format!("HTTP {}: it may have been taken: {}", self.status, quote(&self.body)),
                );
            }
            _ => {}
        }
        let parsed = serde_json::from_slice::<Value>(&self.body).ok();
        let envelope = parsed.as_ref().and_then(|v| Envelope::deserialize(v).ok());
        let (Some(value), Some(envelope)) = (parsed, envelope) else {
            let quoted = quote(&self.body);
            return match self.status {
                400..=499 => error(
                    ChatErrorKind::Permanent,
                    format!("HTTP {} and no answer of Slack's; check SLACK_API_URL: {quoted}", self.status),
                ),
                status => error(
                    ChatErrorKind::Ambiguous,
                    format!("HTTP {status}, but no JSON with an \"ok\" field; check SLACK_API_URL: {quoted}"),
                ),
            };
        };
        if envelope.ok {
            return Ok(value);
        }
        let code = envelope.error.unwrap_or_else(|| "no error named".to_owned());
        let kind = match class_of(&code) {
            ChatErrorKind::RateLimited(_) => ChatErrorKind::RateLimited(self.wait()),
            kind => kind,
        };
        let mut detail = cut(&code);
        if let Some(scope) = envelope.needed {
            detail.push_str(&format!(" (needed: {})", cut(&scope)));
        }
        if let Some(messages) = envelope.response_metadata.and_then(|m| m.messages) {
            detail.push_str(&format!(" ({})", cut(&messages.join("; "))));
        }
        if let Some(advice) = advice(&code) {
            detail.push_str(": ");
            detail.push_str(advice);
        }
        error(kind, detail)
    }

    fn wait(&self) -> Duration {
        self.retry_after.map_or(DEFAULT_RETRY_AFTER, Duration::from_secs)
    }
}

/// The class of an error code.
fn class_of(code: &str) -> ChatErrorKind {
    match code {
        "invalid_auth"
        | "not_authed"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "missing_scope"
        | "channel_not_found"
        | "not_in_channel"
        | "is_archived"
        | "no_permission"
        | "access_denied"
        | "not_allowed_token_type" => ChatErrorKind::Permanent,
        _ if code.starts_with("restricted_action") => ChatErrorKind::Permanent,
        "invalid_blocks"
        | "invalid_blocks_format"
        | "msg_blocks_too_long"
        | "msg_too_long"
        | "no_text"
        | "invalid_metadata_format"
        | "invalid_metadata_schema"
        | "metadata_too_large" => ChatErrorKind::Payload,
        "ratelimited" | "rate_limited" => ChatErrorKind::RateLimited(DEFAULT_RETRY_AFTER),
        "message_not_found" | "thread_not_found" | "cannot_reply_to_message" => ChatErrorKind::Gone,
        "cant_update_message"
        | "edit_window_closed"
        | "cant_delete_message"
        | "compliance_exports_prevent_deletion" => ChatErrorKind::Closed,
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
            ChatErrorKind::Ambiguous
        }
        _ => ChatErrorKind::Unknown,
    }
}

/// What a person does about a permanent error.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => {
            "make a new bot token and put it into SLACK_BOT_TOKEN"
        }
        "not_allowed_token_type" => "put a bot token (xoxb-…) into SLACK_BOT_TOKEN",
        "missing_scope" => "add the scope to the Slack app, install it again and update SLACK_BOT_TOKEN",
        "channel_not_found" => {
            "put the channel's id (C…) into SLACK_CHANNEL; for a private channel, invite the bot with /invite first"
        }
        "not_in_channel" => "invite the bot into the channel with /invite",
        "is_archived" => "the channel is archived: unarchive it, or put another one into SLACK_CHANNEL",
        "cant_delete_message" | "compliance_exports_prevent_deletion" => {
            "the workspace does not let this bot remove its message: remove it by hand"
        }
        "no_permission" | "access_denied" => {
            "the workspace does not let this bot do that: ask its administrators"
        }
        _ if code.starts_with("restricted_action") => {
            "a setting of the workspace forbids it: ask its administrators, or use another channel"
        }
        _ => return None,
    })
}

fn quote(body: &[u8]) -> String {
    format!("{:?}", cut(&String::from_utf8_lossy(body)))
}

fn cut(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, retry_after: Option<u64>, body: &str) -> Result<Value, ChatError> {
        Answer { status, retry_after, body: body.into() }.read("chat.postMessage")
    }

    #[test]
    fn every_error_code_falls_into_its_class() {
        use ChatErrorKind::{Ambiguous, Closed, Gone, Payload, Permanent, RateLimited, Unknown};
        let second = RateLimited(Duration::from_secs(1));
        for (codes, kind) in [
            (
                "invalid_auth not_authed account_inactive token_revoked token_expired missing_scope \
                 channel_not_found not_in_channel is_archived no_permission not_allowed_token_type \
                 restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel",
                Permanent,
            ),
            (
                "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text \
                 invalid_metadata_format invalid_metadata_schema metadata_too_large",
                Payload,
            ),
            ("ratelimited rate_limited", second),
            ("internal_error fatal_error service_unavailable request_timeout", Ambiguous),
            ("something_slack_invents_tomorrow", Unknown),
            ("message_not_found thread_not_found cannot_reply_to_message", Gone),
            (
                "cant_update_message edit_window_closed cant_delete_message compliance_exports_prevent_deletion",
                Closed,
            ),
        ] {
            for code in codes.split_whitespace() {
                let error = read(200, None, &format!(r#"{{"ok":false,"error":"{code}"}}"#)).unwrap_err();
                assert_eq!(error.kind, kind, "{code}");
                assert!(error.to_string().starts_with(&format!("chat.postMessage: {code}")), "{error}");
                assert!(kind != Permanent || advice(code).is_some(), "{code}: {error}");
            }
        }
    }

    #[test]
    fn answers_that_are_not_slacks_fall_into_a_class_too() {
        use ChatErrorKind::{Ambiguous, Permanent, RateLimited, Unknown};
        for (status, retry_after, body, kind) in [
            (429, Some(7), "", RateLimited(Duration::from_secs(7))),
            (429, None, r#"{"ok":false,"error":"ratelimited"}"#, RateLimited(Duration::from_secs(1))),
            (200, Some(3), r#"{"ok":false,"error":"ratelimited"}"#, RateLimited(Duration::from_secs(3))),
            (500, None, "", Ambiguous),
            (503, None, r#"{"ok":false,"error":"invalid_auth"}"#, Ambiguous),
            (408, None, "", Ambiguous),
            (200, None, "<html>a proxy's page</html>", Ambiguous),
            (200, None, "", Ambiguous),
            (200, None, "[]", Ambiguous),
            (200, None, r#"{"ok":false}"#, Unknown),
            (404, None, "not found", Permanent),
            (403, None, r#"{"ok":false,"error":"invalid_auth"}"#, Permanent),
        ] {
            assert_eq!(read(status, retry_after, body).unwrap_err().kind, kind, "{status} {body}");
        }
    }

    #[test]
    fn the_detail_tells_what_slack_says_is_wrong() {
        let scope = read(200, None, r#"{"ok":false,"error":"missing_scope","needed":"chat:write"}"#);
        assert!(scope.unwrap_err().detail.contains("chat:write"));
        let blocks =
            r#"{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] no /x"]}}"#;
        assert!(read(200, None, blocks).unwrap_err().detail.contains("[ERROR] no /x"));
        assert!(read(200, None, &"긴".repeat(9000)).unwrap_err().detail.chars().count() < 400);
    }
}
