//! What a run found out, as plain data: the answer's `report`, and what messages are made of.
//!
//! It never holds a sentence for people (that is `slack::wording`) and never decides anything.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    feed_store::{BuildId, Invalidation},
    filter::SkipReason,
    route::Route,
};

/// The verdict of a run, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All is well.
    Ok,
    /// Somebody should have a look, nothing is broken.
    Warn,
    /// A build was made and kept back; the published feed is as it was.
    Held,
    /// It did not work, or what is published is not sound.
    Fail,
}

/// How a run came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Cloud Scheduler, at its time.
    Scheduled,
    /// Somebody pressed "force run" in Cloud Scheduler.
    Forced,
    /// Somebody called the route, with `curl` for instance.
    Manual,
}

/// What is known of a run before it did anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The route.
    pub route: Route,
    /// The run's key: the scheduled time, `forced:<time>`, a given key or a fresh one.
    pub key: String,
    /// How it came about.
    pub origin: Origin,
    /// The scheduled time, or when the run was first claimed.
    pub at: Timestamp,
    /// The day (in `TIMEZONE`) whose thread it belongs to, fixed at the first claim.
    pub day: Date,
    /// Counts from 1.
    pub attempt: u32,
}

/// What a run has to tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Report {
    /// `create-thread`
    Thread(ThreadReport),
    /// `export-products` that came to a verdict.
    Export(Box<ExportReport>),
    /// `verify-ep` that came to a verdict.
    Verify(VerifyReport),
    /// Any route that could not do its work.
    Failure(Failure),
}

/// The day's thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadReport {
    /// The day.
    pub day: Date,
    /// Whether this run opened it; otherwise it was there already.
    pub opened: bool,
}

/// Where every product of the catalogue went. Each counts exactly once:
/// `fetched = kept + skipped + broken + duplicates`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// Products read, whole variants included.
    pub fetched: u64,
    /// Rows in the feed.
    pub kept: u64,
    /// Left out on purpose, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// Left out because the row would break a rule, by rule (`price_pc: not_whole`).
    pub broken: BTreeMap<String, u64>,
    /// The same id again, after a row with it was kept.
    pub duplicates: u64,
}

impl Funnel {
    /// All products skipped on purpose.
    pub fn skipped_total(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// All products that would have broken a rule.
    pub fn broken_total(&self) -> u64 {
        self.broken.values().sum()
    }

    /// Whether every product is in exactly one count.
    pub fn adds_up(&self) -> bool {
        self.fetched == self.kept + self.skipped_total() + self.broken_total() + self.duplicates
    }
}

/// What became of a build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Publication {
    /// It is the public file now.
    Published {
        /// How the cache in front of it took it.
        invalidation: Invalidation,
    },
    /// It was kept back; the public file is as it was.
    Held {
        /// Why.
        reasons: Vec<HoldReason>,
    },
    /// A newer run's build is out; this one was not published.
    Superseded {
        /// The build that is out.
        by: BuildId,
    },
    /// A dry run: nothing was stored or published.
    DryRun,
}

/// Why a build is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum HoldReason {
    /// Not a single row.
    NoRows,
    /// Products are priced in another currency than the feed's.
    ForeignCurrency {
        /// The feed's currency.
        expected: String,
        /// How many products have another one.
        products: u64,
        /// The first other currency met.
        found: String,
    },
    /// The source gave fewer products than it says it has.
    SourceIncomplete {
        /// What the source says.
        expected: u64,
        /// What it gave.
        found: u64,
    },
}

/// Something worth a line that holds nothing up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
pub enum Remark {
    /// A category of `CATALOG_CATEGORIES` has no products.
    EmptyCategory {
        /// The category's id.
        category: String,
    },
    /// Products with a members' price whose regular price the source does not tell.
    FamilyPriceOnly {
        /// How many rows carry the members' price.
        products: u64,
    },
}

/// An export that came to a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportReport {
    /// The build's id.
    pub build: BuildId,
    /// What became of it.
    pub publication: Publication,
    /// Where every product went.
    pub funnel: Funnel,
    /// Rows of the build that was published before, if any.
    pub rows_before: Option<u64>,
    /// Size of the file.
    pub bytes: u64,
    /// Lower-case hex SHA-256 of the file.
    pub sha256: String,
    /// The public URL.
    pub feed_url: String,
    /// Where the build lies; nowhere in a dry run.
    pub build_location: Option<String>,
    /// Where the excluded products lie; nowhere in a dry run.
    pub excluded_location: Option<String>,
    /// Lines that hold nothing up.
    pub remarks: Vec<Remark>,
    /// How long the run's work took.
    pub duration_ms: u64,
}

