//! Sentences about the feed store, the cache before it, and what readers get.

use super::AGAIN;
use crate::{
    doctor::{
        Check, Finding,
        public::{Seen, Shows, Sides},
    },
    feed_store::{FeedError, Probe},
};

const FEED_URL: &str = "Set FEED_URL to the address of the distribution of CLOUDFRONT_DISTRIBUTION_ID, and see that it leads \
                        to the bucket and the prefix of FEED_STORE_URL.";
const NOT_THROUGH: &str = "does not come through CloudFront, whose cache is told of new files";

pub(in crate::doctor) fn feed(what: Probe, outcome: &Result<bool, FeedError>, place: &str) -> Finding {
    let check = Check::from(what);
    let (done, rights) = match what {
        Probe::Put => ("a file can be written", "s3:PutObject on its files"),
        Probe::Multipart => (
            "an upload in parts can be begun and aborted",
            "s3:PutObject and s3:AbortMultipartUpload on its files",
        ),
        Probe::Copy => {
            ("a file can be copied, as a publication does", "s3:GetObject and s3:PutObject on its files")
        }
        Probe::Missing => {
            ("a file that is not there is told from a forbidden one", "s3:ListBucket on the bucket")
        }
        Probe::Remove => ("the files written for this are removed", "s3:DeleteObject on its files"),
        Probe::Invalidate => (
            "the distribution takes invalidations",
            "cloudfront:CreateInvalidation and cloudfront:GetInvalidation on the distribution of \
             CLOUDFRONT_DISTRIBUTION_ID",
        ),
    };
    match outcome {
        Ok(true) => Finding::ok(check, done),
        Ok(false) => Finding::ok(check, "there is none here, and none is needed"),
        Err(FeedError::Refused { .. }) if what == Probe::Remove => Finding::ok(
            check,
            "no right to remove, as it should be: the lifecycle rule for builds/ removes the two small files",
        ),
        Err(error) if what == Probe::Remove => {
            let mend = format!(
                "Remove builds/doctor-* in {place} by hand, or leave it to the lifecycle rule for builds/."
            );
            Finding::warn(check, error.to_string(), mend)
        }
        Err(error @ FeedError::Unavailable { .. }) => Finding::fail(check, error.to_string(), AGAIN),
        Err(error) => {
            let mend = format!(
                "Give the role of AWS_ROLE_ARN (or the keys' user) {rights} (deploy/setup.sh does), or mend the setting that \
                 the line names."
            );
            Finding::fail(check, error.to_string(), mend)
        }
    }
}

pub(in crate::doctor) fn no_feed_url() -> Finding {
    let mend = "Set FEED_URL where something else serves the feed's folder.";
    Finding::warn(Check::FeedUrl, "not set: auto-ep serves the feed by itself, which was not looked at", mend)
}

pub(in crate::doctor) fn feed_url(sides: &Sides, place: &str) -> Finding {
    let check = Check::FeedUrl;
    let seen = match &sides.seen {
        Ok(seen) => seen,
        Err(error) => return Finding::fail(check, format!("cannot be read: {}", error.detail), FEED_URL),
    };
    let stored = match &sides.stored {
        Ok(stored) => stored.as_ref(),
        Err(error) => {
            return Finding::warn(check, format!("not compared: {error}"), "Mend the feed's lines first.");
        }
    };
    let build = stored.map(|stored| stored.build.to_string()).unwrap_or_default();
    let found = match Shows::of(stored, seen) {
        Shows::TheBuild => Finding::ok(check, format!("readers get build {build}, as {place} has it")),
        Shows::TheLength => {
            Finding::ok(check, format!("readers get a file as long as build {build} in {place}"))
        }
        Shows::NothingYet => {
            let found =
                format!("readers get status {}: nothing is published yet, so that is normal", seen.status);
            // Only then is it the distribution that says so.
            return match sides.has_distribution && !seen.through_cloudfront {
                true => Finding::warn(check, format!("{found}, but it {NOT_THROUGH}"), FEED_URL),
                false => Finding::warn(check, found, "Run the first export, then the doctor again."),
            };
        }
        Shows::Foreign => {
            let mend = "See that FEED_URL leads to the public file of FEED_STORE_URL; if it does, the first export takes over \
                        what stands there.";
            return Finding::warn(check, "readers get a file that auto-ep did not publish", mend);
        }
        Shows::Another => {
            let theirs =
                seen.build.as_ref().map_or("another file".to_owned(), |theirs| format!("build {theirs}"));
            Finding::fail(check, format!("readers get {theirs}, but {place} has build {build}"), FEED_URL)
        }
        Shows::Status => status(check, seen, &build, place),
    };
    through(found, seen, sides.has_distribution)
}

fn status(check: Check, seen: &Seen, build: &str, place: &str) -> Finding {
    let has = if build.is_empty() { String::new() } else { format!(", but {place} has build {build}") };
    let mend = match seen.status {
        403 | 404 if !build.is_empty() => {
            "Let the distribution read the bucket (origin access control, deploy/setup.sh makes it), and see that FEED_URL \
             leads to the prefix of FEED_STORE_URL."
        }
        500.. => AGAIN,
        _ => FEED_URL,
    };
    Finding::fail(check, format!("readers get status {}{has}", seen.status), mend)
}

/// What is right may still have come by another way.
fn through(finding: Finding, seen: &Seen, has_distribution: bool) -> Finding {
    if finding.mend.is_some() || !has_distribution || seen.through_cloudfront {
        return finding;
    }
    Finding::warn(finding.check, format!("{}, but it {NOT_THROUGH}", finding.found), FEED_URL)
}
