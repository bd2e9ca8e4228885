//! Catalogues of one document.

use std::{
    convert::Infallible,
    sync::OnceLock,
    time::{Duration, Instant},
};

use auto_ep::{
    config::catalogue::CatalogueSource,
    fetch::{Batch, Fetcher, Known, Policy},
    report::FailureKind,
    sample::{self, Sample},
};
use axum::{body::Body, http::header};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use url::Url;

use crate::source::{
    Server, config, cut, document, gzip, large, numbers, ok, policy, read, read_with, status,
};

#[tokio::test]
async fn plain_and_gzip_bodies_give_the_same_products() {
    let text = large();
    let zipped = gzip(&text);
    let length = text.len() as u64;
    let server = Server::start(move |n, _| ok(if n == 0 { text.clone() } else { zipped.clone() })).await;
    let config = document(&server, "/moreProducts/productWindow");
    let plain = read(&config).await.unwrap();
    assert_eq!((plain.0.len(), plain.1.bytes), (2000, length));
    assert_eq!(read(&config).await.unwrap(), plain);
}

#[tokio::test]
async fn a_body_that_is_cut_off_goes_on_where_it_stopped() {
    let text = large();
    let zipped = gzip(&text);
    for zip in [false, true] {
        let body = if zip { zipped.clone() } else { text.clone() };
        // twice the connection breaks, once the text just ends
        let server = Server::start(move |n, _| match n {
            0 => cut(&body, body.len() / 3),
            1 => cut(&body, body.len() / 4),
            2 => ok(body[..body.len() / 2].to_vec()),
            _ => ok(body.clone()),
        })
        .await;
        let (items, summary) = read(&document(&server, "/moreProducts/productWindow")).await.unwrap();
        let sample = Sample { products: 2000, seed: 5, dirty: true };
        let expected: Vec<String> =
            (0..2000).map(|i| String::from_utf8_lossy(&sample.product(i)).into_owned()).collect();
        assert!(items == expected, "every product once and in order");
        assert_eq!((summary.bytes, server.requests()), (text.len() as u64, 4));
    }
}

#[tokio::test]
async fn a_catalogue_that_changed_while_it_was_read_is_not_mixed() {
    let server = Server::start(|n, _| match n {
        0 => cut(b"[1,2,3,4]", 6),
        _ => ok("[1,9,3,4]"),
    })
    .await;
    let error = read(&document(&server, "")).await.unwrap_err();
    assert!(error.to_string().contains("the catalogue changed while it was read"), "{error}");
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreachable, true));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_large_body_that_ends_at_the_same_byte_twice_is_not_read_a_third_time() {
    let text = large();
    let zipped = gzip(&text);
    for body in [
        text[..text.len() / 2].to_vec(),
        zipped[..zipped.len() / 2].to_vec(),
        gzip(&zipped[..zipped.len() / 2]),
    ] {
        let server = Server::start(move |_, _| ok(body.clone())).await;
        let error = read(&document(&server, "/moreProducts/productWindow")).await.unwrap_err();
        assert!(error.to_string().contains("(after 2 tries)"), "{error}");
        assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreachable, true));
        assert_eq!(server.requests(), 2);
    }
    // One that breaks off is another matter: its connection may hold the next time.
    let server = Server::start(move |_, _| cut(&text, text.len() / 2)).await;
    read(&document(&server, "/moreProducts/productWindow")).await.unwrap_err();
    assert_eq!(server.requests(), 5);
}

#[tokio::test]
async fn a_body_that_never_comes_whole_is_given_up_after_five_tries() {
    let server = Server::start(|_, _| ok("[{\"a\":1},{\"a\"")).await;
    let error = read(&document(&server, "")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("(after 5 tries): it ends in the middle, after 13 bytes"), "{text}");
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreachable, true));
    assert_eq!(server.requests(), 5);
}

#[tokio::test]
async fn progress_earns_further_tries_but_not_for_ever() {
    let text = numbers(0..500);
    let body = text.clone();
    let server = Server::start(move |n, _| cut(body.as_bytes(), 10 * (n + 1))).await;
    let error = read(&document(&server, "")).await.unwrap_err();
    assert!(error.to_string().contains("(after 20 tries)"), "{error}");
    let server = Server::start(move |n, _| match n {
        0..15 => cut(text.as_bytes(), 10 * (n + 1)),
        _ => ok(text.clone()),
    })
    .await;
    assert_eq!(read(&document(&server, "")).await.unwrap().0.len(), 500);
}

