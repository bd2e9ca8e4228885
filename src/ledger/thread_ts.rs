//! `thread.ts`: the newest day's `thread_ts` as plain text, a copy for other tools. Nothing is ever decided by it.
//!
//! Anybody may write it, so what stands there counts only where it can be a ts that Slack gave. It names no owner, being
//! text: it is written only by who read the day's record, and found it to be its own.

use jiff::{SignedDuration, Timestamp};

use super::{Ledger, LedgerError};
use crate::state::{Precondition, StateError};

/// The plain-text copy of the newest day's `thread_ts`, for other tools; we never decide by it.
const THREAD_TS: &str = "thread.ts";

/// So far our clock and Slack's may be apart.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

impl Ledger {
    /// Puts the newest day's `thread_ts` where other tools look for it; an older day never replaces a newer one. What
    /// stands there and is no ts, or one that is still to come at `now`, is replaced.
    pub(crate) async fn write_thread_ts(&self, ts: &str, now: Timestamp) -> Result<(), LedgerError> {
        loop {
            let precondition = match self.store.read(THREAD_TS).await {
                // What is too long to be read is no ts.
                Err(StateError::TooLarge { .. }) => Precondition::None,
                Err(other) => return Err(other.into()),
                Ok(None) => Precondition::Absent,
                Ok(Some(stored)) => {
                    let there = String::from_utf8_lossy(&stored.bytes);
                    let newer = given(&there, now).is_some_and(|there| given(ts, now) <= Some(there));
                    if there == ts || newer {
                        return Ok(());
                    }
                    Precondition::Unchanged(stored.generation)
                }
            };
            match self.store.write(THREAD_TS, ts.as_bytes().to_vec(), precondition).await {
                Ok(_) => return Ok(()),
                Err(StateError::Conflict { .. }) => self.pause().await,
                Err(other) => return Err(other.into()),
            }
        }
    }
}

/// A ts in seconds and microseconds, as far as Slack may have given it by `now`.
fn given(text: &str, now: Timestamp) -> Option<(i64, u32)> {
    let (seconds, micros) = text.trim_ascii().split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || micros.len() != 6 || !digits(seconds) || !digits(micros) {
        return None;
    }
    let ts = (seconds.parse().ok()?, micros.parse().ok()?);
    (ts.0 <= (now + SKEW).as_second()).then_some(ts)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        clock::SystemClock,
        ledger::Owner,
        state::{FolderState, MOST_BYTES, StateStore},
    };

    const NOW: &str = "2026-10-05T15:00:01Z";
    const OURS: &str = "1791212400.000200";

    async fn left_by(there: &[u8]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(FolderState::new(folder.path()));
        store.write(THREAD_TS, there.to_vec(), Precondition::Absent).await.unwrap();
        let ledger =
            Ledger::new(store.clone(), Owner::of("feed", "ikea_ep.tsv", None), Arc::new(SystemClock));
        ledger.write_thread_ts(OURS, NOW.parse().unwrap()).await.unwrap();
        store.read(THREAD_TS).await.unwrap().unwrap().bytes
    }

    #[tokio::test]
    async fn what_is_no_ts_or_one_from_the_future_is_replaced() {
        for there in [
            "",
            "inf",
            "NaN",
            "-1",
            "1e300",
            "9999999999.000000",
            "1791212462.000000",
            "1791212399",
            "1791212399.0001",
            "1791212399.0000001",
            "+1791212399.000001",
            "1791212399.00000a",
            "99999999999999999999999.000000",
            "<html>",
        ] {
            assert_eq!(left_by(there.as_bytes()).await, OURS.as_bytes(), "{there:?}");
        }
        assert_eq!(left_by(b"\xff\xfe1").await, OURS.as_bytes());
        assert_eq!(left_by(&vec![b'1'; MOST_BYTES + 1]).await, OURS.as_bytes(), "longer than is read");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn where_something_else_stands_it_is_said_what_to_do_and_that_no_run_helps() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::new(
            Arc::new(FolderState::new(folder.path())),
            Owner::of("a", "b", None),
            Arc::new(SystemClock),
        );
        let place = folder.path().join(THREAD_TS);
        let named = |error: LedgerError| (error.outlook(), error.to_string());
        std::fs::create_dir(&place).unwrap();
        let a_folder = named(ledger.write_thread_ts(OURS, NOW.parse().unwrap()).await.unwrap_err());
        std::fs::remove_dir(&place).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &place).unwrap();
        let a_device = named(ledger.write_thread_ts(OURS, NOW.parse().unwrap()).await.unwrap_err());
        for (outlook, said) in [a_folder, a_device] {
            assert!(said.contains("something else stands") && said.contains("move it away"), "{said}");
            assert!(!said.contains("right to") && outlook.starts_with("no run"), "{said}: {outlook}");
        }
    }

    #[tokio::test]
    async fn an_older_ts_is_replaced_and_a_newer_one_never() {
        for (there, replaced) in [
            ("1791126000.000100", true),
            ("1791212400.000199", true),
            (OURS, false),
            ("1791212400.000201", false),
            ("1791212400.000201\n", false),
            // Slack's clock may be a little ahead of ours.
            ("1791212461.000000", false),
        ] {
            let left = left_by(there.as_bytes()).await;
            assert_eq!(left, if replaced { OURS.as_bytes() } else { there.as_bytes() }, "{there:?}");
        }
    }
}
