use super::*;
use crate::{
    ep::row::FEED_COLUMNS,
    report::{LineBecame, Lines},
};

fn read(table: &str) -> Corrections {
    let today = jiff::civil::date(2026, 10, 6);
    Corrections::read(table, Some(today), &FEED_COLUMNS).unwrap()
}

fn lines(first: &[u64]) -> Lines {
    Lines { count: first.len() as u64, first: first.to_vec() }
}

#[test]
fn a_table_of_right_and_wrong_lines_is_told_line_by_line() {
    let table = "\u{feff}ID,Action,column,value,until,note\n\
        1,set,title,\"Lamp, white\",,better\n\
        1,SET,brand,Moa,2026-10-06,today is the last day\n\
        2,exclude,,,2026. 10. 5,over\n\
        3,exclude,,,2026/12/31,\n\
        4,include\n\
        ,exclude\n\
        5,remove\n\
        5,set,colour,red\n\
        5,set,barcode,8801234567893\n\
        5,set,id,6\n\
        5,set,price_pc,12.5\n\
        5,set,price_pc,0\n\
        5,set,link,nowhere\n\
        5,exclude,,,soon\n\
        ,,,,,\n\
        6,set,price_pc,9900\n";
    let corrections = read(table);
    let one = corrections.of("1").unwrap();
    assert_eq!(one.values(Column::Title).next(), Some(("Lamp, white", 2)));
    assert_eq!((one.values(Column::Brand).next(), one.values(Column::Link).next()), (Some(("Moa", 3)), None));
    assert!(corrections.of("2").is_none(), "its day is over");
    assert_eq!(corrections.of("3").unwrap().excluded, Some(5));
    assert_eq!(corrections.of("4").unwrap().included, Some(6));
    assert!(corrections.of("5").is_none(), "nothing of it holds");
    let six = corrections.of("6").unwrap();
    let (dear, cheap) = (six.sets(9_901.0, true), six.sets(9_900.0, true));
    assert_eq!((dear.value(Column::PricePc), cheap.value(Column::PricePc)), (None, Some(("9900", 17))));
    corrections.refuse_prices(dear);
    corrections.refuse_prices(dear);
    corrections.refuse_prices(cheap);
    let told = corrections.told();
    assert_eq!((told.lines, told.expired, told.unmatched), (5, lines(&[4]), lines(&[])));
    use LineFault::*;
    let refused = [
        (NoId, lines(&[7])),
        (UnknownAction, lines(&[8])),
        (UnknownColumn, lines(&[9, 10])),
        (SetsId, lines(&[11])),
        (BreaksRule, lines(&[12, 13, 14])),
        (NoDay, lines(&[15])),
        (BelowRegular, lines(&[17])),
    ];
    assert_eq!(told.refused, refused);
    assert_eq!(
        six.values(Column::PriceMobile).next(),
        Some(("9900", 17)),
        "a price is the same on any device"
    );
}

#[test]
fn what_is_no_table_is_said_to_be_none() {
    for (text, reason) in [
        ("<!doctype html><title>Sign in</title>", "an HTML page stands where the table should be"),
        (" \n<html>", "an HTML page stands where the table should be"),
        ("", "its first line does not name the columns id and action"),
        ("a,b\n1,2\n", "its first line does not name the columns id and action"),
    ] {
        assert_eq!(Corrections::read(text, None, &FEED_COLUMNS).unwrap_err(), reason, "{text:?}");
    }
    assert_eq!(read("id,action\n").told(), CorrectionsTold::default());
}

#[test]
fn lines_are_numbered_as_a_spreadsheet_does_whatever_ends_them() {
    for end in ["\n", "\r\n", "\r"] {
        let table = [
            "id,action,column,value",
            "1,include",
            "",
            "",
            "2,frob",
            "3,set,title,\"two\nlines\"",
            ",include",
        ];
        let told = read(&table.join(end)).told();
        let expected = [(LineFault::NoId, lines(&[7])), (LineFault::UnknownAction, lines(&[5]))];
        assert_eq!(told.refused, expected, "{end:?}");
    }
}

