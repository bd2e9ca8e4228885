//! Buffers that are used again: a fresh one of this size comes from the system each time, page by page.
//!
//! It never keeps more than a few, and never one that grew beyond the others.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

/// Buffers that wait to be used again at most.
const MOST: usize = 4;

/// Buffers of one size.
#[derive(Debug, Clone)]
pub(crate) struct Buffers {
    capacity: usize,
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Buffers {
    /// Of so many bytes each.
    pub(crate) fn of(capacity: usize) -> Self {
        Self { capacity, free: Arc::default() }
    }

    /// An empty one with room.
    pub(crate) fn take(&self) -> Buffer {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let bytes = free.unwrap_or_else(|| Vec::with_capacity(self.capacity));
        Buffer { bytes, home: Some(self.clone()) }
    }

    fn give(&self, mut buffer: Vec<u8>) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.capacity() == self.capacity && free.len() < MOST {
            buffer.clear();
            free.push(buffer);
        }
    }
}

/// Bytes whose room is used again once they are dropped.
#[derive(Debug, Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    home: Option<Buffers>,
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Two are equal that hold the same bytes.
impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Buffer {}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            home.give(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_used_again_and_what_grew_is_given_back() {
        let buffers = Buffers::of(64);
        let mut one = buffers.take();
        one.extend_from_slice(b"0123");
        let place = one.as_ptr();
        drop(one);
        let mut again = buffers.take();
        assert_eq!((again.as_ptr(), again.len(), again.capacity()), (place, 0, 64));
        again.reserve(1000);
        drop(again);
        assert_eq!(buffers.free.lock().unwrap().len(), 0);
        let all: Vec<_> = (0..2 * MOST).map(|_| buffers.take()).collect();
        drop(all);
        assert_eq!(buffers.free.lock().unwrap().len(), MOST);
    }
}
