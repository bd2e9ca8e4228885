use super::*;
use crate::{
    config::chat::Locale,
    slack::{chart::*, table::*},
};

/// The characters of all texts inside.
pub fn total(value: &Value) -> usize {
    match value {
        Value::String(text) => escape::length(text),
        Value::Array(values) => values.iter().map(total).sum(),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "type").map(|(_, value)| total(value)).sum()
        }
        _ => 0,
    }
}

/// Panics where a message breaks one of Slack's limits.
pub fn assert_within_limits(message: &Message) {
    let limit = |text: &Value, max: usize| {
        let text = text.as_str().expect("a text");
        assert!(!text.is_empty() && escape::length(text) <= max, "{} > {max}: {text}", escape::length(text));
    };
    limit(&json!(message.text), MAX_TEXT);
    assert!(message.blocks.len() <= MAX_BLOCKS, "{} blocks", message.blocks.len());
    let total = total(&json!(message.blocks));
    assert!(total <= MAX_TOTAL, "{total} characters in all");
    for block in &message.blocks {
        match block["type"].as_str() {
            Some("header") => limit(&block["text"]["text"], MAX_HEADER),
            Some("section") => limit(&block["text"]["text"], MAX_SECTION),
            Some("context") => {
                let elements = block["elements"].as_array().expect("elements");
                assert!((1..=MAX_CONTEXT).contains(&elements.len()));
                elements.iter().for_each(|e| limit(&e["text"], MAX_CONTEXT_TEXT));
            }
            Some(CHART) => assert_is_a_chart(block),
            Some(TABLE) => assert_is_a_table(block),
            other => panic!("a block of type {other:?}"),
        }
    }
    for (kind, most) in [(CHART, MAX_CHARTS), (TABLE, MAX_TABLES)] {
        assert!(message.blocks.iter().filter(|block| block["type"] == kind).count() <= most);
    }
    let holds_data = message.blocks.iter().any(|block| block["type"] == CHART || block["type"] == TABLE);
    assert_eq!(message.plain.is_some(), holds_data, "what is refused somewhere has a plainer form");
    if message.plain.is_some() {
        assert_within_limits(&message.plainer().expect("a plainer form"));
    }
    let last = message.blocks.last().expect("the marker");
    assert_eq!(last["elements"][0]["text"], escape::text(&message.marker.visible()));
}

/// As Slack's reference of the block says.
fn assert_is_a_chart(block: &Value) {
    let text = |text: &Value, most: usize| {
        let text = text.as_str().expect("a text");
        assert!((1..=most).contains(&text.chars().count()), "{text}");
        text.to_owned()
    };
    text(&block["title"], MAX_CHART_TITLE);
    assert_eq!(block["chart"]["type"], "line");
    let axis = &block["chart"]["axis_config"];
    text(&axis["y_label"], MAX_CHART_LABEL);
    let categories = axis["categories"].as_array().expect("categories");
    let categories: Vec<_> = categories.iter().map(|label| text(label, MAX_CHART_LABEL)).collect();
    assert!((2..=MAX_CHART_POINTS).contains(&categories.len()));
    let series = block["chart"]["series"].as_array().expect("series");
    assert!((1..=6).contains(&series.len()));
    for series in series {
        text(&series["name"], MAX_CHART_LABEL);
        let data = series["data"].as_array().expect("data");
        let labels: Vec<_> = data.iter().map(|point| text(&point["label"], MAX_CHART_LABEL)).collect();
        let unique: std::collections::BTreeSet<_> = labels.iter().collect();
        assert_eq!((&labels, unique.len()), (&categories, labels.len()), "one number for each, no two alike");
        assert!(data.iter().all(|point| point["value"].as_f64().is_some_and(f64::is_finite)));
    }
}

/// As Slack's reference of the block says.
fn assert_is_a_table(block: &Value) {
    assert!(!block["caption"].as_str().expect("a caption").is_empty());
    let rows = block["rows"].as_array().expect("rows");
    assert!((2..=MAX_TABLE_ROWS).contains(&rows.len()), "{} rows", rows.len());
    let width = rows[0].as_array().expect("a header").len();
    assert!((1..=MAX_TABLE_COLUMNS).contains(&width));
    for row in rows {
        let cells = row.as_array().expect("cells");
        assert_eq!(cells.len(), width, "all rows have the same number of cells");
        for cell in cells {
            let text = cell["text"].as_str().expect("a text");
            assert!((1..=MAX_CELL).contains(&text.chars().count()), "{text}");
            assert!(!text.contains(['<', '>', '\n', '`']), "{text}");
            match cell["type"].as_str() {
                Some("raw_text") => {}
                Some("raw_number") => assert!(cell["value"].is_u64(), "{cell}"),
                other => panic!("a cell of type {other:?}"),
            }
        }
    }
}

