//! Un-gzips a body while it streams by, if it is gzip: told by its first two bytes, so that a `.gz` file and a
//! `Content-Encoding` are one and the same.
//!
//! It never makes a chunk larger than a small multiple of [`CHUNK`], whatever a gzip bomb would like.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;

/// Un-gzipped bytes are handed on once there are this many.
const CHUNK: usize = 64 * 1024;
/// How a gzip member begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// One body's decoder: `push` bytes, then `pull` until it wants more; `finish` after the last.
pub(super) struct Decoder {
    input: Bytes,
    form: Form,
}

enum Form {
    /// Fewer than two bytes came so far.
    Unknown,
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Decoder {
    pub fn new() -> Self {
        Self { input: Bytes::new(), form: Form::Unknown }
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
        if matches!(self.form, Form::Unknown) && self.input.len() >= GZIP.len() {
            self.form = match self.input.starts_with(&GZIP) {
                true => Form::Gzip(Box::new(MultiGzDecoder::new(Vec::with_capacity(2 * CHUNK)))),
                false => Form::Plain,
            };
        }
    }

    /// The next decoded bytes; `None` when more of the body is needed first.
    pub fn pull(&mut self) -> io::Result<Option<Bytes>> {
        match &mut self.form {
            Form::Unknown => Ok(None),
            Form::Plain if self.input.is_empty() => Ok(None),
            Form::Plain => Ok(Some(std::mem::take(&mut self.input))),
            Form::Gzip(gzip) => {
                // one `write` gives at most the decoder's inner buffer of 32 KiB, so this stays near CHUNK
                while !self.input.is_empty() && gzip.get_ref().len() < CHUNK {
                    let used = gzip.write(&self.input)?;
                    if used == 0 {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    let _ = self.input.split_to(used);
                }
                Ok(if gzip.get_ref().len() >= CHUNK { taken(gzip.get_mut()) } else { None })
            }
        }
    }

    /// The last decoded bytes. An error where the body is gzip and ends in the middle.
    pub fn finish(&mut self) -> io::Result<Option<Bytes>> {
        match &mut self.form {
            Form::Unknown | Form::Plain => {
                let rest = std::mem::take(&mut self.input);
                Ok((!rest.is_empty()).then_some(rest))
            }
            Form::Gzip(gzip) => {
                gzip.try_finish()?;
                Ok(taken(gzip.get_mut()))
            }
        }
    }
}

fn taken(decoded: &mut Vec<u8>) -> Option<Bytes> {
    let chunk = Bytes::copy_from_slice(decoded);
    decoded.clear();
    (!chunk.is_empty()).then_some(chunk)
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(body: &[u8], step: usize) -> io::Result<(Vec<u8>, usize)> {
        let (mut decoder, mut all, mut largest) = (Decoder::new(), Vec::new(), 0);
        for piece in body.chunks(step) {
            decoder.push(Bytes::copy_from_slice(piece));
            while let Some(chunk) = decoder.pull()? {
                largest = largest.max(chunk.len());
                all.extend_from_slice(&chunk);
            }
        }
        all.extend_from_slice(&decoder.finish()?.unwrap_or_default());
        Ok((all, largest))
    }

    #[test]
    fn gzip_of_several_members_and_plain_text_come_out_the_same_at_every_chunk_size() {
        let text = "{\"품목\": [1, 2, 3]} ".repeat(400).into_bytes();
        let two = [gzip(&text[..1000]), gzip(&text[1000..])].concat();
        for step in [1, 2, 3, 7, 100, 1 << 20] {
            assert_eq!(decoded(&text, step).unwrap().0, text, "plain, {step}");
            assert_eq!(decoded(&two, step).unwrap().0, text, "gzip, {step}");
        }
        for short in [&b""[..], b"[", b"\x1f"] {
            assert_eq!(decoded(short, 1).unwrap().0, short);
        }
    }

    #[test]
    fn a_gzip_bomb_comes_in_bounded_chunks() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        let (all, largest) = decoded(&bomb, bomb.len()).unwrap();
        assert_eq!(all.len(), 64 << 20);
        assert!(largest <= 3 * CHUNK, "{largest}");
    }

    #[test]
    fn gzip_that_is_cut_off_or_damaged_is_an_error() {
        let whole = gzip(&b"[1,2,3]".repeat(1000));
        for cut in [2, 5, 10, whole.len() / 2, whole.len() - 1] {
            assert!(decoded(&whole[..cut], 4096).is_err(), "cut at {cut}");
        }
        let mut damaged = whole.clone();
        let last = damaged.len() - 6;
        damaged[last] ^= 1;
        assert!(decoded(&damaged, 4096).is_err());
    }
}
