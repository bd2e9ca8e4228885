//! The verdict once more, by a way that is as simple as it is slow: the whole file at once, lists of fields, plain sets,
//! and each value by each rule, without a glance before. Whatever the file, both say the same.

use std::collections::HashSet;

use super::{
    super::{format, header::Header, prices::Prices, quality::Quality, values::Said},
    *,
};
use crate::{
    ep::{chars::first_invisible, columns::Reaction, read::RawRow, rules::Rule, rules::Violation, text},
    report::Example,
    verify::findings::{shown, shown_id},
    web::is_public,
};

#[derive(Default)]
struct Reference {
    found: Inspection,
    ids: HashSet<String>,
    prices: Prices,
    quality: Quality,
    changes: u64,
}

fn reference(file: &[u8], whole: bool) -> Inspection {
    let mut lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    if !whole && !file.ends_with(b"\n") {
        lines.pop();
    }
    let rows: Vec<RawRow<'_>> = lines.into_iter().zip(1..).map(raw).collect();
    let mut it = Reference::default();
    if file.is_empty() && whole {
        it.found.findings.add(ProblemKind::Empty, Example::default);
    }
    let header = rows.first().and_then(|row| Header::read(row, &mut it.found.findings));
    if let Some(header) = &header {
        (it.found.is_table, it.found.columns) = (true, header.columns.len());
        it.rows(&rows[1..], header, whole);
    }
    it.found.is_summary = it.changes * 2 > it.found.rows;
    if it.found.is_summary {
        it.found.findings.add(ProblemKind::SummaryFile, Example::default);
    }
    it.quality.finish(it.found.rows, &mut it.found.findings);
    Inspection { median_price: it.prices.median(), ..it.found }
}

fn raw((line, number): (&[u8], u64)) -> RawRow<'_> {
    let ended = line.ends_with(b"\n");
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let bytes = text.strip_suffix(b"\r").filter(|_| ended).unwrap_or(text);
    RawRow { number, bytes, length: bytes.len() as u64, carriage_return: bytes.len() < text.len(), ended }
}

