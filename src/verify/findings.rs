//! What the checks found, counted by rule, with the first few places of each: a million broken rows stay small.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ep::{columns::Column, rules::Violation},
    report::{CheckId, CheckResult, CheckStatus, Example, Problem, ProblemKind, number},
};

/// How many places of a kind are kept.
pub(super) const EXAMPLES: usize = 3;
/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// One line of counting: the kind, and for values the column and the rule.
type Key = (CheckId, ProblemKind, Option<&'static str>, Option<&'static str>);

/// All findings of a verification.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Findings {
    problems: BTreeMap<Key, Problem>,
    /// What a check measured, and what it was held against.
    measured: BTreeMap<CheckId, (String, Option<String>)>,
}

impl Findings {
    /// Counts one finding; `example` is called only while places of its kind are still kept.
    pub fn add(&mut self, kind: ProblemKind, example: impl FnOnce() -> Example) {
        self.note((home(kind), kind, None, None), example);
    }

    /// The same of a kind that is mostly another check's.
    pub fn add_to(&mut self, check: CheckId, kind: ProblemKind, example: impl FnOnce() -> Example) {
        self.note((check, kind, None, None), example);
    }

    /// The same about a column's rule. Columns and rules are the guide's, so there are never many lines.
    pub fn add_value(
        &mut self,
        kind: ProblemKind,
        column: Column,
        rule: Option<Violation>,
        example: impl FnOnce() -> Example,
    ) {
        self.note((home(kind), kind, Some(column.name()), rule.map(Violation::name)), example);
    }

    /// Notes that a check could not be made.
    pub fn not_checked(&mut self, check: CheckId) {
        self.add_to(check, ProblemKind::NotChecked, Example::default);
    }

    fn note(&mut self, key: Key, example: impl FnOnce() -> Example) {
        let kind = key.1;
        let problem =
            self.problems.entry(key).or_insert_with(|| Problem { kind, count: 0, examples: Vec::new() });
        problem.count += 1;
        if problem.examples.len() < EXAMPLES {
            problem.examples.extend(Some(example()).filter(|example| *example != Example::default()));
        }
    }

    /// Puts in a finding that was counted elsewhere.
    pub fn put(&mut self, kind: ProblemKind, count: u64, examples: Vec<Example>) {
        self.problems.insert((home(kind), kind, None, None), Problem { kind, count, examples });
    }

    /// Says what a check measured, where that is not how much it found.
    pub fn measure(&mut self, check: CheckId, measured: impl Into<String>, limit: Option<String>) {
        self.measured.insert(check, (measured.into(), limit));
    }

    /// Adds all of another's findings.
    pub fn merge(&mut self, other: Self) {
        self.problems.extend(other.problems);
        self.measured.extend(other.measured);
    }

    /// How much a check found, all kinds together.
    pub fn count(&self, check: CheckId) -> u64 {
        self.of(check).map(|problem| problem.count).sum()
    }

    /// What became of a check, the most frequent problems first. A failure of the checks `warn_only` is a warning.
    pub fn result(&self, id: CheckId, warn_only: &BTreeSet<CheckId>) -> CheckResult {
        let mut problems: Vec<_> = self.of(id).cloned().collect();
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.count));
        let worst = problems.iter().map(|problem| problem.kind.severity()).max().unwrap_or(CheckStatus::Pass);
        let status = if warn_only.contains(&id) { worst.min(CheckStatus::Warn) } else { worst };
        let found = || (number(self.count(id)), Some("0".to_owned()));
        let (measured, limit) = self.measured.get(&id).cloned().unwrap_or_else(found);
        CheckResult { id, status, measured, limit, problems }
    }

    /// The same for tests: the status and the problems.
    #[cfg(test)]
    pub fn of_check(&self, id: CheckId) -> (CheckStatus, Vec<Problem>) {
        let CheckResult { status, problems, .. } = self.result(id, &BTreeSet::new());
        (status, problems)
    }

    fn of(&self, check: CheckId) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(move |(key, _)| key.0 == check).map(|(_, problem)| problem)
    }
}

fn home(kind: ProblemKind) -> CheckId {
    kind.check().expect("what has no check of its own is put in by `not_checked`")
}

/// A value as an example shows it.
pub fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// An id as an example shows it, where there is one.
pub fn shown_id(id: &str) -> Option<String> {
    (!id.is_empty()).then(|| shown(id))
}
