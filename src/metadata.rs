//! The metadata server of Google's machines: whose project this is, where it runs, and tokens of its account.
//!
//! It never checks a token, which is for whoever it is shown to, and never lets one into a text.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::{cause, web::LazyClient};

/// Tries of one question, what one of them may take, and the wait before the second; it doubles.
const TRIES: u32 = 3;
const LIMIT: Duration = Duration::from_secs(2);
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Where Google's own clients ask.
const ROOT: &str = "computeMetadata/v1/";

/// The metadata server of the machine.
#[derive(Debug)]
pub struct MetadataServer {
    url: Url,
    /// Plain HTTP within the machine: neither a proxy nor a certificate plays a part.
    client: LazyClient,
}

/// Where a service runs on Cloud Run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The number of its project.
    pub project_number: String,
    /// The region, as `asia-northeast3`.
    pub name: String,
}

impl MetadataServer {
    /// The server at `url`. Contacts nothing.
    pub fn at(url: Url) -> Self {
        Self { url, client: LazyClient::loopback() }
    }

    /// The project's id.
    pub async fn project(&self) -> Result<String, String> {
        self.ask("project id", "project/project-id", &[], |text| is_name(text).then(|| text.to_owned())).await
    }

    /// Where the service runs.
    pub async fn region(&self) -> Result<Region, String> {
        self.ask("region", "instance/region", &[], Region::parse).await
    }

    /// A token of the machine's account, good for an hour.
    pub async fn access_token(&self) -> Result<SecretString, String> {
        self.ask("access token", "instance/service-accounts/default/token", &[], access_token).await
    }

    /// What stands at `path`, made out for `query`, as `parse` reads it; or why it is no `what`.
    pub async fn ask<T>(
        &self,
        what: &str,
        path: &str,
        query: &[(&str, &str)],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let mut wait = FIRST_WAIT;
        let mut tried = 1;
        loop {
            let answer = self.once(path, query).await.and_then(|text| {
                parse(text.trim()).ok_or_else(|| format!("what the metadata server answered is no {what}"))
            });
            match answer {
                Err(why) if tried < TRIES => {
                    tracing::warn!(tried, "no {what}: {why}; trying again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    tried += 1;
                }
                ended => return ended,
            }
        }
    }

    async fn once(&self, path: &str, query: &[(&str, &str)]) -> Result<String, String> {
        let mut url = self.url.join(&format!("{ROOT}{path}")).map_err(|error| error.to_string())?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let client = self.client.get().map_err(|error| format!("{error:#}"))?;
        let sent = client.get(url).header("Metadata-Flavor", "Google").timeout(LIMIT).send().await;
        let answer = sent.map_err(cause::of_request)?;
        let status = answer.status();
        let body = answer.text().await.map_err(cause::of_request)?;
        if !status.is_success() {
            return Err(format!("the metadata server answered {status}"));
        }
        Ok(body)
    }
}

impl Region {
    /// `projects/123456789012/regions/asia-northeast3`
    fn parse(text: &str) -> Option<Self> {
        let (number, name) = text.strip_prefix("projects/")?.split_once("/regions/")?;
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        (is_number && is_name(name))
            .then(|| Self { project_number: number.to_owned(), name: name.to_owned() })
    }
}

/// Whether a text is made as the ids of projects and the names of regions are, so that a path may hold it.
fn is_name(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':');
    (1..=100).contains(&text.len())
        && text.bytes().all(is_plain)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn access_token(text: &str) -> Option<SecretString> {
    #[derive(Deserialize)]
    struct Token {
        access_token: String,
    }
    Some(serde_json::from_str::<Token>(text).ok()?.access_token.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_region_is_told_with_the_number_of_its_project() {
        let read = Region::parse("projects/123456789012/regions/asia-northeast3").unwrap();
        assert_eq!((&*read.project_number, &*read.name), ("123456789012", "asia-northeast3"));
        for text in ["", "asia-northeast3", "projects/x/regions/y", "projects/1/regions/../../x", "<p>"] {
            assert_eq!(Region::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_name() {
        for (text, expected) in [
            ("shop-1", true),
            ("example.com:shop", true),
            ("", false),
            ("../x", false),
            ("a/b", false),
            ("a?b", false),
            ("가", false),
        ] {
            assert_eq!(is_name(text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_is_read_and_never_shown() {
        let read = access_token(r#"{"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"}"#)
            .unwrap();
        assert_eq!(read.expose_secret(), "ya29.x");
        assert!(!format!("{read:?}").contains("ya29"));
        assert!(access_token("<!doctype html>").is_none() && access_token("{}").is_none());
    }
}
