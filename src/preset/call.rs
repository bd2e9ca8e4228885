//! What is asked of a source: a URL and perhaps a body, with places to fill in.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::web::{PLACES, ShownUrl};

/// One call, ready to be sent: a GET, or a POST where it has a body.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Where.
    pub url: Url,
    /// The same for people: what was filled in can be read.
    pub shown: ShownUrl,
    /// JSON.
    pub body: Option<Bytes>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.shown)
    }
}

impl Call {
    /// Whether it goes to a server, and not to a file of this machine.
    pub(crate) fn is_remote(&self) -> bool {
        self.url.scheme() != "file"
    }

    /// A GET.
    pub fn get(url: Url) -> Self {
        Self { shown: ShownUrl::of(&url), url, body: None }
    }
}

/// A call whose `{category}`, `{start}`, `{end}`, `{size}`, `{page}` and `{ids}` are to be filled in: in the URL, and in the texts
/// of the body. A text of the body that is nothing but one of these places, but for the first and the last, becomes a number.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallTemplate {
    /// What stands before the URL.
    #[serde(skip)]
    base: String,
    /// The URL; in a preset what follows its base.
    pub(super) url: String,
    /// The body of a POST; without one it is a GET.
    #[serde(default)]
    pub(super) body: Option<Value>,
}

/// What a window is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window<'a> {
    /// The department's id; empty where there are none.
    pub category: &'a str,
    /// Its first element.
    pub start: u64,
    /// One past its last.
    pub end: u64,
    /// The ids of what is asked for by them, with commas between.
    pub ids: &'a str,
}

impl fmt::Debug for CallTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallTemplate({})", self.shown())
    }
}

impl CallTemplate {
    /// A GET. An error where the URL is none.
    pub(crate) fn get(url: &str) -> Result<Self, url::ParseError> {
        Url::parse(&in_url(url, SAMPLE))?;
        Ok(Self { base: String::new(), url: url.to_owned(), body: None })
    }

    /// Goes below another base from here on. An error where that makes no URL.
    pub(super) fn rebase(&mut self, base: &str) -> Result<(), String> {
        let whole = format!("{base}{}", self.url);
        Url::parse(&in_url(&whole, SAMPLE)).map_err(|e| format!("{}: {e}", self.url))?;
        base.clone_into(&mut self.base);
        Ok(())
    }

    /// What follows the base.
    pub(super) fn rest(&self) -> &str {
        &self.url
    }

    fn whole(&self) -> String {
        format!("{}{}", self.base, self.url)
    }

    /// Whether `place` is filled in somewhere in it.
    pub(crate) fn has(&self, place: &str) -> bool {
        // A place has no character that JSON escapes.
        [&self.base, &self.url].iter().any(|part| part.contains(place))
            || self.body.as_ref().is_some_and(|body| body.to_string().contains(place))
    }

    /// Whether anything is filled in.
    pub(crate) fn has_places(&self) -> bool {
        PLACES.iter().any(|place| self.has(place))
    }

    /// Whether it can be filled in with windows.
    pub(crate) fn has_window(&self) -> bool {
        self.has_pages() || self.has("{start}") && (self.has("{end}") || self.has("{size}"))
    }

    /// Whether windows have numbers: the next one begins where this one would end, however much of it comes.
    pub(crate) fn has_pages(&self) -> bool {
        self.has("{page}")
    }

    /// The call for a window.
    pub(crate) fn fill(&self, window: Window<'_>) -> Call {
        let url = Url::parse(&in_url(&self.whole(), window)).expect(
            "the template was parsed with sample values at start-up, and categories are percent-encoded",
        );
        let body = self.body.as_ref().map(|body| Bytes::from(in_body(body, window).to_string()));
        let shown = self.shown().filled(|shown| in_url(shown, window));
        Call { url, shown, body }
    }

    /// The URL for people, with its places.
    pub(crate) fn shown(&self) -> ShownUrl {
        ShownUrl::of_text(&self.whole())
    }
}

const SAMPLE: Window<'_> = Window { category: "x", start: 0, end: 1, ids: "1" };

fn in_url(url: &str, window: Window<'_>) -> String {
    let encoded = |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let (category, ids) = (encoded(window.category).to_string(), encoded(window.ids).to_string());
    in_text(url, Window { category: &category, ids: &ids, ..window })
}

fn in_text(text: &str, window: Window<'_>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    // One pass, so that a department's id is never taken for a place.
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let place = from.find('}').map(|close| &from[..=close]).unwrap_or_default();
        match (place, number(place, window)) {
            ("{category}", _) => filled.push_str(window.category),
            ("{ids}", _) => filled.push_str(window.ids),
            (_, Some(number)) => filled.push_str(&number.to_string()),
            (_, None) => {
                filled.push('{');
                rest = &from[1..];
                continue;
            }
        }
        rest = &from[place.len()..];
    }
    filled + rest
}

/// What is filled in for a place that is a number.
fn number(place: &str, Window { start, end, .. }: Window<'_>) -> Option<u64> {
    let size = end.saturating_sub(start);
    match place {
        "{start}" => Some(start),
        "{end}" => Some(end),
        "{size}" => Some(size),
        "{page}" => Some(start / size.max(1) + 1),
        _ => None,
    }
}

fn in_body(body: &Value, window: Window<'_>) -> Value {
    match body {
        Value::String(text) => match number(text, window) {
            Some(number) => number.into(),
            None => in_text(text, window).into(),
        },
        Value::Array(all) => all.iter().map(|value| in_body(value, window)).collect(),
        Value::Object(all) => all.iter().map(|(key, value)| (key.clone(), in_body(value, window))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_in_once_and_departments_are_encoded() {
        let template =
            CallTemplate::get("https://a.example/{category}?s={start}&e={end}&n={size}&x={other}").unwrap();
        let window = Window { category: "a/{end} 가", start: 20, end: 30, ..Window::default() };
        let call = template.fill(window);
        assert_eq!(call.url.as_str(), "https://a.example/a%2F%7Bend%7D%20%EA%B0%80?s=20&e=30&n=10&x={other}");
        assert_eq!(call.body, None);
        assert!(CallTemplate::get("/relative?start={start}").is_err());
        assert!(template.has("{size}") && !template.has("{country}") && template.has_places());
        let numbered = CallTemplate::get("https://a.example/?p={page}&n={size}").unwrap();
        assert!(numbered.has_pages() && numbered.has_window());
        let third = numbered.fill(Window { category: "", start: 500, end: 750, ..Window::default() });
        assert_eq!(third.url.as_str(), "https://a.example/?p=3&n=250");
    }

    #[test]
    fn a_body_gets_numbers_and_texts() {
        let template = CallTemplate {
            base: "https://a.example/".into(),
            url: "search?v=1".into(),
            body: Some(json!({
                "window": {"offset": "{start}", "size": "{size}", "to": "{end}"},
                "filter": ["category", "{category}", "c:{category}:{start}"], "raw": [true, null, 7, "{}"],
            })),
        };
        assert!(template.has("{category}") && template.has("{end}") && !template.has("{country}"));
        let call =
            template.fill(Window { category: "{start}\"가", start: 48, end: 72, ..Window::default() });
        let body: Value = serde_json::from_slice(&call.body.unwrap()).unwrap();
        let expected = json!({
            "window": {"offset": 48, "size": 24, "to": 72},
            "filter": ["category", "{start}\"가", "c:{start}\"가:48"], "raw": [true, null, 7, "{}"],
        });
        assert_eq!(body, expected);
    }
}
