//! Why a run could not do its work.

use serde::{Deserialize, Serialize};

/// What could not be done. A closed set: each has a sentence, and what to do, in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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
    /// The attempt before this one ended without an outcome: its instance was killed, crashed or froze. Told while the
    /// work begins again, never a run's outcome.
    BrokeOff,
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