/// The checks of `verify-ep`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// Status, content type, time.
    Reachable,
    /// The build is of the newest export slot due.
    Fresh,
    /// The bytes are those of the published build.
    Identical,
    /// UTF-8, no BOM.
    Encoding,
    /// Column names known, required ones present, none twice.
    Header,
    /// Fields per row, control characters.
    Shape,
    /// Required columns are filled.
    RequiredValues,
    /// No id twice.
    UniqueIds,
    /// Each value keeps its column's rule.
    Formats,
    /// Cap, and change against the record.
    RowCount,
    /// Today's exports left a record.
    ScheduleKept,
}

impl CheckId {
    /// Every check, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::Reachable,
        Self::Fresh,
        Self::Identical,
        Self::Encoding,
        Self::Header,
        Self::Shape,
        Self::RequiredValues,
        Self::UniqueIds,
        Self::Formats,
        Self::RowCount,
        Self::ScheduleKept,
    ];

    /// The name, as in settings and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Fresh => "fresh",
            Self::Identical => "identical",
            Self::Encoding => "encoding",
            Self::Header => "header",
            Self::Shape => "shape",
            Self::RequiredValues => "required_values",
            Self::UniqueIds => "unique_ids",
            Self::Formats => "formats",
            Self::RowCount => "row_count",
            Self::ScheduleKept => "schedule_kept",
        }
    }
}

/// The outcome of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// As it should be.
    Pass,
    /// Worth a look.
    Warn,
    /// Not sound.
    Fail,
}

/// What a check found wrong. A closed set: each has a sentence in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// reachable: no answer (DNS, connection, TLS, reset).
    NoAnswer,
    /// reachable: another status than 200.
    BadStatus,
    /// reachable: the file broke off before its end.
    CutOff,
    /// reachable: longer than `VERIFY_TIMEOUT`.
    TooSlow,
    /// reachable: more bytes than `VERIFY_MAX_BYTES`.
    TooBig,
    /// reachable: a content type that is not text.
    ContentType,
    /// reachable: an HTML page where the feed should be.
    Html,
    /// fresh: nothing was ever published by us.
    NeverPublished,
    /// fresh: the published build is older than the newest export slot due.
    Stale,
    /// fresh: the published build is older than `VERIFY_MAX_AGE`.
    TooOld,
    /// identical: an older build of ours, the CDN has not followed yet.
    OlderBuild,
    /// identical: nobody's build.
    ForeignFile,
    /// encoding: bytes that are no UTF-8.
    NotUtf8,
    /// encoding: a byte order mark at the start.
    Bom,
    /// encoding: UTF-16.
    Utf16,
    /// header: the file is empty.
    Empty,
    /// header: a required column is missing.
    MissingColumn,
    /// header: a column stands twice.
    RepeatedColumn,
    /// header: a name that no guide knows.
    UnknownColumn,
    /// shape: fewer or more fields than the header.
    FieldCount,
    /// shape: a control character inside a value.
    ControlCharacter,
    /// shape: a carriage return at the end of the row.
    CarriageReturn,
    /// shape: a row longer than we read.
    RowTooLong,
    /// required_values: a required value is empty.
    EmptyRequired,
    /// unique_ids: an id stands twice.
    RepeatedId,
    /// formats: a value breaks its column's rule.
    BadValue,
    /// row_count: no rows.
    NoRows,
    /// row_count: more rows than `EP_MAX_ROWS`.
    OverCap,
    /// row_count: another number of rows than the record says.
    RowsDiffer,
    /// schedule_kept: an export of today was due and left no record.
    MissedRun,
    /// any check: it could not be made, because the file could not be read.
    NotChecked,
}

/// One place in the file. Values are as found, cut to a readable length, not yet escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Row number as a text editor counts lines: the header is 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The row's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The value, or what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The rule that it breaks, e.g. `digits only`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// All findings of one kind: how many, and the first few.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// How often.
    pub count: u64,
    /// The first few places.
    pub examples: Vec<Example>,
}

