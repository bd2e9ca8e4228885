//! What the source does not know of a row, and which products stay out of the feed.

use std::collections::BTreeSet;

use super::env::Env;

/// Settings of `transform`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpConfig {
    /// `EP_BRAND`, for `brand` and `maker`, in place of the map's.
    pub brand: Option<String>,
    /// `EP_TITLE_PREFIX`, the first word of each title, in place of the map's.
    pub title_prefix: Option<String>,
    /// `EP_SHIPPING`: the fee in won, 0 free, -1 collect on delivery.
    pub shipping: i32,
    /// `EP_DELIVERY_GRADE`: whether the fee depends on region or item.
    pub delivery_grade: bool,
    /// `EP_DELIVERY_DETAIL`: a text for it.
    pub delivery_detail: String,
    /// `EP_INSTALLATION_COSTS`: whether installation costs extra.
    pub installation_costs: bool,
    /// `EP_LINK_PARAMS`: a query for each link, such as `utm_source=naver`.
    pub link_params: String,
    /// `EP_MAX_ROWS`
    pub max_rows: u64,
    /// `EP_CURRENCY`, ISO 4217.
    pub currency: String,
}

/// The value of `EP_BRAND` and `EP_TITLE_PREFIX` that leaves them out; empty means the map's.
const NONE: &str = "-";

impl EpConfig {
    /// Reads `EP_*`. On Cloud Run (`embedded` false) what only the shop's contract knows must be said: the shipping fee
    /// and the cap; and the brand, unless the source's map says it (`has_brand`).
    pub fn from_env(env: &mut Env<'_>, embedded: bool, has_brand: bool) -> Self {
        env.needed("EP_SHIPPING", embedded, "the fee in won, 0 for free or -1 for collect on delivery");
        let contract = "how many products the mall may list: 10000, 50000 or 100000, by its contract";
        env.needed("EP_MAX_ROWS", embedded, contract);
        let brand = "the brand, which neither CATALOG_PRESET nor CATALOG_MAP says, or - for none";
        env.needed("EP_BRAND", embedded || has_brand, brand);
        Self {
            brand: word(env, "EP_BRAND", 60),
            title_prefix: word(env, "EP_TITLE_PREFIX", 50),
            shipping: env.parsed("EP_SHIPPING", 0, |text| {
                text.parse::<i32>()
                    .ok()
                    .filter(|fee| (-1..=1_000_000).contains(fee))
                    .ok_or_else(|| format!("expected a whole number from -1 to 1000000, found {text:?}"))
            }),
            delivery_grade: env.parsed("EP_DELIVERY_GRADE", false, flag),
            delivery_detail: env.parsed("EP_DELIVERY_DETAIL", String::new(), |text| plain(text, 100)),
            installation_costs: env.parsed("EP_INSTALLATION_COSTS", false, flag),
            link_params: env.parsed("EP_LINK_PARAMS", String::new(), |text| {
                let query = text.trim_start_matches(['?', '&']);
                let fits =
                    query.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>'));
                if fits && query.contains('=') {
                    Ok(query.to_owned())
                } else {
                    Err(format!("expected a query such as utm_source=naver&utm_medium=ep, found {text:?}"))
                }
            }),
            max_rows: env.parsed("EP_MAX_ROWS", 100_000, |text| {
                text.parse::<u64>()
                    .ok()
                    .filter(|rows| *rows > 0)
                    .ok_or_else(|| format!("expected a whole number from 1, found {text:?}"))
            }),
            currency: env.parsed("EP_CURRENCY", "KRW".to_owned(), |text| {
                if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
                    Ok(text.to_owned())
                } else {
                    Err(format!("expected three capital letters such as KRW, found {text:?}"))
                }
            }),
        }
    }
}

fn word(env: &mut Env<'_>, variable: &'static str, most: usize) -> Option<String> {
    env.optional(variable, |text| if text == NONE { Ok(String::new()) } else { plain(text, most) })
}

fn plain(text: &str, most: usize) -> Result<String, String> {
    let clean = crate::ep::text::clean(text);
    if clean != text {
        return Err(format!(
            "expected plain text without markup, entities or control characters, found {text:?}"
        ));
    }
    if text.chars().count() > most {
        return Err(format!("expected at most {most} characters, found {}", text.chars().count()));
    }
    Ok(text.to_owned())
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "Y" => Ok(true),
        "N" => Ok(false),
        _ => Err(format!("expected Y or N, found {text:?}")),
    }
}

/// Settings of `filter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterConfig {
    /// `FILTER_EXCLUDE_CATEGORIES`: keys or names of any level.
    pub categories: BTreeSet<String>,
    /// `FILTER_EXCLUDE_WORDS`, in lower case: anywhere in a name or type.
    pub words: Vec<String>,
    /// `FILTER_LAST_CHANCE`: whether products about to leave the range are kept.
    pub keep_last_chance: bool,
    /// `FILTER_MIN_PRICE`: the lowest price that is kept.
    pub min_price: u64,
}

impl FilterConfig {
    /// Of no filter at all.
    pub fn of_none() -> Self {
        Self { categories: BTreeSet::new(), words: Vec::new(), keep_last_chance: true, min_price: 1 }
    }

    /// Reads `FILTER_*`.
    pub fn from_env(env: &mut Env<'_>) -> Self {
        Self {
            categories: env.list("FILTER_EXCLUDE_CATEGORIES").into_iter().collect(),
            words: env.list("FILTER_EXCLUDE_WORDS").iter().map(|w| w.to_lowercase()).collect(),
            keep_last_chance: env.parsed("FILTER_LAST_CHANCE", true, |text| match text {
                "keep" => Ok(true),
                "drop" => Ok(false),
                _ => Err(format!("expected keep or drop, found {text:?}")),
            }),
            min_price: env.parsed("FILTER_MIN_PRICE", 1, |text| {
                text.parse::<u64>()
                    .ok()
                    .filter(|price| *price > 0)
                    .ok_or_else(|| format!("expected a whole number from 1, found {text:?}"))
            }),
        }
    }
}
