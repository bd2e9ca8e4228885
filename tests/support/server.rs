//! What all doubles share: a listener on loopback, faults by operation, and a record of what was asked.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::{Body, Bytes, HttpBody},
    http::{Request, Response, header},
};
use futures_util::future::BoxFuture;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{net::TcpListener, task::JoinSet};

use super::http::{read_body, reply};

/// What can go wrong with one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// No effect; this status, in the service's own format.
    Status(u16),
    /// No effect; this status with this error code, in the service's own format.
    Error(u16, &'static str),
    /// The effect happens, then the connection is cut without an answer.
    LostAnswer,
    /// No effect and no answer for so long, then the connection is cut.
    Hang(Duration),
    /// The effect happens, the answer comes late.
    Slow(Duration),
    /// The effect happens so much later, whether the caller still waits or not; then the answer.
    Late(Duration),
    /// No effect; the connection is cut.
    Reset,
    /// No effect; 429 with `Retry-After`.
    RateLimited(u64),
    /// No effect; this status with this body, and a `Retry-After`.
    Answer(u16, &'static str, Option<&'static str>),
    /// No effect; 200 with a web page.
    Garbage,
    /// The effect happens; the answer's body breaks off halfway.
    CutOff,
}

/// A service behind the listener.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// The operation's name, which faults and records go by.
    fn operation(&self, request: &Request<Body>) -> String;
    /// Does it.
    async fn call(&self, request: Request<Body>) -> Response<Body>;
    /// A refusal in the service's own format.
    fn refusal(&self, status: u16, code: &str) -> Response<Body>;
}

#[derive(Default)]
struct Ledger {
    orders: HashMap<String, Vec<Fault>>,
    calls: Vec<String>,
    running: HashMap<String, usize>,
    most: HashMap<String, usize>,
}

/// A running server; gone when dropped.
pub struct Server {
    address: SocketAddr,
    ledger: Arc<Mutex<Ledger>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(service: Arc<dyn Service>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let front = Front { service, ledger: ledger.clone() };
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let front = front.clone();
                connections.spawn(async move {
                    let service = TowerToHyperService::new(front);
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, ledger, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next `n` calls of `operation` (`*` for any) go wrong, before any fault ordered later.
    pub fn fail_next(&self, operation: &str, n: usize, fault: Fault) {
        let mut ledger = self.ledger();
        ledger.orders.entry(operation.to_owned()).or_default().extend(std::iter::repeat_n(fault, n));
    }

    /// Every call so far, by operation, in order of arrival.
    pub fn calls(&self) -> Vec<String> {
        self.ledger().calls.clone()
    }

    /// How often an operation was asked for.
    pub fn count(&self, operation: &str) -> usize {
        self.ledger().calls.iter().filter(|call| *call == operation).count()
    }

    /// How many calls of an operation are over: answered, or given up by the caller.
    pub fn over(&self, operation: &str) -> usize {
        let ledger = self.ledger();
        let running = ledger.running.get(operation).copied().unwrap_or(0);
        ledger.calls.iter().filter(|call| *call == operation).count() - running
    }

    /// How many calls of an operation ran at once at most.
    pub fn most_at_once(&self, operation: &str) -> usize {
        self.ledger().most.get(operation).copied().unwrap_or(0)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Front {
    service: Arc<dyn Service>,
    ledger: Arc<Mutex<Ledger>>,
}

/// Counts a call as running until it is dropped, also when the caller hangs up.
struct Running(Arc<Mutex<Ledger>>, String);

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.lock().unwrap().running.get_mut(&self.1).unwrap() -= 1;
    }
}

impl Front {
    fn begin(&self, operation: &str) -> (Running, Option<Fault>) {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.calls.push(operation.to_owned());
        let running = ledger.running.entry(operation.to_owned()).or_default();
        *running += 1;
        let now = *running;
        let most = ledger.most.entry(operation.to_owned()).or_default();
        *most = now.max(*most);
        let mut fault = None;
        for name in [operation, "*"] {
            if fault.is_none()
                && let Some(orders) = ledger.orders.get_mut(name)
                && !orders.is_empty()
            {
                fault = Some(orders.remove(0));
            }
        }
        (Running(self.ledger.clone(), operation.to_owned()), fault)
    }

    /// An error cuts the connection.
    async fn answer(self, request: Request<Body>) -> io::Result<Response<Body>> {
        let operation = self.service.operation(&request);
        let (_running, fault) = self.begin(&operation);
        let cut = || Err(io::Error::other("ordered by a test"));
        match fault {
            None => Ok(self.service.call(request).await),
            Some(Fault::Status(status)) => {
                drain(request).await;
                Ok(self.service.refusal(status, ""))
            }
            Some(Fault::Error(status, code)) => {
                drain(request).await;
                Ok(self.service.refusal(status, code))
            }
            Some(Fault::RateLimited(seconds)) => {
                drain(request).await;
                let mut response = self.service.refusal(429, "");
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
                Ok(response)
            }
            Some(Fault::Answer(status, body, retry_after)) => {
                drain(request).await;
                let mut response = reply(status, "application/json", body);
                response.headers_mut().extend(retry_after.map(|t| (header::RETRY_AFTER, t.parse().unwrap())));
                Ok(response)
            }
            Some(Fault::Garbage) => {
                drain(request).await;
                Ok(reply(200, "text/html", "<!doctype html><title>Sign in</title><p>Please sign in.</p>"))
            }
            Some(Fault::LostAnswer) => {
                self.service.call(request).await;
                cut()
            }
            Some(Fault::Reset) => cut(),
            Some(Fault::Hang(duration)) => {
                tokio::time::sleep(duration).await;
                cut()
            }
            Some(Fault::Slow(duration)) => {
                let response = self.service.call(request).await;
                tokio::time::sleep(duration).await;
                Ok(response)
            }
            Some(Fault::Late(duration)) => {
                // Read whole first: a caller that gives up must not take the request along.
                let (head, body) = request.into_parts();
                let request = Request::from_parts(head, Body::from(read_body(body).await));
                let service = self.service;
                let landing = async move {
                    tokio::time::sleep(duration).await;
                    service.call(request).await
                };
                tokio::spawn(landing).await.or_else(|_| cut())
            }
            Some(Fault::CutOff) => Ok(halve(self.service.call(request).await).await),
        }
    }
}

impl<B> tower::Service<Request<B>> for Front
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Response<Body>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.clone().answer(request.map(Body::new)))
    }
}

async fn drain(request: Request<Body>) {
    let _ = read_body(request.into_body()).await;
}

async fn halve(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let bytes = read_body(body).await;
    broken_off(Response::from_parts(parts, ()), bytes.slice(..bytes.len() / 2), bytes.len())
}

/// A response whose body should be of this length, and breaks off after these bytes.
pub fn broken_off(response: Response<()>, bytes: Bytes, length: usize) -> Response<Body> {
    let (mut parts, ()) = response.into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, length.into());
    // What arrives goes out before the end comes; both at once would be no answer at all.
    let broken = futures_util::stream::unfold(Some(bytes), |bytes| async move {
        match bytes {
            Some(bytes) => Some((Ok(bytes), None)),
            None => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                Some((Err(io::Error::other("ordered by a test")), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(broken))
}
