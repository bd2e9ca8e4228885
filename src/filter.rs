//! Which products are left out of the feed on purpose, and why.
//!
//! It never looks at rules of the format: a product that passes here may still break one.

use crate::{
    config::ep::FilterConfig,
    ep::{
        broken::{Breach, Broken},
        columns::Column,
        rules::Violation,
    },
    price::{self, Offer, Price, Restrictions},
    product::{Member, Scalar, text},
    report::SkipReason,
};

/// Why a product that was looked at is not in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// On purpose.
    Skip(SkipReason),
    /// Its row would break a rule.
    Broken(Breach),
}

/// A product left out, with the value that decided it: a price, a category, a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub why: Reason,
    pub value: String,
}

impl Left {
    /// On purpose.
    pub fn skip(reason: SkipReason, value: impl Into<String>) -> Self {
        Self { why: Reason::Skip(reason), value: value.into() }
    }
}

impl From<Broken> for Left {
    fn from(Broken { breach, value }: Broken) -> Self {
        Self { why: Reason::Broken(breach), value }
    }
}

/// Lets a product pass with its offer, or tells why it stays out. A price that cannot be read is no reason to leave a
/// product out in silence: it breaks a rule.
pub fn offer(
    member: &Member<'_, '_>,
    config: &FilterConfig,
    restrictions: &Restrictions,
) -> Result<Offer, Left> {
    let product = member.product;
    sellable(&product.online_sellable)?;
    let offer = match price::of(member, restrictions) {
        Price::Offer(offer) => offer,
        Price::Missing => return Err(Left::skip(SkipReason::NoPrice, "")),
        Price::Restricted(value) => return Err(Left::skip(SkipReason::RestrictedPrice, value)),
        Price::Unreadable(value) => {
            return Err(Broken::of(Column::PricePc, Violation::NotAnAmount, value).into());
        }
    };
    if offer.price < config.min_price as f64 {
        return Err(Left::skip(SkipReason::PriceTooLow, offer.price.to_string()));
    }
    if member.images().next().is_none() {
        return Err(Left::skip(SkipReason::NoImage, ""));
    }
    if !config.categories.is_empty() {
        let own = member.lineage().map(|member| member.categories()).find(|levels| !levels.is_empty());
        for category in own.unwrap_or_default() {
            for text in [text(&category.key), text(&category.name)].into_iter().flatten() {
                if config.categories.contains(text.as_ref()) {
                    return Err(Left::skip(SkipReason::ExcludedCategory, text));
                }
            }
        }
    }
    if !config.words.is_empty() {
        let names = [member.name(), member.lineage().find_map(|member| member.type_name())];
        let text = names.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
        if let Some(word) = config.words.iter().find(|word| text.contains(word.as_str())) {
            return Err(Left::skip(SkipReason::ExcludedWord, word.as_str()));
        }
    }
    let last_chance = product.last_chance.as_ref().and_then(Scalar::yes);
    if last_chance == Some(true) && !config.keep_last_chance {
        return Err(Left::skip(SkipReason::LastChance, "lastChance true"));
    }
    Ok(offer)
}

/// What says nothing is sellable; what says no, or nothing that can be understood, is not.
fn sellable(value: &Option<Scalar<'_>>) -> Result<(), Left> {
    let Some(value) = value.as_ref().filter(|value| !value.is_absent()) else { return Ok(()) };
    let reason = match (value, value.yes()) {
        (_, Some(true)) => return Ok(()),
        (Scalar::Flag(_), _) => SkipReason::NotSellable,
        _ => SkipReason::SellableUnclear,
    };
    Err(Left::skip(reason, format!("onlineSellable {value}")))
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
            (r#"{"salesPrice": null}"#.to_owned(), Some((SkipReason::NoPrice, ""))),
            (format!(r#"{{{price}, "onlineSellable": "yes"}}"#), None),
            (format!(r#"{{{price}, "onlineSellable": null}}"#), None),
            (
                format!(r#"{{{price}, "onlineSellable": 0}}"#),
                Some((SkipReason::SellableUnclear, "onlineSellable 0")),
            ),
            (
                format!(r#"{{{price}, "onlineSellable": "N"}}"#),
                Some((SkipReason::SellableUnclear, "onlineSellable N")),
            ),
            (
                format!(r#"{{{price}, "onlineSellable": "soon"}}"#),
                Some((SkipReason::SellableUnclear, "onlineSellable soon")),
            ),
            (
                format!(r#"{{{price}, "onlineSellable": {{}}}}"#),
                Some((SkipReason::SellableUnclear, "onlineSellable an object")),
            ),
            (
                r#"{"salesPrice": {"numeral": 5000, "currencyCode": "KRW"}, "badge": "FAMILY"}"#.to_owned(),
                Some((SkipReason::RestrictedPrice, "5000 KRW")),
            ),
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
            let product = serde_json::from_str(&json).unwrap();
            let found = offer(&Member::listed(&product), &config, &Restrictions::default()).err();
            assert_eq!(found, expected.map(|(reason, value)| Left::skip(reason, value)), "{json}");
        }
    }

    #[test]
    fn a_price_that_cannot_be_read_breaks_a_rule_and_is_shown() {
        let product = serde_json::from_str(r#"{"salesPrice": {"numeral": "sale!"}}"#).unwrap();
        let config =
            FilterConfig { categories: [].into(), words: Vec::new(), keep_last_chance: true, min_price: 1 };
        let found = offer(&Member::listed(&product), &config, &Restrictions::default());
        let broken = Broken::of(Column::PricePc, Violation::NotAnAmount, "sale!");
        assert_eq!(found, Err(broken.into()));
    }
}
