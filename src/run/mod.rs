//! One run from claim to report, the same for all three routes:
//! claim → work → record the outcome → deliver the message → record its ts → redraw the parent → answer.
//!
//! A run is a task of its own: a caller that hangs up cancels nothing, a second caller joins. What a route does is
//! in `export`, `verify` and `thread`; nothing here looks into a feed.

mod admission;
mod admit;
mod answer;
mod claim;
mod course;
mod dry;
mod key;
mod slots;
mod stored;

pub use admission::Admission;
pub use answer::{Answer, Done, Problem, ProblemKind, ThreadRef};
pub use key::{RunKey, Trigger};

pub use course::reporting;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    chat::Chat,
    clock::Clock,
    export::Exporter,
    ledger::Ledger,
    publish::{Publisher, Republish},
    route::Route,
    schedule::Schedule,
    slack::Renderer,
    thread::Threads,
    verify::Verifier,
};

/// What a caller may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Do everything, claim, post, store and publish nothing.
    pub dry_run: bool,
    /// Publish this build that was made before, instead of making one. Of `export-products` alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub republish: Option<Republish>,
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
    /// Makes builds.
    pub exporter: Exporter,
    /// Makes them public.
    pub publisher: Publisher,
    /// The verification.
    pub verifier: Verifier,
    /// Days and slots.
    pub schedule: Schedule,
    /// `DEADLINE`
    pub deadline: Duration,
    /// `LEASE`
    pub lease: Duration,
    /// Names this process in its claims: one of its own that no task uses need not expire first.
    pub process: String,
    /// Runs of this process that are under way.
    pub active: Active,
    /// Those who wait to do heavy work.
    pub admission: Admission,
    /// Cancelled when the process is told to stop: nothing more is begun.
    pub closing: CancellationToken,
    /// Cancelled when it is about to be killed: uploads are aborted, claims given back.
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
        let key = RunKey::of(&call.trigger, now, call.route, &self.schedule);
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
                    runner.dry_run_in_time(call, &key, &record).await
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
}
