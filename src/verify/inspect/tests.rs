//! Any file at all: each with the verdict that it deserves.

use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::*;
use crate::{
    ep::columns::Column,
    report::{CheckId, CheckStatus, Sign},
};

mod causes;
mod reference;
mod sanctions;

const HEADER: &str = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping";
const ROW: &str = "1\t책장\t79900\thttps://shop.example/1\thttps://images.example/1.jpg\t수납\t3000";

fn sign(found: &str) -> Sign {
    Sign::Found(found.to_owned())
}

type Found = (CheckId, CheckStatus, ProblemKind, u64);

fn found(file: &[u8]) -> Vec<Found> {
    let mut inspector = Inspector::default();
    inspector.push(file);
    let inspection = inspector.finish(true);
    CheckId::iter()
        .flat_map(|id| {
            let (status, problems) = inspection.findings.of_check(id);
            problems.into_iter().map(move |p| (id, status, p.kind, p.count))
        })
        .collect()
}

fn file(rows: &[&str]) -> Vec<u8> {
    let mut text = rows.join("\n");
    text.push('\n');
    text.into_bytes()
}

#[test]
fn a_sound_file_has_nothing_to_tell() {
    assert_eq!(found(&file(&[HEADER, ROW, &ROW.replacen('1', "2", 1)])), []);
}

#[test]
fn each_defect_is_told_by_its_check() {
    use CheckStatus::{Fail, Warn};
    use ProblemKind::*;
    let swapped = |from: &str, to: &str| file(&[HEADER, &ROW.replace(from, to)]);
    let mut latin = file(&[HEADER, ROW]);
    latin.extend(b"2\t\xe9\t1000\thttps://a.example\thttps://a.example\tc\t0\n");
    let cases: Vec<(Vec<u8>, Vec<Found>)> = vec![
        (vec![], vec![(CheckId::Header, Fail, Empty, 1)]),
        (b"<!doctype html>\n<p>x".to_vec(), vec![(CheckId::Reachable, Fail, Html, 1)]),
        (b"\xff\xfei\0d\0".to_vec(), vec![(CheckId::Encoding, Fail, Utf16, 1)]),
        (latin, vec![(CheckId::Encoding, Fail, NotUtf8, 1)]),
        (file(&[&format!("\u{feff}{HEADER}"), ROW]), vec![(CheckId::Encoding, Warn, Bom, 1)]),
        (
            file(&[&format!("{HEADER}\tmy_own"), &format!("{ROW}\tx")]),
            vec![(CheckId::Header, Warn, UnknownColumn, 1)],
        ),
        (
            file(&[&HEADER.replace("title", "id"), ROW]),
            vec![
                (CheckId::Header, Fail, MissingColumn, 1),
                (CheckId::Header, Fail, RepeatedColumn, 1),
                (CheckId::Formats, Fail, BadValue, 1),
            ],
        ),
        (file(&[HEADER, ROW, "2\tA"]), vec![(CheckId::Shape, Fail, FieldCount, 1)]),
        (file(&[HEADER, &format!("{ROW}\r")]), vec![(CheckId::Shape, Warn, CarriageReturn, 1)]),
        (swapped("책장", "책\u{0}장"), vec![(CheckId::Shape, Fail, ControlCharacter, 1)]),
        (swapped("책장", ""), vec![(CheckId::RequiredValues, Fail, EmptyRequired, 1)]),
        (file(&[HEADER, ROW, ROW, ROW]), vec![(CheckId::UniqueIds, Fail, RepeatedId, 2)]),
        (swapped("79900", "79,900"), vec![(CheckId::Formats, Fail, BadValue, 1)]),
    ];
    for (bytes, expected) in cases {
        assert_eq!(found(&bytes), expected, "{}", String::from_utf8_lossy(&bytes));
    }
}

