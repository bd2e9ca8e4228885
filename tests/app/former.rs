//! State that the version before wrote is read and gone on with, and what is written now can be read by that version.
//!
//! `tests/app/former` is such a state: some days as [`play`] plays them, the last run of which was killed while its
//! build was made public. To renew it, check the version out that is to be the former one, and run
//! `cargo test --test app former -- --ignored`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use auto_ep::{
    config::stores::{AwsAccess, AwsKeys, FeedFileName, S3Config},
    feed_store::{FeedStore, S3Feed},
};
use serde_json::{Value, json};

use crate::{
    gate::build,
    house::{Answer, FEED_BUCKET, House, PUBLIC_KEY, sample},
    support::{Fault, s3},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/app/former");
const NIGHT: &str = "2026-10-03T15:05:00Z";
const INTERRUPTED: &str = "2026-10-04T15:05:00Z";

/// A house whose state is in a folder, and whose thread is in the terminal: there each message of a process before is
/// taken to be there still.
async fn house(state: &Path) -> House {
    let state = format!("file:{}", state.display());
    // Medians of so few products move a lot.
    let settings = [
        ("STATE_URL", &*state),
        ("SLACK_BOT_TOKEN", ""),
        ("SLACK_CHANNEL", ""),
        ("GATE_LIMITS", "hold_median=100%"),
    ];
    House::with(&settings).await
}

/// Two days: what is published, held, forced, broken, failed and done again, and at last what is interrupted.
async fn play(house: &House) {
    house.catalogue.serve(200, sample(2));
    assert_eq!(house.tick("create-thread", "2026-10-03T15:00:00Z").await.status, 200);
    assert_eq!(house.tick("export-products", NIGHT).await.body["status"], "ok");
    assert_eq!(house.tick("verify-ep", "2026-10-03T15:50:00Z").await.body["status"], "ok");
    house.s3.put(FEED_BUCKET, PUBLIC_KEY, b"<html>").await;
    assert_eq!(house.tick("verify-ep", "2026-10-04T00:50:00Z").await.body["status"], "fail");
    house.catalogue.serve(404, "gone");
    assert_eq!(house.tick("export-products", "2026-10-04T06:00:00Z").await.status, 502);
    house.catalogue.serve(200, sample(1));
    let held = house.tick("export-products", "2026-10-04T06:00:00Z").await;
    assert_eq!(held.body["report"]["publication"]["state"], "held", "{:#}", held.body);
    let force = house.request(&format!("export-products?build={}&force=true", build(&held)));
    let force = force.header("Idempotency-Key", "by hand").body(r#"{"reason": "sold"}"#);
    let forced = house.send(force).await;
    assert_eq!(forced.body["status"], "ok", "{:#}", forced.body);

    house.catalogue.serve(200, sample(2));
    house.s3.fail_next("CopyObject", 9, Fault::Hang(Duration::from_secs(600)));
    let copies = house.s3.server.count("CopyObject");
    let killed = house.tick("export-products", INTERRUPTED);
    let public_is_asked_for = async {
        while house.s3.server.count("CopyObject") == copies {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        answer = killed => panic!("it hangs, but: {answer:?}"),
        () = public_is_asked_for => {}
    }
}

/// The files below a folder by their names, in order.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            match entry.is_dir() {
                true => folders.push(entry),
                false if name.starts_with('.') => {}
                false => drop(files.insert(name, fs::read(entry).unwrap())),
            }
        }
    }
    files
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The former state with its builds in a new house, which begins where the former one was killed.
async fn former(state: &Path) -> House {
    let house = house(state).await;
    for (name, bytes) in files(Path::new(FOLDER)) {
        match name.strip_prefix("feed/") {
            Some(key) => house.s3.put(FEED_BUCKET, key, &bytes).await,
            None => put(state, name.strip_prefix("state/").unwrap(), &bytes),
        }
    }
    let config = S3Config {
        bucket: FEED_BUCKET.into(),
        prefix: "ep".into(),
        region: s3::REGION.into(),
        endpoint: Some(house.s3.url().parse().unwrap()),
        access: AwsAccess::Keys(AwsKeys {
            access: s3::ACCESS_KEY.into(),
            secret: s3::SECRET_KEY.to_owned().into(),
            session: None,
        }),
    };
    let feed = S3Feed::connect(config, &FeedFileName::parse("ikea_ep.tsv").unwrap(), None);
    let public = record(state, "published.json")["published"]["info"].clone();
    feed.publish(&serde_json::from_value(public).unwrap()).await.unwrap();
    house
}

