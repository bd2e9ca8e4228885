//! State: the same promises by a folder and by a bucket, and what only a bucket can go through.

use std::{env, sync::Arc, time::Duration};

use auto_ep::state::{FolderState, GcsState, Generation, MOST_BYTES, Precondition, StateError, StateStore};

use crate::support::{Fault, GcsDouble, MetadataDouble};

async fn bucket() -> (GcsDouble, GcsState) {
    let gcs = GcsDouble::start().await;
    gcs.create_bucket("states");
    let store = connect(&gcs, "states");
    (gcs, store)
}

/// A bucket of the server that `AUTO_EP_TEST_GCS` names, or of one in this process, which lives as long as what comes
/// first.
async fn any_bucket() -> (Option<GcsDouble>, GcsState) {
    let Ok(url) = env::var("AUTO_EP_TEST_GCS") else {
        let (gcs, store) = bucket().await;
        return (Some(gcs), store);
    };
    (None, GcsState::connect("state", crate::own_prefix(), Some(url.parse().unwrap())))
}

fn connect(gcs: &GcsDouble, bucket: &str) -> GcsState {
    GcsState::connect(bucket, "ep", Some(gcs.url().parse().unwrap()))
}

async fn keeps_its_promises(store: &dyn StateStore) {
    assert_eq!(store.read("days/one.json").await.unwrap(), None, "nothing is there at first");
    let unknown = Precondition::Unchanged(Generation(7));
    let error = store.write("days/one.json", b"x".to_vec(), unknown).await.unwrap_err();
    assert!(matches!(error, StateError::Conflict { .. }), "what is not there has not stayed as it was");

    let first = store.write("days/one.json", b"1".to_vec(), Precondition::Absent).await.unwrap();
    let stored = store.read("days/one.json").await.unwrap().unwrap();
    assert_eq!((stored.bytes.as_slice(), stored.generation), (b"1".as_slice(), first));
    let error = store.write("days/one.json", b"2".to_vec(), Precondition::Absent).await.unwrap_err();
    assert!(matches!(error, StateError::Conflict { .. }), "create-only never replaces: {error}");

    let second = store.write("days/one.json", b"2".to_vec(), Precondition::Unchanged(first)).await.unwrap();
    assert_ne!(first, second);
    let error =
        store.write("days/one.json", b"3".to_vec(), Precondition::Unchanged(first)).await.unwrap_err();
    assert!(
        matches!(error, StateError::Conflict { .. }),
        "replace-only never replaces another version: {error}"
    );
    assert_eq!(
        store.read("days/one.json").await.unwrap().unwrap().bytes,
        b"2",
        "a refused write changed nothing"
    );

    store.write("days/one.json", b"4".to_vec(), Precondition::None).await.unwrap();
    assert_eq!(store.read("days/one.json").await.unwrap().unwrap().bytes, b"4");
    store.write("empty", Vec::new(), Precondition::Absent).await.unwrap();
    assert_eq!(store.read("empty").await.unwrap().unwrap().bytes, b"");
}

