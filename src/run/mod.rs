//! One run from claim to report, the same for all three steps:
//! claim → work → record the outcome → deliver the message → record its ts → redraw the parent → answer.
//!
//! A run is a task of its own: a caller that hangs up cancels nothing, a second caller joins. What a step does is
//! in `export`, `verify` and `thread`; nothing here looks into a feed.

mod admission;
mod admit;
mod answer;
mod attempt;
mod claim;
mod course;
mod key;
mod prove;
mod refuse;
mod slots;
mod underway;
mod work;

pub(crate) use admission::Admission;
use admission::Rank;
pub(crate) use answer::{Answer, NoVerdict, ThreadRef, WhyNot};
pub(crate) use key::{RunKey, Trigger};
pub(crate) use underway::Underway;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    export::Exporter,
    progress::Progress,
    publish::{Publisher, Republish},
    step::Step,
    thread::Threads,
    verify::Verifier,
};

/// What a caller may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    /// Do everything, claim, post, store and publish nothing.
    pub dry_run: bool,
    /// Publish this build that was made before, instead of making one. Of `export-products` alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub republish: Option<Republish>,
    /// Tell of the products with these ids why they are in the feed or not. Of a dry run of `export-products` alone.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub explain: Vec<String>,
}

/// A call of a step.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub step: Step,
    /// What is asked for.
    pub options: Options,
    /// What the call says about when it was due.
    pub trigger: Trigger,
}

/// Runs the steps.
pub struct Runner {
    pub(crate) threads: Threads,
    pub(crate) exporter: Exporter,
    pub(crate) publisher: Publisher,
    pub(crate) verifier: Verifier,
    /// `DEADLINE`
    pub(crate) deadline: Duration,
    /// Names this process in its claims: one of its own that no task uses need not expire first.
    pub(crate) process: String,
    /// Runs of this process that may be joined.
    pub(crate) active: Active,
    /// The tasks of runs that count: what a shutdown waits for, whether or not a caller still does.
    pub(crate) tasks: TaskTracker,
    /// Those who wait to do heavy work.
    pub(crate) admission: Admission,
    /// Cancelled when the process is told to stop: nothing more is begun.
    pub(crate) closing: CancellationToken,
    /// Cancelled when it is about to be killed: uploads are aborted, claims given back.
    pub stopping: CancellationToken,
}

/// Runs of this process that are under way, by the name of their record.
pub(crate) type Active = Mutex<HashMap<String, Entry>>;

#[derive(Clone)]
pub(crate) struct Entry {
    options: Options,
    progress: Progress,
    answer: watch::Receiver<Option<Answer>>,
}

impl Runner {
    pub(crate) fn now(&self) -> Timestamp {
        self.threads.clock.now()
    }

    /// A look that takes memory as a run does, where nobody is at work; a run that counts ends it. `None` where there was no
    /// room, or no longer.
    pub(crate) async fn aside<T>(&self, look: impl Future<Output = T>) -> Option<T> {
        let permit = self.admission.now(Rank::Dry)?;
        tokio::select! {
            done = look => Some(done),
            () = permit.is_to_leave() => None,
        }
    }

    /// Does the run, or joins it, or tells what it told before.
    pub(crate) fn call(self: &Arc<Self>, call: Call) -> Underway {
        let key = RunKey::of(&call.trigger, self.now(), call.step, &self.threads.schedule);
        let record = key.record_name(call.step);
        let mut active = self.active();
        match active.get(&record) {
            Some(entry) if entry.options != call.options => Underway::answered(key, Answer::other_options),
            Some(entry) if !call.options.dry_run => Underway::of(key, entry),
            _ => {
                let (tell, answer) = watch::channel(None);
                let entry = Entry { options: call.options.clone(), progress: Progress::default(), answer };
                if !call.options.dry_run {
                    active.insert(record.clone(), entry.clone());
                }
                self.start(call, key.clone(), record, entry.progress.clone(), tell);
                Underway::of(key, &entry)
            }
        }
    }

    fn start(
        self: &Arc<Self>,
        call: Call,
        key: RunKey,
        record: String,
        progress: Progress,
        tell: watch::Sender<Option<Answer>>,
    ) {
        let span = tracing::info_span!("run", route = %call.step, run = %key.key);
        let (runner, dry_run) = (Arc::clone(self), call.options.dry_run);
        let work = {
            let (runner, key, record) = (Arc::clone(self), key.clone(), record.clone());
            async move { runner.run(&call, &key, &record, &progress).await }
        };
        let task = async move {
            // A task of its own, so that a panic in the work is an answer too.
            let answer = match tokio::spawn(work.in_current_span()).await {
                Ok(answer) => answer,
                Err(error) => Answer::internal(&key, &format!("the run stopped unexpectedly: {error}")),
            };
            if !dry_run {
                runner.active().remove(&record);
            }
            answer.log();
            tell.send_replace(Some(answer));
        };
        if dry_run {
            tokio::spawn(task.instrument(span));
        } else {
            self.tasks.spawn(task.instrument(span));
        }
    }

    fn active(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
