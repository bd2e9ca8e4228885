//! Where the parser stands in relation to its pointers: on the way, there, or beside it.
//!
//! It never sees values, only keys and brackets on the way.

use super::SplitError;
use crate::{
    json::{JsonPointer, KEYS_NAMED, kind, listed, unescaped, unlisted},
    web::Foreign,
};

/// Values beside the products that may be wanted.
pub(super) const ASIDES: usize = 2;

/// They, as they stand in the text.
pub(crate) type Aside = [Option<Vec<u8>>; ASIDES];

/// Whether a value stands where a pointer leads, or on its way.
#[derive(Debug, Clone, Copy, Default)]
struct On {
    items: bool,
    aside: [bool; ASIDES],
}

/// An object or array on the way.
#[derive(Debug)]
struct Frame {
    object: bool,
    on: On,
    index: u64,
    keys: Vec<String>,
}

/// What the value that begins now means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It should be the array of products.
    Items,
    /// It should hold a pointer's next key.
    OnTheWay {
        /// To the products; without them there is nothing to read.
        needed: bool,
    },
    /// It should be the value beside the products of this place in the list of those that are wanted.
    Aside(usize),
    /// It is none of our business.
    Beside,
}

/// The open brackets on the way, and what the next value is.
#[derive(Debug)]
pub(super) struct Way {
    pointer: String,
    items: Vec<String>,
    aside: [Option<Vec<String>>; ASIDES],
    frames: Vec<Frame>,
    next: On,
    found: bool,
}

impl Way {
    pub fn new(items: &JsonPointer, aside: [Option<&JsonPointer>; ASIDES]) -> Self {
        Self {
            pointer: items.to_string(),
            items: items.tokens().to_vec(),
            aside: aside.map(|aside| aside.map(|pointer| pointer.tokens().to_vec())),
            frames: Vec::new(),
            next: On { items: true, aside: aside.map(|aside| aside.is_some()) },
            found: false,
        }
    }

    /// How many brackets are open on the way.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Whether the innermost bracket is an object's; `None` outside all.
    pub fn in_object(&self) -> Option<bool> {
        self.frames.last().map(|f| f.object)
    }

    /// The role of the value that begins now.
    pub fn role(&self) -> Role {
        let left = |aside: usize| {
            let length = self.aside[aside].as_ref().map_or(0, Vec::len);
            self.next.aside[aside].then(|| length.saturating_sub(self.depth()))
        };
        if self.next.items && self.depth() == self.items.len() {
            Role::Items
        } else if self.next.items {
            Role::OnTheWay { needed: true }
        } else if (0..ASIDES).any(|aside| left(aside).is_some_and(|left| left > 0)) {
            Role::OnTheWay { needed: false }
        } else if let Some(aside) = (0..ASIDES).find(|aside| left(*aside) == Some(0)) {
            Role::Aside(aside)
        } else {
            Role::Beside
        }
    }

    /// The array of products begins.
    pub fn arrive(&mut self) {
        self.found = true;
    }

    /// An object or array on the way begins.
    pub fn open(&mut self, object: bool) {
        self.frames.push(Frame { object, on: self.next, index: 0, keys: Vec::new() });
    }

    /// The next value belongs to this key (raw, perhaps with escapes).
    pub fn key(&mut self, raw: &[u8], offset: u64) -> Result<(), SplitError> {
        let key = unescaped(raw);
        self.turn_to(&key);
        let wrong = self.frames.len() > self.items.len();
        let Some(frame) = self.frames.last_mut().filter(|f| f.on.items) else { return Ok(()) };
        frame.keys.push(key.chars().take(40).collect());
        frame.keys.truncate(KEYS_NAMED);
        if wrong && frame.keys.len() == KEYS_NAMED {
            // an object stands where the products should: it was read this far only to name its keys
            self.close(offset)?;
        }
        Ok(())
    }

    /// The next value is the first of an array on the way.
    pub fn first_element(&mut self) {
        self.turn_to("0");
    }

    /// The next value is another one of an array on the way.
    pub fn next_element(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.index += 1;
            let index = frame.index.to_string();
            self.turn_to(&index);
        }
    }

    fn turn_to(&mut self, token: &str) {
        let Some(depth) = self.frames.len().checked_sub(1) else { return };
        let on = self.frames[depth].on;
        let leads = |tokens: &[String]| tokens.get(depth).is_some_and(|t| t == token);
        self.next = On {
            // of two keys alike, the first counts
            items: on.items && !self.found && leads(&self.items),
            aside: std::array::from_fn(|n| on.aside[n] && self.aside[n].as_deref().is_some_and(leads)),
        };
    }

    /// An object or array on the way is over. If it should have led to the products, it did not.
    pub fn close(&mut self, offset: u64) -> Result<(), SplitError> {
        let Some(frame) = self.frames.pop().filter(|f| f.on.items && !self.found) else { return Ok(()) };
        let place = match frame.object {
            true => Foreign::new(listed(&frame.keys), unlisted(frame.keys.len())),
            false => Foreign::ours("an array stands there"),
        };
        Err(match self.items.get(self.frames.len()) {
            None => {
                let words = format!("an object ({})", listed(&frame.keys));
                let instead = format!("an object ({})", unlisted(frame.keys.len()));
                self.no_array(Foreign::new(words, instead), offset)
            }
            Some(token) => {
                SplitError::Missing { offset, pointer: self.pointer.clone(), token: token.clone(), place }
            }
        })
    }

    /// A value of the wrong kind, beginning with `first`, stands where the products or the way to them should.
    pub fn wrong_kind(&self, first: u8, offset: u64) -> SplitError {
        self.no_array(Foreign::ours(kind(first)), offset)
    }

    /// The products stand inside the elements of the array.
    pub fn deeper(&self, keys: &[String], advice: &str) -> SplitError {
        let (at, inside) = (&self.pointer, advice.rsplit('/').next().unwrap_or_default());
        SplitError::Deeper {
            keys: Foreign::new(listed(keys), unlisted(keys.len())),
            items: Foreign::new(format!("{at}{advice}"), format!("{at}/*/{inside}")),
        }
    }

    fn no_array(&self, found: Foreign, offset: u64) -> SplitError {
        let place = match self.items.get(self.frames.len()) {
            _ if self.pointer.is_empty() => "as the document itself".to_owned(),
            None => format!("at {}", self.pointer),
            Some(token) => format!("at {}, so an object with {token:?} on the way", self.pointer),
        };
        SplitError::NoArray { offset, place, found }
    }
}
