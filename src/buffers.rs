//! Buffers that are used again: a fresh one of this size comes from the system each time, page by page.
//!
//! It never keeps more than a few, and never one that grew beyond the others.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Buffers that wait to be used again at most.
const MOST: usize = 4;

/// Bytes, or text: what is made of bytes and gives them back.
pub trait Held: Default + Into<Vec<u8>> + TryFrom<Vec<u8>> {}

impl<T: Default + Into<Vec<u8>> + TryFrom<Vec<u8>>> Held for T {}

/// Buffers of one size.
#[derive(Debug, Clone)]
pub(crate) struct Buffers {
    capacity: usize,
    free: Arc<Mutex<Free>>,
}

/// Those that wait to be used again.
#[derive(Debug, Default)]
struct Free {
    waiting: Vec<Vec<u8>>,
    /// None waits any more.
    is_closed: bool,
}

impl Buffers {
    /// Of so many bytes each.
    pub(crate) fn of(capacity: usize) -> Self {
        Self { capacity, free: Arc::default() }
    }

    /// Bytes of each.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// From now on each is given back to the system once it is dropped, for what is left of the memory is dearer than time.
    pub(crate) fn keep_none(&self) {
        *self.free() = Free { waiting: Vec::new(), is_closed: true };
    }

    fn free(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An empty one with room.
    pub(crate) fn take<T: Held>(&self) -> Buffer<T> {
        let free = self.free().waiting.pop();
        let bytes = free.unwrap_or_else(|| Vec::with_capacity(self.capacity));
        let held = T::try_from(bytes).ok().expect("no bytes are text, too");
        Buffer { held, home: Some(self.clone()) }
    }

    fn give(&self, mut buffer: Vec<u8>) {
        let mut free = self.free();
        if buffer.capacity() == self.capacity && free.waiting.len() < MOST && !free.is_closed {
            buffer.clear();
            free.waiting.push(buffer);
        }
    }
}

/// What it holds, in room that is used again once it is dropped.
#[derive(Debug, Default)]
pub struct Buffer<T: Held = Vec<u8>> {
    held: T,
    home: Option<Buffers>,
}

impl<T: Held> Deref for Buffer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T: Held> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.held
    }
}

/// Two are equal that hold the same.
impl<T: Held + PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        self.held == other.held
    }
}

impl<T: Held + Eq> Eq for Buffer<T> {}

impl<T: Held> Drop for Buffer<T> {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            home.give(std::mem::take(&mut self.held).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_used_again_and_what_grew_is_given_back() {
        let buffers = Buffers::of(64);
        let mut one: Buffer = buffers.take();
        one.extend_from_slice(b"0123");
        let place = one.as_ptr();
        drop(one);
        let mut again: Buffer = buffers.take();
        assert_eq!((again.as_ptr(), again.len(), again.capacity()), (place, 0, 64));
        again.reserve(1000);
        drop(again);
        assert_eq!(buffers.free().waiting.len(), 0);
        let all: Vec<Buffer> = (0..2 * MOST).map(|_| buffers.take()).collect();
        drop(all);
        assert_eq!(buffers.free().waiting.len(), MOST);
    }

    #[test]
    fn once_none_is_kept_each_is_given_back() {
        let buffers = Buffers::of(64);
        let [before, waits]: [Buffer; 2] = [buffers.take(), buffers.take()];
        drop(waits);
        buffers.keep_none();
        drop(before);
        assert_eq!(buffers.free().waiting.len(), 0);
    }

    #[test]
    fn text_stands_in_the_same_room_and_begins_empty() {
        let buffers = Buffers::of(64);
        let mut text: Buffer<String> = buffers.take();
        text.push_str("책장");
        let place = text.as_ptr();
        drop(text);
        let again: Buffer<String> = buffers.take();
        assert_eq!((again.as_ptr(), again.as_str(), again.capacity()), (place, "", 64));
    }
}
