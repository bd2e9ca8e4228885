//! Where the catalogue is and what it looks like: a preset, the `CATALOG_*` variables, or both.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
};

use url::Url;

use super::env::Env;
pub use crate::{json::JsonPointer, preset::Items};
use crate::{
    preset::{CallTemplate, Count, DepartmentList, Preset, RESTRICTED_MARKS, Window},
    web::{Secrets, ShownUrl},
};

/// `CATALOG_TOTAL` of a source whose counts are not to be believed.
const UNCOUNTED: &str = "-";

/// Settings of `fetch`.
#[derive(Debug, Clone)]
pub struct CatalogueConfig {
    /// `CATALOG_PRESET`, `CATALOG_URL` and `CATALOG_CATEGORIES`; the compiled-in sample where both are unset.
    pub source: CatalogueSource,
    /// `CATALOG_ITEMS`, else the preset's.
    pub items: Items,
    /// `CATALOG_TOTAL`: where each document holds the source's own count, in place of the preset's counts; `-` for no
    /// count at all.
    pub total: Option<JsonPointer>,
    /// `CATALOG_PAGE_SIZE`, elements a window; else the preset's.
    pub page_size: NonZeroU32,
    /// `CATALOG_CONCURRENCY`, calls on their way at once.
    pub concurrency: NonZeroUsize,
    /// Words within the marks of a price that not everybody can pay: the preset's.
    pub restricted_marks: Vec<String>,
}

/// Where the products come from.
#[derive(Clone, PartialEq, Eq)]
pub enum CatalogueSource {
    /// The made-up catalogue inside the binary.
    Sample,
    /// One document; `file:`, `http:` or `https:`.
    Document(Url),
    /// Windows of its departments.
    Paged(Box<Paged>),
}

impl fmt::Debug for CatalogueSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sample => f.write_str("Sample"),
            Self::Document(url) => write!(f, "Document({})", ShownUrl::of(url)),
            Self::Paged(paged) => paged.fmt(f),
        }
    }
}

/// A catalogue that is asked for in windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged {
    /// The call for a window.
    pub windows: CallTemplate,
    /// What there is to walk through.
    pub departments: Departments,
    /// Where the count of a department stands, if not in its windows.
    pub count: Option<Count>,
}

/// What there is to walk through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Departments {
    /// There are none: the windows are of the whole catalogue.
    One,
    /// Those that the settings name.
    Given(Vec<String>),
    /// Those of the shop's own list.
    Listed(DepartmentList),
}

impl CatalogueConfig {
    /// Where the catalogue is, for people: a URL without its secrets.
    pub fn location(&self) -> String {
        match &self.source {
            CatalogueSource::Sample => "the sample catalogue".to_owned(),
            CatalogueSource::Document(url) => ShownUrl::of(url).to_string(),
            CatalogueSource::Paged(paged) => {
                let category = match &paged.departments {
                    Departments::Given(given) => given.first(),
                    Departments::Listed(list) => list.known.first(),
                    Departments::One => None,
                };
                let category = category.map_or("", String::as_str);
                let end = u64::from(self.page_size.get());
                paged.windows.fill(Window { category, start: 0, end }).shown.to_string()
            }
        }
    }

    /// What its URL hides, which an answer may repeat.
    pub fn secrets(&self) -> Secrets {
        match &self.source {
            CatalogueSource::Sample => Secrets::default(),
            CatalogueSource::Document(url) => ShownUrl::of(url).secrets().clone(),
            CatalogueSource::Paged(paged) => paged.windows.shown().secrets().clone(),
        }
    }

    /// Whether its departments are worth remembering: what a department had says what it should have.
    pub fn has_departments(&self) -> bool {
        matches!(&self.source, CatalogueSource::Paged(paged) if paged.departments != Departments::One)
    }

