//! What a workspace does to a day of ours.

use serde_json::json;

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_takes_no_rich_messages_gets_the_day_as_plain_text() {
    for code in ["invalid_arguments", "metadata_must_be_sent_from_app", "heard_of_by_nobody"] {
        let house = House::start().await;
        house.slack.refuse_form(Some(code));
        for (route, time) in
            [("export-products", "2026-10-05T15:05:00Z"), ("verify-ep", "2026-10-05T15:50:00Z")]
        {
            let answer = house.tick(route, time).await;
            assert_eq!(
                (answer.status, &answer.body["status"]),
                (200, &json!("ok")),
                "{code}: {:#}",
                answer.body
            );
        }
        assert_eq!(house.reports().len(), 2, "{code}");
        let messages = house.slack.messages();
        assert!(messages.iter().all(|m| m.blocks.is_empty() && m.metadata.is_none()), "{code}");
        assert_eq!(messages[0].text.matches('✅').count(), 2, "{code}: {}", messages[0].text);
    }
}
