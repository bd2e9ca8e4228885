//! A request → options and trigger, or one sentence on what is wrong with it.

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::run::{Options, Trigger};

/// Every option, for error texts.
const KNOWN: &str = "dry_run (true or false)";
/// The longest `Idempotency-Key`.
const MOST_KEY: usize = 200;

/// Reads a call of a step. The body is JSON whatever its content type says; an empty one is what Cloud Scheduler
/// sends.
pub fn read(query: &str, headers: &HeaderMap, body: &[u8]) -> Result<(Options, Trigger), String> {
    let mut found = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        put(&mut found, &name, Value::String(value.into_owned()))?;
    }
    if !body.trim_ascii().is_empty() {
        let json: Value = serde_json::from_slice(body).map_err(|e| {
            format!("the body is no JSON ({e}); leave it empty or send an object with {KNOWN}")
        })?;
        let Value::Object(object) = json else {
            return Err(format!(
                "the body is JSON but no object; leave it empty or send an object with {KNOWN}"
            ));
        };
        for (name, value) in object {
            put(&mut found, &name, value)?;
        }
    }
    let mut options = Options::default();
    for (name, value) in &found {
        match name.as_str() {
            "dry_run" => options.dry_run = truth(name, value)?,
            _ => return Err(format!("unknown option {name:?}; known are {KNOWN}")),
        }
    }
    Ok((options, trigger(headers)?))
}

fn put(found: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), String> {
    match found.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(format!("option {name:?} comes twice; say it once")),
    }
}

fn truth(name: &str, value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(format!("option {name:?} is true or false, found {other}")),
    }
}

fn trigger(headers: &HeaderMap) -> Result<Trigger, String> {
    let text = |name: &str| match headers.get(name).map(|value| value.to_str()) {
        None => Ok(None),
        Some(Ok(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
        Some(Ok(_)) => Ok(None),
        Some(Err(_)) => Err(format!("header {name} holds other characters than visible ASCII")),
    };
    let schedule_time = match text("x-cloudscheduler-scheduletime")? {
        None => None,
        Some(time) => Some(time.parse::<Timestamp>().map_err(|_| {
            format!("header X-CloudScheduler-ScheduleTime is an RFC 3339 time, found {time:?}")
        })?),
    };
    let idempotency_key = text("idempotency-key")?;
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
        ];
        for (query, body, expected) in cases {
            let found = read(query, &HeaderMap::new(), body.as_bytes());
            match (found, expected) {
                (Ok((options, _)), Ok(dry_run)) => assert_eq!(options.dry_run, *dry_run, "{query} {body}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
                (found, _) => panic!("{query} {body}: {found:?}"),
            }
        }
    }

    #[test]
    fn the_trigger_comes_from_the_headers() {
        let mut headers = HeaderMap::new();
        headers.insert("X-CloudScheduler-ScheduleTime", "2026-10-05T15:05:00Z".parse().unwrap());
        headers.insert("Idempotency-Key", "again-1".parse().unwrap());
        let (_, trigger) = read("", &headers, b"").unwrap();
        assert_eq!(trigger.schedule_time, Some("2026-10-05T15:05:00Z".parse().unwrap()));
        assert_eq!(trigger.idempotency_key.as_deref(), Some("again-1"));
        headers.insert("X-CloudScheduler-ScheduleTime", "soon".parse().unwrap());
        assert!(read("", &headers, b"").unwrap_err().contains("ScheduleTime"));
    }

    proptest! {
        #[test]
        fn no_request_makes_it_panic(query in any::<String>(), body in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&query, &HeaderMap::new(), &body);
        }
    }
}
