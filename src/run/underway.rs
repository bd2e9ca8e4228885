//! A run as whoever called it sees it: how far it is, and how it ends.
//!
//! Whoever drops it cancels nothing.

use tokio::sync::watch;

use super::{Answer, Entry, RunKey};
use crate::progress::Progress;

/// A run that was begun or joined.
pub struct Underway {
    key: RunKey,
    progress: Progress,
    answer: watch::Receiver<Option<Answer>>,
}

impl Underway {
    pub(super) fn of(key: RunKey, entry: &Entry) -> Self {
        Self { key, progress: entry.progress.clone(), answer: entry.answer.clone() }
    }

    /// A call that no run is begun for.
    pub(super) fn answered(key: RunKey, answer: impl FnOnce(&RunKey) -> Answer) -> Self {
        let (_, answer) = watch::channel(Some(answer(&key)));
        Self { key, progress: Progress::default(), answer }
    }

    /// How far it is; of a run that is joined all who called it see the same.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// How it ended, once it has.
    pub async fn answer(&mut self) -> Answer {
        match self.answer.wait_for(Option::is_some).await {
            Ok(answer) => answer.clone().expect("waited for it"),
            Err(_) => Answer::internal(&self.key, "the run ended without an answer"),
        }
    }
}