fn marker() -> Marker {
    Marker { service: "S & S".into(), key: "run:verify-ep:1".into() }
}

#[test]
fn more_than_fits_is_counted_not_lost_silently() {
    let words = Words::of(Locale::En);
    let mut blocks = Blocks::new(words);
    blocks.section(&vec!["x".repeat(99); 100]);
    let message = blocks.finish(marker());
    assert_within_limits(&message);
    assert!(message.text.ends_with("\n… and 71 more"), "{}", &message.text[2900..]);
}

#[test]
fn whatever_is_put_in_the_limits_hold() {
    for locale in [Locale::Ko, Locale::En] {
        let words = Words::of(locale);
        for line in ["&amp;".repeat(9000), "책".repeat(3001), "📦".repeat(5000), "<@U1>".repeat(900)] {
            let mut blocks = Blocks::new(words);
            blocks.header(&line);
            for _ in 0..80 {
                blocks.section(&[line.clone(), line.clone()]);
            }
            blocks.remedy(&["What people can do".to_owned()]);
            blocks.flow(&vec![line.clone(); 3], "   ");
            blocks.context(&vec![line; 30]);
            let message = blocks.finish(marker());
            assert_within_limits(&message);
            let blocks = json!(message.blocks).to_string();
            assert!(blocks.contains("What people can do"), "{blocks}");
            // The header is there, two sections are there in part, and nothing is of the others and of the flow.
            assert!(blocks.contains(&words.more(159)), "{blocks}");
        }
    }
}

#[test]
fn a_chart_keeps_its_limits_and_takes_no_room_that_is_not_there() {
    let point = |n: u64| (format!("{n} and a label that is far too long"), n);
    let drawn = |points: Vec<_>, lines: usize, times: usize| {
        let (name, unit) = ("name ".repeat(9), "unit ".repeat(9));
        let chart = Chart { title: "책장 ".repeat(40), name: &name, unit: &unit, points };
        drawn_of(CHART, lines, times, |blocks| blocks.chart(&chart))
    };
    for (what, points, lines, times, charts) in [
        ("none", vec![], 0, 1, 0),
        ("one point is no line", vec![point(1)], 0, 1, 0),
        ("two are", vec![point(1), point(0)], 0, 1, 1),
        ("a third chart", vec![point(1), point(2)], 0, 3, 2),
        ("more points than it takes", (0..90).map(point).collect(), 0, 1, 1),
        ("a full message", (10..24).map(point).collect(), 3, 1, 0),
    ] {
        assert_eq!(drawn(points, lines, times), charts, "{what}");
    }
}

/// How many blocks of this kind stand in a message of so many long lines, into which one is put so many times.
fn drawn_of(kind: &str, lines: usize, times: usize, put: impl Fn(&mut Blocks) -> bool) -> usize {
    let taken = std::cell::Cell::new(0);
    let message = Blocks::message(Words::of(Locale::En), &marker(), |blocks| {
        blocks.section(&["the verdict".to_owned()]);
        (0..lines).for_each(|_| blocks.section(&["x".repeat(2_000)]));
        taken.set(taken.get() + (0..times).filter(|_| put(blocks)).count());
    });
    assert_within_limits(&message);
    let drawn = message.blocks.iter().filter(|block| block["type"] == kind).count();
    assert_eq!(drawn, taken.get(), "who puts one there is told whether it is there");
    drawn
}

#[test]
fn a_table_keeps_its_limits_and_takes_no_room_that_is_not_there() {
    let cells = |n: u64| [Cell::Number(n), Cell::Text("`<!channel>` 책장 📚 ".repeat(20)), Cell::None];
    for (what, rows, lines, times, tables) in [
        ("one row", 1, 0, 1, 1),
        ("a third table", 2, 0, 3, 2),
        ("more rows than there is room for", 500, 0, 1, 0),
        ("a full message", 3, 3, 1, 0),
    ] {
        let table = Table {
            caption: "*bold* & long ".repeat(20),
            head: ["N", "Title", "Nothing"],
            rows: (0..rows).map(cells).collect(),
        };
        assert_eq!(drawn_of(TABLE, lines, times, |blocks| blocks.table(&table)), tables, "{what}");
    }
    let short =
        Table { caption: "c".into(), head: ["N"], rows: (0..500).map(|n| [Cell::Number(n)]).collect() };
    assert_eq!(drawn_of(TABLE, 0, 1, |blocks| blocks.table(&short)), 1, "as many rows as Slack takes");
}
