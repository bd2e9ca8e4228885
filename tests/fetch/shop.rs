//! A shop's listing behind the port to the web, in virtual time, and a reader that notes what arrives.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use auto_ep::{
    config::{
        catalogue::{CatalogueConfig, description},
        env::Env,
    },
    fetch::{Batch, FetchError, Fetcher, Known, Policy, Summary},
    json::Path,
    web::Web,
};
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::support::listing::{Kind, Listing, ListingWeb, Shop};

/// The settings: the preset of the shop that the listing is of, and these.
pub fn settings(more: &[(&str, &str)]) -> CatalogueConfig {
    let mut variables = HashMap::from([("CATALOG_PRESET", "ikea:kr/ko")]);
    variables.extend(more.iter().copied());
    let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    let mut env = Env::new(&lookup);
    let preset = description(&mut env);
    let config = CatalogueConfig::from_env(&mut env, false, preset);
    env.finish(config).unwrap()
}

/// What came of one reading.
pub struct Read {
    /// The text of every product, in the order in which it came.
    pub elements: Vec<String>,
    pub summary: Summary,
}

impl Read {
    /// The products' ids.
    pub fn ids(&self) -> BTreeSet<String> {
        self.elements.iter().map(|text| id(text)).collect()
    }

    /// What each department gave.
    pub fn gave(&self) -> BTreeMap<&str, u64> {
        self.summary.source.departments.iter().map(|d| (d.id.as_str(), d.gave)).collect()
    }
}

fn id(text: &str) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Product<'a> {
        item_no: &'a str,
    }
    serde_json::from_str::<Product<'_>>(text).unwrap().item_no.to_owned()
}

/// A shop that is read again and again.
pub struct House {
    pub web: Arc<ListingWeb>,
    pub known: Known,
    pub config: CatalogueConfig,
}

impl House {
    pub fn of(shop: Shop, more: &[(&str, &str)]) -> Self {
        let web = Arc::new(ListingWeb::new(Arc::new(Listing::new(shop))));
        Self { web, known: Known::default(), config: settings(more) }
    }

    pub fn listing(&self) -> &Listing {
        &self.web.listing
    }

    pub async fn read(&self) -> Result<Read, FetchError> {
        let (sender, mut receiver) = mpsc::channel::<Batch>(1);
        let collect = tokio::spawn(async move {
            let mut elements = Vec::new();
            while let Some(batch) = receiver.recv().await {
                elements.extend(batch.items().map(|item| String::from_utf8(item.to_vec()).unwrap()));
            }
            elements
        });
        let web: Arc<dyn Web> = self.web.clone();
        let summary = Fetcher::new(web, Policy::default()).read(&self.config, &self.known, sender).await;
        let elements: Vec<String> = collect.await.unwrap();
        let summary = summary?;
        assert_eq!(summary.items, elements.len() as u64);
        Ok(Read { elements, summary })
    }

    /// Reads, and remembers that as the published build.
    pub async fn publish(&mut self) -> Read {
        let read = self.read().await.unwrap();
        let departments = read.summary.source.departments.clone();
        self.known = Known { published: departments.clone(), last: departments };
        read
    }

    /// What stands in the shop now: every product that is still in one of its departments. Nothing goes wrong any more
    /// from now on.
    pub fn products(&self) -> BTreeSet<String> {
        let listing = self.listing();
        listing.behave();
        let mut ids = BTreeSet::new();
        for department in &listing.shop.departments {
            let rest = format!(
                "/kr/ko/product-list-page/more-products?category={}&start=0&end={}&sort=NAME_ASCENDING",
                department.id, department.size
            );
            let answer = listing.answer("GET", &rest, &[]);
            let path = Path::parse("/moreProducts/productWindow/*").unwrap();
            let texts = path.all(&answer.body).unwrap();
            ids.extend(texts.into_iter().map(|text| id(std::str::from_utf8(text).unwrap())));
        }
        ids
    }

    /// How many calls there were, whatever for.
    pub fn calls(&self) -> usize {
        self.listing().calls().len()
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.listing().count(kind)
    }
}
