//! Why a day's thread could not be had, and what the chat's errors mean for a run.

use crate::{
    chat::{ChatError, ChatErrorKind},
    ledger::LedgerError,
    report::{Failure, FailureKind},
};

/// Why a day's thread could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ThreadError {
    /// The chat did not take what was to be written.
    Chat(ChatError),
    Failed(Failure),
}

impl From<ChatError> for ThreadError {
    fn from(error: ChatError) -> Self {
        Self::Chat(error)
    }
}

impl From<Failure> for ThreadError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<LedgerError> for ThreadError {
    fn from(error: LedgerError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ThreadError> for Failure {
    fn from(error: ThreadError) -> Self {
        match error {
            ThreadError::Chat(error) => chat_failure(&error),
            ThreadError::Failed(failure) => failure,
        }
    }
}

/// A failed chat as a failed run. A form that is refused although it is plain text is refused again tomorrow.
pub(crate) fn chat_failure(error: &ChatError) -> Failure {
    Failure {
        failure: FailureKind::Chat,
        detail: error.to_string(),
        retryable: !matches!(error.kind, ChatErrorKind::Permanent | ChatErrorKind::Payload),
    }
}
