//! One run from claim to report, the same for all three routes:
//! claim → work → record the outcome → deliver the message → record its ts → redraw the parent → answer.
//!
//! A run is a task of its own: a caller that hangs up cancels nothing, a second caller joins. What a route does is
//! in `export`, `verify` and `thread`; nothing here looks into a feed.

mod answer;
mod claim;
mod key;

pub use answer::{Answer, Done, Problem, ProblemKind, ThreadRef};
pub use key::{RunKey, Trigger};

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::claim::{Claimed, Held};
use crate::{
    chat::{Chat, ChatErrorKind, Place},
    clock::Clock,
    export::{Exporter, new_build_id},
    ledger::{DayRecord, Ledger, Message, OpenThread, Outcome, RunRecord, SlotRecord, ThreadState, day_name},
    report::{Failure, FailureKind, Origin, Report, RunInfo, SlotOutcome, Status, ThreadReport},
    route::Route,
    schedule::Schedule,
    slack::{
        Renderer, deliver,
        reconcile::{self, Intent},
    },
    thread::{Threads, chat_failure},
    verify::Verifier,
};

/// What is kept of the deadline for telling the outcome, at most; a short deadline keeps a quarter of itself.
const REPORTING: Duration = Duration::from_secs(60);
/// Threads that one run tries to reply in: the day's, and one that replaces it where people deleted it.
const THREADS: usize = 2;
/// How long cancelled work may take to clean up after itself.
const CLEAN_UP: Duration = Duration::from_secs(10);

/// What a caller may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Do everything, claim, post, store and publish nothing.
    pub dry_run: bool,
}

/// A call of a route.
#[derive(Debug, Clone)]
pub struct Call {
    /// The route.
    pub route: Route,
    /// What is asked for.
    pub options: Options,
    /// What the call says about when it was due.
    pub trigger: Trigger,
}

/// Runs the routes.
pub struct Runner {
    /// Runs' records.
    pub ledger: Ledger,
    /// The days' threads.
    pub threads: Threads,
    /// Where reports go.
    pub chat: Arc<dyn Chat>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes the messages.
    pub renderer: Arc<Renderer>,
    /// The export.
    pub exporter: Exporter,
    /// The verification.
    pub verifier: Verifier,
    /// Days and slots.
    pub schedule: Schedule,
    /// `DEADLINE`
    pub deadline: Duration,
    /// `LEASE`
    pub lease: Duration,
    /// Runs of this process that are under way.
    pub active: Active,
    /// Cancelled when the process is about to be killed: uploads are aborted, claims given back.
    pub stopping: CancellationToken,
}

/// Runs of this process that are under way, by the name of their record.
#[derive(Default)]
pub struct Active(Mutex<HashMap<String, Entry>>);

#[derive(Clone)]
struct Entry {
    options: Options,
    answer: watch::Receiver<Option<Answer>>,
}

impl Active {
    /// Whether no run is under way.
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Runner {
    /// Does the run, or joins it, or tells what it told before.
    pub async fn call(self: &Arc<Self>, call: Call) -> Answer {
        let now = self.clock.now();
        let key = RunKey::of(&call.trigger, now);
        let record = key.record_name(call.route);
        let mut entry = {
            let mut active = self.active.0.lock().unwrap_or_else(PoisonError::into_inner);
            match active.get(&record) {
                Some(entry) if entry.options != call.options => return Answer::other_options(&key),
                Some(entry) if !call.options.dry_run => entry.clone(),
                _ => {
                    let (tell, answer) = watch::channel(None);
                    let entry = Entry { options: call.options.clone(), answer };
                    if !call.options.dry_run {
                        active.insert(record.clone(), entry.clone());
                    }
                    self.start(call, key.clone(), record, tell);
                    entry
                }
            }
        };
        match entry.answer.wait_for(Option::is_some).await {
            Ok(answer) => answer.clone().expect("waited for it"),
            Err(_) => Answer::internal(&key, "the run ended without an answer"),
        }
    }

    fn start(self: &Arc<Self>, call: Call, key: RunKey, record: String, tell: watch::Sender<Option<Answer>>) {
        let span = tracing::info_span!("run", route = %call.route, run = %key.key);
        let (runner, dry_run) = (Arc::clone(self), call.options.dry_run);
        let work = {
            let (runner, key, record) = (Arc::clone(self), key.clone(), record.clone());
            async move {
                if call.options.dry_run {
                    runner.dry_run(call.route, &key).await
                } else {
                    runner.run(call, &key, &record).await
                }
            }
        };
        let task = async move {
            // A task of its own, so that a panic in the work is an answer too.
            let answer = match tokio::spawn(work.in_current_span()).await {
                Ok(answer) => answer,
                Err(error) => Answer::internal(&key, &format!("the run stopped unexpectedly: {error}")),
            };
            if !dry_run {
                runner.active.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&record);
            }
            answer.log();
            tell.send_replace(Some(answer));
        };
        tokio::spawn(task.instrument(span));
    }

