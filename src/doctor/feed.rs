//! The feed store and the cache before it: each call that an export makes, on files of the doctor's own.

use std::sync::Arc;

use super::{Check, Finding, wording};
use crate::feed_store::{FeedError, FeedStore, Probe};

/// What is looked at.
pub(super) const CHECKS: &[Check] = &[
    Check::FeedPut,
    Check::FeedMultipart,
    Check::FeedCopy,
    Check::FeedMissing,
    Check::FeedCleanup,
    Check::Invalidation,
];

pub(super) async fn look(store: &Arc<dyn FeedStore>, name: String) -> Vec<Finding> {
    let files = {
        let (store, name) = (Arc::clone(store), name.clone());
        // A task of its own: whoever waits no longer must not leave the files there.
        tokio::spawn(async move { files(&*store, &name).await })
    };
    let alone = |what| tried(&**store, what, &name);
    let (files, parts, missing, invalidation) =
        tokio::join!(files, alone(Probe::Multipart), alone(Probe::Missing), alone(Probe::Invalidate));
    let lost = |_| [Check::FeedPut, Check::FeedCopy, Check::FeedCleanup].map(wording::defect).to_vec();
    let mut findings = files.unwrap_or_else(lost);
    findings.extend([parts, missing, invalidation].map(|(finding, _)| finding));
    findings
}

/// Writes a file, copies it, and removes both.
async fn files(store: &dyn FeedStore, name: &str) -> Vec<Finding> {
    let (put, is_there) = tried(store, Probe::Put, name).await;
    if !is_there {
        let left =
            [Check::FeedCopy, Check::FeedCleanup].map(|check| wording::not_tried(check, Check::FeedPut));
        return std::iter::once(put).chain(left).collect();
    }
    let (copy, _) = tried(store, Probe::Copy, name).await;
    let (cleanup, _) = tried(store, Probe::Remove, name).await;
    vec![put, copy, cleanup]
}

/// What was found, and whether it worked.
async fn tried(store: &dyn FeedStore, what: Probe, name: &str) -> (Finding, bool) {
    let outcome: Result<bool, FeedError> = store.probe(what, name).await;
    (wording::feed(what, &outcome, &store.location()), outcome.is_ok())
}
