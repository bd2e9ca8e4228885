//! Who the service is in AWS: a role, a key pair, or what the SDK finds.

use secrecy::SecretString;
use url::Url;

use super::Env;

/// How the feed's bucket and its CDN are got at.
#[derive(Debug, Clone)]
pub enum AwsAccess {
    /// `AWS_ROLE_ARN`: keys for an hour, by who the service is.
    Role(Box<AwsRole>),
    /// `AWS_ACCESS_KEY_ID` and its other half: keys that last.
    Keys(AwsKeys),
    /// Neither: where the SDK always looks (profile, web identity, container).
    Found,
}

/// A role that trusts the service account that we run as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRole {
    /// Its name, as `arn:aws:iam::123456789012:role/auto-ep`.
    pub arn: String,
    /// Who says who we are.
    pub metadata_server: Url,
}

/// `AWS_ACCESS_KEY_ID` with `AWS_SECRET_ACCESS_KEY`, and `AWS_SESSION_TOKEN` for temporary keys.
#[derive(Debug, Clone)]
pub struct AwsKeys {
    /// The key's id, which is no secret.
    pub access: String,
    /// The secret.
    pub secret: SecretString,
    /// The token that temporary keys come with.
    pub session: Option<SecretString>,
}

const ROLE: &str = "AWS_ROLE_ARN";

impl AwsAccess {
    /// Reads `AWS_ROLE_ARN`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; who takes the role shows
    /// what `metadata_server` says. A role beside a key is a mistake: nobody could tell which one counts.
    pub(crate) fn from_env(env: &mut Env<'_>, metadata_server: &Url) -> Self {
        let half = "not set, but the other half of the key pair is; expected both or neither";
        let role = env.optional(ROLE, role_arn);
        let secret = |env: &Env<'_>, name| env.text(name).map(SecretString::from);
        match (env.text("AWS_ACCESS_KEY_ID"), secret(env, "AWS_SECRET_ACCESS_KEY")) {
            (Some(access), Some(key)) => {
                if env.text(ROLE).is_some() {
                    env.problem(ROLE, "set, and so is AWS_ACCESS_KEY_ID; expected one of the two");
                }
                return Self::Keys(AwsKeys {
                    access,
                    secret: key,
                    session: secret(env, "AWS_SESSION_TOKEN"),
                });
            }
            (Some(_), None) => env.problem("AWS_SECRET_ACCESS_KEY", half),
            (None, Some(_)) => env.problem("AWS_ACCESS_KEY_ID", half),
            (None, None) => {}
        }
        role.map_or(Self::Found, |arn| {
            Self::Role(Box::new(AwsRole { arn, metadata_server: metadata_server.clone() }))
        })
    }
}

fn role_arn(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let is_role = matches!(parts[..], ["arn", partition, "iam", "", account, role]
        if partition.starts_with("aws")
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
            && role.bytes().all(|b| b.is_ascii_alphanumeric() || b"/+=,.@_-".contains(&b)));
    let expected = "expected a role's ARN, as arn:aws:iam::123456789012:role/auto-ep";
    if is_role { Ok(text.to_owned()) } else { Err(format!("found {text:?}; {expected}")) }
}
