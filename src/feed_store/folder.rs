//! The feed in a folder: for laptops, the demo and tests.
//!
//! It keeps the port's promises on one machine; there is no cache in front of it.

mod probe;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::{
    fs::{self, File},
    io::AsyncReadExt,
    sync::mpsc,
};

use super::{BuildInfo, FeedError, FeedKey, FeedStore, Invalidation, Part, Probe, fingerprint, read_ahead};
use crate::{chunks::Chunks, config::stores::FeedFileName, report::Fingerprint};

/// Bytes of a record of what is public, which is a line.
const MOST_RECORD: u64 = 4096;

/// Bytes that are written at once.
const PIECE: usize = 1024 * 1024;

/// A folder of builds with one public file.
///
/// A file has no metadata of its own, and two files cannot be replaced in one step. So what a public file is stands
/// in `.published/<sha256 of its bytes>.json`, written before the public file is renamed into place: whichever file
/// is public, its own bytes lead to its own record, at any moment and after any crash. The price is that
/// [`FeedStore::published`] reads the whole file and that old records stay, a line each; in return a file that
/// somebody edited is not taken for ours.
///
/// Where the file system can, the public file is a second name of its build: nothing is copied, and who edits the one
/// edits the other, which is then no longer published again.
#[derive(Debug, Clone)]
pub struct FolderFeed {
    root: PathBuf,
    public_name: String,
}

impl FolderFeed {
    /// The feed below `root`, its public file as `root/public_name`. Folders are made by the first write.
    pub fn new(root: impl Into<PathBuf>, public_name: &FeedFileName) -> Self {
        Self { root: root.into(), public_name: public_name.as_str().to_owned() }
    }

    /// Where the public file lies.
    pub fn public_path(&self) -> PathBuf {
        self.root.join(&self.public_name)
    }

    fn path(&self, key: &FeedKey) -> PathBuf {
        self.root.join(key.path())
    }

    fn record(&self, file: &Fingerprint) -> PathBuf {
        self.root.join(".published").join(format!("{}.json", file.sha256))
    }
}

#[async_trait]
impl FeedStore for FolderFeed {
    async fn write(&self, key: &FeedKey, mut parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
        let path = self.path(key);
        let failed = |e| classify(&path, &e);
        let mut draft = Draft::beside(&path).await.map_err(failed)?;
        loop {
            match parts.recv().await {
                Some(Part::Data(bytes)) => draft.write(bytes).await.map_err(failed)?,
                Some(Part::End) => return draft.become_file(&path).await.map_err(failed),
                None => return Err(FeedError::Aborted { object: name(&path) }),
            }
        }
    }

    async fn read(&self, key: &FeedKey) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError> {
        chunks(self.path(key)).await
    }

    async fn publish(&self, info: &BuildInfo) -> Result<(), FeedError> {
        let build = self.path(&FeedKey::Build(info.build.clone()));
        let object = name(&build);
        let public = self.public_path();
        let failed = |e| classify(&public, &e);
        let file = fingerprint(chunks(build.clone()).await?).await?;
        if file != info.file {
            let Fingerprint { bytes, sha256 } = file;
            let reason = format!("it holds {bytes} bytes with sha256 {sha256}, not what was announced");
            return Err(FeedError::Refused { object, reason });
        }
        let record = self.record(&file);
        let mut note = Draft::beside(&record).await.map_err(failed)?;
        let json = serde_json::to_vec(info).expect("it has string keys and finite numbers");
        note.write(json.into()).await.map_err(failed)?;
        note.become_file(&record).await.map_err(failed)?;
        Draft::of(&build, &public).await.map_err(failed)?.become_file(&public).await.map_err(failed)
    }

    async fn published(&self) -> Result<Option<BuildInfo>, FeedError> {
        let Some(public) = there(chunks(self.public_path()).await)? else { return Ok(None) };
        let file = fingerprint(public).await?;
        let record = self.record(&file);
        let json = head(&record).await.map_err(|e| classify(&record, &e));
        let info = there(json)?.and_then(|json| serde_json::from_slice::<BuildInfo>(&json).ok());
        Ok(info.filter(|info| info.file == file))
    }

