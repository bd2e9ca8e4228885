//! What an answer of Slack's Web API means: the value asked for, or an error in its class.
//!
//! It never sends anything: it is handed a status, a `Retry-After` and a body. It never tells what other people wrote:
//! nothing of an answer that can hold messages of a channel stands in an error, and nothing of any that may be a token,
//! whoever repeats the header that it came in.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::codes::{DEFAULT_RETRY_AFTER, advice, class_of};
use crate::{
    cause,
    chat::{ChatError, ChatErrorKind},
    json,
    web::Secrets,
};

/// Values of an answer, for what is made of one takes many times its text. A message of ours comes back as some hundreds.
pub const MOST_VALUES: usize = 20_000;
/// Characters of foreign text quoted in an error.
const QUOTED_CHARS: usize = 200;
/// So much of a text is looked at for that.
const LOOKED_AT: usize = 4096;
/// What no code of Slack's and no list of scopes is longer than.
const CODE_CHARS: usize = 80;
/// How tokens of Slack's begin, whosever they are.
const TOKEN: &str = "xox";

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
    /// The JSON of a call that Slack took, or an error without any of our `secrets`.
    pub fn read(self, method: &'static str, secrets: &Secrets) -> Result<Value, ChatError> {
        let error = |kind, detail| Err(ChatError { kind, method, detail });
        let quoted = || quote(method, &self.body, secrets);
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
                    format!("HTTP {}: it may have been taken: {}", self.status, quoted()),
                );
            }
            _ => {}
        }
        let is_one = json::values(&self.body) <= MOST_VALUES;
        let parsed = is_one.then(|| serde_json::from_slice::<Value>(&self.body).ok()).flatten();
        let envelope = parsed.as_ref().and_then(|v| Envelope::deserialize(v).ok());
        let (Some(value), Some(envelope)) = (parsed, envelope) else {
            let quoted = quoted();
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
        let is_safe = |text: &String| without_tokens(text, secrets) == *text;
        let code = match envelope.error {
            None => "no error named".to_owned(),
            Some(code) if is_code(&code) && is_safe(&code) => code,
            Some(code) => format!("an error of {} characters that is no code", code.chars().count()),
        };
        let kind = match class_of(&code) {
            ChatErrorKind::RateLimited(usual) => ChatErrorKind::RateLimited(self.wait(usual)),
            kind => kind,
        };
        let mut detail = code.clone();
        if let Some(scopes) = envelope.needed.filter(|scopes| is_scopes(scopes) && is_safe(scopes)) {
            detail.push_str(&format!(" (needed: {scopes})"));
        }
        let remarks = envelope.response_metadata.and_then(|m| m.messages).filter(|_| !is_private(method));
        if let Some(messages) = remarks {
            detail.push_str(&format!(" ({})", cut(&messages.join("; "), secrets)));
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

/// The class of an answer that is too long to be read.
pub fn too_long(method: &'static str, kind: ChatErrorKind) -> ChatError {
    let detail = "the answer is too long to be one of Slack's; check SLACK_API_URL".to_owned();
    ChatError { kind, method, detail }
}

/// The class of a call that got no whole answer.
pub fn lost(method: &'static str, error: reqwest::Error) -> ChatError {
    // A connection that was never made, and a request that could not even be built, sent nothing.
    let kind = match &error {
        e if e.is_builder() => ChatErrorKind::Permanent,
        e if e.is_connect() => ChatErrorKind::Unreachable,
        _ => ChatErrorKind::Ambiguous,
    };
    let mut detail = match &kind {
        ChatErrorKind::Permanent => "the request could not be made, check SLACK_BOT_TOKEN and SLACK_API_URL",
        ChatErrorKind::Unreachable => "no connection",
        _ => "no whole answer, it may have been taken",
    }
    .to_owned();
    detail.push_str(": ");
    detail.push_str(&cause::of_request(error));
    ChatError { kind, method, detail }
}

/// Whether the method's answers hold what other people wrote.
fn is_private(method: &str) -> bool {
    method.starts_with("conversations.")
}

/// Whether a text is made as Slack's codes are, so that it is nobody's words.
fn is_code(text: &str) -> bool {
    text.len() <= CODE_CHARS
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The same of a list of scopes.
fn is_scopes(text: &str) -> bool {
    text.len() <= CODE_CHARS && text.split([',', ':', '.']).all(is_code)
}

fn quote(method: &str, body: &[u8], secrets: &Secrets) -> String {
    if is_private(method) {
        return format!("{} bytes, not shown because people's messages may be in them", body.len());
    }
    format!("{:?}", cut(&String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]), secrets))
}

/// A text without our token in any spelling, nor anybody's.
fn without_tokens(text: &str, secrets: &Secrets) -> String {
    let text = secrets.struck(text);
    let lower = text.to_ascii_lowercase();
    let (mut told, mut from) = (String::new(), 0);
    while let Some(at) = lower[from..].find(TOKEN).map(|at| from + at) {
        let ends = |c: char| c.is_whitespace() || "\"'<>,;".contains(c);
        told.push_str(&text[from..at]);
        told.push_str("***");
        from = text[at..].find(ends).map_or(text.len(), |end| at + end);
    }
    told + &text[from..]
}

fn cut(text: &str, secrets: &Secrets) -> String {
    let beginning: String = text.chars().take(LOOKED_AT).collect();
    without_tokens(&beginning, secrets)
        .chars()
        .take(QUOTED_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, retry_after: Option<u64>, body: &str) -> Result<Value, ChatError> {
        Answer { status, retry_after, body: body.into() }
            .read("chat.postMessage", &Secrets::of([OURS.to_owned()]))
    }

    const OURS: &str = "tok-9Z/b8-4f2e";

    #[test]
    fn no_token_that_an_answer_repeats_stands_in_an_error() {
        let escaped = OURS.replace('/', "\\u002f");
        let encoded = OURS.replace('/', "%2F");
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("x:{OURS}"));
        let theirs = "xoxe.xoxp-1-9Z4f2e";
        for token in [OURS, &escaped, &encoded, &OURS.to_uppercase(), &basic, theirs, "XOXB%2D9Z4f2e"] {
            for (status, body) in [
                (200, format!(r#"{{"ok":false,"error":"invalid_auth Bearer {token}"}}"#)),
                (200, format!(r#"{{"ok":false,"error":"{token}"}}"#)),
                (200, format!(r#"{{"ok":false,"error":"missing_scope","needed":"{token}"}}"#)),
                (
                    200,
                    format!(r#"{{"ok":false,"error":"e","response_metadata":{{"messages":["{token}"]}}}}"#),
                ),
                (500, format!("<pre>Authorization: Bearer {token}</pre>")),
                (407, format!("<pre>Authorization: Bearer {token}</pre>")),
                (200, format!("Authorization: Bearer {token}, it was")),
            ] {
                let told = format!("{:?}", read(status, None, &body).unwrap_err());
                let lower = told.to_lowercase();
                for part in ["9z", "b8-4", "4f2e", &basic[4..12].to_lowercase()] {
                    assert!(!lower.contains(part), "{body}: {told}");
                }
            }
        }
        let said = read(500, None, "<pre>Sorry, not now</pre>").unwrap_err();
        assert!(said.detail.contains("Sorry, not now"), "{said}");
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
    fn an_answer_of_more_values_than_slacks_have_is_none() {
        for (pad, ok) in [("0,".repeat(10_000), true), (r#"{"a":0},"#.repeat(30_000), false)] {
            let read = read(200, None, &format!(r#"{{"ok":true,"pad":[{pad}0]}}"#));
            assert_eq!(read.is_ok(), ok, "{:?}", read.map(drop));
        }
    }

    #[test]
    fn what_people_wrote_in_the_channel_stands_in_no_error() {
        let said = "the password is swordfish";
        let cut_off = format!(r#"{{"ok":true,"messages":[{{"text":"{said}"}}"#);
        let codes = format!(
            r#"{{"ok":false,"error":"{said}","needed":"{said}","response_metadata":{{"messages":["{said}"]}}}}"#
        );
        for (status, body) in [(200, &cut_off), (503, &cut_off), (404, &cut_off), (200, &codes)] {
            for method in ["conversations.history", "conversations.replies"] {
                let answer = Answer { status, retry_after: None, body: body.clone().into() };
                let error = answer.read(method, &Secrets::default()).unwrap_err();
                assert!(!format!("{error:?} {error}").contains("swordfish"), "{error}");
            }
        }
        let scope = r#"{"ok":false,"error":"missing_scope","needed":"channels:history,groups:history"}"#;
        let answer = Answer { status: 200, retry_after: None, body: scope.into() };
        let error = answer.read("conversations.history", &Secrets::default()).unwrap_err();
        assert!(
            error.detail.starts_with("missing_scope (needed: channels:history,groups:history)"),
            "{error}"
        );
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
