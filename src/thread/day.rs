//! What the day's thread says of the day as a whole: its slots, and the parent that shows them.
//!
//! A run of the schedule has a slot of its own. A run by hand has none: what it tells of the public feed is noted at
//! the newest slot of its step, of today or yesterday.

use jiff::{Timestamp, civil::Date};

use super::Threads;
use crate::{
    chat::{ChatError, ChatErrorKind},
    ledger::{ByHand, DayRecord, LedgerError, OpenThread, Outcome, SlotRecord, ThreadState, day_name},
    report::{Board, Failure, Origin, RunInfo, Slot, SlotOutcome},
    schedule::DueSlot,
    step::Step,
};

/// How the parent took an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parent {
    /// It shows how things stand.
    Shown,
    /// It is there, and may not be edited any more.
    Closed,
    /// People deleted it.
    Gone,
    /// Nobody can say.
    Unknown(ChatError),
}

/// How often the parent is redrawn when runs keep finishing meanwhile.
const REDRAWS: usize = 5;

impl Threads {
    /// Notes a finished run in the day's record and redraws the parent; `since` when what is wrong was wrong before. A
    /// note that fails is an error, for without it a run of the schedule would count as missed; a redraw that fails is a
    /// warning, made good by the next run of the day.
    pub(crate) async fn finished(
        &self,
        run: &RunInfo,
        outcome: &Outcome,
        since: Option<Timestamp>,
        thread: &OpenThread,
        deadline: Timestamp,
    ) -> Result<Parent, Failure> {
        let shown = SlotOutcome { since, ..outcome.report.slot_outcome() };
        self.shown(run, outcome, shown, thread, Some(false), deadline).await
    }

    /// The same; `replies_refused` where the run learnt whether replies are taken.
    async fn shown(
        &self,
        run: &RunInfo,
        outcome: &Outcome,
        shown: SlotOutcome,
        thread: &OpenThread,
        replies_refused: Option<bool>,
        deadline: Timestamp,
    ) -> Result<Parent, Failure> {
        let (record, noted) = self.note(run.day, run, outcome, &shown, replies_refused).await?;
        let parent = self.redraw(run.day, record.clone(), thread, deadline).await;
        let has_slot = record.slots.iter().any(|slot| slot.step == run.step && slot.at <= run.at);
        if !noted
            && !has_slot
            && outcome.report.tells_of_the_feed()
            && let Ok(day) = run.day.yesterday()
        {
            let (record, noted) = self.note(day, run, outcome, &shown, None).await?;
            if let (true, ThreadState::Open(thread)) = (noted, record.thread.clone()) {
                self.redraw(day, record, &thread, deadline).await;
            }
        }
        Ok(parent)
    }

    /// Shows a run in the parent whose message could not be posted. Where replies were `refused` for good that is
    /// remembered: that the parent may be edited proves nothing then.
    pub(crate) async fn untold(
        &self,
        run: &RunInfo,
        outcome: &Outcome,
        thread: &OpenThread,
        refused: bool,
        deadline: Timestamp,
    ) {
        // Nobody was called for it.
        let shown = SlotOutcome { causes: Vec::new(), ..outcome.report.slot_outcome() };
        if let Err(failure) = self.shown(run, outcome, shown, thread, refused.then_some(true), deadline).await
        {
            tracing::warn!(%failure, "that the run could not be told is not noted");
        }
    }

    /// The day's record as it is then, and whether there was a place in it for the run.
    async fn note(
        &self,
        day: Date,
        run: &RunInfo,
        outcome: &Outcome,
        shown: &SlotOutcome,
        replies_refused: Option<bool>,
    ) -> Result<(DayRecord, bool), LedgerError> {
        let mut noted = false;
        let record = self
            .ledger
            .update::<DayRecord>(&day_name(day), |mut record| {
                noted = match run.origin {
                    Origin::Scheduled => take_slot(&mut record, run, outcome, shown),
                    Origin::Forced | Origin::Manual => note_by_hand(&mut record, run, outcome, shown),
                };
                let before = record.replies_refused;
                record.replies_refused = replies_refused.unwrap_or(before);
                (noted || record.replies_refused != before).then_some(record)
            })
            .await?;
        Ok((record, noted))
    }

