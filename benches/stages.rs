//! What each stage of an export costs: `cargo bench --bench stages`.
//!
//! The stages are the library's own, reached by its public face, and told apart by what they are fed: a catalogue that is
//! only read, one of which each product is a repeat, one that is left out, and a whole one. It goes through no network
//! and no disk. Whole runs of 100,000 products take tenths of a second, so a clock and a median are all that it needs.
#![expect(clippy::print_stdout, reason = "it tells what it measured")]

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use auto_ep::{
    chat::TerminalChat,
    clock::SystemClock,
    config::Config,
    feed_store::FolderFeed,
    fetch::{Fetcher, Known, Policy},
    sample::Sample,
    startup::{Parts, service},
    state::FolderState,
    web::{Request, Response, Web, WebError},
};
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;
use tokio::{runtime::Runtime, sync::mpsc};
use tower::ServiceExt;

/// Products of each catalogue.
const PRODUCTS: usize = 50_000;
/// Measured runs of each stage; one before them warms up.
const TURNS: usize = 9;
/// Bytes that arrive at once.
const CHUNK: usize = 64 * 1024;
/// The most of an answer.
const ANSWER: usize = 1 << 20;

/// A web of one document, as it arrives.
struct Document(Vec<Bytes>);

#[async_trait]
impl Web for Document {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let body = Box::pin(stream::iter(self.0.clone().into_iter().map(Ok)));
        Ok(Response { status: StatusCode::OK, url: request.url, headers: HeaderMap::new(), body })
    }
}

impl Document {
    fn of(text: &[u8]) -> Arc<Self> {
        Arc::new(Self(text.chunks(CHUNK).map(Bytes::copy_from_slice).collect()))
    }
}

fn main() -> io::Result<()> {
    let text = catalogue(|_, product| product);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes())?;
    // The first product is kept; whatever follows with its id is read as far as any other, and counted.
    let repeats = catalogue(|_, product| renamed(&product));
    // Without a price a product is read, and left out for the first reason of all.
    let left_out = catalogue(|_, product| product.replace("\"numeral\":", "\"numerals\":"));

    let threads = std::thread::available_parallelism()?.get();
    println!("{PRODUCTS} products, {:.1} MB, {TURNS} turns, {threads} threads", text.len() as f64 / 1e6);
    println!("{:<44} {:>10} {:>10} {:>8}", "", "median ms", "least ms", "MB/s");
    let runtime = Runtime::new()?;
    let megabytes = text.len() as f64 / 1e6;
    for (stage, text) in
        [("decode and split", text.as_bytes()), ("gunzip, decode and split", &gzip.finish()?)]
    {
        let web = Document::of(text);
        tell(stage, megabytes, || runtime.block_on(read(&web)));
    }
    for (stage, text, kept) in [
        ("… and read, leave out", &left_out, 0),
        ("… and judge whole rows, all repeats", &repeats, 1),
        ("… and collect, sum and save: a whole build", &text, PRODUCTS as u64),
    ] {
        let web = Document::of(text.as_bytes());
        tell(stage, text.len() as f64 / 1e6, || runtime.block_on(build(&web, kept)));
    }
    Ok(())
}

/// Clean products with their variants, each as `change` makes it.
fn catalogue(change: impl Fn(usize, String) -> String) -> String {
    let sample = Sample { products: PRODUCTS, seed: 1, dirty: false };
    let product = |at| String::from_utf8(sample.product(at)).expect("a clean product is UTF-8");
    let products: Vec<_> = (0..PRODUCTS).map(|at| change(at, product(at))).collect();
    format!(r#"{{"moreProducts":{{"productWindow":[{}]}}}}"#, products.join(","))
}

/// The product under one and the same number.
fn renamed(product: &str) -> String {
    const NUMBER: &str = "\"itemNo\":\"";
    let digits = product.find(NUMBER).expect("a product has a number") + NUMBER.len();
    let end = digits + product[digits..].find('"').expect("a text ends");
    [&product[..digits], "00000001", &product[end..]].concat()
}

fn config() -> Config {
    let settings = |name: &str| {
        let value = match name {
            "CATALOG_PRESET" => "ikea:kr/ko",
            "CATALOG_URL" => "http://shop.example/catalogue.json",
            "EP_LINK_PARAMS" => "utm_source=naver&utm_medium=ep",
            "EP_MAX_ROWS" => "2000000",
            _ => return None,
        };
        Some(value.to_owned())
    };
    Config::from_lookup(&settings).expect("the settings are sound")
}

/// Reads the catalogue to its end; nothing looks at what comes.
async fn read(web: &Arc<Document>) {
    let config = config();
    let (send, mut batches) = mpsc::channel(4);
    let fetcher = Fetcher::new(web.clone(), Policy::default());
    let known = Known::default();
    let (summary, ()) = tokio::join!(fetcher.read(&config.catalogue, &known, send), async {
        while batches.recv().await.is_some() {}
    });
    assert_eq!(summary.expect("the catalogue is read").items, PRODUCTS as u64);
}

/// A dry run: everything but claims, posts, uploads and publications.
async fn build(web: &Arc<Document>, kept: u64) {
    let (config, clock) = (config(), Arc::new(SystemClock));
    let folder = std::env::temp_dir().join("auto-ep-stages");
    let parts = Parts {
        state: Arc::new(FolderState::new(folder.join("state"))),
        feed: Arc::new(FolderFeed::new(folder.join("feed"), &config.feed.key)),
        chat: Arc::new(TerminalChat::new(clock.clone(), false)),
        clock,
        web: web.clone(),
    };
    let (router, _) = service(&config, SocketAddr::from(([127, 0, 0, 1], 0)), parts);
    let request = axum::http::Request::post("/export-products?dry_run=true").body(Body::empty());
    let answer = router.oneshot(request.expect("it is a request")).await.expect("the router answers");
    let answer = to_bytes(answer.into_body(), ANSWER).await.expect("the answer has an end");
    let answer: Value = serde_json::from_slice(&answer).expect("the answer is JSON");
    let found = answer["report"]["funnel"]["kept"].as_u64();
    assert!(found.is_some_and(|found| found.abs_diff(kept) <= kept / 5), "{answer}");
}

fn tell(stage: &str, megabytes: f64, run: impl Fn()) {
    run();
    let mut turns: Vec<Duration> = (0..TURNS)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    turns.sort();
    let (median, least) = (turns[TURNS / 2], turns[0]);
    let [median_ms, least_ms] = [median, least].map(|time| time.as_secs_f64() * 1e3);
    println!("{stage:<44} {median_ms:>10.1} {least_ms:>10.1} {:>8.0}", megabytes / median.as_secs_f64());
}
