use super::*;

fn read(status: u16, retry_after: Option<u64>, body: &str) -> Result<Value, ChatError> {
    Answer { status, retry_after, body: body.into() }
        .read("chat.postMessage", &Secrets::of([OURS.to_owned()]))
}

const OURS: &str = "tok-9Z/b8-4f2e";

#[test]
fn no_token_that_an_answer_repeats_stands_in_an_error() {
    let escaped = OURS.replace('/', "\\u002f");
    let encoded = OURS.replace('/', "%2F");
    let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("x:{OURS}"));
    let theirs = "xoxe.xoxp-1-9Z4f2e";
    for token in [OURS, &escaped, &encoded, &OURS.to_uppercase(), &basic, theirs, "XOXB%2D9Z4f2e"] {
        for (status, body) in [
            (200, format!(r#"{{"ok":false,"error":"invalid_auth Bearer {token}"}}"#)),
            (200, format!(r#"{{"ok":false,"error":"{token}"}}"#)),
            (200, format!(r#"{{"ok":false,"error":"missing_scope","needed":"{token}"}}"#)),
            (200, format!(r#"{{"ok":false,"error":"e","response_metadata":{{"messages":["{token}"]}}}}"#)),
            (500, format!("<pre>Authorization: Bearer {token}</pre>")),
            (407, format!("<pre>Authorization: Bearer {token}</pre>")),
            (200, format!("Authorization: Bearer {token}, it was")),
        ] {
            let told = format!("{:?}", read(status, None, &body).unwrap_err());
            let lower = told.to_lowercase();
            for part in ["9z", "b8-4", "4f2e", &basic[4..12].to_lowercase()] {
                assert!(!lower.contains(part), "{body}: {told}");
            }
        }
    }
    let said = read(500, None, "<pre>Sorry, not now</pre>").unwrap_err();
    assert!(said.detail.contains("Sorry, not now"), "{said}");
}

#[test]
fn a_refusal_names_its_code_and_what_a_person_does() {
    let error = read(200, None, r#"{"ok":false,"error":"not_in_channel"}"#).unwrap_err();
    assert_eq!(error.kind, ChatErrorKind::Permanent);
    assert_eq!(
        error.to_string(),
        "chat.postMessage: not_in_channel: invite the bot into the channel with /invite"
    );
}

#[test]
fn answers_that_are_not_slacks_fall_into_a_class_too() {
    use ChatErrorKind::{Ambiguous, Permanent, RateLimited, Unknown};
    for (status, retry_after, body, kind) in [
        (429, Some(7), "", RateLimited(Duration::from_secs(7))),
        (429, None, r#"{"ok":false,"error":"ratelimited"}"#, RateLimited(Duration::from_secs(1))),
        (200, Some(3), r#"{"ok":false,"error":"ratelimited"}"#, RateLimited(Duration::from_secs(3))),
        (500, None, "", Ambiguous),
        (503, None, r#"{"ok":false,"error":"invalid_auth"}"#, Ambiguous),
        (408, None, "", Ambiguous),
        (200, None, "<html>a proxy's page</html>", Ambiguous),
        (200, None, "", Ambiguous),
        (200, None, "[]", Ambiguous),
        (200, None, r#"{"ok":false}"#, Unknown),
        (404, None, "not found", Permanent),
        (403, None, r#"{"ok":false,"error":"invalid_auth"}"#, Permanent),
    ] {
        assert_eq!(read(status, retry_after, body).unwrap_err().kind, kind, "{status} {body}");
    }
}

#[test]
fn an_answer_of_more_values_than_slacks_have_is_none() {
    for (pad, ok) in [("0,".repeat(10_000), true), (r#"{"a":0},"#.repeat(30_000), false)] {
        let read = read(200, None, &format!(r#"{{"ok":true,"pad":[{pad}0]}}"#));
        assert_eq!(read.is_ok(), ok, "{:?}", read.map(drop));
    }
}

#[test]
fn what_people_wrote_in_the_channel_stands_in_no_error() {
    let said = "the password is swordfish";
    let cut_off = format!(r#"{{"ok":true,"messages":[{{"text":"{said}"}}"#);
    let codes = format!(
        r#"{{"ok":false,"error":"{said}","needed":"{said}","response_metadata":{{"messages":["{said}"]}}}}"#
    );
    for (status, body) in [(200, &cut_off), (503, &cut_off), (404, &cut_off), (200, &codes)] {
        for method in ["conversations.history", "conversations.replies"] {
            let answer = Answer { status, retry_after: None, body: body.clone().into() };
            let error = answer.read(method, &Secrets::default()).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("swordfish"), "{error}");
        }
    }
    let scope = r#"{"ok":false,"error":"missing_scope","needed":"channels:history,groups:history"}"#;
    let answer = Answer { status: 200, retry_after: None, body: scope.into() };
    let error = answer.read("conversations.history", &Secrets::default()).unwrap_err();
    assert!(error.detail.starts_with("missing_scope (needed: channels:history,groups:history)"), "{error}");
}

#[test]
fn the_detail_tells_what_slack_says_is_wrong() {
    let scope = read(200, None, r#"{"ok":false,"error":"missing_scope","needed":"chat:write"}"#);
    assert!(scope.unwrap_err().detail.contains("chat:write"));
    let blocks =
        r#"{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] no /x"]}}"#;
    assert!(read(200, None, blocks).unwrap_err().detail.contains("[ERROR] no /x"));
    assert!(read(200, None, &"긴".repeat(9000)).unwrap_err().detail.chars().count() < 400);
}

#[test]
fn the_detail_tells_where_slack_finds_the_blocks_wrong() {
    let body = r#"{"ok":false,"error":"invalid_blocks","errors":[
        {"pointer":"/0/text/type","code":"failed_constraint","message":"must be one of mrkdwn"},
        {"pointer":"/1/elements","code":"failed_constraint"}, "other", {"code":"x"}]}"#;
    let told = read(200, None, body).unwrap_err().detail;
    assert!(
        told.starts_with(
            "invalid_blocks (/0/text/type: must be one of mrkdwn; /1/elements: failed_constraint)"
        ),
        "{told}"
    );
}
