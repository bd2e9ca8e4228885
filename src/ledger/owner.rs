//! Whose records these are: the feed that they tell of, by where it is kept.
//!
//! Two services that were given one state place would take each other's runs for their own. So each record names its
//! owner, and another's is never read as ours and never changed.

use serde_json::{Map, Value};

use super::shown;

/// The member of each record that names its owner.
const MEMBER: &str = "owner";

/// Whose records a ledger keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Of what is written: the public file's place in the feed store, as `s3://bucket/prefix/ep.tsv`.
    pub(super) now: String,
    /// What it was called before the feed moved here: its records are ours too.
    former: Option<String>,
}

impl Owner {
    /// The feed whose public file is `file` in the store at `location`. Records of the feed `former`, which moved here,
    /// are adopted.
    pub(crate) fn of(location: &str, file: &str, former: Option<String>) -> Self {
        Self { now: format!("{location}/{file}"), former }
    }

    /// Puts the owner into a record.
    pub(super) fn sign(&self, record: &mut Map<String, Value>) {
        record.insert(MEMBER.to_owned(), self.now.as_str().into());
    }

    /// Whether a record that names this owner names us. One of before owners were noted, or of the former owner, does
    /// not, and becomes ours with the next write. An error is somebody else's name as it may be shown.
    pub(super) fn is_named(&self, owner: Option<&str>) -> Result<bool, String> {
        match owner {
            Some(owner) if owner == self.now => Ok(true),
            Some(owner) if self.former.as_deref() != Some(owner) => Err(shown(owner)),
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use serde_json::json;

    use super::*;
    use crate::{
        clock::SystemClock,
        ledger::{DayRecord, Ledger, LedgerError, PUBLISHED, PublishedRecord},
        report::Failure,
        state::{FolderState, Precondition, StateStore},
    };

    const DAY: &str = "days/2026-10-06.json";

    fn ledger(folder: &Path, location: &str, former: Option<&str>) -> Ledger {
        let owner = Owner::of(location, "ikea_ep.tsv", former.map(str::to_owned));
        Ledger::new(Arc::new(FolderState::new(folder)), owner, Arc::new(SystemClock))
    }

    async fn stored(folder: &Path, name: &str) -> Value {
        let stored = FolderState::new(folder).read(name).await.unwrap().unwrap();
        serde_json::from_slice(&stored.bytes).unwrap()
    }

    async fn replaced(ledger: &Ledger) -> Result<DayRecord, LedgerError> {
        let change = |day: DayRecord| Some(DayRecord { replaced: day.replaced + 1, ..day });
        ledger.update::<DayRecord>(DAY, change).await
    }

    #[tokio::test]
    async fn anothers_record_is_refused_with_what_to_set_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        replaced(&ledger(folder.path(), "s3://theirs/ep", None)).await.unwrap();
        let before = stored(folder.path(), DAY).await;
        assert_eq!(before["owner"], "s3://theirs/ep/ikea_ep.tsv");
        let ours = ledger(folder.path(), "s3://ours/ep", None);
        let error = replaced(&ours).await.unwrap_err();
        assert!(matches!(&error, LedgerError::Foreign { .. }), "{error:?}");
        let failure = Failure::from(error);
        assert!(!failure.retryable);
        for part in
            [DAY, "s3://theirs/ep/ikea_ep.tsv", "s3://ours/ep/ikea_ep.tsv", "STATE_URL", "STATE_ADOPT_FROM"]
        {
            assert!(failure.detail.contains(part), "{part} in {}", failure.detail);
        }
        assert_eq!(stored(folder.path(), DAY).await, before);
    }

    #[tokio::test]
    async fn where_another_has_published_nothing_is_put_in_its_way() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = ledger(folder.path(), "s3://theirs/ep", None);
        theirs.write(PUBLISHED, &PublishedRecord::default(), None).await.unwrap();
        let error = replaced(&ledger(folder.path(), "s3://ours/ep", None)).await.unwrap_err();
        assert!(matches!(error, LedgerError::Foreign { .. }), "{error:?}");
        assert!(FolderState::new(folder.path()).read(DAY).await.unwrap().is_none());
        replaced(&theirs).await.unwrap();
    }

    #[tokio::test]
    async fn a_record_without_an_owner_and_one_of_the_feed_that_moved_here_become_ours() {
        for (owner, former) in
            [(None, None), (Some("s3://old/ep/ikea_ep.tsv"), Some("s3://old/ep/ikea_ep.tsv"))]
        {
            let folder = tempfile::tempdir().unwrap();
            let mut record = json!({"version": 1, "thread": {"state": "none"}, "replaced": 3});
            if let Some(owner) = owner {
                record["owner"] = owner.into();
            }
            let bytes = serde_json::to_vec(&record).unwrap();
            FolderState::new(folder.path()).write(DAY, bytes, Precondition::Absent).await.unwrap();
            let ours = ledger(folder.path(), "s3://ours/ep", former);
            assert_eq!(replaced(&ours).await.unwrap().replaced, 4);
            assert_eq!(stored(folder.path(), DAY).await["owner"], "s3://ours/ep/ikea_ep.tsv");
            // Whoever still runs where the feed was before is turned away from now on.
            let old = ledger(folder.path(), "s3://old/ep", None);
            assert!(matches!(replaced(&old).await, Err(LedgerError::Foreign { .. })));
        }
    }

    #[tokio::test]
    async fn only_the_named_former_owner_is_adopted() {
        let folder = tempfile::tempdir().unwrap();
        replaced(&ledger(folder.path(), "s3://theirs/ep", None)).await.unwrap();
        let ours = ledger(folder.path(), "s3://ours/ep", Some("s3://old/ep/ikea_ep.tsv"));
        assert!(matches!(replaced(&ours).await, Err(LedgerError::Foreign { .. })));
    }

    #[tokio::test]
    async fn what_stands_for_an_owner_is_shown_in_short_and_without_control_characters() {
        let owner = Owner::of("a", "b", None);
        for theirs in ["\u{1b}[31m".repeat(1000), String::new()] {
            let text = owner.is_named(Some(&theirs)).unwrap_err();
            assert!(text.len() < 1000 && !text.contains('\u{1b}'), "{text}");
        }
    }
}
