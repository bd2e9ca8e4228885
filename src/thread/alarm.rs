//! The alarm rules: whom a run's message names and calls, and whether that takes a new message, for an edit calls
//! nobody.
//!
//! Plain data in, plain data out: no record is read here, and no chat and no clock is known.

use jiff::Timestamp;

use crate::{
    config::chat::MentionWhen,
    ledger::{Calls, Turn},
    report::{HELD_BACK, Origin, Report, SlotOutcome, Status},
    schedule::SCHEDULED_ATTEMPTS,
};

/// Failed attempts before this one name nobody when the next may succeed: most mend themselves.
const NAMED_FROM_ATTEMPT: u32 = 3;

/// What a run tells, as far as it matters to whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct News {
    pub origin: Origin,
    pub attempt: u32,
    pub found: Found,
    /// What it changes in what the channel last heard.
    pub turn: Turn,
    /// When `SLACK_MENTION` is named, where it names anybody.
    pub mention: Option<MentionWhen>,
    /// Whether people were told of all of it today already: then it stands in the thread and calls nobody.
    pub is_known: bool,
    /// Whom an earlier attempt's message called, and what it shows.
    pub earlier: Option<(Calls, Status)>,
}

/// How things stood with a step after a run before this one.
#[derive(Debug, Clone)]
pub(super) struct Stood {
    pub at: Timestamp,
    /// Whether that was on this run's day.
    pub is_today: bool,
    pub outcome: SlotOutcome,
}

/// Trouble that was there before this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// Since the slot that it was first told of, as far as the records say.
    pub since: Timestamp,
    /// Whether this run's trouble is the same: none of its causes is new.
    pub is_the_same: bool,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Verdict(Status),
    /// It could not do its work; another attempt may, if it is `retryable`.
    Failure {
        retryable: bool,
    },
}

impl Found {
    pub(super) fn of(report: &Report) -> Self {
        match report {
            Report::Failure(failure) => Self::Failure { retryable: failure.retryable },
            verdict => Self::Verdict(verdict.status()),
        }
    }
}

impl News {
    fn status(&self) -> Status {
        match self.found {
            Found::Verdict(status) => status,
            Found::Failure { .. } => Status::Fail,
        }
    }

    /// Whether it names the people of `SLACK_MENTION`.
    pub(super) fn names(&self) -> bool {
        !self.is_quiet()
            && self.mention.is_some_and(|when| match self.found {
                Found::Failure { retryable } => !retryable || self.attempt >= NAMED_FROM_ATTEMPT,
                Found::Verdict(status) => {
                    when == MentionWhen::Always || status != Status::Ok && !self.is_known
                }
            })
    }

    /// Whether it says again what people were called for. Of a run that failed nobody can tell that by its slot: the attempts
    /// before its third call nobody.
    fn is_quiet(&self) -> bool {
        let is_verdict = matches!(self.found, Found::Verdict(_));
        self.is_known && self.status() >= Status::Held && is_verdict && self.turn != Turn::Recovered
    }

    /// Whom it calls: the channel for what nobody will mend by itself and for its end, and whoever it names.
    pub(super) fn calls(&self) -> Calls {
        if self.is_quiet() {
            return Calls::Nobody;
        }
        let is_final = match self.found {
            Found::Failure { retryable } => !retryable || is_last(self.origin, self.attempt),
            Found::Verdict(_) => false,
        };
        let ends_an_alarm =
            self.status() < Status::Held && self.earlier.is_some_and(|(called, _)| called == Calls::Channel);
        if self.status() == Status::Held || is_final || self.turn != Turn::None || ends_an_alarm {
            Calls::Channel
        } else if self.names() {
            Calls::Named
        } else {
            Calls::Nobody
        }
    }

    /// Whether it tells of trouble to somebody, so that a message that may have called nobody will not do.
    pub(super) fn is_alarm(&self) -> bool {
        self.status() >= Status::Held && self.calls() > Calls::Nobody
    }

