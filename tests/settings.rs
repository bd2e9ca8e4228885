//! The settings file and the service agree on the names and values of settings.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use auto_ep::config::{
    Config, chat::ChatTransport, file::SettingsFile, gate::GateConfig, stores::FeedStoreConfig,
};

/// What Secret Manager and Cloud Run add to `env.yaml`.
const ADDED: [(&str, &str); 4] = [
    ("SLACK_BOT_TOKEN", "xoxb-example"),
    ("AWS_ACCESS_KEY_ID", "example-access-key"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("K_SERVICE", "auto-ep"),
];

/// Read by the service, but set by Cloud Run or the image, or of temporary keys that a person at a terminal uses.
const NOT_IN_THE_FILE: [&str; 4] = ["LISTEN_ADDRESS", "PORT", "K_SERVICE", "AWS_SESSION_TOKEN"];

/// Read before there are settings, for the log alone.
const LOGGING: [&str; 2] = ["RUST_LOG", "GOOGLE_CLOUD_PROJECT"];

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn env_yaml() -> BTreeMap<String, String> {
    SettingsFile::parse(&file("env.yaml")).unwrap().into_variables()
}

/// The variables that the file explains and does not set: comments of the form `# NAME: what it is`.
fn explained_only(text: &str) -> BTreeSet<String> {
    let is_name =
        |name: &str| name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let explained = text.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(": "));
    explained.map(|(name, _)| name).filter(|name| is_name(name)).map(str::to_owned).collect()
}

/// Reads the settings and tells which variables were asked for.
fn read(environment: &BTreeMap<String, String>) -> (Result<Config, String>, BTreeSet<String>) {
    let asked = RefCell::new(BTreeSet::new());
    let config = Config::from_lookup(&|name| {
        asked.borrow_mut().insert(name.to_owned());
        environment.get(name).cloned()
    });
    (config.map_err(|e| e.to_string()), asked.into_inner())
}

fn on_cloud_run() -> BTreeMap<String, String> {
    let mut environment = env_yaml();
    environment.extend(ADDED.map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

#[test]
fn env_yaml_and_the_secrets_are_all_that_cloud_run_needs() {
    let config = read(&on_cloud_run()).0.unwrap();
    assert!(matches!(config.chat.transport, ChatTransport::Slack { .. }));
    assert!(matches!(config.feed.store, FeedStoreConfig::S3(_)));
    assert!(config.embedded_twins().is_empty(), "{:?}", config.embedded_twins());
}

#[test]
fn check_config_reads_the_file_as_cloud_run_would() {
    let file = file("env.yaml");
    let sound = SettingsFile::parse(&file).unwrap();
    assert_eq!(sound.on_cloud_run().1, [""; 0]);
    let misspelt = SettingsFile::parse(&file.replace("GATE_LIMITS:", "GATE_LIMTS:")).unwrap();
    assert_eq!(misspelt.on_cloud_run().1, ["GATE_LIMTS"]);
    let wrong = file.replace("LOCALE: \"ko\"", "LOCALE: \"fr\"").replace("GATE_LIMITS:", "GATE_LIMTS:");
    let wrong = SettingsFile::parse(&wrong).unwrap();
    assert_eq!(wrong.on_cloud_run().1, ["GATE_LIMTS"], "all mistakes at once");
    assert!(wrong.on_cloud_run().0.unwrap_err().to_string().contains("LOCALE: "));
}

#[test]
fn env_yaml_explains_every_variable_that_the_service_reads_and_no_other() {
    let mut read = read(&on_cloud_run()).1;
    for name in LOGGING {
        assert!(file("src/main.rs").contains(&format!("std::env::var(\"{name}\")")), "{name} is not read");
        read.insert(name.to_owned());
    }
    let not_set: BTreeSet<_> =
        ADDED.iter().map(|(name, _)| *name).chain(NOT_IN_THE_FILE).map(str::to_owned).collect();
    for name in GateConfig::old_variables() {
        assert!(read.remove(name), "{name} is read for who has not moved yet, and is not to be set");
    }
    let to_be_set: BTreeSet<_> = read.difference(&not_set).cloned().collect();
    assert!(to_be_set.len() <= 50, "{} variables: more than a person reads", to_be_set.len());
    let text = file("env.yaml");
    assert_eq!(env_yaml().into_keys().collect::<BTreeSet<_>>(), to_be_set, "lines of the file");
    assert_eq!(explained_only(&text), not_set, "explained, and not set");
    assert!(not_set.is_subset(&read), "{not_set:?} are read");
    let lines: Vec<_> = text.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[1].starts_with(|c: char| c.is_ascii_uppercase())) {
        assert!(pair[0].starts_with("# ") && !pair[0].starts_with("# --"), "nothing explains {}", pair[1]);
    }
}

#[test]
fn env_yaml_gives_every_limit_of_the_gate_its_default_and_explains_it() {
    let (text, value) = (file("env.yaml"), env_yaml().remove("GATE_LIMITS").unwrap());
    let given: Vec<_> = value.split(", ").map(|entry| entry.split_once('=').unwrap()).collect();
    let names: Vec<_> = given.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, GateConfig::names().collect::<Vec<_>>());
    for (name, value) in given {
        let line = text.lines().find(|line| line.starts_with(&format!("# - {name}, "))).unwrap();
        assert!(line.ends_with(&format!(" Default: {value}")), "{line}");
    }
    let config = read(&on_cloud_run()).0.unwrap();
    assert_eq!((config.gate, config.remarks), (GateConfig::default(), vec![]));
}

#[test]
fn every_mistake_is_told_at_once_with_what_was_found() {
    let mut environment = on_cloud_run();
    for (name, value) in [
        ("STATE_URL", "ftp://x"),
        ("FEED_URL", ""),
        ("SLACK_BOT_TOKEN", ""),
        ("LOCALE", "fr"),
        ("EP_SHIPPING", "free"),
        ("CATALOG_PRESET", "ikea"),
        ("SCHEDULE", "verify-ep@often"),
        ("DEADLINE", "soon"),
        ("VERIFY_WARN_ONLY", "formats,speed"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let error = read(&environment).0.unwrap_err();
    for part in [
        "STATE_URL: ",
        "\"ftp://x\"",
        "FEED_URL: ",
        "SLACK_BOT_TOKEN: ",
        "LOCALE: ",
        "\"fr\"",
        "EP_SHIPPING: ",
        "\"free\"",
        "CATALOG_PRESET: ",
        "SCHEDULE: ",
        "DEADLINE: ",
        "\"soon\"",
        "VERIFY_WARN_ONLY: ",
        "\"speed\"",
    ] {
        assert!(error.contains(part), "{part} in:\n{error}");
    }
    assert!(!error.contains("example"), "no secret in:\n{error}");
}

#[test]
fn on_cloud_run_nothing_falls_back() {
    let environment = BTreeMap::from([("K_SERVICE".to_owned(), "auto-ep".to_owned())]);
    let error = read(&environment).0.unwrap_err();
    for name in [
        "STATE_URL",
        "FEED_STORE_URL",
        "FEED_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_CHANNEL",
        "CATALOG_URL",
        "EP_SHIPPING",
        "EP_MAX_ROWS",
    ] {
        assert!(error.contains(&format!("\n  {name}: ")), "{name} in:\n{error}");
    }
    assert!(read(&BTreeMap::new()).0.is_ok(), "on a laptop everything does");
}
