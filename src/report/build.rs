//! What a build is: its id, its size, and its bytes by their hash.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The id of one build: `20261006-000503-k3x9`, the local date and time of its start and four random letters.
/// It names the build's files and rides on the public file as `x-amz-meta-build`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BuildId(String);

impl BuildId {
    /// Accepts `[0-9a-z-]{1,40}`: what is safe in a key, a file name and a shell line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let safe = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase() || b == b'-';
        if (1..=40).contains(&text.len()) && text.bytes().all(safe) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a build id holds 1 to 40 of a-z, 0-9 and -".to_owned())
        }
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BuildId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<BuildId> for String {
    fn from(id: BuildId) -> Self {
        id.0
    }
}

/// What a build is, as it stands on the public object and in the record: enough to prove what readers get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildInfo {
    /// The build's id.
    pub build: BuildId,
    /// Rows without the header.
    pub rows: u64,
    /// Its file.
    #[serde(flatten)]
    pub file: Fingerprint,
}

/// What a file is by its bytes.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// How many they are.
    pub(crate) bytes: u64,
    /// Lower-case hex SHA-256 of them.
    pub sha256: String,
}

impl Fingerprint {
    /// Of a whole file.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)) }
    }
}

/// Takes a file's bytes in any pieces.
#[derive(Default)]
pub struct Fingerprinter {
    hash: Sha256,
    /// Bytes taken so far.
    pub bytes: u64,
}

impl Fingerprinter {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Of all that was taken.
    pub fn finish(self) -> Fingerprint {
        Fingerprint { bytes: self.bytes, sha256: hex(&self.hash.finalize()) }
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
