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
    room::Room,
    split::{SplitError, Splitter},
};
use crate::{
    json::JsonPointer,
    preset::{Call, Items},
    sample,
};

/// What a document looks like.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub items: Items,
    /// Where it holds the source's own count.
    pub total: Option<JsonPointer>,
}

/// One document that was read to its end.
#[derive(Debug, Default)]
pub(super) struct DocumentRead {
    /// Elements that hold a product, or what may be one.
    pub items: u64,
    /// Elements that hold none.
    pub others: Others,
    pub total: Option<u64>,
    pub bytes: u64,
    /// Of the products' texts.
    pub checksum: u32,
}

impl Shape {
    /// As the settings say; the sample's is its own.
    pub fn of(config: &CatalogueConfig) -> Self {
        match config.source {
            CatalogueSource::Sample => Self { items: sample::items(), total: None },
            _ => Self { items: config.items.clone(), total: config.total.clone() },
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
        let mut body = Body::new(self, call);
        let mut splitter = Splitter::new(&shape.items, shape.total.as_ref());
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
                batch.taken = room.give(batch.bytes.capacity());
                read.items += batch.len() as u64;
                read.checksum = crc32c::crc32c_append(read.checksum, &batch.bytes);
                out.send(batch).await.map_err(|_| FetchError::Cancelled)?;
            }
            match over {
                Ok(None) => {}
                Ok(Some(total)) => {
                    let Others { elements, kinds } = splitter.others();
                    return Ok(DocumentRead {
                        total,
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
}
