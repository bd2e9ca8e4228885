//! What S3 and CloudFront have in common: credentials, and the SDK's errors as plain words.
//!
//! It makes no call but for credentials, and never lets a secret into a text.

mod identity;
mod passing;
mod role;

pub use passing::PassingRefusals;

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
    config::{
        Credentials, IdentityCache, Region, SharedCredentialsProvider, SharedIdentityCache,
        http::HttpResponse, timeout::TimeoutConfig,
    },
    error::{ProvideErrorMetadata, SdkError},
};
use secrecy::ExposeSecret;

use self::role::{RoleCredentials, RoleError};
use crate::{
    cause,
    config::stores::{AwsAccess, S3Config},
};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// Codes of refused keys, and of a bucket that lies in another region.
const BAD_KEYS: &str = "ExpiredToken IncompleteSignature InvalidAccessKeyId InvalidClientTokenId InvalidToken \
    NotSignedUp SignatureDoesNotMatch UnrecognizedClientException";
const WRONG_REGION: &str =
    "AuthorizationHeaderMalformed IllegalLocationConstraintException PermanentRedirect";
const ELSEWHERE: &str = "the bucket lies elsewhere: set AWS_REGION to the bucket's region";
/// What is said beside a refusal for the time of a request.
const CLOCKS: &str = "this machine's clock and Amazon's are apart";

/// Every call is bounded: `attempt` for one try up to its answer's head.
pub fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(attempt)
        .operation_attempt_timeout(attempt)
        .build()
}

/// Keys of the configured kind. Where nothing says which, they are looked for where the SDK always looks, but for one place:
/// the metadata address of EC2, which on Cloud Run is Google's and would only cost time.
pub fn credentials(config: &S3Config) -> SharedCredentialsProvider {
    let keys = match &config.access {
        AwsAccess::Keys(keys) => keys,
        AwsAccess::Role(role) => {
            let role = RoleCredentials::of((**role).clone(), &config.region, config.endpoint.as_ref());
            return SharedCredentialsProvider::new(role);
        }
        AwsAccess::Found => return SharedCredentialsProvider::new(found(&config.region)),
    };
    let session = keys.session.as_ref().map(|token| token.expose_secret().to_owned());
    let secret = keys.secret.expose_secret();
    SharedCredentialsProvider::new(Credentials::new(&keys.access, secret, session, None, "settings"))
}

/// How long a client keeps what [`credentials`] gave it: a role's keys are kept, and renewed in time, by whoever gives them.
pub fn identity_cache(config: &S3Config) -> SharedIdentityCache {
    match config.access {
        AwsAccess::Role(_) => IdentityCache::no_cache(),
        AwsAccess::Keys(_) | AwsAccess::Found => IdentityCache::lazy().build(),
    }
}

fn found(region: &str) -> CredentialsProviderChain {
    let region = Region::new(region.to_owned());
    let config = ProviderConfig::without_region().with_region(Some(region));
    CredentialsProviderChain::first_try("environment", EnvironmentVariableCredentialsProvider::new())
        .or_else("profile", ProfileFileCredentialsProvider::builder().configure(&config).build())
        .or_else("web identity", WebIdentityTokenCredentialsProvider::builder().configure(&config).build())
        .or_else("container", EcsCredentialsProvider::builder().configure(&config).build())
}

/// What a failed call came to.
#[derive(Debug)]
pub struct Refusal {
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// The service's error code; empty where there is none (an answer to HEAD has no body).
    pub code: String,
    /// Code, message and status, or why no answer came.
    pub said: String,
    /// Whether it failed for want of credentials, before anything was sent.
    no_credentials: bool,
    /// Whether the very same call may work a moment later.
    pub passes: bool,
}

impl Refusal {
    /// Reads the SDK's error.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
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
        let is_late = passing::is_of_the_time(&code, message) || code.is_empty() && is_skewed(error);
        let said = if is_late { format!("{said}; {CLOCKS}") } else { said };
        let missing = missing_credentials(error);
        let said = match &missing {
            None => said,
            Some(Missing::ForGood) => "no AWS credentials could be had".to_owned(),
            Some(Missing::ForNow) => format!("no AWS credentials could be had: {said}"),
            Some(Missing::Role { said, .. }) => said.clone(),
        };
        let by_status = match status {
            None => missing.is_none(),
            Some(status) => !(300..500).contains(&status) || matches!(status, 408 | 409 | 429),
        };
        let passes = by_status
            || is_late
            || matches!(missing, Some(Missing::ForNow | Missing::Role { passes: true, .. }))
            || passing::passes(&code, message);
        let no_credentials = matches!(missing, Some(Missing::ForGood | Missing::ForNow));
        Self { status, code, said, no_credentials, passes }
    }

    /// What a person can do about keys, permissions and regions; `None` where it is something else, or passes.
    pub fn remedy(&self, permissions: &str) -> Option<String> {
        let is_of = |codes: &str| codes.split(' ').any(|code| code == self.code);
        let remedy = match self.status {
            _ if self.passes => return None,
            _ if self.no_credentials => {
                "set AWS_ROLE_ARN, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (profile, web identity and \
                 container had none)"
            }
            _ if is_of(BAD_KEYS) => {
                "mend AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary keys)"
            }
            Some(301 | 307) => ELSEWHERE,
            _ if is_of(WRONG_REGION) => ELSEWHERE,
            Some(401 | 403) => return Some(format!("the keys' user needs {permissions}")),
            _ => return None,
        };
        Some(remedy.to_owned())
    }
}

/// Credentials that could not be had.
enum Missing {
    /// None were configured, or not well.
    ForGood,
    /// There may be some the next time.
    ForNow,
    /// The role could not be taken, which says itself why and what to do.
    Role { said: String, passes: bool },
}

fn missing_credentials(error: &(dyn Error + 'static)) -> Option<Missing> {
    let error = std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref::<CredentialsError>())?;
    if let Some(role) = error.source().and_then(|error| error.downcast_ref::<RoleError>()) {
        return Some(Missing::Role { said: role.to_string(), passes: role.passes() });
    }
    Some(match error {
        CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_) => {
            Missing::ForGood
        }
        _ => Missing::ForNow,
    })
}

/// An answer without a code is late where the clock of whoever gave it is far from ours.
fn is_skewed<E>(error: &SdkError<E, HttpResponse>) -> bool {
    let refusal = error.raw_response().filter(|response| response.status().as_u16() == 403);
    refusal.is_some_and(|response| passing::is_skewed(response, SystemTime::now()))
}