impl Reference {
    fn rows(&mut self, rows: &[RawRow<'_>], header: &Header, whole: bool) {
        let is_blank = |row: &RawRow<'_>| row.bytes.iter().all(|byte| matches!(byte, b' ' | b'\r'));
        // Empty lines at the end are none of the table's, and with one column an empty line is a row.
        let end = rows.iter().rposition(|row| !is_blank(row)).map_or(0, |last| last + 1);
        let end = if header.columns.len() > 1 { end } else { rows.len() };
        let mut is_first = header.is_blank;
        // Empty lines before a page are the page's.
        let before = rows[..end].iter().take_while(|row| is_blank(row)).count();
        let is_page =
            is_first && rows[before..end].first().is_some_and(|row| format::markup(row.bytes).is_some());
        let begin = if is_page && header.columns.len() > 1 { before } else { 0 };
        for row in &rows[begin..end] {
            if is_first && !is_blank(row) {
                if let Some(kind) = format::markup(row.bytes) {
                    let value = Some(shown(&format::text(row.bytes).0));
                    self.found.findings.add(kind, || Example { value, ..Example::row(row.number) });
                    (self.found.is_table, self.found.columns) = (false, 0);
                    return;
                }
                is_first = false;
            }
            self.found.rows += 1;
            if is_blank(row) && header.columns.len() > 1 {
                let value = Some(format!("1 / {}", header.columns.len()));
                let example = || Example { value, ..Example::row(row.number) };
                self.found.findings.add(ProblemKind::FieldCount, example);
            } else {
                self.row(row, header);
            }
        }
        for row in rows[end..].iter().filter(|_| whole) {
            self.found.findings.add(ProblemKind::BlankLastLine, || Example::row(row.number));
        }
    }

    fn row(&mut self, row: &RawRow<'_>, header: &Header) {
        let findings = &mut self.found.findings;
        let at = |value: Option<String>| Example { value, ..Example::row(row.number) };
        if row.carriage_return {
            findings.add(ProblemKind::CarriageReturn, || at(None));
        }
        if !row.ended {
            findings.add(ProblemKind::NoFinalLineEnd, || at(None));
        }
        let (text, wrong) = match std::str::from_utf8(row.bytes) {
            Ok(text) => (text.into(), None),
            Err(_) => format::text(row.bytes),
        };
        if let Some(kind) = wrong {
            findings.add(kind, || at(Some(shown(&text))));
        }
        let mut fields: Vec<&str> = text.split('\t').collect();
        let (found, expected) = (fields.len(), header.columns.len());
        let id = header.id.and_then(|i| fields.get(i)).map(|id| shown(id));
        if found == expected + 1 && text.ends_with('\t') {
            fields.pop();
            findings.add(ProblemKind::TrailingTab, || Example { id: id.clone(), ..at(None) });
        } else if found != expected {
            let value = Some(format!("{found} / {expected}"));
            findings.add(ProblemKind::FieldCount, || Example { id, ..at(value) });
            return;
        }
        let unquoted: Vec<Option<&str>> = fields.iter().map(|field| format::unquoted(field)).collect();
        let filled = fields.iter().filter(|field| !field.is_empty()).count();
        let is_id_quoted = header.id.is_some_and(|i| unquoted[i].is_some());
        if text.contains('"') && (is_id_quoted || unquoted.iter().flatten().count() * 2 > filled) {
            findings.add(ProblemKind::Quoted, || Example { id, ..at(None) });
            fields = fields.iter().zip(unquoted).map(|(field, plain)| plain.unwrap_or(field)).collect();
        }
        self.values(row.number, &fields, header, wrong != Some(ProblemKind::NotUtf8));
    }

    fn values(&mut self, row: u64, fields: &[&str], header: &Header, is_readable: bool) {
        let of = |place: Option<usize>| place.map_or("", |i| fields[i]);
        let said = Said {
            id: of(header.id),
            title: if is_readable { of(header.title) } else { "" },
            link: of(header.link),
            image: of(header.image),
            class: of(header.class),
            price: of(header.price),
            list_price: of(header.list_price),
        };
        self.changes += u64::from(!said.class.is_empty());
        let is_gone = said.class == "D";
        let findings = &mut self.found.findings;
        let example = |column: &str, value: Option<&str>, rule| Example {
            id: shown_id(said.id),
            column: Some(shown(column)),
            value: value.map(shown),
            rule,
            ..Example::row(row)
        };
        for (column, value) in header.columns.iter().zip(fields) {
            let has_control = value.chars().any(char::is_control);
            match column.known {
                Some(known)
                    if !is_gone || matches!(known, Column::Id | Column::Class | Column::UpdateTime) =>
                {
                    for (kind, counted, shown, sign) in wrong_with(known, value) {
                        let value = shown.then_some(*value);
                        findings.add_value(kind, known, counted, || example(&column.name, value, sign));
                    }
                }
                None if has_control => {
                    findings.add(ProblemKind::ControlCharacter, || example(&column.name, Some(value), None));
                }
                _ => {}
            }
        }
        let is_repeated = !said.id.is_empty() && !self.ids.insert(said.id.replace(' ', ""));
        if is_repeated {
            let id = Some(shown(said.id));
            findings.add(ProblemKind::RepeatedId, || Example { id, ..Example::row(row) });
        }
        if is_gone {
            return;
        }
        if let Some(kind) = self.prices.add(said.price) {
            findings.add(kind, || example("price_pc", Some(said.price), None));
        }
        if let (Ok(price), Ok(list)) = (said.price.parse::<u64>(), said.list_price.parse::<u64>())
            && list <= price
        {
            let value = format!("{list} ≤ {price}");
            findings.add(ProblemKind::ListPriceNotAbove, || example("normal_price", Some(&value), None));
        }
        if !is_repeated {
            let seen = self.quality.glance(&said);
            self.quality.take(row, &said, seen, findings);
        }
    }
}

/// What is wrong with a value: the kind, the rule that it is counted by, whether it is shown, and the sign.
fn wrong_with(column: Column, value: &str) -> Vec<(ProblemKind, Option<Violation>, bool, Option<Sign>)> {
    match column.judge(value) {
        Ok(()) if column.rule() == Rule::Anything => vec![],
        Ok(()) => {
            let mut found = vec![];
            if text::has_entity(value) {
                found.push((ProblemKind::Entity, None, true, None));
            }
            if let Some(c) = first_invisible(value) {
                let sign = Sign::Found(format!("U+{:04X}", u32::from(c)));
                found.push((ProblemKind::InvisibleCharacter, None, true, Some(sign)));
            }
            let is_private = |link: &str| url::Url::parse(link).is_ok_and(|url| !is_public(&url));
            let is_link = matches!(column.rule(), Rule::Link | Rule::Links { .. });
            if is_link && value.split('|').any(is_private) {
                found.push((ProblemKind::PrivateHost, None, true, None));
            }
            found
        }
        Err(Violation::Required) => vec![(ProblemKind::EmptyRequired, None, false, None)],
        Err(Violation::ControlCharacters) => vec![(ProblemKind::ControlCharacter, None, true, None)],
        Err(rule) => {
            let is_refused = column.reaction(rule) == Reaction::Refused;
            let kind = if is_refused { ProblemKind::BadValue } else { ProblemKind::IgnoredValue };
            vec![(kind, Some(rule), true, Some(Sign::Rule(rule)))]
        }
    }
}

fn inspected<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, whole: bool) -> Inspection {
    let mut inspector = Inspector::new(0, Reach::Public);
    pieces.into_iter().for_each(|piece| inspector.push(piece));
    inspector.finish(whole)
}

