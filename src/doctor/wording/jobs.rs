//! Sentences about Cloud Scheduler's jobs.
//!
//! What makes calls fail is to be mended; what differs from `SCHEDULE` is worth a look, for a deployment comes before
//! `deploy/schedule.sh`, which mends it.

use std::cmp::Reverse;

use super::AGAIN;
use crate::{
    doctor::{
        Check, Finding, Grade,
        jobs::outcome::{Compared, Fault, Told, Unread},
    },
    schedule::{ATTEMPT_SECONDS, FIRST_RETRY_SECONDS, SCHEDULED_ATTEMPTS},
};

const SCRIPT: &str = "Run deploy/schedule.sh, which makes, mends and removes the jobs.";
const RESUME: &str = "Run deploy/schedule.sh --resume when the service is to be called again.";
const BY_HAND: &str =
    "Remove by hand what nobody else needs: deploy/schedule.sh leaves jobs of others alone.";
const VIEWER: &str = "Give the account that the service runs as roles/cloudscheduler.viewer on the project \
                      (deploy/setup.sh does), or compare them yourself: deploy/schedule.sh --list.";
const ELSEWHERE: &str = "Ask the doctor of the deployed service (\"The doctor\" in deploy/README.md), or look by \
                         yourself: deploy/schedule.sh --list.";

pub(in crate::doctor) fn jobs(compared: &Compared, region: &str) -> Finding {
    let check = Check::ScheduleJobs;
    match compared {
        Compared::None => {
            let found =
                format!("Cloud Scheduler has no job for this service in {region}: nothing runs by itself");
            Finding::warn(check, found, SCRIPT)
        }
        Compared::Some(count, told) if told.is_empty() => {
            Finding::ok(check, format!("{count} jobs in {region} are what SCHEDULE says"))
        }
        Compared::Some(_, told) => {
            // What is to be mended comes first, for there is room for so many words alone.
            let mut told: Vec<_> = told.iter().collect();
            told.sort_by_key(|one| Reverse(grade_and_mend(&one.fault).0));
            let found: Vec<_> = told.iter().map(|one| sentence(one)).collect();
            let (grades, mends): (Vec<_>, Vec<_>) = told.iter().map(|one| grade_and_mend(&one.fault)).unzip();
            let mends: Vec<_> =
                [SCRIPT, RESUME, BY_HAND].into_iter().filter(|mend| mends.contains(mend)).collect();
            let (found, mend) = (found.join("; "), mends.join(" "));
            match grades.contains(&Grade::Fail) {
                true => Finding::fail(check, found, mend),
                false => Finding::warn(check, found, mend),
            }
        }
    }
}

pub(in crate::doctor) fn jobs_unread(unread: &Unread) -> Finding {
    let check = Check::ScheduleJobs;
    match unread {
        Unread::Elsewhere => {
            Finding::warn(check, "not compared: only Cloud Run says whose jobs they are", ELSEWHERE)
        }
        Unread::Denied(said) => {
            Finding::warn(check, format!("not compared: this service may not read the jobs: {said}"), VIEWER)
        }
        Unread::SwitchedOff(project) => {
            let mend = "Run deploy/setup.sh, which switches it on, then deploy/schedule.sh.";
            Finding::warn(
                check,
                format!("Cloud Scheduler is not switched on in {project}: there is no job"),
                mend,
            )
        }
        Unread::Other(why) => Finding::warn(check, format!("not compared: {why}"), AGAIN),
    }
}

fn grade_and_mend(fault: &Fault) -> (Grade, &'static str) {
    match fault {
        Fault::Off(_) | Fault::Address(_) | Fault::Method(_) | Fault::NoToken | Fault::Audience(_) => {
            (Grade::Fail, SCRIPT)
        }
        Fault::Missing
        | Fault::TimeZone(_)
        | Fault::Retries { .. }
        | Fault::FirstRetry(_)
        | Fault::Deadline(_)
        | Fault::Twice { made_by_us: true }
        | Fault::NotInSchedule { made_by_us: true } => (Grade::Warn, SCRIPT),
        Fault::Paused => (Grade::Warn, RESUME),
        Fault::Twice { made_by_us: false } | Fault::NotInSchedule { made_by_us: false } => {
            (Grade::Warn, BY_HAND)
        }
    }
}

fn sentence(told: &Told) -> String {
    let retries = SCHEDULED_ATTEMPTS - 1;
    let what = match &told.fault {
        Fault::Missing => "in SCHEDULE, but no job calls then".to_owned(),
        Fault::Twice { .. } => "calls when another job does".to_owned(),
        Fault::NotInSchedule { .. } => "calls when SCHEDULE says nothing".to_owned(),
        Fault::TimeZone(zone) => format!("in the time zone {zone}, not TIMEZONE"),
        Fault::Paused => "is paused".to_owned(),
        Fault::Off(state) => format!("is {state}, so it calls nobody"),
        Fault::Address(uri) => format!("calls {uri}, which is not this service"),
        Fault::Method(method) => format!("calls by {method}, not POST"),
        Fault::NoToken => "calls without an OIDC token, and is refused".to_owned(),
        Fault::Audience(audience) => {
            format!("its OIDC token is made out for {audience:?}, not this service, and is refused")
        }
        Fault::Retries { found } => format!("tries again {found} times, not {retries}"),
        Fault::FirstRetry(found) => format!("tries again after {found:?}, not {FIRST_RETRY_SECONDS}s"),
        Fault::Deadline(found) => format!("gives up an attempt after {found:?}, not {ATTEMPT_SECONDS}s"),
    };
    format!("{} {what}", told.of)
}
