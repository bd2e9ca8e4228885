//! What the checks found, counted by rule, with the first few places of each: a million broken rows stay small.

use std::collections::BTreeMap;

use crate::report::{CheckId, CheckStatus, Example, Problem, ProblemKind};

/// How many places of a kind are kept.
const EXAMPLES: usize = 3;
/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// One line of counting: the kind, and for values the column and the rule.
type Key = (CheckId, ProblemKind, Option<&'static str>, Option<&'static str>);

/// All findings of a verification.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Findings(BTreeMap<Key, Problem>);

impl Findings {
    /// Counts one finding; `example` is called only while places of its kind are still kept.
    pub fn add(&mut self, id: CheckId, kind: ProblemKind, example: impl FnOnce() -> Example) {
        self.note((id, kind, None, None), example);
    }

    /// Counts one finding about a column's rule. Columns and rules are the guide's, so there are never many lines.
    pub fn add_value(
        &mut self,
        id: CheckId,
        kind: ProblemKind,
        column: &'static str,
        rule: Option<&'static str>,
        example: impl FnOnce() -> Example,
    ) {
        self.note((id, kind, Some(column), rule), example);
    }

    fn note(&mut self, key: Key, example: impl FnOnce() -> Example) {
        let kind = key.1;
        let problem = self.0.entry(key).or_insert_with(|| Problem { kind, count: 0, examples: Vec::new() });
        problem.count += 1;
        if problem.examples.len() < EXAMPLES {
            let example = example();
            if example != Example::default() {
                problem.examples.push(example);
            }
        }
    }

    /// Puts in a finding that was counted elsewhere.
    pub fn put(&mut self, id: CheckId, problem: Problem) {
        self.0.insert((id, problem.kind, None, None), problem);
    }

    /// Adds all of another's findings.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How much a check found, all kinds together.
    pub fn count(&self, id: CheckId) -> u64 {
        self.0.iter().filter(|(key, _)| key.0 == id).map(|(_, problem)| problem.count).sum()
    }

    /// A check's status and problems, the most frequent first.
    pub fn take(&mut self, id: CheckId) -> (CheckStatus, Vec<Problem>) {
        let mut problems: Vec<_> =
            self.0.iter().filter(|(key, _)| key.0 == id).map(|(_, p)| p.clone()).collect();
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.count));
        let status = problems.iter().map(|p| severity(p.kind)).max().unwrap_or(CheckStatus::Pass);
        (status, problems)
    }
}

/// How bad one finding of a kind is.
fn severity(kind: ProblemKind) -> CheckStatus {
    match kind {
        ProblemKind::ContentType
        | ProblemKind::NeverPublished
        | ProblemKind::Unrecorded
        | ProblemKind::Stale
        | ProblemKind::HeldBack
        | ProblemKind::Chosen
        | ProblemKind::Bom
        | ProblemKind::SomeDestroyed
        | ProblemKind::TrailingTab
        | ProblemKind::BlankLastLine
        | ProblemKind::IgnoredValue
        | ProblemKind::Entity
        | ProblemKind::InvisibleCharacter
        | ProblemKind::SummaryFile
        | ProblemKind::ListPriceNotAbove
        | ProblemKind::RepeatedTitle
        | ProblemKind::RepeatedImage
        | ProblemKind::OneLink
        | ProblemKind::PhoneNumber
        | ProblemKind::Promotion
        | ProblemKind::HostRefuses
        | ProblemKind::HostDead
        | ProblemKind::PageElsewhere
        | ProblemKind::UnknownColumn
        | ProblemKind::CarriageReturn
        | ProblemKind::NoFinalLineEnd
        | ProblemKind::TooManyIds
        | ProblemKind::RowsDiffer
        | ProblemKind::OddPrice
        | ProblemKind::MedianMoved
        | ProblemKind::DeadPage
        | ProblemKind::DeadImage
        | ProblemKind::NotAnImage
        | ProblemKind::ImageSize
        | ProblemKind::NoneAnswered
        | ProblemKind::MissedRun
        | ProblemKind::NotChecked
        | ProblemKind::Later(_) => CheckStatus::Warn,
        ProblemKind::NoAnswer
        | ProblemKind::BadStatus
        | ProblemKind::CutOff
        | ProblemKind::TooSlow
        | ProblemKind::TooBig
        | ProblemKind::Html
        | ProblemKind::TooOld
        | ProblemKind::OlderBuild
        | ProblemKind::ForeignFile
        | ProblemKind::NotUtf8
        | ProblemKind::LooksLikeCp949
        | ProblemKind::ManyDestroyed
        | ProblemKind::OldFormat
        | ProblemKind::OtherSeparator
        | ProblemKind::Quoted
        | ProblemKind::PrivateHost
        | ProblemKind::Utf16
        | ProblemKind::Gzip
        | ProblemKind::Empty
        | ProblemKind::MissingColumn
        | ProblemKind::RepeatedColumn
        | ProblemKind::FieldCount
        | ProblemKind::ControlCharacter
        | ProblemKind::LoneCarriageReturn
        | ProblemKind::RowTooLong
        | ProblemKind::EmptyRequired
        | ProblemKind::RepeatedId
        | ProblemKind::BadValue
        | ProblemKind::NoRows
        | ProblemKind::OverCap
        | ProblemKind::ZeroPrice
        | ProblemKind::MedianJumped
        | ProblemKind::MostlyDead => CheckStatus::Fail,
    }
}

/// A value as an example shows it.
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
