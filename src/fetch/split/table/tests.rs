use super::*;

/// Its rows, however its bytes come.
fn rows(delimiter: Delimiter, bytes: &[u8]) -> Result<Vec<String>, SplitError> {
    let whole = cut(delimiter, bytes, bytes.len());
    for size in [1, 2, 3, 7] {
        assert_eq!(cut(delimiter, bytes, size), whole, "in pieces of {size}");
    }
    whole
}

fn cut(delimiter: Delimiter, bytes: &[u8], size: usize) -> Result<Vec<String>, SplitError> {
    let (mut table, mut out) = (Table::new(delimiter), Vec::new());
    for chunk in bytes.chunks(size.max(1)) {
        table.push(chunk, &mut out)?;
    }
    table.finish(&mut out)?;
    let rows = out.iter().flat_map(Batch::items);
    Ok(rows.map(|row| serde_json::from_slice::<serde_json::Value>(row).unwrap().to_string()).collect())
}

#[test]
fn a_row_is_an_object_of_its_columns() {
    for (text, delimiter) in [
        ("id,title\r\n1,\"a, \"\"b\"\"\nc\"\r\n\r\n2,\r\n", Delimiter::Found),
        ("id\ttitle\n1\t\"a, \"\"b\"\"\nc\"\n2\t", Delimiter::Tab),
        ("\u{feff}id;title\n1;\"a, \"\"b\"\"\nc\"\n2;", Delimiter::Found),
        (" \n id |title\n1|\"a, \"\"b\"\"\nc\"\n2|", Delimiter::Found),
    ] {
        let expected = [r#"{"id":"1","title":"a, \"b\"\nc"}"#, r#"{"id":"2","title":""}"#];
        assert_eq!(rows(delimiter, text.as_bytes()).unwrap(), expected, "{text}");
    }
}

#[test]
fn a_row_with_more_or_fewer_values_is_damaged_and_nothing_else_is_lost() {
    let found = rows(Delimiter::Tab, b"id\ttitle\tlink\n1\ta\n2\tb\tl\n3\tc\tl\tmore\n4\td\tl").unwrap();
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
        assert_eq!(rows(Delimiter::Tab, &bytes).unwrap(), expected);
    }
}

#[test]
fn what_is_no_table_is_an_error_that_says_so() {
    for (bytes, error) in [
        (&b""[..], SplitError::Empty),
        (b" \n", SplitError::Empty),
        (b"<html>\n", SplitError::Html),
        (b"alone\n1\n", SplitError::NoHeader { found: "one value" }),
        (b"i\0d\0\n\0", SplitError::Encoding { found: "UTF-16 or UTF-32 without a byte order mark" }),
    ] {
        assert_eq!(cut(Delimiter::Found, bytes, 64), Err(error));
    }
    let endless = vec![b'x'; LONGEST_HEADER + 1];
    assert!(matches!(cut(Delimiter::Tab, &endless, 65536), Err(SplitError::Endless { .. })));
}

#[test]
fn a_line_without_an_end_is_given_up_and_takes_no_memory() {
    let (mut table, mut out) = (Table::new(Delimiter::Tab), Vec::new());
    table.push(b"id\ttitle\n1\t\"", &mut out).unwrap();
    let chunk = vec![b'x'; 1 << 20];
    let given_up = (0..100).find(|_| {
        assert!(table.held() < 4 << 20);
        table.push(&chunk, &mut out).is_err()
    });
    assert!(given_up.is_some_and(|megabytes| megabytes > 60), "{given_up:?}");
}