    /// Reads `CATALOG_*`. On Cloud Run (`embedded` false) the sample does not stand in for a missing URL.
    pub fn from_env(env: &mut Env<'_>, embedded: bool) -> Self {
        let preset = env.optional("CATALOG_PRESET", Preset::named);
        let categories = env.list("CATALOG_CATEGORIES");
        let compared = env.text("CATALOG_TOTAL").is_none_or(|total| total != UNCOUNTED);
        let total = if compared { env.optional("CATALOG_TOTAL", JsonPointer::parse) } else { None };
        let (url, given_preset) = (env.text("CATALOG_URL"), env.text("CATALOG_PRESET").is_some());
        let source = match (url, preset.clone()) {
            (Some(text), preset) => parse_source(&text, preset, &categories),
            (None, Some(preset)) => paged(preset, &categories),
            (None, None) if embedded || given_preset => Ok(CatalogueSource::Sample),
            (None, None) => {
                Err(("CATALOG_URL", "not set; expected the catalogue's https: URL, or CATALOG_PRESET".into()))
            }
        };
        let mut source = source.unwrap_or_else(|(variable, message)| {
            env.problem(variable, message);
            CatalogueSource::Sample
        });
        if let CatalogueSource::Paged(paged) = &mut source
            && (total.is_some() || !compared)
        {
            // The windows carry their own count then, or none counts.
            paged.count = None;
            if let Departments::Listed(list) = &mut paged.departments {
                list.count = None;
            }
        }
        let preset = preset.as_ref();
        let whole = Items::at(JsonPointer::default());
        let items =
            env.parsed("CATALOG_ITEMS", preset.map_or(whole, |p| p.windows.items.clone()), Items::parse);
        if items == Items::Ndjson && total.is_some() {
            env.problem("CATALOG_TOTAL", "a catalogue of one product a line has no place for it; unset it");
        }
        let page_size = preset.map_or(NonZeroU32::new(1000).expect("not zero"), |preset| preset.windows.size);
        let marks = || RESTRICTED_MARKS.map(str::to_owned).into();
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
            restricted_marks: preset.map_or_else(marks, |preset| preset.restricted_marks.clone()),
        }
    }
}

/// What is wrong with which variable.
type Wrong = (&'static str, String);

fn parse_source(text: &str, preset: Option<Preset>, categories: &[String]) -> Result<CatalogueSource, Wrong> {
    let wrong = |message: String| ("CATALOG_URL", message);
    let windows = CallTemplate::get(text)
        // Nothing of it is quoted: any part may be a secret.
        .map_err(|e| wrong(format!("expected an absolute URL such as https://host/catalogue.json: {e}")))?;
    let url = windows.fill(Window { category: "x", start: 0, end: 1 }).url;
    let shown = windows.shown();
    if !matches!(url.scheme(), "http" | "https" | "file") {
        return Err(wrong(format!("expected https:, http: or file:, found {shown}")));
    }
    let is_template = ["{start}", "{end}", "{size}", "{category}"].iter().any(|place| windows.has(place));
    if !is_template {
        return match preset.filter(|_| url.query().is_none() && url.path().ends_with('/')) {
            // An address that ends with / is where the preset's calls go.
            Some(preset) => paged(preset.below(text).map_err(wrong)?, categories),
            None => Ok(CatalogueSource::Document(url)),
        };
    }
    if !windows.has_window() {
        return Err(wrong(format!("a paged URL holds both {{start}} and {{end}}, found {shown}")));
    }
    if url.scheme() == "file" {
        let message = "a file: catalogue is one document; leave {category}, {start} and {end} out";
        return Err(wrong(message.to_owned()));
    }
    let beside = preset.map(|preset| preset.beside(text)).transpose().map_err(wrong)?;
    let (list, count) = beside.map_or((None, None), |preset| (preset.departments, preset.count));
    Paged::of(windows, list, count, categories)
}

/// What a preset says, with the departments of the settings where there are any.
fn paged(preset: Preset, categories: &[String]) -> Result<CatalogueSource, Wrong> {
    Paged::of(preset.windows.call, preset.departments, preset.count, categories)
}

impl Paged {
    fn of(
        windows: CallTemplate,
        list: Option<DepartmentList>,
        count: Option<Count>,
        categories: &[String],
    ) -> Result<CatalogueSource, Wrong> {
        let source = |windows, departments, count| {
            CatalogueSource::Paged(Box::new(Self { windows, departments, count }))
        };
        if !windows.has("{category}") {
            return Ok(source(windows, Departments::One, None));
        }
        let departments = match list {
            Some(list) if categories.is_empty() => Departments::Listed(list),
            None if categories.is_empty() => {
                return Err((
                    "CATALOG_CATEGORIES",
                    "not set, but CATALOG_URL holds {category}; expected ids such as st001,fu002".into(),
                ));
            }
            _ => Departments::Given(categories.to_vec()),
        };
        Ok(source(windows, departments, count))
    }
}

#[cfg(test)]
mod tests;
