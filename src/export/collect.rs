//! What a build is made of on its way: each product in exactly one count, its row in the feed or in the file of excluded
//! products, and the parts of both files.
//!
//! It never reads the catalogue and never writes to a store.

use tokio::sync::mpsc;

use super::{
    index::{RowIndex, RowSum},
    judge::{Outcome, Who},
};
use crate::{
    ep::{
        row::FEED_COLUMNS,
        rules::Violation,
        save::{Saved, TsvWriter},
        text::clean,
    },
    feed_store::{MIN_PART, Part},
    fetch::{FetchError, Summary},
    filter::SkipReason,
    report::Funnel,
};

/// The header of the file of excluded products.
const EXCLUDED_COLUMNS: [&str; 5] = ["id", "name", "reason", "column", "value"];

/// Why the stream stopped.
pub(super) enum Stop {
    Fetch(FetchError),
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
    pub(super) summary: Summary,
}

/// Counts of a build.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) funnel: Funnel,
    pub(super) members_only: u64,
    pub(super) foreign: u64,
    pub(super) foreign_currency: Option<String>,
    pub(super) not_utf8: u64,
}

impl Tally {
    /// Some products in another encoding are broken products; more than a tenth of them is another catalogue than
    /// the one we know how to read, and the few that happen to be ASCII must not replace the feed.
    pub(super) fn encoding(&self) -> Result<(), Stop> {
        let (broken, fetched) = (self.not_utf8, self.funnel.fetched);
        if broken * 10 > fetched { Err(Stop::NotUtf8 { broken, fetched }) } else { Ok(()) }
    }
}

/// The state of a build on its way.
pub(super) struct Collected {
    pub(super) tally: Tally,
    index: RowIndex,
    feed_file: TsvWriter,
    excluded_file: TsvWriter,
    feed: mpsc::Sender<Part>,
    excluded: mpsc::Sender<Part>,
}

impl Collected {
    /// Nothing yet; the files' parts go to these.
    pub(super) fn new(feed: mpsc::Sender<Part>, excluded: mpsc::Sender<Part>) -> Self {
        Self {
            tally: Tally::default(),
            index: RowIndex::default(),
            feed_file: TsvWriter::new(FEED_COLUMNS),
            excluded_file: TsvWriter::new(EXCLUDED_COLUMNS),
            feed,
            excluded,
        }
    }

    /// Puts one product into exactly one count, and its row where it belongs.
    pub(super) fn take(&mut self, outcome: Outcome, max_rows: u64) {
        let funnel = &mut self.tally.funnel;
        funnel.fetched += 1;
        match outcome {
            Outcome::Row { row, members_only } => {
                // An id counts as seen only once a row with it was kept; over the cap none is.
                if self.index.contains(row.id().as_bytes()) {
                    funnel.duplicates += 1;
                    self.exclude(row.id(), &row.record[1], "duplicate", "id", row.id());
                } else if funnel.kept == max_rows {
                    *funnel.skipped.entry(SkipReason::OverCap).or_default() += 1;
                    self.exclude(
                        row.id(),
                        &row.record[1],
                        SkipReason::OverCap.name(),
                        "",
                        &max_rows.to_string(),
                    );
                } else {
                    self.index.insert(row.id().as_bytes(), RowSum::of_record(&row.record), row.price);
                    funnel.kept += 1;
                    self.tally.members_only += u64::from(members_only);
                    self.feed_file.row(&row.record);
                }
            }
            Outcome::Skip { who: Who { id, name }, skip } => {
                *funnel.skipped.entry(skip.reason).or_default() += 1;
                self.exclude(&id, &name, skip.reason.name(), "", &skip.value);
            }
            Outcome::Broken { who: Who { id, name }, broken } => {
                *funnel.broken.entry(broken.rule()).or_default() += 1;
                self.tally.not_utf8 += u64::from(broken.violation == Violation::NotUtf8);
                if broken.violation == Violation::Currency {
                    self.tally.foreign += 1;
                    self.tally.foreign_currency.get_or_insert_with(|| broken.value.clone());
                }
                self.exclude(&id, &name, broken.violation.name(), broken.column, &broken.value);
            }
        }
    }

    fn exclude(&mut self, id: &str, name: &str, reason: &str, column: &str, value: &str) {
        let fields = [clean(id), clean(name), reason.into(), column.into(), clean(value)];
        self.excluded_file.row(&fields.iter().map(AsRef::as_ref).collect::<csv::StringRecord>());
    }

    pub(super) async fn hand_on(&mut self) -> Result<(), Stop> {
        if let Some(part) = self.feed_file.part(MIN_PART) {
            self.feed.send(Part::Data(part)).await.map_err(|_| Stop::Upload)?;
        }
        if let Some(part) = self.excluded_file.part(MIN_PART) {
            self.excluded.send(Part::Data(part)).await.map_err(|_| Stop::Upload)?;
        }
        Ok(())
    }

    /// Ends both files, now that the catalogue is known to be whole.
    pub(super) async fn end(self, summary: Summary) -> Result<Finished, Stop> {
        let saved = self.feed_file.finish();
        let excluded = self.excluded_file.finish().last;
        for (sender, last) in [(self.feed, saved.last.clone()), (self.excluded, excluded)] {
            if !last.is_empty() {
                sender.send(Part::Data(last)).await.map_err(|_| Stop::Upload)?;
            }
            sender.send(Part::End).await.map_err(|_| Stop::Upload)?;
        }
        Ok(Finished { saved, tally: self.tally, index: self.index, summary })
    }
}
