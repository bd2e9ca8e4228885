//! The claim on a run: who works on it, until when, and what there is to resume.
//!
//! Everything is decided by compare-and-set on the run's record. Whoever cannot renew a claim has lost it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{sync::Mutex, task::AbortHandle};
use tracing::Instrument;

use super::{Call, Runner, key::RunKey};
use crate::{
    ledger::{Claim, Ledger, LedgerError, RunRecord},
    report::{Failure, FailureKind, Origin},
    state::Generation,
    thread::nonce,
};

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

/// A claim that is ours, with the record as we last wrote it.
pub(super) struct Held {
    name: String,
    state: Mutex<(RunRecord, Generation)>,
}

impl Runner {
    pub(super) async fn claim(
        &self,
        call: &Call,
        key: &RunKey,
        name: &str,
        deadline: Timestamp,
    ) -> Result<Claimed, Failure> {
        let options = serde_json::to_string(&call.options).expect("options are plain data");
        let nonce = nonce();
        while self.clock.now() < deadline {
            let now = self.clock.now();
            let claim = Claim { nonce: nonce.clone(), expires: now + self.lease };
            let read = self.ledger.read::<RunRecord>(name).await?;
            let (record, generation) = match read {
                None => (self.fresh(call, key, &options, claim), None),
                Some(versioned) => {
                    let record = versioned.value;
                    if ended_long_ago(&record, now) {
                        (self.fresh(call, key, &options, claim), Some(versioned.generation))
                    } else if record.options != options {
                        return Ok(Claimed::OtherOptions);
                    } else if record.finished.is_some() {
                        return Ok(Claimed::Finished(Box::new(record)));
                    } else if record.claim.as_ref().is_some_and(|other| other.expires > now) {
                        self.clock.sleep(LOOK_AGAIN).await;
                        continue;
                    } else {
                        (taken_over(record, claim), Some(versioned.generation))
                    }
                }
            };
            match self.ledger.write(name, &record, generation).await {
                Ok(generation) => {
                    let held =
                        Held { name: name.to_owned(), state: Mutex::new((record.clone(), generation)) };
                    return Ok(Claimed::Ours { held: Arc::new(held), before: Box::new(record) });
                }
                Err(LedgerError::Moved(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(Claimed::Busy)
    }

    fn fresh(&self, call: &Call, key: &RunKey, options: &str, claim: Claim) -> RunRecord {
        RunRecord {
            info: self.info(call.route, key, 1),
            options: options.to_owned(),
            claim: Some(claim),
            build: None,
            outcome: None,
            intent: None,
            message: None,
            finished: None,
        }
    }
}

fn taken_over(mut record: RunRecord, claim: Claim) -> RunRecord {
    record.info.attempt += 1;
    record.claim = Some(claim);
    record
}

fn ended_long_ago(record: &RunRecord, now: Timestamp) -> bool {
    record.info.origin == Origin::Forced
        && record.finished.is_some_and(|end| now.duration_since(end) > FORCED_AGAIN)
}

impl Held {
    /// Changes the record; fails where the claim was lost.
    pub(super) async fn update(
        &self,
        ledger: &Ledger,
        change: impl FnOnce(&mut RunRecord),
    ) -> Result<(), Failure> {
        let mut state = self.state.lock().await;
        let mut record = state.0.clone();
        change(&mut record);
        match ledger.write(&self.name, &record, Some(state.1)).await {
            Ok(generation) => {
                *state = (record, generation);
                Ok(())
            }
            Err(LedgerError::Moved(object)) => Err(Failure {
                failure: FailureKind::State,
                detail: format!(
                    "the claim on {object} was lost to another instance; it goes on with the run"
                ),
                retryable: true,
            }),
            Err(other) => Err(other.into()),
        }
    }

    /// Renews the claim now: done right before an effect that people see. It fails where another took the run over.
    pub(super) async fn renew(&self, runner: &Runner) -> Result<(), Failure> {
        let expires = runner.clock.now() + runner.lease;
        // A claim that was given back meanwhile stays so.
        let renew =
            |record: &mut RunRecord| record.claim.iter_mut().for_each(|claim| claim.expires = expires);
        self.update(&runner.ledger, renew).await
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

    /// Gives the claim back, so that a retry need not wait for it to expire.
    pub(super) async fn release(&self, runner: &Runner) {
        if let Err(error) = self.update(&runner.ledger, |record| record.claim = None).await {
            tracing::warn!(%error, "the claim could not be given back; it expires by itself");
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
