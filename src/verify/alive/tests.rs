//! Pages and images of a made-up web.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use reqwest::{
    StatusCode,
    header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, RANGE, USER_AGENT},
};

use super::{image::tests::png, *};
use crate::{
    report::{CheckId, CheckStatus, Problem},
    web::WebError,
};

/// Answers by path: `/200`, `/head-405`, `/small.png`, and so on. As shops do, it has nothing for what is no browser.
#[derive(Default)]
struct FakeWeb {
    asked: Mutex<Vec<Request>>,
    running: Arc<Mutex<(usize, usize)>>,
}

#[async_trait]
impl Web for FakeWeb {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let (path, is_head) = (request.url.path().to_owned(), request.method == Method::HEAD);
        let agent = request.headers[USER_AGENT].to_str().unwrap_or_default();
        let is_browser = agent.starts_with("Mozilla/5.0 ") && agent.contains(" Chrome/");
        let refuses = !is_browser || !request.headers.contains_key(ACCEPT_LANGUAGE);
        let mut url = request.url.clone();
        if let Some(ended) = path.strip_prefix("/moved-to-") {
            url.set_path(ended);
        }
        self.asked.lock().unwrap().push(request);
        {
            let mut running = self.running.lock().unwrap();
            running.0 += 1;
            running.1 = running.1.max(running.0);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.running.lock().unwrap().0 -= 1;
        let silent =
            || WebError { detail: "connection refused".into(), plain: "no answer".into(), permanent: false };
        let (status, body) = match path.as_str() {
            "/silent" => return Err(silent()),
            "/hangs" => std::future::pending().await,
            "/head-405" => (if is_head { 405 } else { 200 }, Vec::new()),
            "/head-404" => (if is_head { 404 } else { 200 }, Vec::new()),
            "/fine.png" => (206, png(500, 500)),
            "/small.png" => (200, png(200, 900)),
            "/page.png" => (200, b"<html>".to_vec()),
            _ if refuses => (if is_head { 404 } else { 403 }, Vec::new()),
            status => (status[1..].parse().unwrap_or(200), Vec::new()),
        };
        let endless = path == "/endless.png";
        let body = stream::iter([Ok(png(500, 500).into())])
            .filter(move |_| std::future::ready(endless))
            .chain(stream::once(async move { Ok(body.into()) }))
            .chain(stream::repeat_with(move || Ok(vec![0; 8192].into())).take(if endless {
                usize::MAX
            } else {
                0
            }));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response { status, url, headers: HeaderMap::new(), body: Box::pin(body) })
    }
}

fn sampled(pages: &[&str], images: &[&str]) -> Vec<SampledRow> {
    let url = |host: &str, path: &&str| Some(format!("https://{host}.example/{path}"));
    let row = |row, link, image| SampledRow { row, id: format!("p{row}"), link, image, price: None };
    let pages = pages.iter().enumerate().map(|(i, path)| row(i as u64 + 2, url("shop", path), None));
    let images = images.iter().enumerate().map(|(i, path)| row(i as u64 + 100, None, url("images", path)));
    pages.chain(images).collect()
}

async fn check(web: &FakeWeb, sample: &[SampledRow], seconds: u64) -> (String, CheckStatus, Vec<Problem>) {
    let mut findings = Findings::default();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    Opener::new(web, Reach::Public).check(sample, deadline, &mut findings).await;
    let found = findings.result(CheckId::Alive, &BTreeSet::new());
    (found.measured, found.status, found.problems)
}

