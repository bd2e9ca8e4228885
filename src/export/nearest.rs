//! Values of the map that no product has, and which places of a product come nearest: for people who describe a source.
//!
//! It never changes a map and never judges a product.

use crate::{
    json::scalars,
    map::{FieldMap, Place, Source, Sources},
    price::{self, Price},
    product::Member,
};

/// Places of a product that are looked at.
const PLACES: usize = 500;
/// Places that are named for a value.
const NAMED: usize = 3;
/// The field that says what prices are counted in.
const UNIT: &str = "price_unit";
/// Characters of a value that is shown with its place.
const SHOWN: usize = 60;

/// What of a map was met, over all products that were looked at.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// By the map's places, in the order of [`fields`].
    fields: Vec<bool>,
    /// The scalars of the first product, and of the first variant.
    places: Vec<(String, String)>,
    variants: bool,
    /// Whether a price could be read, and the first that could not, with its place.
    priced: bool,
    unpriced: Option<(String, String)>,
}

/// A value that no product has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The field of the map: `price`.
    pub field: &'static str,
    /// Where it was looked for.
    pub place: String,
    /// The line and the column at which a shop's own map says so.
    pub written_at: Option<(usize, usize)>,
    /// Places that come nearest, each with what the first product says there.
    pub nearest: Vec<(String, String)>,
}

impl Met {
    /// Notes a product, or a variant.
    pub(super) fn note(&mut self, member: &Member<'_, '_>, raw: &[u8]) {
        let fields = fields(member.map);
        self.fields.resize(fields.len(), false);
        for (met, (_, wanted)) in self.fields.iter_mut().zip(&fields) {
            *met |= match wanted {
                Wanted::Value(sources) => member.value(sources).is_some(),
                Wanted::Texts(places) => places.iter().any(|place| member.has(place)),
            };
        }
        match price::of(member) {
            Price::Missing => {}
            Price::Unreadable(value) => {
                let place = member.said_by(&member.map.price).map(ToString::to_string).unwrap_or_default();
                self.unpriced.get_or_insert((place, value));
            }
            Price::Restricted(_) | Price::Offer(_) => self.priced = true,
        }
        if self.places.is_empty() || member.is_variant() && !std::mem::replace(&mut self.variants, true) {
            // Within the list of variants each is a product of its own.
            let variants = member.map.variants.as_ref().map(Place::to_string);
            let is_in_variants = |path: &String| {
                variants.as_ref().is_some_and(|list| path.starts_with(list.trim_end_matches("/*")))
            };
            for (path, value) in scalars(raw, PLACES) {
                if !is_in_variants(&path) && self.places.iter().all(|(known, _)| *known != path) {
                    self.places.push((path, value));
                }
            }
        }
    }

    /// What nobody had; nothing where no product was read.
    pub(super) fn unmet(&self, map: &FieldMap) -> Vec<Unmet> {
        let met = self.fields.iter().zip(fields(map));
        met.filter(|(met, _)| !**met)
            .map(|(_, (field, wanted))| Unmet {
                written_at: map.written_at(field),
                ..self.nearest(field, &wanted)
            })
            .chain(self.unit(map))
            .collect()
    }

    /// The unit of prices, where it fits not one of them.
    fn unit(&self, map: &FieldMap) -> Option<Unmet> {
        let written_at = map.written_at(UNIT)?;
        let price = self.unpriced.clone().filter(|_| !self.priced)?;
        let place = "which fits no price".to_owned();
        Some(Unmet { field: UNIT, place, written_at: Some(written_at), nearest: vec![price] })
    }

    fn nearest(&self, field: &'static str, wanted: &Wanted<'_>) -> Unmet {
        let place = wanted.to_string();
        let mut all: Vec<_> = self
            .places
            .iter()
            .map(|(path, value)| (likeness(field, &place, path, value), path, value))
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let shown = |value: &String| value.chars().take(SHOWN).collect();
        let nearest =
            all.into_iter().take(NAMED).map(|(_, path, value)| (path.clone(), shown(value))).collect();
        Unmet { field, place, written_at: None, nearest }
    }
}

/// Where a value is looked for.
pub(super) enum Wanted<'m> {
    Value(&'m Sources),
    /// At any of these.
    Texts(&'m [Place]),
}

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(sources) => sources.fmt(f),
            Self::Texts(places) => {
                let places: Vec<_> = places.iter().map(Place::to_string).collect();
                f.write_str(&places.join(", "))
            }
        }
    }
}

