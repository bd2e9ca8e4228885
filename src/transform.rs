//! A product of the source → a row of the feed that keeps every rule, or the rule that it would break.
//!
//! It never leaves a product out on purpose: that is the filter's work.

mod explain;
mod images;

pub use explain::Explained;

use std::borrow::Cow;

use crate::{
    config::ep::EpConfig,
    ep::{
        broken::Broken,
        columns::Column,
        quality::TitleFlaws,
        row::{self, FEED_COLUMNS, Row},
        rules::Violation,
        text::{clean, cut},
    },
    price::Offer,
    product::{Member, Scalar, text},
};
use images::{http_url, images};

/// The most characters of a title.
const TITLE: usize = 100;
/// The most characters of a category's name.
const CATEGORY: usize = 50;
/// The levels of categories that a row names.
const CATEGORIES: [Column; 4] =
    [Column::CategoryName1, Column::CategoryName2, Column::CategoryName3, Column::CategoryName4];

/// Turns products into rows.
pub struct Transform {
    config: EpConfig,
    shipping: String,
}

impl Transform {
    /// With these settings.
    pub fn new(config: EpConfig) -> Self {
        Self { shipping: config.shipping.to_string(), config }
    }

    /// The row of a product whose price is `offer`.
    pub fn row(&self, member: &Member<'_, '_>, offer: &Offer) -> Result<Row, Broken> {
        let id = member.id().unwrap_or_default();
        let id = clean(&id);
        self.currency(member)?;
        let price = whole_price(offer)?;
        let link = self.link(member)?;
        let images = images(member)?;
        let categories = categories(member);
        // A list price that cannot be true is left out: it is not worth losing the product.
        let normal =
            offer.normal.filter(|n| *n as f64 <= MOST_PRICE).map(|n| n.to_string()).unwrap_or_default();
        let reviews = review_count(member);
        let flag = |on: bool| if on { "Y" } else { "" };

        let mut record = csv::StringRecord::with_capacity(1024, FEED_COLUMNS.len());
        let mut put = |column, value: &str| row::put(&mut record, column, value);
        put(Column::Id, &id)?;
        put(Column::Title, &self.title(member))?;
        put(Column::PricePc, &price.text)?;
        put(Column::PriceMobile, &price.text)?;
        put(Column::NormalPrice, &normal)?;
        put(Column::Link, &link)?;
        put(Column::MobileLink, &link)?;
        put(Column::ImageLink, &images.main)?;
        put(Column::AddImageLink, &images.more)?;
        for (i, column) in CATEGORIES.into_iter().enumerate() {
            put(column, categories.get(i).map_or("", |category| cut(category, CATEGORY)))?;
        }
        put(Column::Condition, "신상품")?;
        put(Column::ManufactureDefineNumber, &id)?;
        put(Column::Brand, &self.config.brand)?;
        put(Column::Maker, &self.config.brand)?;
        put(Column::InstallationCosts, flag(self.config.installation_costs))?;
        put(Column::ReviewCount, &reviews)?;
        put(Column::Shipping, &self.shipping)?;
        put(Column::DeliveryGrade, flag(self.config.delivery_grade))?;
        put(Column::DeliveryDetail, &self.config.delivery_detail)?;
        let flaws = TitleFlaws::of(&record[1]);
        Ok(Row { record, price: price.amount, flaws })
    }

    fn currency(&self, member: &Member<'_, '_>) -> Result<(), Broken> {
        let Some(code) = member.currency() else { return Ok(()) };
        let is_ours = |code: Cow<'_, str>| clean(&code).eq_ignore_ascii_case(&self.config.currency);
        match code.text().is_some_and(is_ours) {
            true => Ok(()),
            false => Err(Broken::of(Column::PricePc, Violation::Currency, code.to_string())),
        }
    }

    fn title(&self, member: &Member<'_, '_>) -> String {
        let product = member.product;
        let typed =
            member.lineage().filter_map(|member| member.type_name()).find(|name| !clean(name).is_empty());
        let parts = [
            member.name(),
            typed,
            text(&product.valid_design_text),
            text(&product.item_measure_reference_text),
        ];
        let mut title = self.config.title_prefix.clone();
        for part in parts.iter().flatten().map(|part| clean(part)).filter(|part| !part.is_empty()) {
            if !title.is_empty() {
                title.push(' ');
            }
            title.push_str(&part);
        }
        // Two clean parts can join to markup (`a <b` and `c>`), so the whole is cleaned once more.
        let whole = clean(&title);
        cut(&whole, TITLE).to_owned()
    }

    fn link(&self, member: &Member<'_, '_>) -> Result<String, Broken> {
        let raw = match &member.product.pip_url {
            Some(raw @ Scalar::Text(_)) => raw.text().unwrap_or_default(),
            Some(other) => other.to_string().into(),
            None => Cow::default(),
        };
        let mut url = http_url(Column::Link, &raw)?;
        if !self.config.link_params.is_empty() {
            let query = match url.query().filter(|q| !q.is_empty()) {
                Some(query) => format!("{query}&{}", self.config.link_params),
                None => self.config.link_params.clone(),
            };
            url.set_query(Some(&query));
        }
        Ok(url.into())
    }
}

struct WholePrice {
    amount: u64,
    text: String,
}

/// The largest amount of ten digits; above it a price breaks its column's length.
const MOST_PRICE: f64 = 9_999_999_999.0;

fn whole_price(offer: &Offer) -> Result<WholePrice, Broken> {
    let broken = |violation| Broken::of(Column::PricePc, violation, offer.price.to_string());
    if offer.price.fract() != 0.0 {
        return Err(broken(Violation::NotWhole));
    }
    if offer.price > MOST_PRICE {
        return Err(broken(Violation::TooLong));
    }
    // The filter kept it at 1 or more, and it is whole and below 2^53: exact.
    let amount = offer.price as u64;
    Ok(WholePrice { amount, text: amount.to_string() })
}

/// The key of the level that holds everything.
const ALL_PRODUCTS: &str = "products";

/// The category's levels, outermost first: the product's own, or those that it inherits where it has none. Of more than
/// four the department and the most specific ones; the level of all products is no department.
fn categories(member: &Member<'_, '_>) -> Vec<String> {
    let mut names =
        member.lineage().map(|member| levels(&member)).find(|names| !names.is_empty()).unwrap_or_default();
    if names.len() > CATEGORIES.len() {
        names.drain(1..names.len() - (CATEGORIES.len() - 1));
    }
    names
}

/// The names of a product's own levels.
fn levels(member: &Member<'_, '_>) -> Vec<String> {
    member
        .categories()
        .iter()
        .filter(|level| text(&level.key).is_none_or(|key| key != ALL_PRODUCTS))
        .filter_map(|level| text(&level.name))
        .map(|name| clean(&name).into_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn review_count(member: &Member<'_, '_>) -> String {
    let count = member.product.rating_count.as_ref().and_then(Scalar::count);
    count.filter(|count| *count as f64 <= MOST_PRICE).map(|count| count.to_string()).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests;
