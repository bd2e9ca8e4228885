//! The calls that the listing answers, and how it refuses others.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::super::http::pairs;

/// The most elements that a call can ask for.
pub const MOST: u64 = 1_000;

/// Orders that are known. Each is an order of its own that stays the same; none sorts by what its name says.
const SORTS: [&str; 8] = [
    "RELEVANCE",
    "NAME_ASCENDING",
    "PRICE_LOW_TO_HIGH",
    "PRICE_HIGH_TO_LOW",
    "NEWEST",
    "CUSTOMER_RATING",
    "MOST_POPULAR",
    "WIDTH",
];

/// What kind of call it is; its name is the operation that the records go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `search-result-page`: the shop's own list of departments.
    List,
    /// `product-list-page`: a department and its count.
    Count,
    /// `product-list-page/more-products`: a window of a department.
    More,
    /// `POST search`: the website's own.
    Search,
    /// Anything else; refused.
    Unknown,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "search-result-page",
            Self::Count => "product-list-page",
            Self::More => "more-products",
            Self::Search => "search",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is asked for a department window by window.
    pub const fn is_window(self) -> bool {
        matches!(self, Self::More | Self::Search)
    }

    pub fn of(path: &str) -> Self {
        let mut parts = path.trim_start_matches('/').splitn(3, '/').skip(2);
        match parts.next().unwrap_or("") {
            "search-result-page" => Self::List,
            "product-list-page" => Self::Count,
            "product-list-page/more-products" => Self::More,
            "search" => Self::Search,
            _ => Self::Unknown,
        }
    }
}

/// A call that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub kind: Kind,
    /// Names in English instead of Korean.
    pub english: bool,
    /// The department's id, except for the list.
    pub department: String,
    pub start: u64,
    pub end: u64,
    /// Stands for the order; none is any order.
    pub sort: Option<u64>,
}

/// A refusal: the status and its detail.
pub type Refusal = (u16, String);

impl Call {
    /// What is asked for. The path holds the market and the query; whether the department is known is not looked at.
    pub fn parse(method: &str, url: &url::Url, body: &[u8]) -> Result<Self, Refusal> {
        let kind = Kind::of(url.path());
        let market = url.path().trim_start_matches('/').split('/').take(2).collect::<Vec<_>>().join("/");
        if !["kr/ko", "kr/en"].contains(&market.as_str()) || kind == Kind::Unknown {
            return Err((404, format!("No such resource: {}", url.path())));
        }
        if method != if kind == Kind::Search { "POST" } else { "GET" } {
            return Err((405, format!("Method {method} is not supported")));
        }
        let query = pairs(url.query().unwrap_or(""));
        let known: &[&str] = match kind {
            Kind::List => &["types", "q", "size", "c", "v"],
            Kind::Count => &["category", "size", "sort", "c", "v"],
            Kind::More => &["category", "start", "end", "sort", "c", "v"],
            Kind::Search | Kind::Unknown => &["c", "v"],
        };
        let mut unknown: Vec<&String> = query.keys().filter(|name| !known.contains(&name.as_str())).collect();
        unknown.sort();
        if let Some(name) = unknown.first() {
            return Err((400, format!("Unrecognized parameter: {name}")));
        }
        let mut call = Self {
            kind,
            english: market == "kr/en",
            department: String::new(),
            start: 0,
            end: 0,
            sort: None,
        };
        match kind {
            Kind::Search => call.read_body(body)?,
            _ => call.read_query(&query)?,
        }
        Ok(call)
    }

    fn read_query(&mut self, query: &HashMap<String, String>) -> Result<(), Refusal> {
        let text = |name: &str| query.get(name).ok_or((400, format!("Missing parameter: {name}")));
        let number = |name: &str| {
            let value = text(name)?;
            value.parse::<u64>().map_err(|_| (400, format!("Invalid value for parameter {name}: {value}")))
        };
        match self.kind {
            Kind::List if text("types")? != "PRODUCT" => {
                return Err((400, "Invalid value for parameter types".to_owned()));
            }
            Kind::More => (self.start, self.end) = (number("start")?, number("end")?),
            _ => self.end = if query.contains_key("size") { number("size")? } else { 24 },
        }
        if self.kind != Kind::List {
            self.department = text("category")?.clone();
            self.sort = query.get("sort").map(|sort| order(sort)).transpose()?;
        }
        if self.end < self.start || (self.kind != Kind::More && self.end > MOST) {
            return Err((400, "Invalid window".to_owned()));
        }
        Ok(())
    }

    /// `{"window": {"offset", "size"}, "searchParameters": {"input": category, "type": "CATEGORY"}, "sort", …}`; the
    /// window and the order may stand in the first of `components`, too.
    fn read_body(&mut self, body: &[u8]) -> Result<(), Refusal> {
        let body: Value =
            serde_json::from_slice(body).map_err(|_| (400, "Malformed request body".to_owned()))?;
        let find = |pointer: &str| {
            body.pointer(pointer).or_else(|| body.pointer(&format!("/components/0{pointer}")))
        };
        let number = |pointer: &str| {
            find(pointer).and_then(Value::as_u64).ok_or((400, format!("Missing in the body: {pointer}")))
        };
        self.start = number("/window/offset")?;
        self.end = self.start + number("/window/size")?;
        let input = find("/searchParameters/input").and_then(Value::as_str);
        self.department =
            input.ok_or((400, "Missing in the body: /searchParameters/input".to_owned()))?.to_owned();
        self.sort = find("/sort").and_then(Value::as_str).map(order).transpose()?;
        Ok(())
    }
}

fn order(sort: &str) -> Result<u64, Refusal> {
    let known = SORTS.iter().position(|known| *known == sort);
    known.map(|n| n as u64).ok_or((400, format!("Invalid value for parameter sort: {sort}")))
}

/// A refusal as the API writes it.
pub fn problem(status: u16, detail: &str) -> Vec<u8> {
    let title = axum::http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason());
    json!({"status": status, "title": title.unwrap_or("Error"), "detail": detail}).to_string().into_bytes()
}
