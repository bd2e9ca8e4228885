//! How much memory an export and a verification take at most, told by the kernel of a child process: `.ci/peak-memory`.
#![allow(clippy::unwrap_used, reason = "a test")]

mod alone;
mod catalogue;
mod departments;
mod endless;
mod hostile;
mod service;
#[path = "../support/mod.rs"]
mod support;
mod verify;

use std::{fmt, time::Duration};

use auto_ep::{
    report::{Funnel, hex},
    sample::Planted,
};
use catalogue::Catalogue;
use serde_json::{Value, json};
use service::Service;
use sha2::{Digest, Sha256};
use support::{Fault, S3Double, SlackDouble};

const PRODUCTS: usize = 110_000;
/// The most that the memory promise is for.
const MANY: usize = 1_000_000;
/// Products that the second of two catalogues lacks.
const FEWER: usize = 1_000;
const MOST_MIB: f64 = 64.0;
const BUCKET: &str = "bucket";
const MIB: f64 = 1024.0 * 1024.0;

/// One way of reading the catalogue and writing the feed.
struct Mode {
    name: &'static str,
    catalogue: String,
    /// How late S3 answers to each part and to each small file, so that everything that may wait for it does.
    slow_store: Option<Duration>,
    /// Threads of the process.
    workers: &'static str,
    /// How many products the catalogue has.
    products: usize,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, workers, products, .. } = self;
        let store = if self.slow_store.is_some() { "slow S3" } else { "" };
        write!(f, "{products:>7} products  {name:<16} {workers} workers  {store:<7}")
    }
}

