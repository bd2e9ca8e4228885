//! The decoded bytes of one URL as a stream that mends itself: when it breaks off, it is read again and goes on
//! where it stopped, provided that the part handed on already is still the same.
//!
//! It never holds more than a chunk, and never knows what the bytes mean.

use bytes::Bytes;
use reqwest::header::HeaderName;

use super::{
    Fetcher,
    error::{Asked, FetchError},
    fault::Fault,
    source::{Input, Sum},
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
    /// What fails may be read again.
    is_remote: bool,
    /// How much of what came may be told.
    pub discretion: Discretion,
    input: Option<Input>,
    /// The first of the decoded bytes.
    pub head: Vec<u8>,
    /// Decoded bytes handed on.
    pub handed: Sum,
    /// Those that the present try gave, as far as they were handed on.
    seen: Sum,
    /// Failed tries since the last new byte, and in all.
    failed: u32,
    failed_in_all: u32,
    /// The bytes that the last try gave in all, if what they stand for ended in the middle.
    ended: Option<Sum>,
}

impl<'f> Body<'f> {
    /// `None` is the catalogue inside the binary.
    pub fn new(fetcher: &'f Fetcher, call: Option<Call>) -> Self {
        let discretion = call.as_ref().map(|call| Discretion::of(&call.shown)).unwrap_or_default();
        let is_remote = call.as_ref().is_some_and(Call::is_remote);
        Self {
            fetcher,
            call,
            is_remote,
            discretion,
            input: None,
            head: Vec::new(),
            handed: Sum::default(),
            seen: Sum::default(),
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
                Ok(None) if self.seen != self.handed => self.again(Fault::CutOff).await?,
                Ok(None) => return Ok(None),
                Err(fault) => self.again(fault).await?,
            }
        }
    }

    /// Reads the URL once more after a wait, to go on where it stopped; an error if it was tried often enough.
    pub async fn again(&mut self, fault: Fault) -> Result<(), FetchError> {
        let whole = self.input.take().and_then(|input| input.whole(self.seen));
        self.failed += 1;
        self.failed_in_all += 1;
        let policy = &self.fetcher.policy;
        let tired = self.failed >= policy.tries
            || self.failed_in_all >= policy.tries_in_all
            || self.is_so_at_its_source(&fault, whole);
        if !self.is_remote || tired || !fault.passes() {
            return Err(fault.error(&self.place(), self.handed.bytes));
        }
        let wait = policy.wait(self.failed, fault.retry_after());
        tracing::info!(url = %self.place().url, tries = self.failed_in_all, wait_ms = wait.as_millis() as u64, "{}; trying again", fault.told(&self.discretion));
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Whether a large text that ends in the middle was the same twice: it is so at its source, and to decode it all once
    /// more costs more than it may bring.
    fn is_so_at_its_source(&mut self, fault: &Fault, whole: Option<Sum>) -> bool {
        let ends = matches!(fault, Fault::CutOff | Fault::Damaged);
        let ended = whole.filter(|_| ends && self.handed.bytes >= DEAR);
        let before = std::mem::replace(&mut self.ended, ended);
        ended.is_some() && before == ended
    }

    /// What a header of the answer that is being read says.
    pub fn header(&self, name: &HeaderName) -> Option<String> {
        self.input.as_ref()?.header(name)
    }

    /// Bytes that its connection may hold.
    pub fn held(&self) -> usize {
        self.input.as_ref().map_or(0, Input::held)
    }

    /// The URL and the tries, for messages.
    pub fn place(&self) -> Asked {
        let sample = || ShownUrl::named("the embedded sample");
        let url = self.call.as_ref().map_or_else(sample, |call| call.shown.clone());
        // a try under way counts
        let tries = self.failed_in_all + u32::from(self.input.is_some());
        Asked { url, tries, discretion: self.discretion.clone() }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Fault> {
        let input = match &mut self.input {
            Some(input) => input,
            None => {
                self.seen = Sum::default();
                let opened = Input::open(self.fetcher, self.call.as_ref(), &mut self.discretion).await?;
                self.input.insert(opened)
            }
        };
        input.next(self.fetcher.policy.silence).await
    }

    /// What is new in a chunk. What was handed on already has to be the same as before.
    fn caught_up(&mut self, mut chunk: Bytes) -> Result<Option<Bytes>, FetchError> {
        let known = (self.handed.bytes - self.seen.bytes).min(chunk.len() as u64);
        if known > 0 {
            // `known` is at most the chunk's length
            let again = chunk.split_to(known as usize);
            self.seen.add(&again);
            if self.seen.bytes == self.handed.bytes && self.seen != self.handed {
                return Err(self.changed());
            }
        }
        if chunk.is_empty() {
            return Ok(None);
        }
        self.failed = 0;
        if self.is_remote {
            self.handed.add(&chunk);
        } else {
            // It is never held against a second try.
            self.handed.bytes += chunk.len() as u64;
        }
        self.seen = self.handed;
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(chunk.len());
        self.head.extend_from_slice(&chunk[..room]);
        Ok(Some(chunk))
    }

    fn changed(&self) -> FetchError {
        let handed = self.handed.bytes;
        let found = format!("it broke off, and the catalogue changed while it was read ({handed} bytes)");
        FetchError::unreachable(&self.place(), &found, "run the export again", true)
    }
}
