//! Where the catalogue is and what it looks like.

use std::num::{NonZeroU32, NonZeroUsize};

use url::Url;

use super::env::Env;
use crate::fetch::masked;

/// Settings of `fetch`.
#[derive(Debug, Clone)]
pub struct CatalogueConfig {
    /// `CATALOG_URL`; the compiled-in sample where it is unset.
    pub source: CatalogueSource,
    /// `CATALOG_ITEMS`
    pub items: Items,
    /// `CATALOG_TOTAL`: where each document holds the source's own count.
    pub total: Option<JsonPointer>,
    /// `CATALOG_PAGE_SIZE`, products a page.
    pub page_size: NonZeroU32,
    /// `CATALOG_CONCURRENCY`, pages on their way at once.
    pub concurrency: NonZeroUsize,
}

/// Where the products come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogueSource {
    /// The made-up catalogue inside the binary.
    Sample,
    /// One document; `file:`, `http:` or `https:`.
    Document(Url),
    /// Pages, from a template with `{start}` and `{end}`.
    Paged(PageTemplate),
}

/// A URL template: `{category}`, `{start}` and `{end}` are filled in for each page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTemplate {
    template: String,
    /// The categories to walk through; a single `None` where the template has no `{category}`.
    pub categories: Vec<Option<String>>,
}

impl PageTemplate {
    /// The URL of the page of products `start` to `end` (exclusive) of one category.
    pub fn page(&self, category: Option<&str>, start: u64, end: u64) -> Url {
        let filled = fill(&self.template, category.unwrap_or(""), start, end);
        Url::parse(&filled).expect(
            "the template was parsed with sample values at start-up, and categories are percent-encoded",
        )
    }
}

fn fill(template: &str, category: &str, start: u64, end: u64) -> String {
    let category = percent_encoding::utf8_percent_encode(category, percent_encoding::NON_ALPHANUMERIC);
    template
        .replace("{category}", &category.to_string())
        .replace("{start}", &start.to_string())
        .replace("{end}", &end.to_string())
}

/// Where the array of products stands in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Items {
    /// The document holds an array at this pointer; the empty pointer is the document itself.
    Array(JsonPointer),
    /// One product a line.
    Ndjson,
}

/// An RFC 6901 JSON Pointer: `/moreProducts/productWindow`; empty for the document itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JsonPointer(Vec<String>);

impl JsonPointer {
    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!("a JSON Pointer starts with /, as in /products, found {text:?}"));
        };
        Ok(Self(rest.split('/').map(|t| t.replace("~1", "/").replace("~0", "~")).collect()))
    }

    /// The keys to follow, outermost first.
    pub fn tokens(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for token in &self.0 {
            write!(f, "/{}", token.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

impl CatalogueConfig {
    /// Where the catalogue is, for people: a URL without its secrets.
    pub fn location(&self) -> String {
        match &self.source {
            CatalogueSource::Sample => "the sample catalogue".to_owned(),
            CatalogueSource::Document(url) => masked(url),
            CatalogueSource::Paged(pages) => {
                let first = pages.categories.first().and_then(Option::as_deref);
                masked(&pages.page(first, 0, u64::from(self.page_size.get())))
            }
        }
    }

    /// Reads `CATALOG_*`. On Cloud Run (`embedded` false) the sample does not stand in for a missing URL.
    pub fn from_env(env: &mut Env<'_>, embedded: bool) -> Self {
        let categories = env.list("CATALOG_CATEGORIES");
        let source = match env.text("CATALOG_URL") {
            Some(text) => match parse_source(&text, &categories) {
                Ok(source) => source,
                Err((variable, message)) => {
                    env.problem(variable, message);
                    CatalogueSource::Sample
                }
            },
            None => {
                if !embedded {
                    env.problem("CATALOG_URL", "not set; expected the catalogue's https: URL");
                }
                CatalogueSource::Sample
            }
        };
        let items = env.parsed("CATALOG_ITEMS", Items::Array(JsonPointer::default()), |text| match text {
            "ndjson" => Ok(Items::Ndjson),
            _ => JsonPointer::parse(text).map(Items::Array).map_err(|e| format!("{e}; or the word ndjson")),
        });
        Self {
            source,
            items,
            total: env.optional("CATALOG_TOTAL", JsonPointer::parse),
            page_size: env.parsed("CATALOG_PAGE_SIZE", NonZeroU32::new(1000).expect("not zero"), |t| {
                t.parse().map_err(|_| format!("expected a whole number from 1, found {t:?}"))
            }),
            concurrency: env.parsed("CATALOG_CONCURRENCY", NonZeroUsize::new(4).expect("not zero"), |t| {
                match t.parse::<usize>().ok().filter(|n| (1..=64).contains(n)).and_then(NonZeroUsize::new) {
                    Some(n) => Ok(n),
                    None => Err(format!("expected a whole number from 1 to 64, found {t:?}")),
                }
            }),
        }
    }
}

fn parse_source(text: &str, categories: &[String]) -> Result<CatalogueSource, (&'static str, String)> {
    let has = |name: &str| text.contains(name);
    let url = Url::parse(&fill(text, "x", 0, 1))
        // Neither a user nor a query is quoted: both may hold a secret.
        .map_err(|e| {
            ("CATALOG_URL", format!("expected an absolute URL, found {:?}: {e}", open_part(text)))
        })?;
    let shown = masked(&url);
    if !matches!(url.scheme(), "http" | "https" | "file") {
        return Err(("CATALOG_URL", format!("expected https:, http: or file:, found {shown}")));
    }
    if !has("{start}") && !has("{end}") && !has("{category}") {
        return Ok(CatalogueSource::Document(url));
    }
    if !(has("{start}") && has("{end}")) {
        return Err(("CATALOG_URL", format!("a paged URL holds both {{start}} and {{end}}, found {shown}")));
    }
    if url.scheme() == "file" {
        return Err((
            "CATALOG_URL",
            "a file: catalogue is one document; leave {category}, {start} and {end} out".into(),
        ));
    }
    let categories = match (has("{category}"), categories.is_empty()) {
        (true, true) => {
            return Err((
                "CATALOG_CATEGORIES",
                "not set, but CATALOG_URL holds {category}; expected ids such as st001,fu002".into(),
            ));
        }
        (true, false) => categories.iter().cloned().map(Some).collect(),
        (false, _) => vec![None],
    };
    Ok(CatalogueSource::Paged(PageTemplate { template: text.to_owned(), categories }))
}

/// What stands between a user and a query.
fn open_part(text: &str) -> &str {
    let before_query = text.split('?').next().unwrap_or_default();
    before_query.rsplit('@').next().unwrap_or_default()
}