#[tokio::test]
async fn passing_errors_are_tried_again_and_others_are_not() {
    for code in [408, 429, 500, 502, 503, 504] {
        let server = Server::start(move |n, _| if n < 3 { status(code, "busy") } else { ok("[1]") }).await;
        assert_eq!(read(&document(&server, "")).await.unwrap().0, ["1"], "{code}");
        let server = Server::start(move |_, _| status(code, "busy\u{7}")).await;
        let error = read(&document(&server, "")).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("(after 5 tries): expected status 200, found {code}")), "{text}");
        assert!(text.ends_with("it begins with \"busy\\u{7}\""), "{text}");
        assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueRefused, true));
        assert_eq!(server.requests(), 5);
    }
    for code in [400, 401, 403, 404, 410, 418] {
        let server = Server::start(move |_, _| status(code, "{\"error\":\"gone\"}")).await;
        let error = read(&document(&server, "")).await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("{}: expected status 200, found {code};", server.base)), "{text}");
        assert!(text.contains("{\"error\":\"gone\"}"), "{text}");
        assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueRefused, false));
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn retry_after_is_kept_to() {
    // Whoever comes back before the second is over is turned away once more.
    let first = OnceLock::new();
    let server = Server::start(move |_, _| {
        let mut busy = status(429, "slow down");
        busy.headers_mut().insert(header::RETRY_AFTER, "1".parse().unwrap());
        if first.get_or_init(Instant::now).elapsed() < Duration::from_secs(1) { busy } else { ok("[1]") }
    })
    .await;
    assert_eq!(read(&document(&server, "")).await.unwrap().0, ["1"]);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_source_that_hangs_is_tried_again_and_a_slow_reader_is_no_fault_of_it() {
    let hang = || {
        let first = futures_util::stream::once(async { Ok::<_, Infallible>("[1,") });
        ok(Body::from_stream(first.chain(futures_util::stream::pending())))
    };
    let quick = Policy { silence: Duration::from_millis(500), tries: 3, ..policy() };
    let server = Server::start(move |n, _| if n == 0 { hang() } else { ok("[1,2]") }).await;
    assert_eq!(read_with(&document(&server, ""), quick).await.unwrap().0, ["1", "2"]);
    let server = Server::start(move |_, _| hang()).await;
    let error = read_with(&document(&server, ""), quick).await.unwrap_err();
    assert!(
        error.to_string().contains("(after 3 tries): no byte came for 0.5 s (3 bytes were read)"),
        "{error}"
    );
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreachable, true));

    let text = large();
    let server = Server::start(move |_, _| ok(text.clone())).await;
    let (sender, mut receiver) = mpsc::channel::<Batch>(1);
    let slow = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let mut items = 0;
        while let Some(batch) = receiver.recv().await {
            items += batch.len();
        }
        items
    });
    let fetcher = Fetcher::new(crate::source::web(), Policy { silence: Duration::from_secs(2), ..policy() });
    let config = document(&server, "/moreProducts/productWindow");
    fetcher.read(&config, &Known::default(), sender).await.unwrap();
    assert_eq!((slow.await.unwrap(), server.requests()), (2000, 1));
}

#[tokio::test]
async fn nobody_listening_is_unreachable_and_the_url_is_shown_without_its_secrets() {
    // Bound, so that nobody else takes the port, but never listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let url = Url::parse(&format!("http://me:hidden@{address}/x?api_key=hidden&category=st001")).unwrap();
    let error = read(&config(CatalogueSource::Document(url), "")).await.unwrap_err();
    let text = error.to_string();
    let shown = format!("http://***@{address}/***?***&category=*** (after 5 tries): ");
    assert!(text.starts_with(&shown) && text.contains("refused") && !text.contains("hidden"), "{text}");
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreachable, true));
}

#[tokio::test]
async fn what_is_no_catalogue_is_unreadable_at_once() {
    for (body, items, said, retryable) in [
        ("<!DOCTYPE html>\n<p>", "", "expected JSON, found an HTML or XML page", true),
        ("", "", "found an empty body", true),
        ("{\"x\":[]}", "/p", "there is no \"p\" (there are \"x\",", false),
        ("{\"p\":null}", "/p", "found null there (byte 5)", false),
        ("oops", "", "this is not JSON", false),
    ] {
        let server = Server::start(move |_, _| ok(gzip(body.as_bytes()))).await;
        let error = read(&document(&server, items)).await.unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&server.base) && text.contains(said), "{text}");
        assert!(body.is_empty() || text.contains(&format!("it begins with \"{}", &body[..4])), "{text}");
        assert_eq!(
            (error.kind(), error.retryable()),
            (FailureKind::CatalogueUnreadable, retryable),
            "{text}"
        );
        assert_eq!(server.requests(), 1);
    }
}

#[tokio::test]
async fn files_gzipped_lines_and_the_sample_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b.ndjson.gz");
    std::fs::write(&path, gzip(b"{\"a\":1}\r\n\n{\"a\":2}")).unwrap();
    let source = CatalogueSource::Document(Url::from_file_path(&path).unwrap());
    let (items, _) = read(&config(source, "ndjson")).await.unwrap();
    assert_eq!(items, ["{\"a\":1}", "{\"a\":2}"]);

    let missing = Url::from_file_path(folder.path().join("missing.json")).unwrap();
    let error = read(&config(CatalogueSource::Document(missing), "")).await.unwrap_err();
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreachable, false), "{error}");
    assert!(error.to_string().contains("the file cannot be read"), "{error}");

    let (items, summary) = read(&config(CatalogueSource::Sample, "")).await.unwrap();
    assert_eq!((items.len(), summary.others.elements), (398, 2));
    assert_eq!(summary.bytes, sample::embedded().len() as u64);
}