/// One check's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Which check.
    pub id: CheckId,
    /// Its outcome.
    pub status: CheckStatus,
    /// What was measured, free of language: `200 · 0.12 s`, `9,812`.
    pub measured: String,
    /// What it was held against, if anything: `100,000`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// What is wrong, most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub problems: Vec<Problem>,
}

/// A verification that came to a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// The public URL that was read.
    pub feed_url: String,
    /// The build that was found there, if it is one of ours.
    pub build: Option<BuildId>,
    /// Rows without the header.
    pub rows: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Every check, in the order of [`CheckId`].
    pub checks: Vec<CheckResult>,
    /// How long it took.
    pub duration_ms: u64,
}

impl VerifyReport {
    /// The number of checks that passed.
    pub fn passed(&self) -> usize {
        self.checks.iter().filter(|c| c.status == CheckStatus::Pass).count()
    }
}

/// What could not be done. A closed set: each has a sentence, and what to do, in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The catalogue could not be reached, was too slow or broke off.
    CatalogueUnreachable,
    /// The catalogue answered with an error status.
    CatalogueRefused,
    /// The catalogue is not what the settings say: HTML, no JSON, no array at the pointer.
    CatalogueUnreadable,
    /// The feed store (S3) failed.
    FeedStore,
    /// The publication was begun and its end is not known: readers may get the new build already.
    Publication,
    /// The state store (GCS) failed.
    State,
    /// Slack failed.
    Chat,
    /// Our own deadline passed.
    Deadline,
    /// A defect of ours.
    Internal,
}

/// A run that could not do its work. The published feed is as it was, but for [`FailureKind::Publication`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Failure {
    /// What could not be done.
    pub failure: FailureKind,
    /// What was found, where, and what to do: one English sentence. Foreign text in it is not yet escaped.
    pub detail: String,
    /// Whether the same call may work later.
    pub retryable: bool,
}

impl Report {
    /// The verdict.
    pub fn status(&self) -> Status {
        match self {
            Self::Thread(_) => Status::Ok,
            Self::Export(export) => match &export.publication {
                Publication::Held { .. } => Status::Held,
                Publication::Published { invalidation: Invalidation::Failed { .. } } => Status::Warn,
                _ => Status::Ok,
            },
            Self::Verify(verify) => match verify.checks.iter().map(|c| c.status).max() {
                Some(CheckStatus::Fail) => Status::Fail,
                Some(CheckStatus::Warn) => Status::Warn,
                _ => Status::Ok,
            },
            Self::Failure(_) => Status::Fail,
        }
    }
}

impl Report {
    /// One English sentence, for answers and logs.
    pub fn summary(&self) -> String {
        match self {
            Self::Thread(thread) if thread.opened => format!("opened the thread of {}", thread.day),
            Self::Thread(thread) => format!("the thread of {} was open already", thread.day),
            Self::Export(export) => {
                let (kept, fetched) = (export.funnel.kept, export.funnel.fetched);
                let what = match &export.publication {
                    Publication::Published { .. } => "published",
                    Publication::Held { .. } => "held",
                    Publication::Superseded { .. } => "superseded by a newer build:",
                    Publication::DryRun => "did not publish",
                };
                format!("{what} {kept} of {fetched} products as build {}", export.build)
            }
            Self::Verify(verify) => format!(
                "{} of {} checks passed on {} rows at {}",
                verify.passed(),
                verify.checks.len(),
                verify.rows,
                verify.feed_url
            ),
            Self::Failure(failure) => failure.detail.clone(),
        }
    }
}

/// The day at a glance, from which the parent is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The day.
    pub day: Date,
    /// The slots of the schedule without `create-thread`, in order of time.
    pub slots: Vec<Slot>,
}

/// One line of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Local time of day, `00:05`.
    pub time: String,
    /// The route.
    pub route: Route,
    /// How it went; `None` while it has not.
    pub outcome: Option<SlotOutcome>,
}

/// How a slot went, short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotOutcome {
    /// The verdict.
    pub status: Status,
    /// Rows of the feed, for an export that has some.
    pub rows: Option<u64>,
}

/// A number with thousands separators.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
