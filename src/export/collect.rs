//! What a build is made of on its way: each id in exactly one count, and its row in the feed or in the file of excluded
//! products.
//!
//! It never reads the catalogue and never writes to a store.

mod parts;
mod watched;

use bytes::Bytes;

use super::{
    cap::{Cap, expected},
    drift,
    explaining::Explaining,
    index::{Hashed, RowIndex, Seen},
    outcome::{Judged, Outcome, Who},
    quality::Watch,
    save::{self, TsvWriter},
    shape,
    sum::RowSum,
    tally::Tally,
};
use crate::{
    ep::{broken::Breach, columns::Column, row::Row, rules::Violation, text::clean},
    feed_store::FeedStore,
    filter::{Left, Reason},
    report::{BuildInfo, Fingerprint, Quality, SkipReason},
};

/// The header of the file of excluded products.
const EXCLUDED_COLUMNS: [&str; 5] = ["id", "name", "reason", "column", "value"];

/// A build whose files are written.
pub(super) struct Finished {
    pub(super) file: Fingerprint,
    pub(super) tally: Tally,
    pub(super) index: RowIndex,
    pub(super) quality: Quality,
    pub(super) shape: shape::Watch,
    pub(super) drift: drift::Watch,
    /// Whether the file of excluded products names ids that were kept after all.
    pub(super) excluded_is_stale: bool,
    /// What became of the products that somebody asked for.
    pub(super) explaining: Option<Explaining>,
}

/// The state of a build on its way.
pub(super) struct Collected {
    pub(super) tally: Tally,
    pub(super) index: RowIndex,
    pub(super) cap: Cap,
    /// Where somebody asked for products.
    pub(super) explaining: Option<Explaining>,
    watch: Watch,
    shape: shape::Watch,
    drift: drift::Watch,
    excluded_is_stale: bool,
    feed: TsvWriter,
    excluded: TsvWriter,
}

impl Collected {
    /// Nothing yet, of a feed with these columns.
    pub(super) fn new(cap: Cap, columns: &[Column]) -> Self {
        let parts = save::parts();
        Self {
            tally: Tally::default(),
            index: RowIndex::default(),
            cap,
            explaining: None,
            watch: Watch::default(),
            shape: shape::Watch::default(),
            drift: drift::Watch::of(columns),
            excluded_is_stale: false,
            feed: TsvWriter::new(columns, parts.clone()),
            excluded: TsvWriter::new(EXCLUDED_COLUMNS, parts),
        }
    }

    /// Whether the ids of the published build must be known before so many further products are taken.
    pub(super) fn needs_expected(&self, more: usize) -> bool {
        self.cap.needs_expected(self.tally.funnel.kept, more)
    }

