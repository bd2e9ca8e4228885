//! `published.json`: what is public, what was, and every export that came to a verdict.
//!
//! Data, and the few questions that everybody asks of it; who may change it is for `export`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::report::{
    BuildId, BuildInfo, Department, DriftShares, Funnel, GateWarning, HoldReason, Later, Profile,
};

/// How many exports, and how many earlier publications, the record keeps.
const KEPT: usize = 60;

/// `published.json`: what is public.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PublishedRecord {
    /// The build that is public.
    #[serde(default)]
    pub published: Option<Published>,
    /// The build that is about to be.
    #[serde(default)]
    pub publishing: Option<Published>,
    /// What the gate warned of when that build was announced; unknown where an older version announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) publishing_warnings: Option<Vec<GateWarning>>,
    /// Builds that were public before, newest first.
    #[serde(default)]
    pub(crate) earlier: Vec<Published>,
    /// Exports that were published or held, newest first. A rollback is no export.
    #[serde(default)]
    pub(crate) history: Vec<ExportRecord>,
}

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The build.
    pub info: BuildInfo,
    /// The run's time: the order of publications.
    pub(crate) run_at: Timestamp,
    /// The run's key.
    pub(crate) run: String,
    /// When.
    pub(crate) at: Timestamp,
    /// The median of `price_pc`, in won; unknown of publications that older versions recorded.
    #[serde(default)]
    pub(crate) median_price: Option<u64>,
    /// What it is like as a whole: of the build that is public, or about to be, alone, and unknown of what older versions
    /// published, and of a build that somebody went back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<Profile>,
}

/// An export that came to a verdict: enough to judge later ones by, and to publish its build again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportRecord {
    /// The build.
    #[serde(flatten)]
    pub info: BuildInfo,
    /// The key of the run that made it.
    pub run: String,
    /// That run's time.
    pub run_at: Timestamp,
    /// When it came to its verdict.
    pub at: Timestamp,
    /// Where every product went.
    pub funnel: Funnel,
    /// The median of its rows' prices, where it has rows.
    pub median_price: Option<u64>,
    /// What the gate thought worth a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<GateWarning>,
    /// The departments of its source; kept of the newest export that has any, and of the published one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departments: Vec<Department>,
    /// What the description of the source that it was made by is known by; unknown of what older versions made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// How far it was from the build that was public then, where they were compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftShares>,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: ExportVerdict,
}

/// What became of an export's build.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum ExportVerdict {
    /// The gate let it pass.
    Published,
    /// It was kept back.
    Held {
        /// Why.
        holds: Vec<HoldReason>,
    },
    /// It was held, and somebody published it all the same: its figures are the new normal.
    Forced {
        /// What it had been held for.
        holds: Vec<HoldReason>,
        /// Why it was forced, in the words of whoever did it.
        reason: String,
    },
    /// Of a later version: nobody knows whether its figures are usual ones.
    #[serde(untagged)]
    Later(Later),
}

impl PublishedRecord {
    /// What is recorded of a build.
    pub(crate) fn export_of(&self, build: &BuildId) -> Option<&ExportRecord> {
        self.history.iter().find(|export| export.info.build == *build)
    }

    /// The departments of the published build, where they are known.
    pub(crate) fn published_departments(&self) -> &[Department] {
        let published = self.published.as_ref().and_then(|published| self.export_of(&published.info.build));
        published.map_or(&[], |export| &export.departments)
    }

    /// The departments of the newest export that has any, whatever became of it.
    pub(crate) fn last_departments(&self) -> &[Department] {
        let last = self.history.iter().find(|export| !export.departments.is_empty());
        last.map_or(&[], |export| &export.departments)
    }

    /// Puts an export in front, in place of what was recorded of the same build. The published build's own record is
    /// never the one that makes room: later builds are judged by it.
    pub(crate) fn add(&mut self, export: ExportRecord) {
        self.history.retain(|other| other.info.build != export.info.build);
        self.history.insert(0, export);
        if self.history.len() > KEPT {
            let published = self.published.as_ref().map(|published| &published.info.build);
            let oldest = self.history.iter().rposition(|export| Some(&export.info.build) != published);
            self.history.remove(oldest.unwrap_or(KEPT));
        }
        self.forget_departments();
    }

    /// Departments may be many: they are kept where somebody may ask for them.
    fn forget_departments(&mut self) {
        let published = self.published.as_ref().map(|published| &published.info.build);
        let mut newest = true;
        for export in self.history.iter_mut().filter(|export| !export.departments.is_empty()) {
            if !std::mem::take(&mut newest) && Some(&export.info.build) != published {
                export.departments = Vec::new();
            }
        }
    }

    /// Announces `ours`, which the gate let pass with these warnings. What another run announced and never finished may
    /// have been public for a while.
    #[must_use]
    pub(crate) fn with_publishing(mut self, ours: Published, warnings: &[GateWarning]) -> Self {
        self.publishing_warnings = Some(warnings.to_vec());
        let abandoned = self.publishing.replace(ours.clone());
        if let Some(abandoned) = abandoned.filter(|other| other.info.build != ours.info.build) {
            self.earlier.insert(0, Published { profile: None, ..abandoned });
            self.earlier.truncate(KEPT);
        }
        self
    }

    /// Makes `ours` the public build; what was public before becomes the first of the earlier ones.
    #[must_use]
    pub(crate) fn with_published(mut self, ours: Published) -> Self {
        if let Some(before) = self.published.take().filter(|before| before.info.build != ours.info.build) {
            self.earlier.insert(0, Published { profile: None, ..before });
        }
        self.earlier.truncate(KEPT);
        Self { published: Some(ours), publishing: None, publishing_warnings: None, ..self }
    }

    /// Notes that a held build is published all the same.
    pub(crate) fn force(&mut self, build: &BuildId, reason: &str) {
        let export = self.history.iter_mut().find(|export| export.info.build == *build);
        if let Some(export) = export
            && let ExportVerdict::Held { holds } = &mut export.verdict
        {
            let holds = std::mem::take(holds);
            export.verdict = ExportVerdict::Forced { holds, reason: reason.to_owned() };
        }
    }
}

#[cfg(test)]
mod tests;
