//! Files as others write them: each oddity by its own name, and nothing false beside it.

use encoding_rs::EUC_KR;

use super::*;

/// A row with other values in some columns.
fn row(changes: &[(&str, &str)]) -> String {
    let value = |(name, value)| {
        changes.iter().find(|(column, _)| *column == name).map_or(value, |(_, changed)| *changed)
    };
    let row = HEADER.split('\t').zip(ROW.split('\t')).map(value).collect::<Vec<_>>().join("\t");
    // A product of its own has a page and an image of its own.
    match changes.iter().find(|(column, _)| *column == "id") {
        Some((_, id)) => row.replace("example/1", &format!("example/{}", id.replace(' ', ""))),
        None => row,
    }
}

/// A file of one row that has one column more.
fn with_column(name: &str, value: &str) -> Vec<u8> {
    file(&[&format!("{HEADER}\t{name}"), &format!("{ROW}\t{value}")])
}

fn expect(what: &str, bytes: &[u8], expected: &[(CheckId, CheckStatus, ProblemKind, u64)]) {
    let mut found = found(bytes);
    found.sort_by_key(|(id, _, kind, _)| (*id, *kind));
    assert_eq!(found, expected, "{what}");
}

use CheckId::*;
use CheckStatus::{Fail, Warn};
use ProblemKind::*;

#[test]
fn what_is_ignored_only_warns_and_what_is_refused_fails() {
    let images = vec!["https://images.example/".to_owned() + &"a".repeat(200); 10].join("|");
    for (column, value, expected) in [
        ("condition", "새상품", Some((Warn, IgnoredValue))),
        ("order_made", "N", Some((Warn, IgnoredValue))),
        ("import_flag", "N", Some((Warn, IgnoredValue))),
        ("adult", "N", Some((Warn, IgnoredValue))),
        ("delivery_grade", "N", Some((Warn, IgnoredValue))),
        ("search_tag", "원목 책장|수납", Some((Warn, IgnoredValue))),
        ("search_tag", "a|b|c|d|e|f|g|h|i|j|k", Some((Warn, IgnoredValue))),
        ("search_tag", "<b>a</b>", Some((Fail, BadValue))),
        ("naver_product_id", &"1".repeat(51), Some((Warn, IgnoredValue))),
        ("barcode", "123", Some((Warn, IgnoredValue))),
        ("category_name4", &"가".repeat(51), Some((Warn, IgnoredValue))),
        ("add_image_link", &format!("{images}|https://a.example/"), Some((Warn, IgnoredValue))),
        ("add_image_link", &images, None),
        ("add_image_link", &images.replace("images.example", &"i".repeat(60)), Some((Warn, IgnoredValue))),
        ("pre_match_code", "A-1", None),
        ("satisfylevel", "4.8", None),
        ("satisfylevel", "좋아요", Some((Warn, IgnoredValue))),
        ("price_mobile", "0", Some((Fail, BadValue))),
        ("mobile_link", "/p/1", Some((Fail, BadValue))),
        ("class", "X", Some((Fail, BadValue))),
    ] {
        let summary = [(RowCount, Warn, SummaryFile, 1)];
        let expected = expected.map(|(status, kind)| (Formats, status, kind, 1));
        let summary = summary.into_iter().filter(|_| column == "class");
        let expected: Vec<_> = expected.into_iter().chain(summary).collect();
        expect(&format!("{column} {value}"), &with_column(column, value), &expected);
    }
}

#[test]
fn the_last_line_may_be_empty_and_is_no_row() {
    for (what, end, lines) in
        [("LF", "\n", 1), ("CRLF", "\r\n", 1), ("spaces", "  \n", 1), ("three", "\n\n\n", 3)]
    {
        let bytes = [file(&[HEADER, ROW]), end.as_bytes().to_vec()].concat();
        expect(what, &bytes, &[(Shape, Warn, BlankLastLine, lines)]);
        let mut inspector = Inspector::default();
        inspector.push(&bytes);
        assert_eq!(inspector.finish(true).rows, 1, "{what}");
        let mut inspector = Inspector::default();
        inspector.push(&bytes);
        let count = inspector.finish(false).findings.count(Shape);
        assert_eq!(count, 0, "{what}: more may have followed");
    }
    let within = file(&[HEADER, ROW, "", &row(&[("id", "2")]), ""]);
    expect("one within", &within, &[(Shape, Fail, FieldCount, 1), (Shape, Fail, BlankLastLine, 1)]);
}

