//! A call for a build that was made before is looked at before a run of it is begun: a typing mistake gets its answer
//! at once, and leaves no run and no message behind.

use super::{Answer, Call, RunKey, Runner};
use crate::{
    ledger::{LedgerError, RunRecord},
    publish::Refusal,
};

impl Runner {
    /// Why the build that is asked for cannot be published, if so. A run that was begun before goes on, whatever has
    /// become of the build since: it may have an answer already.
    pub(super) async fn refuse(&self, call: &Call, key: &RunKey, record: &str) -> Result<(), Answer> {
        let Some(wanted) = &call.options.republish else { return Ok(()) };
        if !call.options.dry_run {
            match self.threads.ledger.read::<RunRecord>(record).await {
                Ok(None) => {}
                // A damaged record is told by the run itself.
                Ok(Some(_)) | Err(LedgerError::Damaged { .. }) => return Ok(()),
                Err(error) => return Err(Answer::failed(key, error.into(), None)),
            }
        }
        match self.publisher.find(wanted).await {
            Ok(_) => Ok(()),
            Err(Refusal::Failed(failure)) => Err(Answer::failed(key, failure, None)),
            Err(Refusal::Unknown(detail)) => Err(Answer::unknown_build(key, detail)),
            Err(Refusal::Held(detail)) => Err(Answer::held_build(key, detail)),
        }
    }
}
