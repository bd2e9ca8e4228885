//! A shop's catalogue over HTTP: one document, the same gzipped, and the same in pages.
//!
//! It is made once and served from files: a source that had to make its products while it sends them would be slower
//! than the export, and then nothing would ever wait in the export's queues.

use std::{
    fs::File,
    io::{self, BufWriter, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use auto_ep::sample::{Planted, Sample};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{Response, header},
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncSeekExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_util::io::ReaderStream;

const HEAD: &[u8] = b"{\"moreProducts\":{\"productWindow\":[";
const TAIL: &[u8] = b"]}}";
/// How much of a file is read at once.
const CHUNK: usize = 64 * 1024;

/// A running catalogue; gone when dropped.
pub struct Catalogue {
    /// What it holds.
    pub planted: Planted,
    /// Size of the document.
    pub bytes: u64,
    url: String,
    files: Arc<Files>,
    server: JoinHandle<()>,
}

/// The files and where each product begins in the document; the last place is one past the last product.
struct Files {
    folder: tempfile::TempDir,
    begins: Vec<u64>,
    /// Products that the document leaves out from its start on.
    left_out: AtomicUsize,
}

impl Files {
    fn plain(&self) -> PathBuf {
        self.folder.path().join("catalogue.json")
    }

    fn gzip(&self) -> PathBuf {
        self.folder.path().join("catalogue.json.gz")
    }
}

impl Catalogue {
    /// Makes the catalogue and serves it.
    pub async fn start(products: usize) -> Self {
        let made = tokio::task::spawn_blocking(move || make(products)).await.unwrap();
        let (files, planted) = made.unwrap();
        let files = Arc::new(files);
        let bytes = files.plain().metadata().unwrap().len();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/document", get(document))
            .route("/gzip", get(gzip))
            .route("/pages", get(page))
            .with_state(Arc::clone(&files));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { planted, bytes, url, files, server }
    }

    /// The whole as one document.
    pub fn plain(&self) -> String {
        format!("{}/document", self.url)
    }

    /// From now on the document begins with the product at `index`.
    pub fn leave_out(&self, index: usize) {
        self.files.left_out.store(index, Ordering::Relaxed);
    }

    /// The whole as one document, compressed.
    pub fn gzip(&self) -> String {
        format!("{}/gzip", self.url)
    }

    /// The template of pages.
    pub fn pages(&self) -> String {
        format!("{}/pages?start={{start}}&end={{end}}", self.url)
    }
}

impl Drop for Catalogue {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn make(products: usize) -> io::Result<(Files, Planted)> {
    let sample = Sample { products, seed: 1, dirty: true };
    let mut files = Files {
        folder: tempfile::tempdir()?,
        begins: Vec::with_capacity(products + 1),
        left_out: AtomicUsize::new(0),
    };
    let mut plain = BufWriter::new(File::create(files.plain())?);
    let planted = sample.write(&mut plain)?;
    plain.flush()?;
    let mut gzip = GzEncoder::new(File::create(files.gzip())?, Compression::fast());
    io::copy(&mut File::open(files.plain())?, &mut gzip)?;
    gzip.finish()?;
    let mut begin = HEAD.len() as u64;
    for index in 0..products {
        files.begins.push(begin);
        begin += sample.product(index).len() as u64 + 1;
    }
    files.begins.push(begin);
    Ok((files, planted))
}

async fn document(State(files): State<Arc<Files>>) -> Response<Body> {
    let first = files.begins[files.left_out.load(Ordering::Relaxed)];
    let products = read(&files.plain(), first, u64::MAX).await;
    answer(Body::from_stream(stream::iter([Ok(Bytes::from_static(HEAD))]).chain(products)))
}

async fn gzip(State(files): State<Arc<Files>>) -> Response<Body> {
    let mut response = answer(Body::from_stream(read(&files.gzip(), 0, u64::MAX).await));
    response.headers_mut().insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    response
}

#[derive(Deserialize)]
struct Range {
    start: usize,
    end: usize,
}

/// The products from `start` to before `end`, as far as there are any.
async fn page(State(files): State<Arc<Files>>, Query(range): Query<Range>) -> Response<Body> {
    let last = files.begins.len() - 1;
    let (from, to) = (files.begins[range.start.min(last)], files.begins[range.end.min(last)]);
    // A comma follows each product but the last of the page.
    let products = read(&files.plain(), from, (to - from).saturating_sub(1)).await;
    let edge = |text: &'static [u8]| stream::iter([Ok(Bytes::from_static(text))]);
    answer(Body::from_stream(edge(HEAD).chain(products).chain(edge(TAIL))))
}

async fn read(path: &Path, from: u64, length: u64) -> ReaderStream<tokio::io::Take<tokio::fs::File>> {
    let mut file = tokio::fs::File::open(path).await.unwrap();
    file.seek(SeekFrom::Start(from)).await.unwrap();
    ReaderStream::with_capacity(file.take(length), CHUNK)
}

fn answer(body: Body) -> Response<Body> {
    Response::builder().header(header::CONTENT_TYPE, "application/json").body(body).unwrap()
}
