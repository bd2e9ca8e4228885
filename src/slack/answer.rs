//! What an answer of Slack's Web API means: the value asked for, or an error in its class.
//!
//! It never sends anything: it is handed a status, a `Retry-After` and a body.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::codes::{DEFAULT_RETRY_AFTER, advice, class_of};
use crate::chat::{ChatError, ChatErrorKind};

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
                let wait = self.wait(DEFAULT_RETRY_AFTER);
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
            ChatErrorKind::RateLimited(usual) => ChatErrorKind::RateLimited(self.wait(usual)),
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

    fn wait(&self, usual: Duration) -> Duration {
        self.retry_after.map_or(usual, Duration::from_secs)
    }
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
    fn a_refusal_names_its_code_and_what_a_person_does() {
        let error = read(200, None, r#"{"ok":false,"error":"not_in_channel"}"#).unwrap_err();
        assert_eq!(error.kind, ChatErrorKind::Permanent);
        assert_eq!(
            error.to_string(),
            "chat.postMessage: not_in_channel: invite the bot into the channel with /invite"
        );
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
