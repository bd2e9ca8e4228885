//! The claim on a run: who works on it, until when, and what there is to resume.
//!
//! Everything is decided by compare-and-set on the run's record.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{Call, RunKey, Runner};
use crate::{
    ledger::{BrokeOff, Claim, Held, LedgerError, RunRecord, Versioned, day_name, nonce},
    report::{Failure, Origin, RunInfo},
    schedule::{KNOWN, RETRIES_LAST},
    state::Generation,
};

/// How often somebody who waits for another instance's run looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// After its end, this long, a delivery of a forced run is a retry of it; later it is a new one.
const FORCED_AGAIN: SignedDuration = SignedDuration::from_secs(120);

/// What came of a claim.
pub(super) enum Claimed {
    /// The run is ours to do or to resume.
    Ours {
        /// The claim.
        held: Arc<Held>,
        /// The record with what earlier attempts left.
        before: Box<RunRecord>,
    },
    /// It is finished and reported already.
    Finished(Box<RunRecord>),
    /// The same key came with other options.
    OtherOptions,
    /// Another instance is at it and did not end within our deadline.
    Busy,
}

impl Runner {
    /// Claims the run, or tells why not. Waits while another instance is at it, until `deadline`.
    pub(super) async fn claim(
        &self,
        call: &Call,
        key: &RunKey,
        name: &str,
        deadline: Timestamp,
    ) -> Result<Claimed, Failure> {
        let nonce = format!("{}-{}", self.process, nonce());
        let ours = |record: RunRecord, generation, expires| {
            let (ledger, lease, before) =
                (&self.threads.ledger, self.threads.lease, Box::new(record.clone()));
            let held = Held::new(ledger, lease, name, nonce.clone(), (record, generation), expires);
            Ok(Claimed::Ours { held, before })
        };
        while self.now() < deadline {
            let now = self.now();
            let expires = now + self.threads.lease;
            let claim = Claim { nonce: nonce.clone(), expires };
            let (record, over) = match self.threads.ledger.read::<RunRecord>(name).await? {
                Some(Versioned { value: record, generation }) if !is_over(&record, now) => {
                    let is_claimed = |by: &dyn Fn(&Claim) -> bool| record.claim.as_ref().is_some_and(by);
                    if record.options != options(call) {
                        return Ok(Claimed::OtherOptions);
                    } else if record.finished.is_some() {
                        return Ok(Claimed::Finished(Box::new(record)));
                    } else if is_claimed(&|claim| claim.nonce == nonce) {
                        // Our own write, whose answer was lost.
                        return ours(record, generation, expires);
                    } else if is_claimed(&|other| other.expires > now && !self.is_stale(other)) {
                        self.threads.clock.sleep(LOOK_AGAIN).await;
                        continue;
                    }
                    (taken_over(record, claim, now), Some(generation))
                }
                read => (self.fresh(call, key, Some(claim)), read.map(|read| read.generation)),
            };
            if let Some(generation) = self.write_claim(name, &record, over).await? {
                log_broken_off(&record);
                tracing::info!(attempt = record.info.attempt, "the run is claimed");
                return ours(record, generation, expires);
            }
        }
        Ok(Claimed::Busy)
    }

    /// Writes a record with our claim over the version `over`; `None` where somebody was there before us.
    async fn write_claim(
        &self,
        name: &str,
        record: &RunRecord,
        over: Option<Generation>,
    ) -> Result<Option<Generation>, Failure> {
        let ledger = &self.threads.ledger;
        // A claim in another service's place would be in the way of its own run.
        for beside in [KNOWN, &day_name(record.info.day)] {
            ledger.turn_back_from_anothers(beside).await?;
        }
        match ledger.write(name, record, over).await {
            Ok(generation) => Ok(Some(generation)),
            Err(LedgerError::Moved(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// A claim of this process that no task of it uses: of one name there is one task at most, and it is asking.
    pub(super) fn is_stale(&self, claim: &Claim) -> bool {
        claim.nonce.strip_prefix(&self.process).is_some_and(|rest| rest.starts_with('-'))
    }

    /// The record of a run that nobody has begun.
    pub(super) fn fresh(&self, call: &Call, key: &RunKey, claim: Option<Claim>) -> RunRecord {
        let (key, origin, at) = (key.key.clone(), key.origin, key.at);
        let day = self.threads.schedule.day_of(at);
        RunRecord {
            info: RunInfo { step: call.step, key, origin, at, day, attempt: 1 },
            options: options(call),
            claim,
            built: None,
            outcome: None,
            intent: None,
            message: None,
            finished: None,
            active: Some(self.now()),
            broke_off: None,
        }
    }
}

fn options(call: &Call) -> String {
    serde_json::to_string(&call.options).expect("options are plain data")
}

fn log_broken_off(record: &RunRecord) {
    if let Some(BrokeOff { attempt, times }) = record.just_broke_off() {
        tracing::error!(
            attempt,
            times,
            "attempt {attempt} ended without an outcome: its instance was killed, crashed or froze; attempt {} takes the \
             run over",
            record.info.attempt
        );
    }
}

/// A claim that nobody gave back is one whose attempt died, or froze, with its work undone.
fn taken_over(mut record: RunRecord, claim: Claim, now: Timestamp) -> RunRecord {
    if record.claim.is_some() && !record.work_is_done() {
        let times = record.broke_off.map_or(0, |broke_off| broke_off.times) + 1;
        record.broke_off = Some(BrokeOff { attempt: record.info.attempt, times });
    }
    record.info.attempt += 1;
    record.claim = Some(claim);
    record.active = Some(now);
    record
}

/// Whether a forced run's time has passed, so that this call means another one: it ended a while ago, or nobody has
/// been at it for longer than its retries last.
pub(super) fn is_over(record: &RunRecord, now: Timestamp) -> bool {
    let silence = match record.finished {
        Some(end) => now.duration_since(end) - FORCED_AGAIN,
        None => now.duration_since(record.last_active()) - RETRIES_LAST,
    };
    record.info.origin == Origin::Forced && silence.is_positive()
}
