//! What only a text can hold, because no JSON value can: halves of surrogate pairs, control characters as they are, bare
//! words, numbers out of range, brackets and signs in the wrong place.
//!
//! A character of the private use area stands for each of them until the product is text. It is never part of a product
//! otherwise.

/// The first half of a pair, as an escape without the second.
pub(super) const HIGH: &str = "\u{e000}";
/// The second half of a pair.
pub(super) const LOW: &str = "\u{e001}";
/// The control character U+0001 itself, not its escape.
pub(super) const CONTROL: &str = "\u{e002}";
/// The TAB itself.
pub(super) const TAB: &str = "\u{e003}";
/// Two bytes that are no UTF-8.
pub(super) const BYTES: &str = "\u{e004}";
/// A backslash before a letter that is no escape.
pub(super) const ESCAPE: &str = "\u{e005}";
/// The bare word `NaN`, in place of the string that is this character alone; so are all that follow.
pub(super) const NAN: &str = "\u{e008}";
/// The bare word `-Infinity`.
pub(super) const INFINITY: &str = "\u{e009}";
/// A number that no float holds.
pub(super) const HUGE: &str = "\u{e00a}";
/// A whole number of 400 digits.
pub(super) const DIGITS: &str = "\u{e00b}";
/// The bare word `tru`.
pub(super) const CUT_TRUE: &str = "\u{e00c}";
/// The bare word `False`.
pub(super) const CAPITAL_FALSE: &str = "\u{e00d}";

/// What the character with this last byte stands for, and whether with the quotes around it.
fn meaning(byte: u8) -> Option<(&'static [u8], bool)> {
    static NINES: [u8; 400] = [b'9'; 400];
    Some(match byte {
        0x80 => (b"\\ud83e", false),
        0x81 => (b"\\udca1", false),
        0x82 => (b"\x01", false),
        0x83 => (b"\t", false),
        0x84 => (b"\xff\xfe", false),
        0x85 => (b"\\x41", false),
        0x88 => (b"NaN", true),
        0x89 => (b"-Infinity", true),
        0x8a => (b"1e999", true),
        0x8b => (&NINES, true),
        0x8c => (b"tru", true),
        0x8d => (b"False", true),
        _ => return None,
    })
}

/// The text with what the characters stand for.
pub(super) fn spell(text: Vec<u8>) -> Vec<u8> {
    /// The first two of the three bytes of each.
    const HEAD: &[u8] = b"\xee\x80";
    let mut spelled = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in memchr::memmem::find_iter(&text, HEAD) {
        let Some((bytes, quoted)) = text.get(at + HEAD.len()).copied().and_then(meaning) else { continue };
        let quotes = usize::from(quoted);
        spelled.extend_from_slice(&text[from..at - quotes]);
        spelled.extend_from_slice(bytes);
        from = at + HEAD.len() + 1 + quotes;
    }
    spelled.extend_from_slice(&text[from..]);
    spelled
}

/// An element that is no object.
pub(super) fn no_object(turn: u64) -> Vec<u8> {
    let texts: [&[u8]; 6] = [b"42", b"null", b"\"01234567\"", b"[]", b"true", b"-1.5e3"];
    texts[(turn % 6) as usize].to_vec()
}

/// An element of another kind than a product.
pub(super) fn content(turn: u64) -> Vec<u8> {
    let texts: [&[u8]; 2] = [
        br#"{"type":"CONTENT","content":{"id":"c-1","title":"Ideas","url":"https://shop.example/ideas"}}"#,
        br#"{"type":"PLANNER","planner":{"id":"p-1","product":{"name":"Planner"}}}"#,
    ];
    texts[(turn % 2) as usize].to_vec()
}

/// The element in which a product stands one level deeper.
pub(super) fn wrapped(product: &[u8]) -> Vec<u8> {
    [b"{\"type\":\"PRODUCT\",\"metadata\":\"\",\"product\":", product, b"}"].concat()
}

/// The text of a product with a sign missing or one too many, though its brackets and quotes match.
pub(super) fn broken(text: &[u8], turn: u64) -> Vec<u8> {
    let (from, to): (&[u8], &[u8]) = match turn % 3 {
        0 => (b"\"itemNo\":", b"\"itemNo\" "),
        1 => (b",\"tag\":", b",,\"tag\":"),
        _ => (b",\"lastChance\":", b" \"lastChance\":"),
    };
    let at = memchr::memmem::find(text, from).unwrap_or(0);
    [&text[..at], to, &text[at + from.len()..]].concat()
}
