//! What a file is by how it begins, where it is no EP 3.0: another encoding, another format, a page, or CSV.

use std::{borrow::Cow, str::FromStr};

use encoding_rs::EUC_KR;

use crate::{ep::columns::Column, report::ProblemKind};

/// How many names of ours make columns of a row that has no TAB.
const ENOUGH_NAMES: usize = 3;
/// What else parts columns in exports of spreadsheets and databases.
const SEPARATORS: [char; 4] = [',', ';', '|', ' '];

/// What begins as no table does.
pub fn no_table(bytes: &[u8]) -> Option<ProblemKind> {
    match bytes {
        // UTF-16 without a byte order mark shows by a NUL among the first two.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => Some(ProblemKind::Utf16),
        [0x1f, 0x8b, ..] => Some(ProblemKind::Gzip),
        _ => None,
    }
}

/// What begins with markup: the format before this one, whose lines are `<<<begin>>>` and the like, or a page.
pub fn markup(bytes: &[u8]) -> Option<ProblemKind> {
    match bytes.trim_ascii_start() {
        [b'<', b'<', b'<', ..] => Some(ProblemKind::OldFormat),
        [b'<', ..] => Some(ProblemKind::Html),
        _ => None,
    }
}

/// Whether a first row names our columns, parted by something else than a TAB.
pub fn has_other_separator(text: &str) -> bool {
    let is_ours = |name: &&str| Column::from_str(unquoted(name.trim()).unwrap_or(name.trim())).is_ok();
    let ours = |separator: char| text.split(separator).filter(is_ours).take(ENOUGH_NAMES).count();
    !text.contains('\t') && SEPARATORS.into_iter().any(|separator| ours(separator) == ENOUGH_NAMES)
}

/// A value without the quotes around it.
pub fn unquoted(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

/// A row's text, and what is wrong with its encoding.
pub fn text(bytes: &[u8]) -> (Cow<'_, str>, Option<ProblemKind>) {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => (text.into(), None),
        Err(_) => match cp949(bytes) {
            Some(text) => (text, Some(ProblemKind::LooksLikeCp949)),
            None => (String::from_utf8_lossy(bytes), Some(ProblemKind::NotUtf8)),
        },
    }
}

/// The text that bytes are in CP949, of which EUC-KR is a part, where that is Hangul for the most part.
fn cp949(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = EUC_KR.decode_without_bom_handling_and_without_replacement(bytes)?;
    let all = text.chars().filter(|c| !c.is_ascii()).count();
    let hangul = text.chars().filter(|c| matches!(c, '가'..='힣')).count();
    (hangul * 2 > all).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hangul_in_cp949_is_read_and_other_bytes_are_not_taken_for_it() {
        for (written, found) in
            [("책장\t화이트 80 cm", true), ("大형 책장", true), ("똠얌 그릇", true), ("大型", false)]
        {
            let bytes = EUC_KR.encode(written).0;
            let expected = if found { ProblemKind::LooksLikeCp949 } else { ProblemKind::NotUtf8 };
            let (text, kind) = text(&bytes);
            assert_eq!((kind, text == written), (Some(expected), found), "{written}");
        }
        assert_eq!(text("책장".as_bytes()), ("책장".into(), None));
        for bytes in [&b"\xe9"[..], b"caf\xe9 80", b"\xff\xff\xff\xff", b"\xec\xb1", b"M\xf6wenw\xe4sche"] {
            assert_eq!(text(bytes).1, Some(ProblemKind::NotUtf8), "{bytes:?}");
        }
    }

    #[test]
    fn columns_of_a_csv_are_known_by_their_names() {
        for row in
            ["id,title,price_pc,link", "\"id\";\"title\";\"link\"", "id | title | link", "id title price_pc"]
        {
            assert!(has_other_separator(row), "{row}");
        }
        for row in ["id\ttitle\tlink", "id,title", "what,ever,else", "{\"id\": 1}", "id", "", ",,,,"] {
            assert!(!has_other_separator(row), "{row}");
        }
    }
}
