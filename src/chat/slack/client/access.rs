//! What Slack says of the token: whether it is taken, and its scopes.
//!
//! Unlike who we are, which is kept, this is asked anew each time: somebody may have changed it meanwhile.

use reqwest::header::HeaderMap;
use serde_json::json;

use super::{ANSWER_MAX_BYTES, SlackChat, WHO_AM_I, too_long};
use crate::chat::{Access, ChatError, ChatErrorKind};

/// The header with the scopes of the token that a call was made with.
const SCOPES: &str = "x-oauth-scopes";
/// Characters of a scope, and scopes, that are looked at; the longest scope has some forty, an app some dozens.
const MOST: usize = 100;

impl SlackChat {
    pub(super) async fn own_access(&self) -> Result<Access, ChatError> {
        let request = self.request(WHO_AM_I)?.json(&json!({}));
        let response = self.send(WHO_AM_I, request).await?;
        let scopes = scopes(response.headers());
        let answer = self.taken(WHO_AM_I, response, ANSWER_MAX_BYTES).await?;
        answer.ok_or_else(|| too_long(WHO_AM_I, ChatErrorKind::Ambiguous))?;
        Ok(Access { scopes })
    }
}

/// The scopes that an answer names; what is none is left out.
fn scopes(headers: &HeaderMap) -> Option<Vec<String>> {
    let text = headers.get(SCOPES)?.to_str().ok()?;
    let is_scope = |text: &&str| {
        (1..=MOST).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b":._-".contains(&b))
    };
    Some(text.split(',').map(str::trim).filter(is_scope).take(MOST).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_from_the_header_and_nothing_else_of_it() {
        let headers = |text: &str| HeaderMap::from_iter([(SCOPES.parse().unwrap(), text.parse().unwrap())]);
        for (text, expected) in [
            ("chat:write,channels:history", &["chat:write", "channels:history"][..]),
            ("identify, chat:write.public", &["identify", "chat:write.public"]),
            ("", &[]),
            ("<script>, chat:write", &["chat:write"]),
        ] {
            assert_eq!(scopes(&headers(text)).unwrap(), expected, "{text}");
        }
        assert_eq!(scopes(&HeaderMap::new()), None);
    }
}
