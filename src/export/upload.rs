//! Parts of a build's two files on their way into the store: both share one bound, however slow the store is.
//!
//! It never looks into a part, and never waits for the file that a part belongs to: any part that is on its way ends by
//! itself.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{
    feed_store::{FeedError, FeedKey, FeedStore, Part},
    report::Failure,
};

/// Parts on their way, of both files together. The next one fills meanwhile, so the store is busy where it is the slower
/// one.
const MOST: usize = 1;

/// The feed and the file of excluded products, in this order, on their way. Dropped before their end, both uploads are
/// aborted.
pub(super) struct Uploads {
    places: Arc<Semaphore>,
    files: [mpsc::Sender<Part>; 2],
}

/// Why the stream stopped.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(Failure),
    /// An upload failed, and tells why itself.
    Closed,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A part that takes its place until nobody needs it any more.
struct Placed {
    part: Bytes,
    _place: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Placed {
    fn as_ref(&self) -> &[u8] {
        &self.part
    }
}

impl Uploads {
    /// Of two files, and where their parts come out.
    pub(super) fn new() -> (Self, [mpsc::Receiver<Part>; 2]) {
        // One part may wait while another is on its way.
        let [(feed, feed_parts), (excluded, excluded_parts)] = [mpsc::channel(1), mpsc::channel(1)];
        let places = Arc::new(Semaphore::new(MOST));
        (Self { places, files: [feed, excluded] }, [feed_parts, excluded_parts])
    }

    /// Sends a part of each file that has one, once there is a place for it.
    pub(super) async fn send(&self, parts: [Option<Bytes>; 2]) -> Result<(), Stop> {
        for (part, file) in parts.into_iter().zip(&self.files) {
            if let Some(part) = part {
                self.send_one(part, file).await?;
            }
        }
        Ok(())
    }

    /// Returns once no part is on its way.
    pub(super) async fn settle(&self) -> Result<(), Stop> {
        let [feed, excluded] = &self.files;
        tokio::select! {
            biased;
            all = self.places.acquire_many(MOST as u32) => drop(all.expect("it is never closed")),
            // Whoever sent a part that was refused may hold it for long.
            () = feed.closed() => return Err(Stop::Closed),
            () = excluded.closed() => return Err(Stop::Closed),
        }
        Ok(())
    }

    /// Sends the last part of each file, and that both are whole.
    pub(super) async fn end(self, last: [Bytes; 2]) -> Result<(), Stop> {
        for (part, file) in last.into_iter().zip(&self.files) {
            if !part.is_empty() {
                self.send_one(part, file).await?;
            }
            file.send(Part::End).await.map_err(|_| Stop::Closed)?;
        }
        Ok(())
    }

    async fn send_one(&self, part: Bytes, file: &mpsc::Sender<Part>) -> Result<(), Stop> {
        let place = Arc::clone(&self.places).acquire_owned();
        let place = tokio::select! {
            biased;
            place = place => place.expect("it is never closed"),
            // An upload that failed leaves nobody to wait for.
            () = file.closed() => return Err(Stop::Closed),
        };
        let part = Bytes::from_owner(Placed { part, _place: place });
        file.send(Part::Data(part)).await.map_err(|_| Stop::Closed)
    }
}

/// Writes a file to the store, or reads and drops it where there is none.
pub(super) async fn write(
    store: Option<&dyn FeedStore>,
    key: &FeedKey,
    mut parts: mpsc::Receiver<Part>,
) -> Result<(), FeedError> {
    match store {
        Some(store) => store.write(key, parts).await,
        None => {
            while parts.recv().await.is_some() {}
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ONE: Bytes = Bytes::from_static(b"1");
    const TWO: Bytes = Bytes::from_static(b"2");

    #[tokio::test(start_paused = true)]
    async fn what_waits_until_no_part_is_on_its_way_ends_with_an_upload_that_failed() {
        let (uploads, [mut feed, _excluded]) = Uploads::new();
        uploads.settle().await.unwrap();
        uploads.send([Some(ONE), None]).await.unwrap();
        let Some(Part::Data(held)) = feed.recv().await else { panic!("no part") };
        let waiting = tokio::time::timeout(Duration::from_secs(1), uploads.settle()).await;
        assert!(waiting.is_err(), "a part is on its way");
        feed.close();
        assert!(matches!(uploads.settle().await, Err(Stop::Closed)), "whoever held the part gave up");
        drop(held);
    }

    #[tokio::test(start_paused = true)]
    async fn one_part_of_both_files_is_on_its_way_whoever_else_waits() {
        let (uploads, [mut feed, mut excluded]) = Uploads::new();
        uploads.send([None, Some(ONE)]).await.unwrap();
        let second = tokio::spawn(async move { uploads.send([Some(TWO), None]).await });
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!second.is_finished(), "it waits for a place");
        let Some(Part::Data(first)) = excluded.recv().await else { panic!("a part") };
        let copy = first.clone();
        drop(first);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!second.is_finished(), "whoever may send it again has it still");
        drop(copy);
        second.await.unwrap().unwrap();
        let Some(Part::Data(part)) = feed.recv().await else { panic!("a part") };
        assert_eq!(part, TWO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_takes_nothing_more_is_not_waited_for() {
        let (uploads, [mut feed, _excluded]) = Uploads::new();
        uploads.send([Some(ONE), None]).await.unwrap();
        feed.close();
        assert!(uploads.send([Some(TWO), None]).await.is_err());
    }
}
