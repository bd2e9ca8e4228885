use super::*;
use crate::{ep::row::FEED_COLUMNS, report::Lines};

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
    assert_eq!(one.value(Column::Title), Some(("Lamp, white", 2)));
    assert_eq!((one.value(Column::Brand), one.value(Column::Link)), (Some(("Moa", 3)), None));
    assert!(corrections.of("2").is_none(), "its day is over");
    assert_eq!(corrections.of("3").unwrap().excluded, Some(5));
    assert_eq!(corrections.of("4").unwrap().included, Some(6));
    assert!(corrections.of("5").is_none(), "nothing of it holds");
    let six = corrections.of("6").unwrap();
    let (dear, cheap) = (six.sets(Some(9_901.0)), six.sets(Some(9_900.0)));
    assert_eq!((dear.value(Column::PricePc), cheap.value(Column::PricePc)), (None, Some(("9900", 17))));
    corrections.refuse_cheaper(dear);
    corrections.refuse_cheaper(dear);
    corrections.refuse_cheaper(cheap);
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
    assert_eq!(six.value(Column::PriceMobile), Some(("9900", 17)), "a price is the same on any device");
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
