//! An AWS role instead of a key: Google says who this service is, and AWS gives keys for an hour that the role allows.
//!
//! It never holds a key that lasts, never asks twice at once, and never lets a token into a text.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::{self, ProvideCredentials, error::CredentialsError, future};
use aws_sdk_s3::config::{Credentials, Region, retry::RetryConfig};
use aws_sdk_sts::{Client, config::BehaviorVersion, operation::RequestId};
use tokio::sync::Mutex;
use url::Url;

use super::{
    Refusal,
    identity::{Claims, IdentityToken},
    timeouts,
};
use crate::{config::stores::AwsRole, metadata::MetadataServer};

/// Keys are renewed so long before they end: no single call takes that long.
const AHEAD: Duration = Duration::from_secs(10 * 60);
/// Where that fails, the old ones serve until so long before their end, and the next try comes after a while.
const LEAST: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(30);
/// One try of the call, and how many there are.
const LIMIT: Duration = Duration::from_secs(3);
const TRIES: u32 = 3;
/// Under this name the calls stand in CloudTrail.
const SESSION: &str = "auto-ep";

/// The role's keys, renewed in time.
#[derive(Debug)]
pub struct RoleCredentials {
    role: AwsRole,
    region: String,
    endpoint: Option<Url>,
    metadata: MetadataServer,
    sts: OnceLock<Client>,
    /// Whoever wants keys waits for whoever asks for new ones.
    held: Mutex<Option<Held>>,
}

/// Keys at hand.
#[derive(Debug)]
struct Held {
    keys: Credentials,
    /// When new ones are asked for.
    renew_at: SystemTime,
}

/// Why the role could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// The metadata server gave no token.
    #[error("no identity token for the role {role}: {why}")]
    NoToken {
        /// The role.
        role: String,
        /// What happened.
        why: String,
    },
    /// AWS takes no such token.
    #[error(
        "AWS did not take this service's identity token ({said}): it is about the token itself or its provider, not the \
         role. accounts.google.com is built into AWS: delete an OIDC provider of that name in IAM; {}",
        told(claims)
    )]
    BadToken {
        /// AWS's words.
        said: String,
        /// What the token says of itself.
        claims: Claims,
    },
    /// The role does not let this token in.
    #[error(
        "AWS did not let this service be the role {role} ({said}): there is no such role, or a condition of its trust \
         policy does not hold. It must have accounts.google.com:aud = the token's azp, :sub = its sub, :oaud = its \
         aud; {}",
        told(claims)
    )]
    NotLetIn {
        /// The role.
        role: String,
        /// AWS's words.
        said: String,
        /// What the token says of itself.
        claims: Claims,
    },
    /// Anything else.
    #[error("AWS gave no keys for the role {role}: {said}")]
    NoKeys {
        /// The role.
        role: String,
        /// What happened.
        said: String,
        /// Whether the same call may work a moment later.
        passes: bool,
    },
}

fn told(Claims { sub, azp, aud }: &Claims) -> String {
    format!("the token has sub {sub}, azp {azp}, aud {aud}")
}

impl RoleError {
    /// Whether a later try may find it mended by itself.
    pub fn passes(&self) -> bool {
        match self {
            Self::NoToken { .. } => true,
            Self::BadToken { .. } | Self::NotLetIn { .. } => false,
            Self::NoKeys { passes, .. } => *passes,
        }
    }
}

impl RoleCredentials {
    /// Keys for `role` from the STS of `region`, or from `endpoint`. Contacts nothing.
    pub fn of(role: AwsRole, region: &str, endpoint: Option<&Url>) -> Self {
        let metadata = MetadataServer::at(role.metadata_server.clone());
        let (region, endpoint) = (region.to_owned(), endpoint.cloned());
        Self { role, region, endpoint, metadata, sts: OnceLock::new(), held: Mutex::default() }
    }

    async fn current(&self) -> provider::Result {
        let mut held = self.held.lock().await;
        let now = SystemTime::now();
        if let Some(held) = held.as_ref().filter(|held| now < held.renew_at) {
            return Ok(held.keys.clone());
        }
        match self.assume().await {
            Ok(keys) => {
                tracing::debug!(role = self.role.arn, "new keys for the role");
                let renew_at = keys.expiry().map_or(now, |end| end - AHEAD);
                Ok(held.insert(Held { keys, renew_at }).keys.clone())
            }
            Err(error) => {
                let lasting = |held: &&mut Held| held.keys.expiry().is_some_and(|end| now + LEAST < end);
                if let Some(held) = held.as_mut().filter(lasting) {
                    tracing::warn!(
                        "the role's keys could not be renewed, and the old ones serve on: {error}"
                    );
                    held.renew_at = now + AGAIN;
                    return Ok(held.keys.clone());
                }
                Err(if error.passes() {
                    CredentialsError::provider_error(error)
                } else {
                    CredentialsError::invalid_configuration(error)
                })
            }
        }
    }

    async fn assume(&self) -> Result<Credentials, RoleError> {
        let role = || self.role.arn.clone();
        // The role's own name as audience: a token that is made out for it opens nothing else.
        let token = IdentityToken::from(&self.metadata, &self.role.arn).await;
        let token = token.map_err(|why| RoleError::NoToken { role: role(), why })?;
        let call = self.sts().assume_role_with_web_identity().role_arn(&self.role.arn);
        let answer = call.role_session_name(SESSION).web_identity_token(token.expose()).send().await;
        let answer = answer.map_err(|error| self.refused(&Refusal::of(&error), &token))?;
        let id = answer.request_id().unwrap_or_default().to_owned();
        let keys = answer.credentials.ok_or_else(|| RoleError::NoKeys {
            role: role(),
            said: format!("an answer without keys (request {id})"),
            passes: true,
        })?;
        let end = SystemTime::try_from(keys.expiration).ok();
        let session = Some(keys.session_token);
        Ok(Credentials::new(keys.access_key_id, keys.secret_access_key, session, end, "role"))
    }

    fn refused(&self, refusal: &Refusal, token: &IdentityToken) -> RoleError {
        let (role, said) = (self.role.arn.clone(), token.hide_in(&refusal.said));
        let claims = token.claims.clone();
        match refusal.code.as_str() {
            "InvalidIdentityToken" => RoleError::BadToken { said, claims },
            "AccessDenied" => RoleError::NotLetIn { role, said, claims },
            // The next try has a new token, or a better line to Google.
            "ExpiredTokenException" | "IDPCommunicationError" => {
                RoleError::NoKeys { role, said, passes: true }
            }
            _ => RoleError::NoKeys { role, said, passes: refusal.passes },
        }
    }

    fn sts(&self) -> &Client {
        self.sts.get_or_init(|| {
            let mut builder = aws_sdk_sts::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(self.region.clone()))
                .timeout_config(timeouts(LIMIT))
                .retry_config(RetryConfig::standard().with_max_attempts(TRIES));
            builder.set_endpoint_url(self.endpoint.as_ref().map(Url::to_string));
            Client::from_conf(builder.build())
        })
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.current())
    }
}