    async fn run(self: &Arc<Self>, call: Call, key: &RunKey, record: &str) -> Answer {
        let deadline = self.clock.now() + self.deadline;
        let (held, before) = match self.claim(&call, key, record, deadline).await {
            Ok(Claimed::Ours { held, before }) => (held, before),
            Ok(Claimed::Finished(record)) => return self.replay(key, &record).await,
            Ok(Claimed::OtherOptions) => return Answer::other_options(key),
            Ok(Claimed::Busy) => return Answer::busy(key, self.lease),
            Err(failure) => return Answer::failed(key, failure, None),
        };
        let renewal = held.renew_until_dropped(Arc::clone(self));
        let answer = self.work_and_tell(&held, *before, key, deadline).await;
        drop(renewal);
        match answer {
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
            let outcome = self.work(held, &info, deadline).await?;
            held.update(&self.ledger, |record| record.outcome = Some(outcome.clone())).await?;
            outcome
        };
        let mut thread = self.threads.ensure(info.day, deadline).await?.thread;
        if info.route != Route::CreateThread {
            let message = self.tell(held, &info, &outcome, &before, &mut thread, deadline).await?;
            held.update(&self.ledger, |record| record.message = Some(message.clone())).await?;
        }
        if info.origin == Origin::Scheduled && info.route != Route::CreateThread {
            let slot = SlotRecord { at: info.at, route: info.route, outcome: slot_outcome(&outcome) };
            self.threads.finished(info.day, slot, &thread, deadline).await;
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
        info: &RunInfo,
        deadline: Timestamp,
    ) -> Result<Outcome, Failure> {
        let started = Instant::now();
        let cancel = self.stopping.child_token();
        let publishing = AtomicBool::new(false);
        let work = async {
            match info.route {
                Route::CreateThread => self.open_thread(info, deadline).await,
                Route::ExportProducts => {
                    let id = new_build_id(self.clock.now(), self.schedule.timezone());
                    held.update(&self.ledger, |record| record.build = Some(id.clone())).await?;
                    let built = self.exporter.build(&id, false, &cancel).await?;
                    // Whoever lost the claim while it built publishes nothing.
                    held.renew(self).await?;
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
                let patience =
                    if publishing.load(Ordering::Relaxed) { reporting(self.deadline) * 3 / 4 } else { CLEAN_UP };
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
        let report = result.unwrap_or_else(Report::Failure);
        Ok(Outcome { status: report.status(), report, duration_ms: started.elapsed().as_millis() as u64 })
    }

    async fn open_thread(&self, info: &RunInfo, deadline: Timestamp) -> Result<Report, Failure> {
        let ensured = self.threads.ensure(info.day, deadline).await?;
        Ok(Report::Thread(ThreadReport { day: info.day, opened: ensured.opened }))
    }

    /// Posts the run's message once, or edits the one that an earlier attempt left. `thread` is replaced where people
    /// deleted it.
    async fn tell(
        &self,
        held: &Held,
        info: &RunInfo,
        outcome: &Outcome,
        before: &RunRecord,
        thread: &mut OpenThread,
        deadline: Timestamp,
    ) -> Result<Message, Failure> {
        let message = self.renderer.report(info, outcome.status, &outcome.report);
        let (chat, clock) = (self.chat.as_ref(), self.clock.as_ref());
        held.renew(self).await?;
        if let Some(before) = &before.message {
            match deliver::update(chat, clock, &before.ts, &message, deadline).await {
                Ok(()) => return Ok(Message { shows: outcome.status, ..before.clone() }),
                Err(error) if error.kind == ChatErrorKind::Gone => {
                    tracing::warn!(%error, "the earlier message cannot be edited any more; a new one is posted");
                }
                Err(error) => return Err(chat_failure(&error)),
            }
        }
        let is_final = matches!(&outcome.report, Report::Failure(failure) if !failure.retryable);
        let broadcast = outcome.status == Status::Held || is_final;
        // An intent without a message: an attempt before this one may have posted it.
        let maybe_posted = before.intent.is_some() && before.message.is_none();
        let intent = Intent { since: before.intent.unwrap_or_else(|| clock.now()), maybe_posted };
        held.update(&self.ledger, |record| record.intent = Some(intent.since)).await?;
        for _ in 0..THREADS {
            let place = if broadcast { Place::Broadcast(&thread.ts) } else { Place::Thread(&thread.ts) };
            let posted = reconcile::post_once(chat, clock, place, &message, intent, deadline)
                .await
                .map_err(|error| chat_failure(&error))?;
            if posted.thread_ts.as_ref() == Some(&thread.ts) {
                let (channel, thread_ts) = (posted.channel, thread.ts.clone());
                return Ok(Message { channel, thread_ts, ts: posted.ts, shows: outcome.status });
            }
            // A reply without a thread: people deleted the parent, and Slack put the reply into the channel.
            self.threads.remove(&posted.ts).await;
            self.threads.forget(info.day, &thread.ts).await?;
            *thread = self.threads.ensure(info.day, deadline).await?.thread;
        }
        Err(Failure {
            failure: FailureKind::Chat,
            detail: "the reply landed outside of the day's thread again and again: somebody keeps deleting its parent"
                .to_owned(),
            retryable: true,
        })
    }

    async fn replay(&self, key: &RunKey, record: &RunRecord) -> Answer {
        let Some(outcome) = &record.outcome else {
            return Answer::internal(key, "the run's record is finished but holds no outcome");
        };
        match self.threads.ensure(record.info.day, self.clock.now() + signed(REPORTING)).await {
            Ok(ensured) => {
                Answer::done(&record.info, outcome, Some(ThreadRef::of(&ensured.thread))).replayed()
            }
            Err(failure) => Answer::failed(key, failure, None),
        }
    }

    /// Everything but claims, posts, stores and publications; the answer holds the messages.
    async fn dry_run(self: Arc<Self>, route: Route, key: &RunKey) -> Answer {
        let started = Instant::now();
        let info = self.info(route, key, 1);
        let read = self.ledger.read::<DayRecord>(&day_name(info.day)).await;
        let day = match read {
            Ok(read) => read.map(|read| read.value).unwrap_or_default(),
            Err(error) => return Answer::failed(key, error.into(), None),
        };
        let day_is_open = matches!(day.thread, ThreadState::Open(_));
        let cancel = self.stopping.child_token();
        let work = async {
            match route {
                Route::CreateThread => {
                    Ok(Report::Thread(ThreadReport { day: info.day, opened: !day_is_open }))
                }
                Route::ExportProducts => {
                    let id = new_build_id(self.clock.now(), self.schedule.timezone());
                    let built = self.exporter.build(&id, true, &cancel).await?;
                    self.exporter.preview(built).await.map(|r| Report::Export(Box::new(r)))
                }
                Route::VerifyEp => self.verifier.run().await.map(Report::Verify),
            }
        };
        let report = match tokio::time::timeout(self.deadline, work).await {
            Ok(result) => result.unwrap_or_else(Report::Failure),
            Err(_) => Report::Failure(Failure {
                failure: FailureKind::Deadline,
                detail: format!("the dry run of {route} did not end within DEADLINE"),
                retryable: true,
            }),
        };
        let messages = match &report {
            Report::Thread(_) if day_is_open => Vec::new(),
            Report::Thread(_) => {
                vec![self.renderer.parent(&self.threads.board(info.day, &day)), self.threads.guide(info.day)]
            }
            report => vec![self.renderer.report(&info, report.status(), report)],
        };
        let outcome =
            Outcome { status: report.status(), report, duration_ms: started.elapsed().as_millis() as u64 };
        Answer::dry(&info, outcome, messages)
    }

    fn info(&self, route: Route, key: &RunKey, attempt: u32) -> RunInfo {
        let day = self.schedule.day_of(key.at);
        RunInfo { route, key: key.key.clone(), origin: key.origin, at: key.at, day, attempt }
    }
}

/// What is kept of a deadline for telling the outcome.
pub fn reporting(deadline: Duration) -> Duration {
    REPORTING.min(deadline / 4)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn too_late(route: Route, publishing: bool) -> Failure {
    let (failure, what) = if publishing {
        (FailureKind::Publication, "its build may be public")
    } else {
        (FailureKind::Deadline, "it was given up")
    };
    Failure { failure, detail: format!("{route} did not end within DEADLINE; {what}"), retryable: true }
}

fn slot_outcome(outcome: &Outcome) -> SlotOutcome {
    let rows = match &outcome.report {
        Report::Export(export) => Some(export.funnel.kept),
        _ => None,
    };
    SlotOutcome { status: outcome.status, rows }
}
