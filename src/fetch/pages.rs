//! Walks through the pages of each category until an empty one, several on their way at once, in order.
//!
//! It never holds a page: each streams through a small channel of its own and waits there for its turn.

use std::collections::VecDeque;

use tokio::{sync::mpsc, task::JoinHandle};
use tracing::Instrument;
use url::Url;

use super::{Batch, DocumentRead, FetchError, Fetcher, Head, Place, Shape, Summary, error::masked};
use crate::config::catalogue::{CatalogueConfig, PageTemplate};

/// Full batches that a page may hold ready while it waits for its turn. With the one being filled and the one
/// being handed on, a page in flight takes well under 1 MiB.
const READY_BATCHES: usize = 1;

/// Reads all categories.
pub(super) async fn read(
    fetcher: &Fetcher,
    config: &CatalogueConfig,
    template: &PageTemplate,
    out: &mpsc::Sender<Batch>,
) -> Result<Summary, FetchError> {
    let shape = Shape { items: config.items.clone(), total: config.total.clone() };
    let mut summary = Summary::default();
    for category in &template.categories {
        let walk = Walk { fetcher, config, template, shape: &shape, category: category.as_deref() };
        let read = walk.category(out).await?;
        summary.items += read.items;
        summary.bytes += read.bytes;
        if let Some(total) = read.total {
            summary.source_total = Some(summary.source_total.unwrap_or(0).saturating_add(total));
        }
        if let (0, Some(name)) = (read.items, category) {
            summary.empty_categories.push(name.clone());
        }
    }
    let first = template.categories.first().and_then(|c| c.as_deref());
    let size = u64::from(config.page_size.get());
    shape.check_total(&template.page(first, 0, size), summary.source_total)?;
    Ok(summary)
}

/// One category's pages.
struct Walk<'a> {
    fetcher: &'a Fetcher,
    config: &'a CatalogueConfig,
    template: &'a PageTemplate,
    shape: &'a Shape,
    category: Option<&'a str>,
}

impl Walk<'_> {
    async fn category(&self, out: &mpsc::Sender<Batch>) -> Result<DocumentRead, FetchError> {
        let size = u64::from(self.config.page_size.get());
        let limit = self.fetcher.policy.pages;
        let mut sum = DocumentRead::default();
        let mut before = None;
        let mut ahead = self.config.concurrency.get();
        let mut flying = VecDeque::new();
        let mut next = 0;
        loop {
            while flying.len() < ahead && next < limit {
                flying.push_back(self.page(next));
                next += 1;
            }
            let Some(page) = flying.pop_front() else {
                let found = format!("{limit} pages were read and none was empty");
                return Err(endless(&self.url(limit.saturating_sub(1)), found));
            };
            let url = page.url.clone();
            let read = page.hand_on(out).await?;
            sum.bytes += read.bytes;
            sum.total = sum.total.max(read.total);
            if read.items == 0 {
                return Ok(sum);
            }
            if before.replace(read.checksum) == Some(read.checksum) {
                return Err(endless(&url, "it holds exactly the products of the page before it".to_owned()));
            }
            sum.items += read.items;
            // a short page is often the last but one: do not ask for many empty ones
            ahead = if read.items < size { 1 } else { self.config.concurrency.get() };
        }
    }

    fn url(&self, number: u64) -> Url {
        let size = u64::from(self.config.page_size.get());
        self.template.page(self.category, number * size, (number + 1) * size)
    }

    /// Starts reading a page. It is given up when it is dropped.
    fn page(&self, number: u64) -> Page {
        let (url, fetcher, shape) = (self.url(number), self.fetcher.clone(), self.shape.clone());
        let (sender, batches) = mpsc::channel(READY_BATCHES);
        let task = tokio::spawn({
            let url = url.clone();
            async move { fetcher.document(Some(url), &shape, &sender).await }.in_current_span()
        });
        Page { url, batches, task }
    }
}

/// A page on its way.
struct Page {
    url: Url,
    batches: mpsc::Receiver<Batch>,
    task: JoinHandle<Result<DocumentRead, FetchError>>,
}

impl Page {
    /// Hands on its batches; the end says what it held.
    async fn hand_on(mut self, out: &mpsc::Sender<Batch>) -> Result<DocumentRead, FetchError> {
        while let Some(batch) = self.batches.recv().await {
            out.send(batch).await.map_err(|_| FetchError::Cancelled)?;
        }
        match (&mut self.task).await {
            Ok(read) => read,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // only `drop` aborts it, or the runtime that is shutting down
                Err(_) => Err(FetchError::Cancelled),
            },
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn endless(url: &Url, found: String) -> FetchError {
    FetchError::Unreadable {
        place: Place { url: masked(url), tries: 1 },
        found: format!(
            "{found}: the pages would never end; check that the source takes {{start}} and {{end}} as \
             CATALOG_URL gives them"
        ),
        body: Head(Vec::new()),
        retryable: false,
    }
}
