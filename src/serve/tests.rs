use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use axum::{body::Body, routing::get};
use bytes::Bytes;
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::*;

const HEAD: Duration = Duration::from_millis(400);
const LIMITS: Limits = Limits {
    connections: 3,
    head: HEAD,
    idle: Duration::from_millis(800),
    stalled: Duration::from_millis(1500),
};
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
/// More than the buffers between two ends of a connection hold.
const LARGE: usize = 64 * 1024 * 1024;

/// Answers at once, after a while, or with more than is read at once.
fn router() -> Router {
    let slow = || async {
        sleep(Duration::from_secs(2)).await;
        "slow"
    };
    let large = || async {
        let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
        Body::from_stream(stream::iter(
            (0..LARGE / chunk.len()).map(move |_| Ok::<_, io::Error>(chunk.clone())),
        ))
    };
    Router::new().route("/", get(|| async { "ok" })).route("/slow", get(slow)).route("/large", get(large))
}

async fn start() -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let stopped = stop.clone();
    let server = tokio::spawn(serve(listener, router(), LIMITS, async move { stopped.cancelled().await }));
    (address, stop, server)
}

async fn connect(address: SocketAddr, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    stream
}

/// How long until the other end closes, and what it says until then.
async fn closed(stream: &mut TcpStream) -> (Duration, String) {
    let (begun, mut said) = (Instant::now(), Vec::new());
    let _ = timeout(Duration::from_secs(10), stream.read_to_end(&mut said)).await.expect("it is closed");
    (begun.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut said = vec![0; 4096];
    let length = timeout(Duration::from_secs(5), stream.read(&mut said)).await.expect("it answers").unwrap();
    String::from_utf8_lossy(&said[..length]).into_owned()
}

#[tokio::test]
async fn who_does_not_finish_a_head_is_not_waited_for() {
    let (address, ..) = start().await;
    for sent in [&b""[..], b"GET / HTTP/1.1\r\nhost: a\r\n"] {
        let (after, said) = closed(&mut connect(address, sent).await).await;
        assert!(after >= HEAD / 2 && after < 4 * HEAD && !said.contains("200"), "{after:?} {said}");
    }
    let mut trickling = connect(address, b"GET / HTTP/1.1\r\n").await;
    let begun = Instant::now();
    while trickling.write_all(b"x: y\r\n").await.is_ok() {
        sleep(HEAD / 10).await;
        assert!(begun.elapsed() < 8 * HEAD, "a line now and then keeps nothing open");
    }
}

#[tokio::test]
async fn a_head_beyond_any_measure_is_refused() {
    let (address, ..) = start().await;
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(100_000));
    for headers in [many, long] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(format!("GET / HTTP/1.1\r\n{headers}\r\n").as_bytes()).await;
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 431"));
    }
}

#[tokio::test]
async fn a_connection_serves_request_after_request_until_none_comes() {
    let (address, ..) = start().await;
    let mut stream = connect(address, GET).await;
    for _ in 0..4 {
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
        sleep(LIMITS.idle / 2).await;
        stream.write_all(GET).await.unwrap();
    }
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    let (after, _) = closed(&mut stream).await;
    assert!(after >= LIMITS.idle / 2 && after < 3 * LIMITS.idle, "{after:?}");
}

#[tokio::test]
async fn what_is_worked_on_or_read_slowly_is_not_cut() {
    let (address, ..) = start().await;
    let mut slow = connect(address, b"GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let mut large = connect(address, b"GET /large HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let reading = async {
        let (mut piece, mut read) = (vec![0; 4 * 1024 * 1024], 0);
        while let Ok(length @ 1..) = large.read(&mut piece).await {
            read += length;
            if read < LARGE / 2 {
                sleep(Duration::from_millis(100)).await;
            }
        }
        read
    };
    let (worked, read) = tokio::join!(closed(&mut slow), reading);
    assert!(worked.1.ends_with("slow"), "{}", worked.1);
    assert!(read > LARGE, "{read}");
}

#[tokio::test]
async fn a_reader_that_takes_nothing_any_more_is_given_up() {
    let (address, _, server) = start().await;
    let mut large = connect(address, b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    sleep(2 * LIMITS.stalled + FAREWELL).await;
    let mut read = Vec::new();
    let _ = timeout(Duration::from_secs(10), large.read_to_end(&mut read)).await.expect("it is closed");
    assert!(read.len() < LARGE, "{}", read.len());
    server.abort();
}

#[tokio::test]
async fn there_are_so_many_connections_and_who_asks_for_nothing_makes_room() {
    let (address, ..) = start().await;
    let mut idle = connect(address, GET).await;
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200"));
    let slow = b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut busy = [connect(address, slow).await, connect(address, slow).await];
    let mut further = connect(address, GET).await;
    assert!(answer(&mut further).await.starts_with("HTTP/1.1 200"), "the idle one made room");
    assert!(closed(&mut idle).await.0 < Duration::from_secs(1));
    for stream in &mut busy {
        assert!(answer(stream).await.ends_with("slow"), "who is worked for does not");
    }

    let mut busy = [connect(address, slow).await, connect(address, slow).await, connect(address, slow).await];
    sleep(Duration::from_millis(100)).await;
    let (mut waiting, begun) = (connect(address, GET).await, Instant::now());
    assert!(answer(&mut waiting).await.starts_with("HTTP/1.1 200"));
    assert!(begun.elapsed() > Duration::from_secs(1), "it waits until one of them is done");
    for stream in &mut busy {
        assert!(answer(stream).await.ends_with("slow"));
    }
}

#[tokio::test]
async fn who_begins_with_http_2_is_closed_at_once() {
    let (address, ..) = start().await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for sent in [&preface[..], &preface[..20], &[&preface[..], &[0; 9]].concat()] {
        let (after, said) = closed(&mut connect(address, sent).await).await;
        assert!(after < HEAD / 2 && !said.contains("200"), "{after:?} {said}");
    }
    let http = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().unwrap();
    assert!(http.get(format!("http://{address}/")).send().await.is_err());
}

#[tokio::test]
async fn what_nobody_reads_is_not_taken_from_its_source() {
    const PIECE: usize = 8 * 1024;
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let large = move || async move {
        let pieces = (0..LARGE / PIECE).map(move |_| {
            counted.fetch_add(PIECE, Ordering::Relaxed);
            Ok::<_, io::Error>(Bytes::from(vec![b'x'; PIECE]))
        });
        Body::from_stream(stream::iter(pieces))
    };
    // Small buffers of the kernel's, so that what is counted is ours.
    let small = || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket
    };
    let socket = small();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(8).unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/large", get(large));
    let server = tokio::spawn(serve(listener, router, LIMITS, std::future::pending()));
    let mut stream = small().connect(address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    sleep(LIMITS.stalled / 2).await;
    let taken = taken.load(Ordering::Relaxed);
    assert!(taken > 0 && taken <= BUFFER + PIECE + 16 * 1024, "{taken}");
    server.abort();
}

#[tokio::test]
async fn at_the_end_what_was_asked_for_is_answered_and_nothing_more() {
    let (address, stop, server) = start().await;
    let mut busy = connect(address, b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut idle = connect(address, GET).await;
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 200"));
    stop.cancel();
    assert!(closed(&mut idle).await.0 < Duration::from_millis(300));
    assert!(TcpStream::connect(address).await.is_err());
    assert!(answer(&mut busy).await.ends_with("slow"));
    timeout(Duration::from_secs(1), server).await.expect("it ends").unwrap();
}
