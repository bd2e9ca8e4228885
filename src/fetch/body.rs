//! The decoded bytes of one URL as a stream that mends itself: when it breaks off, it is read again and goes on
//! where it stopped, provided that the part handed on already is still the same.
//!
//! It never holds more than a chunk, and never knows what the bytes mean.

use std::time::Duration;

use bytes::Bytes;

use super::{
    Fetcher,
    decode::Undecodable,
    error::{FetchError, Head, Place, passes},
    source::{Fault, Input},
};
use crate::{
    preset::Call,
    web::{Discretion, ShownUrl},
};

/// First bytes kept for messages: enough for 120 characters of any script.
const HEAD_BYTES: usize = 480;

/// So many decoded bytes are not read a third time where they were the same twice and ended in the middle.
const DEAR: u64 = 1024 * 1024;

/// One URL being read.
pub(super) struct Body<'f> {
    fetcher: &'f Fetcher,
    call: Option<Call>,
    discretion: Discretion,
    input: Option<Input>,
    head: Vec<u8>,
    /// Decoded bytes handed on, and their checksum.
    handed: u64,
    checksum: u32,
    /// Bytes of the present try that were seen, and their checksum, until it has caught up.
    seen: u64,
    seen_checksum: u32,
    /// Failed tries since the last new byte, and in all.
    failed: u32,
    failed_in_all: u32,
    /// The bytes that the last try gave in all and their checksum, if what they stand for ended in the middle.
    ended: Option<(u64, u32)>,
}

impl<'f> Body<'f> {
    /// `None` is the catalogue inside the binary.
    pub fn new(fetcher: &'f Fetcher, call: Option<Call>) -> Self {
        let discretion = call.as_ref().map(|call| Discretion::of(&call.shown)).unwrap_or_default();
        Self {
            fetcher,
            call,
            discretion,
            input: None,
            head: Vec::new(),
            handed: 0,
            checksum: 0,
            seen: 0,
            seen_checksum: 0,
            failed: 0,
            failed_in_all: 0,
            ended: None,
        }
    }

