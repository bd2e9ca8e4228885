use super::{
    super::batch::{self, LARGEST_ITEM},
    *,
};
use crate::web::Discretion;

pub(super) type Split = Result<(Vec<String>, Option<u64>), SplitError>;

pub(super) fn split_in(pieces: &[&[u8]], items: &str, total: Option<&str>) -> Split {
    let items = Items::parse(items).unwrap();
    let total = total.map(|t| JsonPointer::parse(t).unwrap());
    let mut splitter = Splitter::new(&items, [total.as_ref(), None]);
    let mut out = Vec::new();
    for piece in pieces {
        splitter.push(piece, &mut out)?;
    }
    let [count, _] = splitter.finish(&mut out)?;
    let count = count.and_then(|word| crate::json::whole_number(&word));
    let text = |item: &[u8]| String::from_utf8_lossy(item).into_owned();
    Ok((out.iter().flat_map(|b| b.items().map(text).collect::<Vec<_>>()).collect(), count))
}

/// Splits whole, at every byte boundary, and byte by byte; all have to agree.
fn split(text: &[u8], items: &str, total: Option<&str>) -> Split {
    let whole = split_in(&[text], items, total);
    if text.len() < 4096 {
        for at in 1..text.len() {
            assert_eq!(split_in(&[&text[..at], &text[at..]], items, total), whole, "split at byte {at}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(split_in(&bytes, items, total), whole, "byte by byte");
    }
    whole
}

#[test]
fn products_are_found_wherever_the_pointer_leads() {
    for (text, pointer, items) in [
        ("[]", "", &[][..]),
        (" [ ] \n", "", &[]),
        ("[1,2]", "", &["1", "2"]),
        ("\u{feff}[{\"a\":1} , {\"b\":[1,{}]}]\n", "", &["{\"a\":1}", "{\"b\":[1,{}]}"]),
        (
            r#"[null,true,-1.5e3,"a,]\"\\",[],[[]]]"#,
            "",
            &["null", "true", "-1.5e3", r#""a,]\"\\""#, "[]", "[[]]"],
        ),
        ("[1 ,\n2\t]", "", &["1", "2"]),
        (r#"{"a":[{"x":"]}"}]}"#, "/a", &[r#"{"x":"]}"}"#]),
        (r#"{"z":{"a":[9]},"a":{"b":[1],"c":[2]},"b":[8]}"#, "/a/b", &["1"]),
        (r#"{"n":-1,"s":"}\"","t":true,"o":{"]":[{}]},"a":[1],"end":null}"#, "/a", &["1"]),
        (r#"{"a/b":{"~c":[1]}}"#, "/a~1b/~0c", &["1"]),
        (r#"{"\u0061\ud83e\ude91\"":[1]}"#, "/a🪑\"", &["1"]),
        (r#"{"상품":[1]}"#, "/상품", &["1"]),
        (r#"{"":[1]}"#, "/", &["1"]),
        (r#"{"a":[1],"a":[2]}"#, "/a", &["1"]),
        (r#"[[7],{"x":[8]},[9]]"#, "/1/x", &["8"]),
        (r#"[[7],[8],[9]]"#, "/2", &["9"]),
        (
            r#"{"moreProducts":{"productWindow":[{"itemNo":"1"}]}}"#,
            "/moreProducts/productWindow",
            &[r#"{"itemNo":"1"}"#],
        ),
    ] {
        let (found, total) =
            split(text.as_bytes(), pointer, None).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(
            (found, total),
            (items.iter().map(|s| s.to_string()).collect(), None),
            "{text} at {pointer}"
        );
    }
}

#[test]
fn the_sources_count_is_found_before_behind_and_beside_the_products() {
    for (text, total, count) in [
        (r#"{"n":7,"p":[1]}"#, "/n", Some(7)),
        (r#"{"p":[1],"n":7}"#, "/n", Some(7)),
        (r#"{"p":[1],"n":7 , "m":{}}"#, "/n", Some(7)),
        (r#"{"m":{"x":{},"n":9812.0},"p":[1]}"#, "/m/n", Some(9812)),
        (r#"{"m":[1,{"n":3}],"p":[1]}"#, "/m/1/n", Some(3)),
        (r#"{"n":"7","p":[1]}"#, "/n", None),
        (r#"{"n":-7,"p":[1]}"#, "/n", None),
        (r#"{"n":1.5,"p":[1]}"#, "/n", None),
        (r#"{"n":null,"p":[1]}"#, "/n", None),
        (r#"{"n":{"n":7},"p":[1]}"#, "/n", None),
        (r#"{"n":99999999999999999999999999999999999999999,"p":[1]}"#, "/n", None),
        (r#"{"m":7,"p":[1]}"#, "/m/n", None),
        (r#"{"p":[{"n":7}]}"#, "/n", None),
        (r#"{"p":[1]}"#, "/p", None),
    ] {
        let found = split(text.as_bytes(), "/p", Some(total)).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!((found.0.len(), found.1), (1, count), "{text} at {total}");
    }
}

#[test]
fn one_product_a_line_with_any_line_ends() {
    for (text, items) in [
        ("{\"a\":1}\n{\"a\":2}\n", &["{\"a\":1}", "{\"a\":2}"][..]),
        ("\u{feff}\n\r\n{\"a\":1} \r\n\r\n  {\"a\":\"x\\n\"}", &["{\"a\":1}", "{\"a\":\"x\\n\"}"]),
        ("{}\nnot a product\n[1\n7", &["{}", "not a product", "[1", "7"]),
        ("{}\n{\"a\"]}", &["{}", "{\"a\"]}"]),
    ] {
        let found = split(text.as_bytes(), "ndjson", None).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(found.0, items, "{text}");
    }
}

#[test]
fn what_is_wrong_with_a_document_is_said_with_its_place() {
    let deep = "{\"a\":".to_owned() + &"[".repeat(64);
    let way = "[".repeat(65);
    let pointer = "/0".repeat(70);
    for (text, pointer, said) in [
        ("", "", "found an empty body"),
        (" \n\u{feff}", "", "this is not JSON"),
        ("\u{feff} \n", "", "found an empty body"),
        ("\r\n <!DOCTYPE html>", "", "found an HTML or XML page"),
        ("Service unavailable", "", "expected { or [ at byte 0, found S: this is not JSON"),
        (" not found", "", "expected { or [ at byte 1, found n: this is not JSON"),
        ("[\0{\0", "", "expected JSON in UTF-8, found UTF-16 or UTF-32"),
        ("\0[\0{", "", "expected JSON in UTF-8, found UTF-16 or UTF-32"),
        ("{hello}", "/a", "expected a key or } at byte 1, found h"),
        ("{\"a\" 1}", "/a", "expected a colon at byte 5, found 1"),
        ("{\"a\":}", "/b", "expected a value at byte 5, found }"),
        ("{\"a\":1 \"b\":2}", "/b", "expected , or the closing bracket at byte 7, found \""),
        ("{\"a\":1]", "/b", "expected , or the closing bracket at byte 6, found ]"),
        ("{\"a\":{]}}", "/b", "expected the matching end of a value at byte 6, found ]"),
        ("{\"a\":1,}", "/b", "expected a key at byte 7, found }"),
        ("[1,]", "", "expected a product at byte 3, found ]"),
        ("[,1]", "", "expected a product at byte 1, found ,"),
        ("[{} {}]", "", "expected , or ] after a product at byte 4, found {"),
        ("[{\"a\":[}]", "", "expected the matching end of a value at byte 7, found }"),
        ("[{\"a\":1}}", "", "expected , or ] after a product at byte 8, found }"),
        ("[\x01]", "", "at byte 1, found the byte 0x01"),
        ("null", "", "expected the array of products as the document itself, found null there (byte 0)"),
        ("-7 ", "", "as the document itself, found a number there"),
        ("\"text\"", "", "found a string there"),
        ("true", "/a", "at /a, so an object with \"a\" on the way, found a boolean there"),
        ("{\"x\":1,\"products\":[]}", "", "found an object (there are \"x\", \"products\") there"),
        ("{}", "", "found an object (the object is empty) there"),
        (
            "{\"a\":{\"b\":[]}}",
            "/a",
            "expected the array of products at /a, found an object (there are \"b\") there",
        ),
        ("{\"a\":\"x\"}", "/a", "expected the array of products at /a, found a string there (byte 5)"),
        ("{\"a\":null}", "/a", "at /a, found null there"),
        ("{\"a\":null}", "/a/b", "at /a/b, so an object with \"b\" on the way, found null there"),
        ("{\"x\":1,\"y\\u0041\":2}", "/a/b", "there is no \"a\" (there are \"x\", \"yA\","),
        ("{\"a\":{\"c\":1}}", "/a/b", "there is no \"b\" (there are \"c\","),
        ("[1,2]", "/a", "there is no \"a\" (an array stands there,"),
        (
            r#"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0}"#,
            "/a",
            "(there are \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", up",
        ),
        ("[1] x", "", "expected the end at byte 4, found x"),
        ("{\"a\":[]}\n{\"a\":[]}", "/a", "expected the end at byte 9, found {"),
        (&deep, "/b", "more than 64 brackets stand inside each other at byte 68"),
        (&way, &pointer, "more than 64 brackets stand inside each other at byte 64"),
        ("[{}]", "ndjson", "expected one product a line, found an array (byte 0)"),
        ("itemNo,name\n", "ndjson", "expected { of the first product at byte 0, found i"),
        ("\n\n", "ndjson", "found an empty body"),
        ("<html>", "ndjson", "found an HTML or XML page"),
    ] {
        let error = split(text.as_bytes(), pointer, None).expect_err(text).told(&Discretion::default());
        assert!(error.contains(said), "{text} at {pointer}\n  expected: {said}\n  found: {error}");
    }
    for text in [&b"\xff\xfe[\0"[..], b"\xfe\xff\0["] {
        assert!(matches!(split(text, "", None), Err(SplitError::Encoding { .. })));
    }
}

#[test]
fn a_text_that_ends_in_the_middle_is_cut_off_wherever_it_ends() {
    for (text, items) in [
        (r#"{"n":1,"a":{"x":[1,"\u00e5"],"p":[{"b":"c\\"},2]},"z":null}"#, "/a/p"),
        ("{\"a\":1}\n{\"b\":\"\\\"}\"}", "ndjson"),
    ] {
        for at in 1..text.len() {
            let error = split_in(&[&text.as_bytes()[..at]], items, None);
            let at_line_end = items == "ndjson" && (at == 7 || at == 8);
            assert_eq!(error.is_ok(), at_line_end, "{at}: {error:?}");
            if !at_line_end {
                assert_eq!(error, Err(SplitError::Truncated { offset: at as u64 }));
            }
        }
    }
}

#[test]
fn a_text_that_was_cut_off_can_go_on_after_all() {
    let mut splitter = Splitter::new(&Items::at(JsonPointer::default()), [None, None]);
    let mut out = Vec::new();
    splitter.push(b"[1,{\"a\":", &mut out).unwrap();
    assert_eq!(splitter.finish(&mut out), Err(SplitError::Truncated { offset: 8 }));
    splitter.push(b"2}]", &mut out).unwrap();
    assert_eq!(splitter.finish(&mut out), Ok([None, None]));
    assert_eq!(out[0].items().collect::<Vec<_>>(), [&b"1"[..], b"{\"a\":2}"]);
}

#[test]
fn of_a_product_beyond_2_mib_only_the_beginning_is_kept_and_nothing_else_is_lost() {
    for (size, fits) in [(LARGEST_ITEM - 3, true), (LARGEST_ITEM + 8, false), (4 * LARGEST_ITEM, false)] {
        for (before, after, last, items) in
            [("[{\"a\":\"", "\"},", "{}]", ""), ("{\"a\":\"", "\"}\n", "{}\n", "ndjson")]
        {
            let filler = vec![b'x'; size - before.len()];
            let text = [before.as_bytes(), &filler, after.as_bytes(), last.as_bytes()].concat();
            let (found, _) = split(&text, items, None).unwrap();
            assert_eq!(found.len(), 2, "{size} {items}");
            let is_told = found[0].starts_with("larger than 2 MiB: {\"a\":\"xxx") && found[0].len() < 300;
            assert_eq!((is_told, found[0].len() > LARGEST_ITEM - 8), (!fits, fits), "{size} {items}");
            assert_eq!(found[1], "{}");
        }
    }
}

#[test]
fn a_product_that_does_not_end_is_an_error_and_not_waited_for() {
    for (before, items) in [("[{\"a\":\"", ""), ("{\"a\":\"", "ndjson")] {
        let mut splitter = Splitter::new(&Items::parse(items).unwrap(), [None, None]);
        let mut out = Vec::new();
        splitter.push(before.as_bytes(), &mut out).unwrap();
        let piece = vec![b'x'; 1024 * 1024];
        let ended = (0..70).find_map(|_| splitter.push(&piece, &mut out).err());
        assert!(matches!(ended, Some(SplitError::Endless { .. })), "{ended:?}");
        assert!(splitter.held() < LARGEST_ITEM && out.is_empty());
    }
}

#[test]
fn deep_products_are_none_of_our_business() {
    let text = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(split(text.as_bytes(), "", None).unwrap().0.len(), 1);
}

#[test]
fn batches_close_by_number_and_by_size_and_lose_nothing() {
    for (item, number, expected) in
        [("7".to_owned(), 2000, 4), (format!("\"{}\"", "x".repeat(100_000)), 10, 4)]
    {
        let text = format!("[{}]", vec![item; number].join(","));
        let mut splitter = Splitter::new(&Items::at(JsonPointer::default()), [None, None]);
        let mut out = Vec::new();
        splitter.push(text.as_bytes(), &mut out).unwrap();
        splitter.finish(&mut out).unwrap();
        assert_eq!(out.len(), expected);
        assert_eq!(out.iter().map(Batch::len).sum::<usize>(), number);
        assert!(out.iter().all(|b| !b.is_empty() && b.len() <= batch::BATCH_ITEMS));
    }
}

#[test]
fn two_values_beside_the_products_are_found_wherever_they_stand() {
    let [items, total, next] = ["/a/p", "/a/n", "/b/next"].map(|text| JsonPointer::parse(text).unwrap());
    for text in [
        r#"{"a":{"n":7,"p":[{"n":1}]},"b":{"x":[1],"next":"?c=\u0032"}}"#,
        r#"{"b":{"next":"?c=\u0032","n":9},"a":{"p":[{"n":1}],"n":7},"n":3}"#,
    ] {
        for at in 0..text.len() {
            let mut splitter = Splitter::new(&Items::at(items.clone()), [Some(&total), Some(&next)]);
            let mut out = Vec::new();
            splitter.push(&text.as_bytes()[..at], &mut out).unwrap();
            splitter.push(&text.as_bytes()[at..], &mut out).unwrap();
            let found =
                splitter.finish(&mut out).unwrap().map(|word| String::from_utf8(word.unwrap()).unwrap());
            assert_eq!(found, ["7", r#""?c=\u0032""#], "{text} cut at {at}");
        }
    }
    let text = format!(r#"{{"a":{{"p":[]}},"b":{{"next":"{}"}}}}"#, "x".repeat(20_000));
    let mut splitter = Splitter::new(&Items::at(items), [Some(&total), Some(&next)]);
    splitter.push(text.as_bytes(), &mut Vec::new()).unwrap();
    assert_eq!(splitter.finish(&mut Vec::new()), Ok([None, None]), "what is too long is no link");
}
