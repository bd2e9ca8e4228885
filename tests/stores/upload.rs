//! Uploads: whole or not at all, with little in memory and nothing left behind.

use std::time::Duration;

use auto_ep::feed_store::{FeedError, FeedKey, FeedStore, FolderFeed, MIN_PART, Part};
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::{
    feed::{BUCKET, bucket, file_name, id, info, load, store},
    support::{Fault, S3Double},
};

/// Bytes that differ from place to place, so that parts out of order would show.
fn noise(length: usize, seed: u8) -> Bytes {
    let mut state = u32::from(seed) | 1;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

pub fn parts() -> Vec<Bytes> {
    vec![noise(MIN_PART, 1), noise(MIN_PART + 1, 2), noise(2 * 1024 * 1024, 3)]
}

/// The least that makes a multipart upload.
fn few() -> Vec<Bytes> {
    vec![noise(MIN_PART, 1), noise(777, 2)]
}

fn key() -> FeedKey {
    FeedKey::Build(id("b-1"))
}

async fn nothing_is_left(double: &S3Double) {
    for _ in 0..200 {
        if double.unfinished_uploads().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(double.unfinished_uploads(), Vec::<String>::new());
    assert_eq!(double.keys(BUCKET), Vec::<String>::new());
}

#[tokio::test]
async fn a_small_file_is_a_single_put() {
    let (double, feed) = bucket().await;
    store(&feed, &key(), &[noise(1000, 1)]).await.unwrap();
    assert_eq!(double.server.calls(), ["PutObject"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_parts_arrive_byte_identical_one_after_the_other() {
    let (double, feed) = bucket().await;
    double.fail_next("UploadPart", 3, Fault::Slow(Duration::from_millis(200)));
    store(&feed, &key(), &parts()).await.unwrap();
    assert_eq!(double.server.count("UploadPart"), 3);
    assert_eq!(double.server.most_at_once("UploadPart"), 1);
    assert!(load(&feed, &key()).await.unwrap() == parts().concat(), "the same bytes in the same order");
    assert!(double.unfinished_uploads().is_empty());

    let whole = parts().concat();
    feed.publish(&info("b-1", &whole)).await.unwrap();
    assert!(double.object(BUCKET, "ep/ikea_ep.tsv").await.unwrap().bytes == whole);
}

#[tokio::test]
async fn a_sender_that_goes_away_leaves_nothing() {
    let (double, feed) = bucket().await;
    for sent in 0..3 {
        let (sender, receiver) = mpsc::channel(1);
        let feeder = tokio::spawn(async move {
            for part in few().into_iter().take(sent) {
                sender.send(Part::Data(part)).await.unwrap();
            }
        });
        let error = feed.write(&key(), receiver).await.unwrap_err();
        assert!(matches!(error, FeedError::Aborted { .. }), "after {sent} parts: {error}");
        feeder.await.unwrap();
        nothing_is_left(&double).await;
    }
    // An upload begins with its first part.
    assert_eq!(double.server.count("AbortMultipartUpload"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_under_way_is_waited_for_before_its_upload_is_aborted() {
    let (double, feed) = bucket().await;
    double.fail_next("UploadPart", 2, Fault::Late(Duration::from_millis(700)));
    let (sender, receiver) = mpsc::channel(4);
    for part in few() {
        sender.send(Part::Data(part)).await.unwrap();
    }
    drop(sender);
    let error = feed.write(&key(), receiver).await.unwrap_err();
    assert!(matches!(error, FeedError::Aborted { .. }), "{error}");
    assert_eq!(double.server.over("UploadPart"), 2);
    assert_eq!(double.server.calls().last().unwrap(), "AbortMultipartUpload");
    assert_eq!(double.unfinished_uploads(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_lands_after_the_abort_is_put_away_too() {
    let (double, feed) = bucket().await;
    double.fail_next("UploadPart", 1, Fault::Late(Duration::from_millis(700)));
    let (sender, receiver) = mpsc::channel(4);
    for part in few() {
        sender.send(Part::Data(part)).await.unwrap();
    }
    let key = key();
    let under_way = async {
        while double.server.count("UploadPart") < 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Its bytes are there, and nobody waits for what becomes of them.
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    tokio::select! {
        ended = feed.write(&key, receiver) => panic!("it waits for the rest, but: {ended:?}"),
        () = under_way => {}
    }
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(double.server.count("AbortMultipartUpload"), 1);
    assert_eq!(double.unfinished_uploads().len(), 1, "it landed after the abort");
    nothing_is_left(&double).await;
}

#[tokio::test]
async fn a_writer_that_goes_away_leaves_nothing() {
    let (double, feed) = bucket().await;
    let (sender, receiver) = mpsc::channel(4);
    for part in few() {
        sender.send(Part::Data(part)).await.unwrap();
    }
    let both_are_there = async {
        while double.server.over("UploadPart") < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let key = key();
    tokio::select! {
        ended = feed.write(&key, receiver) => panic!("it waits for the rest, but: {ended:?}"),
        () = both_are_there => {}
    }
    assert_eq!(double.server.count("CreateMultipartUpload"), 1);
    nothing_is_left(&double).await;
}

#[tokio::test]
async fn an_error_on_the_way_aborts_the_upload() {
    for operation in ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"] {
        let (double, feed) = bucket().await;
        double.fail_next(operation, 8, Fault::Status(403));
        let error = store(&feed, &key(), &few()).await.unwrap_err();
        assert!(matches!(error, FeedError::Refused { .. }), "{operation}: {error}");
        nothing_is_left(&double).await;
    }
}

/// An upload meets `n` times the same trouble in one of its calls, S3 is asked so often for it, and all is well or
/// S3 counts as unavailable.
const TROUBLES: &[(&str, Fault, usize, bool, usize)] = &[
    ("PutObject", Fault::LostAnswer, 1, true, 2),
    ("PutObject", Fault::Reset, 1, true, 2),
    ("PutObject", Fault::RateLimited(1), 2, true, 3),
    ("PutObject", Fault::Status(503), 2, true, 3),
    ("PutObject", Fault::Status(500), 3, false, 3),
    ("CreateMultipartUpload", Fault::LostAnswer, 1, true, 2),
    ("CreateMultipartUpload", Fault::Reset, 1, true, 2),
    ("CreateMultipartUpload", Fault::Status(503), 1, true, 2),
    ("CreateMultipartUpload", Fault::Status(500), 3, false, 3),
    ("UploadPart", Fault::LostAnswer, 1, true, 3),
    ("UploadPart", Fault::Reset, 1, true, 3),
    ("UploadPart", Fault::RateLimited(1), 1, true, 3),
    ("UploadPart", Fault::Status(503), 1, true, 3),
    // The second try finds no upload any more: the object that the first one made tells.
    ("CompleteMultipartUpload", Fault::LostAnswer, 1, true, 2),
    ("CompleteMultipartUpload", Fault::CutOff, 1, true, 2),
    ("CompleteMultipartUpload", Fault::Reset, 1, true, 2),
    ("CompleteMultipartUpload", Fault::RateLimited(1), 1, true, 2),
    ("CompleteMultipartUpload", Fault::Status(503), 1, true, 2),
    ("CompleteMultipartUpload", Fault::Error(200, "InternalError"), 1, true, 2),
    ("CompleteMultipartUpload", Fault::Status(500), 3, false, 3),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_of_an_upload_has_its_end() {
    let mut rows = tokio::task::JoinSet::new();
    for (operation, fault, n, well, asked) in TROUBLES {
        rows.spawn(async move {
            let row = format!("{operation}, {n} x {fault:?}");
            let (double, feed) = bucket().await;
            let parts = if *operation == "PutObject" { vec![noise(1000, 1)] } else { few() };
            double.fail_next(operation, *n, fault.clone());
            let outcome = store(&feed, &key(), &parts).await;
            match &outcome {
                Ok(()) => assert!(load(&feed, &key()).await.unwrap() == parts.concat(), "{row}"),
                Err(FeedError::Unavailable { .. }) => nothing_is_left(&double).await,
                Err(other) => panic!("{row}: {other}"),
            }
            let found = (outcome.is_ok(), double.server.count(operation));
            (found != (*well, *asked)).then(|| format!("{row}: {found:?}, {outcome:?}"))
        });
    }
    let wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_bucket_that_does_not_answer_is_given_up_after_three_tries() {
    let (double, feed) = bucket().await;
    let feed = feed.with_timeout(Duration::from_secs(2));
    double.fail_next("PutObject", 9, Fault::Hang(Duration::from_secs(600)));
    let error = store(&feed, &key(), &[noise(10, 1)]).await.unwrap_err();
    assert!(matches!(error, FeedError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("timeout"), "our limit ends each try: {error}");
    assert_eq!(double.server.count("PutObject"), 3);
}

#[tokio::test]
async fn a_folder_takes_parts_whole_or_not_at_all() {
    let root = tempfile::tempdir().unwrap();
    let feed = FolderFeed::new(root.path(), &file_name());
    let (sender, receiver) = mpsc::channel(4);
    sender.send(Part::Data(noise(1000, 1))).await.unwrap();
    drop(sender);
    let error = feed.write(&key(), receiver).await.unwrap_err();
    assert!(matches!(error, FeedError::Aborted { .. }), "{error}");
    let builds = root.path().join("builds");
    assert_eq!(std::fs::read_dir(&builds).unwrap().count(), 0, "no file, no draft");
    store(&feed, &key(), &[noise(1_000_000, 1), noise(5, 2)]).await.unwrap();
    assert_eq!(load(&feed, &key()).await.unwrap().len(), 1_000_005);
    assert_eq!(std::fs::read_dir(&builds).unwrap().count(), 1);
}
