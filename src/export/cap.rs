//! Who gets in when there is not room for everybody: what is published stays, and who came first comes first.
//!
//! It never knows what a row holds. Until the rows come near the cap it does nothing at all.

use super::{index::RowIndex, rows};
use crate::{
    ep::row::{Row, Written},
    feed_store::{FeedError, FeedStore},
    report::BuildInfo,
};

/// Bytes of rows that may wait for room.
const WAITING_BYTES: usize = 1024 * 1024;

/// The room in a feed.
pub(super) struct Cap {
    /// The most rows.
    most: u64,
    /// Rows of the published build.
    published: u64,
    /// Of its ids, those that did not come yet; unknown until they matter.
    expected: Option<u64>,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
}

/// A sound row that waits for room.
pub(super) struct Waiting {
    row: (String, Written),
    /// What an earlier copy of its id was left out for, and is counted under.
    pub(super) left_for: Option<u32>,
}

impl Waiting {
    pub(super) fn row(&self) -> Row<'_> {
        let (text, written) = &self.row;
        written.of(text)
    }
}

impl Cap {
    /// Room for `most` rows, of which the published build took `published`.
    pub(super) fn of(most: u64, published: u64) -> Self {
        Self { most, published, expected: None, waiting: Vec::new(), waiting_bytes: 0 }
    }

    /// The most rows.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Whether the ids of the published build must be known before `more` further rows are taken.
    pub(super) fn needs_expected(&self, kept: u64, more: usize) -> bool {
        self.expected.is_none() && kept + more as u64 > self.most.saturating_sub(self.published)
    }

    /// So many ids of the published build are still to come, and have their room.
    pub(super) fn expect(&mut self, expected: u64) {
        self.expected = Some(expected);
    }

    /// One that was expected came.
    pub(super) fn arrived(&mut self) {
        self.expected = self.expected.map(|expected| expected.saturating_sub(1));
    }

    /// Whether there is room for one more row, with `kept` rows in the feed: for one that is expected the room that is
    /// kept for it, for another one what nobody who is expected may need.
    pub(super) fn has_room(&self, kept: u64, expected: bool) -> bool {
        let reserved = if expected { 0 } else { self.expected.unwrap_or_default() };
        kept + reserved < self.most
    }

    /// Lets a row wait until it is known who else comes; `false` where too many wait already.
    pub(super) fn wait(&mut self, row: Row<'_>, left_for: Option<u32>) -> bool {
        let bytes = row.line().len();
        if self.waiting_bytes + bytes > WAITING_BYTES {
            return false;
        }
        self.waiting_bytes += bytes;
        self.waiting.push(Waiting { row: row.alone(), left_for });
        true
    }

    /// Nobody is expected any more: those that waited, in their order.
    pub(super) fn close(&mut self) -> Vec<Waiting> {
        self.expected = Some(0);
        // Nobody waits any more, either.
        self.waiting_bytes = WAITING_BYTES;
        std::mem::take(&mut self.waiting)
    }
}

/// Lets `index` expect every id of the published build that did not come yet; gives how many these are.
pub(super) async fn expected(
    store: &dyn FeedStore,
    published: &BuildInfo,
    index: &mut RowIndex,
) -> Result<u64, FeedError> {
    let mut expected = 0;
    rows::read(store, &published.build, |columns, row| {
        expected += u64::from(index.expect(columns.fields(row.bytes).id));
        true
    })
    .await?;
    Ok(expected)
}
