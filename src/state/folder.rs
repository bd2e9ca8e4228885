//! State in a folder: for laptops, the demo and tests.
//!
//! It keeps the port's promises across processes on one machine; it is no store for several machines.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::{Generation, MOST_BYTES, Precondition, StateError, StateStore, Stored};

/// A folder of small files with compare-and-set.
///
/// The generation is made of the content: equal content is equal state, so a file needs no counter beside it that
/// could get lost or disagree with it. A file that went from A to B and back to A counts as unchanged, which is
/// harmless because every decision is made from the content alone.
#[derive(Debug, Clone)]
pub struct FolderState {
    root: PathBuf,
}

impl FolderState {
    /// State below `root`. The folder is made by the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Path, &Path) -> Result<T, io::Error> + Send + 'static,
    ) -> Result<T, StateError> {
        let path = self.path(name)?;
        let object = path.display().to_string();
        let root = self.root.clone();
        let done = tokio::task::spawn_blocking(move || work(&root, &path)).await;
        done.unwrap_or_else(|e| Err(io::Error::other(e))).map_err(|e| classify(object, &e))
    }

    fn path(&self, name: &str) -> Result<PathBuf, StateError> {
        let plain =
            !name.is_empty() && Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
        if plain && !name.split('/').any(|part| part.starts_with('.')) {
            return Ok(self.root.join(name));
        }
        Err(StateError::Refused {
            object: format!("{}/{name}", self.root.display()),
            reason: "a name is a relative path such as days/2026-10-06.json, without .. or hidden parts"
                .into(),
        })
    }
}

#[async_trait]
impl StateStore for FolderState {
    async fn read(&self, name: &str) -> Result<Option<Stored>, StateError> {
        // No lock: a rename replaces a file as a whole, so a reader sees the old one or the new one.
        self.blocking(name, |_, path| Ok(read_file(path)?.map(stored))).await
    }

    async fn write(
        &self,
        name: &str,
        bytes: Vec<u8>,
        precondition: Precondition,
    ) -> Result<Generation, StateError> {
        let outcome =
            self.blocking(name, move |root, path| compare_and_set(root, path, &bytes, precondition));
        outcome
            .await?
            .ok_or_else(|| StateError::Conflict { object: self.root.join(name).display().to_string() })
    }

    fn location(&self) -> String {
        self.root.display().to_string()
    }
}

/// `None` where the precondition did not hold.
fn compare_and_set(
    root: &Path,
    path: &Path,
    bytes: &[u8],
    precondition: Precondition,
) -> io::Result<Option<Generation>> {
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder)?;
    let lock = OpenOptions::new().create(true).append(true).open(root.join(".lock"))?;
    lock.lock()?; // released when `lock` is closed, also by a crash
    let before = match read_file(path) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge && precondition == Precondition::None => {
            None
        }
        read => read?.map(stored),
    };
    let wanted = generation(bytes);
    let holds = match (precondition, &before) {
        (Precondition::None, _) | (Precondition::Absent, None) => true,
        (Precondition::Unchanged(known), Some(found)) => known == found.generation,
        _ => false,
    };
    match before {
        // Whoever wrote it, what we want is there: the same answer as the bucket gives after a lost one.
        Some(found) if found.bytes == bytes => Ok(Some(wanted)),
        _ if holds => replace(folder, path, bytes).map(|()| Some(wanted)),
        _ => Ok(None),
    }
}

/// Only under the lock, so that nobody else writes the temporary file. What a crash left of one is written over.
fn replace(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = folder.join(".tmp");
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
        return written;
    }
    // Makes the rename itself survive a power cut. Only Unix lets a folder be opened for that.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// The whole file; of one that is too long the kind of error says so.
fn read_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    // Whoever opens a pipe waits for its other end.
    let found = fs::metadata(path).and_then(|found| match found.file_type() {
        kind if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        kind if kind.is_file() => File::open(path),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "no plain file")),
    });
    let read = found.and_then(|file| {
        let mut bytes = Vec::new();
        file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match read {
        Ok(bytes) if bytes.len() > MOST_BYTES => Err(io::ErrorKind::FileTooLarge.into()),
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

fn stored(bytes: Vec<u8>) -> Stored {
    let generation = generation(&bytes);
    Stored { bytes, generation }
}

/// The first 63 bits of the content's SHA-256: never negative, as a bucket's generations are not.
fn generation(bytes: &[u8]) -> Generation {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let head = digest.iter().take(8).fold(0_u64, |n, b| (n << 8) | u64::from(*b));
    Generation((head >> 1).cast_signed())
}

fn classify(object: String, error: &io::Error) -> StateError {
    use io::ErrorKind as Kind;
    let advice = match error.kind() {
        Kind::FileTooLarge => return StateError::TooLarge { object },
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => {
            "give this user the right to read and write there"
        }
        Kind::IsADirectory | Kind::InvalidInput => {
            "something else stands where a file of ours belongs: move it away"
        }
        Kind::NotADirectory | Kind::AlreadyExists => {
            "a file stands where a folder of ours belongs: move it away"
        }
        _ => return StateError::Unavailable { object, reason: error.to_string() },
    };
    StateError::Refused { object, reason: format!("{error}; {advice}, or name another folder in STATE_URL") }
}
