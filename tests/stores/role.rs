//! A role in place of a key: taken by who the service is, kept, renewed in time, and explained where it is refused.

use std::{sync::Arc, time::Duration};

use auto_ep::{
    clock::SystemClock,
    config::stores::{AwsAccess, AwsRole, S3Config},
    feed_store::{CloudFront, FeedError, FeedKey, FeedStore, Part, S3Feed},
    report::Invalidation,
};
use bytes::Bytes;
use futures_util::future::join_all;
use tokio::sync::mpsc;

use crate::{
    feed::{BUCKET, file_name, id, info, load, s3_config, store},
    support::{
        CloudFrontDouble, Fault, MetadataDouble, S3Double, StsDouble, cloudfront::DISTRIBUTION,
        metadata::ACCOUNT_ID, sts::ROLE,
    },
    upload,
};

/// What AWS gives for a role.
const HOUR: Duration = Duration::from_secs(3600);
/// Keys are renewed ten minutes ahead: these are good for one second, and hold for ten minutes more.
const A_SECOND: Duration = Duration::from_secs(601);

struct Stage {
    metadata: MetadataDouble,
    sts: StsDouble,
    cloudfront: CloudFrontDouble,
    _s3: S3Double,
}

async fn stage(lifetime: Duration) -> (Stage, S3Feed) {
    let (metadata, cloudfront) = (MetadataDouble::start().await, CloudFrontDouble::start().await);
    let s3 = S3Double::start_with(Some(&cloudfront)).await;
    s3.create_bucket(BUCKET);
    let sts = StsDouble::start(&s3, lifetime).await;
    let stage = Stage { metadata, sts, cloudfront, _s3: s3 };
    let feed = S3Feed::connect(stage.config(ROLE), &file_name(), None);
    (stage, feed)
}

impl Stage {
    fn config(&self, role: &str) -> S3Config {
        let role = AwsRole { arn: role.to_owned(), metadata_server: self.metadata.url().parse().unwrap() };
        S3Config { access: AwsAccess::Role(Box::new(role)), ..s3_config(&self.sts.url()) }
    }

