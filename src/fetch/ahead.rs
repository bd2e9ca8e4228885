//! The windows on their way: of the department that is being read, and of those behind it.
//!
//! It never takes one: it lets as many set out as there is room for, in the order in which they will be taken.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::Notify;

use super::{
    CatalogueConfig, Fetcher, Paged,
    course::Course,
    departments::Planned,
    document::Shape,
    page::{Over, Page},
};
use crate::preset::{Call, Window};

pub(super) struct Ahead<'a> {
    pub fetcher: &'a Fetcher,
    pub paged: &'a Paged,
    shape: Shape,
    /// How many elements are asked for at once.
    pub size: u64,
    /// How many calls may be on their way.
    pub most: usize,
    /// How many elements the source gives at once, as far as that shows.
    stride: u64,
    /// Departments on their way; the first one's windows are being taken.
    courses: VecDeque<Course>,
    waiting: VecDeque<Planned>,
    /// The call of the window that is being taken.
    pub taking: Option<Over>,
    pub ended: Arc<Notify>,
}

impl<'a> Ahead<'a> {
    pub fn new(
        fetcher: &'a Fetcher,
        config: &CatalogueConfig,
        paged: &'a Paged,
        departments: Vec<Planned>,
    ) -> Self {
        let size = u64::from(config.page_size.get());
        Self {
            fetcher,
            paged,
            shape: Shape::of(config),
            size,
            most: config.concurrency.get(),
            stride: size,
            courses: VecDeque::new(),
            waiting: departments.into(),
            taking: None,
            ended: Arc::default(),
        }
    }

    /// The department whose turn it is; `None` after the last.
    pub fn first(&mut self) -> Option<Planned> {
        self.fill();
        self.courses.front().map(|course| course.planned.clone())
    }

    /// The first department was read to its end.
    pub fn done(&mut self) {
        self.courses.pop_front();
    }

    /// The first department's window from `begin` on was taken, and the next one begins at `start`.
    pub fn took(&mut self, begin: u64, start: u64) {
        let (size, most) = (self.size, self.most);
        if let Some(stride) = self.course().took(begin, size, start, most) {
            self.stride = stride.clamp(1, size);
        }
    }

    /// The window of the first department that begins at `start`: on its way already, or asked for now.
    pub fn page_at(&mut self, start: u64) -> Page {
        if let Some(page) = self.course().next(start) {
            return page;
        }
        self.make_room();
        self.ask(0, start);
        self.course().next(start).expect("it was just asked for")
    }

    /// Lets further windows set out, in the order in which they will be taken, as far as there is room: for calls, and
    /// for what is over and waits.
    pub fn fill(&mut self) {
        while self.running() < self.most && self.held() < 2 * self.most {
            let limit = self.fetcher.policy.pages;
            let wanted =
                self.courses.iter().enumerate().find_map(|(n, course)| Some((n, course.wants(limit)?)));
            if let Some((n, start)) = wanted {
                self.ask(n, start);
            } else if let Some(planned) = self.waiting.pop_front() {
                let alone = self.courses.is_empty() && self.waiting.is_empty();
                let ahead = if alone || planned.says.is_some() { self.most } else { 1 };
                self.courses.push_back(Course::new(planned, ahead, self.paged.next.is_some()));
            } else {
                return;
            }
        }
    }

    /// Gives up what was asked for furthest ahead until there is room for one more call.
    pub fn make_room(&mut self) {
        while self.running() >= self.most {
            if !self.courses.iter_mut().skip(1).rev().any(Course::give_up_last) {
                return;
            }
        }
    }

    /// The window of the first department that another one said is the next.
    pub fn page_of(&mut self, call: Call) -> Page {
        self.make_room();
        Page::ask(self.fetcher, &self.shape, Some(call), 0, &self.ended)
    }

    fn ask(&mut self, course: usize, start: u64) {
        let call = self.call(&self.courses[course].planned, start);
        let page = Page::ask(self.fetcher, &self.shape, Some(call), start, &self.ended);
        self.courses[course].asked(page, self.stride);
    }

    /// The call for a department's window.
    pub fn call(&self, planned: &Planned, start: u64) -> Call {
        let category = planned.id.as_deref().unwrap_or_default();
        self.paged.windows.fill(Window { category, start, end: start + self.size, ..Window::default() })
    }

    fn running(&self) -> usize {
        let pages = self.courses.iter().flat_map(|course| &course.pages);
        let taking = self.taking.iter().filter(|over| !over.is_cancelled()).count();
        pages.filter(|page| !page.over().is_cancelled()).count() + taking
    }

    fn held(&self) -> usize {
        self.courses.iter().map(|course| course.pages.len()).sum()
    }

    /// The department whose windows are being taken.
    pub fn course(&mut self) -> &mut Course {
        self.courses.front_mut().expect("one is on its way")
    }
}
