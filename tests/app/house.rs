//! A whole auto-ep with every service it stands on, all in this process, on a clock that tests set.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use auto_ep::{clock::Clock, config::Config, startup::App};
use axum::{Router, body::Body, http::Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::{
    CdnDouble, CloudFrontDouble, GcsDouble, MetadataDouble, S3Double, SchedulerDouble, SlackDouble,
    cloudfront, s3, slack,
};

pub const STATE_BUCKET: &str = "thread-tracker";
pub const FEED_BUCKET: &str = "feeds";
pub const PUBLIC_KEY: &str = "ep/ikea_ep.tsv";

/// A clock that goes on from wherever it was set.
pub struct TestClock(Mutex<(Timestamp, Instant)>);

impl TestClock {
    pub fn set(&self, now: &str) {
        *self.0.lock().unwrap() = (now.parse().unwrap(), Instant::now());
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let (from, set) = *self.0.lock().unwrap();
        from + SignedDuration::try_from(set.elapsed()).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// What the catalogue's URL answers.
#[derive(Clone)]
pub struct Catalogue(Arc<Mutex<(u16, Vec<u8>, Duration)>>);

impl Catalogue {
    pub fn of(body: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new((200, body, Duration::ZERO))))
    }

    pub fn serve(&self, status: u16, body: impl Into<Vec<u8>>) {
        *self.0.lock().unwrap() = (status, body.into(), Duration::ZERO);
    }

    pub fn slow(&self, wait: Duration) {
        self.0.lock().unwrap().2 = wait;
    }

    pub async fn start(&self) -> String {
        let catalogue = self.clone();
        let app = Router::new().fallback(move || {
            let catalogue = catalogue.clone();
            async move {
                let (status, body, wait) = catalogue.0.lock().unwrap().clone();
                tokio::time::sleep(wait).await;
                Response::builder().status(status).body(Body::from(body)).unwrap()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/catalogue.json", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        url
    }
}

/// Everything together.
pub struct House {
    pub base: String,
    /// Its settings.
    pub environment: HashMap<String, String>,
    pub clock: Arc<TestClock>,
    pub catalogue: Catalogue,
    pub catalogue_url: String,
    pub slack: SlackDouble,
    pub gcs: GcsDouble,
    pub s3: S3Double,
    pub cloudfront: CloudFrontDouble,
    pub cdn: CdnDouble,
    pub metadata: MetadataDouble,
    pub scheduler: SchedulerDouble,
    pub http: reqwest::Client,
    /// Its SIGTERM.
    pub sigterm: CancellationToken,
}

/// One answer of ours.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl House {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With some settings other than usual; an empty value unsets one.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let clock = Arc::new(TestClock(Mutex::new((Timestamp::now(), Instant::now()))));
        clock.set("2026-10-05T15:00:01Z");
        let catalogue = Catalogue(Arc::new(Mutex::new((200, sample(40), Duration::ZERO))));
        let slack = SlackDouble::start_at(clock.clone()).await;
        let gcs = GcsDouble::start().await;
        gcs.create_bucket(STATE_BUCKET);
        let cloudfront = CloudFrontDouble::start().await;
        let s3 = S3Double::start_with(Some(&cloudfront)).await;
        s3.create_bucket(FEED_BUCKET);
        let cdn = CdnDouble::start(&s3, FEED_BUCKET, "ep").await;
        let metadata = MetadataDouble::start().await;
        let scheduler = SchedulerDouble::start(metadata.tokens()).await;
        let catalogue_url = catalogue.start().await;
        let mut environment: HashMap<String, String> = [
            ("PORT", "0".to_owned()),
            ("STATE_URL", format!("gs://{STATE_BUCKET}")),
            ("GCS_ENDPOINT", gcs.url()),
            ("FEED_STORE_URL", format!("s3://{FEED_BUCKET}/ep")),
            ("FEED_URL", cdn.url("ikea_ep.tsv")),
            ("CLOUDFRONT_DISTRIBUTION_ID", cloudfront::DISTRIBUTION.to_owned()),
            ("AWS_REGION", s3::REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", s3::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", s3::SECRET_KEY.to_owned()),
            ("AWS_ENDPOINT_URL", s3.url()),
            ("GCE_METADATA_HOST", metadata.host()),
            ("SCHEDULER_ENDPOINT", scheduler.url()),
            ("SLACK_BOT_TOKEN", slack::TOKEN.to_owned()),
            ("SLACK_CHANNEL", slack::CHANNEL.to_owned()),
            ("SLACK_API_URL", slack.url()),
            ("SLACK_MENTION", "U0123ABCD".to_owned()),
            ("CATALOG_URL", catalogue_url.clone()),
            ("CATALOG_ITEMS", "/moreProducts/productWindow/*[type=PRODUCT]/product".to_owned()),
            ("EP_SHIPPING", "3000".to_owned()),
            // The sample's pages and images do not exist.
            ("VERIFY_ALIVE_SAMPLE", "0".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        for (name, value) in settings {
            environment.insert((*name).to_owned(), (*value).to_owned());
        }
        let config = Config::from_lookup(&|name| environment.get(name).cloned()).unwrap();
        let app = App::new(&config, clock.clone()).await.unwrap();
        let base = app.base_url();
        let sigterm = CancellationToken::new();
        tokio::spawn(app.serve(sigterm.clone().cancelled_owned()));
        let http = reqwest::Client::new();
        Self {
            base,
            environment,
            clock,
            catalogue,
            catalogue_url,
            slack,
            gcs,
            s3,
            cloudfront,
            cdn,
            metadata,
            scheduler,
            http,
            sigterm,
        }
    }

    /// A tick as Cloud Scheduler sends it, a second after its time.
    pub async fn tick(&self, route: &str, time: &str) -> Answer {
        let now: Timestamp = time.parse().unwrap();
        self.clock.set(&(now + SignedDuration::from_secs(1)).to_string());
        self.send(self.request(route).header("X-CloudScheduler-ScheduleTime", time)).await
    }

    /// A call by hand.
    pub async fn call(&self, route: &str) -> Answer {
        self.send(self.request(route)).await
    }

    pub fn request(&self, route: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}/{route}", self.base)).timeout(Duration::from_secs(180))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }

    /// How many builds are kept.
    pub fn builds(&self) -> usize {
        let keys = self.s3.keys(FEED_BUCKET);
        keys.iter().filter(|key| key.contains("builds/") && !key.contains("excluded")).count()
    }

    /// The bytes that readers may read, straight from the store.
    pub async fn public(&self) -> Option<Vec<u8>> {
        self.s3.object(FEED_BUCKET, PUBLIC_KEY).await.map(|object| object.bytes.to_vec())
    }

    /// The replies of the only thread there is, after the guide.
    pub fn reports(&self) -> Vec<crate::support::slack::Message> {
        let parents = self.slack.parents();
        assert_eq!(parents.len(), 1, "one parent");
        let mut replies = self.slack.replies(&parents[0].ts);
        assert!(replies.remove(0).text.contains("안내"), "the guide comes first");
        replies
    }

    pub fn record(&self, name: &str) -> Option<Value> {
        Some(serde_json::from_str(&self.gcs.text(STATE_BUCKET, name)?).unwrap())
    }
}

/// A sound catalogue of `n` products in the listing; of 40, 5 have a variant of their own besides.
pub fn sample(n: usize) -> Vec<u8> {
    let mut document = Vec::new();
    auto_ep::sample::Sample { products: n, seed: 7, dirty: false }.write(&mut document).unwrap();
    document
}
