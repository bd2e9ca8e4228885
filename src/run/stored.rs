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
    pub(super) async fn refuse(&self, call: &Call, key: &RunKey, record: &str) -> Option<Answer> {
        let wanted = call.options.republish.as_ref()?;
        if !call.options.dry_run {
            match self.ledger.read::<RunRecord>(record).await {
                Ok(None) => {}
                // A damaged record is told by the run itself.
                Ok(Some(_)) | Err(LedgerError::Damaged { .. }) => return None,
                Err(error) => return Some(Answer::failed(key, error.into(), None)),
            }
        }
        match self.publisher.find(wanted).await {
            Ok(_) => None,
            Err(Refusal::Failed(failure)) => Some(Answer::failed(key, failure, None)),
            Err(Refusal::Unknown(detail)) => Some(Answer::unknown_build(key, detail)),
            Err(Refusal::Held(detail)) => Some(Answer::held_build(key, detail)),
        }
    }
}
