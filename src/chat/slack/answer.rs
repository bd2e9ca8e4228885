//! What an answer of Slack's Web API means: the value asked for, or an error in its class.
//!
//! It never sends anything: it is handed a status, a `Retry-After` and a body. It never tells what other people wrote:
//! nothing of an answer that can hold messages of a channel stands in an error, and nothing of any that may be a token,
//! whoever repeats the header that it came in.

use std::time::Duration;

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
    pub body: Vec<u8>,
}

impl Answer {
    /// The JSON of a call that Slack took, or an error without any of our `secrets`.
    pub fn read(self, method: &'static str, secrets: &Secrets) -> Result<Value, ChatError> {
        let Self { status, body, .. } = &self;
        let error = |kind, detail| Err(ChatError::new(kind, method, detail));
        let quoted = || quote(method, body, secrets);
        match status {
            429 => {
                let wait = self.wait(DEFAULT_RETRY_AFTER);
                let detail = format!("429: wait {} s, then again", wait.as_secs());
                return error(ChatErrorKind::RateLimited(wait), detail);
            }
            500.. | 408 => {
                let detail = format!("HTTP {status}: it may have been taken: {}", quoted());
                return error(ChatErrorKind::Ambiguous, detail);
            }
            _ => {}
        }
        let is_one = json::values(body) <= MOST_VALUES;
        let parsed = is_one.then(|| serde_json::from_slice::<Value>(body).ok()).flatten().unwrap_or_default();
        match (parsed["ok"].as_bool(), status) {
            (Some(true), _) => Ok(parsed),
            (Some(false), _) => Err(self.refusal(method, &parsed, secrets)),
            (None, 400..=499) => error(
                ChatErrorKind::Permanent,
                format!("HTTP {status} and no answer of Slack's; check SLACK_API_URL: {}", quoted()),
            ),
            (None, _) => error(
                ChatErrorKind::Ambiguous,
                format!("HTTP {status}, but no JSON with an \"ok\" field; check SLACK_API_URL: {}", quoted()),
            ),
        }
    }

    fn refusal(&self, method: &'static str, answer: &Value, secrets: &Secrets) -> ChatError {
        let is_safe = |text: &&str| without_tokens(text, secrets) == **text;
        let code = match answer["error"].as_str() {
            None => "no error named".to_owned(),
            Some(code) if is_code(code) && is_safe(&code) => code.to_owned(),
            Some(code) => format!("an error of {} characters that is no code", code.chars().count()),
        };
        let kind = match class_of(&code) {
            ChatErrorKind::RateLimited(usual) => ChatErrorKind::RateLimited(self.wait(usual)),
            kind => kind,
        };
        let mut detail = code.clone();
        if let Some(scopes) = answer["needed"].as_str().filter(|scopes| is_scopes(scopes)).filter(is_safe) {
            detail.push_str(&format!(" (needed: {scopes})"));
        }
        let remarks = if is_private(method) { Vec::new() } else { remarks(answer) };
        if !remarks.is_empty() {
            detail.push_str(&format!(" ({})", cut(&remarks.join("; "), secrets)));
        }
        if let Some(advice) = advice(&code) {
            detail.push_str(": ");
            detail.push_str(advice);
        }
        ChatError::new(kind, method, detail)
    }

    fn wait(&self, usual: Duration) -> Duration {
        self.retry_after.map_or(usual, Duration::from_secs)
    }
}

/// What an answer says of what is wrong with the call: in words, and where in its blocks.
fn remarks(answer: &Value) -> Vec<String> {
    let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let words = list("/response_metadata/messages").filter_map(Value::as_str).map(str::to_owned);
    let places = list("/errors").filter_map(|error| {
        let text = |name: &str| error[name].as_str();
        Some(format!("{}: {}", text("pointer")?, text("message").or(text("code")).unwrap_or("wrong")))
    });
    words.chain(places).collect()
}

/// The class of an answer that is too long to be read.
pub fn too_long(method: &'static str, kind: ChatErrorKind) -> ChatError {
    ChatError::new(kind, method, "the answer is too long to be one of Slack's; check SLACK_API_URL")
}

/// The class of a call that got no whole answer.
pub fn lost(method: &'static str, error: reqwest::Error) -> ChatError {
    // A connection that was never made, and a request that could not even be built, sent nothing.
    let (kind, what) = match &error {
        e if e.is_builder() => (
            ChatErrorKind::Permanent,
            "the request could not be made, check SLACK_BOT_TOKEN and SLACK_API_URL",
        ),
        e if e.is_connect() => (ChatErrorKind::Unreachable, "no connection"),
        _ => (ChatErrorKind::Ambiguous, "no whole answer, it may have been taken"),
    };
    ChatError::new(kind, method, format!("{what}: {}", cause::of_request(error)))
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
mod tests;
