//! The encoding of a table's text, found and decoded while it streams by.
//!
//! It never holds more than the beginning of a text that may be in any.

use std::{borrow::Cow, mem};

use encoding_rs::{Decoder, EUC_KR, Encoding};

/// Bytes beyond ASCII that say what they are.
const ENOUGH: usize = 256;
/// So many bytes of whole characters of UTF-8, one after the other, are no chance.
const SOUND: usize = 24;
/// Bytes that are held until then.
const LONGEST: usize = 64 * 1024;
/// A decoded text is taken in pieces of this size.
const PIECE: usize = 4 * 1024;

/// The text's encoding, as far as it is known: by its byte order mark, else UTF-8 where its first other bytes are, else
/// CP949.
pub(super) enum Text {
    /// All of it may be anything so far: ASCII, and a few other characters.
    Unknown {
        pending: Vec<u8>,
        began: bool,
    },
    /// It is handed on as it is: whoever reads a value mends it.
    Utf8,
    Other(Decoder),
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown { .. } => "unknown",
            Self::Utf8 => "UTF-8",
            Self::Other(decoder) => decoder.encoding().name(),
        })
    }
}

impl Text {
    /// Nothing is known yet.
    pub(super) fn unknown() -> Self {
        Self::Unknown { pending: Vec::new(), began: false }
    }

    /// It is said what it is.
    pub(super) fn of(encoding: &'static Encoding) -> Self {
        // A mark at its beginning is no part of it.
        Self::Other(encoding.new_decoder_with_bom_removal())
    }

    /// What it is decoded from, where it is not UTF-8.
    pub(super) fn encoding(&self) -> Option<&'static str> {
        match self {
            Self::Other(decoder) => Some(decoder.encoding().name()).filter(|name| *name != "UTF-8"),
            Self::Unknown { .. } | Self::Utf8 => None,
        }
    }

    /// Bytes that are held until it is known what they are.
    pub(super) fn held(&self) -> usize {
        match self {
            Self::Unknown { pending, .. } => pending.capacity(),
            Self::Utf8 | Self::Other(_) => 0,
        }
    }

    /// The next bytes as UTF-8, or as they are where nothing has to be decoded; `last` where no more come.
    pub(super) fn decode<'c>(&mut self, chunk: &'c [u8], last: bool) -> Cow<'c, [u8]> {
        match self {
            Self::Utf8 => chunk.into(),
            Self::Other(decoder) => decode(decoder, chunk, last).into(),
            Self::Unknown { pending, began } => {
                let mut text = mem::take(pending);
                text.extend_from_slice(chunk);
                let is_short = !*began && text.len() < 3 && !last;
                let mark = if *began { None } else { Encoding::for_bom(&text) };
                *began |= !is_short;
                let (encoding, mark) =
                    match mark.or_else(|| guessed(&text, last).map(|encoding| (encoding, 0))) {
                        Some(known) if !is_short => known,
                        _ => {
                            let whole = if is_short { 0 } else { ascii(&text) };
                            *pending = text.split_off(whole);
                            return text.into();
                        }
                    };
                *self = if encoding == encoding_rs::UTF_8 {
                    Self::Utf8
                } else {
                    Self::Other(encoding.new_decoder_without_bom_handling())
                };
                self.decode(&text[mark..], last).into_owned().into()
            }
        }
    }
}

/// How many bytes of a text are ASCII before the first that is not.
fn ascii(text: &[u8]) -> usize {
    text.iter().position(|byte| !byte.is_ascii()).unwrap_or(text.len())
}

/// The encoding of a text without a mark; `None` while it may be any. Few characters of CP949 look like UTF-8, and many of
/// them in a row do not.
fn guessed(text: &[u8], last: bool) -> Option<&'static Encoding> {
    let others = text.iter().filter(|byte| !byte.is_ascii()).count();
    let is_enough = last || others >= ENOUGH || others > 0 && text.len() > LONGEST;
    match std::str::from_utf8(text) {
        // One byte that is none among many characters that are is a flaw of the text.
        Err(error) if error.error_len().is_some() => {
            let sound = text[..error.valid_up_to()].iter().filter(|byte| !byte.is_ascii()).count();
            Some(if sound >= SOUND { encoding_rs::UTF_8 } else { EUC_KR })
        }
        // It may stop in the middle of a character.
        _ => is_enough.then_some(encoding_rs::UTF_8),
    }
}

fn decode(decoder: &mut Decoder, mut chunk: &[u8], last: bool) -> Vec<u8> {
    let mut text = Vec::new();
    loop {
        let mut room = [0; PIECE];
        let (result, taken, given, _) = decoder.decode_to_utf8(chunk, &mut room, last);
        text.extend_from_slice(&room[..given]);
        chunk = &chunk[taken..];
        if result == encoding_rs::CoderResult::InputEmpty {
            return text;
        }
    }
}
