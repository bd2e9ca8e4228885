//! Catalogues of many pages.

use std::{convert::Infallible, num::NonZeroUsize, time::Duration};

use auto_ep::{
    fetch::{FetchError, Fetcher, Known, Policy},
    preset::Said,
    report::FailureKind,
};
use axum::body::{Body, Bytes};
use tokio::sync::mpsc;

use crate::source::{Server, document, numbers, ok, paged, policy, read, read_with, status};

/// A page of `{"p": […], "n": total}` as the query asks for, from a category with `total` products.
fn page(query: &str, total: u64) -> String {
    let part = |name: &str| {
        query.split('&').find_map(|p| p.strip_prefix(name)).and_then(|v| v.parse::<u64>().ok()).unwrap()
    };
    let (start, end) = (part("start="), part("end="));
    format!("{{\"p\":{},\"n\":{total}}}", numbers(start.min(total)..end.min(total)))
}

#[tokio::test]
async fn pages_are_read_in_order_and_ahead_until_an_empty_one() {
    for total in [1, 9, 10, 11, 40, 95, 100] {
        for concurrency in [1, 2, 4, 7] {
            let server = Server::start(move |_, q| ok(page(q, total))).await;
            let mut config = paged(&server, "start={start}&end={end}", "");
            config.concurrency = NonZeroUsize::new(concurrency).unwrap();
            config.total = Some(Said::parse("/n").unwrap());
            let (items, summary) = read(&config).await.unwrap();
            let expected: Vec<String> = (0..total).map(|n| n.to_string()).collect();
            assert_eq!(items, expected);
            assert_eq!((summary.source.says, summary.source.short), (Some(total), 0));
            let needed = total.div_ceil(10) as usize + 1;
            assert!((needed..needed + concurrency).contains(&server.requests()), "{total} {concurrency}");
        }
    }
}

#[tokio::test]
async fn a_short_page_is_not_the_last_and_an_early_page_that_is_slow_keeps_its_place() {
    // Of 30 products: 10, then 3 of 10, then all that is asked for; the first takes longest.
    let server = Server::start(|_, q| {
        let start: u64 = q.split(['=', '&']).nth(1).unwrap().parse().unwrap();
        let end = if start == 10 { 13 } else { (start + 10).min(30) };
        let text = format!("{{\"p\":{}}}", numbers(start.min(30)..end));
        ok(Body::from_stream(futures_util::stream::once(async move {
            tokio::time::sleep(Duration::from_millis(100_u64.saturating_sub(start * 4))).await;
            Ok::<_, Infallible>(text)
        })))
    })
    .await;
    let (items, _) = read(&paged(&server, "start={start}&end={end}", "")).await.unwrap();
    let expected: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    assert_eq!(items, expected);
}

#[tokio::test]
async fn large_pages_wait_for_their_turn_without_being_lost() {
    let server = Server::start(|_, q| {
        let start: u64 = q.split(['=', '&']).nth(1).unwrap().parse().unwrap();
        let item = format!("{{\"n\":{start},\"x\":\"{}\"}}", "x".repeat(200_000));
        ok(format!("{{\"p\":[{}]}}", vec![item; if start < 80 { 10 } else { 0 }].join(",")))
    })
    .await;
    let (items, _) = read(&paged(&server, "start={start}&end={end}", "")).await.unwrap();
    let starts: Vec<usize> = (0..8).flat_map(|page| [page * 10; 10]).collect();
    let found: Vec<usize> = items.iter().map(|i| i[5..i.find(',').unwrap()].parse().unwrap()).collect();
    assert_eq!(found, starts);
}

#[tokio::test]
async fn categories_follow_each_other_and_empty_ones_are_named() {
    let total = |q: &str| match q.split('&').next().unwrap() {
        "c=a%2Fb" => 25,
        "c=last" => 5,
        _ => 0,
    };
    let server = Server::start(move |_, q| ok(page(q, total(q)))).await;
    let mut config = paged(&server, "c={category}&start={start}&end={end}", "none,a/b,empty,last");
    config.total = Some(Said::parse("/n").unwrap());
    let (items, summary) = read(&config).await.unwrap();
    let expected: Vec<String> = (0..25).chain(0..5).map(|n| n.to_string()).collect();
    assert_eq!(items, expected);
    let empty: Vec<_> =
        summary.source.departments.iter().filter(|d| d.gave == 0).map(|d| d.id.as_str()).collect();
    assert_eq!(empty, ["none", "empty"]);
    assert_eq!(summary.source.says, Some(30));

    let server = Server::start(|_, q| ok(page(q, 0))).await;
    let (items, summary) = read(&paged(&server, "start={start}&end={end}", "")).await.unwrap();
    assert!(items.is_empty() && summary.source.departments.is_empty());
}

