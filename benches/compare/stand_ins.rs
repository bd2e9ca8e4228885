//! What the whole route talks to, as one process on loopback ports: a shop's catalogue, S3 behind a CDN, and Slack; the
//! same services as the tests have. `stand_ins PRODUCTS MILLISECONDS` tells in one line of JSON where they are, and ends
//! with its standard input. S3 answers so late to each part.
//!
//! It measures nothing.
#![allow(clippy::unwrap_used, reason = "it serves the comparison as the tests' doubles serve the tests")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it tells whoever started it where it is")]

use std::{io::Read, time::Duration};

use serde_json::json;

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/memory/catalogue.rs"]
mod catalogue;
#[path = "../../tests/support/mod.rs"]
mod support;

use catalogue::Catalogue;
use support::{CdnDouble, Fault, S3Double, SlackDouble, s3, slack};

const BUCKET: &str = "bucket";
const FEED: &str = "ep.tsv";
/// More parts than a feed has.
const PARTS: usize = 100_000;

#[tokio::main]
async fn main() {
    // `cargo bench` hands over arguments of its own.
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (Some(products), Some(late)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: stand_ins PRODUCTS MILLISECONDS");
        return;
    };
    let (products, late) = (products.parse().unwrap(), Duration::from_millis(late.parse().unwrap()));
    let catalogue = Catalogue::start(products).await;
    let (s3, slack) = (S3Double::start().await, SlackDouble::start().await);
    s3.create_bucket(BUCKET);
    if !late.is_zero() {
        s3.fail_next("UploadPart", PARTS, Fault::Slow(late));
    }
    let cdn = CdnDouble::start(&s3, BUCKET, "ep").await;
    let settings = json!({
        "FEED_STORE_URL": format!("s3://{BUCKET}/ep"),
        "FEED_KEY": FEED,
        "FEED_URL": cdn.url(FEED),
        "AWS_REGION": s3::REGION,
        "AWS_ACCESS_KEY_ID": s3::ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": s3::SECRET_KEY,
        "AWS_ENDPOINT_URL": s3.url(),
        "SLACK_BOT_TOKEN": slack::TOKEN,
        "SLACK_CHANNEL": slack::CHANNEL,
        "SLACK_API_URL": slack.url(),
    });
    let told = json!({
        "settings": settings,
        "bytes": catalogue.bytes,
        "catalogues": {"document": catalogue.plain(), "gzip": catalogue.gzip(), "pages": catalogue.pages()},
    });
    println!("{told}");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
}
