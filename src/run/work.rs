//! The work of an attempt: what its step does, in time to be told and recorded.
//!
//! It never tells anybody; what fails is an outcome too, to be told like any other.

use std::{
    pin::pin,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::attempt::{Attempt, Mode};
use crate::{
    config::service::reporting,
    export::{Asked, new_build_id},
    ledger::{Outcome, ThreadState},
    report::{Built, Failure, FailureKind, Origin, Report, ThreadReport},
    step::Step,
    thread::Replace,
};

/// How long cancelled work may take to clean up after itself.
const CLEAN_UP: Duration = Duration::from_secs(10);

impl Attempt<'_> {
    /// The outcome of the work, recorded.
    pub(super) async fn worked(&self) -> Result<Outcome, Failure> {
        let (step, started) = (self.before.info.step, Instant::now());
        let result = match &self.mode {
            // It has nothing to tell, so the whole deadline is its.
            Mode::Dry(_) => self.work().await,
            Mode::Claimed(_) => self.work_in_time().await,
        };
        let report = match result {
            Ok(report) => report,
            // Nobody is told: the next delivery of the same tick does the run.
            Err(_) if self.runner.stopping.is_cancelled() => return Err(left_to_the_next()),
            // Without a thread there is nowhere to tell it.
            Err(failure) if step == Step::CreateThread => return Err(failure),
            Err(failure) if step == Step::ExportProducts && self.before.may_have_published() => {
                Report::Failure(maybe_public(failure))
            }
            Err(failure) => Report::Failure(failure),
        };
        let duration_ms = started.elapsed().as_millis() as u64;
        let outcome = Outcome { status: report.status(), report, duration_ms };
        if let Mode::Claimed(held) = &self.mode {
            held.update(|record| record.outcome = Some(outcome.clone())).await?;
        }
        Ok(outcome)
    }

    /// The work, cancelled while there is time to tell. What ends well after all is told as it is. A publication is not
    /// cut short: it gets most of what is kept for telling.
    async fn work_in_time(&self) -> Result<Report, Failure> {
        let kept = reporting(self.runner.deadline);
        let left = (self.deadline - kept).duration_since(self.runner.now());
        let mut work = pin!(self.work());
        tokio::select! {
            result = &mut work => return result,
            () = self.runner.threads.clock.sleep(left.try_into().unwrap_or_default()) => self.cancel.cancel(),
        }
        let patience = if self.is_publishing() { kept * 3 / 4 } else { CLEAN_UP.min(kept / 4) };
        match tokio::time::timeout(patience, work).await {
            Ok(Ok(report)) => Ok(report),
            _ => Err(self.too_late()),
        }
    }

    async fn work(&self) -> Result<Report, Failure> {
        match self.before.info.step {
            Step::CreateThread => self.open_thread().await,
            Step::ExportProducts => self.publish(self.build().await?).await,
            Step::VerifyEp => self.runner.verifier.run(self.progress).await.map(Report::Verify),
        }
    }

    async fn open_thread(&self) -> Result<Report, Failure> {
        let info = &self.before.info;
        let opened = match &self.mode {
            Mode::Dry(day) => !matches!(day.thread, ThreadState::Open(_)),
            Mode::Claimed(_) => {
                let by_hand = info.origin == Origin::Manual;
                let replace = if by_hand { Replace::ByHand } else { Replace::OnceADay };
                self.runner.threads.living(info.day, None, replace, self.deadline).await?.opened
            }
        };
        Ok(Report::Thread(ThreadReport { day: info.day, opened }))
    }

    /// The build that an earlier attempt finished, the one that is asked for, or a new one.
    async fn build(&self) -> Result<Built, Failure> {
        let runner = self.runner;
        let oldest = runner.now() - runner.deadline * 2;
        if let Some(built) = self.before.built_since(oldest)
            && let Some(built) = runner.publisher.at_hand(built).await?
        {
            return Ok(built);
        }
        if let Some(wanted) = &self.call.options.republish {
            return runner.publisher.stored(wanted).await;
        }
        let id = new_build_id(runner.now(), runner.threads.schedule.timezone());
        let asked = Asked::of(&self.call.options.explain);
        // An export is deep: on the heap it leaves the stack to what it calls.
        Box::pin(runner.exporter.build(&id, self.call.options.dry_run, asked, &self.cancel, self.progress))
            .await
    }

    async fn publish(&self, built: Built) -> Result<Report, Failure> {
        let (publisher, info) = (&self.runner.publisher, &self.before.info);
        let report = match &self.mode {
            Mode::Dry(_) => publisher.preview(info.at, built).await?,
            Mode::Claimed(held) => {
                // Whoever lost the claim while it built publishes nothing.
                let now = self.runner.now();
                held.renew_and(|record| record.note_built(&built, now)).await?;
                if self.cancel.is_cancelled() {
                    // Too late to publish it well; the next attempt does that at once.
                    return Err(self.too_late());
                }
                self.publishing.store(true, Ordering::Relaxed);
                publisher.publish(info, built, self.progress).await?
            }
        };
        Ok(Report::Export(Box::new(report)))
    }

    fn is_publishing(&self) -> bool {
        self.publishing.load(Ordering::Relaxed)
    }

    fn too_late(&self) -> Failure {
        let (failure, what) = if self.is_publishing() {
            (FailureKind::Publication, "its build may be public")
        } else {
            (FailureKind::Deadline, "it was given up")
        };
        let detail = format!("{} did not end within DEADLINE; {what}", self.before.info.step);
        Failure { failure, detail, retryable: true }
    }
}

fn left_to_the_next() -> Failure {
    Failure {
        failure: FailureKind::Deadline,
        detail: "this instance is being stopped; the next delivery of the same tick resumes the run"
            .to_owned(),
        retryable: true,
    }
}

/// The failure of an attempt after one that may have published its build.
fn maybe_public(failure: Failure) -> Failure {
    if failure.failure == FailureKind::Publication {
        return failure;
    }
    let detail = format!("an earlier attempt may have made its build public; this one: {}", failure.detail);
    Failure { failure: FailureKind::Publication, detail, ..failure }
}
