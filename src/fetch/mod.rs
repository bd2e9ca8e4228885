//! The catalogue: one document, or windows of many departments, as batches of raw products in a fixed order.
//!
//! It never holds a whole document or window, and never looks into a product.

mod ahead;
mod batch;
mod body;
mod course;
mod decode;
mod departments;
mod document;
mod element;
mod error;
mod fault;
mod join;
mod look;
mod next;
mod page;
mod policy;
mod reading;
mod room;
mod seen;
mod settings;
mod source;
mod split;
mod walk;
mod whole;

pub use batch::Batch;
pub(crate) use batch::JUDGED_BYTES;
pub(crate) use batch::Origin;
pub use departments::Known;
pub(crate) use element::Others;
pub use error::FetchError;
pub(crate) use look::{Look, LookedAt};
pub use policy::Policy;
pub use settings::{CatalogueConfig, CatalogueSource, Departments, Paged};
pub(crate) use split::Quotes;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{preset::Call, progress::Progress, report::Source, web::Web};
use batch::Batches;
use document::{DocumentRead, Shape};
use room::{Budget, Room};
use seen::Seen;

/// Judges at most.
pub(crate) const MOST_JUDGES: usize = 8;

/// What was read, once all of it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Raw products that were handed on; what they hold inside does not count.
    pub items: u64,
    /// Elements without a product.
    pub others: Others,
    /// Bytes that were read, un-gzipped.
    pub bytes: u64,
    /// What its text was decoded from, where it was not UTF-8.
    pub(crate) encoding: Option<&'static str>,
    /// What it says of the source; prices and fields are not looked at here.
    pub source: Source,
}

/// Reads catalogues through the web (which brings the connect timeout) with a policy.
#[derive(Clone)]
pub struct Fetcher {
    web: Arc<dyn Web>,
    policy: Policy,
    budget: Budget,
    batches: Batches,
    progress: Progress,
}

impl Fetcher {
    /// A fetcher.
    pub fn new(web: Arc<dyn Web>, policy: Policy) -> Self {
        let (budget, progress) = (Budget::default(), Progress::default());
        Self { web, policy, budget, batches: Batches::of_pages(), progress }
    }

    /// The same, which says to `progress` how much there is to be read, where the source's counts say so.
    #[must_use]
    pub(crate) fn telling(self, progress: &Progress) -> Self {
        Self { progress: progress.clone(), ..self }
    }

    /// Reads the whole catalogue into `out`, held against what is known of it. When the receiver is dropped it stops with
    /// [`FetchError::Cancelled`]. Only after `Ok` was everything there: batches handed on before an error are part of a
    /// catalogue at most.
    pub async fn read(
        &self,
        config: &CatalogueConfig,
        known: &Known,
        out: mpsc::Sender<Batch>,
    ) -> Result<Summary, FetchError> {
        let shape = Shape::of(config);
        let whole = async {
            match &config.source {
                CatalogueSource::Sample => self.of_a_document().one(None, &shape, &out).await,
                CatalogueSource::Document(url) => {
                    self.of_a_document().one(Some(Call::get(url.clone())), &shape, &out).await
                }
                CatalogueSource::Paged(paged) => walk::read(self, config, paged, known, &out).await,
            }
        };
        tokio::select! {
            biased;
            result = whole => result,
            () = out.closed() => Err(FetchError::Cancelled),
        }
    }

    /// The same for a catalogue that is one document.
    fn of_a_document(&self) -> Self {
        Self { batches: Batches::of_a_document(judges()), ..self.clone() }
    }

    /// Reads a catalogue of one document; once more where it gives less than it says.
    async fn one(
        &self,
        call: Option<Call>,
        shape: &Shape,
        out: &mpsc::Sender<Batch>,
    ) -> Result<Summary, FetchError> {
        if shape.total.is_none() {
            let read = self.document(call, shape, Room::first(), out).await?;
            let (items, encoding) = (read.items, read.encoding);
            let source = Source { gave: items, ..Source::default() };
            return Ok(Summary { items, others: read.others, bytes: read.bytes, encoding, source });
        }
        let mut seen = Seen::default();
        let (mut read, mut items) = self.noted(call.clone(), shape, out, &mut seen, None).await?;
        let mut bytes = read.bytes;
        let is_short = read.total.is_some_and(|total| read.items < total);
        if is_short && call.as_ref().is_some_and(Call::is_remote) {
            tokio::time::sleep(self.policy.wait(1, None)).await;
            seen.close();
            let again = self.noted(call, shape, out, &mut Seen::default(), Some(&seen)).await?;
            read = again.0;
            items += again.1;
            bytes += read.bytes;
        }
        let source = Source {
            says: read.total,
            gave: read.items,
            short: read.total.map_or(0, |total| total.saturating_sub(read.items)),
            uncounted: u64::from(read.total.is_none()),
            ..Source::default()
        };
        Ok(Summary { items, others: read.others, bytes, encoding: read.encoding, source })
    }

    /// Reads one document into `seen`, and into `out` what `before` did not hold: so many products.
    async fn noted(
        &self,
        call: Option<Call>,
        shape: &Shape,
        out: &mpsc::Sender<Batch>,
        seen: &mut Seen,
        before: Option<&Seen>,
    ) -> Result<(DocumentRead, u64), FetchError> {
        let (sender, mut batches) = mpsc::channel(1);
        let read = async move { self.document(call, shape, Room::first(), &sender).await };
        let noted = async {
            let mut items = 0;
            while let Some(batch) = batches.recv().await {
                items += seen.hand_on(batch, before, out).await?;
            }
            Ok(items)
        };
        tokio::try_join!(read, noted)
    }
}

/// How many batches are judged at once: one on each core that works for us, as far as memory allows.
pub(crate) fn judges() -> usize {
    tokio::runtime::Handle::current().metrics().num_workers().clamp(1, MOST_JUDGES)
}

/// The batches of these elements, as pages that hold them in this order would be cut.
#[cfg(test)]
pub(crate) fn batches_of<'a>(elements: impl IntoIterator<Item = &'a [u8]>) -> Vec<Batch> {
    let (mut batcher, mut batches) = (batch::Batcher::default(), Vec::new());
    for element in elements {
        batcher.begin();
        batcher.append(element);
        batcher.end(0..element.len(), &mut batches);
    }
    batcher.flush(&mut batches);
    batches
}
