//! The feed: builds, the public file and what it says of itself, by a folder and by a bucket.

use std::{env, sync::Arc, time::Duration};

use auto_ep::{
    config::stores::{AwsAccess, AwsKeys, FeedFileName, S3Config},
    feed_store::{FeedError, FeedKey, FeedStore, FolderFeed, Part, S3Feed},
    report::{BuildId, BuildInfo, Fingerprint, Invalidation},
};
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::{
    support::{CdnDouble, Fault, S3Double, s3},
    upload,
};

pub const BUCKET: &str = "feeds";
pub const FILE: &str = "ikea_ep.tsv";

pub fn file_name() -> FeedFileName {
    FeedFileName::parse(FILE).unwrap()
}

pub fn s3_config(url: &str) -> S3Config {
    S3Config {
        bucket: BUCKET.into(),
        prefix: "ep".into(),
        region: s3::REGION.into(),
        endpoint: Some(url.parse().unwrap()),
        access: AwsAccess::Keys(AwsKeys {
            access: s3::ACCESS_KEY.into(),
            secret: s3::SECRET_KEY.to_owned().into(),
            session: None,
        }),
    }
}

pub async fn bucket() -> (S3Double, S3Feed) {
    let double = S3Double::start().await;
    double.create_bucket(BUCKET);
    let feed = S3Feed::connect(s3_config(&double.url()), &file_name(), None);
    (double, feed)
}

/// A bucket of the server that `AUTO_EP_TEST_AWS` names, or of one in this process, which lives as long as what comes
/// first.
pub async fn any_bucket() -> (Option<S3Double>, S3Feed) {
    let Ok(url) = env::var("AUTO_EP_TEST_AWS") else {
        let (double, feed) = bucket().await;
        return (Some(double), feed);
    };
    let config = S3Config { bucket: "feed".into(), prefix: crate::own_prefix(), ..s3_config(&url) };
    (None, S3Feed::connect(config, &file_name(), None))
}

pub fn id(text: &str) -> BuildId {
    BuildId::parse(text).unwrap()
}

pub fn info(build: &str, bytes: &[u8]) -> BuildInfo {
    BuildInfo { build: id(build), rows: 3, file: Fingerprint::of(bytes) }
}

pub async fn store(feed: &dyn FeedStore, key: &FeedKey, parts: &[Bytes]) -> Result<(), FeedError> {
    let (sender, receiver) = mpsc::channel(1);
    let parts = parts.to_vec();
    let feeder = tokio::spawn(async move {
        for part in parts {
            let _ = sender.send(Part::Data(part)).await;
        }
        let _ = sender.send(Part::End).await;
    });
    let outcome = feed.write(key, receiver).await;
    feeder.await.unwrap();
    outcome
}

pub async fn load(feed: &dyn FeedStore, key: &FeedKey) -> Result<Vec<u8>, FeedError> {
    let mut chunks = feed.read(key).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.recv().await {
        bytes.extend_from_slice(&chunk?);
    }
    Ok(bytes)
}

async fn keeps_its_promises(feed: &dyn FeedStore) {
    assert_eq!(feed.published().await.unwrap(), None, "nothing is published at first");
    let missing = FeedKey::Build(id("not-there"));
    assert!(matches!(feed.read(&missing).await, Err(FeedError::NotFound { .. })));
    let unbuilt = feed.publish(&info("not-there", b"")).await;
    assert!(matches!(unbuilt, Err(FeedError::NotFound { .. })), "{unbuilt:?}");
    assert_eq!(feed.published().await.unwrap(), None);

    let (one, two) = (b"id\ttitle\n1\tone\n".as_slice(), b"id\ttitle\n2\ttwo, which is longer\n".as_slice());
    for (build, bytes) in [("build-1", one), ("build-2", two)] {
        let key = FeedKey::Build(id(build));
        store(feed, &key, &[Bytes::copy_from_slice(bytes)]).await.unwrap();
        assert_eq!(load(feed, &key).await.unwrap(), bytes);
        feed.publish(&info(build, bytes)).await.unwrap();
        assert_eq!(feed.published().await.unwrap(), Some(info(build, bytes)));
    }
    feed.publish(&info("build-1", one)).await.unwrap();
    assert_eq!(
        feed.published().await.unwrap(),
        Some(info("build-1", one)),
        "an earlier build comes back whole"
    );

    let empty = FeedKey::Excluded(id("build-2"));
    store(feed, &empty, &[]).await.unwrap();
    assert_eq!(load(feed, &empty).await.unwrap(), b"", "a file may be empty");
    assert_eq!(feed.invalidate("run-1").await, Invalidation::NotConfigured);
}

