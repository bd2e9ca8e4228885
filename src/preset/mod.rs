//! What a source looks like, as data: where its departments and their counts stand, how its windows are asked for, where
//! the products are, and where the values of a product. A preset is such a description that is compiled in under a name.
//!
//! It never asks a source for anything: that is for `fetch`.

mod call;
mod items;
mod said;
mod table;
mod windows;
mod written;

use serde::Deserialize;
use serde_json::json;

use crate::{
    json::Path,
    map::{FieldMap, Fields},
};

pub(crate) use call::{Call, CallTemplate, Window};
pub(crate) use items::Element;
pub use items::Items;
pub use said::Said;
pub(crate) use table::TableForm;
pub(crate) use windows::{Join, Windows, usual_size};
use written::Written;

/// The descriptions by name.
const PRESETS: [(&str, &str); 4] = [
    ("ikea", include_str!("ikea.json")),
    ("shopify", include_str!("shopify.json")),
    ("woocommerce", include_str!("woocommerce.json")),
    ("merchant", include_str!("merchant.json")),
];

/// A description of one kind of source, or of one shop's. `about` and `market` are for people.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preset {
    #[serde(rename = "about")]
    _about: String,
    /// What its name is followed by, where the source has several markets.
    market: Option<String>,
    /// What stands before the URLs of its calls, and ends with `/`; none where each shop has its own.
    pub(crate) base: Option<String>,
    /// How windows are asked for; none where the catalogue is one document.
    pub windows: Option<Windows>,
    /// Where the products stand in a document.
    pub(crate) items: Option<Items>,
    /// Where the shop's own list of departments stands.
    pub(crate) departments: Option<DepartmentList>,
    /// Where the count of one department stands.
    pub count: Option<Count>,
    /// What the public file is called where `FEED_KEY` does not say it; none where each shop has its own.
    pub(crate) feed_key: Option<String>,
    /// What heads the thread where `SERVICE_NAME` does not say it.
    pub(crate) service_name: Option<String>,
    /// Where the values of a product stand.
    pub(crate) product: Fields,
    /// How it was written.
    #[serde(skip)]
    written: Written,
}

/// Where the shop's own list of departments stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentList {
    /// The call that answers with it.
    pub(crate) call: CallTemplate,
    /// To each department in the answer.
    pub(crate) each: Path,
    /// From there to its id.
    pub(crate) id: Path,
    /// To its name.
    pub(crate) name: Option<Path>,
    /// To the number of its elements.
    pub(crate) count: Option<Path>,
    /// Ids to go by where the list was never read.
    #[serde(default)]
    pub(crate) known: Vec<String>,
}

/// Where the number of one department's elements stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The call that answers with it.
    pub(crate) call: CallTemplate,
    /// To the number.
    pub(crate) at: Path,
}

/// The name of the description that a source without one is read by.
pub fn first_name() -> &'static str {
    PRESETS[0].0
}

/// The description that a source without one is read by.
pub fn first() -> Preset {
    Preset::described(PRESETS[0].1).expect("the presets are parsed in the tests")
}

impl Preset {
    /// The preset of that name, where it has several markets for one of them: `name:kr/ko`, `shopify`.
    pub(crate) fn named(text: &str) -> Result<Self, String> {
        let error = || format!("expected {}, found {}", known(), found(text));
        let (name, market) = text.split_once(':').map_or((text, None), |(name, market)| (name, Some(market)));
        let (_, description) = PRESETS.iter().find(|(known, _)| *known == name).ok_or_else(error)?;
        let mut preset = Self::described(description).expect("the presets are parsed in the tests");
        // Nobody wrote these here.
        preset.written.places.clear();
        match (&preset.market, market) {
            (Some(_), Some(market)) => {
                let (country, language) = market.split_once('/').ok_or_else(error)?;
                let is_code = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
                if !is_code(country) || !is_code(language) {
                    return Err(error());
                }
                preset.of_market(country, language)
            }
            (None, None) => Ok(preset),
            _ => Err(error()),
        }
    }

    /// The description `text` (JSON). Without a base, or for several markets, its calls lead nowhere yet.
    pub fn described(text: &str) -> Result<Self, String> {
        let mut preset: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        preset.written = Written::of(text);
        if let Some(windows) = &preset.windows {
            if windows.next.is_none() && !windows.call.has_window() {
                return Err(
                    "windows take {start} and {end}, or {start} and {size}, or {page}, or say where the next one is"
                        .to_owned(),
                );
            }
            if windows.join.as_ref().is_some_and(|join| !join.call.has("{ids}")) {
                return Err("a join's call takes {ids}".to_owned());
            }
        }
        if preset.market.is_some() { Ok(preset) } else { preset.settled() }
    }

