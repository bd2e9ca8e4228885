//! What exports need of the folder, tried one by one.
//!
//! It never touches a build or the public file.

use std::io;

use tokio::fs;

use super::{Draft, FolderFeed, classify};
use crate::feed_store::{FeedError, PROBE, Probe, probe_paths};

impl FolderFeed {
    /// Tries one thing; `false` where a folder has none.
    pub(super) async fn try_out(&self, what: Probe, name: &str) -> Result<bool, FeedError> {
        let [file, copied] = probe_paths(name).map(|path| self.root.join(path));
        let (path, tried) = match what {
            Probe::Put | Probe::Copy => {
                let target = if what == Probe::Put { file } else { copied };
                let written = async {
                    let mut draft = Draft::beside(&target).await?;
                    draft.write(PROBE.as_bytes().into()).await?;
                    draft.become_file(&target).await
                };
                (target.clone(), written.await)
            }
            Probe::Remove => {
                let removed = async {
                    gone(fs::remove_file(&file).await)?;
                    gone(fs::remove_file(&copied).await)
                };
                (file.clone(), removed.await)
            }
            Probe::Multipart | Probe::Missing | Probe::Invalidate => return Ok(false),
        };
        tried.map(|()| true).map_err(|error| classify(&path, &error))
    }
}

/// What is not there need not be removed.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
