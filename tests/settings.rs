//! The settings file and the service agree on the names and values of settings.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use auto_ep::config::{
    Config,
    chat::ChatTransport,
    file::SettingsFile,
    gate::GateConfig,
    stores::{AwsAccess, FeedStoreConfig},
};

/// What Secret Manager and Cloud Run add to `env.yaml`.
const ADDED: [(&str, &str); 4] = [
    ("SLACK_BOT_TOKEN", "xoxb-example"),
    ("AWS_ACCESS_KEY_ID", "example-access-key"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("K_SERVICE", "auto-ep"),
];

/// Read by the service, but set by Cloud Run, the image or tests, or of temporary keys that a person at a terminal uses.
const NOT_IN_THE_FILE: [&str; 8] = [
    "GCS_ENDPOINT",
    "LISTEN_ADDRESS",
    "PORT",
    "SERVICE_URL",
    "K_SERVICE",
    "AWS_SESSION_TOKEN",
    "GCE_METADATA_HOST",
    "SCHEDULER_ENDPOINT",
];

/// Read before there are settings, for the log alone.
const LOGGING: [&str; 1] = ["RUST_LOG"];

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
fn a_role_in_the_file_takes_the_place_of_the_two_secrets_of_aws() {
    let mut environment = on_cloud_run();
    environment.retain(|name, _| !name.starts_with("AWS_ACCESS") && !name.starts_with("AWS_SECRET"));
    environment.insert("AWS_ROLE_ARN".to_owned(), "arn:aws:iam::123456789012:role/auto-ep".to_owned());
    let FeedStoreConfig::S3(s3) = read(&environment).0.unwrap().feed.store else { panic!("a bucket") };
    assert!(matches!(s3.access, AwsAccess::Role(_)));
    let file =
        file("env.yaml").replace("AWS_ROLE_ARN: \"\"", "AWS_ROLE_ARN: \"arn:aws:iam::123456789012:role/x\"");
    let read = SettingsFile::parse(&file).unwrap();
    read.on_cloud_run().0.unwrap();
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

/// What another shop fills in.
const OF_A_SHOP: [(&str, &str); 12] = [
    ("STATE_URL", "gs://moa-state"),
    ("FEED_STORE_URL", "s3://moa-feed/ep"),
    ("FEED_KEY", "moa.tsv"),
    ("FEED_URL", "https://d111111abcdef8.cloudfront.net/ep/moa.tsv"),
    ("CLOUDFRONT_DISTRIBUTION_ID", "E2QWRUHAPOMQZL"),
    ("AWS_REGION", "ap-northeast-2"),
    ("SLACK_CHANNEL", "C0123ABCDEF"),
    ("SERVICE_NAME", "Moa EP"),
    ("CATALOG_PRESET", "shopify"),
    ("CATALOG_URL", "https://moa.example/"),
    ("EP_SHIPPING", "3000"),
    ("EP_MAX_ROWS", "10000"),
];

#[test]
fn another_shop_fills_in_twelve_variables_and_each_that_is_missing_is_told() {
    for (preset, url) in [
        ("shopify", "https://moa.example/"),
        ("woocommerce", "https://moa.example/"),
        ("merchant", "https://moa.example/feed.tsv"),
    ] {
        let mut environment: BTreeMap<_, _> = OF_A_SHOP
            .into_iter()
            .chain(ADDED)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        environment.insert("CATALOG_PRESET".to_owned(), preset.to_owned());
        environment.insert("CATALOG_URL".to_owned(), url.to_owned());
        let config = read(&environment).0.unwrap();
        assert_eq!((config.feed.key.as_str(), &*config.chat.service_name), ("moa.tsv", "Moa EP"));
        assert_eq!((config.embedded_twins(), config.remarks), (vec![], vec![]));
        for (name, _) in OF_A_SHOP {
            let without = environment.iter().filter(|(other, _)| *other != name);
            let told = match read(&without.map(|(name, value)| (name.clone(), value.clone())).collect()).0 {
                Ok(config) => config.remarks.join("\n"),
                Err(error) => error,
            };
            assert!(told.lines().any(|line| line.trim_start().starts_with(name)), "{preset}, {name}: {told}");
            assert_eq!(told.lines().filter(|line| !line.ends_with("to mend:")).count(), 1, "{told}");
        }
    }
}

#[test]
fn the_steps_to_another_shop_name_the_twelve() {
    let names: Vec<_> = OF_A_SHOP.iter().map(|(name, _)| *name).collect();
    assert!(file("deploy/README.md").contains(&format!("ITS_OWN='{}'", names.join("|"))));
}

#[test]
fn the_names_of_the_first_shop_are_its_presets_and_no_other_shops() {
    let named = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = read(&variables.collect()).0.unwrap();
        (config.feed.key.to_string(), config.chat.service_name)
    };
    let first = ("ikea_ep.tsv".to_owned(), "IKEA EP".to_owned());
    let other = ("ep.tsv".to_owned(), "EP".to_owned());
    let url = ("CATALOG_URL", "https://moa.example/");
    assert_eq!(named(&[]), first, "the sample is of the first shop");
    assert_eq!(named(&[("CATALOG_PRESET", "ikea:kr/ko")]), first);
    assert_eq!(named(&[("CATALOG_PRESET", "shopify"), url]), other);
    let map = r#"{"product": {"id": "/n", "name": "/n", "title": ["/n"], "price": "/p", "link": "/l", "images": ["/i"],
        "categories": {"names": ["/c"]}}}"#;
    assert_eq!(named(&[("CATALOG_MAP", map), url]), other);
    let mut environment = on_cloud_run();
    for (name, value) in [("CATALOG_PRESET", ""), ("CATALOG_MAP", map), url, ("EP_BRAND", "")] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    let error = read(&environment).0.unwrap_err();
    assert!(error.ends_with(
        "1 setting to mend:\n  EP_BRAND: not set; expected the brand, which neither CATALOG_PRESET nor CATALOG_MAP says, or - for none"
    ), "{error}");
    environment.insert("EP_BRAND".to_owned(), "-".to_owned());
    assert!(read(&environment).0.is_ok());
}

