//! A method of Slack's as a request.
//!
//! It sends nothing.

use reqwest::{Client, RequestBuilder};
use url::Url;

use super::SlackChat;
use crate::chat::{ChatError, ChatErrorKind};

impl SlackChat {
    pub(super) fn url(&self, method: &'static str) -> Url {
        self.api_url.join(method).expect("a URL of http can be a base")
    }

    pub(super) fn client(&self, method: &'static str) -> Result<&Client, ChatError> {
        // Nothing was sent, and no retry mends this machine: a run must not go on as where Slack is only out of order.
        self.http.get().map_err(|e| ChatError::new(ChatErrorKind::Permanent, method, format!("{e:#}")))
    }

    pub(super) fn request(&self, method: &'static str) -> Result<RequestBuilder, ChatError> {
        Ok(self.client(method)?.post(self.url(method)))
    }
}