#[tokio::test]
async fn every_adapter_publishes_whole_builds() {
    let root = tempfile::tempdir().unwrap();
    keeps_its_promises(&FolderFeed::new(root.path(), &file_name())).await;
    let (_double, feed) = any_bucket().await;
    keeps_its_promises(&feed).await;
}

#[tokio::test]
async fn every_adapter_takes_a_build_in_parts_whole_or_not_at_all() {
    let root = tempfile::tempdir().unwrap();
    let (_double, bucket) = any_bucket().await;
    for feed in [&FolderFeed::new(root.path(), &file_name()) as &dyn FeedStore, &bucket] {
        let (parts, whole) = (upload::parts(), upload::parts().concat());
        let (sent, left) = (FeedKey::Build(id("sent")), FeedKey::Build(id("left")));
        store(feed, &sent, &parts).await.unwrap();
        assert!(load(feed, &sent).await.unwrap() == whole, "the same bytes in the same order");
        feed.publish(&info("sent", &whole)).await.unwrap();
        assert_eq!(feed.published().await.unwrap(), Some(info("sent", &whole)));

        let (sender, receiver) = mpsc::channel(1);
        let feeder = tokio::spawn(async move { sender.send(Part::Data(parts[0].clone())).await });
        let error = feed.write(&left, receiver).await.unwrap_err();
        assert!(matches!(error, FeedError::Aborted { .. }), "{error}");
        feeder.await.unwrap().unwrap();
        assert!(matches!(feed.read(&left).await, Err(FeedError::NotFound { .. })));
    }
}

#[tokio::test]
async fn every_adapter_names_a_missing_bucket() {
    let double = S3Double::start().await;
    let url = env::var("AUTO_EP_TEST_AWS").unwrap_or_else(|_| double.url());
    let config = S3Config { bucket: "nowhere".into(), ..s3_config(&url) };
    let feed = S3Feed::connect(config, &file_name(), None);
    let key = FeedKey::Build(id("b-1"));
    for error in [
        store(&feed, &key, &[Bytes::from_static(b"x")]).await.unwrap_err(),
        feed.read(&key).await.unwrap_err(),
        feed.publish(&info("b-1", b"x")).await.unwrap_err(),
    ] {
        assert!(matches!(error, FeedError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains("there is no bucket nowhere"), "{error}");
    }
    assert!(matches!(feed.published().await, Err(FeedError::Refused { .. })));
}

#[tokio::test]
async fn a_folder_publishes_where_people_look() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("not/there/yet");
    let feed = FolderFeed::new(&folder, &file_name());
    keeps_its_promises(&feed).await;
    assert_eq!(std::fs::read(feed.public_path()).unwrap(), b"id\ttitle\n1\tone\n");
    assert!(feed.location_of(&FeedKey::Build(id("b"))).ends_with("b.tsv"));
}

#[tokio::test]
async fn a_bucket_holds_the_builds_and_the_public_file_and_nothing_else() {
    let (double, feed) = bucket().await;
    keeps_its_promises(&feed).await;
    assert_eq!(
        double.keys(BUCKET),
        [
            "ep/builds/build-1.tsv",
            "ep/builds/build-2.excluded.tsv",
            "ep/builds/build-2.tsv",
            "ep/ikea_ep.tsv"
        ]
    );
    assert_eq!(feed.location(), "s3://feeds/ep");
}