#[test]
fn a_table_that_would_be_obeyed_in_part_is_none() {
    let today = Some(jiff::civil::date(2026, 10, 6));
    let reason = |table: &str| Corrections::read(table, today, &FEED_COLUMNS).unwrap_err();
    let open = "id,action,column,value,until,note\r\n1,set,title,New,,\"a note\r\n2,exclude,,,,recalled\r\n";
    assert_eq!(reason(open), "the quote that opens in line 2 is not closed");
    let inch = "id,action,column,value\n1,set,title,\"27\"\" monitor\n2,exclude\n";
    assert_eq!(reason(inch), "the quote that opens in line 2 is not closed");
    assert!(
        read("id,action,column,value\n1,set,title,27\" monitor\n").of("1").is_some(),
        "no quotes around it"
    );
    let closed_by_another = "id,action,column,value\n1,set,title,\"27\"\" monitor\n2,set,title,\"Lamp\"\n";
    assert_eq!(reason(closed_by_another), "the quote that opens in line 2 is not closed");
    let many = |lines: usize| {
        format!("id,action\n{}", (0..lines).map(|n| format!("{n},include\n")).collect::<String>())
    };
    assert_eq!(reason(&many(20_001)), "it holds more than 20000 lines");
    assert_eq!(read(&many(20_000)).told().lines, 20_000);
}

#[test]
fn values_are_taken_as_people_and_spreadsheets_write_them() {
    let corrections = read(
        "id,action,column,value\nA 12,set,TITLE,Lamp\n1,set,price_pc,0019900\n2,set,title,#REF!\n\
         3,set,brand,#N/A\n4,set,title,Loading...\n5,set,title,\"=IMPORTRANGE(1)\"\n6,set,normal_price,500\n",
    );
    for id in ["A12", "A 12", " A1 2"] {
        assert_eq!(corrections.of(id).unwrap().values(Column::Title).next(), Some(("Lamp", 2)), "{id}");
    }
    assert_eq!(corrections.of("1").unwrap().values(Column::PricePc).next(), Some(("19900", 3)));
    let sold_for = |price| corrections.of("6").unwrap().sets(price, false);
    assert_eq!(sold_for(499.0).value(Column::NormalPrice), Some(("500", 8)));
    assert_eq!(sold_for(500.0).value(Column::NormalPrice), None, "a list price is above the price");
    corrections.refuse_prices(sold_for(500.0));
    let refused = [(LineFault::BreaksRule, lines(&[4, 5, 6, 7])), (LineFault::NotAbovePrice, lines(&[8]))];
    assert_eq!(corrections.told().refused, refused);
    let written = read(
        "id,action,column,value,until\n1,set,price_pc,\"12,300원\",\n2,set,price_pc,₩ 9900,26. 12. 31\n",
    );
    let price =
        |id: &str| written.of(id).unwrap().values(Column::PricePc).next().map(|(price, _)| price.to_owned());
    assert_eq!((price("1").as_deref(), price("2").as_deref()), (Some("12300"), Some("9900")));
    assert_eq!(read("id,action,until\n1,exclude,26.1.31\n").told().expired, lines(&[2]));
}

