//! Every sentence of a doctor, and how bad each outcome is: a finding for whatever became of a check.
//!
//! It looks at nothing itself. What a port says of an error is what was found; the mend says where and how.

mod corrections;
mod feed;
mod jobs;
mod slack;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(super) use self::{
    corrections::{corrections, no_corrections},
    feed::{feed, feed_url, no_feed_url},
    jobs::{jobs, jobs_unread},
    slack::{no_slack, slack_blocks, slack_channel, slack_post, slack_scopes, slack_token},
};
use super::{Check, Finding, state::kept::Kept};
use crate::{
    chat::escape::visible, config::Config, export::Trial, report::number, schedule::Schedule,
    state::StateError, step::Step,
};

/// A clock that is wrong by more than this names wrong times, and soon its signatures are refused.
const MOST_WRONG: SignedDuration = SignedDuration::from_secs(60);

const AGAIN: &str = "Run the doctor again in a minute; if it stays so, see whether this machine reaches the service, and \
                     whether the service is out of order.";
const STATE: &str = "Give the account that the service runs as roles/storage.objectUser on the bucket of STATE_URL \
                     (deploy/setup.sh does), or mend STATE_URL.";
const CATALOGUE: &str = "Read its details, and mend CATALOG_URL, the preset or the map that they name: \"Another shop\" in \
                         deploy/README.md says how.";

/// A check that took too long.
pub(super) fn too_long(check: Check, limit: Duration) -> Finding {
    Finding::fail(check, format!("no answer within {} s", limit.as_secs()), AGAIN)
}

/// A check that broke.
pub(super) fn defect(check: Check) -> Finding {
    Finding::fail(check, "the check itself stopped unexpectedly", "Report this as a defect of auto-ep.")
}

/// A check that makes no sense before another one is fine.
pub(super) fn not_tried(check: Check, before: Check) -> Finding {
    let before = before.name().replace('_', " ");
    let mend = format!("Mend {before} first, then run the doctor again.");
    Finding::warn(check, format!("not tried, because of {before}"), mend)
}

pub(super) fn settings(config: &Config) -> Finding {
    let mut remarks = config.remarks.clone();
    remarks.extend(config.embedded_twins());
    match remarks.len() {
        0 => Finding::ok(Check::Settings, "sound"),
        n => {
            let mend = "Read its details: each says which setting it is about, and env.yaml explains it.";
            Finding::warn(Check::Settings, format!("sound, with {n} remarks"), mend).with(remarks)
        }
    }
}

pub(super) fn bad_settings(mistakes: &str) -> Finding {
    let mend = "Mend each setting as its details say: env.yaml explains them.";
    let lines = mistakes.lines().map(|line| visible(line, usize::MAX));
    Finding::fail(Check::Settings, "not sound, so nothing else was looked at", mend).with(lines)
}

pub(super) fn state(check: Check, kept: &Kept, place: &str) -> Finding {
    let mend = "Keep the state in a bucket of Google Cloud Storage itself: a store that forgets its conditions lets two \
                instances do the same run.";
    match kept {
        Kept::Promise => {
            let what = if check == Check::StateCreate {
                "is created once only"
            } else {
                "is replaced only as it was read"
            };
            Finding::ok(check, format!("a record in {place} {what}"))
        }
        Kept::NoPromise => Finding::fail(check, format!("{place} took a write that it must refuse"), mend),
        Kept::OtherBytes => {
            Finding::fail(check, format!("{place} does not give back what was written"), mend)
        }
        Kept::Failed(error @ StateError::Unavailable { .. }) => {
            Finding::fail(check, error.to_string(), AGAIN)
        }
        Kept::Failed(error) => Finding::fail(check, error.to_string(), STATE),
    }
}

pub(super) fn catalogue(trial: &Trial) -> Finding {
    let (check, look) = (Check::Catalogue, &trial.look);
    let (fetched, kept) = (number(trial.funnel.fetched), number(trial.funnel.kept));
    let departments = match look.departments.len() as u64 + look.more {
        1 => "one department".to_owned(),
        n => format!("{} departments", number(n)),
    };
    let found = format!("{departments}, {fetched} products looked at, {kept} would be kept");
    let unread = look
        .departments
        .iter()
        .find_map(|one| Some((one.id.as_deref().unwrap_or("it"), one.error.as_ref()?)));
    match (unread, &look.list_error) {
        (Some((id, error)), _) => Finding::fail(check, format!("{id} cannot be read: {error}"), CATALOGUE),
        _ if !trial.is_sound() => Finding::fail(check, found, CATALOGUE),
        (None, Some(error)) => {
            let mend = "See whether the shop's list of departments moved: exports go on with the list that is known.";
            Finding::warn(check, format!("{found}; their list cannot be read: {error}"), mend)
        }
        (None, None) => Finding::ok(check, found),
    }
}

pub(super) fn clock_alone() -> Finding {
    let mend = "Set SLACK_BOT_TOKEN or FEED_URL to have somebody to ask for the time.";
    Finding::warn(Check::Clock, "there is nobody to compare it with", mend)
}

pub(super) fn clock_unknown(error: &str) -> Finding {
    Finding::warn(Check::Clock, format!("not compared: {error}"), AGAIN)
}

/// By how much our clock is before that of another, where that told it.
pub(super) fn clock(ahead: Option<SignedDuration>) -> Finding {
    let Some(ahead) = ahead else { return clock_unknown("the answer has no date") };
    let (seconds, side) = (ahead.abs().as_secs(), if ahead.is_negative() { "slow" } else { "fast" });
    if ahead.abs() <= MOST_WRONG {
        return Finding::ok(Check::Clock, "right");
    }
    let mend = "Set this machine's clock by NTP (timedatectl set-ntp true): Amazon and Google refuse what is signed at a wrong \
                time.";
    Finding::fail(Check::Clock, format!("{seconds} s {side}"), mend)
}

pub(super) fn schedule(schedule: &Schedule, now: Timestamp, due: &[(Step, Option<Timestamp>)]) -> Finding {
    let local = |at: Timestamp| at.to_zoned(schedule.timezone().clone());
    let zone = schedule.timezone().iana_name().unwrap_or("TIMEZONE");
    let next =
        due.iter().filter_map(|(step, at)| Some(format!("{step} {}", local((*at)?).strftime("%m-%d %H:%M"))));
    let next = next.collect::<Vec<_>>().join(", ");
    let found = format!("it is {} in {zone}; next: {next}", local(now).strftime("%Y-%m-%d %H:%M"));
    let never: Vec<_> = due.iter().filter(|(_, at)| at.is_none()).map(|(step, _)| step.to_string()).collect();
    if never.is_empty() {
        return Finding::ok(Check::Schedule, found);
    }
    let mend = "Put each of the three steps into SCHEDULE, then run deploy/schedule.sh.";
    Finding::warn(Check::Schedule, format!("{found}; never: {}", never.join(", ")), mend)
}