#[test]
fn lines_may_end_in_a_tab() {
    let second = row(&[("id", "2"), ("price_pc", "0")]);
    let all = file(&[&format!("{HEADER}\t"), &format!("{ROW}\t"), &format!("{second}\t")]);
    let bad_price = [(Formats, Fail, BadValue, 1), (Prices, Fail, ZeroPrice, 1)];
    let with = |tabs| [&[(Shape, Warn, TrailingTab, tabs)], &bad_price[..]].concat();
    expect("all of them", &all, &with(3));
    expect("the header", &file(&[&format!("{HEADER}\t"), ROW, &second]), &with(1));
    expect("the rows", &file(&[HEADER, &format!("{ROW}\t"), &format!("{second}\t")]), &with(2));
    let crlf = String::from_utf8(all).unwrap().replace('\n', "\r\n");
    let mut found = with(3);
    found[0] = (Shape, Warn, CarriageReturn, 3);
    found.insert(1, (Shape, Warn, TrailingTab, 3));
    expect("and in CRLF", crlf.as_bytes(), &found);
    expect("two tabs", &file(&[HEADER, &format!("{ROW}\t\t")]), &[(Shape, Fail, FieldCount, 1)]);
    expect(
        "a value too many",
        &file(&[&format!("{HEADER}\t"), &format!("{ROW}\tx")]),
        &[(Shape, Fail, FieldCount, 1), (Shape, Fail, TrailingTab, 1)],
    );
}

#[test]
fn cp949_is_named_and_its_values_are_read() {
    let text = format!("{HEADER}\tcondition\n{ROW}\t신상품\n{}\t새상품\n", row(&[("id", "2")]));
    let bytes = EUC_KR.encode(&text).0;
    expect("CP949", &bytes, &[(Encoding, Fail, LooksLikeCp949, 2), (Formats, Warn, IgnoredValue, 1)]);
    let mixed = [text.as_bytes(), &EUC_KR.encode(&row(&[("id", "3")]).replace("책장", "흰 책장")).0, b"\t\n"]
        .concat();
    expect("a row of it", &mixed, &[(Encoding, Fail, LooksLikeCp949, 1), (Formats, Warn, IgnoredValue, 1)]);
    let broken =
        [text.as_bytes(), b"3\t\xff\xfe\xff\t1\thttps://a.example/\thttps://a.example/\tc\t0\t\n"].concat();
    expect(
        "noise",
        &broken,
        &[(Encoding, Fail, NotUtf8, 1), (Formats, Warn, IgnoredValue, 1), (Prices, Warn, OddPrice, 1)],
    );
}

#[test]
fn csv_and_the_old_format_are_named() {
    let csv = |separator: &str| {
        file(&[HEADER, ROW]).escape_ascii().to_string().replace("\\t", separator).replace("\\n", "\n")
    };
    for separator in [",", ";", "|", "\",\"", ", ", "  "] {
        expect(separator, csv(separator).as_bytes(), &[(Header, Fail, OtherSeparator, 1)]);
    }
    for begin in ["<<<begin>>>\n<<<mapid>>>1\n", "\u{feff}<<<begin>>>\r\n"] {
        let found = found(begin.as_bytes());
        assert!(
            found.contains(&(Header, Fail, OldFormat, 1)) && !found.iter().any(|f| f.2 == Html),
            "{found:?}"
        );
    }
    let found = found(b"\n\n<<<begin>>>\n");
    assert!(found.contains(&(Header, Fail, OldFormat, 1)), "{found:?}");
}

#[test]
fn values_in_quotes_are_named_and_read() {
    let quoted = |line: &str| format!("\"{}\"", line.replace('\t', "\"\t\""));
    expect("all", &file(&[&quoted(HEADER), &quoted(ROW)]), &[(Shape, Fail, Quoted, 2)]);
    expect("rows", &file(&[HEADER, &quoted(ROW)]), &[(Shape, Fail, Quoted, 1)]);
    expect("a title", &file(&[HEADER, &row(&[("title", "\"책장\"")])]), &[]);
}