/// What of a source file runs outside of the tests, which end it.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

#[test]
fn no_source_names_the_first_shop_but_its_preset() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut looked_at = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_of_tests = ["tests", "tests.rs", "samples.rs", "snapshots", "README.md"].contains(&name);
            if path.is_dir() && !is_of_tests {
                folders.push(path);
            } else if !is_of_tests && name != "ikea.json" {
                let text = std::fs::read_to_string(&path).unwrap();
                // Its place in the table of presets.
                let text = text.replace("(\"ikea\", include_str!(\"ikea.json\")),", "");
                let text = without_tests(&text).to_lowercase();
                assert!(!text.contains("ikea") && !text.contains("이케아"), "{}", path.display());
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 100, "{looked_at} files");
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
        "FEED_KEY",
        "SERVICE_NAME",
    ] {
        assert!(error.contains(&format!("\n  {name}: ")), "{name} in:\n{error}");
    }
    assert!(read(&BTreeMap::new()).0.is_ok(), "on a laptop everything does");
}

/// The first fenced block of this language behind a heading of the operators' handbook.
fn example(heading: &str, language: &str) -> String {
    let handbook = file("deploy/README.md");
    let (_, behind) = handbook.split_once(&format!("\n{heading}\n")).unwrap();
    let (_, block) = behind.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

/// On Cloud Run, with a shop of its own map.
fn mapped(map: &str) -> BTreeMap<String, String> {
    let mut environment = on_cloud_run();
    let map = [("CATALOG_PRESET", ""), ("CATALOG_MAP", map), ("CATALOG_URL", "https://moa.example/")];
    environment.extend(map.map(|(name, value)| (name.to_owned(), value.to_owned())));
    environment
}

#[test]
fn the_map_that_the_handbook_shows_is_one() {
    let map = example("### A shop's own map", "json");
    let config = read(&mapped(&map)).0.unwrap();
    assert_eq!(config.catalogue.items.to_string(), "/stock/articles");
    let without_price = map.replace("\"price\"", "\"prize\"");
    let error = read(&mapped(&without_price)).0.unwrap_err();
    assert!(error.contains("prize"), "{error}");
}

#[test]
fn every_field_of_a_map_stands_in_the_handbook_and_none_that_is_not() {
    let handbook = file("deploy/README.md");
    let (_, table) = handbook.split_once("\n| field | what it is |\n|---|---|\n").unwrap();
    let rows: Vec<_> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let named = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let fields = named(&rows.iter().map(|row| row.split('|').nth(1).unwrap()).collect::<String>());
    // What a map may hold is what the complaint about an unknown field names.
    let map = r#"{"product": {"no such field": "/x"}}"#;
    let error = read(&mapped(map)).0.unwrap_err();
    let (_, list) = error.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
    let line = list.lines().next().unwrap();
    let known = named(line);
    assert!(known.len() > 20 && fields.len() > 20, "{known:?}");
    assert_eq!(fields.difference(&known).next(), None, "is none");
    assert_eq!(known.difference(&named(&rows.concat())).next(), None, "is not told");
}
