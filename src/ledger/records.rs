//! The records and what their fields mean. They are data only; who may change what is for their users.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    chat::Ts,
    report::{BuildId, Built, FailureKind, Report, RunInfo, SlotOutcome, Status, hex},
    route::Route,
    schedule::{DueSlot, minute_of},
};

/// Doubts that a day's record keeps.
const MOST_DOUBTS: usize = 32;

/// `runs/<route>/<hash of the key>.json`: one run from claim to report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// What is known of the run since its first claim; `attempt` counts the claims.
    pub info: RunInfo,
    /// The options it came with, as canonical JSON.
    pub options: String,
    /// Who works on it, if anybody.
    pub claim: Option<Claim>,
    /// The build of the attempt at hand, noted before its upload.
    #[serde(default)]
    pub build: Option<BuildId>,
    /// That build, once it was finished and about to be published: an attempt that follows publishes it, and builds no
    /// other one.
    #[serde(default)]
    pub built: Option<Box<FinishedBuild>>,
    /// What it found, once it did.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// When somebody first meant to post its message; a successor looks for it from then on before it posts.
    #[serde(default)]
    pub intent: Option<Timestamp>,
    /// Its message in the thread.
    #[serde(default)]
    pub message: Option<Message>,
    /// When it was finished and reported.
    #[serde(default)]
    pub finished: Option<Timestamp>,
    /// When somebody last began an attempt or gave one up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<Timestamp>,
    /// The newest attempt that was taken over without having come to an outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broke_off: Option<BrokeOff>,
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
    pub fn last_active(&self) -> Timestamp {
        let claimed = self.claim.as_ref().map(|claim| claim.expires);
        let built = self.built.as_ref().map(|finished| finished.at);
        [claimed, built, self.intent, self.active].into_iter().flatten().fold(self.info.at, Timestamp::max)
    }

    /// What is known of the attempt right before this one, if it broke off.
    pub fn just_broke_off(&self) -> Option<BrokeOff> {
        self.broke_off.filter(|broke_off| broke_off.attempt + 1 == self.info.attempt)
    }

    /// The build that an earlier attempt finished, unless that was before `oldest`.
    pub fn built_since(&self, oldest: Timestamp) -> Option<Built> {
        self.built.as_ref().filter(|finished| finished.at >= oldest).map(|finished| finished.built.clone())
    }

    /// Notes a build that is about to be published.
    pub fn note_built(&mut self, built: &Built, now: Timestamp) {
        // One that is gone on with is as old as it was.
        let earlier = self.built.take().filter(|noted| noted.built.info.build == built.info.build);
        let at = earlier.map_or(now, |noted| noted.at);
        self.built = Some(Box::new(FinishedBuild { built: built.clone(), at }));
        // From here on the attempt before says nothing of the feed, but for a publication whose end nobody knows.
        self.outcome = self.outcome.take().filter(Outcome::is_unfinished_publication);
    }

    /// Whether an earlier attempt may have made its build public, so that no failure can say that the feed is as it
    /// was.
    pub fn may_have_published(&self) -> bool {
        self.outcome.as_ref().map_or(self.built.is_some(), Outcome::is_unfinished_publication)
    }

    /// Whether the work is done, whatever the verdict, so that only telling remains.
    pub fn work_is_done(&self) -> bool {
        matches!(&self.outcome, Some(outcome) if !matches!(outcome.report, Report::Failure(_)))
    }
}

/// A build that an attempt finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishedBuild {
    /// Its figures.
    pub built: Built,
    /// When it was first noted: an old one is not the catalogue's any more.
    pub at: Timestamp,
}

/// A claim on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Tells our own claim from another's.
    pub nonce: String,
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

/// What a run changes in what the channel last heard of its route.
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

/// `days/<date>.json`: the day's thread and its finished runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DayRecord {
    /// The day's thread.
    pub thread: ThreadState,
    /// The finished runs of the schedule, in order of their times.
    #[serde(default)]
    pub slots: Vec<SlotRecord>,
    /// How many parents of the day people deleted and had replaced.
    #[serde(default)]
    pub replaced: u32,
    /// Where the parent may not be edited any more: the name of the record of the run that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    /// Whether the last reply was refused for good, though the parent may be edited: a thread that was locked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replies_refused: bool,
    /// Messages of which a second copy may still come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// A message that was posted after a try whose fate nobody knows: that one may land late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Which message.
    #[serde(flatten)]
    pub of: Doubtful,
    /// When somebody first meant to post it.
    pub since: Timestamp,
    /// When it was posted for certain.
    pub posted: Timestamp,
}

/// Which of the day's messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Doubtful {
    /// The thread's parent.
    Parent,
    /// Its guide.
    Guide,
    /// A run's.
    Run {
        /// The run's route.
        route: Route,
        /// Its key.
        key: String,
    },
}

impl DayRecord {
    /// Notes that a second copy of a message may come; one doubt for each.
    pub fn doubt(&mut self, doubt: Doubt) {
        self.doubts.retain(|other| other.of != doubt.of);
        self.doubts.push(doubt);
        // A day has a handful; the oldest have landed or never will.
        self.doubts.drain(..self.doubts.len().saturating_sub(MOST_DOUBTS));
    }
}

/// A finished run of the schedule, for the parent's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRecord {
    /// The scheduled time.
    pub at: Timestamp,
    /// The step.
    pub route: Route,
    /// How it went.
    pub outcome: SlotOutcome,
    /// What a later run by hand told of the public feed, if any did before the next slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

impl SlotRecord {
    /// Whether it is of a slot of the schedule, to the minute.
    pub fn is_of(&self, slot: &DueSlot) -> bool {
        self.route == slot.route && minute_of(self.at) == Some(slot.at)
    }

    /// How things stood after the slot, as far as runs before `moment` tell.
    pub fn stood_before(&self, moment: Timestamp) -> &SlotOutcome {
        let by_hand = self.by_hand.as_ref().filter(|by_hand| by_hand.at < moment);
        by_hand.map_or(&self.outcome, |by_hand| &by_hand.outcome)
    }
}

/// What a run by hand told of the public feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// When the run was first claimed.
    pub at: Timestamp,
    /// What it told.
    pub outcome: SlotOutcome,
}

/// Where the day's thread stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ThreadState {
    /// Nobody opened one yet.
    #[default]
    None,
    /// Somebody is about to post the parent.
    Opening {
        /// Who.
        claim: Claim,
        /// When somebody first meant to post it: a search looks no further back.
        since: Timestamp,
    },
    /// It is open.
    Open(OpenThread),
}

/// A day's open thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenThread {
    /// The channel's id.
    pub channel: String,
    /// The parent's name, which is the thread's.
    pub ts: Ts,
    /// A link for people, where the chat gave one.
    pub permalink: Option<String>,
    /// Where the guide stands.
    pub guide: GuideState,
}

/// The guide, the thread's first reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum GuideState {
    /// Somebody is about to post it.
    Posting {
        /// Who.
        claim: Claim,
        /// When somebody first meant to post it.
        since: Timestamp,
    },
    /// It is there.
    Posted {
        /// Its name.
        ts: Ts,
    },
}

/// `runs/<route>/<hash of the key>.json`: a key may hold anything.
pub fn run_name(route: Route, key: &str) -> String {
    format!("runs/{route}/{}.json", &hex(&Sha256::digest(key))[..32])
}

/// `days/<date>.json`
pub fn day_name(day: Date) -> String {
    format!("days/{day}.json")
}
