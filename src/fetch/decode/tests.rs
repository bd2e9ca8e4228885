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

fn named(body: &[u8], step: usize, encoding: Option<&str>) -> Result<(Vec<u8>, usize), Fault> {
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

fn decoded(body: &[u8], step: usize) -> Result<(Vec<u8>, usize), Fault> {
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
        assert_eq!(decoded(&gzip(&gzip(&two)), step), Err(Fault::TooOften));
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
            assert_eq!(named(body, step, header), Err(Fault::Coding(coding(name))));
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
            assert_eq!(decoded(&whole[..cut], 4096), Err(Fault::Damaged), "cut at {cut}");
        }
        let mut damaged = whole.clone();
        let last = damaged.len() - 6;
        damaged[last] ^= 1;
        assert_eq!(decoded(&damaged, 4096), Err(Fault::Damaged));
    }
}
