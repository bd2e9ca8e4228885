//! A URL as it may be shown to people: in logs, answers, messages and records.
//!
//! Where a secret may stand in a URL that somebody set is not to be known: in a parameter of any name or of none, in the
//! path, before the host. So nothing of it is shown but what cannot be one: scheme and host, what is filled in (a
//! department, a place in the listing), a file's ending, and the words of our own presets.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::Url;

use super::secrets::{HIDDEN, Secrets};

/// The words that presets' calls are made of, and the places that are filled in.
const OURS: &str = "0 1 category start end size sort types NAME_ASCENDING PRODUCT product-list-page more-products \
    search-result-page products.json products limit page per_page wp-json wc store v1 \
    type variation include ids";
/// What is filled in: a department's id, the first element of a window, one past its last, how many, its number, and
/// the ids of what is asked for by them.
pub(crate) const PLACES: [&str; 6] = ["{category}", "{start}", "{end}", "{size}", "{page}", "{ids}"];
/// Endings of files.
const ENDINGS: [&str; 8] = ["json", "ndjson", "jsonl", "txt", "csv", "tsv", "xml", "gz"];

/// A URL as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownUrl {
    text: String,
    /// What is hidden of it.
    secrets: Secrets,
}

impl fmt::Display for ShownUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl ShownUrl {
    /// Of a URL.
    pub fn of(url: &Url) -> Self {
        let mut masker = Masker::default();
        let text = masker.url(url);
        Self { text, secrets: Secrets::of(masker.hidden) }
    }

    /// Of a text that should be a URL, perhaps with places to fill in, which stay.
    pub fn of_text(text: &str) -> Self {
        match Url::parse(text) {
            Ok(url) => Self::of(&url),
            Err(_) => Self { text: HIDDEN.to_owned(), secrets: Secrets::of([text.to_owned()]) },
        }
    }

    /// Of something that is no URL, under this name.
    pub fn named(name: &str) -> Self {
        Self { text: name.to_owned(), secrets: Secrets::default() }
    }

    /// The same with its places filled in.
    pub(crate) fn filled(self, fill: impl FnOnce(&str) -> String) -> Self {
        Self { text: fill(&self.text), ..self }
    }

