//! What a source looks like, as data: where its departments and their counts stand, how its windows are asked for, where
//! the products are, and where the values of a product. A preset is such a description that is compiled in under a name.
//!
//! It never asks a source for anything: that is for `fetch`.

mod call;
mod items;

use std::num::NonZeroU32;

use serde::Deserialize;

use crate::{json::Path, map::FieldMap};

pub use call::{Call, CallTemplate, Window};
pub use items::{Element, Items};

/// The descriptions by name.
const PRESETS: [(&str, &str); 1] = [("ikea", include_str!("ikea.json"))];

/// A description of one shop's source. `about` and `market` are for people.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    #[serde(rename = "about")]
    _about: String,
    #[serde(rename = "market")]
    _market: String,
    /// What stands before the URLs of its calls, and ends with `/`.
    base: String,
    /// How windows are asked for.
    pub windows: Windows,
    /// Where the shop's own list of departments stands.
    pub departments: Option<DepartmentList>,
    /// Where the count of one department stands.
    pub count: Option<Count>,
    /// Where the values of a product stand.
    pub product: FieldMap,
}

/// How windows are asked for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// With this.
    pub call: CallTemplate,
    /// Where their products stand.
    pub items: Items,
    /// How many elements are asked for at once.
    pub size: NonZeroU32,
}

/// Where the shop's own list of departments stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentList {
    /// The call that answers with it.
    pub call: CallTemplate,
    /// To each department in the answer.
    pub each: Path,
    /// From there to its id.
    pub id: Path,
    /// To its name.
    pub name: Option<Path>,
    /// To the number of its elements.
    pub count: Option<Path>,
    /// Ids to go by where the list was never read.
    #[serde(default)]
    pub known: Vec<String>,
}

/// Where the number of one department's elements stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The call that answers with it.
    pub call: CallTemplate,
    /// To the number.
    pub at: Path,
}

/// The description of products that a source without a preset is read by.
pub fn default_map() -> FieldMap {
    Preset::described(PRESETS[0].1, "xx", "xx").expect("the presets are parsed in the tests").product
}

impl Preset {
    /// The preset of that name for a market: `ikea:kr/ko`.
    pub fn named(text: &str) -> Result<Self, String> {
        let error = || {
            let known: Vec<_> =
                PRESETS.iter().map(|(name, _)| format!("{name}:<country>/<language>")).collect();
            format!("expected {}, such as ikea:kr/ko, found {}", known.join(" or "), found(text))
        };
        let (name, market) = text.split_once(':').ok_or_else(error)?;
        let (country, language) = market.split_once('/').ok_or_else(error)?;
        let is_code = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
        let (_, description) = PRESETS.iter().find(|(known, _)| *known == name).ok_or_else(error)?;
        if !is_code(country) || !is_code(language) {
            return Err(error());
        }
        Self::described(description, country, language)
    }

    /// The description `text` (JSON), for a market.
    pub fn described(text: &str, country: &str, language: &str) -> Result<Self, String> {
        let mut preset: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        // Its calls are still without a base.
        let base = std::mem::take(&mut preset.base);
        preset.below(&base.replace("{country}", country).replace("{language}", language))
    }

    /// The same with its calls below another base, which ends with `/`.
    pub fn below(mut self, base: &str) -> Result<Self, String> {
        let list = self.departments.iter_mut().map(|list| &mut list.call);
        let count = self.count.iter_mut().map(|count| &mut count.call);
        for call in [&mut self.windows.call].into_iter().chain(list).chain(count) {
            let rest = call.url.split_off(self.base.len());
            *call = call.at(format!("{base}{rest}")).map_err(|e| format!("{rest}: {e}"))?;
        }
        if !self.windows.call.has_window() {
            return Err("windows take {start} and {end}, or {start} and {size}".to_owned());
        }
        Ok(Self { base: base.to_owned(), ..self })
    }

    /// The same with its calls at the API that `template`, which asks for windows in place of the preset's, belongs to:
    /// below what stands before the part that both have in common, or else at the same place on the template's host.
    pub fn beside(self, template: &str) -> Result<Self, String> {
        let path = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
        let own = path(&self.windows.call.url[self.base.len()..]);
        let base = match path(template).strip_suffix(&own).filter(|base| base.ends_with('/')) {
            Some(base) => base.to_owned(),
            None => {
                let host: Vec<_> = template.splitn(4, '/').take(3).collect();
                format!("{}/{}", host.join("/"), self.base.splitn(4, '/').nth(3).unwrap_or_default())
            }
        };
        self.below(&base)
    }
}

/// What stands where a preset's name should, unless it is longer than one or a URL, which may hold a secret.
fn found(text: &str) -> String {
    let is_name = text.len() <= 40 && !text.contains("//") && !text.contains(['?', '@', '=']);
    if is_name { format!("{text:?}") } else { "something else".to_owned() }
}

#[cfg(test)]
mod tests;
