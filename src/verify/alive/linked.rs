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

/// What is a product of its own: the vocabulary's kinds of it.
const PRODUCTS: [&str; 8] = [
    "Product",
    "ProductModel",
    "IndividualProduct",
    "SomeProducts",
    "DietarySupplement",
    "Vehicle",
    "Car",
    "Motorcycle",
];
const OFFERS: [&str; 4] = ["Offer", "AggregateOffer", "OfferForPurchase", "Demand"];
const LISTS: [&str; 4] = ["ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog"];

/// What a page's JSON-LD is about.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// Its products, variants after what they are variants of.
    pub(super) products: Vec<Map<String, Value>>,
    /// Whether it says that it is a list of products.
    pub(super) is_list: bool,
    /// Offers that stand beside their products.
    offers: Vec<Map<String, Value>>,
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
        linked.join();
        linked
    }

    fn take(&mut self, value: Value, depth: usize) {
        if depth > DEEPEST || self.products.len() >= MOST_PRODUCTS {
            return;
        }
        match value {
            Value::Array(all) => all.into_iter().for_each(|one| self.take(one, depth + 1)),
            Value::Object(mut object) => {
                let is = |names: &[&str]| names.iter().any(|name| is_of_type(&object, name));
                let (is_product, is_offer) = (is(&PRODUCTS) || is(&["ProductGroup"]), is(&OFFERS));
                self.is_list |= is(&LISTS);
                let inside: Vec<_> = INSIDE.iter().filter_map(|key| object.remove(*key)).collect();
                if is_product {
                    self.products.push(object);
                } else if is_offer {
                    self.offer(object, depth);
                }
                inside.into_iter().for_each(|one| self.take(one, depth + 1));
            }
            _ => {}
        }
    }
}

impl Linked {
    /// An offer on its own, with or beside what it is of.
    fn offer(&mut self, mut offer: Map<String, Value>, depth: usize) {
        match offer.remove("itemOffered") {
            Some(Value::Object(mut item)) if item.contains_key("@type") => {
                item.entry("offers").or_insert(Value::Object(offer));
                self.take(Value::Object(item), depth + 1);
            }
            item => {
                offer.extend(item.map(|item| ("itemOffered".to_owned(), item)));
                if self.offers.len() < MOST_PRODUCTS {
                    self.offers.push(offer);
                }
            }
        }
    }

    /// Puts offers that products only name, or that name their product, into these.
    fn join(&mut self) {
        for product in &mut self.products {
            match product.get_mut("offers") {
                Some(Value::Array(all)) => all.iter_mut().for_each(|one| named(one, &self.offers)),
                Some(one) => named(one, &self.offers),
                None => {
                    let Some(id) = id_of(product) else { continue };
                    let of = |offer: &&Map<String, Value>| {
                        offer.get("itemOffered").and_then(Value::as_object).and_then(id_of) == Some(id)
                    };
                    let offers: Vec<_> = self.offers.iter().filter(of).cloned().map(Value::Object).collect();
                    product.insert("offers".to_owned(), Value::Array(offers));
                }
            }
        }
    }
}

/// Puts the offer that is only named here in its place.
fn named(offer: &mut Value, offers: &[Map<String, Value>]) {
    let Some(object) = offer.as_object().filter(|object| !object.contains_key("price")) else { return };
    let found = id_of(object).and_then(|id| offers.iter().find(|offer| id_of(offer) == Some(id)));
    if let Some(found) = found {
        *offer = Value::Object(found.clone());
    }
}

fn id_of(object: &Map<String, Value>) -> Option<&str> {
    object.get("@id")?.as_str()
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
