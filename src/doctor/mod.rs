//! Looks at each service that the settings name with the rights that it needs, and says what to do where something is
//! wrong: `auto-ep doctor`, and `create-thread?doctor=true` for the identity of the deployed service.
//!
//! It publishes nothing, posts nothing unless it is asked to, and decides nothing about runs. What it writes has names of
//! its own: a record under `runs/doctor/` stays until the bucket's lifecycle removes it, as the records of runs do, for the
//! port to state never deletes; files under `builds/doctor-` are removed where that is allowed.

mod catalogue;
mod corrections;
mod feed;
mod finding;
mod jobs;
mod public;
mod slack;
mod state;
mod table;
mod time;
mod wording;

use std::{future::Future, sync::Arc, time::Duration};

pub use finding::{Check, Examination};
pub(crate) use finding::{Finding, Grade};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    chat::Chat, clock::Clock, config::Config, corrections::Source, feed_store::FeedStore, ledger::nonce,
    state::StateStore, web::Web,
};

/// How long the checks of one service may take together. Each call of a port has a limit of its own below that.
const PATIENCE: Duration = Duration::from_secs(45);
/// The same of the catalogue, whose departments are all asked.
const CATALOGUE: Duration = Duration::from_secs(120);

/// What is looked at.
pub struct Doctor {
    /// What everything is set to.
    pub(crate) config: Config,
    /// Where people are told.
    pub(crate) chat: Arc<dyn Chat>,
    /// Where records are.
    pub(crate) state: Arc<dyn StateStore>,
    /// Where the feed is.
    pub(crate) feed: Arc<dyn FeedStore>,
    /// Where a merchant's own corrections are, if anywhere.
    pub(crate) corrections: Option<Source>,
    /// Where the catalogue is, and what readers get.
    pub(crate) web: Arc<dyn Web>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Doctor {
    /// Looks at everything, side by side; with `post` a message is posted too, read back and removed.
    pub async fn examine(self: &Arc<Self>, post: bool) -> Examination {
        let name = nonce();
        let at = self.clock.now();
        let look = |doctor: &Arc<Self>| (Arc::clone(doctor), name.clone());
        let (doctor, marker) = look(self);
        let slack =
            limited(slack::checks(post), PATIENCE, async move { slack::look(&doctor, marker, post).await });
        let (doctor, object) = look(self);
        let state =
            limited(state::CHECKS, PATIENCE, async move { state::look(&*doctor.state, &object).await });
        let (doctor, file) = look(self);
        let feed = limited(feed::CHECKS, PATIENCE, async move { feed::look(&doctor.feed, file).await });
        let doctor = Arc::clone(self);
        let public = limited(&[Check::FeedUrl], PATIENCE, async move { vec![public::look(&doctor).await] });
        let doctor = Arc::clone(self);
        let catalogue =
            limited(&[Check::Catalogue], CATALOGUE, async move { vec![catalogue::look(&doctor).await] });
        let doctor = Arc::clone(self);
        let corrections =
            limited(&[Check::Corrections], PATIENCE, async move { vec![corrections::look(&doctor).await] });
        let doctor = Arc::clone(self);
        let clock = limited(&[Check::Clock], PATIENCE, async move { vec![time::clock(&doctor).await] });
        let doctor = Arc::clone(self);
        let jobs = limited(&[Check::ScheduleJobs], PATIENCE, async move { vec![jobs::look(&doctor).await] });
        let (slack, state, feed, public, catalogue, corrections, clock, jobs) =
            tokio::join!(slack, state, feed, public, catalogue, corrections, clock, jobs);
        let mut findings = vec![wording::settings(&self.config), time::schedule(&self.config, at)];
        findings
            .extend([slack, state, feed, public, catalogue, corrections, clock, jobs].into_iter().flatten());
        Examination::of(&self.config.chat.service_name, at, findings)
    }
}

/// What a look found, as a task of its own: one that hangs, or dies, holds up no other, and says so on each of its lines.
async fn limited(
    checks: &[Check],
    limit: Duration,
    look: impl Future<Output = Vec<Finding>> + Send + 'static,
) -> Vec<Finding> {
    let found = AbortOnDropHandle::new(tokio::spawn(tokio::time::timeout(limit, look))).await;
    let on_each = |finding: &dyn Fn(Check) -> Finding| checks.iter().map(|check| finding(*check)).collect();
    match found {
        Ok(Ok(findings)) => findings,
        Ok(Err(_)) => on_each(&|check| wording::too_long(check, limit)),
        Err(_) => on_each(&wording::defect),
    }
}

#[cfg(test)]
mod tests;