async fn lets_one_of_many_win(store: Arc<dyn StateStore>) {
    let start = store.write("race", b"start".to_vec(), Precondition::Absent).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..12 {
        let store = store.clone();
        writers.spawn(async move {
            store
                .write("race", format!("writer {n}").into_bytes(), Precondition::Unchanged(start))
                .await
                .is_ok()
        });
    }
    let won = writers.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn every_adapter_compares_and_sets() {
    let folder = tempfile::tempdir().unwrap();
    keeps_its_promises(&FolderState::new(folder.path().join("not/there/yet"))).await;
    let (_gcs, store) = any_bucket().await;
    keeps_its_promises(&store).await;
}

#[tokio::test]
async fn a_bucket_knows_the_type_of_what_is_in_it() {
    let (gcs, store) = bucket().await;
    keeps_its_promises(&store).await;
    let object = gcs.object("states", "ep/days/one.json").unwrap();
    assert_eq!(
        (object.content_type.as_str(), object.cache_control.as_str()),
        ("application/json", "no-store")
    );
    assert_eq!(gcs.object("states", "ep/empty").unwrap().content_type, "text/plain; charset=utf-8");
    assert_eq!(store.location(), "gs://states/ep");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_adapter_lets_one_of_many_writers_win() {
    let folder = tempfile::tempdir().unwrap();
    lets_one_of_many_win(Arc::new(FolderState::new(folder.path()))).await;
    let (_gcs, store) = any_bucket().await;
    lets_one_of_many_win(Arc::new(store)).await;
}

#[tokio::test]
async fn every_adapter_reads_no_object_of_any_length_to_its_end() {
    let large = vec![b' '; MOST_BYTES + 1];
    let (_gcs, bucket) = any_bucket().await;
    bucket.write("large.json", large.clone(), Precondition::None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let folder_state = FolderState::new(folder.path());
    folder_state.write("large.json", large, Precondition::None).await.unwrap();
    for store in [&bucket as &dyn StateStore, &folder_state] {
        let error = store.read("large.json").await.unwrap_err();
        assert!(matches!(error, StateError::TooLarge { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("large.json is larger than 4 MiB") && !said.contains("right to"), "{said}");
        store.write("small.json", vec![b' '; MOST_BYTES], Precondition::None).await.unwrap();
        assert_eq!(store.read("small.json").await.unwrap().unwrap().bytes.len(), MOST_BYTES);
        store.write("large.json", b"ours".to_vec(), Precondition::None).await.unwrap();
        assert_eq!(store.read("large.json").await.unwrap().unwrap().bytes, b"ours");
    }
}

#[tokio::test]
async fn a_folder_refuses_names_that_lead_out_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderState::new(folder.path().join("state"));
    for name in ["../x", "a/../../x", "/etc/x", "", ".lock", "a/.b"] {
        let read = store.read(name).await;
        assert!(matches!(read, Err(StateError::Refused { .. })), "{name:?}: {read:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "reading makes no folders");
}

/// What a call is to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Done: our bytes are there, in the version that the answer names.
    Ours,
    Conflict,
    Unavailable,
    Refused,
}
use End::{Conflict, Ours, Refused, Unavailable};

/// A call meets `n` times the same trouble, and ends so after so many writes and reads of the bucket.
const TROUBLES: &[(&str, Fault, usize, End, [usize; 2])] = &[
    // A new record. 412 on the second try is our own first one: the content tells.
    ("create", Fault::LostAnswer, 1, Ours, [2, 1]),
    ("create", Fault::CutOff, 1, Ours, [2, 1]),
    ("create", Fault::Reset, 1, Ours, [2, 0]),
    ("create", Fault::Garbage, 1, Ours, [2, 0]),
    ("create", Fault::RateLimited(1), 2, Ours, [3, 0]),
    // An object takes one write a second: everybody gets a turn, not only who comes early.
    ("create", Fault::RateLimited(1), 5, Ours, [6, 0]),
    ("create", Fault::Status(503), 2, Ours, [3, 0]),
    ("create", Fault::Status(500), 3, Unavailable, [3, 0]),
    ("create", Fault::Status(403), 1, Refused, [1, 0]),
    ("create", Fault::Hang(LONG), 1, Ours, [2, 0]),
    ("create", Fault::Hang(LONG), 9, Unavailable, [2, 0]),
    // Over the version that we read.
    ("replace", Fault::LostAnswer, 1, Ours, [2, 1]),
    ("replace", Fault::LostAnswer, 2, Ours, [3, 1]),
    ("replace", Fault::Status(503), 1, Ours, [2, 0]),
    ("replace", Fault::Hang(LONG), 9, Unavailable, [2, 0]),
    // Over a version that somebody else has replaced: 412 stays 412, whatever came before it.
    ("replace another's", Fault::Reset, 0, Conflict, [1, 1]),
    ("replace another's", Fault::Reset, 1, Conflict, [2, 1]),
    ("replace another's", Fault::Status(503), 2, Conflict, [3, 1]),
    // Reads.
    ("read", Fault::LostAnswer, 1, Ours, [0, 2]),
    ("read", Fault::CutOff, 1, Ours, [0, 2]),
    ("read", Fault::CutOff, 3, Unavailable, [0, 3]),
    ("read", Fault::Garbage, 1, Ours, [0, 2]),
    ("read", Fault::RateLimited(1), 1, Ours, [0, 2]),
    ("read", Fault::Status(503), 2, Ours, [0, 3]),
    ("read", Fault::Status(500), 3, Unavailable, [0, 3]),
    ("read", Fault::Status(403), 1, Refused, [0, 1]),
    ("read", Fault::Hang(LONG), 1, Ours, [0, 2]),
    ("read", Fault::Hang(LONG), 9, Unavailable, [0, 2]),
];

/// Longer than any patience.
const LONG: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_of_a_bucket_has_its_end() {
    let mut rows = tokio::task::JoinSet::new();
    for (call, fault, n, end, asked) in TROUBLES {
        rows.spawn(async move {
            let found = meet(call, fault, *n).await;
            (found != (*end, *asked)).then(|| format!("{call}, {n} x {fault:?}: {found:?}"))
        });
    }
    let wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn meet(call: &str, fault: &Fault, n: usize) -> (End, [usize; 2]) {
    let (gcs, store) = bucket().await;
    // The first call makes the client, which takes longer than a call.
    assert_eq!(store.read("the call before").await.unwrap(), None);
    let counts = || ["write", "read"].map(|operation| gcs.server.count(operation));
    let before = counts();
    // Time for three tries and the waits between them, but for one try that gets no answer and half a second one.
    let hangs = matches!(fault, Fault::Hang(_));
    let store = store.with_limit(Duration::from_secs(if hangs { 6 } else { 20 }));
    let read = || Generation(gcs.put("states", "ep/a.json", b"ours"));
    let outcome = if call == "read" {
        let there = read();
        gcs.fail_next("read", n, fault.clone());
        store.read("a.json").await.map(|stored| stored.is_some_and(|s| s.generation == there))
    } else {
        let precondition = match call {
            "create" => Precondition::Absent,
            _ => Precondition::Unchanged(read()),
        };
        if call == "replace another's" {
            gcs.put("states", "ep/a.json", b"theirs");
        }
        gcs.fail_next("write", n, fault.clone());
        let outcome = store.write("a.json", b"new".to_vec(), precondition).await;
        if outcome.is_err() {
            assert_ne!(
                gcs.text("states", "ep/a.json").as_deref(),
                Some("new"),
                "an error, yet it is written"
            );
        }
        outcome.map(|generation| {
            let object = gcs.object("states", "ep/a.json").unwrap();
            (object.bytes.as_ref(), Generation(object.generation)) == (b"new".as_slice(), generation)
        })
    };
    let end = match &outcome {
        Ok(ours) => {
            assert!(ours, "the answer names another version than the one that is there");
            Ours
        }
        Err(StateError::Conflict { .. }) => Conflict,
        Err(StateError::Unavailable { .. }) => Unavailable,
        Err(StateError::Refused { .. } | StateError::TooLarge { .. }) => Refused,
    };
    let told = outcome.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(end == Ours || told.contains("gs://states/ep/a.json"), "{told}");
    assert!(end == Ours || !hangs || told.contains("no answer within 6s"), "our limit ends it: {told}");
    let after = counts();
    (end, [after[0] - before[0], after[1] - before[1]])
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let store = GcsState::connect("states", "", Some("http://127.0.0.1:9".parse().unwrap()));
    let error = store.read("a").await.unwrap_err();
    assert!(matches!(error, StateError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_missing_bucket_is_refused_by_name_and_taken_for_no_missing_object() {
    let gcs = GcsDouble::start().await;
    let store = GcsState::connect("nowhere", "ep", Some(gcs.url().parse().unwrap()));
    for error in [
        store.read("a").await.unwrap_err(),
        store.write("a", b"1".to_vec(), Precondition::Absent).await.unwrap_err(),
    ] {
        assert!(matches!(error, StateError::Refused { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("no bucket nowhere") && text.contains("STATE_URL"), "{text}");
    }
    assert_eq!(gcs.server.calls().len(), 2, "what will not help is not tried again");
}

#[tokio::test]
async fn a_missing_permission_is_refused_with_the_role_to_grant() {
    let (gcs, store) = bucket().await;
    gcs.fail_next("*", 2, Fault::Status(403));
    for error in [
        store.read("a").await.unwrap_err(),
        store.write("a", b"1".to_vec(), Precondition::Absent).await.unwrap_err(),
    ] {
        assert!(matches!(error, StateError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("roles/storage.objectUser"), "{error}");
    }
}

/// A bucket that wants a token, and who gives them.
async fn guarded() -> (GcsDouble, MetadataDouble, GcsState) {
    let metadata = MetadataDouble::start().await;
    let gcs = GcsDouble::start_for(metadata.tokens()).await;
    gcs.create_bucket("states");
    let store = connect(&gcs, "states").with_metadata_server(metadata.url().parse().unwrap());
    (gcs, metadata, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_glitch_of_the_metadata_server_costs_no_call() {
    for fault in [
        Fault::CutOff,
        Fault::Status(404),
        Fault::Status(403),
        Fault::Status(500),
        Fault::Garbage,
        Fault::Reset,
        Fault::Hang(LONG),
    ] {
        let (_gcs, metadata, store) = guarded().await;
        metadata.fail_next(1, fault.clone());
        let written = store.write("a.json", b"1".to_vec(), Precondition::Absent).await;
        assert!(written.is_ok(), "{fault:?}: {written:?}");
        assert_eq!(store.read("a.json").await.unwrap().unwrap().bytes, b"1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metadata_server_that_comes_back_gives_access_again() {
    let (_gcs, metadata, store) = guarded().await;
    metadata.fail_next(20, Fault::Status(404));
    let mut failed = 0;
    while let Err(error) = store.read("a.json").await {
        assert!(matches!(error, StateError::Unavailable { .. }), "it passes: {error:?}");
        let told = error.to_string();
        assert!(told.contains("no Google credentials") && told.contains("404"), "{told}");
        failed += 1;
    }
    assert!((2..=20).contains(&failed), "{failed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_taken_back_is_replaced() {
    let (gcs, metadata, store) = guarded().await;
    store.write("a.json", b"1".to_vec(), Precondition::Absent).await.unwrap();
    metadata.revoke();
    assert_eq!(store.read("a.json").await.unwrap().unwrap().bytes, b"1");
    metadata.revoke();
    store.write("a.json", b"2".to_vec(), Precondition::None).await.unwrap();
    assert_eq!(gcs.text("states", "ep/a.json").unwrap(), "2");
    assert_eq!(metadata.server.count("token"), 3, "a token is kept for as long as it is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_write_a_second_is_enough_for_many_writers() {
    let (gcs, store) = bucket().await;
    gcs.one_write_a_second();
    let store = Arc::new(store);
    let writers = (0..4).map(|n| {
        let store = store.clone();
        async move { store.write("a.json", format!("{n}").into_bytes(), Precondition::None).await }
    });
    for written in futures_util::future::join_all(writers).await {
        written.unwrap();
    }
}
