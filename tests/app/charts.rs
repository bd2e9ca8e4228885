//! How exports went day by day, and what a warning or a hold is about, in charts and tables of Slack's own where the
//! workspace takes them, and in words everywhere.

use serde_json::{Value, json};

use crate::{
    house::{House, sample},
    support::slack::Message,
};

/// The message of the run that was told last.
fn told(house: &House) -> Message {
    house.slack.messages().pop().unwrap()
}

/// Each chart's labels and values.
fn charts(message: &Message) -> Vec<(Value, Vec<u64>)> {
    let charts = message.blocks.iter().filter(|block| block["type"] == "data_visualization");
    let drawn = charts.map(|block| {
        let data = block["chart"]["series"][0]["data"].as_array().unwrap();
        let values = data.iter().map(|point| point["value"].as_u64().unwrap()).collect();
        (block["chart"]["axis_config"]["categories"].clone(), values)
    });
    drawn.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_first_export_and_each_that_is_held_show_how_it_went_before() {
    let house = House::start().await;
    let first = house.tick("export-products", "2026-10-05T15:05:00Z").await;
    let rows = first.body["report"]["funnel"]["kept"].as_u64().unwrap();
    assert_eq!(charts(&told(&house)), [], "one export is no line");
    house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(charts(&told(&house)), [], "nothing to be seen, and not the day's first");

    house.catalogue.serve(200, sample(39));
    let second = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!(second.body["status"], "ok", "{:#}", second.body);
    let now = second.body["report"]["funnel"]["kept"].as_u64().unwrap();
    let message = told(&house);
    let [(days, products), (_, prices)] = &charts(&message)[..] else { panic!("{message:?}") };
    assert_eq!((days, products), (&json!(["10/06", "10/07"]), &vec![rows, now]));
    assert!(prices.len() == 2 && prices.iter().all(|price| *price > 0), "{prices:?}");
    assert!(message.text.contains(&format!("10/06 {rows} · 10/07 {now}")), "{}", message.text);

    house.catalogue.serve(200, sample(0));
    let held = house.tick("export-products", "2026-10-07T06:00:00Z").await;
    assert_eq!(held.body["status"], "held");
    // Of nothing there is no median.
    assert_eq!(charts(&told(&house)), [(json!(["10/06", "10/07"]), vec![rows, 0])]);

    house.catalogue.serve(200, sample(40));
    house.tick("export-products", "2026-10-07T15:05:00Z").await;
    house.catalogue.serve(200, sample(35));
    let warned = house.tick("export-products", "2026-10-08T06:00:00Z").await;
    assert_eq!(warned.body["status"], "warn", "{:#}", warned.body);
    let fewer = warned.body["report"]["funnel"]["kept"].as_u64().unwrap();
    let drawn = charts(&told(&house));
    assert!(
        drawn.iter().any(|(_, values)| values.last() == Some(&fewer)),
        "not the day's first, but warned of: {drawn:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_charts_are_refused_the_rest_of_the_message_comes_without_them_and_else_its_text() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    house.slack.refuse_data(Some("invalid_blocks"));
    house.tick("create-thread", "2026-10-06T15:00:00Z").await;
    let before = house.slack.server.count("chat.postMessage");
    let answer = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!((answer.status, house.slack.server.count("chat.postMessage") - before), (200, 2));
    let message = told(&house);
    assert!(charts(&message).is_empty() && message.blocks.len() >= 3, "{message:?}");
    assert!(message.metadata.is_some() && message.text.contains("상품 수 추이: 10/06 "), "{}", message.text);

    house.slack.refuse_form(Some("invalid_blocks"));
    house.tick("create-thread", "2026-10-07T15:00:00Z").await;
    let before = house.slack.server.count("chat.postMessage");
    let answer = house.tick("export-products", "2026-10-07T15:05:00Z").await;
    assert_eq!((answer.status, house.slack.server.count("chat.postMessage") - before), (200, 3));
    let message = told(&house);
    assert!(message.blocks.is_empty() && message.text.contains("10/08 "), "{message:?}");
}

/// Each table's cells, its header first.
fn tables(message: &Message) -> Vec<Vec<Vec<String>>> {
    let tables = message.blocks.iter().filter(|block| block["type"] == "data_table");
    let texts = |row: &Value| {
        row.as_array().unwrap().iter().map(|cell| cell["text"].as_str().unwrap().to_owned()).collect()
    };
    tables.map(|table| table["rows"].as_array().unwrap().iter().map(texts).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hold_takes_away_stands_in_a_table_and_where_those_are_refused_in_lines() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert!(tables(&told(&house)).is_empty(), "a fine day needs none");
    house.catalogue.serve(200, sample(20));
    let held = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!(held.body["status"], "held", "{:#}", held.body);
    let diff = held.body["report"]["diff"].clone();
    let gone = diff["removed_examples"].as_array().unwrap();
    assert!(gone.len() == 3 && diff["removed"].as_u64().unwrap() > 3, "{diff}");
    let message = told(&house);
    let table = tables(&message).into_iter().find(|table| table[0].iter().any(|head| head == "가격"));
    let table = table.unwrap_or_else(|| panic!("{message:#?}"));
    for row in gone {
        let [id, title] = ["id", "title"].map(|name| row[name].as_str().unwrap());
        let cells = table.iter().find(|cells| cells[0] == id).unwrap_or_else(|| panic!("{id} in {table:?}"));
        assert!(cells[1].starts_with(&title[..6]) && cells[2] == "빠진 상품", "{cells:?}");
        assert!(message.text.contains(id), "it stands in the text, too: {}", message.text);
        let lines = message.blocks.iter().filter(|block| block["type"] == "section");
        assert!(lines.clone().all(|block| !block.to_string().contains(id)), "it stands there twice");
    }

    house.slack.refuse_data(Some("invalid_blocks"));
    let before = house.slack.server.count("chat.postMessage");
    house.tick("export-products", "2026-10-07T15:05:00Z").await;
    let message = told(&house);
    assert_eq!(
        house.slack.server.count("chat.postMessage") - before,
        4,
        "thread, guide, and twice the report"
    );
    assert!(tables(&message).is_empty() && message.blocks.len() > 3, "{message:?}");
    let id = gone[0]["id"].as_str().unwrap();
    assert!(message.blocks.iter().any(|block| block["type"] == "section" && block.to_string().contains(id)));
}
