//! The port to state: small named objects with compare-and-set, in a GCS bucket or a folder.
//!
//! It never looks into the objects, never lists and never deletes: everything that we decide is decided by
//! reading one object and replacing it only if nobody else did.

mod folder;
mod gcs;

pub use folder::FolderState;
pub use gcs::GcsState;

use async_trait::async_trait;

/// The version of a stored object. Equal generations mean equal content; no order is implied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Generation(pub i64);

/// One object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The object's bytes.
    pub bytes: Vec<u8>,
    /// What a later write names to replace exactly this version.
    pub generation: Generation,
}

/// What must hold for a write to take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// The object does not exist yet.
    Absent,
    /// The object is still at this generation.
    Unchanged(Generation),
    /// Nothing: the last writer wins.
    None,
}

/// Why a read or a write of state did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The precondition did not hold. The object was changed by somebody else, or by an earlier try of the same
    /// write whose answer was lost: only the content tells.
    #[error("{object}: someone else wrote it first")]
    Conflict {
        /// The object's full name, as `gs://bucket/name` or a file path.
        object: String,
    },
    /// The store refused: no such bucket, no permission. A retry will not help.
    #[error("{object}: {reason}")]
    Refused {
        /// The object's full name.
        object: String,
        /// What the store said, and what to do.
        reason: String,
    },
    /// What stands there is too long to be read. A retry will not help.
    #[error("{object} is larger than 4 MiB, so it is no record of ours: move it away")]
    TooLarge {
        /// The object's full name.
        object: String,
    },
    /// The store could not be reached or failed; the write may or may not have happened.
    #[error("{object}: {reason}")]
    Unavailable {
        /// The object's full name.
        object: String,
        /// What happened.
        reason: String,
    },
}

/// The most bytes of an object that are read. Records hold some kilobytes, and up to some megabytes where a shop has
/// thousands of departments with long names; a larger one is not ours.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A store of small objects (kilobytes) with strong consistency.
#[async_trait]
pub trait StateStore: Send + Sync {
    /// The object at `name` (a relative path such as `days/2026-10-06.json`), or `None` where there is none.
    async fn read(&self, name: &str) -> Result<Option<Stored>, StateError>;

    /// Writes the whole object if the precondition holds, and gives its new generation. Without one it replaces also what
    /// is too long to be read.
    async fn write(
        &self,
        name: &str,
        bytes: Vec<u8>,
        precondition: Precondition,
    ) -> Result<Generation, StateError>;

    /// Where the state is, for people: `gs://bucket/prefix` or a folder.
    fn location(&self) -> String;
}
