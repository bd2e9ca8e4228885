//! Buffers that are used again: a fresh one of this size comes from the system each time, page by page.
//!
//! It never keeps more than a few, and never one that grew beyond the others.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
};

/// Buffers that wait to be used again at most.
const MOST: usize = 4;

/// What a buffer is made of: bytes, or text.
pub trait Room: Default {
    /// Nothing, with room for so many bytes.
    fn of(capacity: usize) -> Self;
    /// The room that it has, in bytes.
    fn capacity(&self) -> usize;
    /// Takes what it holds away, and keeps the room.
    fn clear(&mut self);
}

impl Room for Vec<u8> {
    fn of(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn clear(&mut self) {
        self.clear();
    }
}

impl Room for String {
    fn of(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }

    fn clear(&mut self) {
        self.clear();
    }
}

/// Buffers of one size.
#[derive(Debug, Clone)]
pub(crate) struct Buffers<T = Vec<u8>> {
    capacity: usize,
    free: Arc<Mutex<Vec<T>>>,
}

impl<T: Room> Buffers<T> {
    /// Of so many bytes each.
    pub(crate) fn of(capacity: usize) -> Self {
        Self { capacity, free: Arc::default() }
    }

    /// An empty one with room.
    pub(crate) fn take(&self) -> Buffer<T> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let held = free.unwrap_or_else(|| T::of(self.capacity));
        Buffer { held, home: Some(Self { capacity: self.capacity, free: Arc::clone(&self.free) }) }
    }

    fn give(&self, mut buffer: T) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.capacity() == self.capacity && free.len() < MOST {
            buffer.clear();
            free.push(buffer);
        }
    }
}

/// What it holds, in room that is used again once it is dropped.
#[derive(Debug, Default)]
pub struct Buffer<T: Room = Vec<u8>> {
    held: T,
    home: Option<Buffers<T>>,
}

impl<T: Room> Deref for Buffer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T: Room> DerefMut for Buffer<T> {
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
impl<T: Room + PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        self.held == other.held
    }
}

impl<T: Room + Eq> Eq for Buffer<T> {}

impl<T: Room> Drop for Buffer<T> {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            home.give(std::mem::take(&mut self.held));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_used_again_and_what_grew_is_given_back() {
        let buffers: Buffers = Buffers::of(64);
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
