//! Walks through the departments, several windows on their way at once, and hands on what they hold in a fixed order.
//!
//! It never holds a window: each streams through a small channel of its own and waits there for its turn. Nor does it
//! believe that everything came: a window begins where the one before it ended, and what a department says it has is
//! held against what arrived.

mod windows;

use std::sync::Arc;

use tokio::{sync::mpsc, time::sleep};

use super::{
    Batch, CatalogueConfig, FetchError, Fetcher, Origin, Paged, Summary,
    ahead::Ahead,
    departments::{self, Known, Plan, Planned},
    document::DocumentRead,
    page::Page,
    reading::Reading,
    seen::Seen,
};
use crate::report::Source;

/// Reads all departments.
pub(super) async fn read(
    fetcher: &Fetcher,
    config: &CatalogueConfig,
    paged: &Paged,
    known: &Known,
    out: &mpsc::Sender<Batch>,
) -> Result<Summary, FetchError> {
    let Plan { departments, by, why } = departments::plan(fetcher, config, paged, known).await;
    if let Some(says) = departments.iter().map(|planned| planned.says).sum::<Option<u64>>() {
        fetcher.progress.expect(says);
    }
    let source = Source { list: by, list_error: why, ..Source::default() };
    let mut summary = Summary { source, ..Summary::default() };
    let counted = paged.count.is_some() || config.total.is_some();
    let mut walk = Walk { ahead: Ahead::new(fetcher, config, paged, departments), out };
    while let Some(planned) = walk.ahead.first() {
        let reading = walk.department(&planned).await?;
        summary.add(planned, reading, counted, by);
    }
    Ok(summary)
}

struct Walk<'a> {
    ahead: Ahead<'a>,
    out: &'a mpsc::Sender<Batch>,
}

impl Walk<'_> {
    /// Takes the first department to its end; once more where it gives less than it says, or nothing of what it had.
    async fn department(&mut self, planned: &Planned) -> Result<Reading, FetchError> {
        let mut seen = Seen::default();
        let mut reading = self.reading(&mut seen, None).await?;
        reading.says = reading.says.or(planned.says);
        let nothing_left = planned.had > 0 && reading.items == 0;
        if nothing_left || reading.short() > 0 {
            // It may have changed while it was read: products that leave the range move all behind them.
            let says = self.count_again(planned).await.or(reading.says);
            sleep(self.ahead.fetcher.policy.wait(1, None)).await;
            let mut seen_again = Seen::default();
            let again = self.reading(&mut seen_again, Some(&seen)).await?;
            reading = Reading {
                says: again.says.or(says),
                handed: reading.handed + again.handed,
                bytes: reading.bytes + again.bytes,
                repeats_are_its_own: seen.is_like(&seen_again),
                ..again
            };
        }
        let (says, gave, short) = (reading.says, reading.gave(), reading.short());
        if short > 0 {
            let department = planned.id.as_deref();
            tracing::warn!(department, says, gave, short, "the source gave less than it says it has");
        }
        self.ahead.done();
        Ok(reading)
    }

    /// Takes a window to its end, and lets others set out meanwhile. One of a department that is gone is empty.
    async fn window(
        &mut self,
        mut page: Page,
        seen: &mut Seen,
        before: Option<&Seen>,
        reading: &mut Reading,
    ) -> Result<DocumentRead, FetchError> {
        self.ahead.taking = Some(page.over());
        let ended = Arc::clone(&self.ahead.ended);
        let origin = self.origin(&page);
        loop {
            self.ahead.fill();
            let mut batch = tokio::select! {
                biased;
                batch = page.next() => match batch {
                    Some(batch) => batch,
                    None => break,
                },
                () = ended.notified() => continue,
            };
            batch.origin = origin.clone();
            reading.handed += seen.hand_on(batch, before, self.out).await?;
        }
        self.ahead.taking = None;
        let read = match page.end().await {
            Err(error) if self.ahead.course().planned.may_be_gone && error.is_not_there() => {
                DocumentRead::default()
            }
            read => read?,
        };
        reading.bytes += read.bytes;
        reading.encoding = reading.encoding.or(read.encoding);
        reading.says = reading.says.max(read.total);
        if self.ahead.paged.count.is_none() && reading.says.is_some() {
            self.ahead.course().planned.says = reading.says;
        }
        Ok(read)
    }

    /// Where a window of the first department begins; one that a link leads to has no place.
    fn origin(&mut self, page: &Page) -> Origin {
        let start = self.ahead.paged.next.is_none().then_some(page.start);
        Origin { department: self.ahead.course().planned.id.as_deref().map(Arc::from), start }
    }

    /// What the first department says it has, as far as it is known by now.
    fn says(&mut self, reading: &Reading) -> u64 {
        reading.says.or(self.ahead.course().planned.says).unwrap_or(0)
    }

    /// What it says, asked once more.
    async fn count_again(&mut self, planned: &Planned) -> Option<u64> {
        let count = self.ahead.paged.count.as_ref()?;
        self.ahead.make_room();
        let id = planned.id.as_deref()?;
        let says = departments::read_count(self.ahead.fetcher, count, id).await.ok()?;
        let says = planned.counted(says);
        self.ahead.course().planned.says = says;
        says
    }
}
