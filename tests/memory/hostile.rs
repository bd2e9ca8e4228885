//! Catalogues whose text is small beside what it could be made to hold.

use std::io::Write;

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, header},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    MOST_MIB,
    alone::{WORKERS, alone, measured},
};

/// The most bytes of one product's text that are read, less some for what stands around it.
const LARGE: usize = 2 * 1024 * 1024 - 1024;
/// Hostile products in a document, and pages that each hold some of them.
const MANY: usize = 60;
const PAGES: usize = 32;
const A_PAGE: usize = 3;
/// The bytes of a small one, of which so many times as many make the same catalogue in less text.
const SMALL: usize = 16 * 1024;
const SMALLER: usize = 10;
/// A product of nearly the largest size whose `key` holds `element` again and again.
fn product(key: &str, open: &str, element: &str, close: &str) -> String {
    sized(LARGE, key, open, element, close)
}

/// The same of so many bytes.
fn sized(bytes: usize, key: &str, open: &str, element: &str, close: &str) -> String {
    let head = format!(r#"{{"itemNo":"1","name":"A","{key}":{open}"#);
    let mut text = String::with_capacity(bytes);
    text.push_str(&head);
    let mut first = true;
    while text.len() + element.len() + close.len() + 2 < bytes {
        if !std::mem::take(&mut first) {
            text.push(',');
        }
        text.push_str(element);
    }
    text.push_str(close);
    text.push('}');
    text
}

/// What each is called, and one product of it.
fn hostile() -> Vec<(&'static str, String)> {
    let variants = r#"{"variants":["#;
    vec![
        ("empty variants", product("gprDescription", variants, "{}", "]}")),
        ("small variants", product("gprDescription", variants, r#"{"itemNo":1}"#, "]}")),
        ("empty images", product("allProductImage", "[", "{}", "]")),
        ("images of one letter", product("allProductImage", "[", r#""a""#, "]")),
        ("small categories", product("categoryPath", "[", r#"{"name":"a"}"#, "]")),
        ("marks", product("tags", "[", r#""ab""#, "]")),
        ("many keys", product("unknown", "{", r#""k":0"#, "}")),
        ("one long text", product("name", "\"", "abcdefghijklmnopqrstuvwxyz0123456789", "\"")),
        ("escapes", product("typeName", "\"", r"\u0041\n", "\"")),
        ("four times too large", sized(4 * LARGE, "gprDescription", variants, "{}", "]}")),
        ("broken in the middle", product("allProductImage", "[", r#"{"url":"a}"#, "]")),
        ("unreadable variants", sized(SMALL, "gprDescription", variants, "{x}", "]}")),
        ("numbered variants", sized(SMALL, "gprDescription", variants, r#"{"itemNo":1}"#, "]}")),
        ("brackets", product("unknown", "[", &format!("{}{}", "[".repeat(1000), "]".repeat(1000)), "]")),
    ]
}

#[derive(Deserialize)]
struct Range {
    start: usize,
}

/// So many of the product, with ids from `first` on.
fn document(product: &str, first: usize, many: usize) -> String {
    let elements = (first..first + many).map(|id| {
        let product = product.replacen(r#""itemNo":"1""#, &format!(r#""itemNo":"{id}""#), 1);
        format!(r#"{{"type":"PRODUCT","product":{product}}}"#)
    });
    let elements: Vec<_> = elements.collect();
    format!(r#"{{"moreProducts":{{"productWindow":[{}]}}}}"#, elements.join(","))
}

/// A server of one product: `/gzip` gives many of it in one document, `/pages` a few in each window.
async fn serve(product: &str) -> String {
    let times = if product.len() > SMALL { 1 } else { SMALLER };
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(document(product, 0, times * MANY).as_bytes()).unwrap();
    let gzip = Bytes::from(gzip.finish().unwrap());
    let product = product.to_owned();
    let compressed = move |State(()): State<()>| {
        let gzip = gzip.clone();
        async move {
            let encoding = HeaderValue::from_static("gzip");
            (HeaderMap::from_iter([(header::CONTENT_ENCODING, encoding)]), gzip)
        }
    };
    let page = move |Query(range): Query<Range>| {
        let many = if range.start < PAGES * A_PAGE { times * A_PAGE } else { 0 };
        let page = document(&product, times * range.start, many);
        async move { page }
    };
    let router = Router::new().route("/gzip", get(compressed)).route("/pages", get(page)).with_state(());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and a minute: .ci/peak-memory"]
async fn a_text_that_grows_stays_under_64_mib() {
    let mut over = Vec::new();
    for (what, product) in hostile() {
        let url = serve(&product).await;
        for workers in WORKERS {
            for (way, catalogue) in [
                ("gzip", format!("{url}/gzip")),
                ("16 pages at once", format!("{url}/pages?start={{start}}&n={{end}}")),
            ] {
                let page = A_PAGE.to_string();
                let settings = [
                    ("TOKIO_WORKER_THREADS", workers),
                    ("CATALOG_CONCURRENCY", "16"),
                    ("CATALOG_PAGE_SIZE", page.as_str()),
                ];
                let alone = alone(&catalogue, &settings).await;
                let (answer, seconds) = alone.service.export().await;
                let report = &answer["report"];
                let fetched = report["funnel"]["fetched"].as_u64().unwrap_or_default();
                assert!(fetched >= MANY as u64, "each product is in a count: {answer:#}");
                assert_ne!(answer["status"], json!("ok"), "{what} is told: {answer:#}");
                let what = format!("{what}, {way}, {workers} workers, {}", told(report));
                measured(&what, &alone, seconds, &mut over);
            }
        }
    }
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:#?}");
}

fn told(report: &Value) -> String {
    format!("broken {}", report["funnel"]["broken"])
}
