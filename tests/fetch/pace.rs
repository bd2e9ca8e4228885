//! How long a walk through many departments takes, in virtual time: a source with nothing but places and latency.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use auto_ep::{
    fetch::{Fetcher, Known, Policy, Summary},
    web::{Request, Response, Web, WebError},
};
use serde_json::json;
use tokio::{sync::mpsc, time::Instant};

use crate::shop::settings;

/// The departments of a shop as they were seen, and their sizes.
const SIZES: [(&str, u64); 23] = [
    ("st001", 2000),
    ("de001", 1247),
    ("kt001", 1050),
    ("tl001", 980),
    ("st007", 962),
    ("bm001", 880),
    ("ba001", 813),
    ("ka001", 811),
    ("bc001", 714),
    ("od001", 668),
    ("fu002", 645),
    ("li001", 574),
    ("fu003", 510),
    ("wt001", 374),
    ("pp001", 369),
    ("fu004", 352),
    ("he001", 204),
    ("hi001", 199),
    ("tl002", 199),
    ("lc001", 156),
    ("fb001", 115),
    ("hs001", 60),
    ("pt001", 18),
];

/// Answers each call after as long as `latency` says of its number.
struct Paced {
    latency: fn(usize) -> u64,
    clamp: u64,
    calls: AtomicUsize,
    running: AtomicUsize,
    most: AtomicUsize,
}

struct Running<'p>(&'p AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Web for Paced {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let now = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        let _running = Running(&self.running);
        self.most.fetch_max(now, Ordering::SeqCst);
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis((self.latency)(number))).await;
        let query = |name: &str| {
            let found = request.url.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let category = query("category");
        let size = SIZES.iter().find(|(id, _)| *id == category).map_or(0, |(_, size)| *size);
        let body = match request.url.path().rsplit('/').next().unwrap() {
            "more-products" => {
                let start: u64 = query("start").parse().unwrap();
                let end = query("end").parse::<u64>().unwrap().min(size).min(start + self.clamp);
                let window: Vec<_> =
                    (start..end).map(|place| json!({"itemNo": format!("{category}-{place}")})).collect();
                json!({"moreProducts": {"productWindow": window}})
            }
            "search-result-page" => {
                let values: Vec<_> = SIZES.map(|(id, count)| json!({"id": id, "count": count})).into();
                let filters = json!([{"id": "CATEGORIES", "values": values}]);
                json!({"searchResultPage": {"products": {"filters": filters}}})
            }
            _ => json!({"productListPage": {"productCount": size}}),
        };
        let body = Box::pin(futures_util::stream::iter([Ok(body.to_string().into())]));
        let (status, url) = (reqwest::StatusCode::OK, request.url);
        Ok(Response { status, url, headers: Default::default(), body })
    }
}

/// How long it took, how many calls that were, and how many ran at once.
async fn walk(concurrency: usize, latency: fn(usize) -> u64, clamp: u64) -> (Duration, u32, usize, Summary) {
    let web = Arc::new(Paced {
        latency,
        clamp,
        calls: AtomicUsize::default(),
        running: AtomicUsize::default(),
        most: AtomicUsize::default(),
    });
    let config = settings(&[("CATALOG_CONCURRENCY", &concurrency.to_string())]);
    let (sender, mut receiver) = mpsc::channel(1);
    let drain = tokio::spawn(async move { while receiver.recv().await.is_some() {} });
    let began = Instant::now();
    let fetcher = Fetcher::new(web.clone(), Policy::default());
    let summary = fetcher.read(&config, &Known::default(), sender).await.unwrap();
    drain.await.unwrap();
    let calls = web.calls.load(Ordering::SeqCst) as u32;
    (began.elapsed(), calls, web.most.load(Ordering::SeqCst), summary)
}

#[tokio::test(start_paused = true)]
async fn at_300_ms_a_call_23_departments_take_their_calls_divided_by_the_concurrency_and_a_quarter_at_most() {
    for concurrency in [1, 2, 4, 8] {
        let (took, calls, most, summary) = walk(concurrency, |_| 300, 1000).await;
        assert_eq!((summary.source.gave, summary.source.short), (13_900, 0));
        // One list, 23 counts, 26 windows that hold something, and an empty one behind each department.
        assert_eq!((calls, most), (1 + 23 + 26 + 23, concurrency));
        let ideal = Duration::from_millis(300) * calls / concurrency as u32;
        assert!(took <= ideal * 5 / 4, "{concurrency}: {took:?} for {calls} calls");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_take_now_longer_now_shorter_still_overlap() {
    let (took, calls, most, summary) =
        walk(4, |number| if number.is_multiple_of(3) { 700 } else { 100 }, 1000).await;
    assert_eq!((summary.source.gave, most), (13_900, 4));
    let ideal = Duration::from_millis(300) * calls / 4;
    assert!(took <= ideal * 3 / 2, "{took:?} for {calls} calls");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_clamps_its_windows_costs_the_calls_that_it_needs() {
    for clamp in [480, 100, 24] {
        let (took, calls, most, summary) = walk(4, |_| 300, clamp).await;
        assert_eq!((summary.source.gave, summary.source.short, most), (13_900, 0, 4));
        let needed: u64 = 1 + 23 + SIZES.iter().map(|(_, size)| size.div_ceil(clamp) + 1).sum::<u64>();
        assert!(u64::from(calls) <= needed + needed / 10 + 8, "{clamp}: {calls} calls of {needed}");
        let ideal = Duration::from_millis(300) * calls / 4;
        assert!(took <= ideal * 5 / 4, "{clamp}: {took:?} for {calls} calls");
    }
}
