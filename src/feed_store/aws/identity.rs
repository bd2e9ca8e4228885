//! Who this service is, as Google says it: an identity token from Cloud Run's metadata server.
//!
//! It never checks a token, which is for whoever it is shown to, and never lets one into a text.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::metadata::MetadataServer;

/// Where Google's own clients ask.
const PATH: &str = "instance/service-accounts/default/identity";

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
    /// A token made out for `audience`, or why there is none.
    pub async fn from(server: &MetadataServer, audience: &str) -> Result<Self, String> {
        server.ask("identity token", PATH, &[("audience", audience), ("format", "full")], Self::parse).await
    }

    /// Three parts with dots between; the second one holds the claims. `None` for anything else.
    fn parse(text: &str) -> Option<Self> {
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
        let read = IdentityToken::parse(&text).unwrap();
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