/// Files that others wrote, or that broke on their way.
#[test]
fn any_file_gets_a_verdict() {
    use CheckId::{Encoding, Formats, Header, Prices, Reachable, Shape, UniqueIds};
    use CheckStatus::{Fail, Warn};
    use ProblemKind::*;
    let sound = file(&[HEADER, ROW]);
    let text = String::from_utf8(sound.clone()).unwrap();
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let missing = |n| (Header, Fail, MissingColumn, n);
    let long = "x".repeat(10_000_000);
    let cases: Vec<(&str, Vec<u8>, Vec<Found>)> = vec![
        (
            "columns in another order",
            file(&[
                "shipping\tcategory_name1\timage_link\tlink\tprice_pc\ttitle\tid",
                "0\tc\thttps://a.example/1.jpg\thttps://a.example/1\t1000\tA\t1",
            ]),
            vec![],
        ),
        ("a subset of the columns", file(&["id\ttitle", "1\tA"]), vec![missing(5)]),
        (
            "one column that nobody knows",
            file(&["what", "ever"]),
            vec![missing(7), (Header, Warn, UnknownColumn, 1)],
        ),
        ("CRLF", text.replace('\n', "\r\n").into_bytes(), vec![(Shape, Warn, CarriageReturn, 2)]),
        ("CR alone", text.replace('\n', "\r").into_bytes(), vec![(Shape, Fail, LoneCarriageReturn, 1)]),
        (
            "a CR in the header",
            text.replacen('\n', "\rx\n", 1).into_bytes(),
            vec![(Shape, Fail, LoneCarriageReturn, 1)],
        ),
        ("LF only", b"\n\n\n".to_vec(), vec![missing(7), (Header, Warn, UnknownColumn, 1)]),
        ("empty lines", text.replacen('\n', "\n\n\n", 1).into_bytes(), vec![(Shape, Fail, FieldCount, 2)]),
        (
            "an empty first line",
            format!("\n{text}").into_bytes(),
            vec![missing(7), (Header, Warn, UnknownColumn, 1), (Shape, Fail, FieldCount, 2)],
        ),
        ("no final newline", text.trim_end().into(), vec![(Shape, Warn, NoFinalLineEnd, 1)]),
        (
            "cut in the middle",
            sound[..100].to_vec(),
            vec![(Shape, Fail, FieldCount, 1), (Shape, Fail, NoFinalLineEnd, 1)],
        ),
        (
            "quotes",
            text.replace('1', "\"1\"").replace('\t', "\",\"").into_bytes(),
            vec![(Header, Fail, OtherSeparator, 1)],
        ),
        ("a quoted id", file(&[HEADER, &ROW.replacen('1', "\"1\"", 1)]), vec![(Shape, Fail, Quoted, 1)]),
        (
            "UTF-16 with BOM",
            [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
            vec![(Encoding, Fail, Utf16, 1)],
        ),
        (
            "UTF-16, big end first",
            [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
            vec![(Encoding, Fail, Utf16, 1)],
        ),
        ("UTF-16 without BOM", utf16(u16::to_le_bytes), vec![(Encoding, Fail, Utf16, 1)]),
        ("the other one without BOM", utf16(u16::to_be_bytes), vec![(Encoding, Fail, Utf16, 1)]),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\n\n\x04\0".to_vec(), vec![(Encoding, Fail, Gzip, 1)]),
        (
            "HTML after empty lines",
            b"\n \r\n <!DOCTYPE html>\n<p>".to_vec(),
            vec![
                (Reachable, Fail, Html, 1),
                missing(7),
                (Header, Warn, UnknownColumn, 1),
                (Shape, Warn, CarriageReturn, 1),
            ],
        ),
        ("JSON", b"{\"id\": 1}".to_vec(), vec![missing(7), (Header, Warn, UnknownColumn, 1)]),
        (
            "a NUL in a value",
            text.replace("책장", "책\0장").into_bytes(),
            vec![(Shape, Fail, ControlCharacter, 1)],
        ),
        (
            "a NUL in a column of their own",
            file(&[&format!("{HEADER}\town"), &format!("{ROW}\ta\0b")]),
            vec![(Header, Warn, UnknownColumn, 1), (Shape, Fail, ControlCharacter, 1)],
        ),
        (
            "a row of 10 MB",
            file(&[HEADER, &ROW.replace("책장", &long), ROW]),
            vec![(Shape, Fail, RowTooLong, 1)],
        ),
        (
            "a header of 2 MB",
            file(&[&format!("{HEADER}\t{}", &long[..2_000_000]), ROW]),
            vec![(Header, Fail, RowTooLong, 1)],
        ),
        (
            "a header of a million columns",
            file(&["c\t".repeat(1_000_000).trim_end()]),
            vec![(Header, Fail, FieldCount, 1)],
        ),
        ("2 MB without an end", long[..2_000_000].into(), vec![(Header, Fail, RowTooLong, 1)]),
        (
            "binary rows",
            [file(&[HEADER]), vec![0xff; 3_000_000], b"\n".to_vec()].concat(),
            vec![(Shape, Fail, RowTooLong, 1)],
        ),
        (
            "a price of zero",
            text.replace("79900", "0").into_bytes(),
            vec![(Formats, Fail, BadValue, 1), (Prices, Fail, ZeroPrice, 1)],
        ),
        (
            "absurd prices",
            file(&[
                HEADER,
                &ROW.replace("79900", "9"),
                &ROW.replacen('1', "2", 1).replace("79900", "2000000000"),
            ]),
            vec![(Prices, Warn, OddPrice, 2)],
        ),
        (
            "ids in two letters",
            file(&[HEADER, ROW, &ROW.replace('1', "a"), &ROW.replace('1', "A").replace("책장", "선반"), ROW]),
            vec![(UniqueIds, Fail, RepeatedId, 1)],
        ),
    ];
    for (what, bytes, mut expected) in cases {
        let mut found = found(&bytes);
        found.sort_by_key(|(id, _, kind, _)| (*id, *kind));
        // A check's status is that of its worst finding.
        for i in 0..expected.len() {
            let worst = expected.iter().filter(|other| other.0 == expected[i].0).map(|other| other.1).max();
            expected[i].1 = worst.unwrap();
        }
        expected.sort_by_key(|(id, _, kind, _)| (*id, *kind));
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn a_thousand_columns_and_every_rule_broken_stay_few_lines_with_three_places_each() {
    let names: Vec<_> = Column::iter().map(Column::name).chain(["own"; 900]).collect();
    let mut inspector = Inspector::new(20, Reach::Public);
    inspector.push(file(&[&names.join("\t")]).as_slice());
    for row in 0..500 {
        let value =
            [String::new(), "\u{1}".repeat(row), "<b>".repeat(row * 9), format!("{row}-"), "0".into()]
                [row % 5]
                .clone();
        inspector.push(file(&[&vec![value; names.len()].join("\t")]).as_slice());
    }
    let inspection = inspector.finish(true);
    let kept: Vec<_> = CheckId::iter().flat_map(|id| inspection.findings.of_check(id).1).collect();
    assert!(kept.len() < 200, "{}", kept.len());
    assert!(kept.iter().all(|problem| problem.examples.len() <= 3));
    let shown = kept.iter().flat_map(|p| &p.examples).flat_map(|e| [&e.id, &e.column, &e.value]).flatten();
    assert!(shown.map(|text| text.chars().count()).max().unwrap() <= 81);
    assert!(inspection.sample.len() == 20 && inspection.rows == 500);
}

#[test]
fn the_median_and_a_sample_come_along() {
    let mut inspector = Inspector::new(2, Reach::Public);
    let rows: Vec<_> =
        (1..=99).map(|i| ROW.replacen('1', &i.to_string(), 1).replace("79900", &i.to_string())).collect();
    inspector.push(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes());
    let inspection = inspector.finish(true);
    assert_eq!((inspection.rows, inspection.median_price, inspection.sample.len()), (99, Some(50), 2));
    let row = &inspection.sample[0];
    assert_eq!(row.id, (row.row - 1).to_string());
    assert_eq!(row.link.as_deref(), Some("https://shop.example/1"));
    assert_eq!(row.image.as_deref(), Some("https://images.example/1.jpg"));
}

#[test]
fn ten_thousand_broken_rows_are_one_count_with_three_examples() {
    let rows: Vec<_> =
        (0..10_000).map(|i| ROW.replacen('1', &i.to_string(), 1).replace("79900", "0")).collect();
    let mut text = format!("{HEADER}\n{}", rows.join("\n"));
    text.push('\n');
    let mut inspector = Inspector::default();
    inspector.push(text.as_bytes());
    let (status, problems) = inspector.finish(true).findings.of_check(CheckId::Formats);
    assert_eq!((status, problems.len(), problems[0].count), (CheckStatus::Fail, 1, 10_000));
    let example = &problems[0].examples[2];
    assert_eq!(problems[0].examples.len(), 3);
    assert_eq!(
        (example.row, example.id.as_deref(), example.column.as_deref(), example.value.as_deref()),
        (Some(4), Some("2"), Some("price_pc"), Some("0"))
    );
}

/// What a file may be made of, so that broken tables come up and not only noise.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(HEADER.as_bytes().to_vec()),
        Just(ROW.as_bytes().to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\t".to_vec()),
        prop::sample::select(vec![
            &b"\r"[..],
            b"\0",
            b"\xff\xfe",
            b"\x1f\x8b",
            b"\xef\xbb\xbf",
            b"<",
            b"\"",
            b"id",
            b"0"
        ])
        .prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_file_makes_it_panic_and_the_pieces_it_comes_in_do_not_matter(
        file in pieces(), step in 1usize..40, whole in any::<bool>(),
    ) {
        let mut at_once = Inspector::default();
        at_once.push(&file);
        let mut in_pieces = Inspector::default();
        file.chunks(step).for_each(|piece| in_pieces.push(piece));
        prop_assert_eq!(at_once.finish(whole), in_pieces.finish(whole));
    }
}
