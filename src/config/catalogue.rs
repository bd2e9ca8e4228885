//! Where the catalogue is and what it looks like: a preset, the `CATALOG_*` variables, or both.

use std::{num::NonZeroUsize, sync::Arc};

use url::Url;

use super::env::Env;
pub use crate::{
    fetch::{CatalogueConfig, CatalogueSource, Departments, Paged},
    preset::Items,
};
use crate::{
    json::JsonPointer,
    map::FieldMap,
    preset::{CallTemplate, Preset, Said, Window, first, known, usual_size},
};

/// `CATALOG_TOTAL` of a source whose counts are not to be believed.
const UNCOUNTED: &str = "-";

impl CatalogueConfig {
    /// Reads `CATALOG_*`, but for what [`description`] made of some. On Cloud Run (`embedded` false) neither the sample
    /// stands in for a missing URL, nor the first shop's description for a missing one.
    pub fn from_env(env: &mut Env<'_>, embedded: bool, preset: Option<Preset>) -> Self {
        let compared = env.text("CATALOG_TOTAL").is_none_or(|total| total != UNCOUNTED);
        let total = if compared { env.optional("CATALOG_TOTAL", Said::parse) } else { None };
        let mut source = source(env, embedded, preset.clone());
        if total.is_some() || !compared {
            uncounted(&mut source);
        }
        let items = items(env, &source, preset.as_ref());
        if total.as_ref().is_some_and(|total| total.pointer().is_some()) {
            place_of_the_count(env, &items);
        }
        let windows = preset.as_ref().and_then(|preset| preset.windows.as_ref());
        let page_size = windows.map_or_else(usual_size, |windows| windows.size);
        let in_windows = windows.filter(|_| compared && matches!(source, CatalogueSource::Paged(_)));
        let total = total.or_else(|| in_windows?.total.clone());
        let preset = preset.unwrap_or_else(first);
        let [own_items, own_total] = ["CATALOG_ITEMS", "CATALOG_TOTAL"].map(|name| env.text(name));
        let map = preset.fingerprint(own_items.as_deref(), own_total.as_deref());
        let product = Arc::new(product(env, &source, &preset));
        Self {
            source,
            items,
            total,
            page_size: env.parsed("CATALOG_PAGE_SIZE", page_size, |t| {
                t.parse().map_err(|_| format!("expected a whole number from 1, found {t:?}"))
            }),
            concurrency: env.parsed("CATALOG_CONCURRENCY", NonZeroUsize::new(4).expect("not zero"), |t| {
                match t.parse::<usize>().ok().filter(|n| (1..=64).contains(n)).and_then(NonZeroUsize::new) {
                    Some(n) => Ok(n),
                    None => Err(format!("expected a whole number from 1 to 64, found {t:?}")),
                }
            }),
            product,
            map,
        }
    }
}

/// What `CATALOG_PRESET` and `CATALOG_MAP` say, asked at `CATALOG_URL` where that is an address for calls.
pub fn description(env: &mut Env<'_>) -> Option<Preset> {
    let url = env.text("CATALOG_URL");
    let named = env.optional("CATALOG_PRESET", Preset::named);
    let own = env.optional("CATALOG_MAP", Preset::described);
    let preset = match (named, own) {
        (Some(named), Some(own)) => env.checked("CATALOG_MAP", named.with(own)),
        (named, own) => named.or(own),
    }?;
    match url.as_deref().and_then(address).filter(|_| preset.windows.is_some()) {
        Some(base) => env.checked("CATALOG_URL", preset.below(&base)),
        None => Some(preset),
    }
}

/// Where the catalogue is; where that is wrong or not known, the sample stands in so that reading goes on.
fn source(env: &mut Env<'_>, embedded: bool, preset: Option<Preset>) -> CatalogueSource {
    let url = env.text("CATALOG_URL");
    let categories = env.list("CATALOG_CATEGORIES");
    let is_described = env.text("CATALOG_PRESET").or(env.text("CATALOG_MAP")).is_some();
    if url.is_some() && !is_described {
        env.needed("CATALOG_PRESET", embedded, format_args!("{}, or CATALOG_MAP", known()));
    }
    let source = match (url, preset) {
        (Some(text), preset) => parse_source(&text, preset, &categories),
        (None, Some(preset)) => paged(preset, &categories),
        (None, None) if embedded || is_described => Ok(CatalogueSource::Sample),
        (None, None) => {
            Err(("CATALOG_URL", "not set; expected the catalogue's https: URL, or CATALOG_PRESET".into()))
        }
    };
    source.unwrap_or_else(|(variable, message)| {
        env.problem(variable, message);
        CatalogueSource::Sample
    })
}

/// The windows carry their own count then, or none counts.
fn uncounted(source: &mut CatalogueSource) {
    if let CatalogueSource::Paged(paged) = source {
        paged.count = None;
        if let Departments::Listed(list) = &mut paged.departments {
            list.count = None;
        }
    }
}

