//! Parts of a build's two files on their way into the store: both share one bound, however slow the store is.
//!
//! It never looks into a part, and never waits for the file that a part belongs to: any part that is on its way ends by
//! itself.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::collect::Stop;
use crate::feed_store::Part;

/// Parts on their way, of both files together. The next one fills meanwhile, so the store is busy where it is the slower
/// one.
const MOST: usize = 1;

/// Where parts go.
#[derive(Debug, Clone)]
pub(super) struct Outbox(Arc<Semaphore>);

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

impl Default for Outbox {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl Outbox {
    /// Sends a part once there is a place for it.
    pub async fn send(&self, part: Bytes, to: &mpsc::Sender<Part>) -> Result<(), Stop> {
        let place = Arc::clone(&self.0).acquire_owned();
        let place = tokio::select! {
            biased;
            place = place => place.expect("it is never closed"),
            // An upload that failed leaves nobody to wait for.
            () = to.closed() => return Err(Stop::Upload),
        };
        let part = Bytes::from_owner(Placed { part, _place: place });
        to.send(Part::Data(part)).await.map_err(|_| Stop::Upload)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_part_of_both_files_is_on_its_way_whoever_else_waits() {
        let outbox = Outbox::default();
        let ((feed, mut feed_taken), (excluded, mut excluded_taken)) = (mpsc::channel(4), mpsc::channel(4));
        outbox.send(Bytes::from_static(b"1"), &excluded).await.unwrap();
        let second = tokio::spawn({
            let (outbox, feed) = (outbox.clone(), feed.clone());
            async move { outbox.send(Bytes::from_static(b"2"), &feed).await }
        });
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!second.is_finished(), "it waits for a place");
        let Some(Part::Data(first)) = excluded_taken.recv().await else { panic!("a part") };
        let copy = first.clone();
        drop(first);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!second.is_finished(), "whoever may send it again has it still");
        drop(copy);
        second.await.unwrap().unwrap();
        let Some(Part::Data(part)) = feed_taken.recv().await else { panic!("a part") };
        assert_eq!(part, &b"2"[..]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_takes_nothing_more_is_not_waited_for() {
        let outbox = Outbox::default();
        let (feed, mut taken) = mpsc::channel(4);
        outbox.send(Bytes::from_static(b"1"), &feed).await.unwrap();
        taken.close();
        assert!(matches!(outbox.send(Bytes::from_static(b"2"), &feed).await, Err(Stop::Upload)));
    }
}
