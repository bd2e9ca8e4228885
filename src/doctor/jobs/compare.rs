//! Jobs held against `SCHEDULE`, as data: no network, no sentences.

use url::Url;

use super::{
    job::Job,
    outcome::{Compared, Fault, Told},
};
use crate::{
    metadata::Region,
    schedule::{ATTEMPT_SECONDS, FIRST_RETRY_SECONDS, SCHEDULED_ATTEMPTS, Schedule},
    step::Step,
};

/// Which service the jobs are to call.
pub(in crate::doctor) struct Ours<'a> {
    /// `K_SERVICE`
    pub(crate) service: &'a str,
    /// Where it runs.
    pub(crate) region: &'a Region,
    /// `SERVICE_URL`
    pub(crate) url: Option<&'a str>,
}

/// Holds all jobs of a place against the schedule of one service.
pub(super) fn compare(all: &[Job], schedule: &Schedule, ours: &Ours<'_>) -> Compared {
    let mut left: Vec<&Job> = all.iter().filter(|job| ours.is_ours(job)).collect();
    let count = left.len();
    if count == 0 {
        return Compared::None;
    }
    let (zone, mut told) = (schedule.timezone().iana_name().unwrap_or("UTC"), Vec::new());
    for (step, cron) in schedule.entries() {
        let (mut of_entry, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|job| job.step() == Some(step) && job.cron() == cron);
        left = others;
        // What nobody needs is the one that was made by hand.
        of_entry.sort_by_key(|job| !ours.made(job));
        if of_entry.is_empty() {
            told.push(Told { of: format!("{step}@{cron}"), fault: Fault::Missing });
        }
        for (i, job) in of_entry.into_iter().enumerate() {
            let twice = (i > 0).then(|| Fault::Twice { made_by_us: ours.made(job) });
            let faults = twice.into_iter().chain(ours.faults(job, zone));
            told.extend(faults.map(|fault| Told { of: job.id().to_owned(), fault }));
        }
    }
    told.extend(left.into_iter().map(|job| {
        let fault = Fault::NotInSchedule { made_by_us: ours.made(job) };
        Told { of: job.id().to_owned(), fault }
    }));
    Compared::Some(count, told)
}

impl Job {
    /// Its name without its place.
    fn id(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    fn url(&self) -> Option<Url> {
        Url::parse(&self.http_target.uri).ok()
    }

    /// Which step it calls, wherever that is.
    fn step(&self) -> Option<Step> {
        self.url()?.path().strip_prefix('/')?.parse().ok()
    }

    /// When, as `SCHEDULE` is written here.
    fn cron(&self) -> String {
        self.schedule.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Ours<'_> {
    /// Whether `deploy/schedule.sh` made it: it knows its jobs by this.
    fn made(&self, job: &Job) -> bool {
        job.description.strip_prefix("kept by deploy/schedule.sh for the service ") == Some(self.service)
    }

    /// Whether it is there for this service: whoever made it, if it calls one of our steps.
    fn is_ours(&self, job: &Job) -> bool {
        let calls_us = || job.step().is_some() && job.url().is_some_and(|url| self.leads_here(&url));
        self.made(job) || calls_us()
    }

    /// Whether an address is this service's: the one that it was told, or one of the two that Cloud Run gives it,
    /// `auto-ep-<hash>-<code of the region>.a.run.app` and `auto-ep-<project>.<region>.run.app`.
    fn leads_here(&self, url: &Url) -> bool {
        let origin = url.origin().ascii_serialization();
        if self.url.is_some_and(|known| known == origin) {
            return true;
        }
        let host = url.host_str().filter(|_| url.scheme() == "https" && url.port().is_none());
        let own = host.and_then(|host| host.strip_prefix(self.service)?.strip_prefix('-'));
        let Some(own) = own else { return false };
        let by_project = format!("{}.{}.run.app", self.region.project_number, self.region.name);
        let by_hash = own.strip_suffix(".a.run.app").and_then(|own| own.split_once('-'));
        own == by_project
            || by_hash.is_some_and(|(hash, code)| {
                let is_plain =
                    |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
                is_plain(hash) && is_plain(code)
            })
    }

    /// What is wrong with a job that calls a step at a time of the schedule.
    fn faults(&self, job: &Job, zone: &str) -> Vec<Fault> {
        let (target, retry) = (&job.http_target, &job.retry_config);
        let is_address = job.url().is_some_and(|url| self.leads_here(&url) && url.query().is_none());
        let is_audience =
            |audience: &str| Url::parse(audience).is_ok_and(|url| self.leads_here(&url) && url.path() == "/");
        let (first, deadline) = (format!("{FIRST_RETRY_SECONDS}s"), format!("{ATTEMPT_SECONDS}s"));
        let token = match &target.oidc_token {
            None => Some(Fault::NoToken),
            Some(token) if is_audience(&token.audience) => None,
            Some(token) => Some(Fault::Audience(token.audience.clone())),
        };
        let state = match &*job.state {
            "ENABLED" => None,
            "PAUSED" => Some(Fault::Paused),
            other => Some(Fault::Off(other.to_owned())),
        };
        [
            state,
            (job.time_zone != zone).then(|| Fault::TimeZone(job.time_zone.clone())),
            (!is_address).then(|| Fault::Address(target.uri.clone())),
            (target.http_method != "POST").then(|| Fault::Method(target.http_method.clone())),
            token,
            (retry.retry_count != SCHEDULED_ATTEMPTS - 1)
                .then_some(Fault::Retries { found: retry.retry_count }),
            (retry.min_backoff_duration != first)
                .then(|| Fault::FirstRetry(retry.min_backoff_duration.clone())),
            (job.attempt_deadline != deadline).then(|| Fault::Deadline(job.attempt_deadline.clone())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
