//! Answers that never end, products that become far more than their text, and callers that only take memory.

use std::{convert::Infallible, time::Instant};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Response, StatusCode},
    routing::get,
};
use futures_util::{StreamExt, future::join_all, stream};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use crate::{
    MOST_MIB,
    alone::{WORKERS, alone, measured},
    catalogue::Catalogue,
};

/// Products of each export of the crowd, and how many come at once.
const CROWD_PRODUCTS: usize = 100_000;
const CROWD: usize = 12;
/// Products with many variants each, of little text that becomes rows.
const FAMILIES: usize = 200;
const PARENT: &str = r#""name":"A","typeName":"책장 책장 책장 책장 책장 책장 책장","categoryPath":[{"name":"수납"}],"gprDescription":{"variants":["#;
/// Variants of one product.
const VARIANTS: usize = 5_000;

async fn listen(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// A product with thousands of variants that are rows of their own.
fn family(n: usize) -> String {
    let variants: Vec<_> = (0..VARIANTS)
        .map(|i| {
            format!(
                r#"{{"itemNo":"{n}-{i}","name":"A","salesPrice":{{"numeral":5}},"pipUrl":"//a.example/","mainImageUrl":"//a.example/a","x":[{{}},{{"a":1}}]}}"#
            )
        })
        .collect();
    format!(r#"{{"type":"PRODUCT","product":{{"itemNo":"{n}",{PARENT}{}]}}}}}}"#, variants.join(","))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and a minute: .ci/peak-memory"]
async fn variants_are_rows_however_many_a_product_has_under_64_mib() {
    let families = |first: usize, many: usize| {
        let families: Vec<_> = (first..first + many).map(family).collect();
        format!(r#"{{"moreProducts":{{"productWindow":[{}]}}}}"#, families.join(","))
    };
    let page = move |axum::extract::Query(range): axum::extract::Query<
        std::collections::HashMap<String, usize>,
    >| async move {
        let many = if range["start"] < FAMILIES { 4 } else { 0 };
        tokio::task::spawn_blocking(move || families(range["start"], many)).await.unwrap()
    };
    let url = listen(Router::new().route("/pages", get(page))).await;
    let mut over = Vec::new();
    for workers in WORKERS {
        let settings = [
            ("TOKIO_WORKER_THREADS", workers),
            ("CATALOG_CONCURRENCY", "16"),
            ("CATALOG_PAGE_SIZE", "4"),
            ("DEADLINE", "3000s"),
        ];
        let alone = alone(&format!("{url}/pages?start={{start}}&e={{end}}"), &settings).await;
        let (answer, seconds) = alone.service.export().await;
        let kept = answer["report"]["funnel"]["kept"].as_u64().unwrap();
        assert_eq!(kept, (FAMILIES * VARIANTS) as u64, "{}", answer["report"]["funnel"]);
        measured(
            &format!("{kept} variants of {FAMILIES} products, {workers} workers"),
            &alone,
            seconds,
            &mut over,
        );
    }
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:#?}");
}

/// An endless text: what stands first, then a piece again and again.
fn endless(head: &'static str, piece: &'static str) -> Response<Body> {
    let pieces = Bytes::from(piece.repeat(64 * 1024 / piece.len()));
    let pieces = stream::repeat(pieces).map(Ok::<_, Infallible>);
    let head = stream::iter([Ok(Bytes::from_static(head.as_bytes()))]);
    Response::new(Body::from_stream(head.chain(pieces)))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and some minutes: .ci/peak-memory"]
async fn answers_without_an_end_stay_under_64_mib() {
    const LIST: &str = r#"{"searchResultPage":{"products":{"filters":[{"id":"CATEGORIES","values":["#;
    let app = Router::new()
        .route("/list/kr/ko/search-result-page", get(|| async { endless(LIST, r#"{"id":"a","name":"b"},"#) }))
        .route("/list/kr/ko/product-list-page", get(|| async { endless("{\"a\":[", "0,") }))
        .route(
            "/list/kr/ko/product-list-page/more-products",
            get(|| async { r#"{"moreProducts":{"productWindow":[]}}"# }),
        )
        .route("/brackets", get(|| async { endless("{\"moreProducts\":", "[") }))
        .route("/key", get(|| async { endless("{\"", "abcdefgh") }))
        .route("/line", get(|| async { endless("{\"a\":\"", "abcdefgh") }))
        .route("/product", get(|| async { endless("{\"moreProducts\":{\"productWindow\":[", "[") }))
        .route(
            "/error",
            get(|| async {
                let mut response = endless("no ", "really ");
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }),
        )
        .route("/columns", get(|| async { endless("", "a\t") }))
        .route("/row", get(|| async { endless("id\ttitle\n", "abcdefgh") }));
    let url = listen(app).await;
    let mut over = Vec::new();
    for workers in WORKERS {
        for (what, items) in
            [("list", ""), ("brackets", ""), ("key", ""), ("line", "ndjson"), ("product", ""), ("error", "")]
        {
            let catalogue =
                if what == "list" { format!("{url}/list/kr/ko/") } else { format!("{url}/{what}") };
            let preset = if what == "list" { "ikea:kr/ko" } else { "" };
            let items =
                if items.is_empty() && what != "list" { "/moreProducts/productWindow" } else { items };
            let settings = [
                ("TOKIO_WORKER_THREADS", workers),
                ("CATALOG_PRESET", preset),
                ("CATALOG_ITEMS", items),
                ("CATALOG_CONCURRENCY", "16"),
            ];
            let alone = alone(&catalogue, &settings).await;
            let (answer, seconds) = alone.service.answer("export-products?dry_run=true").await;
            assert_eq!(answer["report"]["funnel"]["kept"].as_u64().unwrap_or_default(), 0, "{answer:#}");
            measured(&format!("{what} without an end, {workers} workers"), &alone, seconds, &mut over);
        }
        for what in ["columns", "row"] {
            let feed = format!("{url}/{what}");
            let settings = [
                ("TOKIO_WORKER_THREADS", workers),
                ("FEED_URL", feed.as_str()),
                ("VERIFY_MAX_BYTES", "300MiB"),
                ("VERIFY_ALIVE_SAMPLE", "0"),
            ];
            let alone = alone("http://catalogue.example/", &settings).await;
            let (answer, seconds) = alone.service.post("verify-ep").await;
            assert_eq!(answer["status"], json!("fail"), "{answer:#}");
            measured(&format!("{what} without an end, {workers} workers"), &alone, seconds, &mut over);
        }
    }
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:#?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and a minute: .ci/peak-memory"]
async fn a_crowd_of_exports_and_callers_stays_under_64_mib() {
    let catalogue = Catalogue::start(CROWD_PRODUCTS).await;
    let mut over = Vec::new();
    for workers in WORKERS {
        let settings = [("TOKIO_WORKER_THREADS", workers), ("DEADLINE", "3000s")];
        let alone = alone(&catalogue.plain(), &settings).await;
        let begun = Instant::now();
        let calls = (0..CROWD).map(|_| alone.service.answer("export-products?dry_run=true"));
        let mut done = 0;
        for (answer, _) in join_all(calls).await {
            let status = answer["status"].as_u64();
            assert!(status.is_none() || status == Some(503), "{answer:#}");
            done += usize::from(status.is_none());
        }
        assert!(done > 0, "some were let in");
        // Callers that only hold connections, half of them with half a head.
        let address = alone.service.url().strip_prefix("http://").unwrap().to_owned();
        let mut callers = Vec::new();
        for n in 0..400 {
            if let Ok(mut stream) = TcpStream::connect(&address).await {
                if n % 2 == 0 {
                    let half = format!("GET /health HTTP/1.1\r\nx: {}\r\n", "y".repeat(15_000));
                    let _ = stream.write_all(half.as_bytes()).await;
                }
                callers.push(stream);
            }
        }
        let (answer, _) = alone.service.answer("verify-ep?dry_run=true").await;
        assert!(answer["report"]["checks"].is_array(), "who asks is served beside them: {answer:#}");
        let seconds = begun.elapsed().as_secs_f64();
        measured(&format!("{CROWD} exports and 400 callers, {workers} workers"), &alone, seconds, &mut over);
    }
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:#?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and a minute: .ci/peak-memory"]
async fn readers_that_never_read_and_floods_of_http_2_stay_under_64_mib() {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    /// A frame of 16 KiB that begins the headers of stream 1 and ends nothing.
    const HEADERS: &[u8] = b"\0\x40\0\x01\0\0\0\0\x01";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ikea_ep.tsv"), vec![b'x'; 32 << 20]).unwrap();
    let store = format!("file:{}", folder.path().to_str().unwrap());
    let mut over = Vec::new();
    for workers in WORKERS {
        let settings = [("TOKIO_WORKER_THREADS", workers), ("FEED_STORE_URL", store.as_str())];
        let alone = alone("http://catalogue.example/", &settings).await;
        let (begun, address) = (Instant::now(), alone.service.url().strip_prefix("http://").unwrap());
        let flood = |_| async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let _ = stream.write_all(PREFACE).await;
            for _ in 0..64 {
                let _ = stream.write_all(&[HEADERS, &[0x40; 16 * 1024]].concat()).await;
            }
        };
        join_all((0..250).map(flood)).await;
        let reader = |_| async {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /feed/ikea_ep.tsv HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
            stream.readable().await.unwrap();
            stream
        };
        let readers = join_all((0..250).map(reader)).await;
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        let seconds = begun.elapsed().as_secs_f64();
        measured(
            &format!("{} readers that never read, {workers} workers", readers.len()),
            &alone,
            seconds,
            &mut over,
        );
    }
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:#?}");
}
