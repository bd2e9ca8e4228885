//! A product of the source → a row of the feed that keeps every rule, or the rule that it would break.
//!
//! It never leaves a product out on purpose: that is the filter's work.

mod explain;
mod images;
mod values;

pub use explain::Explained;

use std::borrow::Cow;

use url::Url;

use crate::{
    config::ep::EpConfig,
    corrections::Sets,
    ep::{
        broken::Broken,
        columns::Column,
        plain,
        row::{Line, Written, feed_columns},
        rules::Violation,
        text::{clean, cut},
    },
    map::Sources,
    price::Offer,
    product::{Member, Scalar},
};
use images::{Images, http_url, images};
use values::{MOST_PRICE, barcode, number, review_count, whole_price};

/// The most characters of a title.
const TITLE: usize = 100;
/// The most characters of a category's name.
const CATEGORY: usize = 50;
/// The most characters of a maker's number.
const MAKERS_NUMBER: usize = 100;
/// The most characters of a brand.
const BRAND: usize = 60;
/// The levels of categories that a row names.
const CATEGORIES: [Column; 4] =
    [Column::CategoryName1, Column::CategoryName2, Column::CategoryName3, Column::CategoryName4];

/// Turns products into rows.
pub struct Transform {
    config: EpConfig,
    shipping: String,
    /// As they stand in an address.
    link_params: String,
}

impl Transform {
    /// With these settings.
    pub fn new(config: EpConfig) -> Self {
        let mut any = Url::parse("https://shop.example/").expect("it is an address");
        any.set_query(Some(&config.link_params));
        let link_params = any.query().unwrap_or_default().to_owned();
        Self { shipping: config.shipping.to_string(), link_params, config }
    }

    /// The settings.
    pub(crate) fn config(&self) -> &EpConfig {
        &self.config
    }

    /// The row of a product whose price is `offer`, written behind `text`, to which nothing is added where it would break a
    /// rule.
    pub fn row(&self, member: &Member<'_, '_>, offer: &Offer, text: &mut String) -> Result<Written, Broken> {
        self.row_with(member, offer, text, None)
    }

    /// The same with what a table sets in place of a column's own value.
    pub(crate) fn row_with(
        &self,
        member: &Member<'_, '_>,
        offer: &Offer,
        text: &mut String,
        sets: Option<Sets<'_>>,
    ) -> Result<Written, Broken> {
        let set = |column| set(member, sets?, column).map(|(value, _)| value);
        let id = member.text(&member.map.id).unwrap_or_default();
        let id = clean(&id);
        self.currency(member)?;
        // What is set need not be read in the source.
        let price = match set(Column::PricePc).and_then(|price| price.parse().ok()) {
            Some(price) => price,
            None => whole_price(offer)?,
        };
        let link = match set(Column::Link) {
            Some(_) => Cow::Borrowed(""),
            None => self.link(member, &member.map.link)?,
        };
        let mobile_link = match member.value(&member.map.mobile_link) {
            Some(_) if set(Column::MobileLink).is_none() => Some(self.link(member, &member.map.mobile_link)?),
            _ => None,
        };
        let images = match images(member) {
            Err(_) if set(Column::ImageLink).is_some() => Images::default(),
            images => images?,
        };
        let categories = categories(member);
        // A list price that cannot be true is left out: it is not worth losing the product.
        let normal = offer.normal.filter(|n| *n as f64 <= MOST_PRICE && *n > price);
        let mpn = member.text(&member.map.mpn).unwrap_or_default();
        let said_brand = match &self.config.brand {
            Some(_) => None,
            None => member.text(&member.map.brand),
        };
        let said_brand = said_brand.unwrap_or_default();
        let said_brand = clean(&said_brand);
        let brand = self.config.brand.as_deref().unwrap_or_else(|| cut(&said_brand, BRAND));
        let flag = |on: bool| if on { "Y" } else { "" };

        let mut line = Line::new(text, feed_columns(member.map.has_barcode()));
        if sets.is_some() {
            line = line.setting(&set);
        }
        line.put(Column::Id, &id)?;
        line.put_with(Column::Title, |text| self.title(member, text))?;
        line.put_with(Column::PricePc, number(Some(price)))?;
        line.put_with(Column::PriceMobile, number(Some(price)))?;
        line.put_with(Column::NormalPrice, number(normal))?;
        line.put_with(Column::Link, |text| self.with_params(&link, text))?;
        line.put_with(Column::MobileLink, |text| {
            self.with_params(mobile_link.as_deref().unwrap_or(&link), text);
        })?;
        line.put(Column::ImageLink, &images.main)?;
        line.put_with(Column::AddImageLink, |text| images.write_more(text))?;
        for (i, column) in CATEGORIES.into_iter().enumerate() {
            line.put(column, categories.get(i).map_or("", |category| cut(category, CATEGORY)))?;
        }
        line.put(Column::Condition, "신상품")?;
        line.put(Column::Barcode, &barcode(member))?;
        line.put(Column::ManufactureDefineNumber, cut(&clean(&mpn), MAKERS_NUMBER))?;
        line.put(Column::Brand, brand)?;
        line.put(Column::Maker, brand)?;
        line.put(Column::InstallationCosts, flag(self.config.installation_costs))?;
        line.put_with(Column::ReviewCount, number(review_count(member)))?;
        line.put(Column::Shipping, &self.shipping)?;
        line.put(Column::DeliveryGrade, flag(self.config.delivery_grade))?;
        line.put(Column::DeliveryDetail, &self.config.delivery_detail)?;
        let prefix = self.config.title_prefix.as_ref().unwrap_or(&member.map.title_prefix);
        Ok(line.row(price, &[prefix, brand]))
    }