#[tokio::test]
async fn readers_get_type_caching_and_metadata_with_the_bytes() {
    let (double, feed) = bucket().await;
    let cdn = CdnDouble::start(&double, BUCKET, "ep").await;
    let bytes = b"id\n1\n";
    store(&feed, &FeedKey::Build(id("b-1")), &[Bytes::from_static(bytes)]).await.unwrap();
    feed.publish(&info("b-1", bytes)).await.unwrap();
    let answer = reqwest::get(cdn.url(FILE)).await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/tab-separated-values; charset=utf-8");
    assert_eq!(header("cache-control"), "public, max-age=0, must-revalidate");
    assert_eq!((header("x-amz-meta-build"), header("x-amz-meta-rows")), ("b-1".into(), "3".into()));
    assert_eq!(header("x-amz-meta-sha256"), info("b-1", bytes).file.sha256);
    assert_eq!(answer.bytes().await.unwrap().as_ref(), bytes);
    let build = double.object(BUCKET, "ep/builds/b-1.tsv").await.unwrap();
    assert_eq!(build.header("cache-control"), Some("private, max-age=31536000, immutable"));
}

#[tokio::test]
async fn somebody_elses_public_file_is_none_of_ours() {
    let (double, feed) = bucket().await;
    double.put(BUCKET, "ep/ikea_ep.tsv", b"theirs").await;
    assert_eq!(feed.published().await.unwrap(), None);

    let root = tempfile::tempdir().unwrap();
    let feed = FolderFeed::new(root.path(), &file_name());
    store(&feed, &FeedKey::Build(id("b")), &[Bytes::from_static(b"ours")]).await.unwrap();
    feed.publish(&info("b", b"ours")).await.unwrap();
    std::fs::write(feed.public_path(), b"edited by hand").unwrap();
    assert_eq!(feed.published().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folders_public_file_and_what_it_says_never_disagree() {
    let root = tempfile::tempdir().unwrap();
    let feed = Arc::new(FolderFeed::new(root.path(), &file_name()));
    let files = [vec![b'a'; 300_000], vec![b'b'; 200_000]];
    for (n, bytes) in files.iter().enumerate() {
        store(&*feed, &FeedKey::Build(id(&format!("b-{n}"))), &[Bytes::from(bytes.clone())]).await.unwrap();
    }
    feed.publish(&info("b-0", &files[0])).await.unwrap();
    let publisher = {
        let (feed, files) = (feed.clone(), files.clone());
        tokio::spawn(async move {
            for n in (0..10).map(|n| (n + 1) % 2) {
                feed.publish(&info(&format!("b-{n}"), &files[n])).await.unwrap();
            }
        })
    };
    while !publisher.is_finished() {
        let said = feed.published().await.unwrap().expect("one of the two builds is public at any moment");
        let n = usize::from(said.build == id("b-1"));
        assert_eq!(said, info(&format!("b-{n}"), &files[n]));
    }
    publisher.await.unwrap();
}

#[tokio::test]
async fn a_folder_does_not_publish_other_bytes_than_announced() {
    let root = tempfile::tempdir().unwrap();
    let feed = FolderFeed::new(root.path(), &file_name());
    store(&feed, &FeedKey::Build(id("b")), &[Bytes::from_static(b"damaged")]).await.unwrap();
    let error = feed.publish(&info("b", b"announced")).await.unwrap_err();
    assert!(matches!(error, FeedError::Refused { .. }), "{error}");
    assert!(!feed.public_path().exists());
}

/// What a call is to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Unavailable,
    Refused,
}
use End::{Done, Refused, Unavailable};

/// Longer than any patience.
const LONG: Duration = Duration::from_secs(600);

/// A good request that was signed too long ago.
const SKEWED: Fault = Fault::Error(403, "RequestTimeTooSkewed");
/// The same by another clock.
const OTHER_CLOCK: Fault = Fault::Error(403, s3::OTHER_CLOCK);

/// A call meets `n` times the same trouble, and ends so after S3 was asked so often.
const TROUBLES: &[(&str, Fault, usize, End, usize)] = &[
    // A copy that is made twice is made once: both put the same build there.
    ("CopyObject", Fault::LostAnswer, 1, Done, 2),
    ("CopyObject", Fault::Reset, 1, Done, 2),
    ("CopyObject", Fault::RateLimited(1), 2, Done, 3),
    ("CopyObject", Fault::RateLimited(1), 3, Unavailable, 3),
    ("CopyObject", Fault::Status(503), 2, Done, 3),
    ("CopyObject", Fault::Status(500), 3, Unavailable, 3),
    ("CopyObject", Fault::Error(200, "InternalError"), 1, Done, 2),
    ("CopyObject", Fault::CutOff, 1, Done, 2),
    ("CopyObject", Fault::Garbage, 1, Unavailable, 1),
    ("CopyObject", Fault::Status(403), 1, Refused, 1),
    ("CopyObject", Fault::Hang(LONG), 9, Unavailable, 1),
    ("CopyObject", SKEWED, 1, Done, 2),
    ("CopyObject", SKEWED, 9, Unavailable, 3),
    ("CopyObject", Fault::Error(400, "RequestTimeout"), 1, Done, 2),
    ("CopyObject", Fault::Error(409, "OperationAborted"), 9, Unavailable, 1),
    // A look at what is public.
    ("HeadObject", Fault::Reset, 1, Done, 2),
    // An answer to HEAD has no body, and a bare 429 is none of the SDK's reasons to try again. S3 itself says 503.
    ("HeadObject", Fault::RateLimited(1), 1, Unavailable, 1),
    ("HeadObject", Fault::Status(503), 2, Done, 3),
    ("HeadObject", Fault::Status(500), 3, Unavailable, 3),
    ("HeadObject", Fault::Status(403), 1, Refused, 1),
    // It has no body that could say so, but a date.
    ("HeadObject", OTHER_CLOCK, 9, Unavailable, 3),
    ("HeadObject", Fault::Hang(LONG), 1, Done, 2),
    ("HeadObject", Fault::Hang(LONG), 9, Unavailable, 2),
    // A read: begun again until the first byte, never after it.
    ("GetObject", Fault::Reset, 1, Done, 2),
    ("GetObject", Fault::RateLimited(1), 1, Done, 2),
    ("GetObject", Fault::Status(503), 2, Done, 3),
    ("GetObject", Fault::Status(500), 3, Unavailable, 3),
    ("GetObject", Fault::CutOff, 1, Unavailable, 1),
    ("GetObject", Fault::Status(403), 1, Refused, 1),
    ("GetObject", SKEWED, 1, Done, 2),
    ("GetObject", Fault::Hang(LONG), 1, Done, 2),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_of_a_bucket_has_its_end() {
    let mut rows = tokio::task::JoinSet::new();
    for (operation, fault, n, end, asked) in TROUBLES {
        rows.spawn(async move {
            let found = meet(operation, fault, *n).await;
            (found != (*end, *asked)).then(|| format!("{operation}, {n} x {fault:?}: {found:?}"))
        });
    }
    let wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn meet(operation: &str, fault: &Fault, n: usize) -> (End, usize) {
    let (double, feed) = bucket().await;
    let bytes = vec![7; 100_000];
    let (key, build) = (FeedKey::Build(id("b-1")), info("b-1", &bytes));
    store(&feed, &key, &[Bytes::from(bytes.clone())]).await.unwrap();
    feed.publish(&build).await.unwrap();
    let before = double.server.count(operation);
    // Time for three tries and the waits between them, but for one try that gets no answer and half a second one.
    let feed = S3Feed::connect(s3_config(&double.url()), &file_name(), None);
    let hangs = matches!(fault, Fault::Hang(_));
    let feed =
        if hangs { feed.with_limit(SHORT).with_timeout(SHORT / 2) } else { feed.with_limit(3 * SHORT) };
    double.fail_next(operation, n, fault.clone());
    let outcome = match operation {
        "CopyObject" => feed.publish(&build).await,
        "HeadObject" => feed.published().await.map(|found| assert_eq!(found.as_ref(), Some(&build))),
        _ => load(&feed, &key).await.map(|loaded| assert!(loaded == bytes)),
    };
    let asked = double.server.count(operation) - before;
    let object = double.object(BUCKET, "ep/ikea_ep.tsv").await.unwrap();
    assert!(object.bytes == bytes, "the public file is whole, whatever happened");
    let end = match outcome {
        Ok(()) => Done,
        Err(FeedError::Unavailable { reason, .. }) => {
            assert!(!hangs || reason.contains("no answer within 8s"), "our limit ends it: {reason}");
            Unavailable
        }
        Err(FeedError::Refused { .. }) => Refused,
        Err(other) => panic!("{other}"),
    };
    (end, asked)
}

/// Enough for an answer and a wait before the next try.
const SHORT: Duration = Duration::from_secs(8);

#[tokio::test]
async fn a_refusal_for_its_time_is_told_as_what_it_is() {
    let (double, feed) = bucket().await;
    double.fail_next("PutObject", 9, SKEWED);
    double.fail_next("HeadObject", 9, OTHER_CLOCK);
    let stored = store(&feed, &FeedKey::Build(id("b-1")), &[Bytes::from_static(b"x")]).await;
    for error in [stored.unwrap_err(), feed.published().await.unwrap_err()] {
        assert!(matches!(error, FeedError::Unavailable { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.contains("clock") && !told.contains("needs s3:"), "{told}");
    }
}

#[tokio::test]
async fn wrong_keys_and_regions_are_refused_with_what_to_do() {
    let (double, feed) = bucket().await;
    let key = FeedKey::Build(id("b-1"));
    store(&feed, &key, &[Bytes::from_static(b"x")]).await.unwrap();
    let connect = |change: &dyn Fn(&mut S3Config)| {
        let mut config = s3_config(&double.url());
        change(&mut config);
        S3Feed::connect(config, &file_name(), None)
    };
    let keys = |access: &str, secret: &str| {
        AwsAccess::Keys(AwsKeys { access: access.into(), secret: secret.to_owned().into(), session: None })
    };
    let stranger = connect(&|c| c.access = keys("unknown-access-key", s3::SECRET_KEY));
    let forger = connect(&|c| c.access = keys(s3::ACCESS_KEY, "not-the-secret"));
    for (feed, expected) in [(&stranger, "AWS_ACCESS_KEY_ID"), (&forger, "AWS_SECRET_ACCESS_KEY")] {
        for error in [
            store(feed, &key, &[Bytes::from_static(b"x")]).await.unwrap_err(),
            feed.read(&key).await.unwrap_err(),
            feed.publish(&info("b-1", b"x")).await.unwrap_err(),
        ] {
            assert!(matches!(error, FeedError::Refused { .. }), "{error:?}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!error.to_string().contains("not-the-secret"), "{error}");
        }
        let error = feed.published().await.unwrap_err();
        assert!(matches!(error, FeedError::Refused { .. }), "{error:?}");
    }
    for (fault, expected) in [
        (Fault::Status(403), "s3:PutObject"),
        (Fault::Error(301, "PermanentRedirect"), "AWS_REGION"),
        (Fault::Error(400, "AuthorizationHeaderMalformed"), "AWS_REGION"),
    ] {
        double.fail_next("PutObject", 1, fault);
        let error = store(&feed, &key, &[Bytes::from_static(b"x")]).await.unwrap_err();
        assert!(matches!(error, FeedError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}
