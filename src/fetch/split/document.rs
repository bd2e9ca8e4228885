//! One JSON document with the array of products somewhere inside.
//!
//! It never keeps more than the way to the pointer and the product that is just passing.

use memchr::memchr2;

use super::{
    DEEPEST, Lead, SplitError,
    elements::Elements,
    error::show,
    not_json,
    state::State,
    way::{ASIDES, Aside, Role, Way},
};
use crate::{
    fetch::{Batch, element::skim},
    json::{JsonPointer, Skim, SkimError},
    preset::Element,
};

/// What is longer than this is neither a count nor a link.
const LONGEST_WORD: usize = 8 * 1024;
/// A key longer than this is no key.
const LONGEST_KEY: usize = 64 * 1024;

/// The parser of one document.
#[derive(Debug)]
pub(crate) struct Document {
    state: State,
    lead: Lead,
    way: Way,
    key: Vec<u8>,
    skim: Skim,
    role: Role,
    word: Vec<u8>,
    word_at: u64,
    aside: Aside,
    offset: u64,
    pub elements: Elements,
}

impl Document {
    pub fn new(items: &JsonPointer, element: &Element, aside: [Option<&JsonPointer>; ASIDES]) -> Self {
        Self {
            state: State::Lead,
            lead: Lead::default(),
            way: Way::new(items, aside),
            key: Vec::new(),
            skim: skim(element),
            role: Role::Beside,
            word: Vec::new(),
            word_at: 0,
            aside: Aside::default(),
            offset: 0,
            elements: Elements::new(element),
        }
    }

    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<Batch>) -> Result<(), SplitError> {
        let mut rest = chunk;
        while !rest.is_empty() {
            let used = match self.state {
                State::Item => self.item(rest, out)?,
                State::Skip => self.skip(rest)?,
                State::Key => self.key(rest)?,
                _ => self.step(rest[0])?,
            };
            self.offset += used as u64;
            rest = &rest[used..];
        }
        Ok(())
    }

    pub fn finish(&mut self, out: &mut Vec<Batch>) -> Result<Aside, SplitError> {
        match self.state {
            State::Lead => Err(SplitError::Empty),
            State::Skip if self.way.depth() == 0 && self.skim.may_end() => Err(self.lone_word()),
            State::End => {
                self.elements.batcher.flush(out);
                Ok(std::mem::take(&mut self.aside))
            }
            _ => Err(SplitError::Truncated { offset: self.offset }),
        }
    }

    /// One byte between values; gives 0 where the next state has to see it too.
    fn step(&mut self, byte: u8) -> Result<usize, SplitError> {
        match self.state {
            State::Lead if self.lead.over(byte, self.offset)? => return self.value(byte),
            State::Lead => return Ok(1),
            State::KeyEscape => {
                self.key.push(byte);
                self.state = State::Key;
                return Ok(1);
            }
            _ if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') => return Ok(1),
            _ => {}
        }
        match (self.state, byte) {
            (State::Value, _) => return self.value(byte),
            (State::FirstKey | State::NextKey, b'"') => {
                self.key.clear();
                self.state = State::Key;
            }
            (State::FirstKey, b'}') | (State::FirstElement, b']') => self.close()?,
            (State::Colon, b':') => self.state = State::Value,
            (State::FirstElement, _) => {
                self.way.first_element();
                return self.value(byte);
            }
            (State::After, b',') if self.way.in_object() == Some(true) => self.state = State::NextKey,
            (State::After, b',') => {
                self.way.next_element();
                self.state = State::Value;
            }
            (State::After, b'}' | b']') if self.way.in_object() == Some(byte == b'}') => self.close()?,
            (State::FirstItem | State::AfterItem, b']') => self.state = self.outside(),
            (State::AfterItem, b',') => self.state = State::NextItem,
            (State::FirstItem | State::NextItem, _) => {
                if !self.skim.start(byte, usize::MAX) {
                    return Err(not_json(self.offset, "a product", byte));
                }
                self.elements.batcher.begin();
                self.state = State::Item;
                return Ok(0);
            }
            (State::End, _) => {
                return Err(SplitError::Trailing { offset: self.offset, found: show(byte) });
            }
            (state, _) => return Err(not_json(self.offset, state.expected(), byte)),
        }
        Ok(1)
    }

    /// The first byte of a value outside the products.
    fn value(&mut self, byte: u8) -> Result<usize, SplitError> {
        self.role = self.way.role();
        match (self.role, byte) {
            (Role::Items, b'[') => {
                self.way.arrive();
                self.state = State::FirstItem;
                return Ok(1);
            }
            (Role::Items, b'{') | (Role::OnTheWay { .. }, b'{' | b'[') => {
                if self.way.depth() == DEEPEST {
                    return Err(SplitError::TooDeep { offset: self.offset });
                }
                self.way.open(byte == b'{');
                self.state = if byte == b'{' { State::FirstKey } else { State::FirstElement };
                return Ok(1);
            }
            _ => {}
        }
        if !self.skim.start(byte, DEEPEST - self.way.depth()) {
            let expected = if self.way.depth() == 0 { "{ or [" } else { "a value" };
            return Err(not_json(self.offset, expected, byte));
        }
        let needed = matches!(self.role, Role::Items | Role::OnTheWay { needed: true });
        if needed && (self.way.depth() > 0 || byte == b'"') {
            return Err(self.way.wrong_kind(byte, self.offset));
        }
        self.word.clear();
        self.word_at = self.offset;
        self.state = State::Skip;
        Ok(0)
    }

    fn skip(&mut self, rest: &[u8]) -> Result<usize, SplitError> {
        let end = self.skim.run(rest).map_err(|e| self.skim_error(e))?;
        let used = end.unwrap_or(rest.len());
        // Only a word of its own, or a value that is wanted, is looked at again.
        if self.way.depth() == 0 || matches!(self.role, Role::Aside(_)) {
            let room = (LONGEST_WORD + 1).saturating_sub(self.word.len());
            self.word.extend_from_slice(&rest[..used.min(room)]);
        }
        if end.is_some() {
            if self.way.depth() == 0 {
                return Err(self.lone_word());
            }
            if let (Role::Aside(aside), 0..=LONGEST_WORD) = (self.role, self.word.len()) {
                self.aside[aside] = Some(std::mem::take(&mut self.word));
            }
            self.state = State::After;
        }
        Ok(used)
    }

    fn item(&mut self, rest: &[u8], out: &mut Vec<Batch>) -> Result<usize, SplitError> {
        let end = self.skim.run(rest).map_err(|e| self.skim_error(e))?;
        let used = end.unwrap_or(rest.len());
        self.elements.batcher.append(&rest[..used]);
        if self.elements.batcher.is_endless() {
            return Err(SplitError::Endless { offset: self.offset });
        }
        if end.is_some() {
            self.elements.end(&self.way, &self.skim, out)?;
            self.state = State::AfterItem;
        }
        Ok(used)
    }

    fn key(&mut self, rest: &[u8]) -> Result<usize, SplitError> {
        let end = memchr2(b'"', b'\\', rest);
        let piece = end.unwrap_or(rest.len());
        self.key.extend_from_slice(&rest[..piece]);
        if self.key.len() > LONGEST_KEY {
            return Err(not_json(self.offset, "the end of a key", rest[0]));
        }
        if end.is_none() {
            return Ok(piece);
        }
        if rest[piece] == b'\\' {
            self.key.push(b'\\');
            self.state = State::KeyEscape;
        } else {
            self.way.key(&self.key, self.offset)?;
            self.state = State::Colon;
        }
        Ok(piece + 1)
    }

    fn close(&mut self) -> Result<(), SplitError> {
        self.way.close(self.offset)?;
        self.state = self.outside();
        Ok(())
    }

    fn outside(&self) -> State {
        if self.way.depth() == 0 { State::End } else { State::After }
    }

    /// The whole document is one number or word, as null or the first word of a plain sentence.
    fn lone_word(&self) -> SplitError {
        match &self.word[..] {
            b"null" | b"true" | b"false" | [b'-' | b'0'..=b'9', ..] => {
                self.way.wrong_kind(self.word[0], self.word_at)
            }
            word => not_json(self.word_at, "{ or [", word[0]),
        }
    }

    fn skim_error(&self, error: SkimError) -> SplitError {
        match error {
            SkimError::TooDeep(at) => SplitError::TooDeep { offset: self.offset + at as u64 },
            SkimError::Unexpected(at, byte) => {
                not_json(self.offset + at as u64, "the matching end of a value", byte)
            }
        }
    }
}
