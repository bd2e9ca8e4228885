//! The course of one run: let in, claimed, proved, worked, recorded, told, finished, answered.
//!
//! A dry run takes the same course; what it leaves out says [`Mode`]. Failures are outcomes too.

use jiff::Timestamp;

use super::{
    Answer, Call, RunKey, Runner, ThreadRef,
    attempt::{Attempt, Mode, Told},
    claim::Claimed,
};
use crate::{
    config::service::reporting,
    ledger::{DayRecord, RunRecord, day_name},
    progress::Progress,
    report::{Failure, FailureKind},
};

impl Runner {
    /// The run, or what is to be told of it instead, within the deadline whatever hangs.
    pub(super) async fn run(&self, call: &Call, key: &RunKey, record: &str, progress: &Progress) -> Answer {
        let deadline = self.now() + self.deadline;
        tokio::select! {
            biased;
            answer = self.course(call, key, record, deadline, progress) => answer.unwrap_or_else(|instead| instead),
            // The claim is not given back: who hangs until now would hang once more. It expires by itself.
            () = self.threads.clock.sleep(self.deadline) => Answer::failed(key, out_of_time(call), None),
        }
    }

    async fn course(
        &self,
        call: &Call,
        key: &RunKey,
        record: &str,
        deadline: Timestamp,
        progress: &Progress,
    ) -> Result<Answer, Answer> {
        self.refuse(call, key, record).await?;
        let permit = self.admitted(call, key, record).await?;
        let attempt = self.begin(call, key, record, deadline, progress).await?;
        let renewal = attempt.renewal();
        let permit = attempt.admitted(permit).await?;
        let mut told = Told::default();
        let ended = tokio::select! {
            biased;
            given_up = attempt.given_up(permit.as_ref()) => return Err(given_up),
            ended = attempt.outcome_told(&mut told) => ended,
        };
        drop((renewal, permit));
        Ok(attempt.answer(ended, told).await)
    }

    /// An attempt at the run: claimed or, where it is dry, nothing but the day as it stands.
    async fn begin<'a>(
        &'a self,
        call: &'a Call,
        key: &'a RunKey,
        record: &str,
        deadline: Timestamp,
        progress: &'a Progress,
    ) -> Result<Attempt<'a>, Answer> {
        let (mode, before) = if call.options.dry_run {
            let before = self.fresh(call, key, None);
            let day = self.threads.ledger.read::<DayRecord>(&day_name(before.info.day)).await;
            let day = day.map_err(|error| Answer::failed(key, error.into(), None))?;
            (Mode::Dry(day.map(|read| read.value).unwrap_or_default()), before)
        } else {
            // Who gets its turn at the very end can do nothing with it.
            let patience = deadline - reporting(self.deadline);
            match self.claim(call, key, record, patience).await {
                Ok(Claimed::Ours { held, before }) => (Mode::Claimed(held), *before),
                Ok(Claimed::Finished(record)) => return Err(self.replay(key, &record, deadline).await),
                Ok(Claimed::OtherOptions) => return Err(Answer::other_options(key)),
                Ok(Claimed::Busy) => return Err(Answer::busy(key, self.threads.lease)),
                Err(failure) => return Err(Answer::failed(key, failure, None)),
            }
        };
        Ok(Attempt::new(self, call, key, mode, before, deadline, progress))
    }

    async fn replay(&self, key: &RunKey, record: &RunRecord, deadline: Timestamp) -> Answer {
        let Some(outcome) = &record.outcome else {
            return Answer::internal(key, "the run's record is finished but holds no outcome");
        };
        match self.threads.ensure(record.info.day, deadline).await {
            Ok(ensured) => Answer::replayed(&record.info, outcome, ThreadRef::of(&ensured.thread)),
            Err(error) => Answer::failed(key, error.into(), None),
        }
    }
}

fn out_of_time(call: &Call) -> Failure {
    let step = call.step;
    let detail = if call.options.dry_run {
        format!("the dry run of {step} did not end within DEADLINE")
    } else {
        format!(
            "{step} did not end within DEADLINE: something it depends on does not answer; the next delivery of the same \
             tick goes on with it"
        )
    };
    Failure { failure: FailureKind::Deadline, detail, retryable: true }
}