/// The fields of a map that name places.
pub(super) fn fields(map: &FieldMap) -> Vec<(&'static str, Wanted<'_>)> {
    let values = [
        ("id", &map.id),
        ("name", &map.name),
        ("price", &map.price),
        ("link", &map.link),
        ("kind", &map.kind),
        ("regular_price", &map.regular_price),
        ("currency", &map.currency),
        ("mobile_link", &map.mobile_link),
        ("sellable", &map.sellable),
        ("stock", &map.stock),
        ("last_chance", &map.last_chance),
        ("rating_count", &map.rating_count),
        ("mpn", &map.mpn),
        ("brand", &map.brand),
        ("gtin", &map.gtin),
    ];
    let named = |sources: &&Sources| sources.all().iter().any(|source| !matches!(source, Source::Text(_)));
    let values = values.into_iter().filter(|(_, sources)| named(sources));
    let places = [("images", &map.images[..]), ("categories", &map.categories.names)];
    values
        .map(|(field, sources)| (field, Wanted::Value(sources)))
        .chain(map.title.iter().filter(named).map(|sources| ("title", Wanted::Value(sources))))
        .chain(places.map(|(field, places)| (field, Wanted::Texts(places))))
        .collect()
}

/// How much a place is like the one that is looked for: by its keys against the last one, by its whole way, by the field's own name, and by
/// what stands there.
fn likeness(field: &str, wanted: &str, path: &str, value: &str) -> f64 {
    let keys = |path: &str| -> Vec<String> {
        path.split('/').filter(|key| !key.is_empty() && *key != "*").map(str::to_lowercase).collect()
    };
    let (asked, there) = (keys(wanted), keys(path));
    let best = |word: &str| there.iter().map(|key| strsim::jaro_winkler(key, word)).fold(0.0, f64::max);
    let by_key = asked.last().map_or(0.0, |key| best(key));
    let is_web = value.starts_with("http") || value.starts_with("//");
    let fits = match field {
        "price" | "regular_price" | "stock" | "rating_count" => {
            value.chars().any(|c| c.is_ascii_digit()) && !is_web
        }
        "images" => {
            is_web && [".jpg", ".jpeg", ".png", ".webp", ".gif"].iter().any(|end| value.contains(end))
        }
        "link" | "mobile_link" => is_web,
        "name" | "title" | "brand" | "categories" => value.chars().any(char::is_alphabetic) && !is_web,
        _ => !is_web,
    };
    let fits = if fits { 1.0 } else { 0.0 };
    2.0 * by_key + strsim::jaro_winkler(&asked.join("/"), &there.join("/")) + best(field) + fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{preset::Preset, product::Product};

    #[test]
    fn what_no_product_has_is_named_with_the_places_that_come_nearest() {
        let map = Preset::described(
            r#"{"product": {"id": "/number", "name": "/title", "title": ["/title"], "price": "/money/now",
                "link": "=https://shop.example/", "images": ["/picture"], "categories": {"names": ["/shelf"]},
                "brand": "/maker", "mpn": "/number"}}"#,
        )
        .unwrap()
        .map()
        .unwrap();
        let text = br#"{"number": 7, "names": {"title": "Lamp"}, "price": {"now": 5000, "before": 6000},
            "pictures": [{"url": "https://i.example/1.jpg"}], "page": "https://shop.example/7", "maker": "Moa"}"#;
        let mut met = Met::default();
        assert_eq!(met.unmet(&map), [], "nothing was looked at");
        let product = Product::read(&map, text).unwrap();
        met.note(&Member::listed(&map, &product), text);
        let unmet = met.unmet(&map);
        let found: Vec<_> = unmet.iter().map(|one| (one.field, &*one.place, &*one.nearest[0].0)).collect();
        assert_eq!(
            found,
            [
                ("name", "/title", "/names/title"),
                ("price", "/money/now", "/price/now"),
                ("title", "/title", "/names/title"),
                ("images", "/picture", "/pictures/*/url"),
                ("categories", "/shelf", "/maker"),
            ]
        );
        assert_eq!((&*unmet[1].nearest[0].1, unmet[1].written_at), ("5000", Some((1, 79))));
    }

    #[test]
    fn a_unit_that_fits_no_price_is_named() {
        let map = |unit: &str| {
            let map = format!(
                r#"{{"product": {{"id": "/n", "name": "/n", "title": ["/n"], "price": "/p", "link": "/n",
                    "images": ["/n"], "categories": {{"names": ["/n"]}}, "price_unit": "{unit}"}}}}"#
            );
            Preset::described(&map).unwrap().map().unwrap()
        };
        let text = br#"{"n": "a", "p": "12900.00"}"#;
        for (unit, expected) in [("minor:2", 1), ("major", 0)] {
            let (map, mut met) = (map(unit), Met::default());
            met.note(&Member::listed(&map, &Product::read(&map, text).unwrap()), text);
            let unmet = met.unmet(&map);
            assert_eq!(unmet.len(), expected, "{unit}: {unmet:?}");
            assert!(unmet.iter().all(|unmet| unmet.nearest == [("/p".to_owned(), "12900.00".to_owned())]));
        }
    }
}
