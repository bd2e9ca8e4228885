//! The course of one run: claim, work, record, tell, redraw, answer. Its failures are outcomes too.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    Answer, Call, Options, RunKey, Runner, ThreadRef,
    claim::{Claimed, Held},
};
use crate::{
    export::new_build_id,
    ledger::{Outcome, RunRecord},
    report::{Failure, FailureKind, Report, RunInfo, ThreadReport},
    route::Route,
    thread::chat_failure,
};

/// What is kept of the deadline for telling the outcome, at most; a short deadline keeps a quarter of itself.
const REPORTING: Duration = Duration::from_secs(60);
/// How long cancelled work may take to clean up after itself.
const CLEAN_UP: Duration = Duration::from_secs(10);

impl Runner {
    /// The run, or what is to be told of it instead, within the deadline whatever hangs.
    pub(super) async fn run(self: &Arc<Self>, call: Call, key: &RunKey, record: &str) -> Answer {
        let deadline = self.clock.now() + self.deadline;
        tokio::select! {
            biased;
            answer = self.claim_and_run(&call, key, record, deadline) => answer,
            // The claim is not given back: who hangs until now would hang once more. It expires by itself.
            () = self.clock.sleep(self.deadline) => Answer::failed(key, out_of_time(call.route), None),
        }
    }

    async fn claim_and_run(
        self: &Arc<Self>,
        call: &Call,
        key: &RunKey,
        record: &str,
        deadline: Timestamp,
    ) -> Answer {
        if let Some(refused) = self.refuse(call, key, record).await {
            return refused;
        }
        // Who gets its turn at the very end can do nothing with it.
        let patience = deadline - signed(reporting(self.deadline));
        let (held, before) = match self.claim(call, key, record, patience).await {
            Ok(Claimed::Ours { held, before }) => (held, before),
            Ok(Claimed::Finished(record)) => return self.replay(key, &record, deadline).await,
            Ok(Claimed::OtherOptions) => return Answer::other_options(key),
            Ok(Claimed::Busy) => return Answer::busy(key, self.lease),
            Err(failure) => return Answer::failed(key, failure, None),
        };
        let renewal = held.renew_until_dropped(Arc::clone(self));
        let told = tokio::select! {
            biased;
            // Who lost the claim does nothing more, and leaves the record to whoever has it.
            failure = held.lost(self.clock.as_ref()) => return Answer::failed(key, failure, None),
            told = self.work_and_tell(&held, *before, &call.options, key, deadline) => told,
        };
        drop(renewal);
        match told {
            Ok(answer) => answer,
            // What could not be recorded or told is resumed by the next delivery of the same tick.
            Err(failure) => {
                held.release(self).await;
                Answer::failed(key, failure, None)
            }
        }
    }

    async fn work_and_tell(
        self: &Arc<Self>,
        held: &Arc<Held>,
        before: RunRecord,
        options: &Options,
        key: &RunKey,
        deadline: Timestamp,
    ) -> Result<Answer, Failure> {
        let info = before.info.clone();
        // Who cannot tell what it did does nothing: with a revoked token the feed stays as it is. When Slack is only
        // out of order for a while, the feed need not wait for it.
        if info.route != Route::CreateThread
            && let Err(failure) = self.can_tell(&info, deadline).await
            && !failure.retryable
        {
            return Err(failure);
        }
        let outcome = if before.work_is_done() {
            before.outcome.clone().expect("work that is done has an outcome")
        } else {
            let outcome = self.work(held, &before, options, deadline).await?;
            held.update(&self.ledger, |record| record.outcome = Some(outcome.clone())).await?;
            outcome
        };
        let mut thread = self.threads.ensure(info.day, deadline).await?.thread;
        if info.route != Route::CreateThread {
            let message = self.tell(held, &info, &outcome, &before, &mut thread, deadline).await?;
            held.update(&self.ledger, |record| record.message = Some(message.clone())).await?;
            self.threads.finished(&info, &outcome, &thread, deadline).await?;
        }
        let thread = ThreadRef::of(&thread);
        if let Report::Failure(failure) = outcome.report {
            held.release(self).await;
            return Ok(Answer::failed(key, failure, Some(thread)));
        }
        let finished = self.clock.now();
        held.update(&self.ledger, |record| {
            record.claim = None;
            record.finished = Some(finished);
        })
        .await?;
        Ok(Answer::done(&info, &outcome, Some(thread)))
    }

    /// Opens the day's thread where there is none, and asks the chat for its link: a call that a revoked token fails.
    async fn can_tell(&self, info: &RunInfo, deadline: Timestamp) -> Result<(), Failure> {
        let ensured = self.threads.ensure(info.day, deadline).await?;
        if info.route == Route::ExportProducts && !ensured.opened {
            self.chat.permalink(&ensured.thread.ts).await.map_err(|error| chat_failure(&error))?;
        }
        Ok(())
    }

