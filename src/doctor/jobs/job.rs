//! A job of Cloud Scheduler as its API gives it.
//!
//! It knows nothing of `SCHEDULE`.

use serde::Deserialize;

/// A job, as far as it matters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Job {
    pub name: String,
    pub description: String,
    pub schedule: String,
    pub time_zone: String,
    pub state: String,
    pub attempt_deadline: String,
    pub retry_config: RetryConfig,
    pub http_target: HttpTarget,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RetryConfig {
    pub retry_count: u32,
    pub min_backoff_duration: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct HttpTarget {
    pub uri: String,
    pub http_method: String,
    pub oidc_token: Option<OidcToken>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OidcToken {
    pub audience: String,
}
