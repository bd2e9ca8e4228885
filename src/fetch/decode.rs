//! Un-gzips a body while it streams by, if it is gzip, or gzip within gzip: told by its first bytes, so that a `.gz` file
//! and a `Content-Encoding` are one and the same. What is compressed in another way is named.
//!
//! It never makes a chunk larger than a small multiple of [`CHUNK`], whatever a gzip bomb would like.

use std::io::Write;

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;

use super::fault::Fault;
use crate::web::Foreign;

/// Un-gzipped bytes are handed on once there are this many.
const CHUNK: usize = 64 * 1024;
/// How a gzip member begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How a Zstandard frame begins (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How zlib begins (RFC 1950), which is what `deflate` means in HTTP.
const ZLIB: u8 = 0x78;
/// Gzip within gzip happens where a proxy compresses a `.gz` file; more is a mistake or a trap.
const LAYERS: u32 = 2;
/// Characters of a coding's name.
const NAME_CHARS: usize = 40;
/// So many bytes tell text from what `Content-Encoding` says it is.
const TELLING_TEXT: usize = 16;

/// One body's decoder: `push` bytes, then `pull` until it wants more; after the last `end`, then `pull` until it gives
/// no more.
pub(super) struct Decoder {
    /// What `Content-Encoding` says beside gzip.
    named: Option<String>,
    /// Gzip around it.
    layers: u32,
    input: Bytes,
    ended: bool,
    form: Form,
}

enum Form {
    /// Too few bytes came so far.
    Unknown,
    Plain,
    Gzip(Box<Layer>),
}

struct Layer {
    gzip: MultiGzDecoder<Vec<u8>>,
    within: Decoder,
}

impl Decoder {
    /// `encoding` is the `Content-Encoding`, if there is one.
    pub fn new(encoding: Option<&str>) -> Self {
        let codings = encoding.unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase());
        let named = codings.into_iter().find(|name| !matches!(&**name, "" | "gzip" | "x-gzip" | "identity"));
        Self::within(named.map(|name| name.chars().take(NAME_CHARS).collect()), 0)
    }

    fn within(named: Option<String>, layers: u32) -> Self {
        Self { named, layers, input: Bytes::new(), ended: false, form: Form::Unknown }
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, bytes: Bytes) {
        if self.input.is_empty() {
            self.input = bytes;
        } else {
            let mut joined = BytesMut::from(&self.input[..]);
            joined.extend_from_slice(&bytes);
            self.input = joined.freeze();
        }
    }

    /// Whether what comes is handed on as it is.
    pub fn is_plain(&self) -> bool {
        matches!(self.form, Form::Plain)
    }

    /// Says that the body is over.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next decoded bytes, never none of them; `None` when more of the body is needed first, or it is over. An error
    /// where the body is gzip and ends in the middle.
    pub fn pull(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            match &mut self.form {
                Form::Unknown => {
                    if self.input.len() < self.telling() && !self.ended {
                        return Ok(None);
                    }
                    self.form = self.told()?;
                }
                Form::Plain if self.input.is_empty() => return Ok(None),
                Form::Plain => return Ok(Some(std::mem::take(&mut self.input))),
                Form::Gzip(layer) => {
                    if let Some(chunk) = layer.within.pull()? {
                        return Ok(Some(chunk));
                    }
                    if layer.within.ended {
                        return Ok(None);
                    }
                    layer.feed(&mut self.input)?;
                    if self.input.is_empty() && self.ended {
                        layer.gzip.try_finish().map_err(|_| Fault::Damaged)?;
                        layer.hand_over();
                        layer.within.end();
                    } else if layer.gzip.get_ref().len() < CHUNK {
                        return Ok(None);
                    } else {
                        layer.hand_over();
                    }
                }
            }
        }
    }

    /// So many bytes tell one form from another.
    fn telling(&self) -> usize {
        match self.input.first() {
            _ if self.named.is_some() => TELLING_TEXT,
            Some(first) if *first == GZIP[0] || *first == ZLIB => 2,
            Some(first) if *first == ZSTD[0] => ZSTD.len(),
            _ => 1,
        }
    }

    /// What the first bytes say.
    fn told(&self) -> Result<Form, Fault> {
        let coding = |name: &str| Err(Fault::Coding(coding(name)));
        let is_zlib =
            |first: &[u8]| first[0] == ZLIB && u16::from_be_bytes([first[0], first[1]]).is_multiple_of(31);
        match &*self.input {
            first if first.starts_with(&GZIP) && self.layers == LAYERS => Err(Fault::TooOften),
            first if first.starts_with(&GZIP) => Ok(Form::Gzip(Box::new(Layer {
                gzip: MultiGzDecoder::new(Vec::with_capacity(2 * CHUNK)),
                within: Self::within(self.named.clone(), self.layers + 1),
            }))),
            first if first.starts_with(&ZSTD) => coding("zstd"),
            first if first.len() >= 2 && is_zlib(first) => coding("deflate"),
            // A header that names a coding of a body that is plain text is the header's mistake.
            first => match &self.named {
                Some(name) if !is_text(&first[..first.len().min(TELLING_TEXT)]) => coding(name),
                _ => Ok(Form::Plain),
            },
        }
    }
}

impl Layer {
    /// Un-gzips until there is a chunk.
    fn feed(&mut self, input: &mut Bytes) -> Result<(), Fault> {
        // one `write` gives at most the decoder's inner buffer of 32 KiB, so this stays near CHUNK
        while !input.is_empty() && self.gzip.get_ref().len() < CHUNK {
            let used = self.gzip.write(input).map_err(|_| Fault::Damaged)?;
            if used == 0 {
                return Err(Fault::Damaged);
            }
            let _ = input.split_to(used);
        }
        Ok(())
    }

    fn hand_over(&mut self) {
        let decoded = self.gzip.get_mut();
        if !decoded.is_empty() {
            self.within.push(Bytes::copy_from_slice(decoded));
            decoded.clear();
        }
    }
}

/// What it is compressed with; what a header says beside the names that everybody knows is its own word.
fn coding(name: &str) -> Foreign {
    let known = ["br", "compress", "deflate", "zstd"].into_iter().find(|known| *known == name);
    Foreign::new(name, known.unwrap_or("something else"))
}

/// Whether bytes may be the beginning of a text.
fn is_text(first: &[u8]) -> bool {
    let utf8 = std::str::from_utf8(first).map_or_else(|e| e.error_len().is_none(), |_| true);
    utf8 && !first.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests;
