//! Sentences about a verification as a whole, and about a place in the file.

use super::{Words, number, size};

impl Words {
    /// How many checks passed.
    pub(crate) fn passed(self, passed: usize, all: usize) -> String {
        say!(self, "*{passed}/{all}* 통과", "*{passed}/{all}* passed")
    }

    /// What was read.
    pub(crate) fn read(self, rows: u64, bytes: u64, ms: u64) -> String {
        let facts = format!("{} · {} · {}", self.products(rows), size(bytes), self.duration(ms));
        self.pick(format!("상품 {facts}"), facts)
    }

    /// What a check measured.
    pub(crate) fn measured(self, value: &str) -> String {
        say!(self, "확인 {value}", "found {value}")
    }

    /// What it was held against.
    pub(crate) fn limit(self, value: &str) -> String {
        say!(self, "기준 {value}", "expected {value}")
    }

    /// How often a problem was found.
    pub(crate) fn times(self, n: u64) -> String {
        self.pick(format!("{}건", number(n)), format!("{}×", number(n)))
    }

    /// A row by its number.
    pub(crate) fn row(self, n: u64) -> String {
        self.pick(format!("{}행", number(n)), format!("row {}", number(n)))
    }

    /// The checks that could not be made.
    pub(crate) fn unchecked(self, checks: &[String]) -> String {
        let checks = checks.join(", ");
        say!(self, "확인하지 못한 항목: {checks}", "Could not be checked: {checks}")
    }
}
