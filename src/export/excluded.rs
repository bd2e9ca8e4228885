//! The file of excluded products once more, without the ids that were kept after all.
//!
//! While products stream by nobody knows whether a sound copy of one that was left out still comes. Where one did, the
//! file is read back and written again; it never touches the feed.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::index::RowIndex;
use crate::{
    ep::read::{RawRow, RowReader},
    feed_store::{FeedError, FeedKey, FeedStore, MIN_PART, Part},
    report::BuildId,
};

/// Writes the file of `build` again without the rows whose id `index` kept.
pub(super) async fn without_kept(
    store: &dyn FeedStore,
    build: &BuildId,
    index: &RowIndex,
) -> Result<(), FeedError> {
    let key = FeedKey::Excluded(build.clone());
    let mut file = store.read(&key).await?;
    let (parts, taken) = mpsc::channel(1);
    let copied = async {
        let (mut rows, mut part, mut first) = (RowReader::default(), Vec::new(), true);
        while let Some(chunk) = file.recv().await {
            // The last row ends with a line end, as every row of ours does.
            rows.push(&chunk?, |row| {
                // The header names no product.
                if std::mem::take(&mut first) || !index.contains(id(&row)) {
                    part.extend_from_slice(row.bytes);
                    part.push(b'\n');
                }
            });
            if part.len() >= MIN_PART {
                let full = Bytes::from(std::mem::take(&mut part));
                // Whoever takes the parts says why there are no more.
                if parts.send(Part::Data(full)).await.is_err() {
                    return Ok(());
                }
            }
        }
        for last in [Part::Data(part.into()), Part::End] {
            if parts.send(last).await.is_err() {
                break;
            }
        }
        drop(parts);
        Ok(())
    };
    // A file that breaks off drops the sender, and the upload ends by aborting.
    let (copied, written) = tokio::join!(copied, store.write(&key, taken));
    copied.and(written)
}

/// The first field, which is empty where a product has no id.
fn id<'a>(row: &RawRow<'a>) -> &'a [u8] {
    row.bytes.split(|byte| *byte == b'\t').next().unwrap_or_default()
}