/// Where the products stand: as `CATALOG_ITEMS` says, else as the preset does, of a document or of windows.
fn items(env: &mut Env<'_>, source: &CatalogueSource, preset: Option<&Preset>) -> Items {
    let in_windows = preset.and_then(|preset| preset.windows.as_ref()).map(|windows| &windows.items);
    let in_document = preset.and_then(|preset| preset.items.as_ref());
    let own = match source {
        CatalogueSource::Document(_) => in_document.or(in_windows),
        CatalogueSource::Paged(_) | CatalogueSource::Sample => in_windows,
    };
    let whole = || Items::at(JsonPointer::default());
    env.parsed("CATALOG_ITEMS", own.cloned().unwrap_or_else(whole), Items::parse)
}

/// A count was said to stand at a place: a problem where a catalogue has none.
fn place_of_the_count(env: &mut Env<'_>, items: &Items) {
    let no_place = match items {
        Items::Ndjson => "a catalogue of one product a line has no place for it; unset it",
        Items::Table(_) => "a table has no place for it; unset it",
        Items::Array(..) => return,
    };
    env.problem("CATALOG_TOTAL", no_place);
}

/// The field map; where it is wrong, the first preset's stands in.
fn product(env: &mut Env<'_>, source: &CatalogueSource, preset: &Preset) -> FieldMap {
    let variable = if env.text("CATALOG_MAP").is_some() { "CATALOG_MAP" } else { "CATALOG_PRESET" };
    let product = env.checked(variable, preset.map());
    let is_located = !matches!(source, CatalogueSource::Sample);
    if is_located && product.as_ref().is_some_and(FieldMap::needs_base) {
        let message = "names one document, but the map's templates begin with the shop's address; expected that \
                       address, such as https://shop.example/, or a map that says `base`";
        env.problem("CATALOG_URL", message);
    }
    product.unwrap_or_else(|| first().map().expect("the presets are parsed in the tests"))
}

/// An address that ends with `/`, or names a host alone: where a preset's calls go.
fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let is_one = url.query().is_none() && url.path().ends_with('/') && !text.contains('{');
    is_one.then(|| if text.ends_with('/') { text.to_owned() } else { format!("{text}/") })
}

/// What is wrong with which variable.
type Wrong = (&'static str, String);

fn parse_source(text: &str, preset: Option<Preset>, categories: &[String]) -> Result<CatalogueSource, Wrong> {
    let wrong = |message: String| ("CATALOG_URL", message);
    let windows = CallTemplate::get(text)
        // Nothing of it is quoted: any part may be a secret.
        .map_err(|e| wrong(format!("expected an absolute URL such as https://host/catalogue.json: {e}")))?;
    let url = windows.fill(Window { category: "x", start: 0, end: 1, ..Window::default() }).url;
    let shown = windows.shown();
    if !matches!(url.scheme(), "http" | "https" | "file") {
        return Err(wrong(format!("expected https:, http: or file:, found {shown}")));
    }
    if !windows.has_places() {
        return match preset.filter(|preset| preset.windows.is_some()) {
            Some(preset) if address(text).is_some() => paged(preset, categories),
            Some(preset) if preset.goes_on() => Paged::of(windows, Some(preset), categories),
            _ => Ok(CatalogueSource::Document(url)),
        };
    }
    if !windows.has_window() {
        return Err(wrong(format!(
            "a paged URL holds both {{start}} and {{end}}, or {{page}}, found {shown}"
        )));
    }
    if url.scheme() == "file" {
        let message = "a file: catalogue is one document; leave {category}, {start} and {end} out";
        return Err(wrong(message.to_owned()));
    }
    let beside = preset.map(|preset| preset.beside(text)).transpose().map_err(wrong)?;
    Paged::of(windows, beside, categories)
}

/// What a preset says, with the departments of the settings where there are any.
fn paged(preset: Preset, categories: &[String]) -> Result<CatalogueSource, Wrong> {
    let expected = match &preset.windows {
        Some(windows) if preset.base.is_some() => {
            return Paged::of(windows.call.clone(), Some(preset), categories);
        }
        Some(_) => "the address that the shop is asked at, such as https://shop.example/",
        None => "the catalogue's own address, such as https://shop.example/catalogue.tsv",
    };
    Err(("CATALOG_URL", format!("not set; expected {expected}")))
}

impl Paged {
    /// Windows that are asked for by `windows`, with what the preset says beside them.
    fn of(
        windows: CallTemplate,
        preset: Option<Preset>,
        categories: &[String],
    ) -> Result<CatalogueSource, Wrong> {
        let Preset { departments: list, count, windows: described, .. } = preset.unwrap_or_default();
        let (next, join) = described.map_or((None, None), |described| (described.next, described.join));
        // Windows that are asked for by their place lead nowhere else.
        let next = next.filter(|_| !windows.has_window());
        let departments = if !windows.has("{category}") {
            Departments::One
        } else if !categories.is_empty() {
            Departments::Given(categories.to_vec())
        } else {
            Departments::Listed(list.ok_or((
                "CATALOG_CATEGORIES",
                "not set, but CATALOG_URL holds {category}; expected ids such as st001,fu002".to_owned(),
            ))?)
        };
        let count = count.filter(|_| departments != Departments::One);
        Ok(CatalogueSource::Paged(Box::new(Self { windows, departments, count, next, join })))
    }
}

#[cfg(test)]
mod tests;
