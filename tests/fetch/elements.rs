//! What a document says of itself: its count, its coding, and where its products stand.

use std::io::Write as _;

use auto_ep::{preset::Said, report::FailureKind};
use axum::http::header;

use crate::source::{Server, document, numbers, ok, read, status};

/// `{"p": […], "n": total}`, with the total that it claims.
fn counted(items: std::ops::Range<u64>, total: u64) -> String {
    format!("{{\"p\":{},\"n\":{total}}}", numbers(items))
}

#[tokio::test]
async fn a_document_that_gives_less_than_it_says_is_read_once_more_and_handed_on_once() {
    // What the first and the second reading give, what arrives, and what is short of 10.
    for (first, second, arrives, short) in [
        (0..10, 0..10, 10, 0),
        (0..8, 0..10, 10, 0),
        (0..8, 0..8, 8, 2),
        (0..8, 2..10, 10, 2),
        (0..12, 0..0, 12, 0),
    ] {
        let is_short = first.end < 10;
        let texts = [counted(first.clone(), 10), counted(second.clone(), 10)];
        let server = Server::start(move |n, _| ok(texts[n.min(1)].clone())).await;
        let mut config = document(&server, "/p");
        config.total = Some(Said::parse("/n").unwrap());
        let (mut items, summary) = read(&config).await.unwrap();
        items.sort();
        items.dedup();
        assert_eq!((items.len(), summary.source.short), (arrives, short), "{first:?} {second:?}");
        assert_eq!((summary.items, summary.source.says), (arrives as u64, Some(10)));
        assert_eq!(server.requests(), 1 + usize::from(is_short));
    }
}

#[tokio::test]
async fn products_one_level_deeper_are_told_with_what_to_set_and_are_then_read() {
    let text = r#"{"results":[{"items":[{"type":"PRODUCT","metadata":"","product":{"itemNo":"1"}},
        {"type":"CONTENT","content":{}},{"type":"PRODUCT","product":{"itemNo":"2"}}, 7]}]}"#;
    let server = Server::start(move |_, _| ok(text)).await;
    let error = read(&document(&server, "/results/0/items")).await.unwrap_err();
    let said = "the products stand one level deeper: an element of the array is an object of its own (there are \
                \"type\", \"metadata\", \"product\"); set CATALOG_ITEMS=/results/0/items/*[type=PRODUCT]/product";
    assert!(error.to_string().contains(said), "{error}");
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreadable, false));
    let (items, summary) =
        read(&document(&server, "/results/0/items/*[type=PRODUCT]/product")).await.unwrap();
    assert_eq!(items, ["{\"itemNo\":\"1\"}", "{\"itemNo\":\"2\"}", "7"], "what is odd is left to the judge");
    assert_eq!((summary.others.elements, summary.others.kinds.concat()), (1, "CONTENT".to_owned()));
}

#[tokio::test]
async fn an_odd_element_among_products_is_one_and_stops_nothing() {
    let text =
        r#"[{"itemNo":"1","name":"A"},{"type":"X","product":{"itemNo":"2"}},{"itemNo":"3","name":"C"}]"#;
    let server = Server::start(move |_, _| ok(text)).await;
    let (items, _) = read(&document(&server, "")).await.unwrap();
    assert_eq!(items.len(), 3, "what is odd is left to the judge");
}

#[tokio::test]
async fn a_coding_that_was_not_asked_for_is_named_and_asked_for_once() {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(b"[1,2,3]").unwrap();
    let zlib = zlib.finish().unwrap();
    let zstd = b"\x28\xb5\x2f\xfd\x04\x58\x39\0\0".to_vec();
    let br = b"\x8b\x03\x80[1,2,3]\x03".to_vec();
    for (body, encoding, name) in
        [(zlib, None, "deflate"), (zstd, Some("zstd"), "zstd"), (br, Some("br"), "br")]
    {
        let server = Server::start(move |_, _| {
            let mut answer = ok(body.clone());
            if let Some(encoding) = encoding {
                answer.headers_mut().insert(header::CONTENT_ENCODING, encoding.parse().unwrap());
            }
            answer
        })
        .await;
        let error = read(&document(&server, "")).await.unwrap_err();
        assert!(
            error.to_string().contains(&format!("compressed with {name}, which was not asked for")),
            "{error}"
        );
        assert_eq!((error.kind(), server.requests()), (FailureKind::CatalogueUnreadable, 1));
    }
    // The body of an error is quoted where it can be read, and left out where it cannot.
    let server = Server::start(|_, _| status(404, "\u{1f}\u{8b}")).await;
    assert!(read(&document(&server, "")).await.unwrap_err().to_string().contains("found 404"));
}
