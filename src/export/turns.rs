//! The turns of a build: batches are judged in any order, and what comes of them is collected in their own.
//!
//! Whoever hands on a part whose turn has come collects it, and what waits behind it, while it is at hand; every other
//! part is left for them, so that no judge waits for another but one that is far ahead. What may have to wait for a store
//! is for whoever keeps the build, and meanwhile nobody collects. It never judges, and never knows what a part holds.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use super::{collect::Collected, outcome::Judged};
use crate::progress::Progress;

/// Parts of one batch that wait for their turn: as many as most batches have. The judge of one with more waits, too.
const PARTS: usize = 2;
/// The same where memory is dear.
const PARTS_OF_LARGE: usize = 1;

/// The order of the batches, and who collects.
pub(super) struct Turns<R> {
    line: Mutex<Line<R>>,
    /// There is something to do for whoever keeps the build.
    due: Notify,
    /// A part was taken.
    taken: Condvar,
    progress: Progress,
    /// Whether what is published may have to be known at the cap.
    replaces: bool,
}

struct Line<R> {
    /// What was collected, while nobody is at it.
    collected: Option<Box<Collected>>,
    /// Batches whose last part was not collected yet, in their order.
    batches: VecDeque<Waiting<R>>,
    /// How many came before them.
    before: u64,
    /// Judges that wait for a part to be taken.
    blocked: usize,
    /// Nothing is collected until whoever keeps the build has seen to it.
    is_due: bool,
    /// Memory is dear.
    is_large: bool,
    /// The last batch has its place.
    is_whole: bool,
    is_lost: bool,
    is_closed: bool,
}

/// The parts of a batch that wait, and what it takes of the room for all of them.
struct Waiting<R> {
    parts: VecDeque<Judged>,
    _room: R,
}

/// A batch's place in the order, for its judge.
pub(super) struct Place<R> {
    turns: Arc<Turns<R>>,
    nth: u64,
    /// The last part was handed on.
    is_over: bool,
}

/// A judge died over its batch, or over what it collected, so that the build is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost;

/// What was collected, where somebody has to see to it.
pub(super) struct Due {
    pub(super) collected: Box<Collected>,
    /// So many products come next.
    pub(super) more: usize,
    /// All of it was.
    pub(super) is_over: bool,
}

/// Whoever keeps the build. Without them nothing is collected any more, and judges are told so.
pub(super) struct Keeper<R>(Arc<Turns<R>>);

impl<R> Turns<R> {
    /// Of a build of which nothing was collected yet. `replaces` says whether it may take another one's place.
    pub(super) fn new(collected: Collected, replaces: bool, progress: &Progress) -> (Arc<Self>, Keeper<R>) {
        let line = Line {
            collected: Some(Box::new(collected)),
            batches: VecDeque::new(),
            before: 0,
            blocked: 0,
            is_due: false,
            is_large: false,
            is_whole: false,
            is_lost: false,
            is_closed: false,
        };
        let (line, progress) = (Mutex::new(line), progress.clone());
        let (due, taken) = Default::default();
        let turns = Arc::new(Self { line, due, taken, progress, replaces });
        (Arc::clone(&turns), Keeper(turns))
    }

    /// A place behind all others, for a batch that takes so much room until its last part is collected.
    pub(super) fn place(self: &Arc<Self>, room: R) -> Place<R> {
        let mut line = self.line();
        line.batches.push_back(Waiting { parts: VecDeque::new(), _room: room });
        Place { nth: line.before + line.batches.len() as u64 - 1, turns: Arc::clone(self), is_over: false }
    }

    /// Whether so much was collected that memory is dearer than time.
    pub(super) fn is_large(&self) -> bool {
        self.line().is_large
    }

    /// No further batch comes.
    pub(super) fn end(&self) {
        self.line().is_whole = true;
        self.due.notify_one();
    }

