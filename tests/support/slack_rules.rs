//! Slack's limits on a message, with Slack's names for their breach.

use serde_json::Value;

use super::slack_args::Args;

/// `new`: a post must say something; an update may leave things as they are, and holds less.
pub(super) fn check(args: &Args, new: bool) -> Result<(), &'static str> {
    let text = args.text("text").unwrap_or_default();
    if text.chars().count() > if new { 40_000 } else { 4_000 } {
        return Err("msg_too_long");
    }
    let blocks = match args.json("blocks") {
        None => Vec::new(),
        Some(Ok(Value::Array(blocks))) => blocks,
        Some(_) => return Err("invalid_blocks_format"),
    };
    if new && text.is_empty() && blocks.is_empty() {
        return Err("no_text");
    }
    let charts = blocks.iter().filter(|block| block["type"] == "data_visualization").count();
    if blocks.len() > 50 || charts > 2 || !blocks.iter().all(block) {
        return Err("invalid_blocks");
    }
    let tables = blocks.iter().filter(|block| block["type"] == "data_table");
    if tables.map(|table| characters(&table["rows"])).sum::<usize>() > 10_000 {
        return Err("invalid_blocks");
    }
    if blocks.iter().map(characters).sum::<usize>() > 11_000 {
        return Err("msg_blocks_too_long");
    }
    metadata(args)
}

/// The characters of all texts inside.
fn characters(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(values) => values.iter().map(characters).sum(),
        Value::Object(object) => {
            object.iter().filter(|(k, _)| *k != "type").map(|(_, v)| characters(v)).sum()
        }
        _ => 0,
    }
}

fn metadata(args: &Args) -> Result<(), &'static str> {
    let metadata = match args.json("metadata") {
        None => return Ok(()),
        Some(Ok(Value::Object(metadata))) if metadata.is_empty() => return Ok(()),
        Some(Ok(Value::Object(metadata))) => metadata,
        Some(_) => return Err("invalid_metadata_format"),
    };
    let named = metadata.get("event_type").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    let payload = metadata.get("event_payload").filter(|payload| payload.is_object());
    match payload {
        Some(payload) if named && payload.to_string().len() <= 8_000 => Ok(()),
        Some(_) if named => Err("metadata_too_large"),
        _ => Err("invalid_metadata_schema"),
    }
}

fn block(block: &Value) -> bool {
    match block["type"].as_str() {
        Some("divider") => true,
        Some("header") => text(&block["text"], 150) && block["text"]["type"] == "plain_text",
        Some("section") => section(block),
        Some("context") => elements(block, 10, |e| e["type"] == "image" || text(e, 2_000)),
        Some("actions") => elements(block, 25, |e| e["type"].is_string()),
        Some("image") => block["alt_text"].is_string(),
        Some("data_visualization") => chart(block),
        Some("data_table") => table(block),
        Some("rich_text" | "table") => true,
        _ => false,
    }
}

/// A line of one to six series, each with one finite number for each of up to 20 categories.
fn chart(block: &Value) -> bool {
    let fits = |text: &Value, most| text.as_str().is_some_and(|t| (1..=most).contains(&t.chars().count()));
    let chart = &block["chart"];
    let Some(categories) = chart["axis_config"]["categories"].as_array() else { return false };
    let Some(series) = chart["series"].as_array() else { return false };
    let names: std::collections::BTreeSet<_> = series.iter().map(|one| one["name"].as_str()).collect();
    let is_whole = |one: &Value| {
        let data = one["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        fits(&one["name"], 20)
            && data.iter().map(|point| &point["label"]).eq(categories)
            && data.iter().all(|point| point["value"].as_f64().is_some_and(f64::is_finite))
    };
    fits(&block["title"], 50)
        && chart["type"] == "line"
        && (1..=20).contains(&categories.len())
        && categories.iter().all(|label| fits(label, 20))
        && (1..=6).contains(&series.len())
        && names.len() == series.len()
        && series.iter().all(is_whole)
}

/// A header and 1 to 100 rows, all of the same 1 to 20 cells, none of them empty.
fn table(block: &Value) -> bool {
    let rows = block["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<_> = rows.iter().map(|row| row.as_array().map(Vec::as_slice).unwrap_or_default()).collect();
    let says = |text: &Value| text.as_str().is_some_and(|text| !text.is_empty());
    let is_cell = |cell: &Value| match cell["type"].as_str() {
        Some("raw_text") => says(&cell["text"]),
        Some("raw_number") => says(&cell["text"]) && cell["value"].as_f64().is_some_and(f64::is_finite),
        Some("rich_text") => cell["elements"].is_array(),
        _ => false,
    };
    let width = rows.first().map_or(0, |row| row.len());
    says(&block["caption"])
        && (2..=101).contains(&rows.len())
        && (1..=20).contains(&width)
        && rows.iter().all(|row| row.len() == width && row.iter().all(is_cell))
        && rows[0].iter().all(|cell| cell["type"] != "rich_text")
        && block.get("page_size").is_none_or(|size| (1..=100).contains(&size.as_u64().unwrap_or_default()))
        && block
            .get("row_header_column_index")
            .is_none_or(|at| at.as_u64().is_some_and(|at| at < width as u64))
}

fn section(block: &Value) -> bool {
    let fields = block["fields"].as_array();
    let body = block.get("text").filter(|t| !t.is_null());
    (body.is_some() || fields.is_some())
        && body.is_none_or(|t| text(t, 3_000))
        && fields.is_none_or(|f| (1..=10).contains(&f.len()) && f.iter().all(|field| text(field, 2_000)))
}

fn elements(block: &Value, most: usize, fits: impl Fn(&Value) -> bool) -> bool {
    block["elements"].as_array().is_some_and(|e| (1..=most).contains(&e.len()) && e.iter().all(fits))
}

fn text(object: &Value, most: usize) -> bool {
    matches!(object["type"].as_str(), Some("plain_text" | "mrkdwn"))
        && object["text"].as_str().is_some_and(|t| (1..=most).contains(&t.chars().count()))
}
