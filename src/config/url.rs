//! A URL as a setting: one of HTTP, without a user.
//!
//! It never asks whether anything stands there.

use url::Url;

use crate::web::ShownUrl;

/// An `http:` or `https:` URL that holds no secret.
pub(super) fn http_url(text: &str) -> Result<Url, String> {
    let expected = "expected an https: or http: URL";
    let url = Url::parse(text).map_err(|e| format!("found no URL ({e}); {expected}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("found {}; {expected}", ShownUrl::of(&url)));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("found a URL with a user or a password in it; expected one without".to_owned());
    }
    Ok(url)
}
