//! Where the catalogue is and what it looks like, as plain data. It reads no variable: that is for `config`.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
};

use url::Url;

use crate::{
    map::FieldMap,
    preset::{CallTemplate, Count, DepartmentList, Items, Join, Said, Window},
    web::{Secrets, ShownUrl},
};

/// Settings of `fetch`.
#[derive(Debug, Clone)]
pub struct CatalogueConfig {
    /// `CATALOG_PRESET`, `CATALOG_URL` and `CATALOG_CATEGORIES`; the compiled-in sample where both are unset.
    pub source: CatalogueSource,
    /// `CATALOG_ITEMS`, else the preset's.
    pub items: Items,
    /// `CATALOG_TOTAL`: where each document or window says the source's own count, in place of the preset's counts; `-`
    /// for no count at all.
    pub total: Option<Said>,
    /// `CATALOG_PAGE_SIZE`, elements a window; else the preset's.
    pub page_size: NonZeroU32,
    /// `CATALOG_CONCURRENCY`, calls on their way at once.
    pub concurrency: NonZeroUsize,
    /// Where the values of a product stand: the preset's.
    pub product: Arc<FieldMap>,
    /// What the description in use is known by in the records.
    pub map: String,
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
    /// Where each window says at which address the next one is.
    pub next: Option<Said>,
    /// What its products only name, and has to be asked for.
    pub join: Option<Join>,
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
    pub(crate) fn location(&self) -> String {
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
                paged.windows.fill(Window { category, start: 0, end, ..Window::default() }).shown.to_string()
            }
        }
    }

    /// What its URL hides, which an answer may repeat.
    pub(crate) fn secrets(&self) -> Secrets {
        match &self.source {
            CatalogueSource::Sample => Secrets::default(),
            CatalogueSource::Document(url) => ShownUrl::of(url).secrets().clone(),
            CatalogueSource::Paged(paged) => paged.windows.shown().secrets().clone(),
        }
    }
}
