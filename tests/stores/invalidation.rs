//! Invalidations: waited for, never made twice, never an error.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use auto_ep::{
    clock::Clock,
    feed_store::{CloudFront, FeedStore, S3Feed},
    report::Invalidation,
};
use jiff::Timestamp;

use crate::{
    feed::{file_name, s3_config},
    support::{CloudFrontDouble, Fault, S3Double, cloudfront::DISTRIBUTION},
};

/// A clock that goes on only while somebody sleeps, and then at once.
#[derive(Default)]
struct Naps(AtomicI64);

#[async_trait]
impl Clock for Naps {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + self.0.load(Ordering::SeqCst)).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

fn connect(url: &str, distribution: &str) -> (CloudFront, Arc<Naps>) {
    let clock = Arc::new(Naps::default());
    let feed_url = "https://ep.example.com/피드/ikea ep.tsv".parse().unwrap();
    (CloudFront::connect(distribution, &feed_url, &s3_config(url), clock.clone()), clock)
}

#[tokio::test]
async fn every_adapter_makes_invalidations_and_names_an_unknown_distribution() {
    let double = CloudFrontDouble::start().await;
    let url = env::var("AUTO_EP_TEST_AWS").unwrap_or_else(|_| double.url());
    let distribution = env::var("AUTO_EP_TEST_DISTRIBUTION").unwrap_or_else(|_| DISTRIBUTION.to_owned());
    let (cloudfront, _) = connect(&url, &distribution);
    let first = cloudfront.invalidate("run-1/abc").await;
    assert!(matches!(first, Invalidation::Completed { .. }), "{first:?}");
    let second = cloudfront.invalidate("run-2/abc").await;
    assert!(matches!(second, Invalidation::Completed { .. }) && second != first, "{second:?}");
    let (stranger, _) = connect(&url, "EUNKNOWN");
    let ended = stranger.invalidate("r").await;
    assert!(
        matches!(&ended, Invalidation::Failed { reason } if reason.contains("CLOUDFRONT_DISTRIBUTION_ID")),
        "{ended:?}"
    );
}

#[tokio::test]
async fn an_invalidation_is_waited_for_and_made_once_per_reference() {
    let double = CloudFrontDouble::start().await;
    double.done_after(3);
    let (cloudfront, clock) = connect(&double.url(), DISTRIBUTION);
    let first = cloudfront.invalidate("run-1/abc").await;
    let Invalidation::Completed { id } = &first else { panic!("{first:?}") };
    assert_eq!(clock.0.load(Ordering::SeqCst), 2_000 + 3_000 + 4_000, "the waits grow");
    assert_eq!(cloudfront.invalidate("run-1/abc").await, first);
    let made = double.invalidations();
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(made[0].paths, ["/%ED%94%BC%EB%93%9C/ikea%20ep.tsv"]);
    assert_eq!(&made[0].id, id);

    assert!(matches!(cloudfront.invalidate("run-2/abc").await, Invalidation::Completed { .. }));
    assert_eq!(double.invalidations().len(), 2, "the same content after a rollback is purged again");
}

/// Longer than any patience.
const LONG: Duration = Duration::from_secs(600);

/// How CloudFront refuses a good signature that is too old.
const EXPIRED: &str = "SignatureDoesNotMatch: Signature expired: 20261005T150000Z is now earlier than 20261005T150100Z \
                       (20261005T150600Z - 5 min.)";

