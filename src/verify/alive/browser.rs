//! How a browser asks for pages and images: what shops answer to.
//!
//! Shops turn away what does not look like a browser, with 403 or 404, and their customers come with browsers: so does
//! this. Our own name stands at the end of the agent, for whoever reads the shop's log.

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue, RANGE, USER_AGENT};

/// A browser's name, then ours.
pub const AGENT: &str = concat!(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 auto-ep/",
    env!("CARGO_PKG_VERSION"),
);
/// What a browser takes for a page.
const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
/// What a browser takes for an image, without the kinds whose size we cannot tell: who has others sends these.
const IMAGES: &str = "image/webp,image/jpeg,image/png,image/gif,image/*;q=0.9,*/*;q=0.8";
/// What its user reads.
const LANGUAGES: &str = "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7";
/// How much of an image is asked for.
const FIRST_BYTES: &str = "bytes=0-65535";

/// The headers of a request for a page or an image.
pub fn headers(is_image: bool) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([
        (USER_AGENT, HeaderValue::from_static(AGENT)),
        (ACCEPT, HeaderValue::from_static(if is_image { IMAGES } else { PAGES })),
        (ACCEPT_LANGUAGE, HeaderValue::from_static(LANGUAGES)),
    ]);
    if is_image {
        headers.insert(RANGE, HeaderValue::from_static(FIRST_BYTES));
    }
    headers
}
