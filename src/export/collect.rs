//! What a build is made of on its way: each id in exactly one count, its row in the feed or in the file of excluded
//! products, and the parts of both files.
//!
//! It never reads the catalogue and never writes to a store.

use tokio::sync::mpsc;

use super::{
    cap::{Before, Cap, Waiting, expected},
    index::{RowIndex, RowSum, Seen},
    judge::{Judged, Outcome, Who},
    parts::Outbox,
    quality::Watch,
    tally::{Reason, Tally},
};
use crate::{
    ep::{
        row::{Broken, FEED_COLUMNS, Row},
        rules::Violation,
        save::{Saved, TsvWriter},
        text::clean,
    },
    feed_store::{MIN_PART, Part},
    fetch::{FetchError, Summary},
    filter::{Left, Skip},
    report::{Quality, SkipReason},
};

/// The header of the file of excluded products.
const EXCLUDED_COLUMNS: [&str; 5] = ["id", "name", "reason", "column", "value"];

/// Why the stream stopped.
#[derive(Debug)]
pub(super) enum Stop {
    Fetch(Box<FetchError>),
    /// A part found no taker: the upload failed and tells why itself.
    Upload,
    Cancelled,
    /// The catalogue is not UTF-8: what could be read of it is no catalogue.
    NotUtf8 {
        broken: u64,
        fetched: u64,
    },
    Internal(String),
}

/// A build whose files are written.
pub(super) struct Finished {
    pub(super) saved: Saved,
    pub(super) tally: Tally,
    pub(super) index: RowIndex,
    pub(super) quality: Quality,
    pub(super) summary: Summary,
    /// Whether the file of excluded products names ids that were kept after all.
    pub(super) excluded_is_stale: bool,
}

/// The state of a build on its way.
pub(super) struct Collected {
    pub(super) tally: Tally,
    index: RowIndex,
    cap: Cap,
    watch: Watch,
    excluded_is_stale: bool,
    feed_file: TsvWriter,
    excluded_file: TsvWriter,
    feed: mpsc::Sender<Part>,
    excluded: mpsc::Sender<Part>,
    outbox: Outbox,
}

impl Collected {
    /// Nothing yet; the files' parts go to these.
    pub(super) fn new(cap: Cap, feed: mpsc::Sender<Part>, excluded: mpsc::Sender<Part>) -> Self {
        Self {
            tally: Tally::default(),
            index: RowIndex::default(),
            cap,
            watch: Watch::default(),
            excluded_is_stale: false,
            feed_file: TsvWriter::new(FEED_COLUMNS),
            excluded_file: TsvWriter::new(EXCLUDED_COLUMNS),
            feed,
            excluded,
            outbox: Outbox::default(),
        }
    }

    /// Takes a batch, and hands parts on.
    pub(super) async fn batch(&mut self, judged: Judged, before: Before<'_>) -> Result<(), Stop> {
        if self.cap.needs_expected(self.tally.funnel.kept, judged.outcomes.len()) {
            let found = expected(before, &mut self.index).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the published build cannot be read, so at the cap who comes first gets in");
                0
            });
            self.cap.expect(found);
        }
        if self.tally.keys.is_empty() {
            self.tally.keys = judged.keys;
        }
        if let Some((products, id)) = judged.number_ids {
            self.tally.number_ids.get_or_insert((0, id)).0 += products;
        }
        for outcome in judged.outcomes {
            self.take(outcome);
        }
        self.tally.elements += judged.elements as u64;
        self.tally.not_utf8 += judged.not_utf8;
        self.hand_on().await
    }

    /// Puts one product into exactly one count, and its row where it belongs.
    fn take(&mut self, outcome: Outcome) {
        let (who, left) = match outcome {
            Outcome::Row(row) => return self.admit(row),
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
    fn admit(&mut self, row: Row) {
        let (expected, left_for) = match self.index.seen(row.id().as_bytes()) {
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
            return self.over_cap(&Waiting { row, left_for });
        }
        if self.cap.has_room(self.tally.funnel.kept, expected) {
            return self.keep(&Waiting { row, left_for });
        }
        // Until it is known who else comes it counts for nothing new, and further copies of it are repeats.
        self.index.leave(row.id().as_bytes(), self.tally.over_cap());
        if let Err(waiting) = self.cap.wait(Waiting { row, left_for }) {
            self.over_cap(&waiting);
        }
    }

    fn keep(&mut self, Waiting { row, left_for }: &Waiting) {
        match left_for {
            Some(reason) => {
                self.tally.keep_after_all(*reason);
                self.excluded_is_stale = true;
            }
            None => self.tally.keep(),
        }
        self.index.insert(row.id().as_bytes(), RowSum::of_record(&row.record), row.price);
        self.watch.see(row);
        self.feed_file.row(&row.record);
    }

    fn leave(&mut self, who: &Who, left: &Left) {
        if let Left::Broken(Broken { violation: Violation::Currency, value, .. }) = left {
            self.tally.foreign_currency.get_or_insert_with(|| value.clone());
        }
        let reason = self.tally.leave(Reason::of(left));
        if !who.id.is_empty() {
            self.index.leave(who.id.as_bytes(), reason);
        }
        let (name, column, value) = match left {
            Left::Skip(skip) => (skip.reason.name(), "", &skip.value),
            Left::Broken(broken) => (broken.violation.name(), broken.column, &broken.value),
        };
        // What has neither id nor name is found by its place in the catalogue, which counts from 1.
        let place = || format!("element {}", self.tally.elements + who.element as u64 + 1);
        let shown = if who.id.is_empty() && who.name.is_empty() { place().into() } else { clean(&who.name) };
        let fields = [clean(&who.id), shown, name.into(), column.into(), clean(value)];
        self.excluded_file.row(&fields.iter().map(AsRef::as_ref).collect::<csv::StringRecord>());
    }

    /// A sound row that finds no room. One of which an earlier copy was left out stays left out for that.
    fn over_cap(&mut self, Waiting { row, left_for }: &Waiting) {
        if left_for.is_some() {
            return self.tally.repeat();
        }
        let who = Who { id: row.id().to_owned(), name: row.title().to_owned(), element: 0 };
        let skip = Skip { reason: SkipReason::OverCap, value: self.cap.most().to_string() };
        self.leave(&who, &Left::Skip(skip));
    }

    async fn hand_on(&mut self) -> Result<(), Stop> {
        if let Some(part) = self.feed_file.part(MIN_PART) {
            self.outbox.send(part, &self.feed).await?;
        }
        if let Some(part) = self.excluded_file.part(MIN_PART) {
            self.outbox.send(part, &self.excluded).await?;
        }
        Ok(())
    }

    /// Ends both files, now that the catalogue is known to be whole.
    pub(super) async fn end(mut self, summary: Summary) -> Result<Finished, Stop> {
        // Who was expected and did not come leaves room.
        for waiting in self.cap.close() {
            match self.cap.has_room(self.tally.funnel.kept, false) {
                true => self.keep(&waiting),
                false => self.over_cap(&waiting),
            }
        }
        self.hand_on().await?;
        let saved = self.feed_file.finish();
        let excluded = self.excluded_file.finish().last;
        for (sender, last) in [(self.feed, saved.last.clone()), (self.excluded, excluded)] {
            if !last.is_empty() {
                self.outbox.send(last, &sender).await?;
            }
            sender.send(Part::End).await.map_err(|_| Stop::Upload)?;
        }
        let Self { tally, index, watch, excluded_is_stale, .. } = self;
        Ok(Finished { saved, tally, index, quality: watch.end(), summary, excluded_is_stale })
    }
}

#[cfg(test)]
mod tests;
