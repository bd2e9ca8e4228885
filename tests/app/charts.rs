//! How exports went day by day, in charts of Slack's own where the workspace takes them, and in words everywhere.

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
}

#[tokio::test(flavor = "multi_thread")]
async fn where_charts_are_refused_the_rest_of_the_message_comes_without_them_and_else_its_text() {
    let house = House::start().await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    house.slack.refuse_charts(Some("invalid_blocks"));
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
