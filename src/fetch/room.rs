//! The room that catalogue texts on their way may take together: one budget in bytes for all pages that are read ahead
//! and for their batches until these were judged.
//!
//! It never makes the page wait whose turn it is: whoever is read next goes on, so that the others come to an end.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// What pages that are read ahead may hold together: ten of small products, or a single one of the largest.
const BUDGET: usize = 4 * 1024 * 1024;
/// Permits are of so many bytes.
const UNIT: usize = 1024;

/// The budget of one reading of a catalogue.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<Semaphore>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(BUDGET / UNIT)))
    }
}

/// Says that it is a page's turn.
pub(super) type Turn = watch::Sender<bool>;

/// What one page holds of the budget.
#[derive(Debug)]
pub(super) struct Room {
    budget: Budget,
    turn: watch::Receiver<bool>,
    held: Option<OwnedSemaphorePermit>,
}

/// The part of a budget that a batch takes for as long as it is there.
#[derive(Debug, Default)]
pub(super) struct Taken(
    #[expect(dead_code, reason = "it only has to be there")] Option<OwnedSemaphorePermit>,
);

/// Two batches are equal whatever they take.
impl PartialEq for Taken {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Taken {}

impl Room {
    /// For a page that waits until it is its turn.
    pub fn ahead(budget: &Budget) -> (Self, Turn) {
        let (turn, told) = watch::channel(false);
        (Self { budget: budget.clone(), turn: told, held: None }, turn)
    }

    /// For what nobody is ahead of.
    pub fn first() -> Self {
        Self { budget: Budget::default(), turn: watch::channel(true).1, held: None }
    }

    /// Returns once `bytes` may be held, beside what went to batches: at once where there is room, and at the latest when
    /// it is this page's turn.
    pub async fn hold(&mut self, bytes: usize) {
        let had = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = bytes.div_ceil(UNIT).min(BUDGET / UNIT).saturating_sub(had);
        if more == 0 || *self.turn.borrow() {
            return;
        }
        let permits = u32::try_from(more).expect("no more than the whole budget");
        tokio::select! {
            biased;
            Ok(permit) = Arc::clone(&self.budget.0).acquire_many_owned(permits) => match &mut self.held {
                Some(held) => held.merge(permit),
                None => self.held = Some(permit),
            },
            _ = self.turn.wait_for(|turn| *turn) => {}
        }
    }

    /// The part of what is held that a batch of `bytes` takes with it.
    pub fn give(&mut self, bytes: usize) -> Taken {
        let had = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        Taken(self.held.as_mut().and_then(|held| held.split(bytes.div_ceil(UNIT).min(had))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Whether the room is there at once.
    async fn is_there(room: &mut Room, bytes: usize) -> bool {
        tokio::time::timeout(Duration::from_secs(1), room.hold(bytes)).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn pages_ahead_share_one_budget_and_whose_turn_it_is_waits_for_nobody() {
        let budget = Budget::default();
        let ((mut first, turn), (mut second, _not_yet)) = (Room::ahead(&budget), Room::ahead(&budget));
        assert!(is_there(&mut second, BUDGET - UNIT).await);
        assert!(!is_there(&mut first, 2 * UNIT).await, "the second page holds it");
        turn.send_replace(true);
        assert!(is_there(&mut first, BUDGET).await, "its turn has come");
        let (mut third, _not_yet) = Room::ahead(&budget);
        let batch = second.give(BUDGET - UNIT);
        drop(second);
        assert!(!is_there(&mut third, 2 * UNIT).await, "a batch takes its part with it");
        drop(batch);
        assert!(is_there(&mut third, BUDGET).await);
    }
}