    fn currency(&self, member: &Member<'_, '_>) -> Result<(), Broken> {
        // A bare word says nothing of a currency.
        let says = |code: &Cow<'_, Scalar<'_>>| !matches!(**code, Scalar::Bare(_));
        let Some(code) = member.values(&member.map.currency).find(says) else { return Ok(()) };
        let is_ours = |code: Cow<'_, str>| clean(&code).eq_ignore_ascii_case(&self.config.currency);
        match code.text().is_some_and(is_ours) {
            true => Ok(()),
            false => Err(Broken::of(Column::PricePc, Violation::Currency, code.to_string())),
        }
    }

    /// Writes the title.
    fn title(&self, member: &Member<'_, '_>, out: &mut String) {
        let begin = out.len();
        out.push_str(self.config.title_prefix.as_ref().unwrap_or(&member.map.title_prefix));
        for sources in &member.map.title {
            let is_part = |text: &str| {
                !text.is_empty() && !member.map.title_without.iter().any(|without| without == text)
            };
            for text in member.texts(sources) {
                let part = clean(&text);
                if is_part(&part) {
                    if out.len() > begin {
                        out.push(' ');
                    }
                    out.push_str(&part);
                    break;
                }
            }
        }
        // Two clean parts can join to markup (`a <b` and `c>`), so the whole is cleaned once more.
        let title = &out[begin..];
        match clean(title) {
            Cow::Borrowed(_) => out.truncate(begin + cut(title, TITLE).len()),
            Cow::Owned(title) => {
                out.truncate(begin);
                out.push_str(cut(&title, TITLE));
            }
        }
    }

    /// An address in normal form.
    fn link<'p>(&self, member: &Member<'p, '_>, sources: &'p Sources) -> Result<Cow<'p, str>, Broken> {
        let raw = match member.value(sources) {
            Some(Cow::Borrowed(Scalar::Text(text))) => Cow::Borrowed(text.trim()),
            Some(Cow::Owned(Scalar::Text(text))) => Cow::Owned(text.trim().to_owned()),
            Some(other) => Cow::Owned(other.to_string()),
            None => Cow::Borrowed(""),
        };
        Ok(if plain::address(&raw) { raw } else { String::from(http_url(Column::Link, &raw)?).into() })
    }

    /// Writes an address in normal form with our parameters, in normal form, too.
    fn with_params(&self, url: &str, out: &mut String) {
        if self.link_params.is_empty() {
            return out.push_str(url);
        }
        let (before, fragment) = url.split_at(memchr::memchr(b'#', url.as_bytes()).unwrap_or(url.len()));
        let joint = match memchr::memchr(b'?', before.as_bytes()) {
            None => "?",
            Some(at) if at + 1 == before.len() => "",
            Some(_) => "&",
        };
        for part in [before, joint, &self.link_params, fragment] {
            out.push_str(part);
        }
    }
}

/// What a table sets in a column, with its line. An address without one for phones beside it is theirs, too.
fn set<'c>(member: &Member<'_, '_>, sets: Sets<'c>, column: Column) -> Option<(&'c str, u64)> {
    let is_theirs = || column == Column::MobileLink && member.value(&member.map.mobile_link).is_none();
    sets.value(column).or_else(|| sets.value(Column::Link).filter(|_| is_theirs()))
}

/// The category's levels, outermost first: the product's own, or those that it inherits where it has none. Of more than
/// four the department and the most specific ones.
fn categories<'p>(member: &Member<'p, '_>) -> Vec<Cow<'p, str>> {
    let mut names =
        member.lineage().map(|member| levels(&member)).find(|names| !names.is_empty()).unwrap_or_default();
    if names.len() > CATEGORIES.len() {
        names.drain(1..names.len() - (CATEGORIES.len() - 1));
    }
    names
}

/// The names of a product's own levels.
fn levels<'p>(member: &Member<'p, '_>) -> Vec<Cow<'p, str>> {
    let skipped = &member.map.categories.skip;
    let is_category = |key: &Cow<'_, str>| !skipped.iter().any(|skipped| **skipped == **key);
    let levels = member.categories().into_iter().filter(|level| level.key.as_ref().is_none_or(is_category));
    let cleaned = |name: Cow<'p, str>| match name {
        Cow::Borrowed(name) => clean(name),
        Cow::Owned(name) => Cow::Owned(clean(&name).into_owned()),
    };
    levels.filter_map(|level| level.name).map(cleaned).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
pub(crate) mod tests;
