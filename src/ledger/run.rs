//! `runs/…`: one run from claim to report.
//!
//! Data, and the few questions that everybody asks of it; who may change what is for its users.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    chat::Ts,
    report::{Built, FailureKind, Report, RunInfo, Status, hex},
    step::Step,
};

/// `runs/<step>/<hash of the key>.json`: one run from claim to report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// What is known of the run since its first claim; `attempt` counts the claims.
    pub info: RunInfo,
    /// The options it came with, as canonical JSON.
    pub(crate) options: String,
    /// Who works on it, if anybody.
    pub claim: Option<Claim>,
    /// Its build, once it was finished and about to be published: an attempt that follows publishes it, and builds no
    /// other one.
    #[serde(default)]
    pub built: Option<Box<FinishedBuild>>,
    /// What it found, once it did.
    #[serde(default)]
    pub(crate) outcome: Option<Outcome>,
    /// When somebody first meant to post its message; a successor looks for it from then on before it posts.
    #[serde(default)]
    pub(crate) intent: Option<Timestamp>,
    /// Its message in the thread.
    #[serde(default)]
    pub(crate) message: Option<Message>,
    /// When it was finished and reported.
    #[serde(default)]
    pub finished: Option<Timestamp>,
    /// When somebody last began an attempt or gave one up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) active: Option<Timestamp>,
    /// The newest attempt that was taken over without having come to an outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) broke_off: Option<BrokeOff>,
}

/// Attempts that ended without an outcome: their instances were killed, crashed or froze.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokeOff {
    /// The newest one.
    pub attempt: u32,
    /// How many in all.
    pub times: u32,
}

impl RunRecord {
    /// The last moment at which somebody was at it, as far as is known.
    pub(crate) fn last_active(&self) -> Timestamp {
        let claimed = self.claim.as_ref().map(|claim| claim.expires);
        let built = self.built.as_ref().map(|finished| finished.at);
        [claimed, built, self.intent, self.active].into_iter().flatten().fold(self.info.at, Timestamp::max)
    }

    /// What is known of the attempt right before this one, if it broke off.
    pub(crate) fn just_broke_off(&self) -> Option<BrokeOff> {
        self.broke_off.filter(|broke_off| broke_off.attempt + 1 == self.info.attempt)
    }

    /// The build that an earlier attempt finished, unless that was before `oldest`.
    pub(crate) fn built_since(&self, oldest: Timestamp) -> Option<Built> {
        self.built.as_ref().filter(|finished| finished.at >= oldest).map(|finished| finished.built.clone())
    }

    /// Notes a build that is about to be published.
    pub(crate) fn note_built(&mut self, built: &Built, now: Timestamp) {
        // One that is gone on with is as old as it was.
        let earlier = self.built.take().filter(|noted| noted.built.info.build == built.info.build);
        let at = earlier.map_or(now, |noted| noted.at);
        self.built = Some(Box::new(FinishedBuild { built: built.clone(), at }));
        // From here on the attempt before says nothing of the feed, but for a publication whose end nobody knows.
        self.outcome = self.outcome.take().filter(Outcome::is_unfinished_publication);
    }

    /// Whether an earlier attempt may have made its build public, so that no failure can say that the feed is as it
    /// was.
    pub(crate) fn may_have_published(&self) -> bool {
        self.outcome.as_ref().map_or(self.built.is_some(), Outcome::is_unfinished_publication)
    }

    /// Whether the work is done, whatever the verdict, so that only telling remains.
    pub(crate) fn work_is_done(&self) -> bool {
        matches!(&self.outcome, Some(outcome) if !matches!(outcome.report, Report::Failure(_)))
    }
}

/// A build that an attempt finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishedBuild {
    /// Its figures.
    pub built: Built,
    /// When it was first noted: an old one is not the catalogue's any more.
    pub(crate) at: Timestamp,
}

/// A claim on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Tells our own claim from another's.
    pub(crate) nonce: String,
    /// After this moment anybody may take over.
    pub expires: Timestamp,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The verdict.
    pub status: Status,
    /// All of it.
    pub report: Report,
    /// How long the attempt's work took.
    pub duration_ms: u64,
}

impl Outcome {
    fn is_unfinished_publication(&self) -> bool {
        matches!(&self.report, Report::Failure(failure) if failure.failure == FailureKind::Publication)
    }
}

/// A message that the chat took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The channel's id.
    pub channel: String,
    /// The thread it is in.
    pub thread_ts: Ts,
    /// Its own name.
    pub ts: Ts,
    /// The verdict that it shows.
    pub shows: Status,
    /// Whom it called when it was posted.
    #[serde(default)]
    pub call: Calls,
    /// What it says of the runs before it, where it tells a verdict: a failure of the run itself says nothing of them.
    #[serde(default)]
    pub turn: Option<Turn>,
}

/// What a run changes in what the channel last heard of its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Nothing.
    None,
    /// The public feed is broken, and was not when it was last verified.
    Broken,
    /// It is good again.
    Recovered,
}

/// Whom a message calls; the loudest last. An edit calls nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calls {
    /// Nobody: it stands in the thread.
    #[default]
    Nobody,
    /// Those of `SLACK_MENTION`.
    Named,
    /// The whole channel sees it.
    Channel,
}

/// `runs/<step>/<hash of the key>.json`: a key may hold anything.
pub fn run_name(step: Step, key: &str) -> String {
    format!("runs/{step}/{}.json", &hex(&Sha256::digest(key))[..32])
}

/// Tells our own claim from another's: 128 random bits.
pub(crate) fn nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}
