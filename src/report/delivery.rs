//! What readers get after a publication: what became of the cache in front of them, and what the public URL gave.

use serde::{Deserialize, Serialize};

use super::BuildId;

/// How the invalidation of the public path ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Invalidation {
    /// There is no CDN to invalidate: none is configured.
    NotConfigured,
    /// Every edge has dropped the old file.
    Completed {
        /// CloudFront's id of the invalidation.
        id: String,
    },
    /// Accepted, but not finished within the time we wait.
    StillSpreading {
        /// CloudFront's id of the invalidation.
        id: String,
    },
    /// It could not be made. The feed is published all the same; readers may get the old file for a while.
    Failed {
        /// What happened and what to do.
        reason: String,
    },
}

/// What the public URL gave once the cache in front of it had been told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// The new build, byte for byte.
    New,
    /// Still the build that was public before.
    Before {
        /// That build.
        build: BuildId,
    },
    /// Neither of the two.
    Other {
        /// What it says it is, if anything: its `x-amz-meta-build`.
        build: Option<BuildId>,
    },
    /// The URL could not be read to its end.
    Unread {
        /// What happened.
        reason: String,
    },
}
