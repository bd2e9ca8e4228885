//! A product's page against its row in the feed, by what the page says of itself in JSON-LD.
//!
//! Pure. A page that says nothing, or nothing that can be compared, is as good as any.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::linked::{Linked, name};
use crate::report::ProblemKind;

/// The currency of a feed's prices.
const CURRENCY: &str = "KRW";
/// Of a product that nobody can order from the page.
const NOT_SOLD: [&str; 4] = ["OutOfStock", "SoldOut", "Discontinued", "InStoreOnly"];

/// What a row says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) price: u64,
    /// When its build was published, where that is known.
    pub(super) since: Option<Timestamp>,
}

/// How a page compares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// What is not as the row says, and what the page says there.
    pub(super) found: Vec<(ProblemKind, String)>,
    /// Whether the page's number of the product is the row's id, and the number; `None` where it says none.
    pub(super) number: Option<(bool, String)>,
}

/// Compares a page, or as much of it as was read.
pub(super) fn compare(html: &[u8], row: &Row<'_>) -> Compared {
    let Linked { products, is_list, .. } = Linked::of(html);
    let Some(product) = the_product(&products, row.id) else {
        let found = (products.is_empty() && is_list)
            .then(|| (ProblemKind::PageElsewhere, "ItemList".to_owned()))
            .into_iter()
            .collect();
        return Compared { found, number: None };
    };
    let numbers = numbers(product);
    let number =
        numbers.first().map(|first| (numbers.iter().any(|number| is_same(number, row.id)), first.clone()));
    let offers: Vec<_> = each(product.get("offers")).filter_map(Value::as_object).collect();
    let mut found = Vec::new();
    if let Some((kind, said)) = price(&offers, product, row) {
        found.push((kind, said));
    }
    let available: Vec<_> = offers.iter().filter_map(|offer| text(offer.get("availability"))).collect();
    let is_sold = |said: &String| !NOT_SOLD.iter().any(|not| name(said).eq_ignore_ascii_case(not));
    if let Some(said) = available.first().filter(|_| !available.iter().any(is_sold)) {
        found.push((ProblemKind::PageNotSold, name(said).to_owned()));
    }
    Compared { found, number }
}

/// The one that is the row's; of several none that says so is nobody's.
fn the_product<'p>(products: &'p [Map<String, Value>], id: &str) -> Option<&'p Map<String, Value>> {
    let is_ours = |product: &&Map<String, Value>| numbers(product).iter().any(|number| is_same(number, id));
    products.iter().find(is_ours).or(match products {
        [only] => Some(only),
        _ => None,
    })
}

/// What a product is known by, the plainest first.
fn numbers(product: &Map<String, Value>) -> Vec<String> {
    let keys = ["sku", "productID", "mpn", "identifier", "gtin13", "gtin"];
    keys.iter().flat_map(|key| each(product.get(*key))).filter_map(|value| text(Some(value))).collect()
}

/// Numbers are written with dots or spaces for people.
fn is_same(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let (a, b) = (plain(a), plain(b));
    !a.is_empty() && a == b
}

/// A price that is not the row's: what the page says, and how that is to be taken.
fn price(
    offers: &[&Map<String, Value>],
    product: &Map<String, Value>,
    row: &Row<'_>,
) -> Option<(ProblemKind, String)> {
    let said: Vec<Said> = offers.iter().flat_map(|offer| prices(offer)).collect();
    let everybodys: Vec<_> = said.iter().filter(|said| !said.members).collect();
    let compared = if everybodys.is_empty() { said.iter().collect() } else { everybodys };
    let first = compared.first()?;
    if compared.iter().any(|said| said.holds(row.price)) {
        return None;
    }
    let shown = if first.low == first.high {
        first.low.to_string()
    } else {
        format!("{}–{}", first.low, first.high)
    };
    let is_newer = |key: &str, object: &Map<String, Value>| {
        let at = text(object.get(key)).and_then(|at| moment(&at));
        at.zip(row.since).is_some_and(|(at, since)| at > since)
    };
    let newer = is_newer("dateModified", product) || offers.iter().any(|offer| is_newer("validFrom", offer));
    Some(match first.members || said.iter().any(|said| said.members && said.holds(row.price)) {
        true => (ProblemKind::PageMembersPrice, shown),
        false if newer => (ProblemKind::PageNewer, shown),
        false => (ProblemKind::PagePrice, shown),
    })
}

/// A price that an offer says, or from which to which its prices are.
struct Said {
    low: f64,
    high: f64,
    members: bool,
}

impl Said {
    fn holds(&self, price: u64) -> bool {
        let price = price as f64;
        self.low.round() <= price && price <= self.high.round()
    }
}

/// The prices of an offer in the feed's currency: its own, from and to of several, or those of its specifications, of which
/// the list price is none.
fn prices(offer: &Map<String, Value>) -> Vec<Said> {
    let ours =
        |object: &Map<String, Value>| text(object.get("priceCurrency")).is_none_or(|code| code == CURRENCY);
    let members = |object: &Map<String, Value>| object.contains_key("validForMemberTier");
    let of = |object: &Map<String, Value>, by_offer: bool| {
        let one = amount(object.get("price"));
        let low = one.or_else(|| amount(object.get("lowPrice")))?;
        let high = one.or_else(|| amount(object.get("highPrice"))).unwrap_or(low);
        let is_list = text(object.get("priceType")).is_some_and(|kind| {
            ["ListPrice", "StrikethroughPrice", "SRP", "MSRP", "RegularPrice"].contains(&name(&kind))
        });
        (ours(object) && !is_list).then(|| Said { low, high, members: by_offer || members(object) })
    };
    let by_offer = members(offer);
    let specified = each(offer.get("priceSpecification")).filter_map(Value::as_object);
    let specified = specified.filter(|_| ours(offer)).filter_map(|one| of(one, by_offer));
    of(offer, by_offer).into_iter().chain(specified).collect()
}

/// An amount, with or without separators and a currency's sign around it.
fn amount(value: Option<&Value>) -> Option<f64> {
    let number = match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => written(text.trim().trim_matches(|c: char| !c.is_ascii_digit())),
        _ => None,
    };
    number.filter(|number| *number > 0.0)
}

/// An amount as people write it: the last dot or comma parts the fraction where other than three digits follow it, or
/// where the other sign stands before it (`1,234.500`, `80.000,00`), and else thousands (`124.000`).
fn written(text: &str) -> Option<f64> {
    let is_sign = |c: char| matches!(c, '.' | ',');
    let last = text.rfind(is_sign);
    let parts_fraction = |at: usize| {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let other = if text[at..].starts_with('.') { ',' } else { '.' };
        after.len() != 3 || before.contains(other)
    };
    let fraction = last.filter(|at| parts_fraction(*at));
    let digits = |text: &str| text.chars().filter(|c| !is_sign(*c) && !c.is_whitespace()).collect::<String>();
    match fraction {
        Some(at) => format!("{}.{}", digits(&text[..at]), digits(&text[at + 1..])),
        None => digits(text),
    }
    .parse()
    .ok()
}

/// A text, a number as one, or what an object names or stands for.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(html_escape::decode_html_entities(text.trim()).into_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => text(object.get("@id").or(object.get("value")).or(object.get("@value"))),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// A moment, or the beginning of a day in Korea.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| format!("{}T00:00:00+09:00", text.get(..10)?).parse().ok())
}

/// One value, or each of an array.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
    .iter()
}

#[cfg(test)]
mod tests;
