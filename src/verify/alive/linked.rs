//! The JSON-LD of a page: schema.org's `Product`s, wherever its blocks hold them.
//!
//! It takes what shops really write: several blocks, arrays, `@graph`, types as full addresses, HTML entities, comments
//! around it. What cannot be read says nothing. It never holds more than one block as a tree, and none above a size.

use serde_json::{Map, Value};

/// The largest block that is read. A product's own has some kilobytes; as a tree it takes sixteen times as much.
const MOST_BLOCK: usize = 256 * 1024;
/// Products of a page that are looked at.
const MOST_PRODUCTS: usize = 200;
/// Objects inside each other that are followed.
const DEEPEST: usize = 16;

/// Where a page says what it is about. Others name products beside it: related ones, accessories, a list's.
const INSIDE: [&str; 5] = ["@graph", "mainEntity", "mainEntityOfPage", "hasVariant", "about"];

/// What a page's JSON-LD is about.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// Its products, variants after what they are variants of.
    pub(super) products: Vec<Map<String, Value>>,
    /// Whether it says that it is a list of products.
    pub(super) is_list: bool,
}

impl Linked {
    /// Of a page, or of as much of it as was read.
    pub(super) fn of(html: &[u8]) -> Self {
        let mut linked = Self::default();
        for block in blocks(html) {
            if let Some(value) = parsed(block) {
                linked.take(value, 0);
            }
        }
        linked
    }

    fn take(&mut self, value: Value, depth: usize) {
        if depth > DEEPEST || self.products.len() >= MOST_PRODUCTS {
            return;
        }
        match value {
            Value::Array(all) => all.into_iter().for_each(|one| self.take(one, depth + 1)),
            Value::Object(mut object) => {
                let is = |name: &str| is_of_type(&object, name);
                let is_product =
                    ["Product", "ProductModel", "IndividualProduct", "Vehicle"].into_iter().any(is);
                self.is_list |=
                    ["ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog"].into_iter().any(is);
                let inside: Vec<_> = INSIDE.iter().filter_map(|key| object.remove(*key)).collect();
                if is_product || is_of_type(&object, "ProductGroup") {
                    self.products.push(object);
                }
                inside.into_iter().for_each(|one| self.take(one, depth + 1));
            }
            _ => {}
        }
    }
}

/// The last part of a type or of a value of an enumeration: `https://schema.org/Product`, `schema:Product`.
pub(super) fn name(text: &str) -> &str {
    text.trim().trim_end_matches('/').rsplit(['/', ':', '#']).next().unwrap_or_default()
}

fn is_of_type(object: &Map<String, Value>, wanted: &str) -> bool {
    let is = |value: &Value| value.as_str().is_some_and(|text| name(text).eq_ignore_ascii_case(wanted));
    match object.get("@type") {
        Some(Value::Array(all)) => all.iter().any(is),
        Some(one) => is(one),
        None => false,
    }
}

/// The contents of the scripts that say they are JSON-LD, as far as they end in what was read; what is commented out is
/// none.
fn blocks(html: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let is = |at: usize, wanted: &[u8]| {
                rest.get(at..at + wanted.len()).is_some_and(|there| there.eq_ignore_ascii_case(wanted))
            };
            let from = memchr::memchr_iter(b'<', rest).find(|at| is(*at, b"<script") || is(*at, b"<!--"))?;
            if is(from, b"<!--") {
                rest = &rest[from..];
                rest = &rest[find(rest, b"-->")?..];
                continue;
            }
            rest = &rest[from + b"<script".len()..];
            let end = memchr::memchr(b'>', rest)?;
            let (tag, body) = (&rest[..end], &rest[end + 1..]);
            let close = find(body, b"</script")?;
            rest = &body[close..];
            if find(tag, b"application/ld+json").is_some() && close <= MOST_BLOCK {
                return Some(&body[..close]);
            }
        }
    })
}

/// Where `wanted`, in small letters, stands in any letters.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = [wanted[0], wanted[0].to_ascii_uppercase()];
    let places = memchr::memchr2_iter(first[0], first[1], text);
    places
        .into_iter()
        .find(|at| text.get(*at..at + wanted.len()).is_some_and(|there| there.eq_ignore_ascii_case(wanted)))
}

/// A block as JSON: as it stands, without what is put around it, or with its entities decoded.
fn parsed(block: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(block);
    let bare =
        text.trim().trim_start_matches("//").trim_start_matches("<!--").trim_start_matches("<![CDATA[");
    let bare = bare
        .trim_start_matches("/*<![CDATA[*/")
        .trim_end()
        .trim_end_matches("/*]]>*/")
        .trim_end_matches("-->");
    let bare =
        bare.trim_end_matches("]]>").trim_end().trim_end_matches("//").trim_end().trim_end_matches(';');
    let read = |text: &str| serde_json::from_str(text).ok();
    read(bare).or_else(|| {
        // A line end inside a text is the commonest mistake.
        let lines: String = bare.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        read(&lines).or_else(|| read(&html_escape::decode_html_entities(&lines)))
    })
}
