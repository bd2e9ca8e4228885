//! The course of one run: claim, work, record, tell, redraw, answer. Its failures are outcomes too.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Call, Options, RunKey, Runner, ThreadRef, claim::Claimed};
use crate::{
    chat::ChatErrorKind,
    export::new_build_id,
    ledger::{Held, Outcome, RunRecord},
    report::{Failure, FailureKind, Origin, Report, RunInfo, ThreadReport},
    route::Route,
    thread::{Living, Parent, Proof, Replace, Telling, ThreadError, chat_failure, is_last},
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
        let mut permit = match self.admitted(call, key, record).await {
            Ok(permit) => permit,
            Err(crowded) => return crowded,
        };
        // Who gets its turn at the very end can do nothing with it.
        let patience = deadline - signed(reporting(self.deadline));
        let (held, before) = match self.claim(call, key, record, patience).await {
            Ok(Claimed::Ours { held, before }) => (held, before),
            Ok(Claimed::Finished(record)) => return self.replay(key, &record, deadline).await,
            Ok(Claimed::OtherOptions) => return Answer::other_options(key),
            Ok(Claimed::Busy) => return Answer::busy(key, self.lease),
            Err(failure) => return Answer::failed(key, failure, None),
        };
        let renewal = held.renew_until_dropped();
        if permit.is_none() && !before.work_is_done() {
            // Another instance was at it, and left it to us.
            permit = match self.admitted_now(call, key).await {
                Ok(permit) => permit,
                Err(crowded) => {
                    drop(renewal);
                    held.release().await;
                    return crowded;
                }
            };
        }
        let mut told = None;
        let ended = tokio::select! {
            biased;
            // Who lost the claim does nothing more, and leaves the record to whoever has it.
            failure = held.lost() => return Answer::failed(key, failure, None),
            ended = self.work_and_tell(&held, *before, &call.options, deadline, &mut told) => ended,
        };
        drop(renewal);
        drop(permit);
        match ended {
            Ok(outcome) => match outcome.report {
                Report::Failure(failure) => Answer::failed(key, failure, told),
                _ => Answer::done(&held.record().await.info, &outcome, told),
            },
            // What could not be recorded or told is resumed by the next delivery of the same tick.
            Err(failure) => {
                held.release().await;
                if self.stopping.is_cancelled() && failure.retryable {
                    Answer::stopping(key, failure, told)
                } else {
                    Answer::failed(key, failure, told)
                }
            }
        }
    }

    /// The run's outcome, recorded and told; `told` is the thread where its message stands, once it does.
    async fn work_and_tell(
        self: &Arc<Self>,
        held: &Arc<Held>,
        before: RunRecord,
        options: &Options,
        deadline: Timestamp,
        told: &mut Option<ThreadRef>,
    ) -> Result<Outcome, Failure> {
        let info = before.info.clone();
        self.note_schedule(&info).await;
        let telling = Telling::new(&self.threads, held, &info, deadline);
        let mut says_closed = false;
        if info.route != Route::CreateThread {
            says_closed = self.prove(&telling, &before, deadline).await?;
            if let Some(broke_off) = before.just_broke_off()
                && let Err(failure) = telling.tell_broke_off(broke_off).await
            {
                tracing::warn!(%failure, "that an attempt broke off could not be told; the work goes on");
            }
        }
        let outcome = if before.work_is_done() {
            before.outcome.clone().expect("work that is done has an outcome")
        } else {
            let outcome = self.work(held, &before, options, deadline).await?;
            held.update(|record| record.outcome = Some(outcome.clone())).await?;
            outcome
        };
        let mut thread = self.threads.ensure(info.day, deadline).await?.thread;
        if info.route == Route::CreateThread {
            *told = Some(ThreadRef::of(&thread));
        } else {
            loop {
                if let Err(failure) = telling.tell(&outcome, says_closed, &mut thread).await {
                    // What no message says the board may, if anything can.
                    if !failure.retryable || is_last(info.origin, info.attempt) {
                        let refused = !failure.retryable;
                        self.threads.untold(&info, &outcome, &thread, refused, deadline).await;
                    }
                    return Err(failure);
                }
                *told = Some(ThreadRef::of(&thread));
                if self.threads.finished(&info, &outcome, &thread, deadline).await? != Parent::Gone {
                    break;
                }
                // It was told where nobody looks.
                *told = None;
                self.threads.replace_gone(info.day, &mut thread, deadline).await?;
            }
        }
        self.threads.settle(info.day, held.name(), deadline).await;
        if matches!(outcome.report, Report::Failure(_)) {
            held.release().await;
            return Ok(outcome);
        }
        let finished = self.clock.now();
        held.update(|record| {
            record.claim = None;
            record.finished = Some(finished);
        })
        .await?;
        Ok(outcome)
    }

    /// Proves that what the run will find can be told: something is written that people see, in the day's thread, opened
    /// where there is none and replaced where people deleted it. Who cannot tell what it did does nothing: with a
    /// revoked token or a bot that was removed the feed stays as it is. When Slack is only out of order for a while, the
    /// feed need not wait for it. Where an edit of the parent proves nothing, for edits are closed, are not understood, or
    /// an earlier reply was refused all the same, an export says in a reply of its own that it is under way. True where the run is to say that the parent is closed for edits.
    async fn prove(
        &self,
        telling: &Telling<'_>,
        before: &RunRecord,
        deadline: Timestamp,
    ) -> Result<bool, Failure> {
        let info = &before.info;
        let publishes = info.route == Route::ExportProducts && !before.work_is_done();
        let living = self.threads.living(info.day, Some(telling.record_name()), Replace::OnceADay, deadline);
        let Living { mut thread, proof, replies_refused, .. } = match living.await {
            Ok(living) => living,
            Err(error) if publishes && refuses(&error) => return Err(error.into()),
            Err(error) => {
                let failure = Failure::from(error);
                if failure.retryable {
                    tracing::warn!(%failure, "whether the run can be told is not known; it goes on");
                    return Ok(false);
                }
                return Err(failure);
            }
        };
        let (is_proven, says_closed) = match proof {
            Proof::Written => (!replies_refused, false),
            Proof::Closed { said } => (false, !said),
            Proof::None(error) if error.kind == ChatErrorKind::Permanent => return Err(chat_failure(&error)),
            Proof::None(error) if error.kind.passes() => return Ok(false),
            Proof::None(_) => (false, false),
        };
        if publishes && !is_proven {
            telling.announce(&mut thread).await?;
        }
        Ok(says_closed)
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
                        Some(built) => self.publisher.at_hand(built).await?,
                        None => None,
                    };
                    let built = match (finished, &options.republish) {
                        (Some(built), _) => built,
                        (None, Some(wanted)) => self.publisher.stored(wanted).await?,
                        (None, None) => {
                            let id = new_build_id(self.clock.now(), self.schedule.timezone());
                            self.exporter.build(&id, false, &cancel).await?
                        }
                    };
                    // Whoever lost the claim while it built publishes nothing.
                    let now = self.clock.now();
                    held.renew_and(|record| record.note_built(&built, now)).await?;
                    if cancel.is_cancelled() {
                        // Too late to publish it well; the next attempt does that at once.
                        return Err(too_late(info.route, false));
                    }
                    publishing.store(true, Ordering::Relaxed);
                    self.publisher.publish(info, built).await.map(|r| Report::Export(Box::new(r)))
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
        let replace = if info.origin == Origin::Manual { Replace::ByHand } else { Replace::OnceADay };
        let living = self.threads.living(info.day, None, replace, deadline).await?;
        Ok(Report::Thread(ThreadReport { day: info.day, opened: living.opened }))
    }

    async fn replay(&self, key: &RunKey, record: &RunRecord, deadline: Timestamp) -> Answer {
        let Some(outcome) = &record.outcome else {
            return Answer::internal(key, "the run's record is finished but holds no outcome");
        };
        match self.threads.ensure(record.info.day, deadline).await {
            Ok(ensured) => {
                Answer::done(&record.info, outcome, Some(ThreadRef::of(&ensured.thread))).replayed()
            }
            Err(error) => Answer::failed(key, error.into(), None),
        }
    }
}

/// Whether the chat is there and does not take what we say.
fn refuses(error: &ThreadError) -> bool {
    matches!(error, ThreadError::Chat(error) if !error.kind.passes())
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