    /// Whether the earlier attempt's message must make room for a new one.
    pub(super) fn must_be_new(&self) -> bool {
        let Some((called, shows)) = self.earlier else { return true };
        match self.status() {
            Status::Warn | Status::Held | Status::Fail if self.calls() > called => true,
            Status::Held | Status::Fail => false,
            // The end of an alarm of this run's, or of the one before it.
            Status::Ok | Status::Warn if called == Calls::Channel => shows >= Status::Held,
            Status::Ok | Status::Warn => self.calls() == Calls::Channel,
        }
    }
}

/// The trouble that was there at the slots before, newest first; `None` where the last one was good. `causes` are this
/// run's.
pub(super) fn standing(causes: &[String], before: &[Stood]) -> Option<Standing> {
    let bad: Vec<&Stood> = before.iter().take_while(|stood| is_bad(stood.outcome.status)).collect();
    let (newest, oldest) = (bad.first()?, bad.last()?);
    // What is noted reaches further back than the slots that are looked at.
    let since = newest.outcome.since.unwrap_or(oldest.at);
    Some(Standing { since, is_the_same: are_all_of(causes, bad.into_iter()) })
}

/// Whether today's runs told all of it, without a better one since. What stands on a new day calls once more, and so does
/// what was worth a look and is bad now.
pub(super) fn was_told_today(status: Status, causes: &[String], before: &[Stood]) -> bool {
    let no_better = before.iter().take_while(|stood| stood.outcome.status >= status.min(Status::Held));
    are_all_of(causes, no_better.filter(|stood| stood.is_today))
}

fn are_all_of<'a>(causes: &[String], stood: impl Iterator<Item = &'a Stood> + Clone) -> bool {
    let told = |cause: &String| stood.clone().any(|stood| stood.outcome.causes.contains(cause));
    !causes.is_empty() && causes.iter().all(told)
}

fn is_bad(status: Status) -> bool {
    status >= Status::Held
}

/// Whether a verification finds what follows from a hold and nothing else: its beginning and its end are the export's to
/// tell.
pub(super) fn is_of_a_hold(causes: &[String]) -> bool {
    !causes.is_empty() && causes.iter().all(|cause| cause == HELD_BACK)
}

/// What a verdict on the public feed changes, where `before` is how things stood at the slots before it, newest first:
/// that is said once. A hold is no turn, nor is what follows from it: whether that calls is decided by its causes.
pub(super) fn turn(status: Status, causes: &[String], before: &[Stood], origin: Origin) -> Turn {
    let is_bad = |status, causes: &[String]| is_bad(status) && !is_of_a_hold(causes);
    let was_bad = |stood: &SlotOutcome| is_bad(stood.status, &stood.causes);
    // A verification that could not be made found nothing out.
    let last_found = before.iter().map(|stood| &stood.outcome).find(|stood| !stood.could_not);
    match (is_bad(status, causes), last_found) {
        (true, Some(stood)) if was_bad(stood) => Turn::None,
        (true, Some(_)) => Turn::Broken,
        // The very first one: who runs it by hand sees it.
        (true, None) if origin == Origin::Scheduled => Turn::Broken,
        (true, None) => Turn::None,
        (false, _) if before.first().is_some_and(|stood| was_bad(&stood.outcome)) => Turn::Recovered,
        (false, _) => Turn::None,
    }
}

/// Whether it is told that the attempt before this one broke off: the work begins again only then, for it may kill this
/// one, too.
pub(super) fn tells_broken_off(attempt: u32) -> bool {
    attempt >= NAMED_FROM_ATTEMPT
}

/// No attempt follows that the Scheduler makes by itself.
pub(crate) fn is_last(origin: Origin, attempt: u32) -> bool {
    origin != Origin::Manual && attempt >= SCHEDULED_ATTEMPTS
}

#[cfg(test)]
mod tests;
