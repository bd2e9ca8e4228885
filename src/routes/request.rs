//! A request → options and trigger, or one sentence on what is wrong with it.

use std::fmt;

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    publish::Republish,
    report::BuildId,
    run::{Options, Trigger},
    step::Step,
};

/// The longest `reason`, in characters.
const MOST_REASON: usize = 200;
/// The longest `Idempotency-Key`.
const MOST_KEY: usize = 200;

/// Characters quoted of what is wrong.
const MOST_QUOTED: usize = 80;

/// Every option of a step, for error texts.
fn known(step: Step) -> &'static str {
    match step {
        Step::CreateThread | Step::VerifyEp => "dry_run (true or false)",
        Step::ExportProducts => {
            "dry_run (true or false), build (the id of a stored build), force (true or false), reason (a few words)"
        }
    }
}

/// Reads a call of a step. The body is JSON whatever its content type says; an empty one is what Cloud Scheduler
/// sends.
pub fn read(step: Step, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<(Options, Trigger), String> {
    let mut found = Map::new();
    let known = known(step);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        put(&mut found, &name, Value::String(value.into_owned()))?;
    }
    if !body.trim_ascii().is_empty() {
        let wrong = |e: serde_json::Error| {
            let wrong = if e.is_data() { "is JSON but no object" } else { "is no JSON" };
            format!("the body {wrong} ({e}); leave it empty or send an object with {known}")
        };
        for (name, text) in serde_json::from_slice::<Members<'_>>(body).map_err(wrong)?.0 {
            put(&mut found, &name, flat(text).map_err(wrong)?)?;
        }
    }
    let (mut dry_run, mut force, mut build, mut reason) = (false, false, None, None);
    let exports = step == Step::ExportProducts;
    for (name, value) in &found {
        match name.as_str() {
            "dry_run" => dry_run = truth(name, value)?,
            "force" if exports => force = truth(name, value)?,
            "build" if exports => build = Some(build_id(value)?),
            "reason" if exports => reason = Some(words(value)?),
            "force" | "build" | "reason" => {
                return Err(format!("option {name:?} is for export-products alone; {step} knows {known}"));
            }
            _ => return Err(format!("unknown option {}; known are {known}", quoted(name))),
        }
    }
    Ok((Options { dry_run, republish: republish(build, force, reason)? }, trigger(headers)?))
}

/// The members of an object as they stand in the text: one that comes twice is there twice, however it is spelt.
struct Members<'b>(Vec<(String, &'b RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A value, but of a list or an object only that it is one: no option is, and what is in them would take many times their
/// text.
fn flat(text: &RawValue) -> serde_json::Result<Value> {
    match text.get().as_bytes().first() {
        Some(b'[') => Ok(Value::Array(Vec::new())),
        Some(b'{') => Ok(Value::Object(Map::new())),
        _ => serde_json::from_str(text.get()),
    }
}

/// A few characters of what somebody sent.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(MOST_QUOTED) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The same of a value.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// What is forced is a build that somebody has seen, and why stands in the thread.
fn republish(
    build: Option<BuildId>,
    force: bool,
    reason: Option<String>,
) -> Result<Option<Republish>, String> {
    match (build, force, reason) {
        (None, true, _) => Err(
            "option \"force\" needs \"build\": what is forced is one build that was made and held; the message that \
             says so names its id"
                .to_owned(),
        ),
        (_, false, Some(_)) => {
            Err("option \"reason\" needs \"force\": it tells why a held build is published".to_owned())
        }
        (Some(_), true, None) => Err(format!(
            "option \"force\" needs \"reason\": say in at most {MOST_REASON} characters why the held build is \
             published all the same"
        )),
        (Some(build), _, reason) => Ok(Some(Republish { build, force: reason })),
        (None, false, None) => Ok(None),
    }
}

fn build_id(value: &Value) -> Result<BuildId, String> {
    let like = "such as 20261006-000503-k3x9, as the message of an export shows it";
    let Value::String(text) = value else {
        return Err(format!("option \"build\" is a build's id {like}, found {}", shown(value)));
    };
    let text = text.trim();
    BuildId::parse(text)
        .map_err(|e| format!("option \"build\": {e}, found {}; an id is {like}", quoted(text)))
}