/// A sound feed of some rows with all kinds of columns.
fn feed() -> Vec<u8> {
    let mut rows = vec![
        "id\ttitle\tprice_pc\tnormal_price\tlink\timage_link\tadd_image_link\tcategory_name1\tcondition\tbarcode\t\
         search_tag\tshipping\tclass\tupdate_time\tbenefit_price\tour_own"
            .to_owned(),
    ];
    for i in 0..6 {
        rows.push(format!(
            "a{i}\t이케아 VÄSTBY 책장 {i}0x28 cm\t{i}9900\t{i}99000\thttps://shop.example/p/{i}?a=1&b=2\t\
             https://images.example/%EC%B1%85/{i}.jpg\thttps://images.example/{i}a.jpg|https://images.example/{i}b.jpg\t\
             수납\t신상품\t4006381333931\t책장|수납\t3000\t\t2026-10-06 10:00:01\t1\tx"
        ));
    }
    file(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What people, other programs and attackers put into files.
const HOSTILE: [&[u8]; 46] = [
    b"\t",
    b"\n",
    b"\r\n",
    b"\r",
    b"\n\n",
    b" ",
    b"\"",
    b"\"\t\"",
    b"\0",
    b"\x7f",
    b"\x0b",
    b"\xc2\x85",
    b"\xff",
    b"\xec\xb1",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80",
    b"\xe2\x80\x8b",
    b"\xc2\xad",
    b"\xe3\x85\xa4",
    b"\xef\xbf\xbd",
    b"\xef\xbb\xbf",
    b"&amp;",
    b"&",
    b";",
    b"<b>",
    b"<",
    b"|",
    b"/../",
    b"%2e",
    b"@",
    b":80",
    b"\\",
    b"xn--",
    b"localhost",
    b"127.0.0.1",
    b"A",
    b"0",
    b"-1",
    b"D",
    b"???",
    b"010-1234-5678",
    b"\xec\x84\xb8\xec\x9d\xbc",
    b"\xc3\x84\xc3\x96",
    b"a0\t",
    b"99999999999999999999",
];

proptest! {
    #[test]
    fn whatever_was_changed_in_a_feed_both_say_the_same(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, prop::sample::select(&HOSTILE[..])), 0..9),
        step in 1usize..300,
        whole in any::<bool>(),
    ) {
        let mut file = feed();
        for (at, taken, put) in changes {
            let at = at.index(file.len() + 1);
            let end = (at + taken).min(file.len());
            file.splice(at..end, put.iter().copied());
            if file.is_empty() { break }
        }
        let expected = reference(&file, whole);
        prop_assert_eq!(inspected([&file[..]], whole), expected.clone());
        prop_assert_eq!(inspected(file.chunks(step), whole), expected);
    }

    #[test]
    fn whatever_a_file_is_made_of_both_say_the_same(file in pieces(), step in 1usize..40, whole in any::<bool>()) {
        prop_assert_eq!(inspected(file.chunks(step), whole), reference(&file, whole));
    }
}

#[test]
fn a_page_behind_empty_lines_is_a_page_and_no_end_of_a_table() {
    for file in ["\t\t\n\n<", "\t\n \n\n<!doctype html>\n\n", "\n\n<p>", "\t\t\n\n<<<begin>>>\n"] {
        for step in [1, 100] {
            let found = inspected(file.as_bytes().chunks(step), true);
            assert_eq!(found, reference(file.as_bytes(), true), "{file:?}");
            assert!(
                !found.is_table && !format!("{found:?}").contains("BlankLastLine"),
                "{file:?}: {found:?}"
            );
        }
    }
}

#[test]
fn wherever_a_feed_is_cut_in_two_both_say_the_same() {
    let mut file = feed();
    file.extend(b"a1\t\xec\xb1\xff\r\n\"q\"\tx\n \nlast");
    let expected = reference(&file, true);
    assert!(expected.findings.count(CheckId::Shape) > 2, "{expected:?}");
    for cut in 0..=file.len() {
        assert_eq!(inspected([&file[..cut], &file[cut..]], true), expected, "at {cut}");
        assert_eq!(inspected([&file[..cut]], false), reference(&file[..cut], false), "broken off at {cut}");
    }
}
