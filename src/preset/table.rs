//! What a table looks like, as far as it is said and not found.

use std::fmt;

use encoding_rs::{EUC_KR, Encoding};

/// A table's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableForm {
    /// What stands between its values; `None` where that is found: what stands most often in the first row, comma,
    /// semicolon, bar or tab.
    pub(crate) delimiter: Option<u8>,
    /// Whether a value may stand in quotes, as in RFC 4180.
    pub(crate) quoted: bool,
    /// Its encoding; `None` where that is found.
    pub(crate) encoding: Option<&'static Encoding>,
}

impl TableForm {
    /// Parses `csv` or `tsv`, and what may follow it: `csv delimiter=; quotes=none encoding=cp949`.
    pub(crate) fn parse(text: &str) -> Option<Result<Self, String>> {
        let mut words = text.split_ascii_whitespace();
        let delimiter = match words.next()? {
            "csv" => None,
            "tsv" => Some(b'\t'),
            _ => return None,
        };
        let form = Self { delimiter, quoted: true, encoding: None };
        Some(words.try_fold(form, Self::with))
    }

    fn with(self, word: &str) -> Result<Self, String> {
        match word.split_once('=') {
            Some(("delimiter", "tab")) => Ok(Self { delimiter: Some(b'\t'), ..self }),
            Some(("delimiter", delimiter)) => match *delimiter.as_bytes() {
                [byte] if byte.is_ascii_punctuation() && byte != b'"' => {
                    Ok(Self { delimiter: Some(byte), ..self })
                }
                _ => Err(format!("expected a delimiter such as ; or tab, found {delimiter:?}")),
            },
            Some(("quotes", "none")) => Ok(Self { quoted: false, ..self }),
            Some(("encoding", label)) => match named(label) {
                Some(encoding) => Ok(Self { encoding: Some(encoding), ..self }),
                None => {
                    Err(format!("expected an encoding such as utf-8, utf-16le or cp949, found {label:?}"))
                }
            },
            _ => Err(format!(
                "expected delimiter=…, quotes=none or encoding=… behind csv or tsv, found {word:?}"
            )),
        }
    }
}

/// The encoding of that name. Korean Windows calls its own by a number that the web's list of names does not have.
fn named(label: &str) -> Option<&'static Encoding> {
    match label.to_ascii_lowercase().as_str() {
        "cp949" | "ms949" | "uhc" => Some(EUC_KR),
        label => Encoding::for_label_no_replacement(label.as_bytes()),
    }
}

impl fmt::Display for TableForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.delimiter {
            None => f.write_str("csv")?,
            Some(b'\t') => f.write_str("tsv")?,
            Some(delimiter) => write!(f, "csv delimiter={}", char::from(delimiter))?,
        }
        if !self.quoted {
            f.write_str(" quotes=none")?;
        }
        self.encoding
            .map_or(Ok(()), |encoding| write!(f, " encoding={}", encoding.name().to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_said_in_words() {
        for (text, shown) in [
            ("csv", "csv"),
            ("tsv", "tsv"),
            ("csv delimiter=tab", "tsv"),
            ("csv  delimiter=; quotes=none", "csv delimiter=; quotes=none"),
            ("tsv encoding=CP949", "tsv encoding=euc-kr"),
            ("csv encoding=utf-16", "csv encoding=utf-16le"),
        ] {
            assert_eq!(TableForm::parse(text).unwrap().map(|form| form.to_string()).as_deref(), Ok(shown));
        }
        assert_eq!(TableForm::parse("/items"), None);
        for (text, told) in [
            ("csv delimiter=ab", "expected a delimiter such as ; or tab, found \"ab\""),
            ("csv delimiter=\"", "expected a delimiter"),
            (
                "tsv encoding=klingon",
                "expected an encoding such as utf-8, utf-16le or cp949, found \"klingon\"",
            ),
            ("csv quotes=some", "behind csv or tsv, found \"quotes=some\""),
            ("csv ;", "expected delimiter=…, quotes=none or encoding=…"),
        ] {
            let error = TableForm::parse(text).unwrap().unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
