//! A small answer as a whole: a list of departments, a count, a few variations. What it holds is found by a path.
//!
//! It never holds more than [`MOST_LIST`] bytes.

use super::{
    Fetcher,
    body::Body,
    error::{Asked, FetchError},
    fault::Fault,
    split::{SplitError, show},
};
use crate::{
    json::{Path, Skim, SkimError},
    preset::Call,
    web::Discretion,
};

/// A list beyond this is not what was asked for.
pub(super) const MOST_LIST: usize = 4 * 1024 * 1024;
/// And a count, several of which are read at once.
pub(super) const MOST_COUNT: usize = 1024 * 1024;

/// A whole answer: JSON.
pub(super) struct Whole {
    text: Vec<u8>,
    place: Asked,
    head: Vec<u8>,
}

impl Whole {
    /// Reads it where it has no more than `most` bytes, with all the patience of the fetcher's policy.
    pub async fn read(fetcher: &Fetcher, call: Call, most: usize) -> Result<Self, FetchError> {
        let mut body = Body::new(fetcher, Some(call));
        let mut text = Vec::new();
        loop {
            match body.next().await? {
                Some(chunk) if text.len() + chunk.len() > most => {
                    let found =
                        format!("it is larger than {} MiB, which no answer of this kind is", most >> 20);
                    return Err(FetchError::unreadable(&body.place(), &found, &body.head));
                }
                Some(chunk) => text.extend_from_slice(&chunk),
                None => match sound(&text) {
                    Ok(()) => {
                        return Ok(Self { text, place: body.place(), head: body.head });
                    }
                    Err(SplitError::Truncated { .. }) => body.again(Fault::CutOff).await?,
                    Err(cause) => return Err(FetchError::of_split(&body.place(), &cause, &body.head)),
                },
            }
        }
    }

    /// The values that the path leads to, `most` at most. Where it leads nowhere the error names what is there.
    pub fn values(&self, path: &Path, most: usize) -> Result<Vec<&[u8]>, FetchError> {
        path.up_to(most, &self.text).map_err(|miss| {
            self.wrong(format!("{}; its shape may have changed", miss.told(&self.place.discretion)))
        })
    }

    /// How much of it may be told.
    pub fn discretion(&self) -> &Discretion {
        &self.place.discretion
    }

    /// Text of it as data, without the secrets that it may repeat.
    pub fn struck(&self, text: String) -> String {
        self.place.discretion.struck(text)
    }

    /// An error about what it holds, in words of ours.
    pub fn wrong(&self, found: String) -> FetchError {
        FetchError::unreadable(&self.place, &found, &self.head)
    }
}

/// Whether a text is one JSON value from its first byte to its last. Scalars that are no JSON may stand in it: they
/// hide nothing beside them.
fn sound(text: &[u8]) -> Result<(), SplitError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
    let not_json = |offset: usize, expected, found| {
        Err(SplitError::NotJson { offset: offset as u64, expected, found: show(found) })
    };
    let mut skim = Skim::new();
    match text.first() {
        None => return Err(SplitError::Empty),
        Some(b'<') => return Err(SplitError::Html),
        Some(first) if !skim.start(*first, usize::MAX) => return not_json(0, "a value", *first),
        Some(_) => {}
    }
    match skim.run(text) {
        Ok(Some(end)) => text.get(end).map_or(Ok(()), |more| not_json(end, "the end", *more)),
        Ok(None) if skim.may_end() => Ok(()),
        Ok(None) => Err(SplitError::Truncated { offset: text.len() as u64 }),
        Err(SkimError::Unexpected(at, byte)) => not_json(at, "the matching end of a value", byte),
        Err(SkimError::TooDeep(_)) => unreachable!("any depth is allowed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sound_where_its_brackets_are() {
        for text in [r#"{"a": NaN, "b": "\ud800"}"#, " [] ", "7", "null", "\"x\"", "\u{feff}{}\n"] {
            assert_eq!(sound(text.as_bytes()), Ok(()), "{text}");
        }
        for (text, said) in [
            ("", "found an empty body"),
            (" \n", "found an empty body"),
            (" <html>", "found an HTML or XML page"),
            ("{\"a\":[1", "it ends in the middle, after 7 bytes"),
            ("{\"a\":[1}}", "expected the matching end of a value at byte 7, found }"),
            ("{} {}", "expected the end at byte 2"),
            ("oops", "expected a value at byte 0, found o: this is not JSON"),
        ] {
            let error = sound(text.as_bytes()).unwrap_err().told(&crate::web::Discretion::default());
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
