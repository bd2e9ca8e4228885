//! The settings file, the README and the service agree on the names and values of settings.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use auto_ep::config::{Config, chat::ChatTransport, file::SettingsFile, stores::FeedStoreConfig};

/// What Secret Manager and Cloud Run add to `env.yaml`.
const ADDED: [(&str, &str); 4] = [
    ("SLACK_BOT_TOKEN", "xoxb-example"),
    ("AWS_ACCESS_KEY_ID", "example-access-key"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("K_SERVICE", "auto-ep"),
];

/// Read by the service, but set by Cloud Run or the image, or of temporary keys that a person at a terminal uses.
const NOT_IN_THE_FILE: [&str; 4] = ["LISTEN_ADDRESS", "PORT", "K_SERVICE", "AWS_SESSION_TOKEN"];

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn env_yaml() -> BTreeMap<String, String> {
    SettingsFile::parse(&file("env.yaml")).unwrap().into_variables()
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
    let misspelt = SettingsFile::parse(&file.replace("GATE_HOLD_SHRINK:", "GATE_HOLD_SHRNK:")).unwrap();
    assert_eq!(misspelt.on_cloud_run().1, ["GATE_HOLD_SHRNK"]);
    let wrong =
        file.replace("LOCALE: \"ko\"", "LOCALE: \"fr\"").replace("GATE_HOLD_SHRINK:", "GATE_HOLD_SHRNK:");
    let wrong = SettingsFile::parse(&wrong).unwrap();
    assert_eq!(wrong.on_cloud_run().1, ["GATE_HOLD_SHRNK"], "all mistakes at once");
    assert!(wrong.on_cloud_run().0.unwrap_err().to_string().contains("LOCALE: "));
}

#[test]
fn env_yaml_holds_every_variable_that_the_service_reads_and_no_other() {
    let asked = read(&on_cloud_run()).1;
    let added: BTreeSet<_> = ADDED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let in_file: BTreeSet<_> = env_yaml().into_keys().collect();
    let expected: BTreeSet<_> =
        asked.into_iter().filter(|n| !added.contains(n) && !NOT_IN_THE_FILE.contains(&n.as_str())).collect();
    let outside: BTreeSet<_> = ["RUST_LOG".to_owned(), "GOOGLE_CLOUD_PROJECT".to_owned()].into();
    let unread: Vec<_> = in_file.difference(&expected).filter(|n| !outside.contains(*n)).collect();
    let missing: Vec<_> = expected.difference(&in_file).collect();
    assert!(unread.is_empty() && missing.is_empty(), "not read: {unread:?}, not in the file: {missing:?}");
}

#[test]
fn the_readme_names_every_variable() {
    let readme = file("README.md");
    let asked = read(&on_cloud_run()).1;
    let missing: Vec<_> = asked.iter().filter(|name| !readme.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
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
