//! Windows each of which says where the next one is.

use auto_ep::{fetch::Policy, report::FailureKind};

use crate::source::{Answer, Server, mapped, numbers, ok, policy, read, read_with};

/// The number behind `c=`; 0 for the first window.
fn cursor(query: &str) -> u64 {
    query.strip_prefix("c=").map_or(0, |number| number.parse().unwrap())
}

fn with(mut answer: Answer, headers: &[(&'static str, String)]) -> Answer {
    for (name, value) in headers {
        answer.headers_mut().append(*name, value.parse().unwrap());
    }
    answer
}

fn all(end: u64) -> Vec<String> {
    (0..end).map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn a_link_in_the_text_or_in_a_header_leads_from_window_to_window() {
    // The link stands before or behind the products, and may be relative.
    let in_text = Server::start(|n, q| {
        let (at, next) = (cursor(q), cursor(q) + 7);
        let link = if next < 21 { format!("\"?c={next}\"") } else { ["null", "false"][n % 2].to_owned() };
        let (products, paging) = (numbers(at..next.min(20)), format!("{{\"next\":{link}}}"));
        ok(match n % 2 {
            0 => format!("{{\"p\":{products},\"paging\":{paging}}}"),
            _ => format!("{{\"paging\":{paging},\"p\":{products}}}"),
        })
    })
    .await;
    let config = mapped(&in_text, r#"{"items": "/p", "next": "/paging/next"}"#);
    assert_eq!(read(&config).await.unwrap().0, all(20));
    assert_eq!(in_text.queries(), ["", "c=7", "c=14"]);

    let in_header = Server::start(|_, q| {
        let (at, next) = (cursor(q), cursor(q) + 10);
        let first = "</?c=0>; rel=\"first\"".to_owned();
        let next_one = format!("</?c={next}>; rel=\"next\"");
        // The links stand in headers of their own.
        let headers = [("x-total", "25".to_owned()), ("link", first), ("link", next_one)];
        with(ok(numbers(at..next.min(25))), &headers[..if next < 25 { 3 } else { 2 }])
    })
    .await;
    let windows = r#"{"items": "", "next": "header:Link", "total": "header:X-Total"}"#;
    let (items, summary) = read(&mapped(&in_header, windows)).await.unwrap();
    assert_eq!((items, in_header.requests()), (all(25), 3));
    assert_eq!((summary.source.says, summary.source.gave, summary.source.short), (Some(25), 25, 0));
}

#[tokio::test]
async fn a_chain_that_ends_early_is_read_once_more_and_what_is_missing_is_told() {
    let server = Server::start(|n, q| {
        let (at, next) = (cursor(q), cursor(q) + 10);
        // The first time the second window names no next one.
        let goes_on = next < 30 && n != 1;
        let link = if goes_on { format!("\"?c={next}\"") } else { "\"\"".to_owned() };
        ok(format!("{{\"p\":{},\"all\":40,\"next\":{link}}}", numbers(at..next)))
    })
    .await;
    let config = mapped(&server, r#"{"items": "/p", "next": "/next", "total": "/all"}"#);
    let (items, summary) = read_with(&config, policy()).await.unwrap();
    assert_eq!(items, all(30), "what came twice is handed on once");
    assert_eq!((summary.source.says, summary.source.short, server.requests()), (Some(40), 10, 5));
}

#[tokio::test]
async fn links_that_lead_elsewhere_in_a_circle_or_on_for_ever_are_an_error() {
    let to = |link: &'static str| move |_: usize, _: &str| ok(format!("{{\"p\":[1],\"next\":\"{link}\"}}"));
    let windows = r#"{"items": "/p", "next": "/next"}"#;
    for (link, told) in [
        ("https://elsewhere.example/products", "said to be at another address than http://127.0.0.1"),
        ("http://[", "expected the address of the next window, found no URL"),
        ("?c=1", "a link leads to exactly the products of the page before it: the pages would never end"),
    ] {
        let server = Server::start(to(link)).await;
        let error = read(&mapped(&server, windows)).await.unwrap_err();
        assert!(error.to_string().contains(told), "{link}: {error}");
        assert!(!error.to_string().contains("elsewhere"), "a foreign address is not quoted: {error}");
        assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreadable, false));
        assert!(server.requests() <= 2, "{}", server.requests());
    }
    // Two windows that lead to each other, and one whose link is no text.
    let circle = Server::start(|_, q| {
        let at = cursor(q);
        ok(format!("{{\"p\":[{at}],\"next\":\"?c={}\"}}", if at == 1 { 2 } else { 1 }))
    })
    .await;
    let error = read(&mapped(&circle, windows)).await.unwrap_err().to_string();
    assert!(error.contains("the links lead in a circle"), "{error}");
    let object = Server::start(|_, _| ok("{\"p\":[1],\"next\":{\"href\":\"?c=2\"}}")).await;
    let error = read(&mapped(&object, windows)).await.unwrap_err().to_string();
    assert!(error.contains("expected the address of the next window as a text"), "{error}");
    // The last one may lead to itself.
    let itself = Server::start(|_, q| ok(format!("{{\"p\":[{}],\"next\":\"?c=1\"}}", cursor(q)))).await;
    assert_eq!(read(&mapped(&itself, windows)).await.unwrap().0, ["0", "1"]);

    let server = Server::start(|_, q| {
        let at = cursor(q);
        ok(format!("{{\"p\":[{at}],\"next\":\"?c={}\"}}", at + 1))
    })
    .await;
    let error = read_with(&mapped(&server, windows), Policy { pages: 7, ..policy() }).await.unwrap_err();
    assert!(error.to_string().contains("7 pages were read and each names a next one"), "{error}");
    assert_eq!(server.requests(), 7);
}
