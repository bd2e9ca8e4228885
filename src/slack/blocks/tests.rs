use super::*;
use crate::config::chat::Locale;

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
            other => panic!("a block of type {other:?}"),
        }
    }
    let last = message.blocks.last().expect("the marker");
    assert_eq!(last["elements"][0]["text"], escape::text(&message.marker.visible()));
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
