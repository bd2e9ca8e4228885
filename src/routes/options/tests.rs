use proptest::prelude::*;
use strum::IntoEnumIterator;

use super::*;

/// What is asked of the run.
fn read(step: Step, query: &str, body: &[u8]) -> Result<Options, String> {
    super::read(step, query, body).map(|asked| asked.options)
}

#[test]
fn the_doctor_is_called_by_create_thread_alone_and_posts_only_when_it_is_told_to() {
    type Expected = Result<Option<bool>, &'static str>;
    let cases: &[(Step, &str, &str, Expected)] = &[
        (Step::CreateThread, "", "", Ok(None)),
        (Step::CreateThread, "doctor=false", "", Ok(None)),
        (Step::CreateThread, "doctor=true", "", Ok(Some(false))),
        (Step::CreateThread, "doctor=true&post=false", "", Ok(Some(false))),
        (Step::CreateThread, "", r#"{"doctor": true, "post": true}"#, Ok(Some(true))),
        (Step::CreateThread, "post=true", "", Err("\"post\" needs \"doctor\"")),
        (Step::CreateThread, "doctor=true&dry_run=true", "", Err("goes without \"dry_run\"")),
        (Step::CreateThread, "doctor=1", "", Err("\"doctor\" is true or false")),
        (Step::VerifyEp, "doctor=true", "", Err("for create-thread alone")),
        (Step::ExportProducts, "", r#"{"post": true}"#, Err("for create-thread alone")),
    ];
    for (step, query, body, expected) in cases {
        match (super::read(*step, query, body.as_bytes()), expected) {
            (Ok(asked), Ok(post)) => {
                assert_eq!(asked.doctor.map(|doctor| doctor.post), *post, "{query} {body}")
            }
            (Err(said), Err(part)) => assert!(said.contains(part), "{said}"),
            (found, _) => panic!("{step} {query} {body}: {found:?}"),
        }
    }
}

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
        let found = read(Step::VerifyEp, query, body.as_bytes());
        match (found, expected) {
            (Ok(options), Ok(dry_run)) => assert_eq!(options.dry_run, *dry_run, "{query} {body}"),
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
            let said = read(step, query, body.as_bytes()).unwrap_err();
            assert_eq!(said, format!("option {name:?} comes twice; say it once"), "{query} {body}");
        }
    }
}

