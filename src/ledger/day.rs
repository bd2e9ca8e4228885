//! `days/…`: the day's thread and its finished runs.
//!
//! Data, and the few questions that everybody asks of it; who may change what is for its users.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::run::Claim;
use crate::{
    chat::Ts,
    report::SlotOutcome,
    schedule::{DueSlot, minute_of},
    step::Step,
};

/// Doubts that a day's record keeps.
const MOST_DOUBTS: usize = 32;

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
        /// The run's step.
        #[serde(rename = "route")]
        step: Step,
        /// Its key.
        key: String,
    },
}

impl DayRecord {
    /// Notes that a second copy of a message may come; one doubt for each.
    pub(crate) fn doubt(&mut self, doubt: Doubt) {
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
    #[serde(rename = "route")]
    pub step: Step,
    /// How it went.
    pub outcome: SlotOutcome,
    /// What a later run by hand told of the public feed, if any did before the next slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

impl SlotRecord {
    /// Whether it is of a slot of the schedule, to the minute.
    pub(crate) fn is_of(&self, slot: &DueSlot) -> bool {
        self.step == slot.step && minute_of(self.at) == Some(slot.at)
    }

    /// How things stood after the slot, as far as runs before `moment` tell.
    pub(crate) fn stood_before(&self, moment: Timestamp) -> &SlotOutcome {
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

/// `days/<date>.json`
pub(crate) fn day_name(day: Date) -> String {
    format!("days/{day}.json")
}
