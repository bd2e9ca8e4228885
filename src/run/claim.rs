//! The claim on a run: who works on it, until when, and what there is to resume.
//!
//! Everything is decided by compare-and-set on the run's record.

use std::{sync::Arc, time::Duration};

use super::{Call, Runner, key::RunKey};
use crate::{
    ledger::{BrokeOff, Claim, Held, LedgerError, RunRecord, day_name, nonce},
    report::{Failure, Origin},
    schedule::{KNOWN, RETRIES_LAST},
};
use jiff::Timestamp;

/// How often somebody who waits for another instance's run looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// After its end, this long, a delivery of a forced run is a retry of it; later it is a new one.
const FORCED_AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(120);

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
        let options = serde_json::to_string(&call.options).expect("options are plain data");
        let nonce = format!("{}-{}", self.process, nonce());
        let ours = |record: RunRecord, generation, nonce, expires| {
            let before = Box::new(record.clone());
            let held = Held::new(&self.ledger, self.lease, name, nonce, (record, generation), expires);
            Claimed::Ours { held, before }
        };
        while self.clock.now() < deadline {
            let now = self.clock.now();
            let expires = now + self.lease;
            let claim = Claim { nonce: nonce.clone(), expires };
            let read = self.ledger.read::<RunRecord>(name).await?;
            let (record, generation) = match read {
                None => (self.fresh(call, key, &options, claim), None),
                Some(versioned) => {
                    let record = versioned.value;
                    if is_over(&record, now) {
                        (self.fresh(call, key, &options, claim), Some(versioned.generation))
                    } else if record.options != options {
                        return Ok(Claimed::OtherOptions);
                    } else if record.finished.is_some() {
                        return Ok(Claimed::Finished(Box::new(record)));
                    } else if record.claim.as_ref().is_some_and(|claim| claim.nonce == nonce) {
                        // Our own write, whose answer was lost.
                        let generation = versioned.generation;
                        return Ok(ours(record, generation, nonce, expires));
                    } else if record
                        .claim
                        .as_ref()
                        .is_some_and(|other| other.expires > now && !self.is_stale(other))
                    {
                        self.clock.sleep(LOOK_AGAIN).await;
                        continue;
                    } else {
                        (taken_over(record, claim, now), Some(versioned.generation))
                    }
                }
            };
            // A claim in another service's place would be in the way of its own run.
            for beside in [KNOWN, &day_name(record.info.day)] {
                self.ledger.turn_back_from_anothers(beside).await?;
            }
            match self.ledger.write(name, &record, generation).await {
                Ok(generation) => {
                    if let Some(broke_off) = record.just_broke_off() {
                        tracing::error!(
                            attempt = broke_off.attempt,
                            times = broke_off.times,
                            "attempt {} ended without an outcome: its instance was killed, crashed or froze; attempt {} \
                             takes the run over",
                            broke_off.attempt,
                            record.info.attempt
                        );
                    }
                    return Ok(ours(record, generation, nonce, expires));
                }
                Err(LedgerError::Moved(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(Claimed::Busy)
    }

    /// A claim of this process that no task of it uses: of one name there is one task at most, and it is asking.
    pub(super) fn is_stale(&self, claim: &Claim) -> bool {
        claim.nonce.strip_prefix(&self.process).is_some_and(|rest| rest.starts_with('-'))
    }

    fn fresh(&self, call: &Call, key: &RunKey, options: &str, claim: Claim) -> RunRecord {
        RunRecord {
            info: self.info(call.route, key, 1),
            options: options.to_owned(),
            claim: Some(claim),
            built: None,
            outcome: None,
            intent: None,
            message: None,
            finished: None,
            active: Some(self.clock.now()),
            broke_off: None,
        }
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
