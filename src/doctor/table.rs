//! An examination as a table for a person at a terminal.

use std::fmt::{self, Display};

use super::{Examination, Finding, Grade};

/// Columns of a check's name.
const NAME: usize = 15;

impl Grade {
    fn sign(self) -> char {
        match self {
            Self::Ok => '✓',
            Self::Warn => '!',
            Self::Fail => '✗',
        }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.check.name().replace('_', " ");
        writeln!(f, "{} {name:NAME$} {}", self.grade.sign(), self.found)?;
        match &self.mend {
            Some(mend) => writeln!(f, "  {:NAME$} → {mend}", ""),
            None => Ok(()),
        }
    }
}

/// The details of the findings that have some, then the table and its sum, so that they stand where a terminal ends.
impl Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in self.findings.iter().filter(|finding| !finding.details.is_empty()) {
            writeln!(f, "{}:", finding.check.name().replace('_', " "))?;
            for line in &finding.details {
                writeln!(f, "{}", format!("  {line}").trim_end())?;
            }
            writeln!(f)?;
        }
        self.findings.iter().try_for_each(|finding| finding.fmt(f))?;
        let [ok, warn, fail] = [Grade::Ok, Grade::Warn, Grade::Fail].map(|grade| self.count(grade));
        writeln!(f, "\n{ok} ✓, {warn} !, {fail} ✗")
    }
}
