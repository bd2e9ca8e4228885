//! Un-gzips a body while it streams by, if it is gzip, or gzip within gzip: told by its first bytes, so that a `.gz` file
//! and a `Content-Encoding` are one and the same. What is compressed in another way is named.
//!
//! It never makes a chunk larger than a small multiple of [`CHUNK`], whatever a gzip bomb would like.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;

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

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Undecodable {
    /// Gzip that is damaged or ends in the middle.
    Damaged,
    /// It is compressed in another way.
    Coding {
        /// `deflate`, `zstd`, `br`, or what `Content-Encoding` says.
        name: String,
    },
    /// Gzip within gzip within gzip.
    TooOften,
}

impl From<io::Error> for Undecodable {
    fn from(_: io::Error) -> Self {
        Self::Damaged
    }
}

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

    /// Says that the body is over.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next decoded bytes, never none of them; `None` when more of the body is needed first, or it is over. An error
    /// where the body is gzip and ends in the middle.
    pub fn pull(&mut self) -> Result<Option<Bytes>, Undecodable> {
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
                        layer.gzip.try_finish()?;
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
    fn told(&self) -> Result<Form, Undecodable> {
        let coding = |name: &str| Err(Undecodable::Coding { name: name.to_owned() });
        let is_zlib =
            |first: &[u8]| first[0] == ZLIB && u16::from_be_bytes([first[0], first[1]]).is_multiple_of(31);
        match &*self.input {
            first if first.starts_with(&GZIP) && self.layers == LAYERS => Err(Undecodable::TooOften),
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
    fn feed(&mut self, input: &mut Bytes) -> Result<(), Undecodable> {
        // one `write` gives at most the decoder's inner buffer of 32 KiB, so this stays near CHUNK
        while !input.is_empty() && self.gzip.get_ref().len() < CHUNK {
            let used = self.gzip.write(input)?;
            if used == 0 {
                return Err(Undecodable::Damaged);
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

/// Whether bytes may be the beginning of a text.
fn is_text(first: &[u8]) -> bool {
    let utf8 = std::str::from_utf8(first).map_or_else(|e| e.error_len().is_none(), |_| true);
    utf8 && !first.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn named(body: &[u8], step: usize, encoding: Option<&str>) -> Result<(Vec<u8>, usize), Undecodable> {
        let (mut decoder, mut all, mut largest) = (Decoder::new(encoding), Vec::new(), 0);
        let mut pieces = body.chunks(step);
        loop {
            match pieces.next() {
                Some(piece) => decoder.push(Bytes::copy_from_slice(piece)),
                None if decoder.ended => return Ok((all, largest)),
                None => decoder.end(),
            }
            while let Some(chunk) = decoder.pull()? {
                assert!(!chunk.is_empty());
                largest = largest.max(chunk.len());
                all.extend_from_slice(&chunk);
            }
        }
    }

    fn decoded(body: &[u8], step: usize) -> Result<(Vec<u8>, usize), Undecodable> {
        named(body, step, None)
    }

    #[test]
    fn gzip_of_several_members_and_plain_text_come_out_the_same_at_every_chunk_size() {
        let text = "{\"품목\": [1, 2, 3]} ".repeat(400).into_bytes();
        let two = [gzip(&text[..1000]), gzip(&text[1000..])].concat();
        for step in [1, 2, 3, 7, 100, 1 << 20] {
            assert_eq!(decoded(&text, step).unwrap().0, text, "plain, {step}");
            assert_eq!(decoded(&two, step).unwrap().0, text, "gzip, {step}");
            assert_eq!(decoded(&gzip(&two), step).unwrap().0, text, "gzip within gzip, {step}");
            assert_eq!(decoded(&gzip(&gzip(&two)), step), Err(Undecodable::TooOften));
        }
        for short in [&b""[..], b"[", b"\x1f", b"[]", b"x", b"\x78"] {
            assert_eq!(decoded(short, 1).unwrap().0, short);
            assert_eq!(decoded(&gzip(&gzip(short)), 1).unwrap().0, short);
        }
    }

    #[test]
    fn other_codings_are_named_by_their_first_bytes_or_by_the_header() {
        let text = "{\"품목\": [1, 2, 3]} ".repeat(40).into_bytes();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(&text).unwrap();
        let (zlib, raw) = (zlib.finish().unwrap(), raw.finish().unwrap());
        let zstd = [&ZSTD[..], &[0; 20]].concat();
        // what Brotli often begins with
        let br = b"[\x05\0\x80\xaa\xaa\xaa\xea\xff\x74\x9f\x0d\x30\x64\xe0\x1b\x11";
        for (body, header, name) in [
            (&zlib[..], None, "deflate"),
            (&zlib, Some("deflate"), "deflate"),
            (&raw, Some("deflate"), "deflate"),
            (&zstd, None, "zstd"),
            (&zstd, Some("zstd"), "zstd"),
            (&gzip(&zstd), Some("gzip"), "zstd"),
            (br, Some("br"), "br"),
            (&gzip(br), Some("br, gzip"), "br"),
            (br, Some("compress"), "compress"),
        ] {
            for step in [1, 5, 1 << 20] {
                assert_eq!(named(body, step, header), Err(Undecodable::Coding { name: name.into() }));
            }
        }
        for header in ["gzip", "identity", "br", "deflate", "", "zstd, gzip"] {
            assert_eq!(named(&text, 7, Some(header)).unwrap().0, text, "plain text in spite of {header}");
            assert_eq!(named(&gzip(&text), 7, Some(header)).unwrap().0, text);
        }
        assert_eq!(named(b"[]", 1, Some("br")).unwrap().0, b"[]");
    }

    proptest::proptest! {
        #[test]
        fn no_body_makes_it_panic_and_the_pieces_it_comes_in_do_not_matter(
            start in proptest::sample::select(vec![&b""[..], &GZIP, &ZSTD, b"x\x9c", b"{", b"\x1f"]),
            rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60),
            layers in 0..4,
            step in 1usize..9,
            header in proptest::sample::select(vec![None, Some("gzip"), Some("br"), Some("deflate, gzip")]),
        ) {
            let body = (0..layers).fold([start, &rest].concat(), |body, _| gzip(&body));
            let whole = named(&body, body.len().max(1), header).map(|(text, _)| text);
            proptest::prop_assert_eq!(named(&body, step, header).map(|(text, _)| text), whole);
        }
    }

    #[test]
    fn a_gzip_bomb_comes_in_bounded_chunks() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        for bomb in [gzip(&bomb), bomb] {
            let (all, largest) = decoded(&bomb, bomb.len()).unwrap();
            assert_eq!(all.len(), 64 << 20);
            assert!(largest <= 3 * CHUNK, "{largest}");
        }
    }

    #[test]
    fn gzip_that_is_cut_off_or_damaged_is_an_error() {
        let once = gzip(&b"[1,2,3]".repeat(1000));
        for whole in [gzip(&once), once] {
            for cut in [2, 5, 10, whole.len() / 2, whole.len() - 1] {
                assert_eq!(decoded(&whole[..cut], 4096), Err(Undecodable::Damaged), "cut at {cut}");
            }
            let mut damaged = whole.clone();
            let last = damaged.len() - 6;
            damaged[last] ^= 1;
            assert_eq!(decoded(&damaged, 4096), Err(Undecodable::Damaged));
        }
    }
}