    fn tokens(&self) -> usize {
        self.metadata.server.count("identity")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_and_cloudfront_are_called_with_the_roles_keys_which_are_asked_for_once() {
    let (stage, feed) = stage(HOUR).await;
    stage.metadata.fail_next_identity(1, Fault::Slow(Duration::from_millis(200)));
    let keys: Vec<_> = (0..8).map(|n| FeedKey::Build(id(&format!("b-{n}")))).collect();
    let piece = [Bytes::from_static(b"id\ttitle\n")];
    for written in join_all(keys.iter().map(|key| store(&feed, key, &piece))).await {
        written.unwrap();
    }
    feed.publish(&info("b-1", b"id\ttitle\n")).await.unwrap();
    assert_eq!(feed.published().await.unwrap(), Some(info("b-1", b"id\ttitle\n")));
    assert_eq!((stage.tokens(), stage.sts.asked(), stage.sts.most_at_once()), (1, 1, 1));

    let url = "https://ep.example.com/ep/ikea_ep.tsv".parse().unwrap();
    let cloudfront = CloudFront::connect(DISTRIBUTION, &url, &stage.config(ROLE), Arc::new(SystemClock));
    for reference in ["run-1", "run-2"] {
        let ended = cloudfront.invalidate(reference).await;
        assert!(matches!(ended, Invalidation::Completed { .. }), "{ended:?}");
    }
    assert_eq!(stage.cloudfront.invalidations().len(), 2);
    assert_eq!(stage.sts.asked(), 2, "one for each of the two clients");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_renewed_ahead_of_their_end_while_an_export_uploads() {
    let (stage, feed) = stage(A_SECOND).await;
    let (parts, whole) = (upload::parts(), upload::parts().concat());
    let (sender, receiver) = mpsc::channel(1);
    let feeder = tokio::spawn(async move {
        for part in parts {
            sender.send(Part::Data(part)).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1100)).await;
        }
        sender.send(Part::End).await.unwrap();
    });
    let key = FeedKey::Build(id("long"));
    feed.write(&key, receiver).await.unwrap();
    feeder.await.unwrap();
    assert!(load(&feed, &key).await.unwrap() == whole, "the same bytes in the same order");
    assert!(stage.sts.asked() >= 3, "{} times", stage.sts.asked());
    assert_eq!(stage.sts.most_at_once(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_keys_cannot_be_renewed_the_old_ones_serve_on_and_nobody_is_pestered() {
    let (stage, feed) = stage(A_SECOND).await;
    let key = FeedKey::Build(id("b-1"));
    store(&feed, &key, &[Bytes::from_static(b"x")]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    stage.sts.trust("somebody else");
    for _ in 0..5 {
        assert_eq!(load(&feed, &key).await.unwrap(), b"x");
    }
    assert_eq!(stage.sts.asked(), 2, "the next try comes after a while");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_glitch_of_the_metadata_server_or_of_sts_costs_nothing() {
    for fault in [
        Fault::CutOff,
        Fault::Status(404),
        Fault::Status(500),
        Fault::Garbage,
        Fault::Reset,
        Fault::Hang(Duration::from_secs(3)),
    ] {
        let (stage, feed) = stage(HOUR).await;
        stage.metadata.fail_next_identity(1, fault.clone());
        let written = store(&feed, &FeedKey::Build(id("b-1")), &[Bytes::from_static(b"x")]).await;
        assert!(written.is_ok(), "{fault:?}: {written:?}");
        assert_eq!(stage.tokens(), 2, "{fault:?}");
    }
    for fault in [Fault::Status(500), Fault::Reset, Fault::Error(400, "IDPCommunicationError")] {
        let (stage, feed) = stage(HOUR).await;
        stage.sts.fail_next(1, fault.clone());
        let written = store(&feed, &FeedKey::Build(id("b-1")), &[Bytes::from_static(b"x")]).await;
        assert!(written.is_ok(), "{fault:?}: {written:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metadata_server_that_is_gone_is_told_and_comes_back() {
    let (stage, feed) = stage(HOUR).await;
    stage.metadata.fail_next_identity(100, Fault::Status(404));
    let key = FeedKey::Build(id("b-1"));
    let error = load(&feed, &key).await.unwrap_err();
    assert!(matches!(error, FeedError::Unavailable { .. }), "it passes: {error:?}");
    let told = error.to_string();
    assert!(told.contains("no identity token") && told.contains(ROLE) && told.contains("404"), "{told}");
    assert_eq!(stage.sts.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_explained_and_never_shown() {
    let key = FeedKey::Build(id("b-1"));
    for (what, of_the_case) in [
        ("a condition", ["a condition of its trust policy", "AccessDenied"]),
        ("another role", ["there is no such role", "AccessDenied"]),
        ("a provider of its own", ["delete an OIDC provider", "InvalidIdentityToken"]),
    ] {
        let (stage, feed) = stage(HOUR).await;
        let mut audience = ROLE;
        let feed = match what {
            "a condition" => {
                stage.sts.trust("111111111111111111111");
                feed
            }
            "another role" => {
                audience = "arn:aws:iam::210987654321:role/other";
                S3Feed::connect(stage.config(audience), &file_name(), None)
            }
            _ => {
                stage
                    .sts
                    .fail_next(9, Fault::Error(400, "InvalidIdentityToken: No OpenIDConnect provider found"));
                feed
            }
        };
        let error = store(&feed, &key, &[Bytes::from_static(b"x")]).await.unwrap_err();
        assert!(matches!(error, FeedError::Refused { .. }), "{what}: {error:?}");
        let told = format!("{error} {error:?}");
        let of_the_token =
            [format!("sub {ACCOUNT_ID}"), format!("azp {ACCOUNT_ID}"), format!("aud {audience}")];
        for part in of_the_case.into_iter().chain(of_the_token.iter().map(String::as_str)) {
            assert!(told.contains(part), "{what}: {part} in {told}");
        }
        assert!(!told.contains("signature") && !told.contains("AWS_ACCESS_KEY_ID"), "{told}");
        assert_eq!(stage.sts.asked(), 1, "{what}: a refusal is no glitch");
    }
}