/// A reason that says something: the `…` of a command that was pasted as it is does not.
fn words(value: &Value) -> Result<String, String> {
    let Value::String(text) = value else {
        return Err(format!("option \"reason\" is a text, found {}", shown(value)));
    };
    let text = text.trim();
    if !text.chars().any(char::is_alphanumeric) {
        return Err(format!("option \"reason\" says in a few words why, found {}", quoted(text)));
    }
    match text.chars().count() {
        n if n > MOST_REASON => {
            Err(format!("option \"reason\" holds at most {MOST_REASON} characters, found {n}"))
        }
        _ => Ok(text.to_owned()),
    }
}

fn put(found: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), String> {
    match found.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(format!("option {} comes twice; say it once", quoted(name))),
    }
}

fn truth(name: &str, value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(format!("option {name:?} is true or false, found {}", shown(other))),
    }
}

fn trigger(headers: &HeaderMap) -> Result<Trigger, String> {
    let text = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let first = all.next();
        // Of two only one can be meant, and nobody can tell which.
        if all.next().is_some() {
            return Err(format!("header {name} comes twice; send it once"));
        }
        match first.map(|value| value.to_str()) {
            None => Ok(None),
            Some(Ok(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            Some(Ok(_)) => Ok(None),
            Some(Err(_)) => Err(format!("header {name} holds other characters than visible ASCII")),
        }
    };
    let schedule_time = match text("X-CloudScheduler-ScheduleTime")? {
        None => None,
        Some(time) => Some(time.parse::<Timestamp>().map_err(|_| {
            format!("header X-CloudScheduler-ScheduleTime is an RFC 3339 time, found {}", quoted(&time))
        })?),
    };
    let idempotency_key = text("Idempotency-Key")?;
    if let Some(key) = idempotency_key.as_ref().filter(|key| key.len() > MOST_KEY) {
        return Err(format!(
            "header Idempotency-Key holds at most {MOST_KEY} characters, found {}",
            key.len()
        ));
    }
    Ok(Trigger { schedule_time, idempotency_key })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn options_come_from_the_query_or_the_body() {
        let cases: &[(&str, &str, Result<bool, &str>)] = &[
            ("", "", Ok(false)),
            ("", "  \n", Ok(false)),
            ("dry_run=true", "", Ok(true)),
            ("", r#"{"dry_run": true}"#, Ok(true)),
            ("", r#"{"dry_run": "false"}"#, Ok(false)),
            ("dryrun=true", "", Err("unknown option \"dryrun\"; known are dry_run")),
            ("dry_run=yes", "", Err("option \"dry_run\" is true or false")),
            ("dry_run", "", Err("option \"dry_run\" is true or false")),
            ("dry_run=true", r#"{"dry_run": true}"#, Err("comes twice")),
            ("", "dry_run=true", Err("the body is no JSON")),
            ("", "[]", Err("no object")),
            ("", r#"{"dry_run": 1}"#, Err("is true or false, found 1")),
            ("", "7", Err("is JSON but no object")),
            ("", "{\"dry_run\": true", Err("the body is no JSON")),
        ];
        for (query, body, expected) in cases {
            let found = read(Step::VerifyEp, query, &HeaderMap::new(), body.as_bytes());
            match (found, expected) {
                (Ok((options, _)), Ok(dry_run)) => assert_eq!(options.dry_run, *dry_run, "{query} {body}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                (found, _) => panic!("{query} {body}: {found:?}"),
            }
        }
    }

    #[test]
    fn an_option_that_comes_twice_is_refused_by_its_name_however_it_is_spelt() {
        for (query, body, name) in [
            ("", r#"{"dry_run":true,"dry_run":false}"#, "dry_run"),
            ("", r#"{"dry_run":true,"dry_run":true}"#, "dry_run"),
            ("", r#"{"dry_run":true,"dry\u005frun":false}"#, "dry_run"),
            ("", r#"{"\u0064ry_run":true,"x":{"dry_run":1},"dry_run":false}"#, "dry_run"),
            ("", r#"{"build":"b-1","build":"b-2"}"#, "build"),
            ("", r#"{"build":"b-1","force":false,"reason":"x","force":true}"#, "force"),
            ("dry_run=true", r#"{"dry_run":false}"#, "dry_run"),
            ("dry_run=true&dry_run=false", "", "dry_run"),
            ("dry_run=true&dry%5Frun=false", "", "dry_run"),
            ("dry_run=true", r#"{"dry\u005frun":false}"#, "dry_run"),
        ] {
            for step in Step::iter() {
                let said = read(step, query, &HeaderMap::new(), body.as_bytes()).unwrap_err();
                assert_eq!(said, format!("option {name:?} comes twice; say it once"), "{query} {body}");
            }
        }
    }

    #[test]
    fn of_an_option_that_is_a_list_or_an_object_nothing_more_is_read() {
        for (open, close, kind) in [("[", "]", "an array"), (r#"{"a":"#, "}", "an object")] {
            let body = format!(r#"{{"dry_run": {}0{}}}"#, open.repeat(5_000), close.repeat(5_000));
            let said = read(Step::VerifyEp, "", &HeaderMap::new(), body.as_bytes()).unwrap_err();
            assert_eq!(said, format!("option \"dry_run\" is true or false, found {kind}"));
        }
        let broken = read(Step::VerifyEp, "", &HeaderMap::new(), br#"{"dry_run": "\ud800"}"#).unwrap_err();
        assert!(broken.contains("the body is no JSON"), "{broken}");
    }

    #[test]
    fn a_header_that_comes_twice_is_refused_by_its_name() {
        for name in ["X-CloudScheduler-ScheduleTime", "Idempotency-Key"] {
            let mut headers = HeaderMap::new();
            for value in ["2026-10-05T15:05:00Z", "2026-10-05T15:05:00Z"] {
                headers.append(name, value.parse().unwrap());
            }
            let said = read(Step::VerifyEp, "", &headers, b"").unwrap_err();
            assert_eq!(said, format!("header {name} comes twice; send it once"));
        }
    }

    #[test]
    fn what_is_quoted_of_a_request_is_short() {
        let long = "x".repeat(10_000);
        for body in [
            format!(r#"{{"{long}": 1}}"#),
            format!(r#"{{"dry_run": "{long}"}}"#),
            format!(r#"{{"dry_run": ["{long}"]}}"#),
            format!(r#"{{"{long}": 1, "{long}": 2}}"#),
        ] {
            let said = read(Step::VerifyEp, "", &HeaderMap::new(), body.as_bytes()).unwrap_err();
            assert!(said.len() < 300, "{}", said.len());
        }
        for query in [format!("build={long}"), format!("build=b-1&force=true&reason={long}")] {
            let said = read(Step::ExportProducts, &query, &HeaderMap::new(), b"").unwrap_err();
            assert!(said.len() < 300, "{}", said.len());
        }
    }

    #[test]
    fn a_stored_build_is_named_and_a_held_one_forced_with_a_reason() {
        let wanted = |build: &str, force: Option<&str>| {
            Ok(Some(Republish { build: BuildId::parse(build).unwrap(), force: force.map(str::to_owned) }))
        };
        let (long, longest) = ("x".repeat(201), "책".repeat(200));
        let (too_long, as_long) =
            (format!(r#"{{"reason": "{long}"}}"#), format!(r#"{{"reason": "{longest}"}}"#));
        type Expected<'a> = Result<Option<Republish>, &'a str>;
        let cases: Vec<(&str, &str, Expected<'_>)> = vec![
            ("", "", Ok(None)),
            ("build=b-1", "", wanted("b-1", None)),
            ("build=b-1&force=false", "", wanted("b-1", None)),
            ("build=b-1&force=true&reason=sold%20out", "", wanted("b-1", Some("sold out"))),
            ("build=b-1&force=true", r#"{"reason": " 매장 철수 "}"#, wanted("b-1", Some("매장 철수"))),
            ("build=b-1&force=true", &as_long, wanted("b-1", Some(&longest))),
            ("", r#"{"build": "b-1", "force": true, "reason": "x"}"#, wanted("b-1", Some("x"))),
            ("force=true&reason=x", "", Err("\"force\" needs \"build\"")),
            ("force=false", "", Ok(None)),
            ("build=b-1&reason=x", "", Err("\"reason\" needs \"force\"")),
            ("reason=x", "", Err("\"reason\" needs \"force\"")),
            ("build=b-1&force=true", "", Err("\"force\" needs \"reason\"")),
            ("build=b-1&force=true&reason=%20", "", Err("in a few words why")),
            ("build=b-1&force=true&reason=%E2%80%A6", "", Err("in a few words why, found \"…\"")),
            ("build=b-1&force=true", &too_long, Err("at most 200 characters, found 201")),
            ("build=b-1&force=yes&reason=x", "", Err("\"force\" is true or false")),
            ("build=", "", Err("such as 20261006-000503-k3x9")),
            ("build=../x", "", Err("such as 20261006-000503-k3x9")),
            ("", r#"{"build": 7}"#, Err("found 7")),
            ("build=b-1", r#"{"build": "b-1"}"#, Err("comes twice")),
        ];
        for (query, body, expected) in cases {
            let found = read(Step::ExportProducts, query, &HeaderMap::new(), body.as_bytes());
            match (found, expected) {
                (Ok((options, _)), Ok(expected)) => assert_eq!(options.republish, expected, "{query} {body}"),
                (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
                (found, expected) => panic!("{query} {body}: {found:?} for {expected:?}"),
            }
        }
        for query in ["build=b-1", "force=true", "reason=x"] {
            for step in [Step::CreateThread, Step::VerifyEp] {
                let error = read(step, query, &HeaderMap::new(), b"").unwrap_err();
                assert!(error.contains("for export-products alone"), "{error}");
            }
        }
    }

    #[test]
    fn options_without_a_build_are_recorded_as_ever() {
        let (options, _) = read(Step::ExportProducts, "", &HeaderMap::new(), b"").unwrap();
        assert_eq!(serde_json::to_string(&options).unwrap(), r#"{"dry_run":false}"#);
    }

    #[test]
    fn the_trigger_comes_from_the_headers() {
        let mut headers = HeaderMap::new();
        headers.insert("X-CloudScheduler-ScheduleTime", "2026-10-05T15:05:00Z".parse().unwrap());
        headers.insert("Idempotency-Key", "again-1".parse().unwrap());
        let (_, trigger) = read(Step::VerifyEp, "", &headers, b"").unwrap();
        assert_eq!(trigger.schedule_time, Some("2026-10-05T15:05:00Z".parse().unwrap()));
        assert_eq!(trigger.idempotency_key.as_deref(), Some("again-1"));
        headers.insert("X-CloudScheduler-ScheduleTime", "soon".parse().unwrap());
        assert!(read(Step::VerifyEp, "", &headers, b"").unwrap_err().contains("ScheduleTime"));
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            prop::sample::select(vec!["true", "false", "", "20261006-000503-k3x9"]).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(serde_json::json!([1])),
        ]
    }

    proptest! {
        #[test]
        fn no_request_makes_it_panic(query in any::<String>(), body in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(Step::ExportProducts, &query, &HeaderMap::new(), &body);
        }

        #[test]
        fn what_is_wrong_with_an_option_is_said_by_its_name(
            in_query in prop::collection::vec(
                (prop::sample::select(vec!["dry_run", "build", "force", "reason", "dryrun"]), any::<String>()), 0..3,
            ),
            in_body in prop::collection::btree_map(
                prop::sample::select(vec!["dry_run", "build", "force", "reason", "dryrun"]), value(), 0..3,
            ),
        ) {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&in_query).finish();
            let names: Vec<&str> = in_query.iter().map(|(name, _)| *name).chain(in_body.keys().copied()).collect();
            let body = if in_body.is_empty() { String::new() } else { serde_json::to_string(&in_body).unwrap() };
            let mut each = names.clone();
            each.sort_unstable();
            each.dedup();
            match read(Step::ExportProducts, &query, &HeaderMap::new(), body.as_bytes()) {
                Ok(_) => prop_assert!(!each.contains(&"dryrun") && each.len() == names.len(), "{} {}", query, body),
                Err(said) => prop_assert!(each.iter().any(|name| said.contains(name)), "{} {}: {}", query, body, said),
            }
        }

        #[test]
        fn any_headers_are_read_or_refused_by_name(
            time in prop::collection::vec(any::<u8>(), 0..30), key in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut headers = HeaderMap::new();
            for (name, value) in [("x-cloudscheduler-scheduletime", time), ("idempotency-key", key)] {
                if let Ok(value) = axum::http::HeaderValue::from_bytes(&value) {
                    headers.insert(name, value);
                }
            }
            if let Err(said) = read(Step::VerifyEp, "", &headers, b"") {
                prop_assert!(said.to_lowercase().contains("header"), "{}", said);
            }
        }
    }
}
