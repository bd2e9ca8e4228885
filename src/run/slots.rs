//! A run and the schedule: whether it is one of its slots, and since when the schedule is as it is.

use jiff::SignedDuration;

use super::Runner;
use crate::{
    report::RunInfo,
    schedule::{KNOWN, Known},
};

/// A run that begins so soon after its time tells of that time, too.
const ON_TIME: SignedDuration = SignedDuration::from_secs(60);

impl Runner {
    /// Notes since when the schedule is as it is, where it is not what it was: a slot before that cannot have been
    /// missed.
    pub(super) async fn note_schedule(&self, info: &RunInfo) {
        if self.threads.is_off_schedule(info) {
            tracing::warn!(
                at = %info.at,
                "SCHEDULE has no such run: if the job was edited, change SCHEDULE too; else run deploy/schedule.sh"
            );
        }
        let now = self.now();
        let since = if now.duration_since(info.at) <= ON_TIME { info.at.min(now) } else { now };
        let noted = self
            .threads
            .ledger
            .update::<Known>(KNOWN, |known| self.threads.schedule.learn(&known, since))
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "since when SCHEDULE is as it is could not be noted; {}", error.outlook());
        }
    }
}
