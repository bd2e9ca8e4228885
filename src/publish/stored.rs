//! Builds that were made before: found in the record, looked at in the store, ready to be published again.
//!
//! It never publishes. What is published is exactly what was stored: the bytes are read and hashed first.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Publisher;
use crate::{
    feed_store::{FeedError, FeedKey, fingerprint},
    ledger::{ExportRecord, ExportVerdict, PublishedRecord},
    report::{BuildId, Built, Failure, FailureKind, Forced, Quality, Republished, Source, number},
};

/// How many builds are offered to somebody who named one that is not there.
const OFFERED: usize = 5;

/// What somebody asks for: a build made before, published as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Republish {
    pub build: BuildId,
    /// Why it is to be published although it was held.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub force: Option<String>,
}

/// Why a stored build is not published.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody knows it, or its file has aged out. The text names builds that are there.
    #[error("{0}")]
    Unknown(String),
    /// It was held and is not forced. The text says why, and how to force it.
    #[error("{0}")]
    Held(String),
    /// Nobody can say now.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Failed(failure) => failure,
            Refusal::Unknown(detail) | Refusal::Held(detail) => {
                Self { failure: FailureKind::FeedStore, detail, retryable: false }
            }
        }
    }
}

impl Publisher {
    /// What is recorded of the build, if it is stored and may be published: asked before a run is begun.
    pub async fn find(&self, wanted: &Republish) -> Result<ExportRecord, Refusal> {
        let record = self.record().await?;
        let Some(export) = record.export_of(&wanted.build) else {
            return Err(self
                .unknown(&record, &wanted.build, "is not in the record of the last exports")
                .await);
        };
        let why = match &export.verdict {
            ExportVerdict::Published | ExportVerdict::Forced { .. } => None,
            ExportVerdict::Held { holds } => {
                Some(holds.iter().map(|hold| hold.name()).collect::<Vec<_>>().join(", "))
            }
            ExportVerdict::Later(later) => Some(format!("{} by a later version", later.name("verdict"))),
        };
        if let (Some(why), None) = (why, &wanted.force) {
            return Err(Refusal::Held(format!(
                "build {} was held ({why}); publish it all the same with force=true and reason=<why>",
                wanted.build
            )));
        }
        match self.is_stored(&wanted.build).await {
            Ok(true) => Ok(export.clone()),
            Ok(false) => Err(self.unknown(&record, &wanted.build, "has aged out of the feed store").await),
            Err(error) => Err(Refusal::Failed(error.into())),
        }
    }

    /// The build, read through and found to be what the record says.
    pub async fn stored(&self, wanted: &Republish) -> Result<Built, Failure> {
        let started = Instant::now();
        let export = self.find(wanted).await?;
        let key = FeedKey::Build(wanted.build.clone());
        let found = fingerprint(self.store.read(&key).await?).await?;
        let built = &export.info.file;
        if found != *built {
            return Err(Failure {
                failure: FailureKind::FeedStore,
                detail: format!(
                    "{} holds {} bytes with sha256 {}, not the {} bytes with sha256 {} that were built; \
                     somebody changed it, so it is not published",
                    self.store.location_of(&key),
                    found.bytes,
                    found.sha256,
                    built.bytes,
                    built.sha256
                ),
                retryable: false,
            });
        }
        let holds = match export.verdict {
            ExportVerdict::Published | ExportVerdict::Later(_) => Vec::new(),
            ExportVerdict::Held { holds } | ExportVerdict::Forced { holds, .. } => holds,
        };
        let forced = wanted.force.clone().map(|reason| Forced { reason, holds });
        Ok(Built {
            info: export.info,
            funnel: export.funnel,
            remarks: Vec::new(),
            median_price: export.median_price,
            profile: None,
            drift: None,
            corrections: None,
            source: Source::default(),
            republished: Some(Republished { forced }),
            diff: None,
            quality: Quality::default(),
            takeover: None,
            unrecorded: None,
            map: export.map,
            explained: Vec::new(),
            took: started.elapsed(),
        })
    }

    /// A build that an earlier attempt of a run finished, if it is still stored.
    pub async fn at_hand(&self, built: Built) -> Result<Option<Built>, Failure> {
        let stored = self.is_stored(&built.info.build).await?;
        Ok(stored.then_some(built))
    }

    async fn unknown(&self, record: &PublishedRecord, build: &BuildId, why: &str) -> Refusal {
        let mut there = Vec::new();
        let public = record.published.as_ref().map(|published| &published.info.build);
        for export in record.history.iter().filter(|export| export.info.build != *build) {
            if there.len() == OFFERED {
                break;
            }
            // A store that does not answer is no reason to give no answer.
            let Ok(stored) = self.is_stored(&export.info.build).await else { break };
            if stored {
                let what = match &export.verdict {
                    _ if public == Some(&export.info.build) => "public now",
                    ExportVerdict::Held { .. } => "held",
                    ExportVerdict::Later(later) => later.name("verdict"),
                    ExportVerdict::Published | ExportVerdict::Forced { .. } => "published",
                };
                there.push(format!("{} ({what}, {} rows)", export.info.build, number(export.info.rows)));
            }
        }
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        Refusal::Unknown(format!("build {build} {why}; the newest at hand: {there}"))
    }

    async fn is_stored(&self, build: &BuildId) -> Result<bool, FeedError> {
        match self.store.read(&FeedKey::Build(build.clone())).await {
            Ok(_) => Ok(true),
            Err(FeedError::NotFound { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