#[test]
fn a_summary_is_judged_by_what_it_says() {
    let columns = |line: &str, class: &str, at: &str| format!("{line}\t{class}\t{at}");
    let at = "2026-10-06 10:00:01";
    let header = columns(HEADER, "class", "update_time");
    let gone = format!("9\t{}D\t{at}", "\t".repeat(6));
    let cheap = columns(&row(&[("id", "8"), ("price_pc", "0"), ("title", ""), ("link", "x")]), "D", at);
    let rows = [&columns(ROW, "U", at), &columns(&row(&[("id", "2")]), "I", at), &gone, &cheap];
    let all = [&[&header], &rows[..]].concat();
    expect(
        "a summary",
        &file(&all.iter().map(|r| r.as_str()).collect::<Vec<_>>()),
        &[(RowCount, Warn, SummaryFile, 1)],
    );
    let unnamed = format!("\t{}D\t{at}", "\t".repeat(6));
    expect(
        "nobody is gone",
        &file(&[&header, &columns(ROW, "U", at), &unnamed]),
        &[(RequiredValues, Fail, EmptyRequired, 1), (RowCount, Warn, SummaryFile, 1)],
    );
    let whole = file(&[&header, &columns(ROW, "", ""), &columns(&row(&[("id", "2")]), "", "")]);
    expect("a whole EP with the columns of a summary", &whole, &[]);
    let mut inspector = Inspector::default();
    inspector.push(&file(&[&header, &columns(ROW, "D", at)]));
    let inspection = inspector.finish(true);
    assert!(inspection.is_summary && inspection.median_price.is_none() && inspection.sample.is_empty());
}

#[test]
fn what_our_writer_cleans_is_told() {
    for (what, changes, expected) in [
        ("an entity", ("title", "선반 &amp; 걸이"), vec![(Formats, Warn, Entity, 1)]),
        ("numbers of characters", ("title", "&#44032;&#44396;"), vec![(Formats, Warn, Entity, 1)]),
        (
            "an entity in a link",
            ("link", "https://shop.example/?a=1&amp;b=2"),
            vec![(Formats, Warn, Entity, 1)],
        ),
        ("an ampersand", ("title", "R&D 선반"), vec![]),
        ("a tag", ("title", "<b>책장</b>"), vec![(Formats, Fail, BadValue, 1)]),
        ("a filler", ("title", "책장\u{3164}"), vec![(Formats, Warn, InvisibleCharacter, 1)]),
        (
            "a byte order mark",
            ("category_name1", "\u{feff}수납"),
            vec![(Formats, Warn, InvisibleCharacter, 1)],
        ),
        ("a private host", ("image_link", "http://192.168.0.9/1.jpg"), vec![(Formats, Fail, PrivateHost, 1)]),
        ("this machine", ("link", "http://localhost:8080/p/1"), vec![(Formats, Fail, PrivateHost, 1)]),
    ] {
        expect(what, &file(&[HEADER, &row(&[changes])]), &expected);
    }
    for (list_price, told) in [("79900", true), ("1000", true), ("79901", false), ("", false), ("x", false)] {
        let found = found(&with_column("normal_price", list_price));
        let expected = (Prices, Warn, ListPriceNotAbove, 1);
        assert_eq!(found.contains(&expected), told, "{list_price}");
    }
    let ids = file(&[HEADER, &row(&[("id", "A 1")]), &row(&[("id", "A1")])]);
    expect("ids that differ by spaces", &ids, &[(UniqueIds, Fail, RepeatedId, 1)]);
    let mut trial = Inspector::new(0, Reach::Anywhere);
    trial.push(&file(&[HEADER, &row(&[("link", "http://localhost:8080/p/1")])]));
    assert_eq!(trial.finish(true).findings, Findings::default(), "a trial on this machine");
}

#[test]
fn an_unseen_character_is_named_by_its_number() {
    let mut inspector = Inspector::default();
    inspector.push(&file(&[HEADER, &row(&[("title", "책장\u{200b}")])]));
    let problem = inspector.finish(true).findings.of_check(Formats).1.remove(0);
    assert_eq!(problem.examples[0].rule, Some(sign("U+200B")));
}
