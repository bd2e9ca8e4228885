//! Who may do heavy work: one at a time, for a catalogue or a feed of a million rows takes most of the memory that there
//! is. The others wait in line.
//!
//! A run that counts never waits for a dry run: a dry run that is at work leaves for it. Among those that wait a scheduled
//! run comes first, then those by hand, then dry runs.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// So many wait at most; a crowd costs memory, too.
const MOST_WAITING: usize = 64;

/// How much a run counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// It only looks.
    Dry,
    /// Somebody asked for it.
    Manual,
    /// It is due.
    Scheduled,
}

/// The line before the work.
#[derive(Default)]
pub struct Admission(Arc<Line>);

#[derive(Default)]
struct Line {
    state: Mutex<State>,
    arrived: AtomicU64,
}

#[derive(Default)]
struct State {
    at_work: Option<(Rank, CancellationToken)>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    rank: Rank,
    arrived: u64,
    admit: oneshot::Sender<Permit>,
}

/// Somebody at work, until it is dropped.
pub(super) struct Permit {
    line: Arc<Line>,
    leave: CancellationToken,
}

/// Too many wait who count as much or more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Admission {
    /// A permit at once, where nobody is at work.
    pub(super) fn now(&self, rank: Rank) -> Option<Permit> {
        let mut state = self.0.state();
        state.at_work.is_none().then(|| self.0.begin(&mut state, rank))
    }

    /// A permit once it is one's turn. Who does not want to wait any longer drops the future.
    pub(super) async fn turn(&self, rank: Rank) -> Result<Permit, Full> {
        let turn = {
            let mut state = self.0.state();
            if state.at_work.is_none() {
                return Ok(self.0.begin(&mut state, rank));
            }
            state.waiting.retain(|waiting| !waiting.admit.is_closed());
            if state.waiting.len() >= MOST_WAITING {
                let last = state
                    .waiting
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, one)| (one.rank, u64::MAX - one.arrived));
                match last.map(|(at, one)| (at, one.rank)) {
                    Some((at, lower)) if lower < rank => drop(state.waiting.remove(at)),
                    _ => return Err(Full),
                }
            }
            if let Some((Rank::Dry, leave)) = &state.at_work
                && rank > Rank::Dry
            {
                leave.cancel();
            }
            let (admit, turn) = oneshot::channel();
            let arrived = self.0.arrived.fetch_add(1, Ordering::Relaxed);
            state.waiting.push(Waiting { rank, arrived, admit });
            turn
        };
        turn.await.map_err(|_| Full)
    }
}

impl Line {
    fn begin(self: &Arc<Self>, state: &mut State, rank: Rank) -> Permit {
        let leave = CancellationToken::new();
        state.at_work = Some((rank, leave.clone()));
        Permit { line: Arc::clone(self), leave }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Ends when a run that counts more waits for the place of this dry run.
    pub async fn is_to_leave(&self) {
        self.leave.cancelled().await;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let next = {
            let mut state = self.line.state();
            state.at_work = None;
            state.waiting.retain(|waiting| !waiting.admit.is_closed());
            let first =
                state.waiting.iter().enumerate().max_by_key(|(_, one)| (one.rank, u64::MAX - one.arrived));
            first.map(|(at, _)| at).map(|at| {
                let waiting = state.waiting.remove(at);
                (waiting.admit, self.line.begin(&mut state, waiting.rank))
            })
        };
        // Where it was given up in this moment the permit is dropped right here, and the next one gets it.
        if let Some((admit, permit)) = next {
            let _ = admit.send(permit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::JoinHandle;

    use super::*;

    struct Tried(Arc<Admission>, Arc<Mutex<Vec<&'static str>>>);

    impl Tried {
        fn new() -> Self {
            Self(Arc::default(), Arc::default())
        }

        /// Somebody waits, and notes when it is its turn; its work is short.
        async fn waits(&self, rank: Rank, name: &'static str) -> JoinHandle<bool> {
            let (admission, log) = (Arc::clone(&self.0), Arc::clone(&self.1));
            let task = tokio::spawn(async move {
                let permit = admission.turn(rank).await;
                if permit.is_ok() {
                    log.lock().unwrap().push(name);
                }
                permit.is_ok()
            });
            tokio::time::sleep(Duration::from_millis(1)).await;
            task
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_is_at_work_and_who_counts_more_comes_first() {
        let line = Tried::new();
        let permit = line.0.now(Rank::Manual).unwrap();
        assert!(line.0.now(Rank::Scheduled).is_none());
        let mut tasks = Vec::new();
        for (rank, name) in [
            (Rank::Dry, "dry 1"),
            (Rank::Manual, "manual 1"),
            (Rank::Dry, "dry 2"),
            (Rank::Scheduled, "due 1"),
            (Rank::Manual, "manual 2"),
            (Rank::Scheduled, "due 2"),
        ] {
            tasks.push(line.waits(rank, name).await);
        }
        let given_up = line.waits(Rank::Scheduled, "given up").await;
        given_up.abort();
        assert!(line.1.lock().unwrap().is_empty(), "nobody gets in beside it");
        drop(permit);
        for task in tasks {
            assert!(task.await.unwrap());
        }
        assert_eq!(*line.1.lock().unwrap(), ["due 1", "due 2", "manual 1", "manual 2", "dry 1", "dry 2"]);
        assert!(line.0.now(Rank::Dry).is_some(), "and then there is room again");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dry_run_leaves_for_a_run_that_counts_and_for_no_other() {
        let line = Tried::new();
        let permit = line.0.now(Rank::Dry).unwrap();
        let other = line.waits(Rank::Dry, "dry").await;
        assert!(!permit.leave.is_cancelled());
        let due = line.waits(Rank::Scheduled, "due").await;
        permit.is_to_leave().await;
        drop(permit);
        assert!(due.await.unwrap() && other.await.unwrap());

        let permit = line.0.now(Rank::Manual).unwrap();
        let due = line.waits(Rank::Scheduled, "due").await;
        assert!(!permit.leave.is_cancelled(), "what somebody asked for is ended");
        drop(permit);
        assert!(due.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_is_turned_away_and_who_counts_more_is_not() {
        let line = Tried::new();
        let permit = line.0.now(Rank::Manual).unwrap();
        let mut tasks = Vec::new();
        for _ in 0..MOST_WAITING {
            tasks.push(line.waits(Rank::Dry, "dry").await);
        }
        assert_eq!(line.0.turn(Rank::Dry).await.err(), Some(Full));
        let due = line.waits(Rank::Scheduled, "due").await;
        let last = tasks.pop().unwrap();
        assert!(!last.await.unwrap(), "the last one made room");
        drop(permit);
        assert!(due.await.unwrap());
        for task in tasks {
            assert!(task.await.unwrap());
        }
        assert_eq!(line.1.lock().unwrap()[0], "due");
    }
}
