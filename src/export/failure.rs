//! What stopped an export, as a failed run: which kind, in which words, and whether another attempt may mend it.
//!
//! It never decides what is done then.

use super::tally::Tally;
use crate::{
    feed_store::FeedError,
    fetch::FetchError,
    report::{Failure, FailureKind},
};

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self { failure: error.kind(), detail: error.to_string(), retryable: error.retryable() }
    }
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Self {
        Self {
            failure: FailureKind::FeedStore,
            detail: error.to_string(),
            retryable: !matches!(error, FeedError::Refused { .. } | FeedError::NotFound { .. }),
        }
    }
}

/// A catalogue in another encoding.
pub(super) fn not_utf8(location: &str, Tally { not_utf8, elements, .. }: &Tally) -> Failure {
    Failure {
        failure: FailureKind::CatalogueUnreadable,
        detail: format!(
            "{location}: {not_utf8} of {elements} products are not UTF-8; ask the source for UTF-8, as JSON must be"
        ),
        retryable: false,
    }
}

/// An export that was cancelled.
pub(super) fn given_up() -> Failure {
    Failure {
        failure: FailureKind::Deadline,
        detail: "the export did not end within DEADLINE and was given up".to_owned(),
        retryable: true,
    }
}

/// A defect of ours.
pub(super) fn internal(detail: String) -> Failure {
    Failure { failure: FailureKind::Internal, detail, retryable: true }
}