fn record(state: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(state.join(name)).unwrap()).unwrap()
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|replayed| replayed == "true")
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_history_of_the_version_before_are_gone_on_with() {
    let state = tempfile::tempdir().unwrap();
    let house = former(state.path()).await;
    let again = house.tick("export-products", NIGHT).await;
    assert!(is_replayed(&again), "{again:?}");
    let first = build(&again);
    let (day, published) = ("days/2026-10-04.json", record(state.path(), "published.json"));
    let before = record(state.path(), day);
    let verified = house.tick("verify-ep", "2026-10-04T08:50:00Z").await;
    assert_eq!((verified.status, &verified.body["status"]), (200, &json!("ok")), "{:#}", verified.body);
    assert_eq!(
        verified.body["report"]["build"], published["published"]["info"]["build"],
        "{:#}",
        verified.body
    );
    let mut slots = record(state.path(), day)["slots"].as_array().unwrap().clone();
    let new = slots.pop().unwrap();
    assert_eq!((json!(slots), &new["route"]), (before["slots"].clone(), &json!("verify-ep")));
    // Back to the first build, which an earlier publication names.
    house.clock.set("2026-10-04T15:10:00Z");
    let back = house.call(&format!("export-products?build={first}")).await;
    assert_eq!((back.status, build(&back)), (200, first.clone()), "{:#}", back.body);
    assert_eq!(record(state.path(), "published.json")["published"]["info"]["build"], first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_version_before_left_is_resumed_and_its_finished_build_published() {
    let state = tempfile::tempdir().unwrap();
    let house = former(state.path()).await;
    house.catalogue.serve(500, "no catalogue is read");
    let announced = record(state.path(), "published.json")["publishing"]["info"]["build"].clone();
    let builds = house.builds();
    house.clock.set("2026-10-04T15:06:00Z");
    let tick = house.request("export-products").header("X-CloudScheduler-ScheduleTime", INTERRUPTED);
    let answer = house.send(tick).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("ok")), "{:#}", answer.body);
    assert_eq!((json!(build(&answer)), house.builds()), (announced.clone(), builds));
    let published = record(state.path(), "published.json");
    assert_eq!(
        (&published["published"]["info"]["build"], &published["publishing"]),
        (&announced, &Value::Null)
    );
    let key = format!("ep/builds/{}.tsv", build(&answer));
    let bytes = house.s3.object(FEED_BUCKET, &key).await.unwrap().bytes;
    assert_eq!(house.public().await.unwrap(), bytes);
}

/// Each member of a record with its kind.
fn shape(path: &str, value: &Value, into: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            items.iter().for_each(|item| shape(&format!("{path}[]"), item, into));
            "list"
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| shape(&format!("{path}.{name}"), member, into));
            "object"
        }
    };
    into.insert(format!("{path}: {kind}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_before_finds_in_each_record_what_it_wrote_itself() {
    let state = tempfile::tempdir().unwrap();
    play(&house(state.path()).await).await;
    let (now, former) = (files(state.path()), files(&PathBuf::from(FOLDER).join("state")));
    assert_eq!(now.keys().collect::<Vec<_>>(), former.keys().collect::<Vec<_>>());
    for (name, former) in former.iter().filter(|(name, _)| name.ends_with(".json")) {
        let shape = |bytes: &[u8]| {
            let mut members = BTreeSet::new();
            shape("", &serde_json::from_slice(bytes).unwrap(), &mut members);
            members
        };
        let (now, former) = (shape(&now[name]), shape(former));
        // What that version noted of a run and nobody read; it takes a record without.
        let is_gone = |member: &&String| name.starts_with("runs/") && member.starts_with(".build: ");
        // What it does not know it passes over.
        let is_new = |member: &&String| {
            [".profile", ".drift", ".outcome.causes", ".outcome.since", ".trend"]
                .iter()
                .any(|new| member.contains(new))
                || member.ends_with(".map: string")
        };
        let changed = former.symmetric_difference(&now).filter(|member| !is_gone(member) && !is_new(member));
        let changed: Vec<_> = changed.collect();
        assert!(changed.is_empty(), "{name}: {changed:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes the state that the others read"]
async fn write() {
    let state = tempfile::tempdir().unwrap();
    let house = house(state.path()).await;
    play(&house).await;
    let (records, folder) = (files(state.path()), Path::new(FOLDER));
    let _ = fs::remove_dir_all(folder);
    for (name, bytes) in records {
        put(folder, &format!("state/{name}"), &bytes);
    }
    for key in house.s3.keys(FEED_BUCKET).iter().filter(|key| *key != PUBLIC_KEY && !key.contains("excluded"))
    {
        put(folder, &format!("feed/{key}"), &house.s3.object(FEED_BUCKET, key).await.unwrap().bytes);
    }
}