#[test]
fn of_an_option_that_is_a_list_or_an_object_nothing_more_is_read() {
    for (open, close, kind) in [("[", "]", "an array"), (r#"{"a":"#, "}", "an object")] {
        let body = format!(r#"{{"dry_run": {}0{}}}"#, open.repeat(5_000), close.repeat(5_000));
        let said = read(Step::VerifyEp, "", body.as_bytes()).unwrap_err();
        assert_eq!(said, format!("option \"dry_run\" is true or false, found {kind}"));
    }
    let broken = read(Step::VerifyEp, "", br#"{"dry_run": "\ud800"}"#).unwrap_err();
    assert!(broken.contains("the body is no JSON"), "{broken}");
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
        let said = read(Step::VerifyEp, "", body.as_bytes()).unwrap_err();
        assert!(said.len() < 300, "{}", said.len());
    }
    for query in [format!("build={long}"), format!("build=b-1&force=true&reason={long}")] {
        let said = read(Step::ExportProducts, &query, b"").unwrap_err();
        assert!(said.len() < 300, "{}", said.len());
    }
}

#[test]
fn a_stored_build_is_named_and_a_held_one_forced_with_a_reason() {
    let wanted = |build: &str, force: Option<&str>| {
        Ok(Some(Republish { build: BuildId::parse(build).unwrap(), force: force.map(str::to_owned) }))
    };
    let (long, longest) = ("x".repeat(201), "책".repeat(200));
    let (too_long, as_long) = (format!(r#"{{"reason": "{long}"}}"#), format!(r#"{{"reason": "{longest}"}}"#));
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
        let found = read(Step::ExportProducts, query, body.as_bytes());
        match (found, expected) {
            (Ok(options), Ok(expected)) => assert_eq!(options.republish, expected, "{query} {body}"),
            (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
            (found, expected) => panic!("{query} {body}: {found:?} for {expected:?}"),
        }
    }
    for query in ["build=b-1", "force=true", "reason=x"] {
        for step in [Step::CreateThread, Step::VerifyEp] {
            let error = read(step, query, b"").unwrap_err();
            assert!(error.contains("for export-products alone"), "{error}");
        }
    }
}

#[test]
fn products_are_explained_by_a_dry_run_of_an_export() {
    let many = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let (most, too_many) = (many(20), many(21));
    let long = format!("dry_run=true&explain={}", "x".repeat(10_000));
    let needs = Err("needs \"dry_run\" and goes without \"build\"");
    let cases: Vec<(String, &str, Result<usize, &str>)> = vec![
        ("dry_run=true".into(), "", Ok(0)),
        ("dry_run=true&explain=80012345".into(), "", Ok(1)),
        ("dry_run=true&explain=%2080012345%20,2,2".into(), "", Ok(2)),
        (format!("dry_run=true&explain={most}"), "", Ok(20)),
        ("".into(), r#"{"dry_run": true, "explain": 80012345}"#, Ok(1)),
        (format!("dry_run=true&explain={too_many}"), "", Err("at most 20 ids")),
        ("dry_run=true&explain=".into(), "", Err("\"explain\": found an empty id")),
        ("dry_run=true&explain".into(), "", Err("found an empty id")),
        (long, "", Err("at most 200 characters")),
        ("explain=1".into(), "", needs),
        ("explain=1&dry_run=false".into(), "", needs),
        ("dry_run=true&explain=1&build=b-1".into(), "", needs),
        ("dry_run=true".into(), r#"{"explain": [1]}"#, Err("found an array")),
        ("dry_run=true&explain=1&explain=2".into(), "", Err("comes twice")),
    ];
    for (query, body, expected) in cases {
        match (read(Step::ExportProducts, &query, body.as_bytes()), expected) {
            (Ok(options), Ok(ids)) => assert_eq!(options.explain.len(), ids, "{query}"),
            (Err(found), Err(part)) => assert!(found.contains(part) && found.len() < 300, "{found}"),
            (found, expected) => panic!("{query} {body}: {found:?} for {expected:?}"),
        }
    }
    let error = read(Step::VerifyEp, "dry_run=true&explain=1", b"").unwrap_err();
    assert!(error.contains("for export-products alone"), "{error}");
}

#[test]
fn options_without_a_build_are_recorded_as_ever() {
    let options = read(Step::ExportProducts, "", b"").unwrap();
    assert_eq!(serde_json::to_string(&options).unwrap(), r#"{"dry_run":false}"#);
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
        let _ = read(Step::ExportProducts, &query, &body);
    }

    #[test]
    fn what_is_wrong_with_an_option_is_said_by_its_name(
        in_query in prop::collection::vec(
            (
                prop::sample::select(vec!["dry_run", "explain", "build", "force", "reason", "dryrun"]),
                any::<String>(),
            ),
            0..3,
        ),
        in_body in prop::collection::btree_map(
            prop::sample::select(vec!["dry_run", "explain", "build", "force", "reason", "dryrun"]), value(), 0..3,
        ),
    ) {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&in_query).finish();
        let names: Vec<&str> = in_query.iter().map(|(name, _)| *name).chain(in_body.keys().copied()).collect();
        let body = if in_body.is_empty() { String::new() } else { serde_json::to_string(&in_body).unwrap() };
        let mut each = names.clone();
        each.sort_unstable();
        each.dedup();
        match read(Step::ExportProducts, &query, body.as_bytes()) {
            Ok(_) => prop_assert!(!each.contains(&"dryrun") && each.len() == names.len(), "{} {}", query, body),
            Err(said) => prop_assert!(each.iter().any(|name| said.contains(name)), "{} {}: {}", query, body, said),
        }
    }
}
