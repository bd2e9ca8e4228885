//! The HTTP server: as many connections as memory allows, and none that asks for nothing for long.
//!
//! It never looks into a request, and never cuts one that is being worked on or an answer that is being read. It speaks
//! HTTP/1 alone, which is what Cloud Run speaks to a container: of a connection with many requests at once nobody could
//! say what it holds.

mod line;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use line::{Guarded, Line, Lines};

/// The most bytes of a request's head, and of what is kept of an answer that is not read.
const BUFFER: usize = 16 * 1024;
/// How long a connection that is to be closed may take to say so.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often it is looked whether a connection asks for nothing any more, where there are too many.
const LOOK: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many there may be. Further ones wait to be accepted, and the one that asks for nothing for longest is
    /// closed for them.
    pub connections: usize,
    /// How long the first request's head may take to arrive.
    pub head: Duration,
    /// How long a connection may stay open after its last answer.
    pub idle: Duration,
    /// How long a reader may take nothing of an answer.
    pub stalled: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            // A slow reader takes what a kernel buffers before it takes more from us.
            stalled: Duration::from_secs(600),
        }
    }
}

/// Serves until `stop` ends; then accepts no more connections, and ends once the answers under way are given.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()> + Send,
) {
    let (connections, stopped) = (TaskTracker::new(), CancellationToken::new());
    let lines = Arc::new(Lines::new(limits));
    let accepting = async {
        loop {
            let stream = accept(&listener).await;
            let line = lines.open(LOOK).await;
            connections.spawn(connection(stream, router.clone(), line, stopped.clone()));
        }
    };
    tokio::select! {
        () = stop => {}
        () = accepting => {}
    }
    drop(listener);
    stopped.cancel();
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // Who hangs up at once is no trouble of ours.
            Err(error) if is_theirs(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_theirs(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionRefused | ConnectionAborted | ConnectionReset)
}

async fn connection(stream: TcpStream, router: Router, line: Arc<Line>, stopped: CancellationToken) {
    let service = TowerToHyperService::new(Guarded::new(router, Arc::clone(&line)));
    let served = http1::Builder::new().max_buf_size(BUFFER).serve_connection(TokioIo::new(stream), service);
    let mut served = std::pin::pin!(served);
    // What goes wrong on a connection is for its other end to know.
    tokio::select! {
        _ = served.as_mut() => return,
        () = stopped.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
            return;
        }
        () = line.stalled() => return,
        () = line.quiet() => served.as_mut().graceful_shutdown(),
    }
    let ended = tokio::time::timeout(FAREWELL, served.as_mut()).await;
    // A request that arrived in the last moment is answered.
    if ended.is_err() && line.works() {
        tokio::select! {
            _ = served => {}
            () = line.stalled() => {}
        }
    }
}

#[cfg(test)]
mod tests;
