//! What a doctor found, as plain data: one line for each check.
//!
//! Every text is cut and made safe to show here, whoever it came from.

use jiff::Timestamp;
use serde::Serialize;
use strum::{EnumIter, IntoStaticStr};

use crate::{chat::escape::visible, feed_store::Probe};

/// Characters of one text.
const MOST: usize = 600;

/// What is looked at, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Check {
    /// What is set.
    Settings,
    /// Whether Slack takes the token.
    SlackToken,
    /// Whether the token may do what is needed.
    SlackScopes,
    /// Whether the bot is a member of the channel.
    SlackChannel,
    /// Whether Slack would take the form of what runs post.
    SlackBlocks,
    /// Whether a message can be posted, read back and removed.
    SlackPost,
    /// Whether a record is created once only.
    StateCreate,
    /// Whether a record is replaced only as it was read.
    StateReplace,
    /// Whether files can be written,
    FeedPut,
    /// in parts, too,
    FeedMultipart,
    /// and be copied to where readers find them.
    FeedCopy,
    /// Whether a file that is not there is told from one that is forbidden.
    FeedMissing,
    /// What became of the files written for this.
    FeedCleanup,
    /// Whether the cache can be told of a new file.
    Invalidation,
    /// Whether readers get what the store says is public.
    FeedUrl,
    /// Whether the catalogue can be read, and what would become of it.
    Catalogue,
    /// Whether the merchant's own corrections can be read, and hold.
    Corrections,
    /// Whether the clock is right.
    Clock,
    /// When each step is due.
    Schedule,
    /// Whether somebody calls then, and rightly.
    ScheduleJobs,
}

impl From<Probe> for Check {
    fn from(what: Probe) -> Self {
        match what {
            Probe::Put => Self::FeedPut,
            Probe::Multipart => Self::FeedMultipart,
            Probe::Copy => Self::FeedCopy,
            Probe::Missing => Self::FeedMissing,
            Probe::Remove => Self::FeedCleanup,
            Probe::Invalidate => Self::Invalidation,
        }
    }
}

impl Check {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// Worth a look; runs work.
    Warn,
    /// Runs will not work.
    Fail,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of what.
    pub check: Check,
    /// How bad it is.
    pub grade: Grade,
    /// What was found.
    pub found: String,
    /// What to do about it, in a sentence; none where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// More of what was found, line by line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

impl Finding {
    /// All is well.
    pub(super) fn ok(check: Check, found: impl AsRef<str>) -> Self {
        Self {
            check,
            grade: Grade::Ok,
            found: visible(found.as_ref(), MOST),
            mend: None,
            details: Vec::new(),
        }
    }

    /// Worth a look.
    pub(super) fn warn(check: Check, found: impl AsRef<str>, mend: impl AsRef<str>) -> Self {
        Self { grade: Grade::Warn, mend: Some(visible(mend.as_ref(), MOST)), ..Self::ok(check, found) }
    }

    /// To be mended.
    pub(super) fn fail(check: Check, found: impl AsRef<str>, mend: impl AsRef<str>) -> Self {
        Self { grade: Grade::Fail, ..Self::warn(check, found, mend) }
    }

    /// The same with more of what was found.
    pub(super) fn with(self, details: impl IntoIterator<Item = String>) -> Self {
        Self { details: details.into_iter().collect(), ..self }
    }
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Of which service: `SERVICE_NAME`.
    pub(crate) service: String,
    /// By which version.
    pub(crate) version: &'static str,
    /// When.
    pub(crate) at: Timestamp,
    /// The worst of the findings.
    pub(crate) grade: Grade,
    /// Each finding, in the order of the table.
    pub(crate) findings: Vec<Finding>,
}

impl Examination {
    /// Of these findings.
    pub(super) fn of(service: &str, at: Timestamp, mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| finding.check);
        let grade = findings.iter().map(|finding| finding.grade).max().unwrap_or(Grade::Ok);
        Self {
            service: visible(service, usize::MAX),
            version: env!("CARGO_PKG_VERSION"),
            at,
            grade,
            findings,
        }
    }

    /// Where the settings are no settings, nothing else can be looked at.
    pub fn of_bad_settings(at: Timestamp, mistakes: &str) -> Self {
        Self::of("", at, vec![super::wording::bad_settings(mistakes)])
    }

    /// Whether nothing has to be mended.
    pub fn is_sound(&self) -> bool {
        self.grade < Grade::Fail
    }

    /// How many findings are of a grade.
    pub(crate) fn count(&self, grade: Grade) -> usize {
        self.findings.iter().filter(|finding| finding.grade == grade).count()
    }
}
