//! The way of a run through [`Admission`](super::Admission): how long it waits, what needs no permit, and what is said to
//! who gets none.
//!
//! A run is let in before it is claimed, so that one that is turned away leaves nothing behind.

use std::time::Duration;

use super::{
    Answer, Call, RunKey, Runner,
    admission::{Permit, Rank},
    claim::is_over,
};
use crate::{
    ledger::{Claim, RunRecord},
    report::Origin,
    step::Step,
};

/// The longest that a dry run waits. A run that counts waits for a quarter of its deadline.
const DRY_PATIENCE: Duration = Duration::from_secs(60);
/// When to come again.
const COME_AGAIN: Duration = Duration::from_secs(30);

const CROWDED: &str =
    "as much work as the memory allows is under way; nothing was begun, come again after Retry-After";
const CLOSING: &str = "this instance is being stopped; nothing was begun, come again";
const STOPPED: &str = "this instance is being stopped, and gave up this dry run; come again";
const LEFT: &str = "a run that counts took the place of this dry run; come again after Retry-After";

impl Runner {
    /// A permit for the work of a call, or why there is none. None is needed to open a thread, to wait for another
    /// instance, or for a run whose work is done and perhaps only not told yet.
    pub(super) async fn admitted(
        &self,
        call: &Call,
        key: &RunKey,
        record: &str,
    ) -> Result<Option<Permit>, Answer> {
        if !is_heavy(call) || call.options.dry_run {
            return self.admitted_now(call, key).await;
        }
        if !self.closing.is_cancelled()
            && let Some(permit) = self.admission.now(rank(call, key))
        {
            return Ok(Some(permit));
        }
        // A record that cannot be read is told by the claim.
        if let Ok(Some(read)) = self.threads.ledger.read::<RunRecord>(record).await {
            let (record, now) = (read.value, self.now());
            let others = |claim: &&Claim| claim.expires > now && !self.is_stale(claim);
            let is_claimed = record.claim.as_ref().filter(others).is_some();
            if (is_claimed || record.work_is_done()) && !is_over(&record, now) {
                return Ok(None);
            }
        }
        self.admitted_now(call, key).await
    }

    /// The same whatever the run's record says.
    pub(super) async fn admitted_now(&self, call: &Call, key: &RunKey) -> Result<Option<Permit>, Answer> {
        if !is_heavy(call) {
            return Ok(None);
        }
        let quarter = self.deadline / 4;
        let patience = if call.options.dry_run { DRY_PATIENCE.min(quarter) } else { quarter };
        tokio::select! {
            biased;
            () = self.closing.cancelled() => Err(Answer::stopping(key, CLOSING, None)),
            permit = self.admission.turn(rank(call, key)) => {
                permit.map(Some).map_err(|_| Answer::crowded(key, CROWDED, COME_AGAIN))
            }
            () = self.threads.clock.sleep(patience) => Err(Answer::crowded(key, CROWDED, COME_AGAIN)),
        }
    }

    /// What a dry run says that could not be waited for any longer.
    pub(super) fn stopped(&self, key: &RunKey) -> Answer {
        Answer::stopping(key, STOPPED, None)
    }

    /// What a dry run says that left for a run that counts.
    pub(super) fn left(&self, key: &RunKey) -> Answer {
        Answer::crowded(key, LEFT, COME_AGAIN)
    }
}

/// Whether the work reads a catalogue or a feed.
fn is_heavy(call: &Call) -> bool {
    call.step != Step::CreateThread
}

fn rank(call: &Call, key: &RunKey) -> Rank {
    match key.origin {
        _ if call.options.dry_run => Rank::Dry,
        Origin::Scheduled => Rank::Scheduled,
        _ => Rank::Manual,
    }
}
