//! A claim on a run that is ours: its record changes through it alone, and whoever cannot renew it has lost it.
//!
//! It never claims anything; whether a run may be taken over is for whoever claims.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{Mutex, watch},
    task::AbortHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Ledger, LedgerError, RunRecord};
use crate::{
    report::{Failure, FailureKind},
    state::Generation,
};

/// How often one change of the record is written anew where an earlier write of ours was in the way.
const WRITES: usize = 3;

/// How much of a lease one call to a service may take, all its tries included: it is over before anybody else may take
/// the run over, whatever it does.
pub(crate) fn call_limit(lease: Duration) -> Duration {
    lease * 2 / 3
}

/// A claim that is ours, with the record as we last wrote it.
pub(crate) struct Held {
    ledger: Ledger,
    lease: Duration,
    name: String,
    nonce: String,
    state: Mutex<(RunRecord, Generation)>,
    /// Until when nobody else may take the run over.
    expires: watch::Sender<Timestamp>,
    /// Cancelled once somebody else was seen to hold the run.
    taken: CancellationToken,
}

impl Held {
    /// The claim of `nonce` on the record `name`, which was written as it is here.
    pub(crate) fn new(
        ledger: &Ledger,
        lease: Duration,
        name: &str,
        nonce: String,
        (record, generation): (RunRecord, Generation),
        expires: Timestamp,
    ) -> Arc<Self> {
        // What the record says of an earlier try of the same write is the earlier of the two.
        let expires = record.claim.as_ref().map_or(expires, |claim| claim.expires.min(expires));
        Arc::new(Self {
            ledger: ledger.clone(),
            lease,
            name: name.to_owned(),
            nonce,
            state: Mutex::new((record, generation)),
            expires: watch::channel(expires).0,
            taken: CancellationToken::new(),
        })
    }

    /// Changes the record; fails where the claim was lost. `change` may be called more than once.
    pub(crate) async fn update(&self, change: impl Fn(&mut RunRecord)) -> Result<(), Failure> {
        let mut state = self.state.lock().await;
        for _ in 0..WRITES {
            let mut record = state.0.clone();
            change(&mut record);
            match self.ledger.write(&self.name, &record, Some(state.1)).await {
                Ok(generation) => {
                    *state = (record, generation);
                    return Ok(());
                }
                // An earlier write of ours whose answer was lost, or another's: only the content tells.
                Err(LedgerError::Moved(_)) => match self.ledger.read::<RunRecord>(&self.name).await? {
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
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The record as we last wrote it.
    pub(crate) async fn record(&self) -> RunRecord {
        self.state.lock().await.0.clone()
    }

    /// Renews the claim where less of it is left than one call to a service takes.
    pub(crate) async fn renew_for_a_call(&self) -> Result<(), Failure> {
        let left = self.expires.borrow().duration_since(self.ledger.clock.now());
        if Duration::try_from(left).is_ok_and(|left| left >= call_limit(self.lease)) {
            Ok(())
        } else {
            self.renew().await
        }
    }

    /// Renews the claim now: done right before an effect that people see. It fails where another took the run over.
    pub(crate) async fn renew(&self) -> Result<(), Failure> {
        self.renew_and(|_| {}).await
    }

    /// The same with a change of the record in one write.
    pub(crate) async fn renew_and(&self, change: impl Fn(&mut RunRecord)) -> Result<(), Failure> {
        let expires = self.ledger.clock.now() + self.lease;
        // A claim that was given back meanwhile stays so.
        let renew = |record: &mut RunRecord| {
            change(record);
            record.claim.iter_mut().for_each(|claim| claim.expires = expires);
        };
        self.update(renew).await?;
        self.expires.send_if_modified(|known| {
            let later = expires > *known;
            *known = expires.max(*known);
            later
        });
        Ok(())
    }

    /// Renews the claim every third of the lease until the guard is dropped.
    pub(crate) fn renew_until_dropped(self: &Arc<Self>) -> Renewal {
        let held = Arc::clone(self);
        let renew = async move {
            loop {
                held.ledger.clock.sleep(held.lease / 3).await;
                if let Err(error) = held.renew().await {
                    tracing::warn!(%error, "the claim could not be renewed");
                }
            }
        };
        Renewal(tokio::spawn(renew.in_current_span()).abort_handle())
    }

    /// Returns once the claim is not ours any more: another has it, or it was not renewed in time and another may
    /// have it. Whatever was being done must then be left as it is.
    pub(crate) async fn lost(&self) -> Failure {
        let (clock, mut expires) = (&self.ledger.clock, self.expires.subscribe());
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
    pub(crate) async fn release(&self) {
        let now = self.ledger.clock.now();
        let given = self.update(|record| {
            record.claim = None;
            record.active = Some(now);
        });
        let patience = self.ledger.clock.sleep(self.lease / 3);
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
pub(crate) struct Renewal(AbortHandle);

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}
