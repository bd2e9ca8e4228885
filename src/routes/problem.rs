//! Problems as RFC 9457 says, with `run` and `retryable`.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    report::FailureKind,
    run::{NoVerdict, WhyNot},
};

/// Characters quoted of what is wrong.
const MOST_QUOTED: usize = 80;

/// An `application/problem+json` answer.
pub struct ProblemJson {
    pub status: StatusCode,
    pub body: Value,
    /// When to come again.
    pub retry_after: Option<Duration>,
}

impl ProblemJson {
    /// A request that is wrong, whatever the run.
    pub fn new(status: StatusCode, detail: String) -> Self {
        let body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("Error"),
            "status": status.as_u16(),
            "detail": detail,
            "retryable": false,
        });
        Self { status, body, retry_after: None }
    }

    /// A run that did not end in a verdict.
    pub fn of(why: NoVerdict) -> Self {
        let (status, title) = match why.kind {
            WhyNot::Busy => (StatusCode::CONFLICT, "The run is under way"),
            WhyNot::OtherOptions => (StatusCode::UNPROCESSABLE_ENTITY, "Other options than before"),
            WhyNot::UnknownBuild => (StatusCode::NOT_FOUND, "No such build"),
            WhyNot::Crowded => (StatusCode::SERVICE_UNAVAILABLE, "Too much work at once"),
            WhyNot::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "The instance is being stopped"),
            WhyNot::HeldBuild => (StatusCode::CONFLICT, "The build is held"),
            WhyNot::Failed(kind) => failed(kind),
        };
        let body = json!({
            "type": "about:blank",
            "title": title,
            "status": status.as_u16(),
            "detail": why.detail,
            "run": why.run,
            "retryable": why.retryable,
            "thread": why.thread,
        });
        Self { status, body, retry_after: why.retry_after }
    }
}

fn failed(kind: FailureKind) -> (StatusCode, &'static str) {
    match kind {
        FailureKind::CatalogueUnreachable => (StatusCode::BAD_GATEWAY, "The catalogue could not be reached"),
        FailureKind::CatalogueRefused => (StatusCode::BAD_GATEWAY, "The catalogue refused"),
        FailureKind::CatalogueUnreadable => (StatusCode::BAD_GATEWAY, "The catalogue could not be read"),
        FailureKind::FeedStore => (StatusCode::BAD_GATEWAY, "The feed store failed"),
        FailureKind::Publication => (StatusCode::BAD_GATEWAY, "The publication did not end"),
        FailureKind::State => (StatusCode::BAD_GATEWAY, "The state store failed"),
        FailureKind::Chat => (StatusCode::BAD_GATEWAY, "Slack failed"),
        FailureKind::Deadline => (StatusCode::GATEWAY_TIMEOUT, "The deadline passed"),
        FailureKind::BrokeOff | FailureKind::Internal => {
            (StatusCode::INTERNAL_SERVER_ERROR, "A defect of auto-ep")
        }
    }
}

/// A few characters of what somebody sent.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MOST_QUOTED) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The same of a value.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}
