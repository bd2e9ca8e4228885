//! What a verification found out: each check's status, and what is wrong, counted by kind with a few places.

use serde::{Deserialize, Serialize};

use super::{BuildId, CheckId, ProblemKind, Status};
use crate::ep::rules::Violation;

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

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sign {
    /// It breaks this promise.
    Rule(Violation),
    /// This was found in it: a phrase, a number, `U+200B`.
    Found(String),
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
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Sign>,
    /// How many it stands for, where it is an example of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

impl Example {
    /// Of what was found, wherever it is.
    pub(crate) fn value(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// Of a whole row.
    pub(crate) fn row(row: u64) -> Self {
        Self { row: Some(row), ..Self::default() }
    }
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
    /// The verdict.
    pub fn status(&self) -> Status {
        match self.checks.iter().map(|check| check.status).max() {
            Some(CheckStatus::Fail) => Status::Fail,
            Some(CheckStatus::Warn) => Status::Warn,
            _ => Status::Ok,
        }
    }

    /// The number of checks that passed.
    pub fn passed(&self) -> usize {
        self.checks.iter().filter(|c| c.status == CheckStatus::Pass).count()
    }
}