/// What one export took.
struct Measured {
    seconds: f64,
    cpu_seconds: f64,
    rows: u64,
    feed_bytes: u64,
    peak_mib: f64,
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build, 4 GB of disk and half an hour: .ci/peak-memory"]
async fn exports_of_ten_thousand_to_a_million_products_stay_under_64_mib() {
    let mut over = Vec::new();
    // The most of each size, so that what a product costs is known.
    let mut peaks = Vec::new();
    for products in [10_000, PRODUCTS, MANY] {
        let catalogue = Catalogue::start(products).await;
        let json_mb = catalogue.bytes as f64 / 1e6;
        let kb_each = json_mb * 1000.0 / products as f64;
        assert!((2.1..2.4).contains(&kb_each), "{kb_each} kB of JSON a product");
        // A million products are ten times the parts.
        let lateness = Some(Duration::from_millis(if products == MANY { 150 } else { 1500 }));
        let ways = [
            ("document", catalogue.plain()),
            ("gzip", catalogue.gzip()),
            ("pages, 4 at once", catalogue.pages()),
        ];
        let mut most = 0.0_f64;
        for workers in ["1", "2", "4", "8"] {
            for (slow_store, (name, url)) in
                [None, lateness].into_iter().flat_map(|late| ways.iter().map(move |way| (late, way)))
            {
                let mode = Mode { name, catalogue: url.clone(), slow_store, workers, products };
                let Measured { seconds, cpu_seconds, rows, feed_bytes, peak_mib } =
                    measured(&mode, &catalogue.planted).await;
                say(&format!(
                    "{mode}  {seconds:>5.1} s  {:>4.0} MB/s  CPU {cpu_seconds:>4.1} s  {rows} rows  \
                     TSV {:>3.0} MB  peak {peak_mib:>5.1} MiB",
                    json_mb / seconds,
                    feed_bytes as f64 / 1e6,
                ));
                most = most.max(peak_mib);
                if peak_mib >= MOST_MIB {
                    over.push(format!("{mode}: {peak_mib:.1} MiB"));
                }
            }
        }
        peaks.push(most);
    }
    let slope = |from: usize, products: usize| (peaks[from + 1] - peaks[from]) * MIB / products as f64;
    say(&format!(
        "at most {peaks:.1?} MiB; {:.1} and {:.1} bytes a product more",
        slope(0, PRODUCTS - 10_000),
        slope(1, MANY - PRODUCTS)
    ));
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build, 5 GB of disk and some minutes: .ci/peak-memory"]
async fn a_million_products_are_compared_with_as_many_under_64_mib() {
    let mut peaks = Vec::new();
    for products in [PRODUCTS, MANY] {
        let catalogue = Catalogue::start(products).await;
        let (s3, slack) = (S3Double::start().await, SlackDouble::start().await);
        s3.create_bucket(BUCKET);
        let service = Service::start(&catalogue.plain(), &s3, BUCKET, &slack).await;
        let (first, seconds) = service.export().await;
        let first_peak = service.peak_bytes() / MIB;
        catalogue.leave_out(FEWER);
        let (second, more_seconds) = service.export().await;
        let peak = service.peak_bytes() / MIB;
        say(&format!(
            "{products} products: first export {seconds:.1} s, peak {first_peak:.1} MiB; second, compared with it, \
             {more_seconds:.1} s, peak {peak:.1} MiB"
        ));
        assert_compared(&first["report"], &second["report"]);
        peaks.push(peak);
    }
    say(&format!("{:.1} bytes a product", (peaks[1] - peaks[0]) * MIB / (MANY - PRODUCTS) as f64));
    assert!(peaks.iter().all(|peak| *peak < MOST_MIB), "{MOST_MIB} MiB were not enough: {peaks:?}");
}

/// The second export lacks some products of the first one, and each row of both is in exactly one count.
fn assert_compared(first: &Value, second: &Value) {
    let diff = &second["diff"];
    assert_eq!((&diff["state"], &diff["against"]), (&json!("compared"), &first["build"]), "{diff}");
    let count = |name: &str| diff[name].as_u64().unwrap();
    let both: u64 = ["price_up", "price_down", "changed", "unchanged"].map(count).iter().sum();
    let rows = |report: &Value| report["funnel"]["kept"].as_u64().unwrap();
    assert_eq!((both + count("removed"), both + count("added")), (rows(first), rows(second)), "{diff}");
    assert!((1..=4 * FEWER as u64).contains(&count("removed")), "{diff}");
    assert_eq!(diff["removed_examples"].as_array().map(Vec::len), Some(3), "{diff}");
}

/// Exports in a fresh process with fresh services, and makes sure that all of the feed is there.
async fn measured(mode: &Mode, planted: &Planted) -> Measured {
    let (s3, slack) = (S3Double::start().await, SlackDouble::start().await);
    s3.create_bucket(BUCKET);
    if let Some(late) = mode.slow_store {
        for call in ["UploadPart", "PutObject"] {
            s3.fail_next(call, 1000, Fault::Slow(late));
        }
    }
    let workers = [("TOKIO_WORKER_THREADS", mode.workers)];
    let service = Service::with(&mode.catalogue, &s3, BUCKET, &slack, &workers).await;
    let before = service.cpu_seconds();
    let (answer, seconds) = service.export().await;
    let (cpu_seconds, peak_mib) = (service.cpu_seconds() - before, service.peak_bytes() / MIB);
    drop(service);

    assert_eq!(answer["status"], json!("ok"), "{answer}");
    let report = &answer["report"];
    let funnel: Funnel = serde_json::from_value(report["funnel"].clone()).unwrap();
    assert_eq!(funnel, expected(planted), "{mode}");
    let rows = published_rows(&s3, report).await;
    assert_eq!(rows, planted.kept, "{mode}");
    assert_eq!(slack.parents().len(), 1, "{mode}");
    let feed_bytes = report["bytes"].as_u64().unwrap();
    Measured { seconds, cpu_seconds, rows, feed_bytes, peak_mib }
}

fn expected(planted: &Planted) -> Funnel {
    Funnel {
        fetched: planted.fetched,
        kept: planted.kept,
        skipped: planted.skipped.clone(),
        broken: planted.broken.clone(),
        duplicates: planted.duplicates,
    }
}

/// Rows of the public file, which has to be the reported one byte by byte.
async fn published_rows(s3: &S3Double, report: &Value) -> u64 {
    let public = s3.object(BUCKET, "ep/ikea_ep.tsv").await.unwrap();
    assert_eq!(json!(hex(&Sha256::digest(&public.bytes))), report["sha256"]);
    let lines = memchr::memchr_iter(b'\n', &public.bytes).count() as u64;
    lines - 1
}

#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
fn say(line: &str) {
    println!("{line}");
}
