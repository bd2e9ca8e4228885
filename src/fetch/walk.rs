//! Walks through the departments, several windows on their way at once, and hands on what they hold in a fixed order.
//!
//! It never holds a window: each streams through a small channel of its own and waits there for its turn. Nor does it
//! believe that everything came: a window begins where the one before it ended, and what a department says it has is
//! held against what arrived.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::{Notify, mpsc};

use super::{
    Batch, FetchError, Fetcher, Head, Place, Summary,
    course::Course,
    departments::{self, Known, Plan, Planned},
    document::{DocumentRead, Shape},
    page::{Over, Page},
    reading::{Found, Reading},
    seen::Seen,
};
use crate::{
    config::catalogue::{CatalogueConfig, Paged},
    preset::Window,
    web::{Discretion, ShownUrl},
};

/// Reads all departments.
pub(super) async fn read(
    fetcher: &Fetcher,
    config: &CatalogueConfig,
    paged: &Paged,
    known: &Known,
    out: &mpsc::Sender<Batch>,
) -> Result<Summary, FetchError> {
    let Plan { departments, by, why } = departments::plan(fetcher, config, paged, known).await;
    let mut summary = Summary { list: by, list_error: why, ..Summary::default() };
    let counted = paged.count.is_some() || config.total.is_some();
    let mut walk = Walk::new(fetcher, config, paged, departments);
    while let Some(found) = walk.next(out).await? {
        summary.add(found, counted, by);
    }
    Ok(summary)
}

struct Walk<'a> {
    fetcher: &'a Fetcher,
    paged: &'a Paged,
    shape: Shape,
    /// How many elements are asked for at once.
    size: u64,
    /// How many calls may be on their way.
    most: usize,
    /// How many elements the source gives at once, as far as that shows.
    stride: u64,
    /// Departments on their way; the first one's windows are being taken.
    courses: VecDeque<Course>,
    waiting: VecDeque<Planned>,
    /// The call of the window that is being taken.
    taking: Option<Over>,
    ended: Arc<Notify>,
}

impl<'a> Walk<'a> {
    fn new(
        fetcher: &'a Fetcher,
        config: &CatalogueConfig,
        paged: &'a Paged,
        departments: Vec<Planned>,
    ) -> Self {
        let size = u64::from(config.page_size.get());
        Self {
            fetcher,
            paged,
            shape: Shape { items: config.items.clone(), total: config.total.clone() },
            size,
            most: config.concurrency.get(),
            stride: size,
            courses: VecDeque::new(),
            waiting: departments.into(),
            taking: None,
            ended: Arc::default(),
        }
    }

    /// Takes the next department to its end; `None` after the last.
    async fn next(&mut self, out: &mpsc::Sender<Batch>) -> Result<Option<Found>, FetchError> {
        self.fill();
        let Some(course) = self.courses.front() else { return Ok(None) };
        let planned = course.planned.clone();
        let mut seen = Seen::default();
        let mut reading = self.reading(out, &mut seen, None).await?;
        let mut says = reading.total.or(planned.says);
        let (mut handed, mut bytes) = (reading.handed, reading.bytes);
        let nothing_left = planned.had > 0 && reading.items == 0;
        if nothing_left || reading.short(says) > 0 {
            // It may have changed while it was read: products that leave the range move all behind them.
            says = self.count_again(&planned).await.or(says);
            tokio::time::sleep(self.fetcher.policy.wait(1, None)).await;
            let mut again = Seen::default();
            reading = self.reading(out, &mut again, Some(&seen)).await?;
            reading.repeats_are_its_own = seen.is_like(&again);
            says = reading.total.or(says);
            handed += reading.handed;
            bytes += reading.bytes;
        }
        let (gave, short) = (reading.gave(), reading.short(says));
        if short > 0 {
            let department = planned.id.as_deref();
            tracing::warn!(department, says, gave, short, "the source gave less than it says it has");
        }
        self.courses.pop_front();
        let others = reading.others;
        Ok(Some(Found { planned, says, gave, short, handed, others, bytes }))
    }

