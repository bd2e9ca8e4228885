//! A source to order, and a reader that collects what comes of it.

use std::{
    collections::HashMap,
    convert::Infallible,
    io::Write as _,
    num::{NonZeroU32, NonZeroUsize},
    sync::{Arc, Mutex},
    time::Duration,
};

use auto_ep::{
    config::{
        catalogue::{CatalogueConfig, CatalogueSource, Items, description},
        env::Env,
    },
    fetch::{Batch, FetchError, Fetcher, Known, Policy, Summary},
    sample::Sample,
    web::{HttpWeb, Web},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{Response, StatusCode, header},
};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use url::Url;

pub type Answer = Response<Body>;

/// A source: answers requests with what `answer` makes of the request's number (from 0) and its query.
pub struct Server {
    pub base: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(answer: impl Fn(usize, &str) -> Answer + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (seen.clone(), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| {
            let headers = request.headers();
            assert_eq!(headers[header::ACCEPT], "application/json");
            assert_eq!(headers[header::ACCEPT_ENCODING], "gzip");
            assert!(headers[header::USER_AGENT].to_str().unwrap().starts_with("auto-ep/"));
            let query = request.uri().query().unwrap_or("").to_owned();
            let number = {
                let mut seen = log.lock().unwrap();
                seen.push(query.clone());
                seen.len() - 1
            };
            let response = answer(number, &query);
            async move { Ok::<_, Infallible>(response) }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, seen }
    }

    /// The queries that were asked, in their order.
    pub fn queries(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

pub fn ok(body: impl Into<Body>) -> Answer {
    Response::new(body.into())
}

pub fn status(code: u16, body: &'static str) -> Answer {
    let mut response = ok(body);
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}

/// The first `keep` bytes, then the connection breaks.
pub fn cut(text: &[u8], keep: usize) -> Answer {
    let sent = Bytes::copy_from_slice(&text[..keep]);
    let broken = futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        Err(std::io::Error::other("cut"))
    });
    ok(Body::from_stream(futures_util::stream::once(async { Ok(sent) }).chain(broken)))
}

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// `[0,1,…]`
pub fn numbers(range: std::ops::Range<u64>) -> String {
    format!("[{}]", range.map(|n| n.to_string()).collect::<Vec<_>>().join(","))
}

pub fn config(source: CatalogueSource, items: &str) -> CatalogueConfig {
    CatalogueConfig {
        source,
        items: Items::parse(items).unwrap(),
        total: None,
        page_size: NonZeroU32::new(10).unwrap(),
        concurrency: NonZeroUsize::new(4).unwrap(),
        product: std::sync::Arc::new(auto_ep::preset::first().map().unwrap()),
        map: String::new(),
    }
}

pub fn document(server: &Server, items: &str) -> CatalogueConfig {
    config(CatalogueSource::Document(Url::parse(&server.base).unwrap()), items)
}

pub fn paged(server: &Server, query: &str, categories: &str) -> CatalogueConfig {
    let variables = HashMap::from([
        ("CATALOG_URL", format!("{}?{query}", server.base)),
        ("CATALOG_CATEGORIES", categories.to_owned()),
        ("CATALOG_PAGE_SIZE", "10".to_owned()),
        ("CATALOG_ITEMS", "/p".to_owned()),
    ]);
    let lookup = |name: &str| variables.get(name).cloned();
    let mut env = Env::new(&lookup);
    let config = CatalogueConfig::from_env(&mut env, true, None);
    env.finish(config).unwrap()
}

/// A catalogue that is described by a map alone, and asked at the server's address.
pub fn mapped(server: &Server, windows: &str) -> CatalogueConfig {
    let product = r#""id": "/id", "name": "/name", "title": ["/name"], "price": "/price", "link": "/link",
        "images": ["/image"], "categories": {"names": ["/category"]}, "variants": "/variants/*""#;
    let variables = HashMap::from([
        ("CATALOG_URL", server.base.clone()),
        ("CATALOG_MAP", format!(r#"{{"windows": {windows}, "product": {{{product}}}}}"#)),
    ]);
    let lookup = |name: &str| variables.get(name).cloned();
    let mut env = Env::new(&lookup);
    let preset = description(&mut env);
    let config = CatalogueConfig::from_env(&mut env, false, preset);
    env.finish(config).unwrap()
}

pub fn policy() -> Policy {
    Policy {
        first_wait: Duration::from_millis(2),
        longest_wait: Duration::from_millis(20),
        // A silence is one request more, and most tests count requests: long, but for those that are about it.
        silence: Duration::from_secs(5),
        ..Policy::default()
    }
}

pub async fn read_with(
    config: &CatalogueConfig,
    policy: Policy,
) -> Result<(Vec<String>, Summary), FetchError> {
    let (sender, mut receiver) = mpsc::channel::<Batch>(2);
    let collect = tokio::spawn(async move {
        let mut items = Vec::new();
        while let Some(batch) = receiver.recv().await {
            assert!(!batch.is_empty());
            items.extend(batch.items().map(|i| String::from_utf8_lossy(i).into_owned()));
        }
        items
    });
    let summary = Fetcher::new(web(), policy).read(config, &Known::default(), sender).await;
    let items = collect.await.unwrap();
    let summary = summary?;
    assert_eq!(summary.items, items.len() as u64);
    Ok((items, summary))
}

/// Real HTTP.
pub fn web() -> Arc<dyn Web> {
    Arc::new(HttpWeb::new(reqwest::Client::new()))
}

pub async fn read(config: &CatalogueConfig) -> Result<(Vec<String>, Summary), FetchError> {
    read_with(config, policy()).await
}

pub fn large() -> Vec<u8> {
    let mut text = Vec::new();
    Sample { products: 2000, seed: 5, dirty: true }.write(&mut text).unwrap();
    text
}