    /// The next decoded bytes, never empty; `None` at the end. Waits and tries again where that may help.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            match self.read().await {
                Ok(Some(chunk)) => {
                    if let Some(fresh) = self.caught_up(chunk)? {
                        return Ok(Some(fresh));
                    }
                }
                Ok(None) if self.seen < self.handed => self.again(Fault::CutOff).await?,
                Ok(None) => return Ok(None),
                Err(fault) => self.again(fault).await?,
            }
        }
    }

    /// Reads the URL once more after a wait, to go on where it stopped; an error if it was tried often enough.
    pub async fn again(&mut self, fault: Fault) -> Result<(), FetchError> {
        let whole = self.input.take().and_then(|input| input.whole());
        self.failed += 1;
        self.failed_in_all += 1;
        let policy = &self.fetcher.policy;
        let remote = self.call.as_ref().is_some_and(|call| call.url.scheme() != "file");
        let tired = self.failed >= policy.tries
            || self.failed_in_all >= policy.tries_in_all
            || self.is_so_at_its_source(&fault, whole);
        if !remote || tired || !fault.passes() {
            return Err(self.error(fault));
        }
        let wait = policy.wait(self.failed, fault.retry_after());
        tracing::info!(url = %self.place().url, tries = self.failed_in_all, ?wait, "{}; trying again", fault.told(&self.discretion));
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Whether a large text that ends in the middle was the same twice: it is so at its source, and to decode it all once
    /// more costs more than it may bring.
    fn is_so_at_its_source(&mut self, fault: &Fault, whole: Option<(u64, u32)>) -> bool {
        let ends = matches!(fault, Fault::CutOff | Fault::Undecodable(Undecodable::Damaged));
        let ended = whole.filter(|_| ends && self.handed >= DEAR);
        let before = std::mem::replace(&mut self.ended, ended);
        ended.is_some() && before == ended
    }

    /// Bytes that its connection may hold.
    pub fn held(&self) -> usize {
        self.input.as_ref().map_or(0, Input::held)
    }

    /// Decoded bytes handed on so far.
    pub fn handed(&self) -> u64 {
        self.handed
    }

    /// The first of them.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The URL and the tries, for messages.
    pub fn place(&self) -> Place {
        let sample = || ShownUrl::named("the embedded sample");
        let url = self.call.as_ref().map_or_else(sample, |call| call.shown.clone());
        // a try under way counts
        let tries = self.failed_in_all + u32::from(self.input.is_some());
        Place { url, tries, discretion: self.discretion.clone() }
    }

    /// How much of what came may be told.
    pub fn discretion(&self) -> &Discretion {
        &self.discretion
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Fault> {
        let input = match &mut self.input {
            Some(input) => input,
            None => {
                (self.seen, self.seen_checksum) = (0, 0);
                let opened = Input::open(self.fetcher, self.call.as_ref(), &mut self.discretion).await?;
                self.input.insert(opened)
            }
        };
        input.next(self.fetcher.policy.silence).await
    }

    /// What is new in a chunk. What was handed on already has to be the same as before.
    fn caught_up(&mut self, mut chunk: Bytes) -> Result<Option<Bytes>, FetchError> {
        let known = (self.handed - self.seen).min(chunk.len() as u64);
        if known > 0 {
            // `known` is at most the chunk's length
            let again = chunk.split_to(known as usize);
            self.seen += known;
            self.seen_checksum = crc32c::crc32c_append(self.seen_checksum, &again);
            if self.seen == self.handed && self.seen_checksum != self.checksum {
                return Err(self.changed());
            }
        }
        if chunk.is_empty() {
            return Ok(None);
        }
        self.failed = 0;
        self.handed += chunk.len() as u64;
        self.checksum = crc32c::crc32c_append(self.checksum, &chunk);
        self.seen = self.handed;
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..room]);
        Ok(Some(chunk))
    }

    fn changed(&self) -> FetchError {
        FetchError::Unreachable {
            place: self.place(),
            found: format!(
                "it broke off, and the catalogue changed while it was read ({} bytes)",
                self.handed
            ),
            advice: "run the export again",
            retryable: true,
        }
    }

    fn error(&self, fault: Fault) -> FetchError {
        let place = self.place();
        let handed = self.handed;
        let unreachable =
            |found, advice, retryable| FetchError::Unreachable { place, found, advice, retryable };
        let unreadable = |found| {
            let (place, body) = (self.place(), Head::none());
            FetchError::Unreadable { place, found, body, retryable: false }
        };
        match fault {
            Fault::Status { status, body, .. } => FetchError::refused(self.place(), status, &body),
            Fault::Network(text) => {
                let advice = "check CATALOG_URL and that the source is up, then run the export again";
                let found = format!("{} ({handed} bytes were read)", self.discretion.tell(&text));
                unreachable(found, advice, true)
            }
            Fault::Silence(limit) => {
                let found = format!("no byte came for {} ({handed} bytes were read)", seconds(limit));
                unreachable(found, "the source is too slow: run the export again later", true)
            }
            Fault::Undecodable(Undecodable::Damaged) => {
                let found = format!("its gzip is damaged or ends in the middle ({handed} bytes were read)");
                unreachable(found, "run the export again; if that does not help, ask the source", true)
            }
            Fault::Undecodable(Undecodable::Coding { name }) => unreadable(format!(
                "expected JSON, plain or in gzip, found it compressed with {}, which was not asked for; ask \
                 the source for gzip",
                self.discretion.tell(&name)
            )),
            Fault::Undecodable(Undecodable::TooOften) => unreadable(
                "it is gzip within gzip within gzip, and only two of them are taken off; ask the source"
                    .to_owned(),
            ),
            Fault::CutOff => {
                let found = format!("it ends in the middle, after {handed} bytes");
                unreachable(found, "run the export again; if that does not help, ask the source", true)
            }
            Fault::File(text) => unreachable(text, "check CATALOG_URL and the file it names", false),
            Fault::Request(text) => {
                unreachable(self.discretion.tell(&text).to_owned(), "check CATALOG_URL", false)
            }
        }
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

impl Fault {
    /// Whether another try may help.
    fn passes(&self) -> bool {
        match self {
            Self::Status { status, .. } => passes(*status),
            Self::Network(_) | Self::Silence(_) | Self::CutOff => true,
            Self::Undecodable(why) => *why == Undecodable::Damaged,
            Self::File(_) | Self::Request(_) => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