    /// What is hidden of it.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

/// Hides, and notes what it hid.
#[derive(Default)]
struct Masker {
    hidden: Vec<String>,
}

impl Masker {
    fn url(&mut self, url: &Url) -> String {
        let scheme = url.scheme();
        if scheme == "file" {
            // A path of this machine opens nothing to anybody elsewhere.
            return format!("file://{}", url.path());
        }
        let Some(host) = url.host_str().filter(|_| matches!(scheme, "http" | "https")) else {
            self.hide(url.as_str());
            return format!("{scheme}:{HIDDEN}");
        };
        let user = if url.username().is_empty() && url.password().is_none() {
            ""
        } else {
            self.hide(url.username());
            self.hide(url.password().unwrap_or_default());
            // As a header repeats them.
            let read = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            let (user, password) = (read(url.username()), read(url.password().unwrap_or_default()));
            self.hide(&STANDARD.encode(format!("{user}:{password}")));
            "***@"
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let path = places(url.path());
        let segments: Vec<_> = path.split('/').collect();
        let last = segments.len() - 1;
        let segments = segments.iter().enumerate().map(|(n, segment)| self.segment(segment, n == last));
        let path = segments.collect::<Vec<_>>().join("/");
        let query = url.query().map(|query| self.query(&places(query))).unwrap_or_default();
        self.hide(url.fragment().unwrap_or_default());
        format!("{scheme}://{user}{host}{port}{path}{query}")
    }

    fn segment(&mut self, segment: &str, is_last: bool) -> String {
        // A market or a language.
        let is_code = segment.len() == 2 && segment.bytes().all(|b| b.is_ascii_lowercase());
        let name = if is_last { without_endings(segment) } else { segment };
        if is_code { segment.to_owned() } else { self.value(name) + &segment[name.len()..] }
    }

    fn query(&mut self, query: &str) -> String {
        let mut shown: Vec<String> = Vec::new();
        for part in query.split('&') {
            let text = match part.split_once('=') {
                Some((name, value)) => {
                    let (name, shown) = (self.value(name), self.value(value));
                    let is_filled = PLACES.iter().any(|place| value.contains(place));
                    if name == HIDDEN && !is_filled { name } else { format!("{name}={shown}") }
                }
                None => self.value(part),
            };
            // How many there are tells nobody anything.
            if text != HIDDEN || shown.last().is_none_or(|last| last != HIDDEN) {
                shown.push(text);
            }
        }
        format!("?{}", shown.join("&"))
    }

    /// A part of it: whole where it is ours, else what is filled in.
    fn value(&mut self, value: &str) -> String {
        let (mut shown, mut rest) = (String::new(), value);
        loop {
            let found = PLACES.iter().filter_map(|place| Some((rest.find(place)?, place.len()))).min();
            let (literal, place) = match found {
                Some((at, length)) => (&rest[..at], &rest[at..at + length]),
                None => (rest, ""),
            };
            if literal.is_empty() || OURS.split(' ').any(|ours| ours == literal) {
                shown.push_str(literal);
            } else {
                self.hide(literal);
                shown.push_str(HIDDEN);
            }
            shown.push_str(place);
            rest = &rest[literal.len() + place.len()..];
            if rest.is_empty() {
                return shown;
            }
        }
    }

    fn hide(&mut self, text: &str) {
        self.hidden.extend((!text.is_empty()).then(|| text.to_owned()));
    }
}

/// A name without the endings of files behind it: `prices.json.gz` is `prices`.
fn without_endings(segment: &str) -> &str {
    let mut name = segment;
    while let Some((before, ending)) = name.rsplit_once('.')
        && ENDINGS.contains(&ending)
    {
        name = before;
    }
    name
}

/// Places as they are written, which a parsed path holds encoded.
fn places(text: &str) -> String {
    PLACES.iter().fold(text.to_owned(), |text, place| {
        text.replace(&format!("%7B{}%7D", &place[1..place.len() - 1]), place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_url_is_shown_that_may_be_a_secret() {
        for (url, shown) in [
            ("https://a.example/", "https://a.example/"),
            ("https://a.example:8443", "https://a.example:8443/"),
            ("https://me:pw@a.example/", "https://***@a.example/"),
            ("https://token@a.example/x", "https://***@a.example/***"),
            ("https://a.example/prices.json", "https://a.example/***.json"),
            (
                "https://a.example/v2/s3cr3t/prices.json.gz?x=1&y=2",
                "https://a.example/***/***/***.json.gz?***",
            ),
            ("https://a.example/s3cr3t.zip", "https://a.example/***"),
            ("https://a.example/?pwd=s3cr3t", "https://a.example/?***"),
            ("https://a.example/?jwt=a.b.c&to%6ben=s3cr3t", "https://a.example/?***"),
            ("https://a.example/?s3cr3t", "https://a.example/?***"),
            ("https://a.example/?czNjcjN0==", "https://a.example/?***"),
            ("https://a.example/?size=s3cr3t", "https://a.example/?size=***"),
            ("https://a.example/#s3cr3t", "https://a.example/"),
            (
                "https://a.example/kr/ko/product-list-page/more-products?category={category}&start={start}&end={end}&sort=NAME_ASCENDING&key=s3cr3t",
                "https://a.example/kr/ko/product-list-page/more-products?category={category}&start={start}&end={end}&sort=NAME_ASCENDING&***",
            ),
            (
                "https://a.example/{category}/s3cr3t-{start}?from={start}&n={size}",
                "https://a.example/{category}/***{start}?***={start}&***={size}",
            ),
            ("file:///srv/catalogue.json", "file:///srv/catalogue.json"),
            ("ftp://me:pw@a.example/x", "ftp:***"),
            ("data:s3cr3t", "data:***"),
            ("s3cr3t", "***"),
            ("//me:pw@a.example", "***"),
        ] {
            assert_eq!(ShownUrl::of_text(url).to_string(), shown, "{url}");
        }
    }

    #[test]
    fn what_is_hidden_of_a_url_is_hidden_of_what_a_server_says_of_it() {
        let url =
            ShownUrl::of_text("https://me:p%40ss@a.example/v1/s3cr3t-path/x.json?jwt=to%6ben-value&n=1");
        for (said, shown) in [
            ("Cannot GET /v1/s3cr3t-path/x.json", "Cannot GET /v1/***/x.json"),
            ("no to%6ben-value, no token-value, no p%40ss, no p@ss", "no ***, no ***, no ***, no ***"),
            ("it was cut off at s3cr3t-p", "it was cut off at ***"),
            ("n is 1", "n is 1"),
        ] {
            assert_eq!(url.secrets().struck(said), shown);
        }
        let basic = format!("Authorization: Basic {}", STANDARD.encode("me:p@ss"));
        assert_eq!(url.secrets().struck(&basic), "Authorization: Basic ***");
        assert_eq!(ShownUrl::named("the sample").secrets().struck("the sample"), "the sample");
    }
}
