//! A product of the source → a row of the feed that keeps every rule, or the rule that it would break.
//!
//! It never leaves a product out on purpose: that is the filter's work.

mod address;
mod explain;
mod images;
mod levels;
mod title;
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
        line::{Line, Seen, Sound},
        plain,
        row::{Written, feed_columns},
        rules::Violation,
        text::{Clean, clean, cut},
    },
    price::Offer,
    product::{Member, Scalar},
};
use address::{Address, Shown};
use images::images;
use levels::{CATEGORIES, categories};
use values::{MOST_PRICE, barcode, number, review_count, whole_price};

/// The most characters of a category's name.
const CATEGORY: usize = 50;
/// The most characters of a maker's number.
const MAKERS_NUMBER: usize = 100;
/// The most characters of a brand.
const BRAND: usize = 60;
/// Turns products into rows.
pub struct Transform {
    config: EpConfig,
    /// As they stand in an address.
    link_params: String,
    /// Whether an address of which is known that it is sound is so with them.
    params_are_known: bool,
    fixed: Fixed,
}

/// Values that are the same in each row.
struct Fixed {
    condition: Sound,
    installation_costs: Sound,
    shipping: Sound,
    delivery_grade: Sound,
    delivery_detail: Sound,
}

impl Fixed {
    fn of(config: &EpConfig) -> Self {
        let flag = |on: bool| if on { "Y" } else { "" };
        Self {
            condition: Sound::of(Column::Condition, "신상품"),
            installation_costs: Sound::of(Column::InstallationCosts, flag(config.installation_costs)),
            shipping: Sound::of(Column::Shipping, config.shipping.to_string()),
            delivery_grade: Sound::of(Column::DeliveryGrade, flag(config.delivery_grade)),
            delivery_detail: Sound::of(Column::DeliveryDetail, config.delivery_detail.as_str()),
        }
    }
}

impl Transform {
    /// With these settings.
    pub fn new(config: EpConfig) -> Self {
        let mut any = Url::parse("https://shop.example/").expect("it is an address");
        any.set_query(Some(&config.link_params));
        let params_are_known = plain::address(any.as_str());
        let link_params = any.query().unwrap_or_default().to_owned();
        Self { link_params, params_are_known, fixed: Fixed::of(&config), config }
    }

    /// The settings.
    pub(crate) fn config(&self) -> &EpConfig {
        &self.config
    }

    /// The row of a product whose price is `offer`, written behind `text`, to which nothing is added where it would break a
    /// rule. What a table sets takes the place of a column's own value. It is long because it is a list, of what is found in
    /// the source and then of the columns in the guide's order: between two halves each value would be named once more.
    pub(crate) fn row(
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
            Some(_) => Address::default(),
            None => address::link(member, &member.map.link)?,
        };
        let mobile_link = match member.value(&member.map.mobile_link) {
            Some(_) if set(Column::MobileLink).is_none() => {
                Some(address::link(member, &member.map.mobile_link)?)
            }
            _ => None,
        };
        let images = match images(member) {
            Err(_) if set(Column::ImageLink).is_some() => None,
            images => Some(images?),
        };
        let categories = categories(member);
        // A list price that cannot be true is left out: it is not worth losing the product.
        let normal = offer.normal.filter(|n| *n as f64 <= MOST_PRICE && *n > price);
        let mpn = Clean::of(member.text(&member.map.mpn).unwrap_or_default());
        let said_brand = match &self.config.brand {
            Some(_) => None,
            None => member.text(&member.map.brand),
        };
        let said_brand = said_brand.unwrap_or_default();
        let said_brand = clean(&said_brand);
        let brand = self.config.brand.as_deref().unwrap_or_else(|| cut(&said_brand, BRAND));

        let mut line = Line::new(text, feed_columns(member.map.has_barcode()));
        if sets.is_some() {
            line = line.setting(&set);
        }
        line.put(Column::Id, &id)?;
        line.put_title(|text| self.title(member, text))?;
        line.put_with(Column::PricePc, number(Some(price)))?;
        line.put_again(Column::PriceMobile, number(Some(price)))?;
        line.put_with(Column::NormalPrice, number(normal))?;
        line.put_seen(Column::Link, |text| self.with_params(link.shown(), text))?;
        match &mobile_link {
            Some(mobile) => {
                line.put_seen(Column::MobileLink, |text| self.with_params(mobile.shown(), text))?
            }
            None => line.put_again(Column::MobileLink, |text| {
                self.with_params(link.shown(), text);
            })?,
        }
        line.put_seen(Column::ImageLink, |text| {
            images.as_ref().map_or(Seen::No, |all| all.write_main(text))
        })?;
        line.put_seen(Column::AddImageLink, |text| {
            images.as_ref().map_or(Seen::No, |all| all.write_more(text))
        })?;
        for (column, name) in CATEGORIES.into_iter().zip(&categories.names) {
            line.put_clean(column, name, CATEGORY)?;
        }
        line.put_sound(&self.fixed.condition)?;
        line.put_with(Column::Barcode, |text| text.push_str(&barcode(member)))?;
        line.put_clean(Column::ManufactureDefineNumber, &mpn, MAKERS_NUMBER)?;
        line.put(Column::Brand, brand)?;
        line.put_again(Column::Maker, |text| text.push_str(brand))?;
        line.put_sound(&self.fixed.installation_costs)?;
        line.put_with(Column::ReviewCount, number(review_count(member)))?;
        line.put_sound(&self.fixed.shipping)?;
        line.put_sound(&self.fixed.delivery_grade)?;
        line.put_sound(&self.fixed.delivery_detail)?;
        let prefix = self.config.title_prefix.as_ref().unwrap_or(&member.map.title_prefix);
        Ok(line.row(price, &[prefix, brand]))
    }

    fn currency(&self, member: &Member<'_, '_>) -> Result<(), Broken> {
        // A bare word says nothing of a currency.
        let says = |code: &Cow<'_, Scalar<'_>>| !matches!(**code, Scalar::Bare(_));
        // Mostly the first one does.
        let first = member.value(&member.map.currency).filter(says);
        let Some(code) = first.or_else(|| member.values(&member.map.currency).find(says)) else {
            return Ok(());
        };
        let is_ours = |code: Cow<'_, str>| clean(&code).eq_ignore_ascii_case(&self.config.currency);
        match code.text().is_some_and(is_ours) {
            true => Ok(()),
            false => Err(Broken::of(Column::PricePc, Violation::Currency, code.to_string())),
        }
    }

    /// Writes an address in normal form with our parameters, in normal form, too; gives what is known of both.
    fn with_params<'u>(&self, url: impl Into<Shown<'u>>, out: &mut String) -> Seen {
        let url = url.into();
        if self.link_params.is_empty() {
            out.push_str(url.text);
            return url.seen();
        }
        let (end, joint) = url.joint();
        let (before, fragment) = url.text.split_at(end);
        for part in [before, joint, &self.link_params, fragment] {
            out.push_str(part);
        }
        if self.params_are_known { url.seen() } else { Seen::No }
    }
}

/// What a table sets in a column, with its line. An address without one for phones beside it is theirs, too.
fn set<'c>(member: &Member<'_, '_>, sets: Sets<'c>, column: Column) -> Option<(&'c str, u64)> {
    let is_theirs = || column == Column::MobileLink && member.value(&member.map.mobile_link).is_none();
    sets.value(column).or_else(|| sets.value(Column::Link).filter(|_| is_theirs()))
}

#[cfg(test)]
pub(crate) mod tests;