#[test]
fn an_amount_or_a_day_that_may_be_another_one_is_refused() {
    for (written, taken) in [
        ("￦12300", Some("12300")),
        ("12300.0", Some("12300")),
        ("\"12,300.00\"", Some("12300")),
        ("\"1,234,500\"", Some("1234500")),
        ("012300", Some("12300")),
        ("\"0,500\"", None),
        ("\",500\"", None),
        ("12 5", None),
        ("0", None),
        ("₩", None),
        ("-1000", None),
        ("12.000", None),
        ("\"12300,00\"", None),
        ("\"12,5\"", None),
        ("12300.5", None),
    ] {
        let table = read(&format!("id,action,column,value\n1,set,price_pc,{written}\n"));
        let price = table.of("1").and_then(|one| one.values(Column::PricePc).next());
        assert_eq!(price.map(|(price, _)| price), taken, "{written}");
    }
    // The day of these tests is in October 2026.
    for (until, fault) in [
        ("26.12.31", None),
        ("28-12-31", None),
        ("99.12.31", None),
        ("2031-12-26", None),
        ("99999-12-31", Some(LineFault::NoDay)),
        ("31.12.26", Some(LineFault::NoDay)),
        ("5/12/26", Some(LineFault::NoDay)),
    ] {
        let table = read(&format!("id,action,until\n1,exclude,{until}\n"));
        let refused: Vec<_> = fault.into_iter().map(|fault| (fault, lines(&[2]))).collect();
        assert_eq!(table.told().refused, refused, "{until}");
    }
}

#[test]
fn a_line_that_does_not_hold_takes_nothing_from_one_that_does() {
    let corrections = read(
        "id,action,column,value\n1,set,normal_price,50000\n1,set,normal_price,5\n1,set,title,Good\n1,set,title,#REF!\n\
         2,set,price_pc,25000\n2,set,price_pc,15000\n3,exclude\n3,include\n3,exclude\n3,set,title,Lamp\n",
    );
    let of = |id: &str| corrections.of(id).unwrap();
    let (one, two) = (of("1").sets(100.0, false), of("2").sets(20_000.0, true));
    assert_eq!(
        (one.value(Column::NormalPrice), one.value(Column::Title)),
        (Some(("50000", 2)), Some(("Good", 4)))
    );
    assert_eq!(two.value(Column::PricePc), Some(("25000", 6)));
    [one, two].into_iter().for_each(|sets| corrections.refuse_prices(sets));
    let told = corrections.told();
    use LineFault::*;
    let refused = [
        (BreaksRule, lines(&[5])),
        (BelowRegular, lines(&[7])),
        (NotAbovePrice, lines(&[3])),
        (Overruled, lines(&[8, 9])),
    ];
    assert_eq!((told.lines, told.refused), (7, refused.to_vec()));
    let became = |id: &str, sets| {
        of(id).lines_taken(sets).into_iter().map(|taken| (taken.line, taken.became)).collect::<Vec<_>>()
    };
    let refused = |fault| LineBecame::Refused { fault };
    assert_eq!(became("2", Some(two)), [(6, LineBecame::Holds), (7, refused(BelowRegular))]);
    let third =
        [(8, refused(Overruled)), (9, refused(Overruled)), (10, LineBecame::Holds), (11, LineBecame::Unused)];
    assert_eq!(became("3", None), third);
}

#[test]
fn each_refused_line_is_counted_once_however_many_products_it_is_about() {
    let table: String = (0..25).map(|n| format!("{n},set,price_pc,15000\n")).collect();
    let corrections = read(&format!("id,action,column,value\n{table}"));
    for _ in 0..3 {
        (0..25).for_each(|n| {
            corrections.refuse_prices(corrections.of(&n.to_string()).unwrap().sets(20_000.0, true))
        });
    }
    let told = Lines { count: 25, first: (2..12).collect() };
    assert_eq!(corrections.told().refused, [(LineFault::BelowRegular, told)]);
}

#[test]
fn the_table_that_the_handbook_shows_holds() {
    let handbook = include_str!("../../deploy/README.md");
    let (_, behind) = handbook.split_once("```csv\n").unwrap();
    let table = read(behind.split_once("```").unwrap().0);
    let of = |id| table.of(id).unwrap();
    assert_eq!(of("80012345").values(Column::Title).next(), Some(("이케아 BILLY 빌리 책장 화이트", 2)));
    assert_eq!((of("80012346").excluded, of("80012347").included), (Some(3), Some(4)));
    let told = table.told();
    assert_eq!((told.lines, told.refused, told.expired), (3, vec![], lines(&[])));
}
