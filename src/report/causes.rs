//! What is wrong, by names that records know: two runs with the same ones tell of the same trouble.
//!
//! It never says how bad that is, and holds no sentence.

use super::{
    CheckId, CheckResult, CheckStatus, ExportReport, GateWarning, HoldReason, Invalidation, ProblemKind,
    Publication, Report, VerifyReport,
};

/// The cause of a verification that finds an older build because the newest one was held back: people were called for that
/// by the export.
pub const HELD_BACK: &str = "held_back";

impl Report {
    /// The reasons of a hold, the checks that failed, what could not be done; of a run that only warns what it warns of.
    pub fn causes(&self) -> Vec<String> {
        match self {
            Self::Export(export) => export.causes(),
            Self::Verify(verify) => verify.causes(),
            Self::Failure(failure) => vec![failure.failure.to_string()],
            Self::Thread(_) => Vec::new(),
        }
    }
}

impl ExportReport {
    fn causes(&self) -> Vec<String> {
        let names = match &self.publication {
            Publication::Held { reasons } => reasons.iter().map(HoldReason::name).collect(),
            Publication::Published { invalidation } => {
                let mut names: Vec<_> = self.warnings.iter().map(GateWarning::name).collect();
                if let Invalidation::Failed { .. } = invalidation {
                    names.push("not_invalidated");
                } else if !self.is_delivered(invalidation) {
                    names.push("not_delivered");
                }
                names
            }
            Publication::DryRun | Publication::Superseded { .. } => Vec::new(),
        };
        names.into_iter().map(str::to_owned).collect()
    }
}

impl VerifyReport {
    /// The checks that make its verdict what it is.
    fn causes(&self) -> Vec<String> {
        let worst = self.checks.iter().map(|check| check.status).max().unwrap_or(CheckStatus::Pass);
        let worst = self.checks.iter().filter(|check| check.status == worst && worst > CheckStatus::Pass);
        let name = |check: &CheckResult| match is_held_back(check) {
            true => HELD_BACK.to_owned(),
            false => check.id.name().to_owned(),
        };
        worst.map(name).collect()
    }
}

/// Whether a build was held back: that the public one grows old follows from that.
fn is_held_back(check: &CheckResult) -> bool {
    check.id == CheckId::Fresh && check.problems.iter().any(|problem| problem.kind == ProblemKind::HeldBack)
}

impl HoldReason {
    /// The name, as in answers and logs.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Later(later) => later.name("reason"),
            Self::Drift(drifted) => drifted.rule.name(),
            known => known.into(),
        }
    }
}

impl GateWarning {
    /// The name, as in answers.
    fn name(&self) -> &str {
        match self {
            Self::Later(later) => later.name("warning"),
            Self::Drift(drifted) => drifted.rule.name(),
            known => known.into(),
        }
    }
}
