//! Second copies of messages: a post that was given up may land long after its successor looked, and only a later look
//! finds it.
//!
//! Whoever posts a message again leaves a doubt in the day's record; each run of that day and the next looks once more
//! and keeps the copy that the records name. It never touches a message that another instance is working on.

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{Threads, chat_failure, reconcile};
use crate::{
    chat::{Marker, Ts},
    ledger::{
        DayRecord, Doubt, Doubtful, GuideState, OpenThread, RunRecord, ThreadState, day_name, run_name,
    },
    report::Failure,
};

/// A copy that did not land until then never does.
const LANDS_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Doubts of a day that one run looks into: its own and some others, the oldest first. Slack allows some fifty looks a
/// minute, and later runs go on.
const LOOKS: usize = 3;

/// The copy that counts, its marker, and the thread it stands in.
struct Counts {
    keep: Ts,
    marker: Marker,
    thread: Option<Ts>,
}

impl Threads {
    /// Notes that a second copy of a message of `day` may still come.
    pub(crate) async fn note_doubt(&self, day: Date, doubt: Doubt) -> Result<(), Failure> {
        let note = |mut record: DayRecord| {
            record.doubt(doubt.clone());
            Some(record)
        };
        self.ledger.update::<DayRecord>(&day_name(day), note).await?;
        Ok(())
    }

    /// Looks for second copies of the messages of `day` and the day before, and puts them away. `ours` is the name of
    /// the record of the run that asks. What cannot be done is left to the next run.
    pub(crate) async fn settle(&self, day: Date, ours: &str, deadline: Timestamp) {
        for day in [Some(day), day.yesterday().ok()].into_iter().flatten() {
            if let Err(error) = self.settle_day(day, ours, deadline).await {
                tracing::warn!(%day, %error, "second copies of messages were not looked for; the next run does");
            }
        }
    }

    async fn settle_day(&self, day: Date, ours: &str, deadline: Timestamp) -> Result<(), Failure> {
        let Some(read) = self.ledger.read::<DayRecord>(&day_name(day)).await? else { return Ok(()) };
        let record = read.value;
        let ThreadState::Open(thread) = &record.thread else { return Ok(()) };
        let mut settled = Vec::new();
        let mut doubts: Vec<_> = record.doubts.iter().collect();
        doubts.sort_by_key(
            |doubt| !matches!(&doubt.of, Doubtful::Run { step, key } if run_name(*step, key) == ours),
        );
        for doubt in doubts.into_iter().take(LOOKS) {
            let Some(counts) = self.counts(day, thread, doubt, ours).await? else { continue };
            let looked_at = self.clock.now();
            let (calls, thread) = (self.calls(deadline), counts.thread.as_ref());
            reconcile::keep_only(calls, &counts.marker, thread, doubt.since, &counts.keep)
                .await
                .map_err(|error| chat_failure(&error))?;
            if looked_at.duration_since(doubt.posted) > LANDS_WITHIN {
                settled.push(doubt.clone());
            }
        }
        if !settled.is_empty() {
            let forget = |mut record: DayRecord| {
                record.doubts.retain(|doubt| !settled.contains(doubt));
                Some(record)
            };
            self.ledger.update::<DayRecord>(&day_name(day), forget).await?;
        }
        Ok(())
    }

    /// Which copy counts, unless somebody is about to decide that.
    async fn counts(
        &self,
        day: Date,
        thread: &OpenThread,
        doubt: &Doubt,
        ours: &str,
    ) -> Result<Option<Counts>, Failure> {
        Ok(match &doubt.of {
            Doubtful::Parent => Some(Counts {
                keep: thread.ts.clone(),
                marker: self.renderer.parent_marker(day),
                thread: None,
            }),
            Doubtful::Guide => match &thread.guide {
                GuideState::Posted { ts } => Some(Counts {
                    keep: ts.clone(),
                    marker: self.renderer.guide_marker(day),
                    thread: Some(thread.ts.clone()),
                }),
                GuideState::Posting { .. } => None,
            },
            Doubtful::Run { step, key } => {
                let name = run_name(*step, key);
                let Some(read) = self.ledger.read::<RunRecord>(&name).await? else { return Ok(None) };
                let is_anothers =
                    name != ours && read.value.claim.is_some_and(|claim| claim.expires > self.clock.now());
                read.value.message.filter(|_| !is_anothers).map(|message| Counts {
                    keep: message.ts,
                    marker: self.renderer.run_marker(*step, key),
                    thread: Some(message.thread_ts),
                })
            }
        })
    }
}