    /// Collects what has its turn, if nobody else does.
    fn collect(&self) {
        let mut line = self.line();
        while let Some((mut collected, part)) = line.next(self.replaces) {
            drop(line);
            let is_last = part.is_last;
            collected.take(part);
            let is_due = collected.is_due();
            line = self.line();
            if line.is_closed {
                // It may be large, and whoever is told next need not wait for its end.
                drop(line);
                return;
            }
            self.progress.reach(collected.tally.elements);
            if !line.is_large && collected.is_large() {
                line.is_large = true;
                collected.keep_no_room();
            }
            (line.collected, line.is_due) = (Some(collected), is_due);
            if is_last && line.batches.pop_front().is_some() {
                line.before += 1;
            }
            if line.blocked > 0 {
                self.taken.notify_all();
            }
        }
        if line.collected.is_some() && (line.is_due || line.is_over()) {
            self.due.notify_one();
        }
    }

    fn line(&self) -> MutexGuard<'_, Line<R>> {
        // Whoever died did not die over the order.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> Line<R> {
    /// The part whose turn it is, where it is there and may be collected, and what it goes to. Where something has to be
    /// seen to before it, that is due from now on.
    fn next(&mut self, replaces: bool) -> Option<(Box<Collected>, Judged)> {
        if self.is_due || self.is_closed {
            return None;
        }
        let parts = &mut self.batches.front_mut()?.parts;
        let (collected, part) = (self.collected.as_ref()?, parts.front()?);
        if replaces && collected.needs_expected(part.products()) {
            self.is_due = true;
            return None;
        }
        self.collected.take().zip(parts.pop_front())
    }

    fn is_over(&self) -> bool {
        self.is_whole && self.batches.is_empty()
    }
}

impl<R> Place<R> {
    /// Hands on the next part of the batch, the last one for [`Self::end`] to collect; false where nobody wants more.
    pub(super) fn hand_on(&mut self, part: Judged) -> bool {
        let turns = &*self.turns;
        let mut line = turns.line();
        self.is_over = part.is_last;
        loop {
            if line.is_closed {
                return false;
            }
            let at = usize::try_from(self.nth - line.before).expect("a few batches have places");
            let most = if line.is_large { PARTS_OF_LARGE } else { PARTS };
            let parts = &mut line.batches[at].parts;
            if parts.len() < most {
                parts.push_back(part);
                break;
            }
            line.blocked += 1;
            line = turns.taken.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.blocked -= 1;
        }
        drop(line);
        if !self.is_over {
            turns.collect();
        }
        true
    }

    /// Collects what has its turn, once nothing is held any more of a batch whose last part was handed on.
    pub(super) fn end(self) {
        self.turns.collect();
    }
}

impl<R> Drop for Place<R> {
    fn drop(&mut self) {
        if !self.is_over || std::thread::panicking() {
            self.turns.line().is_lost = true;
            self.turns.due.notify_one();
        }
    }
}

impl<R> Keeper<R> {
    /// Waits until there is something to see to, or everything was collected.
    pub(super) async fn next(&self) -> Result<Due, Lost> {
        let Self(turns) = self;
        loop {
            {
                let line = &mut *turns.line();
                if line.is_lost {
                    return Err(Lost);
                }
                let (is_over, next) = (line.is_over(), line.batches.front());
                let more = next.and_then(|batch| batch.parts.front()).map_or(0, Judged::products);
                if (line.is_due || is_over)
                    && let Some(collected) = line.collected.take()
                {
                    return Ok(Due { collected, more, is_over });
                }
            }
            turns.due.notified().await;
        }
    }

    /// It was seen to.
    pub(super) fn go_on(&self, collected: Box<Collected>) {
        let mut line = self.0.line();
        (line.collected, line.is_due) = (Some(collected), false);
        drop(line);
        self.0.collect();
    }
}

impl<R> Drop for Keeper<R> {
    fn drop(&mut self) {
        let mut line = self.0.line();
        line.is_closed = true;
        let given_up = (line.collected.take(), std::mem::take(&mut line.batches));
        drop(line);
        self.0.taken.notify_all();
        drop(given_up);
    }
}

#[cfg(test)]
mod tests;
