//! A look at a source: its departments, their counts, and the first window of each.
//!
//! It never reads a whole catalogue, and never gives up because one department cannot be read.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::Notify;

use super::{
    Batch, CatalogueConfig, CatalogueSource, FetchError, Fetcher, Known, Others,
    body::Body,
    departments::{self, Planned},
    document::Shape,
    page::Page,
};
use crate::{
    json::arrays,
    preset::{Call, Window},
    report::{DepartmentsBy, FailureKind},
};

/// How much of an answer is looked through for arrays, and how many are named.
const BEGINNING: usize = 1024 * 1024;
const ARRAYS: usize = 5;
/// Departments that are looked at.
const MOST: usize = 200;

/// What a look at a source found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Its departments, in the order in which an export reads them; a source without any is one without an id.
    pub departments: Vec<LookedAt>,
    /// How many more there are.
    pub more: u64,
    /// How their list was had.
    pub list: Option<DepartmentsBy>,
    /// Why the shop's own list could not be read, where it could not.
    pub list_error: Option<String>,
}

/// A department that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookedAt {
    pub id: Option<String>,
    pub name: Option<String>,
    /// How many elements it says it has.
    pub says: Option<u64>,
    /// Elements of its first window that hold a product, or what may be one.
    pub items: u64,
    /// Elements that hold none.
    pub others: Others,
    /// What its text was decoded from, where it is not UTF-8.
    pub encoding: Option<&'static str>,
    /// Whether it was only guessed, and is not there.
    pub is_gone: bool,
    /// Why its first window could not be read to its end, where it could not.
    pub error: Option<FetchError>,
    /// Where arrays of objects stand in it, where the products did not stand where they were looked for.
    pub arrays: Vec<String>,
}

impl Fetcher {
    /// Looks at a source, and gives `take` each batch of a first window with its department's place in [`Look`].
    pub(crate) async fn look(
        &self,
        config: &CatalogueConfig,
        take: &mut (dyn FnMut(usize, &Batch) + Send),
    ) -> Look {
        let size = u64::from(config.page_size.get());
        let shape = Shape::of(config);
        let ended = Arc::new(Notify::new());
        let one =
            |call: Option<Call>| (Planned::default(), call.clone(), Page::ask(self, &shape, call, 0, &ended));
        // A document is not read to its end; a window that holds more than was asked for has one.
        let mut most = size;
        let mut look = Look::default();
        let mut pages = VecDeque::new();
        let mut waiting = VecDeque::new();
        match &config.source {
            CatalogueSource::Sample => pages.push_back(one(None)),
            CatalogueSource::Document(url) => pages.push_back(one(Some(Call::get(url.clone())))),
            CatalogueSource::Paged(paged) => {
                let plan = departments::plan(self, config, paged, &Known::default()).await;
                (look.list, look.list_error) = (plan.by, plan.why);
                look.more = plan.departments.len().saturating_sub(MOST) as u64;
                waiting.extend(plan.departments.into_iter().take(MOST));
                most = 2 * size;
            }
        }
        loop {
            while pages.len() < config.concurrency.get()
                && let (CatalogueSource::Paged(paged), Some(planned)) = (&config.source, waiting.pop_front())
            {
                let category = planned.id.as_deref().unwrap_or_default();
                let call = paged.windows.fill(Window { category, start: 0, end: size, ..Window::default() });
                let page = Page::ask(self, &shape, Some(call.clone()), 0, &ended);
                pages.push_back((planned, Some(call), page));
            }
            let Some((planned, call, page)) = pages.pop_front() else { return look };
            let place = look.departments.len();
            let mut looked = first(planned, page, most, &mut |batch| take(place, batch)).await;
            if looked.error.as_ref().is_some_and(|error| error.kind() == FailureKind::CatalogueUnreadable) {
                looked.arrays = self.arrays(call).await;
            }
            look.departments.push(looked);
        }
    }
}

impl Fetcher {
    /// Where arrays of objects stand in the beginning of an answer; none where its words may not be told.
    async fn arrays(&self, call: Option<Call>) -> Vec<String> {
        let (mut body, mut text) = (Body::new(self, call), Vec::new());
        while text.len() < BEGINNING
            && let Ok(Some(chunk)) = body.next().await
        {
            text.extend_from_slice(&chunk);
        }
        body.discretion.names(arrays(&text, ARRAYS))
    }
}

/// Takes a first window, and hardly more than so many elements.
async fn first(
    planned: Planned,
    mut page: Page,
    most: u64,
    take: &mut (dyn FnMut(&Batch) + Send),
) -> LookedAt {
    let Planned { id, name, says, may_be_gone, .. } = planned;
    let mut looked = LookedAt { id, name, says, ..LookedAt::default() };
    while let Some(batch) = page.next().await {
        looked.items += batch.len() as u64;
        take(&batch);
        if looked.items >= most {
            return looked;
        }
    }
    match page.end().await {
        Ok(read) => {
            looked.others = read.others;
            looked.encoding = read.encoding;
            looked.says = read.total.or(looked.says);
        }
        Err(error) if may_be_gone && error.is_not_there() => looked.is_gone = true,
        Err(error) => looked.error = Some(error),
    }
    looked
}