    /// The same with what `over` says in its place; of a product field by field.
    pub(crate) fn with(self, over: Self) -> Result<Self, String> {
        let preset = Self {
            base: over.base.or(self.base),
            windows: over.windows.or(self.windows),
            items: over.items.or(self.items),
            departments: over.departments.or(self.departments),
            count: over.count.or(self.count),
            feed_key: over.feed_key.or(self.feed_key),
            service_name: over.service_name.or(self.service_name),
            product: over.product.over(self.product, &over.written.named),
            written: self.written.with(over.written),
            ..self
        };
        preset.settled()
    }

    /// The same with its calls below its own base, where it has one.
    fn settled(self) -> Result<Self, String> {
        match self.base.clone() {
            Some(base) => self.below(&base),
            None => Ok(self),
        }
    }

    /// The same for a market.
    fn of_market(mut self, country: &str, language: &str) -> Result<Self, String> {
        self.written.of_market(country, language);
        let base = self.base.clone().unwrap_or_default();
        self.below(&base.replace("{country}", country).replace("{language}", language))
    }

    /// The same with its calls below a base, which ends with `/`.
    pub(crate) fn below(mut self, base: &str) -> Result<Self, String> {
        let windows = self.windows.iter_mut().flat_map(|Windows { call, join, .. }| {
            std::iter::once(call).chain(join.iter_mut().map(|join| &mut join.call))
        });
        let list = self.departments.iter_mut().map(|list| &mut list.call);
        let count = self.count.iter_mut().map(|count| &mut count.call);
        for call in windows.chain(list).chain(count) {
            call.rebase(base)?;
        }
        Ok(Self { base: Some(base.to_owned()), product: self.product.based(base), ..self })
    }

    /// The same with its calls at the API that `template`, which asks for windows in place of the preset's, belongs to:
    /// below what stands before the part that both have in common, or else at the same place on the template's host.
    pub(crate) fn beside(self, template: &str) -> Result<Self, String> {
        let path = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
        let own = self.windows.as_ref().map(|windows| path(windows.call.rest())).unwrap_or_default();
        let base = match path(template).strip_suffix(&own).filter(|base| base.ends_with('/')) {
            Some(base) => base.to_owned(),
            None => {
                let host: Vec<_> = template.splitn(4, '/').take(3).collect();
                let base = self.base.as_deref().unwrap_or_default();
                format!("{}/{}", host.join("/"), base.splitn(4, '/').nth(3).unwrap_or_default())
            }
        };
        self.below(&base)
    }

    /// Whether each window says where the next one is.
    pub(crate) fn goes_on(&self) -> bool {
        self.windows.as_ref().is_some_and(|windows| windows.next.is_some())
    }

    /// What it is known by in the records, with the places that the settings name beside it. The address that it is
    /// asked at is no part of it.
    pub(crate) fn fingerprint(&self, items: Option<&str>, total: Option<&str>) -> String {
        self.written.fingerprint(json!([items, total]))
    }

    /// How a product is read.
    pub fn map(&self) -> Result<FieldMap, String> {
        let map = FieldMap::try_from(self.product.clone()).map_err(|error| self.written.told(error))?;
        Ok(map.written(self.written.named.iter().cloned().zip(self.written.places.iter().copied()).collect()))
    }
}

/// The names of presets, for people.
pub(crate) fn known() -> String {
    let names: Vec<_> = PRESETS
        .iter()
        .map(|(name, text)| match Preset::described(text).map(|preset| preset.market.is_some()) {
            Ok(true) => format!("{name}:<country>/<language>, such as {name}:kr/ko"),
            _ => (*name).to_owned(),
        })
        .collect();
    names.join(", or ")
}

/// What stands where a preset's name should, unless it is longer than one or a URL, which may hold a secret.
fn found(text: &str) -> String {
    let is_name = text.len() <= 40 && !text.contains("//") && !text.contains(['?', '@', '=']);
    if is_name { format!("{text:?}") } else { "something else".to_owned() }
}

#[cfg(test)]
mod tests;