    /// Keeps the room of what is published and may still come, once so many further products come near the cap.
    pub(super) async fn reserve(&mut self, more: usize, store: &dyn FeedStore, published: &BuildInfo) {
        if !self.needs_expected(more) {
            return;
        }
        let found = expected(store, published, &mut self.index).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the published build cannot be read, so at the cap who comes first gets in");
            0
        });
        self.cap.expect(found);
    }

    /// Takes products in the catalogue's order.
    pub(super) fn take(&mut self, judged: Judged) {
        if self.tally.keys.is_empty() {
            self.tally.keys = judged.keys;
        }
        if let Some((products, id)) = judged.number_ids {
            self.tally.number_ids.get_or_insert((0, id)).0 += products;
        }
        self.shape.take(judged.shapes);
        match judged.caught {
            None => judged.outcomes.into_iter().for_each(|outcome| self.take_one(outcome, &judged.text)),
            Some(caught) => self.take_watched(judged.outcomes, &judged.text, *caught),
        }
        self.tally.elements += judged.elements as u64;
        self.tally.not_utf8 += judged.not_utf8;
    }

    /// The catalogue is over: who was expected and did not come leaves room.
    pub(super) fn close(&mut self) {
        for waiting in self.cap.close() {
            match self.cap.has_room(self.tally.funnel.kept, false) {
                true => {
                    let row = waiting.row();
                    self.keep(row, self.index.hashed(row.id().as_bytes()), waiting.left_for);
                }
                false => self.over_cap(waiting.row(), waiting.left_for),
            }
        }
        if let Some(explaining) = &mut self.explaining {
            explaining.close(&self.index);
        }
    }

    /// Ends both files; gives their last parts, too.
    pub(super) fn finish(self) -> (Finished, [Bytes; 2]) {
        let Self { tally, index, watch, shape, drift, excluded_is_stale, explaining, feed, excluded, .. } =
            self;
        let ((feed, file), (excluded, _)) = (feed.finish(), excluded.finish());
        let quality = watch.end();
        (
            Finished { file, tally, index, quality, shape, drift, excluded_is_stale, explaining },
            [feed, excluded],
        )
    }

    /// Puts one product into exactly one count, and its row, which stands in `text`, where it belongs.
    pub(super) fn take_one(&mut self, outcome: Outcome, text: &str) {
        let (who, left) = match outcome {
            Outcome::Row(row) => return self.admit(row.of(text)),
            Outcome::Left { who, left } => (who, left),
        };
        // Without an id each is one of its own.
        let seen = if who.id.is_empty() { Seen::Never } else { self.index.seen(who.id.as_bytes()) };
        match seen {
            Seen::Kept | Seen::Left { .. } => self.tally.repeat(),
            // Its room stays its own: a sound copy may still come.
            Seen::Expected | Seen::Never => self.leave(&who, &left),
        }
    }

    /// A sound row: the first one of its id is written, if there is room.
    fn admit(&mut self, row: Row<'_>) {
        let id = self.index.hashed(row.id().as_bytes());
        let (expected, left_for) = match self.index.seen_hashed(id) {
            Seen::Kept => return self.tally.repeat(),
            // It waits already, or did not even find room to wait.
            Seen::Left { reason, .. } if self.tally.is_over_cap(reason) => return self.tally.repeat(),
            Seen::Left { reason, expected } => (expected, Some(reason)),
            Seen::Expected => (true, None),
            Seen::Never => (false, None),
        };
        if expected {
            self.cap.arrived();
        }
        if !expected && left_for.is_none() && !self.index.has_room() {
            return self.over_cap(row, left_for);
        }
        if self.cap.has_room(self.tally.funnel.kept, expected) {
            return self.keep(row, id, left_for);
        }
        // Until it is known who else comes it counts for nothing new, and further copies of it are repeats.
        self.index.leave(row.id().as_bytes(), self.tally.over_cap());
        if !self.cap.wait(row, left_for) {
            self.over_cap(row, left_for);
        }
    }

    /// Writes the row of an id; `left_for` is what an earlier copy of its id was left out for.
    fn keep(&mut self, row: Row<'_>, id: Hashed, left_for: Option<u32>) {
        match left_for {
            Some(reason) => {
                self.tally.keep_after_all(reason);
                self.excluded_is_stale = true;
            }
            None => self.tally.keep(),
        }
        self.index.insert_hashed(id, RowSum::of(row), row.price());
        self.watch.see(&row);
        self.drift.see(&row);
        self.feed.line(row.line());
    }

    fn leave(&mut self, who: &Who, left: &Left) {
        let Left { why, value } = left;
        if let Reason::Broken(Breach { violation: Violation::Currency, .. }) = why {
            self.tally.foreign_currency.get_or_insert_with(|| value.clone());
        }
        let reason = self.tally.leave(*why);
        if !who.id.is_empty() {
            self.index.leave(who.id.as_bytes(), reason);
        }
        let (column, name) = match why {
            Reason::Skip(reason) => ("", reason.name()),
            Reason::Broken(breach) => breach.names(),
        };
        // What has neither id nor name is found by its place in the catalogue, which counts from 1.
        let place = || format!("element {}", self.tally.elements + who.element as u64 + 1);
        let shown = if who.id.is_empty() && who.name.is_empty() { place().into() } else { clean(&who.name) };
        let fields = [clean(&who.id), shown, name.into(), column.into(), clean(value)];
        self.excluded.row(&fields.iter().map(AsRef::as_ref).collect::<csv::StringRecord>());
    }

    /// A sound row that finds no room. One of which an earlier copy was left out stays left out for that.
    fn over_cap(&mut self, row: Row<'_>, left_for: Option<u32>) {
        if left_for.is_some() {
            return self.tally.repeat();
        }
        let who = Who { id: row.id().to_owned(), name: row.title().to_owned(), element: 0 };
        self.leave(&who, &Left::skip(SkipReason::OverCap, self.cap.most().to_string()));
    }
}

#[cfg(test)]
mod tests;
