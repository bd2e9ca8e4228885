//! One document from its first byte to its last, cut into batches while it streams by.
//!
//! It never holds a whole document, and never looks into a product.

use tokio::sync::mpsc;

use super::{
    Batch, CatalogueConfig, CatalogueSource, FetchError, Fetcher,
    batch::BATCH_BYTES,
    body::Body,
    element::Others,
    fault::Fault,
    join::Joining,
    next,
    room::Room,
    split::{SplitError, Splitter},
};
use crate::{
    json::whole_number,
    preset::{Call, Items, Join, Said},
    sample,
};

/// What a document looks like.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub items: Items,
    /// Where it says the source's own count.
    pub total: Option<Said>,
    /// Where it says which document is the next one.
    pub next: Option<Said>,
    /// What its products only name.
    pub join: Option<Join>,
    /// Whether it is one of several windows.
    pub is_window: bool,
}

/// One document that was read to its end.
#[derive(Debug, Default)]
pub(super) struct DocumentRead {
    /// Elements that hold a product, or what may be one.
    pub items: u64,
    /// Elements that hold none.
    pub others: Others,
    pub total: Option<u64>,
    /// The call for the next document.
    pub next: Option<Call>,
    pub bytes: u64,
    /// What its text was decoded from, where it was not UTF-8.
    pub encoding: Option<&'static str>,
    /// Of the products' texts, of a window: one may be the same as the one before it.
    pub checksum: u32,
}

impl Shape {
    /// As the settings say; the sample's is its own.
    pub fn of(config: &CatalogueConfig) -> Self {
        let (items, total) = (config.items.clone(), config.total.clone());
        let alone = Self { items, total, next: None, join: None, is_window: false };
        match &config.source {
            CatalogueSource::Sample => Self { items: sample::items(), total: None, ..alone },
            CatalogueSource::Document(_) => alone,
            CatalogueSource::Paged(paged) => {
                Self { next: paged.next.clone(), join: paged.join.clone(), is_window: true, ..alone }
            }
        }
    }

    /// The source's own count, of which `value` stands in the document.
    fn count(&self, body: &Body<'_>, value: Option<&[u8]>) -> Option<u64> {
        match &self.total {
            Some(Said::Header(name)) => body.header(name)?.trim().parse().ok(),
            _ => value.and_then(whole_number),
        }
    }

    /// The call for the next document, of which `value` stands in the one that `call` asked for; an error is what stands
    /// there in place of a link.
    fn call_for_next(
        &self,
        body: &Body<'_>,
        call: Option<&Call>,
        value: Option<&[u8]>,
    ) -> Result<Option<Call>, String> {
        match (call, &self.next) {
            (Some(call), Some(Said::Header(name))) => {
                body.header(name).map_or(Ok(None), |header| next::by_header(call, &header))
            }
            (Some(call), Some(Said::At(_))) => value.map_or(Ok(None), |value| next::by_value(call, value)),
            _ => Ok(None),
        }
    }
}

impl DocumentRead {
    /// All elements of the array.
    pub fn elements(&self) -> u64 {
        self.items + self.others.elements
    }
}

impl Fetcher {
    /// Reads one document to its end, into `out`, as far as there is room; `None` is the sample.
    pub(super) async fn document(
        &self,
        call: Option<Call>,
        shape: &Shape,
        mut room: Room,
        out: &mpsc::Sender<Batch>,
    ) -> Result<DocumentRead, FetchError> {
        let mut body = Body::new(self, call.clone());
        let pointers = [&shape.total, &shape.next].map(|said| said.as_ref().and_then(Said::pointer));
        let mut splitter = Splitter::new(&shape.items, pointers);
        splitter.batcher().batches = self.batches.clone();
        let mut read = DocumentRead::default();
        let mut full = Vec::new();
        // A page that has no room need not be asked for.
        room.hold(BATCH_BYTES).await;
        loop {
            let over = match body.next().await? {
                Some(chunk) => {
                    room.hold(splitter.held() + chunk.len() + body.held()).await;
                    splitter.push(&chunk, &mut full).map(|()| None)
                }
                None => splitter.finish(&mut full).map(Some),
            };
            for mut batch in full.drain(..) {
                batch.discretion = body.discretion.clone();
                read.items += batch.len() as u64;
                if shape.is_window {
                    read.checksum = crc32c::crc32c_append(read.checksum, &batch.bytes);
                }
                self.hand_on(batch, shape.join.as_ref(), &mut room, out).await?;
            }
            match over {
                Ok(None) => {}
                Ok(Some([total, next])) => {
                    let next = shape.call_for_next(&body, call.as_ref(), next.as_deref());
                    let next = next.map_err(|found| FetchError::unreadable(&body.place(), &found, &[]))?;
                    let Others { elements, kinds } = splitter.others();
                    return Ok(DocumentRead {
                        total: shape.count(&body, total.as_deref()),
                        next,
                        encoding: splitter.encoding(),
                        bytes: body.handed.bytes,
                        others: Others { elements, kinds: body.discretion.names(kinds) },
                        ..read
                    });
                }
                Err(SplitError::Truncated { .. }) => body.again(Fault::CutOff).await?,
                Err(cause) => return Err(FetchError::of_split(&body.place(), &cause, &body.head)),
            }
        }
    }

    /// Hands on a batch; where its products only name what belongs to them, made whole by `join`.
    async fn hand_on(
        &self,
        mut batch: Batch,
        join: Option<&Join>,
        room: &mut Room,
        out: &mpsc::Sender<Batch>,
    ) -> Result<(), FetchError> {
        batch.taken = room.give(batch.bytes.capacity());
        match join {
            None => out.send(batch).await.map_err(|_| FetchError::Cancelled),
            // On the heap: it is rare, and every page's future would be as large.
            Some(join) => Box::pin(self.joined(Joining::new(self, join, batch), room, out)).await,
        }
    }

    /// Hands on the products of a batch, made whole.
    async fn joined(
        &self,
        mut joining: Joining<'_>,
        room: &mut Room,
        out: &mpsc::Sender<Batch>,
    ) -> Result<(), FetchError> {
        loop {
            let batches = joining.next(room).await?;
            if batches.is_empty() {
                return Ok(());
            }
            for mut batch in batches {
                batch.taken = room.give(batch.bytes.capacity());
                out.send(batch).await.map_err(|_| FetchError::Cancelled)?;
            }
        }
    }
}
