//! What S3 and CloudFront have in common: credentials, and the SDK's errors as plain words.
//!
//! It never makes a call by itself and never lets a secret into a text.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use aws_config::{
    ecs::EcsCredentialsProvider, environment::EnvironmentVariableCredentialsProvider,
    meta::credentials::CredentialsProviderChain, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::{
    config::{Credentials, Region, SharedCredentialsProvider, http::HttpResponse, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
};
use secrecy::ExposeSecret;

use super::passing;
use crate::{cause, config::stores::AwsKeys};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// What is said beside a refusal for the time of a request.
const CLOCKS: &str = "this machine's clock and Amazon's are apart";

/// Every call is bounded: `attempt` for one try up to its answer's head.
pub(super) fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(attempt)
        .operation_attempt_timeout(attempt)
        .build()
}

/// The given keys, or where the SDK always looks, but for one place: the metadata address of EC2, which on Cloud Run
/// is Google's and would only cost time.
pub(super) fn credentials(keys: Option<&AwsKeys>, region: &str) -> SharedCredentialsProvider {
    if let Some(keys) = keys {
        let session = keys.session.as_ref().map(|token| token.expose_secret().to_owned());
        return SharedCredentialsProvider::new(Credentials::new(
            &keys.access,
            keys.secret.expose_secret(),
            session,
            None,
            "settings",
        ));
    }
    let region = Region::new(region.to_owned());
    let config = ProviderConfig::without_region().with_region(Some(region));
    let chain =
        CredentialsProviderChain::first_try("environment", EnvironmentVariableCredentialsProvider::new())
            .or_else("profile", ProfileFileCredentialsProvider::builder().configure(&config).build())
            .or_else(
                "web identity",
                WebIdentityTokenCredentialsProvider::builder().configure(&config).build(),
            )
            .or_else("container", EcsCredentialsProvider::builder().configure(&config).build());
    SharedCredentialsProvider::new(chain)
}

/// What a failed call came to.
#[derive(Debug)]
pub(super) struct Answer {
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// The service's error code; empty where there is none (an answer to HEAD has no body).
    pub code: String,
    /// Code, message and status, or why no answer came.
    pub said: String,
    /// Whether it failed for want of credentials, before anything was sent.
    pub no_credentials: bool,
    /// Whether the very same call may work a moment later, whatever its status says.
    passes: bool,
}

impl Answer {
    /// Reads the SDK's error.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        // What is no code is a page of whoever stands between.
        let is_code =
            |code: &&str| code.len() <= 80 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        let code = error.code().filter(is_code).unwrap_or_default().to_owned();
        let said = match (status, error.message()) {
            (Some(status), Some(message)) if !code.is_empty() => {
                format!("{code}: {message} (status {status})")
            }
            (Some(status), _) if !code.is_empty() => format!("{code} (status {status})"),
            (Some(status), _) if status >= 400 => format!("status {status}"),
            (Some(status), _) => format!("an unreadable answer (status {status}): {}", cause::chain(error)),
            (None, _) => cause::chain(error),
        };
        let said = cause::without_keys(&said);
        let message = error.message().unwrap_or_default();
        let is_late = passing::is_of_the_time(&code, message) || is_late_without_saying_so(&code, error);
        let said = if is_late { format!("{said}; {CLOCKS}") } else { said };
        let (no_credentials, may_come) = credentials_error(error);
        let said = match (no_credentials, may_come) {
            (false, _) => said,
            (true, false) => "no AWS credentials could be had".to_owned(),
            (true, true) => format!("no AWS credentials could be had: {said}"),
        };
        let passes = is_late || may_come || passing::passes(&code, message);
        Self { status, code, said, no_credentials, passes }
    }

    /// Whether the same call may work a moment later.
    pub(super) fn passing(&self) -> bool {
        self.passes
            || match self.status {
                None => !self.no_credentials,
                Some(status) => !(300..500).contains(&status) || matches!(status, 408 | 409 | 429),
            }
    }

    /// What a person can do about keys, permissions and regions; `None` where it is something else, or passes.
    pub(super) fn remedy(&self, permissions: &str) -> Option<String> {
        let keys =
            "mend AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary keys)";
        let region = "the bucket lies elsewhere: set AWS_REGION to the bucket's region";
        Some(match (self.code.as_str(), self.status) {
            _ if self.passes => return None,
            _ if self.no_credentials => {
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (profile, web identity and container had none)"
                    .to_owned()
            }
            (
                "InvalidAccessKeyId"
                | "InvalidClientTokenId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "InvalidToken"
                | "NotSignedUp"
                | "UnrecognizedClientException"
                | "IncompleteSignature",
                _,
            ) => keys.to_owned(),
            (
                "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException",
                _,
            )
            | (_, Some(301 | 307)) => region.to_owned(),
            (_, Some(401 | 403)) => format!("the keys' user needs {permissions}"),
            _ => return None,
        })
    }
}

/// Whether a call failed for want of credentials, and whether there may be some the next time: only where none were
/// configured, or not well, there will be none.
fn credentials_error(error: &(dyn Error + 'static)) -> (bool, bool) {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<CredentialsError>() {
            let never = matches!(
                error,
                CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_)
            );
            return (true, !never);
        }
        next = cause.source();
    }
    (false, false)
}

/// An answer without a code is late where the clock of whoever gave it is far from ours.
fn is_late_without_saying_so<E>(code: &str, error: &SdkError<E, HttpResponse>) -> bool {
    code.is_empty()
        && error.raw_response().is_some_and(|response| {
            response.status().as_u16() == 403 && passing::is_skewed(response, SystemTime::now())
        })
}
