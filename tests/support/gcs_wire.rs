//! How an upload to Google Cloud Storage looks on the wire.

use axum::body::Bytes;

/// The bodies of a multipart/related upload; `None` unless there are exactly two.
pub(super) fn two_parts(content_type: &str, body: &Bytes) -> Option<[Bytes; 2]> {
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim_matches('"');
    let marker = format!("--{boundary}");
    let starts: Vec<usize> = memchr::memmem::find_iter(body, marker.as_bytes()).collect();
    let [first, second, end] = starts.as_slice() else { return None };
    let part = |from: usize, to: usize| {
        let part = body.slice(from + marker.len()..to);
        let head = memchr::memmem::find(&part, b"\r\n\r\n")?;
        Some(part.slice(head + 4..part.len() - 2))
    };
    Some([part(*first, *second)?, part(*second, *end)?])
}

/// CRC32C as GCS writes it: base64 of the four bytes, big end first.
pub(super) fn checksum(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = u64::from(crc32c::crc32c(bytes)) << 4;
    let digit = |n: u32| char::from(DIGITS[usize::try_from((bits >> (30 - 6 * n)) & 63).unwrap()]);
    (0..6).map(digit).chain("==".chars()).collect()
}
