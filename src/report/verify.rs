//! What a verification found out: each check's status, and what is wrong, counted by kind with a few places.

use serde::{Deserialize, Serialize};

use super::{BuildId, LaterName};

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
    /// No zero or absurd prices; the median against earlier publications.
    Prices,
    /// Nothing that Naver punishes shops for: one title or image for many, phone numbers, promotion phrases.
    Sanctions,
    /// A sample of pages and images opens.
    Alive,
    /// Today's exports left a record.
    ScheduleKept,
    /// Of a later version.
    #[serde(untagged)]
    Later(LaterName),
}

impl CheckId {
    /// Every check, in the order in which they are told.
    pub const ALL: [Self; 14] = [
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
        Self::Prices,
        Self::Sanctions,
        Self::Alive,
        Self::ScheduleKept,
    ];

    /// The name, as in settings and answers.
    pub fn name(&self) -> &str {
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
            Self::Prices => "prices",
            Self::Sanctions => "sanctions",
            Self::Alive => "alive",
            Self::ScheduleKept => "schedule_kept",
            Self::Later(later) => later.as_str(),
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
    /// fresh, identical: nothing is recorded as published, but the file says that it is a build of ours.
    Unrecorded,
    /// fresh: the published build is older than the newest export slot due.
    Stale,
    /// fresh: the newest export that was due made a build that was held back.
    HeldBack,
    /// fresh: somebody published an older build on purpose.
    Chosen,
    /// fresh: the published build is older than `VERIFY_MAX_AGE`.
    TooOld,
    /// identical: an older build of ours, the CDN has not followed yet.
    OlderBuild,
    /// identical: nobody's build.
    ForeignFile,
    /// encoding: bytes that are no UTF-8.
    NotUtf8,
    /// encoding: text in EUC-KR or CP949.
    LooksLikeCp949,
    /// encoding: a thousandth of the titles or more was destroyed before it came here.
    SomeDestroyed,
    /// encoding: a hundredth of the titles or more was destroyed before it came here.
    ManyDestroyed,
    /// encoding: a byte order mark at the start.
    Bom,
    /// encoding: UTF-16.
    Utf16,
    /// encoding: gzip, which readers would have to unpack first.
    Gzip,
    /// header: the file is empty.
    Empty,
    /// header: the format before this one, EP 2.0.
    OldFormat,
    /// header: columns that something else than a TAB parts.
    OtherSeparator,
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
    /// shape: the first row holds carriage returns where line feeds should end rows.
    LoneCarriageReturn,
    /// shape: header or rows that end in a TAB.
    TrailingTab,
    /// shape: an empty line after the last row.
    BlankLastLine,
    /// shape: values in quotes.
    Quoted,
    /// shape: no line end after the last row.
    NoFinalLineEnd,
    /// shape, header: a row longer than we read.
    RowTooLong,
    /// required_values: a required value is empty.
    EmptyRequired,
    /// unique_ids: an id stands twice.
    RepeatedId,
    /// unique_ids: more ids than are compared.
    TooManyIds,
    /// formats: a value breaks its column's rule.
    BadValue,
    /// formats: a value breaks its column's rule, and the row is taken without it.
    IgnoredValue,
    /// formats: an HTML entity in a value.
    Entity,
    /// formats: a character in a value that nobody sees.
    InvisibleCharacter,
    /// formats: a link into a private network.
    PrivateHost,
    /// row_count: no rows.
    NoRows,
    /// row_count: more rows than `EP_MAX_ROWS`.
    OverCap,
    /// row_count: another number of rows than the record says.
    RowsDiffer,
    /// row_count: only what changed, a summary EP.
    SummaryFile,
    /// prices: zero.
    ZeroPrice,
    /// prices: far too low or far too high for a product.
    OddPrice,
    /// prices: a list price that is not above the price.
    ListPriceNotAbove,
    /// prices: the median is far from that of the publication before.
    MedianMoved,
    /// prices: the median is a multiple or a fraction of that of the publication before.
    MedianJumped,
    /// sanctions: one title on many products.
    RepeatedTitle,
    /// sanctions: one image on many products.
    RepeatedImage,
    /// sanctions: one link for most products.
    OneLink,
    /// sanctions: a phone number in a title.
    PhoneNumber,
    /// sanctions: a promotion phrase in a title.
    Promotion,
    /// alive: a page of the sample does not open.
    DeadPage,
    /// alive: an image of the sample does not open.
    DeadImage,
    /// alive: more than half of the sample does not open.
    MostlyDead,
    /// alive: a host that refuses everything of the sample.
    HostRefuses,
    /// alive: a host of which nothing of the sample opens.
    HostDead,
    /// alive: a page of the sample leads to another one.
    PageElsewhere,
    /// alive: what opens is no image.
    NotAnImage,
    /// alive: an image is too small or too large.
    ImageSize,
    /// alive: not one page or image answered at all.
    NoneAnswered,
    /// schedule_kept: an export of today was due and left no record.
    MissedRun,
    /// any check: it could not be made, mostly because the file could not be read.
    NotChecked,
    /// Of a later version.
    #[serde(untagged)]
    Later(LaterName),
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
    /// How many it stands for, where it is an example of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
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
    /// Every check that is switched on, in the order of [`CheckId`].
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