/// A call meets `n` times the same trouble; how it ends, and how often CloudFront was asked to make an invalidation and
/// to show it. It makes one at most.
const TROUBLES: &[(&str, Fault, usize, &str, [usize; 2])] = &[
    ("CreateInvalidation", Fault::LostAnswer, 1, "completed", [2, 1]),
    ("CreateInvalidation", Fault::CutOff, 1, "completed", [2, 1]),
    ("CreateInvalidation", Fault::Reset, 1, "completed", [2, 1]),
    ("CreateInvalidation", Fault::Garbage, 1, "completed", [2, 1]),
    ("CreateInvalidation", Fault::RateLimited(1), 2, "completed", [3, 1]),
    ("CreateInvalidation", Fault::Status(503), 2, "completed", [3, 1]),
    ("CreateInvalidation", Fault::Status(500), 99, "failed", [14, 0]),
    ("CreateInvalidation", Fault::Status(403), 1, "failed", [1, 0]),
    ("CreateInvalidation", Fault::Hang(LONG), 1, "completed", [2, 1]),
    ("CreateInvalidation", Fault::Error(403, EXPIRED), 2, "completed", [3, 1]),
    ("CreateInvalidation", Fault::Error(400, "Throttling: Rate exceeded"), 2, "completed", [3, 1]),
    ("CreateInvalidation", Fault::Error(400, "RequestExpired"), 1, "completed", [2, 1]),
    ("CreateInvalidation", Fault::Error(403, "SignatureDoesNotMatch"), 1, "failed", [1, 0]),
    ("GetInvalidation", Fault::Error(403, EXPIRED), 1, "completed", [1, 2]),
    ("CreateInvalidation", Fault::Hang(LONG), 99, "failed", [14, 0]),
    // Once it is made, a look that fails is only one look more.
    ("GetInvalidation", Fault::LostAnswer, 1, "completed", [1, 2]),
    ("GetInvalidation", Fault::CutOff, 1, "completed", [1, 2]),
    ("GetInvalidation", Fault::Garbage, 1, "completed", [1, 2]),
    ("GetInvalidation", Fault::RateLimited(1), 1, "completed", [1, 2]),
    ("GetInvalidation", Fault::Status(503), 2, "completed", [1, 3]),
    ("GetInvalidation", Fault::Hang(LONG), 1, "completed", [1, 2]),
    ("GetInvalidation", Fault::Status(500), 99, "spreading", [1, 13]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_trouble_of_cloudfront_has_its_end() {
    // Where only our own limit ends a call, nothing else may use it up: those rows come when the others are done.
    let (hanging, others) = TROUBLES.iter().partition::<Vec<_>, _>(|row| matches!(row.1, Fault::Hang(_)));
    for together in [others, hanging] {
        let mut rows = tokio::task::JoinSet::new();
        for (operation, fault, n, end, asked) in together {
            rows.spawn(async move {
                let found = meet(operation, fault, *n).await;
                (found != (*end, *asked)).then(|| format!("{operation}, {n} x {fault:?}: {found:?}"))
            });
        }
        let wrong: Vec<String> = rows.join_all().await.into_iter().flatten().collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

async fn meet(operation: &str, fault: &Fault, n: usize) -> (&'static str, [usize; 2]) {
    let double = CloudFrontDouble::start().await;
    double.done_after(1);
    let (cloudfront, _) = connect(&double.url(), DISTRIBUTION);
    // The first call makes the client, which takes longer than a call.
    let first = cloudfront.invalidate("the call before").await;
    assert!(matches!(first, Invalidation::Completed { .. }), "{first:?}");
    let counts = || ["CreateInvalidation", "GetInvalidation"].map(|operation| double.server.count(operation));
    let before = counts();
    double.fail_next(operation, n, fault.clone());
    let hangs = matches!(fault, Fault::Hang(_));
    let cloudfront = if hangs { cloudfront.with_limit(Duration::from_secs(1)) } else { cloudfront };
    let ended = match cloudfront.invalidate("r").await {
        Invalidation::Completed { .. } => "completed",
        Invalidation::StillSpreading { .. } => "spreading",
        Invalidation::Failed { .. } => "failed",
        Invalidation::NotConfigured => "not configured",
    };
    let made = double.invalidations().into_iter().filter(|made| made.reference == "r").count();
    assert!(made <= 1, "{:?}", double.invalidations());
    let after = counts();
    (ended, [after[0] - before[0], after[1] - before[1]])
}

#[tokio::test]
async fn after_a_minute_it_is_still_spreading() {
    let double = CloudFrontDouble::start().await;
    double.done_after(1_000);
    let (cloudfront, clock) = connect(&double.url(), DISTRIBUTION);
    let ended = cloudfront.invalidate("r").await;
    assert!(matches!(ended, Invalidation::StillSpreading { .. }), "{ended:?}");
    assert!(clock.0.load(Ordering::SeqCst) <= 60_000);
}

#[tokio::test]
async fn too_many_at_once_and_server_errors_are_sat_out() {
    let double = CloudFrontDouble::start().await;
    double.fail_next("CreateInvalidation", 2, Fault::Error(400, "TooManyInvalidationsInProgress"));
    double.fail_next("CreateInvalidation", 1, Fault::Status(503));
    let (cloudfront, _) = connect(&double.url(), DISTRIBUTION);
    assert!(matches!(cloudfront.invalidate("r").await, Invalidation::Completed { .. }));

    double.fail_next("CreateInvalidation", 100, Fault::Error(400, "TooManyInvalidationsInProgress"));
    let ended = cloudfront.invalidate("r2").await;
    let Invalidation::Failed { reason } = &ended else { panic!("{ended:?}") };
    assert!(reason.contains("TooManyInvalidationsInProgress") && reason.contains("60 s"), "{reason}");
}

#[tokio::test]
async fn what_will_not_help_fails_at_once_and_says_what_to_do() {
    let double = CloudFrontDouble::start().await;
    let (stranger, clock) = connect(&double.url(), "EUNKNOWN");
    let ended = stranger.invalidate("r").await;
    let Invalidation::Failed { reason } = &ended else { panic!("{ended:?}") };
    assert!(reason.contains("CLOUDFRONT_DISTRIBUTION_ID"), "{reason}");
    assert_eq!(clock.0.load(Ordering::SeqCst), 0);

    double.fail_next("CreateInvalidation", 1, Fault::Status(403));
    let (cloudfront, _) = connect(&double.url(), DISTRIBUTION);
    let ended = cloudfront.invalidate("r").await;
    let Invalidation::Failed { reason } = &ended else { panic!("{ended:?}") };
    assert!(reason.contains("cloudfront:CreateInvalidation"), "{reason}");
}

#[tokio::test]
async fn one_endpoint_may_serve_both() {
    let cloudfront = CloudFrontDouble::start().await;
    let double = S3Double::start_with(Some(&cloudfront)).await;
    let (both, _) = connect(&double.url(), DISTRIBUTION);
    let feed = S3Feed::connect(s3_config(&double.url()), &file_name(), Some(both));
    assert!(matches!(feed.invalidate("r").await, Invalidation::Completed { .. }));
    assert_eq!(cloudfront.invalidations().len(), 1);
}