#[tokio::test]
async fn a_count_that_is_nowhere_is_told_and_everything_is_read_all_the_same() {
    let server = Server::start(|_, q| ok(if q.is_empty() { "{\"p\":[1]}".into() } else { page(q, 5) })).await;
    for mut config in [document(&server, "/p"), paged(&server, "start={start}&end={end}", "")] {
        config.total = Some(Said::parse("/m/total").unwrap());
        let (items, summary) = read(&config).await.unwrap();
        assert_eq!((summary.source.says, summary.source.uncounted, summary.source.short), (None, 1, 0));
        assert_eq!(items.len() as u64, summary.source.gave);
        assert!(matches!(items.len(), 1 | 5), "{items:?}");
    }
}

#[tokio::test]
async fn pages_that_never_end_are_an_error() {
    let server = Server::start(|n, _| ok(format!("{{\"p\":{},\"request\":{n}}}", numbers(0..10)))).await;
    let error = read(&paged(&server, "start={start}&end={end}", "")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("start=10&end=20: it holds exactly the products of the page before it"), "{text}");
    assert_eq!((error.kind(), error.retryable()), (FailureKind::CatalogueUnreadable, false));
    assert!(server.requests() <= 8, "{}", server.requests());

    let server = Server::start(|_, q| ok(page(q, u64::MAX / 2))).await;
    let config = paged(&server, "start={start}&end={end}", "");
    let error = read_with(&config, Policy { pages: 7, ..policy() }).await.unwrap_err();
    assert!(error.to_string().contains("7 pages were read and none was empty"), "{error}");
    assert_eq!(server.requests(), 7);
}

#[tokio::test]
async fn a_page_that_fails_fails_the_catalogue_with_its_own_url() {
    let server =
        Server::start(|_, q| if q.starts_with("start=20&") { status(404, "gone") } else { ok(page(q, 100)) })
            .await;
    let error = read(&paged(&server, "start={start}&end={end}", "")).await.unwrap_err();
    assert!(error.to_string().contains("?start=20&end=30: expected status 200, found 404"), "{error}");
    // behind the empty page it is nobody's concern
    let server =
        Server::start(|_, q| if q.starts_with("start=20&") { status(404, "gone") } else { ok(page(q, 10)) })
            .await;
    assert_eq!(read(&paged(&server, "start={start}&end={end}", "")).await.unwrap().0.len(), 10);
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_fetch_at_once() {
    let server = Server::start(|_, _| {
        ok(Body::from_stream(futures_util::stream::pending::<Result<Bytes, Infallible>>()))
    })
    .await;
    for config in [document(&server, ""), paged(&server, "start={start}&end={end}", "")] {
        let (sender, receiver) = mpsc::channel(1);
        let fetcher = Fetcher::new(crate::source::web(), Policy::default());
        let fetch = tokio::spawn(async move { fetcher.read(&config, &Known::default(), sender).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(receiver);
        let ended = tokio::time::timeout(Duration::from_secs(10), fetch).await.unwrap().unwrap();
        assert_eq!(ended, Err(FetchError::Cancelled));
    }
}

/// Windows that have numbers, of ten products each, as `answer` gives them by their number.
async fn numbered(answer: impl Fn(u64) -> Option<String> + Send + Sync + 'static) -> (Vec<String>, usize) {
    let server = Server::start(move |_, q| {
        let number = q.split(['=', '&']).nth(1).unwrap().parse().unwrap();
        answer(number).map_or_else(|| status(404, "no such page"), ok)
    })
    .await;
    let items = match read(&paged(&server, "page={page}&size={size}", "")).await {
        Ok((items, _)) => items,
        Err(error) => vec![error.to_string()],
    };
    (items, server.requests())
}

#[tokio::test]
async fn pages_that_have_numbers_end_where_there_is_none_and_not_at_a_gap() {
    let products = |n: u64| format!("{{\"p\":{}}}", numbers((n - 1) * 10..n * 10));
    let expected = |pages: &[u64]| -> Vec<String> {
        pages.iter().flat_map(|n| ((n - 1) * 10..n * 10).map(|n| n.to_string())).collect()
    };
    // Behind the last page stands none.
    let (items, _) = numbered(move |n| (n <= 3).then(|| products(n))).await;
    assert_eq!(items, expected(&[1, 2, 3]));
    // A page in the middle is empty: what stands behind it is read.
    let (items, _) =
        numbered(move |n| Some(if n == 3 || n > 5 { "{\"p\":[]}".into() } else { products(n) })).await;
    assert_eq!(items, expected(&[1, 2, 4, 5]));
    // A page in the middle is missing: that is no whole catalogue.
    let (items, _) = numbered(move |n| (n != 3 && n < 6).then(|| products(n))).await;
    assert!(items[0].contains("page=3") && items[0].contains("expected status 200, found 404"), "{items:?}");
}