    /// The route's own work. Its failure is an outcome too, to be told like any other.
    async fn work(
        self: &Arc<Self>,
        held: &Arc<Held>,
        before: &RunRecord,
        options: &Options,
        deadline: Timestamp,
    ) -> Result<Outcome, Failure> {
        let info = &before.info;
        let started = Instant::now();
        let cancel = self.stopping.child_token();
        let publishing = AtomicBool::new(false);
        let work = async {
            match info.route {
                Route::CreateThread => self.open_thread(info, deadline).await,
                Route::ExportProducts => {
                    let finished = match before.built_since(self.clock.now() - signed(self.deadline * 2)) {
                        Some(built) => self.exporter.at_hand(built).await?,
                        None => None,
                    };
                    let built = match (finished, &options.republish) {
                        (Some(built), _) => built,
                        (None, Some(wanted)) => self.exporter.stored(wanted).await?,
                        (None, None) => {
                            let id = new_build_id(self.clock.now(), self.schedule.timezone());
                            held.update(&self.ledger, |record| record.build = Some(id.clone())).await?;
                            self.exporter.build(&id, false, &cancel).await?
                        }
                    };
                    // Whoever lost the claim while it built publishes nothing.
                    let now = self.clock.now();
                    held.renew_and(self, |record| record.note_built(&built, now)).await?;
                    if cancel.is_cancelled() {
                        // Too late to publish it well; the next attempt does that at once.
                        return Err(too_late(info.route, false));
                    }
                    publishing.store(true, Ordering::Relaxed);
                    self.exporter.publish(info, built).await.map(|r| Report::Export(Box::new(r)))
                }
                Route::VerifyEp => self.verifier.run().await.map(Report::Verify),
            }
        };
        let mut work = std::pin::pin!(work);
        let left = deadline.duration_since(self.clock.now()) - signed(reporting(self.deadline));
        let result = tokio::select! {
            result = &mut work => result,
            () = self.clock.sleep(left.try_into().unwrap_or_default()) => {
                cancel.cancel();
                // What ends well after all is told as it is. A publication is not cut short: it gets most of what
                // is kept for telling.
                let kept = reporting(self.deadline);
                let patience =
                    if publishing.load(Ordering::Relaxed) { kept * 3 / 4 } else { CLEAN_UP.min(kept / 4) };
                match tokio::time::timeout(patience, work).await {
                    Ok(Ok(report)) => Ok(report),
                    _ => Err(too_late(info.route, publishing.load(Ordering::Relaxed))),
                }
            }
        };
        if self.stopping.is_cancelled() && result.is_err() {
            // Nobody is told: the next delivery of the same tick does the run.
            return Err(Failure {
                failure: FailureKind::Deadline,
                detail: "this instance is being stopped; the next delivery of the same tick resumes the run"
                    .to_owned(),
                retryable: true,
            });
        }
        if info.route == Route::CreateThread
            && let Err(failure) = result
        {
            // Without a thread there is nowhere to tell it.
            return Err(failure);
        }
        let unsure = info.route == Route::ExportProducts && before.may_have_published();
        let result = result.map_err(|failure| if unsure { maybe_public(failure) } else { failure });
        let report = result.unwrap_or_else(Report::Failure);
        Ok(Outcome { status: report.status(), report, duration_ms: started.elapsed().as_millis() as u64 })
    }

    async fn open_thread(&self, info: &RunInfo, deadline: Timestamp) -> Result<Report, Failure> {
        let ensured = self.threads.ensure(info.day, deadline).await?;
        Ok(Report::Thread(ThreadReport { day: info.day, opened: ensured.opened }))
    }

    async fn replay(&self, key: &RunKey, record: &RunRecord, deadline: Timestamp) -> Answer {
        let Some(outcome) = &record.outcome else {
            return Answer::internal(key, "the run's record is finished but holds no outcome");
        };
        match self.threads.ensure(record.info.day, deadline).await {
            Ok(ensured) => {
                Answer::done(&record.info, outcome, Some(ThreadRef::of(&ensured.thread))).replayed()
            }
            Err(failure) => Answer::failed(key, failure, None),
        }
    }
}

/// What is kept of a deadline for telling the outcome.
pub fn reporting(deadline: Duration) -> Duration {
    REPORTING.min(deadline / 4)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn out_of_time(route: Route) -> Failure {
    Failure {
        failure: FailureKind::Deadline,
        detail: format!(
            "{route} did not end within DEADLINE: something it depends on does not answer; the next delivery of the same tick goes on with it"
        ),
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

fn too_late(route: Route, publishing: bool) -> Failure {
    let (failure, what) = if publishing {
        (FailureKind::Publication, "its build may be public")
    } else {
        (FailureKind::Deadline, "it was given up")
    };
    Failure { failure, detail: format!("{route} did not end within DEADLINE; {what}"), retryable: true }
}
