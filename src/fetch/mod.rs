//! The catalogue: one document or many pages, as batches of raw products in the catalogue's order.
//!
//! It never holds a whole document or page, and never looks into a product.

mod batch;
mod body;
mod decode;
mod error;
mod pages;
mod policy;
mod source;
mod split;

pub use batch::{BATCH_BYTES, BATCH_ITEMS, Batch};
pub(crate) use error::masked;
pub use error::{FetchError, Head, Place};
pub use policy::Policy;

use std::sync::Arc;

use tokio::sync::mpsc;
use url::Url;

use crate::{
    config::catalogue::{CatalogueConfig, CatalogueSource, Items, JsonPointer},
    sample,
    web::Web,
};
use body::Body;
use source::Fault;
use split::{SplitError, Splitter};

/// What was read, once all of it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Raw products; what they hold inside does not count.
    pub items: u64,
    /// The source's own count, where `CATALOG_TOTAL` says that it gives one.
    pub source_total: Option<u64>,
    /// Categories whose first page was empty.
    pub empty_categories: Vec<String>,
    /// Bytes of the un-gzipped texts.
    pub bytes: u64,
}

/// Reads the whole catalogue into `out`. When the receiver is dropped it stops with [`FetchError::Cancelled`].
/// Only after `Ok` was everything there: batches handed on before an error are part of a catalogue at most.
pub async fn read(
    config: &CatalogueConfig,
    web: &Arc<dyn Web>,
    out: mpsc::Sender<Batch>,
) -> Result<Summary, FetchError> {
    Fetcher::new(Arc::clone(web), Policy::default()).read(config, out).await
}

/// Reads catalogues through the web (which brings the connect timeout) with a policy.
#[derive(Clone)]
pub struct Fetcher {
    web: Arc<dyn Web>,
    policy: Policy,
}

impl Fetcher {
    /// A fetcher.
    pub fn new(web: Arc<dyn Web>, policy: Policy) -> Self {
        Self { web, policy }
    }

    /// As [`read`].
    pub async fn read(
        &self,
        config: &CatalogueConfig,
        out: mpsc::Sender<Batch>,
    ) -> Result<Summary, FetchError> {
        let whole = async {
            match &config.source {
                CatalogueSource::Sample => {
                    let shape = Shape { items: Items::Array(sample::items()), total: None };
                    self.document(None, &shape, &out).await.map(Summary::from)
                }
                CatalogueSource::Document(url) => {
                    let shape = Shape { items: config.items.clone(), total: config.total.clone() };
                    let read = self.document(Some(url.clone()), &shape, &out).await?;
                    shape.check_total(url, read.total)?;
                    Ok(read.into())
                }
                CatalogueSource::Paged(template) => pages::read(self, config, template, &out).await,
            }
        };
        tokio::select! {
            biased;
            result = whole => result,
            () = out.closed() => Err(FetchError::Cancelled),
        }
    }

    /// Reads one URL to its end; `None` is the sample.
    async fn document(
        &self,
        url: Option<Url>,
        shape: &Shape,
        out: &mpsc::Sender<Batch>,
    ) -> Result<DocumentRead, FetchError> {
        let mut body = Body::new(self, url);
        let mut splitter = Splitter::new(&shape.items, shape.total.as_ref());
        let mut read = DocumentRead::default();
        let mut full = Vec::new();
        loop {
            let over = match body.next().await? {
                Some(chunk) => splitter.push(&chunk, &mut full).map(|()| None),
                None => splitter.finish(&mut full).map(Some),
            };
            for batch in full.drain(..) {
                read.items += batch.len() as u64;
                read.checksum = crc32c::crc32c_append(read.checksum, &batch.bytes);
                out.send(batch).await.map_err(|_| FetchError::Cancelled)?;
            }
            match over {
                Ok(None) => {}
                Ok(Some(total)) => {
                    return Ok(DocumentRead { total, bytes: body.handed(), ..read });
                }
                Err(SplitError::Truncated { .. }) => body.again(Fault::CutOff).await?,
                Err(cause) => return Err(FetchError::unreadable(body.place(), &cause, body.head())),
            }
        }
    }
}

/// What a document looks like.
#[derive(Debug, Clone)]
struct Shape {
    items: Items,
    total: Option<JsonPointer>,
}

impl Shape {
    /// The source's own count has to be found where the settings say it is.
    fn check_total(&self, url: &Url, found: Option<u64>) -> Result<(), FetchError> {
        let (Some(pointer), None) = (&self.total, found) else { return Ok(()) };
        Err(FetchError::Unreadable {
            place: Place { url: error::masked(url), tries: 1 },
            found: match self.items {
                Items::Array(_) => format!(
                    "expected the source's own count at {pointer}, found no whole number there; \
                     check CATALOG_TOTAL"
                ),
                Items::Ndjson => {
                    "a catalogue of one product a line has no place for CATALOG_TOTAL; unset it".to_owned()
                }
            },
            body: Head(Vec::new()),
            retryable: false,
        })
    }
}

/// One document that was read to its end.
#[derive(Debug, Default)]
struct DocumentRead {
    items: u64,
    total: Option<u64>,
    bytes: u64,
    /// Of the products' texts.
    checksum: u32,
}

impl From<DocumentRead> for Summary {
    fn from(read: DocumentRead) -> Self {
        let empty_categories = Vec::new();
        Self { items: read.items, source_total: read.total, empty_categories, bytes: read.bytes }
    }
}

/// The batches of these elements, as a catalogue that holds them in this order would be cut.
#[cfg(test)]
pub(crate) fn batches_of<'a>(elements: impl IntoIterator<Item = &'a [u8]>) -> Vec<Batch> {
    let (mut batcher, mut batches) = (batch::Batcher::default(), Vec::new());
    for element in elements {
        batcher.begin();
        batcher.append(element);
        batcher.end(0, &mut batches);
    }
    batcher.flush(&mut batches);
    batches
}
