use super::*;

fn table(form: &str) -> Table {
    Table::new(TableForm::parse(form).unwrap().unwrap())
}

/// Its rows, however its bytes come.
fn rows(form: &str, bytes: &[u8]) -> Result<Vec<String>, SplitError> {
    let whole = cut(form, bytes, bytes.len());
    for size in [1, 2, 3, 7] {
        assert_eq!(cut(form, bytes, size), whole, "in pieces of {size}");
    }
    whole
}

fn cut(form: &str, bytes: &[u8], size: usize) -> Result<Vec<String>, SplitError> {
    let (mut table, mut out) = (table(form), Vec::new());
    for chunk in bytes.chunks(size.max(1)) {
        table.push(chunk, &mut out)?;
    }
    table.finish(&mut out)?;
    let rows = out.iter().flat_map(Batch::items);
    Ok(rows.map(|row| serde_json::from_slice::<serde_json::Value>(row).unwrap().to_string()).collect())
}

#[test]
fn a_row_is_an_object_of_its_columns() {
    for (text, form) in [
        ("id,title\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,\r\n", "csv"),
        ("id\ttitle\n1\t\"a, \"\"b\"\"\nc\"\n2\t", "tsv"),
        ("\u{feff}id;title\n1;\"a, \"\"b\"\"\nc\"\n2;", "csv"),
        (" \n id |title\n1|\"a, \"\"b\"\"\nc\"\n2|", "csv"),
    ] {
        let expected = [r#"{"id":"1","title":"a, \"b\"\nc"}"#, r#"{"id":"2","title":""}"#];
        assert_eq!(rows(form, text.as_bytes()).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_row_with_more_or_fewer_values_is_damaged_and_nothing_else_is_lost() {
    let found = rows("tsv", b"id\ttitle\tlink\n1\ta\n2\tb\tl\n3\tc\tl\tmore\n4\td\tl").unwrap();
    let damaged: Vec<_> = found.iter().map(|row| row.contains("damaged")).collect();
    assert_eq!(damaged, [true, false, true, false]);
    assert!(found[0].contains(r#""title":"a""#) && !found[2].contains("more"), "{found:?}");
}

#[test]
fn the_encoding_is_found_and_decoded() {
    let text = "id\ttitle\nA-1\t책장\nA-2\t의자\n";
    let expected = [r#"{"id":"A-1","title":"책장"}"#, r#"{"id":"A-2","title":"의자"}"#];
    let utf16 = |big: bool| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let cp949 = encoding_rs::EUC_KR.encode(text).0.into_owned();
    for bytes in [text.as_bytes().to_vec(), utf16(true), utf16(false), cp949] {
        assert_eq!(rows("tsv", &bytes).unwrap(), expected);
    }
}

#[test]
fn what_is_no_table_is_an_error_that_says_so() {
    for (bytes, error) in [
        (&b""[..], SplitError::NoHeader { found: "nothing" }),
        (b" \n", SplitError::NoHeader { found: "nothing" }),
        (b"<html>\n", SplitError::NoHeader { found: "an HTML or XML page" }),
        (b"alone\n1\n", SplitError::NoHeader { found: "one value" }),
        (
            b"i\0d\0\n\0",
            SplitError::NoHeader {
                found: "UTF-16 without a mark, which csv encoding=utf-16le or utf-16be would say",
            },
        ),
    ] {
        assert_eq!(cut("csv", bytes, 64), Err(error));
    }
    let endless = vec![b'x'; LONGEST_HEADER + 1];
    let found = "a first row of more than 1 MiB";
    assert_eq!(cut("tsv", &endless, 65536), Err(SplitError::NoHeader { found }));
}

#[test]
fn what_is_said_of_a_table_is_not_guessed() {
    let expected = [r#"{"id":"1","title":"3\" | 책"}"#];
    assert_eq!(rows("csv delimiter=; quotes=none", "id;title\n1;3\" | 책\n".as_bytes()).unwrap(), expected);
    let cp949 = encoding_rs::EUC_KR.encode("id\ttitle\n1\t뷁\n").0.into_owned();
    assert_eq!(rows("tsv encoding=cp949", &cp949).unwrap(), [r#"{"id":"1","title":"뷁"}"#]);
    let utf16: Vec<u8> = "\u{feff}id,title\n1,책\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for form in ["csv encoding=utf-16le", "csv"] {
        assert_eq!(rows(form, &utf16).unwrap(), [r#"{"id":"1","title":"책"}"#], "{form}");
    }
}

#[test]
fn a_quote_that_is_not_closed_is_an_error_and_swallows_no_row_in_silence() {
    for (text, expected) in [
        ("id,title\n1,\"a\n2,b\n3,c\n", Err(2)),
        ("id,title\n1,a\n\"", Err(3)),
        ("id,title\n1,a\n2,\"", Err(3)),
        ("id,title\n1,a\n2,\"b", Err(3)),
        (
            "id,title\n1,\"a\"\n2,\"b\"",
            Ok(vec![r#"{"id":"1","title":"a"}"#.to_owned(), r#"{"id":"2","title":"b"}"#.to_owned()]),
        ),
        ("id,title\n1,\"a\"\n\n\n", Ok(vec![r#"{"id":"1","title":"a"}"#.to_owned()])),
    ] {
        let expected = expected.map_err(|row| SplitError::OpenQuote { row, offset: text.len() as u64 });
        assert_eq!(rows("csv", text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn a_line_without_an_end_is_given_up_and_takes_no_memory() {
    for begins in ["id\ttitle\n1\t\"", "id\ttitle\n1\tb\n2\t"] {
        let (mut table, mut out) = (table("tsv"), Vec::new());
        table.push(begins.as_bytes(), &mut out).unwrap();
        let chunk = vec![b'x'; 1 << 20];
        let given_up = (0..100).find(|_| {
            assert!(table.held() < 6 << 20);
            table.push(&chunk, &mut out).is_err()
        });
        assert_eq!(given_up, Some(1), "no row has more than 2 MiB");
    }
}

#[test]
fn one_damaged_byte_makes_no_other_encoding() {
    let mut text = "id\ttitle\n1\t책장과 의자와 탁자와 침대\n2\tx".as_bytes().to_vec();
    text.push(0xff);
    let (mut table, mut out) = (table("tsv"), Vec::new());
    table.push(&text, &mut out).unwrap();
    table.finish(&mut out).unwrap();
    assert_eq!(table.encoding(), None);
    let first = out[0].items().next().map(String::from_utf8_lossy).unwrap();
    assert!(first.contains("책장과 의자와"), "{first}");
}

#[test]
fn a_quote_that_a_later_row_closes_is_an_error_as_well() {
    let text = b"id,title\n1,a\n2,\"b,5\n3,8\" pipe,9\n4,d\n";
    for size in [1, 5, text.len()] {
        assert!(matches!(cut("csv", text, size), Err(SplitError::OpenQuote { row: 3, .. })), "{size}");
    }
    assert_eq!(
        cut("csv quotes=none", text, 64).unwrap().len(),
        4,
        "where there are no quotes all rows are there"
    );
}
