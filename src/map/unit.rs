//! What a source counts its prices in.

use serde::Deserialize;

use super::{Source, Sources};

/// The unit of prices: whole currency units, or smaller ones by as many decimal places as `minor` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Unit(Option<Sources>);

impl TryFrom<String> for Unit {
    type Error = String;

    /// `major`; `minor:2` for hundredths; `minor:/prices/currency_minor_unit` where the product says how many places.
    fn try_from(text: String) -> Result<Self, String> {
        let places = match text.split_once(':') {
            None if text == "major" => return Ok(Self(None)),
            Some(("minor", place)) if place.starts_with(['/', '.']) => Source::parse(place)?,
            Some(("minor", digit @ ("0" | "1" | "2" | "3" | "4"))) => Source::Text(digit.to_owned()),
            _ => {
                return Err(format!(
                    "expected major, minor:2 for hundredths, or minor:/place where the number of decimal places stands, \
                     found {text:?}"
                ));
            }
        };
        Ok(Self(Some(Sources::from(places))))
    }
}

impl Unit {
    /// The number of decimal places by which prices are too large; `None` where they are as they are.
    pub(crate) fn places(&self) -> Option<&Sources> {
        self.0.as_ref()
    }

    pub(super) fn sources_mut(&mut self) -> impl Iterator<Item = &mut Sources> {
        self.0.iter_mut()
    }
}
