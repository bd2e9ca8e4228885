//! The claim on a run: who works on it, until when, and what there is to resume.
//!
//! Everything is decided by compare-and-set on the run's record. Whoever cannot renew a claim has lost it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{Mutex, watch},
    task::AbortHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Call, Runner, key::RunKey};
use crate::{
    clock::Clock,
    ledger::{BrokeOff, Claim, Ledger, LedgerError, RunRecord, day_name},
    report::{Failure, FailureKind, Origin},
    schedule::{KNOWN, RETRIES_LAST},
    state::Generation,
    thread::nonce,
};

/// How often somebody who waits for another instance's run looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often one change of the record is written anew where an earlier write of ours was in the way.
const WRITES: usize = 3;
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

/// A claim that is ours, with the record as we last wrote it.
pub(super) struct Held {
    name: String,
    nonce: String,
    state: Mutex<(RunRecord, Generation)>,
    /// Until when nobody else may take the run over.
    expires: watch::Sender<Timestamp>,
    /// Cancelled once somebody else was seen to hold the run.
    taken: CancellationToken,
}

impl Claimed {
    fn ours(
        name: &str,
        nonce: String,
        record: RunRecord,
        generation: Generation,
        expires: Timestamp,
    ) -> Self {
        // What the record says of an earlier try of the same write is the earlier of the two.
        let expires = record.claim.as_ref().map_or(expires, |claim| claim.expires.min(expires));
        let before = Box::new(record.clone());
        let held = Held {
            name: name.to_owned(),
            nonce,
            state: Mutex::new((record, generation)),
            expires: watch::channel(expires).0,
            taken: CancellationToken::new(),
        };
        Self::Ours { held: Arc::new(held), before }
    }
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
                        return Ok(Claimed::ours(name, nonce, record, generation, expires));
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
                    return Ok(Claimed::ours(name, nonce, record, generation, expires));
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
            info: self.info(call.step, key, 1),
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

impl Held {
    /// Changes the record; fails where the claim was lost. `change` may be called more than once.
    pub(super) async fn update(
        &self,
        ledger: &Ledger,
        change: impl Fn(&mut RunRecord),
    ) -> Result<(), Failure> {
        let mut state = self.state.lock().await;
        for _ in 0..WRITES {
            let mut record = state.0.clone();
            change(&mut record);
            match ledger.write(&self.name, &record, Some(state.1)).await {
                Ok(generation) => {
                    *state = (record, generation);
                    return Ok(());
                }
                // An earlier write of ours whose answer was lost, or another's: only the content tells.
                Err(LedgerError::Moved(_)) => match ledger.read::<RunRecord>(&self.name).await? {
                    Some(read) if self.is_ours(&read.value) => *state = (read.value, read.generation),
                    _ => break,
                },
                Err(other) => return Err(other.into()),
            }
        }
        self.taken.cancel();
        Err(self.lost_to_another())
    }

    /// The name of the run's record.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The record as we last wrote it.
    pub(super) async fn record(&self) -> RunRecord {
        self.state.lock().await.0.clone()
    }

    /// Renews the claim where less of it is left than `needed`.
    pub(super) async fn renew_for(&self, runner: &Runner, needed: Duration) -> Result<(), Failure> {
        let left = self.expires.borrow().duration_since(runner.clock.now());
        if Duration::try_from(left).is_ok_and(|left| left >= needed) {
            Ok(())
        } else {
            self.renew(runner).await
        }
    }

    /// Renews the claim now: done right before an effect that people see. It fails where another took the run over.
    pub(super) async fn renew(&self, runner: &Runner) -> Result<(), Failure> {
        self.renew_and(runner, |_| {}).await
    }

    /// The same with a change of the record in one write.
    pub(super) async fn renew_and(
        &self,
        runner: &Runner,
        change: impl Fn(&mut RunRecord),
    ) -> Result<(), Failure> {
        let expires = runner.clock.now() + runner.lease;
        // A claim that was given back meanwhile stays so.
        let renew = |record: &mut RunRecord| {
            change(record);
            record.claim.iter_mut().for_each(|claim| claim.expires = expires);
        };
        self.update(&runner.ledger, renew).await?;
        self.expires.send_if_modified(|known| {
            let later = expires > *known;
            *known = expires.max(*known);
            later
        });
        Ok(())
    }

    /// Renews the claim every third of the lease until the guard is dropped.
    pub(super) fn renew_until_dropped(self: &Arc<Self>, runner: Arc<Runner>) -> Renewal {
        let held = Arc::clone(self);
        let renew = async move {
            loop {
                runner.clock.sleep(runner.lease / 3).await;
                if let Err(error) = held.renew(&runner).await {
                    tracing::warn!(%error, "the claim could not be renewed");
                }
            }
        };
        Renewal(tokio::spawn(renew.in_current_span()).abort_handle())
    }

    /// Returns once the claim is not ours any more: another has it, or it was not renewed in time and another may
    /// have it. Whatever was being done must then be left as it is.
    pub(super) async fn lost(&self, clock: &dyn Clock) -> Failure {
        let mut expires = self.expires.subscribe();
        let lapsed = async {
            loop {
                let until = *expires.borrow_and_update();
                let left = until.duration_since(clock.now());
                match Duration::try_from(left) {
                    Ok(left) if !left.is_zero() => clock.sleep(left).await,
                    _ => break,
                }
            }
        };
        tokio::select! {
            biased;
            () = self.taken.cancelled() => self.lost_to_another(),
            () = lapsed => Failure {
                failure: FailureKind::State,
                detail: format!(
                    "the claim on {} could not be renewed within LEASE, so another instance may go on with the run; this one stopped",
                    self.name
                ),
                retryable: true,
            },
        }
    }

    /// Gives the claim back, so that a retry need not wait for it to expire.
    pub(super) async fn release(&self, runner: &Runner) {
        let now = runner.clock.now();
        let given = self.update(&runner.ledger, |record| {
            record.claim = None;
            record.active = Some(now);
        });
        let patience = runner.clock.sleep(runner.lease / 3);
        tokio::select! {
            given = given => if let Err(error) = given {
                tracing::warn!(%error, "the claim could not be given back; it expires by itself");
            },
            () = patience => tracing::warn!("the claim could not be given back in time; it expires by itself"),
        }
    }

    fn is_ours(&self, record: &RunRecord) -> bool {
        record.claim.as_ref().is_some_and(|claim| claim.nonce == self.nonce)
    }

    fn lost_to_another(&self) -> Failure {
        Failure {
            failure: FailureKind::State,
            detail: format!(
                "the claim on {} was lost to another instance; it goes on with the run",
                self.name
            ),
            retryable: true,
        }
    }
}

/// Ends the renewal when dropped.
pub(super) struct Renewal(AbortHandle);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}