    async fn invalidate(&self, _: &str) -> Invalidation {
        Invalidation::NotConfigured
    }

    async fn probe(&self, what: Probe, name: &str) -> Result<bool, FeedError> {
        self.try_out(what, name).await
    }

    fn location(&self) -> String {
        name(&self.root)
    }

    fn location_of(&self, key: &FeedKey) -> String {
        name(&self.path(key))
    }
}

/// A file in the making, beside its place; gone when it is dropped before it became the file.
struct Draft {
    file: Arc<std::fs::File>,
    path: Temporary,
}

/// A name that is taken away again.
struct Temporary(PathBuf);

impl Draft {
    /// An empty one.
    async fn beside(target: &Path) -> io::Result<Self> {
        let path = Self::path(target).await?;
        let file = File::create(&path.0).await?.into_std().await;
        Ok(Self { file: Arc::new(file), path })
    }

    /// What stands in another file: by another name for it, or where there can be none by a copy.
    async fn of(source: &Path, target: &Path) -> io::Result<Self> {
        let path = Self::path(target).await?;
        if fs::hard_link(source, &path.0).await.is_err() {
            fs::copy(source, &path.0).await?;
        }
        let file = File::open(&path.0).await?.into_std().await;
        Ok(Self { file: Arc::new(file), path })
    }

    async fn path(target: &Path) -> io::Result<Temporary> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).await?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Ok(Temporary(folder.join(format!(".{}-{number}.part", std::process::id()))))
    }

    /// Writes all of it without another copy of it, piece by piece: whoever works beside it on the same core is not kept
    /// waiting for all of it.
    async fn write(&mut self, mut bytes: Bytes) -> io::Result<()> {
        while !bytes.is_empty() {
            let (file, piece) = (Arc::clone(&self.file), bytes.split_to(bytes.len().min(PIECE)));
            let written = tokio::task::spawn_blocking(move || (&*file).write_all(&piece));
            written.await.map_err(io::Error::other)??;
        }
        Ok(())
    }

    async fn become_file(self, target: &Path) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        tokio::task::spawn_blocking(move || file.sync_all()).await.map_err(io::Error::other)??;
        fs::rename(&self.path.0, target).await?;
        // Makes the rename itself survive a power cut. Only Unix lets a folder be opened for that.
        #[cfg(unix)]
        File::open(target.parent().unwrap_or(Path::new("."))).await?.sync_all().await?;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It mostly is gone; where it was another name of what stands at its target, a rename leaves it.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn chunks(path: PathBuf) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError> {
    let file = File::open(&path).await.map_err(|e| classify(&path, &e))?;
    let chunks = Chunks::of(file.into_std().await);
    let next =
        |mut chunks: Chunks| async move { chunks.next().await.transpose().map(|chunk| (chunk, chunks)) };
    let chunks = stream::unfold(chunks, next);
    Ok(read_ahead(chunks.map(move |chunk| chunk.map_err(|e| classify(&path, &e)))))
}

/// The bytes of a record, as many as one of ours may have: the rest of a longer one is missed.
async fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut json = Vec::new();
    File::open(path).await?.take(MOST_RECORD).read_to_end(&mut json).await?;
    Ok(json)
}

fn there<T>(found: Result<T, FeedError>) -> Result<Option<T>, FeedError> {
    match found {
        Err(FeedError::NotFound { .. }) => Ok(None),
        found => found.map(Some),
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn classify(path: &Path, error: &io::Error) -> FeedError {
    use io::ErrorKind as Kind;
    let (object, reason) = (name(path), error.to_string());
    match error.kind() {
        Kind::NotFound => FeedError::NotFound { object },
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => FeedError::Refused {
            object,
            reason: format!(
                "{reason}; give this user the right to write there, or name another folder in FEED_STORE_URL"
            ),
        },
        Kind::NotADirectory | Kind::IsADirectory | Kind::AlreadyExists => {
            FeedError::Refused { object, reason: format!("{reason}; name another folder in FEED_STORE_URL") }
        }
        _ => FeedError::Unavailable { object, reason },
    }
}
