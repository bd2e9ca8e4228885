//! Which products are left out of the feed on purpose, and why.
//!
//! It never looks at rules of the format: a product that passes here may still break one.

use serde::{Deserialize, Serialize};

use crate::{config::ep::FilterConfig, price::Offer, product::Product, report::LaterName};

/// Why a product is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// `onlineSellable` is false.
    NotSellable,
    /// No price at all.
    NoPrice,
    /// A price of zero, or below `FILTER_MIN_PRICE`.
    PriceTooLow,
    /// Neither a main image nor another one.
    NoImage,
    /// A category of `FILTER_EXCLUDE_CATEGORIES`.
    ExcludedCategory,
    /// A word of `FILTER_EXCLUDE_WORDS` in its name or type.
    ExcludedWord,
    /// `lastChance`, and `FILTER_LAST_CHANCE` is `drop`.
    LastChance,
    /// Beyond `EP_MAX_ROWS`.
    OverCap,
    /// Of a later version.
    #[serde(untagged)]
    Later(LaterName),
}

impl SkipReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::NotSellable,
        Self::NoPrice,
        Self::PriceTooLow,
        Self::NoImage,
        Self::ExcludedCategory,
        Self::ExcludedWord,
        Self::LastChance,
        Self::OverCap,
    ];

    /// The name, as in counts and files.
    pub fn name(&self) -> &str {
        match self {
            Self::NotSellable => "not_sellable",
            Self::NoPrice => "no_price",
            Self::PriceTooLow => "price_too_low",
            Self::NoImage => "no_image",
            Self::ExcludedCategory => "excluded_category",
            Self::ExcludedWord => "excluded_word",
            Self::LastChance => "last_chance",
            Self::OverCap => "over_cap",
            Self::Later(later) => later.as_str(),
        }
    }
}

/// A product left out, with what decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Why.
    pub reason: SkipReason,
    /// The value that decided it: a price, a category, a word.
    pub value: String,
}

impl Skip {
    fn new(reason: SkipReason, value: impl Into<String>) -> Self {
        Self { reason, value: value.into() }
    }
}

/// Lets a product pass with its offer, or tells why it stays out.
pub fn judge(product: &Product<'_>, config: &FilterConfig) -> Result<Offer, Skip> {
    if product.online_sellable.0 == Some(false) {
        return Err(Skip::new(SkipReason::NotSellable, "onlineSellable false"));
    }
    let offer = product.sales_price.0.as_ref().and_then(Offer::of);
    let Some(offer) = offer else {
        return Err(Skip::new(SkipReason::NoPrice, ""));
    };
    if offer.price < config.min_price as f64 {
        return Err(Skip::new(SkipReason::PriceTooLow, offer.price.to_string()));
    }
    if images(product).next().is_none() {
        return Err(Skip::new(SkipReason::NoImage, ""));
    }
    if !config.categories.is_empty() {
        for category in product.category_path.list() {
            for text in [category.key.text(), category.name.text()].into_iter().flatten() {
                if config.categories.contains(text) {
                    return Err(Skip::new(SkipReason::ExcludedCategory, text));
                }
            }
        }
    }
    if !config.words.is_empty() {
        let names = [product.name.text(), product.type_name.text()];
        let text = names.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
        if let Some(word) = config.words.iter().find(|word| text.contains(word.as_str())) {
            return Err(Skip::new(SkipReason::ExcludedWord, word.as_str()));
        }
    }
    if product.last_chance.0 == Some(true) && !config.keep_last_chance {
        return Err(Skip::new(SkipReason::LastChance, "lastChance true"));
    }
    Ok(offer)
}

/// Every image of a product, the main one first; the same one may come twice.
pub fn images<'p>(product: &'p Product<'_>) -> impl Iterator<Item = &'p str> {
    product
        .main_image_url
        .text()
        .into_iter()
        .chain(product.all_product_image.list().iter().filter_map(|image| image.url.text()))
        .chain(product.contextual_image_url.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_left_out_for_the_first_reason_that_holds() {
        let config = FilterConfig {
            categories: ["st001".to_owned(), "아동".to_owned()].into(),
            words: vec!["전시".to_owned(), "demo".to_owned()],
            keep_last_chance: false,
            min_price: 1000,
        };
        let price = r#""salesPrice": {"numeral": 5000.0}, "mainImageUrl": "https://images.example/a.jpg""#;
        let cases = [
            (format!("{{{price}}}"), None),
            (
                format!(r#"{{{price}, "onlineSellable": false}}"#),
                Some((SkipReason::NotSellable, "onlineSellable false")),
            ),
            (r#"{"salesPrice": "free"}"#.to_owned(), Some((SkipReason::NoPrice, ""))),
            (r#"{"salesPrice": {"numeral": 0}}"#.to_owned(), Some((SkipReason::PriceTooLow, "0"))),
            (r#"{"salesPrice": {"numeral": 999}}"#.to_owned(), Some((SkipReason::PriceTooLow, "999"))),
            (
                r#"{"salesPrice": {"numeral": 5000}, "mainImageUrl": " "}"#.to_owned(),
                Some((SkipReason::NoImage, "")),
            ),
            (
                format!(r#"{{{price}, "categoryPath": [{{"name": "수납", "key": "st001"}}]}}"#),
                Some((SkipReason::ExcludedCategory, "st001")),
            ),
            (
                format!(r#"{{{price}, "categoryPath": [{{"name": "아동", "key": "x"}}]}}"#),
                Some((SkipReason::ExcludedCategory, "아동")),
            ),
            (format!(r#"{{{price}, "name": "Demo unit"}}"#), Some((SkipReason::ExcludedWord, "demo"))),
            (
                format!(r#"{{{price}, "lastChance": true}}"#),
                Some((SkipReason::LastChance, "lastChance true")),
            ),
        ];
        for (json, expected) in cases {
            let found = judge(&serde_json::from_str(&json).unwrap(), &config).err();
            assert_eq!(found.as_ref().map(|s| (s.reason, s.value.as_str())), expected, "{json}");
        }
    }
}
