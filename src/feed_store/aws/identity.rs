//! Who this service is, as Google says it: an identity token from Cloud Run's metadata server.
//!
//! It never checks a token, which is for whoever it is shown to, and never lets one into a text.

use std::{sync::OnceLock, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::{cause, web};

/// Tries of one question, what one of them may take, and the wait before the second; it doubles.
const TRIES: u32 = 3;
const LIMIT: Duration = Duration::from_secs(2);
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// Where Google's own clients ask.
const PATH: &str = "computeMetadata/v1/instance/service-accounts/default/identity";

/// The metadata server of the machine.
#[derive(Debug)]
pub struct MetadataServer {
    url: Url,
    client: OnceLock<Client>,
}

impl MetadataServer {
    /// The server at `url`. Contacts nothing.
    pub fn at(url: Url) -> Self {
        Self { url, client: OnceLock::new() }
    }

    /// A token made out for `audience`, or why there is none.
    pub async fn identity(&self, audience: &str) -> Result<IdentityToken, String> {
        let mut wait = FIRST_WAIT;
        let mut tried = 1;
        loop {
            match self.ask(audience).await {
                Err(why) if tried < TRIES => {
                    tracing::warn!(tried, "no identity token: {why}; trying again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    tried += 1;
                }
                ended => return ended,
            }
        }
    }

    async fn ask(&self, audience: &str) -> Result<IdentityToken, String> {
        let mut url = self.url.join(PATH).map_err(|error| error.to_string())?;
        url.query_pairs_mut().append_pair("audience", audience).append_pair("format", "full");
        let sent = self.client()?.get(url).header("Metadata-Flavor", "Google").timeout(LIMIT).send().await;
        let answer = sent.map_err(cause::of_request)?;
        let status = answer.status();
        let body = answer.text().await.map_err(cause::of_request)?;
        if !status.is_success() {
            return Err(format!("the metadata server answered {status}"));
        }
        IdentityToken::parse(&body).ok_or_else(|| "what the metadata server answered is no token".to_owned())
    }

    fn client(&self) -> Result<&Client, String> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // Plain HTTP within the machine: neither a proxy nor a certificate plays a part.
        let client = web::loopback_client().map_err(|error| format!("{error:#}"))?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// A token and what it says of itself.
#[derive(Debug)]
pub struct IdentityToken {
    token: SecretString,
    /// What it says of itself.
    pub claims: Claims,
}

/// Whom a token is of, and for. None of it is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The account's numeric id.
    pub sub: String,
    /// Who asked for it: the same for a service account's own.
    pub azp: String,
    /// For whom it was made out.
    pub aud: String,
}

impl IdentityToken {
    /// Three parts with dots between; the second one holds the claims. `None` for anything else.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let [_, claims, _] = text.split('.').collect::<Vec<_>>()[..] else { return None };
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        Some(Self { token: SecretString::from(text), claims })
    }

    /// The token itself, to be sent and never shown.
    pub fn expose(&self) -> &str {
        self.token.expose_secret()
    }

    /// A text without the token, should it be in there.
    pub fn hide_in(&self, text: &str) -> String {
        text.replace(self.expose(), "***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("head.{}.signature", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_whom_it_is_of_and_is_never_shown() {
        let text = token(r#"{"sub": "1001", "azp": "1001", "aud": "a role", "email": "x@y.test", "exp": 1}"#);
        let read = IdentityToken::parse(&format!("{text}\n")).unwrap();
        assert_eq!(read.claims, Claims { sub: "1001".into(), azp: "1001".into(), aud: "a role".into() });
        assert_eq!(read.expose(), text);
        assert!(!format!("{read:?}").contains("signature"), "{read:?}");
        assert_eq!(read.hide_in(&format!("not {text}!")), "not ***!");
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in ["", "a.b", "<!doctype html><p>a.b.c", "a.b.c", &token("1"), &token("{\"sub\": 1}")] {
            assert!(IdentityToken::parse(text).is_none(), "{text}");
        }
        assert_eq!(IdentityToken::parse(&token("{}")).unwrap().claims, Claims::default());
    }
}
