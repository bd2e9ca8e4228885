//! The invalidation of the public file in CloudFront.
//!
//! It never fails a run: whatever happens is told as an [`Invalidation`].

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_sdk_cloudfront::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    types::{InvalidationBatch, Paths},
};
use jiff::Timestamp;
use url::Url;

use super::{
    FeedError, Invalidation,
    aws::{self, Refusal},
};
use crate::{clock::Clock, config::stores::S3Config};

/// How long we wait for the edges, all tries included.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(10);
/// The waits between two looks: from the first to the last, a second more each time.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LAST_WAIT: Duration = Duration::from_secs(5);
/// What a call gets even at the very end.
const LEAST: Duration = Duration::from_secs(1);
/// CloudFront is one service for the whole world, and this is where it is spoken to.
const REGION: &str = "us-east-1";
/// A path that nobody reads.
const PROBE_PATH: &str = "/doctor";
const PERMISSIONS: &str = "cloudfront:CreateInvalidation and cloudfront:GetInvalidation on the distribution";

/// One path of one distribution.
pub struct CloudFront {
    distribution: String,
    path: String,
    access: S3Config,
    clock: Arc<dyn Clock>,
    limit: Duration,
    client: OnceLock<Client>,
}

impl CloudFront {
    /// Invalidates the path of `feed_url` in `distribution`, with the keys and the endpoint of `access`. Contacts
    /// nothing; the client is made by the first call.
    pub fn connect(
        distribution: impl Into<String>,
        feed_url: &Url,
        access: &S3Config,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (distribution, access) = (distribution.into(), access.clone());
        let path = feed_url.path().to_owned(); // a parsed URL's path is percent-encoded already
        Self { distribution, path, access, clock, limit: LIMIT, client: OnceLock::new() }
    }

    /// The same with another limit for one call: 10 s otherwise.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Asks the edges to drop the file and waits until they have. The same `reference` never makes a second
    /// invalidation: CloudFront answers it with the first.
    pub async fn invalidate(&self, reference: &str) -> Invalidation {
        let batch = batch(&self.path, reference);
        let mut patience = Patience {
            clock: &*self.clock,
            limit: self.limit,
            began: self.clock.now(),
            waited: Duration::ZERO,
        };
        let mut wait = FIRST_WAIT;
        let (id, mut done) = loop {
            let failure = match patience.limit(self.create(batch.clone())).await {
                Some(Ok(Some(made))) => break made,
                Some(Ok(None)) => "CloudFront took the invalidation without naming it".to_owned(),
                Some(Err(answer)) if answer.passes || answer.code == "TooManyInvalidationsInProgress" => {
                    answer.said
                }
                Some(Err(answer)) => return Invalidation::Failed { reason: self.reason(&answer) },
                None => "CloudFront did not answer".to_owned(),
            };
            if !patience.sleep(&mut wait).await {
                let reason = format!("{failure}; it did not get better within {} s", PATIENCE.as_secs());
                return Invalidation::Failed { reason };
            }
        };
        wait = FIRST_WAIT;
        while !done {
            if !patience.sleep(&mut wait).await {
                return Invalidation::StillSpreading { id };
            }
            // A look that fails changes nothing: the invalidation is under way.
            done = patience.limit(self.is_done(&id)).await.unwrap_or(false);
        }
        Invalidation::Completed { id }
    }

    async fn create(&self, batch: InvalidationBatch) -> Result<Option<(String, bool)>, Refusal> {
        let request = self.client().create_invalidation().distribution_id(&self.distribution);
        let made = request.invalidation_batch(batch).send().await.map_err(|e| Refusal::of(&e))?;
        Ok(made.invalidation.map(|made| (made.id, is_completed(&made.status))))
    }

    async fn is_done(&self, id: &str) -> bool {
        self.look(id).await.unwrap_or(false)
    }

    async fn look(&self, id: &str) -> Result<bool, Refusal> {
        let request = self.client().get_invalidation().distribution_id(&self.distribution).id(id);
        let found = request.send().await.map_err(|e| Refusal::of(&e))?.invalidation;
        Ok(found.is_some_and(|found| is_completed(&found.status)))
    }

    /// Asks the edges to drop a path that nobody reads, and looks at that once: whether we may.
    pub(super) async fn probe(&self, reference: &str) -> Result<(), FeedError> {
        let asked = async {
            match self.create(batch(PROBE_PATH, &format!("doctor-{reference}"))).await? {
                Some((id, _)) => self.look(&id).await.map(drop),
                None => Ok(()),
            }
        };
        let object = format!("distribution {}", self.distribution);
        match tokio::time::timeout(self.limit, asked).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(answer)) if answer.passes => Err(FeedError::Unavailable { object, reason: answer.said }),
            Ok(Err(answer)) => Err(FeedError::Refused { object, reason: self.reason(&answer) }),
            Err(_) => {
                let reason = format!("no answer within {:?}", self.limit);
                Err(FeedError::Unavailable { object, reason })
            }
        }
    }

    fn reason(&self, answer: &Refusal) -> String {
        let what = match answer.code.as_str() {
            "NoSuchDistribution" => {
                format!("there is no distribution {}: mend CLOUDFRONT_DISTRIBUTION_ID", self.distribution)
            }
            _ => answer.remedy(PERMISSIONS).unwrap_or_default(),
        };
        format!("{}; {what}", answer.said).trim_end_matches("; ").to_owned()
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let access = &self.access;
            let mut builder = aws_sdk_cloudfront::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new(REGION))
                .credentials_provider(aws::credentials(access))
                .identity_cache(aws::identity_cache(access))
                .timeout_config(aws::timeouts(self.limit))
                .retry_config(RetryConfig::disabled()); // the tries are ours, within one limit
            builder.set_endpoint_url(access.endpoint.as_ref().map(Url::to_string));
            Client::from_conf(builder.build())
        })
    }
}

fn batch(path: &str, reference: &str) -> InvalidationBatch {
    let paths = Paths::builder().quantity(1).items(path).build().expect("it has a path");
    let batch = InvalidationBatch::builder().paths(paths).caller_reference(reference).build();
    batch.expect("it has paths and a reference")
}

/// The time that is left. The waits are added up as well, for a clock that does not move while we sleep.
struct Patience<'a> {
    clock: &'a dyn Clock,
    limit: Duration,
    began: Timestamp,
    waited: Duration,
}

impl Patience<'_> {
    fn left(&self) -> Duration {
        let passed = Duration::try_from(self.clock.now().duration_since(self.began)).unwrap_or_default();
        PATIENCE.saturating_sub(passed.max(self.waited))
    }

    /// One call, but not longer than there is time; `None` where it took longer.
    async fn limit<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.left().max(LEAST).min(self.limit), call).await.ok()
    }

    /// Waits and grows the wait; `false`, without waiting, where that would take too long.
    async fn sleep(&mut self, wait: &mut Duration) -> bool {
        if *wait > self.left() {
            return false;
        }
        self.clock.sleep(*wait).await;
        self.waited += *wait;
        *wait = (*wait + Duration::from_secs(1)).min(LAST_WAIT);
        true
    }
}

/// Emulators shout it.
fn is_completed(status: &str) -> bool {
    status.eq_ignore_ascii_case("Completed")
}
