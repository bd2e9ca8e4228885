//! State: the same promises by a folder and by a bucket, and what only a bucket can go through.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use auto_ep::state::{FolderState, GcsState, Generation, Precondition, StateError, StateStore};

use crate::support::{Fault, GcsDouble};

async fn bucket() -> (GcsDouble, GcsState) {
    let gcs = GcsDouble::start().await;
    gcs.create_bucket("states");
    let store = connect(&gcs, "states");
    (gcs, store)
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
async fn a_folder_compares_and_sets() {
    let folder = tempfile::tempdir().unwrap();
    keeps_its_promises(&FolderState::new(folder.path().join("not/there/yet"))).await;
}

#[tokio::test]
async fn a_bucket_compares_and_sets() {
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
async fn one_of_many_writers_wins() {
    let folder = tempfile::tempdir().unwrap();
    lets_one_of_many_win(Arc::new(FolderState::new(folder.path()))).await;
    let (_gcs, store) = bucket().await;
    lets_one_of_many_win(Arc::new(store)).await;
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

#[tokio::test]
async fn a_lost_answer_is_made_good_without_a_second_version() {
    let (gcs, store) = bucket().await;
    gcs.fail_next("write", 1, Fault::LostAnswer);
    let generation = store.write("a.json", b"mine".to_vec(), Precondition::Absent).await.unwrap();
    assert_eq!(gcs.server.count("write"), 2, "the second try met 412");
    let object = gcs.object("states", "ep/a.json").unwrap();
    assert_eq!((Generation(object.generation), object.bytes.as_ref()), (generation, b"mine".as_slice()));

    gcs.fail_next("write", 1, Fault::LostAnswer);
    let next = store.write("a.json", b"again".to_vec(), Precondition::Unchanged(generation)).await.unwrap();
    assert_eq!(gcs.object("states", "ep/a.json").unwrap().generation, next.0);
}

#[tokio::test]
async fn a_conflict_after_a_lost_request_stays_a_conflict() {
    let (gcs, store) = bucket().await;
    gcs.put("states", "ep/a.json", b"theirs");
    gcs.fail_next("write", 1, Fault::Reset);
    let error = store.write("a.json", b"mine".to_vec(), Precondition::Absent).await.unwrap_err();
    assert!(matches!(error, StateError::Conflict { .. }), "{error}");
    assert_eq!(gcs.text("states", "ep/a.json").unwrap(), "theirs");
}

#[tokio::test]
async fn passing_troubles_are_sat_out() {
    let (gcs, store) = bucket().await;
    for fault in [Fault::Status(503), Fault::RateLimited(1), Fault::Reset] {
        gcs.fail_next("write", 1, fault.clone());
        gcs.fail_next("read", 1, fault);
        store.write("a", b"1".to_vec(), Precondition::None).await.unwrap();
        assert_eq!(store.read("a").await.unwrap().unwrap().bytes, b"1");
    }
    gcs.fail_next("read", 1, Fault::CutOff);
    assert_eq!(store.read("a").await.unwrap().unwrap().bytes, b"1", "half an object is no object");
    gcs.fail_next("read", 1, Fault::Garbage);
    assert_eq!(store.read("a").await.unwrap().unwrap().bytes, b"1", "a web page is no object");
}

#[tokio::test]
async fn lasting_troubles_end_soon_and_say_what_happened() {
    let (gcs, store) = bucket().await;
    gcs.fail_next("write", 3, Fault::Status(500));
    let error = store.write("a", b"1".to_vec(), Precondition::None).await.unwrap_err();
    assert!(matches!(error, StateError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("gs://states/ep/a") && error.to_string().contains("500"), "{error}");

    let store = store.with_timeout(Duration::from_millis(200));
    gcs.fail_next("read", 3, Fault::Hang(Duration::from_secs(60)));
    let began = Instant::now();
    let error = store.read("a").await.unwrap_err();
    assert!(matches!(error, StateError::Unavailable { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn nobody_listening_is_unavailable() {
    let store = GcsState::connect("states", "", Some("http://127.0.0.1:9".parse().unwrap()));
    let error = store.read("a").await.unwrap_err();
    assert!(matches!(error, StateError::Unavailable { .. }), "{error}");
}

#[tokio::test]
async fn a_missing_bucket_is_refused_by_name_and_not_taken_for_a_missing_object() {
    let gcs = GcsDouble::start().await;
    let store = connect(&gcs, "nowhere");
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