    /// The day at a glance: its slots, and what was run at other times.
    pub(crate) fn board(&self, day: Date, record: &DayRecord) -> Board {
        let mut times = self.schedule.slots(day);
        times.extend(record.slots.iter().map(|done| DueSlot { at: done.at, step: done.step }));
        times.retain(|slot| slot.step != Step::CreateThread);
        times.sort();
        times.dedup();
        let mut slots: Vec<Slot> = Vec::new();
        for DueSlot { at, step } in times {
            let done = record.slots.iter().find(|done| (done.step, done.at) == (step, at));
            let slot = Slot {
                time: self.schedule.time_of(at),
                step,
                outcome: done.map(|done| done.outcome.clone()),
                by_hand: done.and_then(|done| done.by_hand.clone()).map(|by_hand| by_hand.outcome),
            };
            // A time that exists twice is one slot, whichever of the two was run.
            match slots.iter_mut().find(|other| (other.step, &other.time) == (step, &slot.time)) {
                None => slots.push(slot),
                Some(other) if slot.outcome.is_some() => *other = slot,
                Some(_) => {}
            }
        }
        Board { day, slots }
    }

    async fn redraw(
        &self,
        day: Date,
        mut record: DayRecord,
        thread: &OpenThread,
        deadline: Timestamp,
    ) -> Parent {
        if record.closed.is_some() {
            return Parent::Closed;
        }
        for _ in 0..REDRAWS {
            match self.show(day, &record, thread, deadline).await {
                Parent::Shown => {}
                other => return other,
            }
            match self.ledger.read::<DayRecord>(&day_name(day)).await {
                Ok(Some(again)) if again.value.slots != record.slots => record = again.value,
                _ => break,
            }
        }
        Parent::Shown
    }

    /// Edits the parent to how things stand.
    pub(super) async fn show(
        &self,
        day: Date,
        record: &DayRecord,
        thread: &OpenThread,
        deadline: Timestamp,
    ) -> Parent {
        let parent = self.renderer.parent(&self.board(day, record));
        let Err(error) = self.calls(deadline).update(&thread.ts, &parent).await else { return Parent::Shown };
        tracing::warn!(%day, %error, "the parent could not be redrawn; the next run makes it good");
        match error.kind {
            ChatErrorKind::Closed => Parent::Closed,
            ChatErrorKind::Gone => Parent::Gone,
            _ => Parent::Unknown(error),
        }
    }
}

/// A run of the schedule takes its slot. What a run by hand told of the public feed stands beside it until the slot's
/// own run tells of that, too.
fn take_slot(record: &mut DayRecord, run: &RunInfo, outcome: &Outcome, shown: &SlotOutcome) -> bool {
    let is_it = |slot: &SlotRecord| (slot.at, slot.step) == (run.at, run.step);
    let earlier = record.slots.iter().find(|slot| is_it(slot)).and_then(|slot| slot.by_hand.clone());
    let by_hand = earlier.filter(|_| !outcome.report.tells_of_the_feed());
    record.slots.retain(|slot| !is_it(slot));
    record.slots.push(SlotRecord { at: run.at, step: run.step, outcome: shown.clone(), by_hand });
    record.slots.sort_by_key(|slot| slot.at);
    true
}

/// A run by hand is noted at the newest slot of its step that is done; false where there is none, or where a newer
/// one is noted.
fn note_by_hand(record: &mut DayRecord, run: &RunInfo, outcome: &Outcome, shown: &SlotOutcome) -> bool {
    let newest = record
        .slots
        .iter_mut()
        .filter(|slot| slot.step == run.step && slot.at <= run.at)
        .max_by_key(|s| s.at);
    match newest {
        Some(slot)
            if outcome.report.tells_of_the_feed()
                && slot.by_hand.as_ref().is_none_or(|noted| noted.at <= run.at) =>
        {
            slot.by_hand = Some(ByHand { at: run.at, outcome: shown.clone() });
            true
        }
        _ => false,
    }
}