    /// Reads the first department on its way from its first window to the empty one, and hands on what `before` did not.
    async fn reading(
        &mut self,
        out: &mpsc::Sender<Batch>,
        seen: &mut Seen,
        before: Option<&Seen>,
    ) -> Result<Reading, FetchError> {
        let policy = self.fetcher.policy;
        let mut reading = Reading::default();
        let (mut start, mut windows, mut odd, mut checksum) = (0, 0, 0, None);
        if before.is_some() {
            self.course().begin();
        }
        loop {
            if windows == policy.pages {
                let found = format!("{windows} pages were read and none was empty");
                return Err(endless(self.url(start), found));
            }
            let page = self.page_at(start);
            let asked = page.asked;
            let read = match self.take(page, out, seen, before, &mut reading).await {
                Err(error) if self.course().planned.may_be_gone && error.is_not_there() => {
                    DocumentRead::default()
                }
                read => read?,
            };
            windows += 1;
            reading.bytes += read.bytes;
            reading.total = reading.total.max(read.total);
            if let (None, Some(total)) = (&self.paged.count, reading.total) {
                self.course().planned.says = Some(total);
            }
            let elements = read.elements();
            let says = reading.total.or(self.course().planned.says).unwrap_or(0);
            let is_empty = elements == 0;
            let is_repeated = read.items > 0 && checksum == Some(read.checksum);
            odd += 1;
            if (is_repeated || is_empty && reading.items < says) && odd < policy.odd_tries {
                seen.forget_window();
                self.course().again(start);
                tokio::time::sleep(policy.wait(odd, None)).await;
                continue;
            }
            if is_repeated {
                return Err(endless(
                    self.url(start),
                    "it holds exactly the products of the page before it".to_owned(),
                ));
            }
            if is_empty {
                self.course().again(start);
                reading.repeats = seen.close();
                return Ok(reading);
            }
            (odd, checksum) = (0, Some(read.checksum).filter(|_| read.items > 0));
            seen.end_window();
            reading.items += read.items;
            reading.others.add(read.others);
            // Where more comes than was asked for, what is no product stands on top and takes no place.
            let took = if elements > asked { read.items.max(1) } else { elements };
            let (begin, most) = (start, self.most);
            start += took;
            if let Some(stride) = self.course().took(begin, asked, start, most) {
                self.stride = stride.clamp(1, self.size);
            }
        }
    }

    /// Takes a window to its end, and lets others set out meanwhile.
    async fn take(
        &mut self,
        mut page: Page,
        out: &mpsc::Sender<Batch>,
        seen: &mut Seen,
        before: Option<&Seen>,
        reading: &mut Reading,
    ) -> Result<DocumentRead, FetchError> {
        self.taking = Some(page.over());
        let ended = Arc::clone(&self.ended);
        loop {
            self.fill();
            let batch = tokio::select! {
                biased;
                batch = page.next() => match batch {
                    Some(batch) => batch,
                    None => break,
                },
                () = ended.notified() => continue,
            };
            reading.handed += seen.hand_on(batch, before, out).await?;
        }
        self.taking = None;
        page.end().await
    }

    /// The window of the first department that begins at `start`: on its way already, or asked for now.
    fn page_at(&mut self, start: u64) -> Page {
        if let Some(page) = self.course().next(start) {
            return page;
        }
        self.make_room();
        self.ask(0, start);
        self.course().next(start).expect("it was just asked for")
    }

    /// Lets further windows set out, in the order in which they will be taken, as far as there is room: for calls, and
    /// for what is over and waits.
    fn fill(&mut self) {
        while self.running() < self.most && self.held() < 2 * self.most {
            let limit = self.fetcher.policy.pages;
            let wanted =
                self.courses.iter().enumerate().find_map(|(n, course)| Some((n, course.wants(limit)?)));
            if let Some((n, start)) = wanted {
                self.ask(n, start);
            } else if let Some(planned) = self.waiting.pop_front() {
                let alone = self.courses.is_empty() && self.waiting.is_empty();
                let ahead = if alone || planned.says.is_some() { self.most } else { 1 };
                self.courses.push_back(Course::new(planned, ahead));
            } else {
                return;
            }
        }
    }

    /// Gives up what was asked for furthest ahead until there is room for one more call.
    fn make_room(&mut self) {
        while self.running() >= self.most {
            if !self.courses.iter_mut().skip(1).rev().any(Course::give_up_last) {
                return;
            }
        }
    }

    fn ask(&mut self, course: usize, start: u64) {
        let course = &mut self.courses[course];
        let category = course.planned.id.as_deref().unwrap_or_default();
        let call = self.paged.windows.fill(Window { category, start, end: start + self.size });
        let page = Page::ask(self.fetcher, &self.shape, Some(call), start, self.size, &self.ended);
        course.asked(page, self.stride);
    }

    /// What the first department says it has, asked once more.
    async fn count_again(&mut self, planned: &Planned) -> Option<u64> {
        let count = self.paged.count.as_ref()?;
        self.make_room();
        let says = departments::read_count(self.fetcher, count, planned.id.as_deref()?).await.ok()?;
        // A count of nothing is no news of a department that has something.
        let says = Some(says).filter(|says| *says > 0).or(planned.says).or(Some(says));
        self.course().planned.says = says;
        says
    }

    fn running(&self) -> usize {
        let pages = self.courses.iter().flat_map(|course| &course.pages);
        let taking = self.taking.iter().filter(|over| !over.get()).count();
        pages.filter(|page| !page.over().get()).count() + taking
    }

    fn held(&self) -> usize {
        self.courses.iter().map(|course| course.pages.len()).sum()
    }

    fn course(&mut self) -> &mut Course {
        self.courses.front_mut().expect("one is on its way")
    }

    fn url(&mut self, start: u64) -> ShownUrl {
        let end = start + self.size;
        let category = self.course().planned.id.clone().unwrap_or_default();
        self.paged.windows.fill(Window { category: &category, start, end }).shown
    }
}

fn endless(url: ShownUrl, found: String) -> FetchError {
    FetchError::Unreadable {
        place: Place { discretion: Discretion::of(&url), url, tries: 1 },
        found: format!(
            "{found}: the pages would never end; check that the source takes {{start}} and {{end}} as \
             CATALOG_URL gives them"
        ),
        body: Head::none(),
        retryable: false,
    }
}