#[tokio::test(start_paused = true)]
async fn each_page_and_image_gets_the_verdict_it_deserves() {
    use CheckStatus::{Fail, Pass, Warn};
    use ProblemKind::*;
    let none: &[&str] = &[];
    for (what, pages, images, measured, status, kinds) in [
        ("all is well", &["200", "204"][..], &["fine.png", "endless.png"][..], "4/4", Pass, &[][..]),
        ("HEAD refused, GET answered", &["head-405", "head-404"], none, "2/2", Pass, &[]),
        ("one of four is gone", &["200", "404", "200"], &["fine.png"], "3/4", Warn, &[DeadPage]),
        ("half is gone", &["410", "200"], none, "1/2", Warn, &[DeadPage]),
        ("most is gone", &["404", "500", "200"], none, "1/3", Fail, &[DeadPage, MostlyDead]),
        ("an image is gone", &["200"], &["403"], "1/2", Warn, &[DeadImage]),
        (
            "every image is gone",
            &["200", "204", "200", "204"],
            &["404", "404", "403", "404"],
            "4/8",
            Fail,
            &[MostlyDead],
        ),
        (
            "every image of many pages is gone",
            &["200", "204", "200", "204", "200", "404"],
            &["404", "404", "403", "404", "404"],
            "5/11",
            Fail,
            &[DeadPage, MostlyDead, HostDead],
        ),
        ("a host refuses everything", &["403", "403", "401"], &["fine.png"], "1/4", Warn, &[HostRefuses]),
        ("everybody refuses everything", &["403"; 20], &["403"; 20], "0/40", Warn, &[HostRefuses]),
        ("a host refuses one thing", &["403", "200", "200"], none, "2/3", Warn, &[DeadPage]),
        ("everything of a host is gone", &["404"; 20], none, "0/20", Fail, &[MostlyDead]),
        ("a page moved", &["moved-to-kr/moved-to-kr/"], none, "1/1", Pass, &[]),
        ("a page became its category", &["200", "moved-to-cat"], none, "2/2", Warn, &[PageElsewhere]),
        ("a host is silent", &["silent"], &["fine.png"], "1/2", Warn, &[DeadPage]),
        ("nobody answers", &["silent", "hangs"], &["silent"], "0/3", Warn, &[NoneAnswered]),
        ("too small", &["200"], &["small.png"], "2/2", Warn, &[ImageSize]),
        ("no image", &["200"], &["page.png"], "2/2", Warn, &[NotAnImage]),
        ("too many requests", &["429", "503"], &["503"], "–", Warn, &[NotChecked]),
        ("nothing to open", none, none, "–", Warn, &[NotChecked]),
    ] {
        let (found_measured, found_status, problems) =
            check(&FakeWeb::default(), &sampled(pages, images), 60).await;
        let found: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(
            (found_measured.as_str(), found_status, found.as_slice()),
            (measured, status, kinds),
            "{what}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn examples_name_the_row_and_what_was_answered() {
    let (.., problems) = check(&FakeWeb::default(), &sampled(&["200", "404"], &["small.png"]), 60).await;
    let examples: BTreeMap<_, _> = problems.into_iter().map(|mut p| (p.kind, p.examples.remove(0))).collect();
    let dead = &examples[&ProblemKind::DeadPage];
    assert_eq!((dead.row, dead.id.as_deref()), (Some(3), Some("p3")));
    assert_eq!(dead.value.as_deref(), Some("https://shop.example/404 404"));
    let (.., problems) = check(&FakeWeb::default(), &sampled(&["403"; 4], &["moved-to-x.png"]), 60).await;
    let refusing = &problems[0].examples[0];
    assert_eq!((problems[0].count, refusing.times), (1, Some(4)));
    assert_eq!(refusing.value.as_deref(), Some("shop.example 403"));
    let (.., problems) = check(&FakeWeb::default(), &sampled(&["404"; 4], &[]), 60).await;
    assert_eq!(problems[0].examples[0].value.as_deref(), Some("4 / 4 · shop.example 404"));
    let (.., problems) = check(&FakeWeb::default(), &sampled(&["moved-to-cat"], &[]), 60).await;
    assert_eq!(
        problems[0].examples[0].value.as_deref(),
        Some("https://shop.example/moved-to-cat → https://shop.example/cat")
    );
    assert_eq!(
        examples[&ProblemKind::ImageSize].value.as_deref(),
        Some("https://images.example/small.png 200×900")
    );
}

#[tokio::test(start_paused = true)]
async fn it_is_polite_and_says_who_it_is() {
    let (web, begun) = (FakeWeb::default(), Instant::now());
    check(&web, &sampled(&["200"; 30], &["fine.png"; 10]), 600).await;
    assert_eq!(web.running.lock().unwrap().1, AT_ONCE);
    assert!(begun.elapsed() >= Duration::from_millis(2900), "30 pages of one host, 100 ms between them");
    let asked = web.asked.lock().unwrap();
    assert!(asked.iter().all(|r| r.headers[USER_AGENT] == browser::AGENT && r.reach == Reach::Public));
    assert!(browser::AGENT.ends_with(concat!(" auto-ep/", env!("CARGO_PKG_VERSION"))));
    assert!(asked.iter().all(|r| {
        let accepted = r.headers[ACCEPT].to_str().unwrap();
        accepted.starts_with(if r.method == Method::GET { "image/" } else { "text/html" })
    }));
    let images: Vec<_> = asked.iter().filter(|r| r.method == Method::GET).collect();
    assert!(images.len() == 10 && images.iter().all(|r| r.headers[RANGE] == "bytes=0-65535"));
}

#[tokio::test(start_paused = true)]
async fn what_time_does_not_allow_is_not_counted() {
    let begun = Instant::now();
    let (measured, status, _) =
        check(&FakeWeb::default(), &sampled(&["200", "200", "hangs", "hangs"], &[]), 2).await;
    assert_eq!((measured.as_str(), status), ("2/2", CheckStatus::Pass));
    assert_eq!(begun.elapsed().as_secs(), 2);
}

/// Pages of a shop by the number in their path, each larger than what is read of it where that is `long`.
struct Shop {
    read: Arc<Mutex<usize>>,
}

#[async_trait]
impl Web for Shop {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        assert_eq!(request.method, Method::GET, "a page that is compared is asked for once");
        let path = request.url.path().trim_start_matches('/').to_owned();
        let (price, number) = match path.as_str() {
            "dearer" => ("89900", "p2"),
            "other" => ("79900", "p9"),
            path => ("79900", path),
        };
        let product = format!(
            r#"<script type="application/ld+json">{{"@type": "Product", "sku": "{number}",
                "offers": {{"price": {price}, "priceCurrency": "KRW"}}}}</script>"#
        );
        let (before, after) = match path.as_str() {
            "p5" => (2000, 0),
            "p6" => (0, 2000),
            _ => (0, 0),
        };
        let filler = |times: usize| stream::iter((0..times).map(|_| Bytes::from(vec![b' '; 1024])));
        let page = filler(before).chain(stream::iter([Bytes::from(product)])).chain(filler(after));
        let read = Arc::clone(&self.read);
        let body = page.map(move |chunk| {
            *read.lock().unwrap() += chunk.len();
            Ok(chunk)
        });
        let (status, url, headers) = (StatusCode::OK, request.url, HeaderMap::new());
        Ok(Response { status, url, headers, body: Box::pin(body) })
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_held_against_their_rows_and_never_more_than_a_mebibyte_of_one_is_read() {
    for (pages, kinds, read) in [
        (&["p2", "p3", "p4"][..], &[][..], 1_000),
        (&["dearer", "p3", "p4"], &[ProblemKind::PagePrice], 1_000),
        (&["p2", "other", "p4"], &[ProblemKind::PageOther], 1_000),
        (&["other", "other", "p4"], &[], 1_000),
        (&["p2", "p3", "p4", "p5", "p6"], &[], 2 * (PAGE_BYTES + 1024) + 1_000),
    ] {
        let shop = Shop { read: Arc::default() };
        let mut sample = sampled(pages, &[]);
        sample.iter_mut().for_each(|row| row.price = Some(79_900));
        let (mut findings, deadline) = (Findings::default(), Instant::now() + Duration::from_secs(60));
        Opener::new(&shop, Reach::Public).comparing(None).check(&sample, deadline, &mut findings).await;
        let found = findings.result(CheckId::Alive, &BTreeSet::new());
        let told: Vec<_> = found.problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(told, kinds, "{pages:?}: {found:?}");
        let open = format!("{}/{}", pages.len(), pages.len());
        assert_eq!((found.measured, found.status == CheckStatus::Pass), (open, kinds.is_empty()));
        assert!(*shop.read.lock().unwrap() <= read, "{pages:?}: {} bytes", shop.read.lock().unwrap());
        if let Some(problem) = found.problems.first() {
            let value = problem.examples[0].value.as_deref().unwrap_or_default();
            assert!(value.ends_with("79900 → 89900") || value.ends_with(" p9"), "{value}");
        }
    }
}
