//! Why a record could not be read or written, and whether a retry helps.

use crate::{
    report::{Failure, FailureKind},
    state::StateError,
};

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Somebody else wrote it in between: read again and decide again.
    #[error("{0} was changed in between")]
    Moved(String),
    /// The record is no record of ours.
    #[error(
        "{object} is not a record that this version can read: {reason}; move it away or mend it, it was left as it is"
    )]
    Damaged {
        /// The object's full name.
        object: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another feed's service keeps its records here.
    #[error(
        "{object} is a record of the feed {owner}, and this service keeps those of {ours}; give each service a place of \
         its own (another prefix in STATE_URL); if that feed has moved here and its old service is stopped, set \
         STATE_ADOPT_FROM to {owner}. The record was left as it was"
    )]
    Foreign {
        /// The object's full name.
        object: String,
        /// Whose it says it is.
        owner: String,
        /// Who we are.
        ours: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StateError),
}

impl From<StateError> for LedgerError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Conflict { object } => Self::Moved(object),
            other => Self::Store(other),
        }
    }
}

impl LedgerError {
    /// Whether a retry does not help: somebody has to mend something first.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Damaged { .. } | Self::Foreign { .. } => true,
            Self::Store(error) => matches!(error, StateError::Refused { .. } | StateError::TooLarge { .. }),
            Self::Moved(_) => false,
        }
    }

    /// What becomes of something that only a run writes and no other one waits for.
    pub(crate) fn outlook(&self) -> &'static str {
        if self.is_lasting() { "no run can before that is mended" } else { "the next run makes it good" }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self { failure: FailureKind::State, detail: error.to_string(), retryable: !error.is_lasting() }
    }
}
