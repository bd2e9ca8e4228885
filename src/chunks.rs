//! A file's bytes, chunk by chunk: the next one is read while the one before it is used.
//!
//! It never knows what they mean, and never reads further ahead than one chunk.

use std::{
    fs::File,
    io::{self, Read},
};

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::buffers::{Buffer, Buffers};

/// How much of a file is read at once, in bytes.
pub(crate) const CHUNK: usize = 1024 * 1024;

/// A file on its way.
#[derive(Debug)]
pub(crate) struct Chunks {
    next: JoinHandle<io::Result<(File, Buffer)>>,
    buffers: Buffers,
}

impl Chunks {
    /// Of a file from where it stands.
    pub(crate) fn of(file: File) -> Self {
        Self::read(file, Buffers::of(CHUNK))
    }

    fn read(file: File, buffers: Buffers) -> Self {
        let mut chunk: Buffer = buffers.take();
        let next = tokio::task::spawn_blocking(move || {
            (&file).take(CHUNK as u64).read_to_end(&mut chunk)?;
            Ok((file, chunk))
        });
        Self { next, buffers }
    }

    /// The next chunk; none at the end.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let (file, chunk) = (&mut self.next).await.map_err(io::Error::other)??;
        if chunk.is_empty() {
            return Ok(None);
        }
        *self = Self::read(file, self.buffers.clone());
        Ok(Some(Bytes::from_owner(chunk)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn a_file_comes_whole_and_its_chunks_may_be_kept() {
        let whole: Vec<u8> = (0..2 * CHUNK + 77).map(|at| at as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&whole).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        let (mut chunks, mut came) = (Chunks::of(file), Vec::new());
        while let Some(chunk) = chunks.next().await.unwrap() {
            came.push(chunk);
        }
        assert_eq!(came.iter().map(Bytes::len).collect::<Vec<_>>(), [CHUNK, CHUNK, 77]);
        assert!(came.concat() == whole);
    }
}
