//! What readers got right after a publication.

use serde::{Deserialize, Serialize};

use crate::feed_store::BuildId;

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
