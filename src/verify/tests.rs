//! Whole verifications of made-up answers, with each limit as a setting.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{StatusCode, header::HeaderMap};

use super::*;
use crate::{
    clock::SystemClock,
    ledger::Published,
    report::{BuildId, BuildInfo, CheckResult, CheckStatus, Fingerprint},
    schedule::DEFAULT,
    state::FolderState,
    web::{Request, Response, WebBody, WebError},
};

const HEADER: &str = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping\n";
const ROW: &str = "1\t책장\t79900\thttps://shop.example/1\thttps://images.example/1.jpg\t수납\t3000\n";

/// Answers every request with the same.
struct Answer(fn() -> WebBody);

#[async_trait]
impl Web for Answer {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        let headers = [("content-type", "text/plain; charset=utf-8"), ("x-amz-meta-build", "b-1")];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let headers = HeaderMap::from_iter(headers);
        Ok(Response { status: StatusCode::OK, url: request.url, headers, body: self.0() })
    }
}

fn text(text: String) -> WebBody {
    Box::pin(stream::iter([Ok(text.into())]))
}

fn sound() -> WebBody {
    text(format!("{HEADER}{ROW}"))
}

async fn verify(answer: fn() -> WebBody, change: impl FnOnce(&mut VerifyConfig)) -> VerifyReport {
    verify_against(&PublishedRecord::default(), answer, change).await
}

async fn verify_against(
    record: &PublishedRecord,
    answer: fn() -> WebBody,
    change: impl FnOnce(&mut VerifyConfig),
) -> VerifyReport {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::new(
        Arc::new(FolderState::new(folder.path().join("state"))),
        crate::ledger::Owner::of("feed", "ikea_ep.tsv", None),
        Arc::new(SystemClock),
    );
    ledger.write(PUBLISHED, record, None).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut config = VerifyConfig {
        max_age: Duration::from_secs(26 * 3600),
        max_bytes: 1 << 20,
        timeout: Duration::from_secs(5),
        alive_sample: 0,
        warn_only: BTreeSet::new(),
    };
    change(&mut config);
    let verifier = Verifier {
        web: Arc::new(Answer(answer)),
        feed_url: Url::parse("https://feed.example/feed.tsv").unwrap(),
        config,
        max_rows: 100,
        median_moved: Percent::whole(30),
        ledger,
        schedule: Schedule::parse(DEFAULT, "Asia/Seoul").unwrap(),
        grace: Duration::from_secs(840),
        clock,
    };
    verifier.run(&Progress::default()).await.unwrap()
}

fn check(report: &VerifyReport, id: CheckId) -> &CheckResult {
    report.checks.iter().find(|check| check.id == id).unwrap()
}

fn kinds(report: &VerifyReport, id: CheckId) -> Vec<ProblemKind> {
    check(report, id).problems.iter().map(|problem| problem.kind).collect()
}

#[tokio::test]
async fn an_endless_body_ends_at_verify_max_bytes() {
    let rows = || -> WebBody { Box::pin(stream::repeat_with(|| Ok(Bytes::from_static(ROW.as_bytes())))) };
    let report = verify(rows, |_| {}).await;
    assert_eq!(kinds(&report, CheckId::Reachable), [ProblemKind::TooBig]);
    assert_eq!(check(&report, CheckId::Reachable).problems[0].examples[0].value.as_deref(), Some("> 1 MiB"));
    assert!((1 << 20..(1 << 20) + 200).contains(&report.bytes));
    let one_row = || -> WebBody { Box::pin(stream::repeat_with(|| Ok(Bytes::from(vec![b'x'; 8192])))) };
    let report = verify(one_row, |config| config.max_bytes = 50 << 20).await;
    assert_eq!(kinds(&report, CheckId::Reachable), [ProblemKind::TooBig]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_or_never_comes_ends_at_verify_timeout() {
    let trickle = || -> WebBody {
        Box::pin(stream::repeat(()).then(|()| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Bytes::from_static(b"x"))
        }))
    };
    for body in [trickle, || -> WebBody { Box::pin(stream::pending()) }] {
        let begun = tokio::time::Instant::now();
        let report = verify(body, |config| config.timeout = Duration::from_secs(30)).await;
        assert_eq!(kinds(&report, CheckId::Reachable), [ProblemKind::TooSlow]);
        assert_eq!(begun.elapsed().as_secs(), 30);
        assert_eq!(
            check(&report, CheckId::Reachable).problems[0].examples[0].value.as_deref(),
            Some("> 30 s")
        );
    }
}

#[tokio::test]
async fn verify_warn_only_turns_failures_of_its_checks_into_warnings() {
    let bad = || text(format!("{HEADER}{}", ROW.replace("79900", "0")));
    let report = verify(bad, |_| {}).await;
    assert_eq!(check(&report, CheckId::Formats).status, CheckStatus::Fail);
    let report = verify(bad, |config| config.warn_only = [CheckId::Formats].into()).await;
    assert_eq!(check(&report, CheckId::Formats).status, CheckStatus::Warn);
    assert_eq!(check(&report, CheckId::Prices).status, CheckStatus::Fail, "another check");
    assert_eq!(kinds(&report, CheckId::Formats), [ProblemKind::BadValue], "it is told all the same");
}

#[tokio::test]
async fn verify_alive_sample_switches_the_look_at_pages_on_and_off() {
    let report = verify(sound, |_| {}).await;
    assert!(report.checks.iter().all(|check| check.id != CheckId::Alive));
    assert_eq!(report.checks.len(), CheckId::iter().len() - 1);
    let report = verify(sound, |config| config.alive_sample = 20).await;
    assert_eq!(check(&report, CheckId::Alive).measured, "2/2");
    assert_eq!(
        kinds(&report, CheckId::Alive),
        [ProblemKind::NotAnImage],
        "the feed itself comes for the image"
    );
}

#[tokio::test]
async fn a_file_that_is_no_table_says_which_checks_could_not_be_made() {
    let report = verify(|| text("<html>".into()), |config| config.alive_sample = 1).await;
    assert_eq!(kinds(&report, CheckId::Reachable), [ProblemKind::Html]);
    for id in [CheckId::Header, CheckId::Formats, CheckId::Prices, CheckId::RowCount, CheckId::Alive] {
        assert_eq!(kinds(&report, id), [ProblemKind::NotChecked], "{id:?}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_judged_as_far_as_it_came() {
    let broken = || -> WebBody {
        let error = WebError { detail: "reset".into(), plain: "no answer".into(), permanent: false };
        Box::pin(stream::iter([Ok(Bytes::from(format!("{HEADER}{ROW}2\t"))), Err(error)]))
    };
    let report = verify(broken, |_| {}).await;
    assert_eq!(kinds(&report, CheckId::Reachable), [ProblemKind::CutOff]);
    assert_eq!(
        (kinds(&report, CheckId::Shape), report.rows),
        (vec![ProblemKind::NotChecked], 1),
        "the row that was cut is not judged"
    );
    assert_eq!(kinds(&report, CheckId::RowCount), [ProblemKind::NotChecked]);
}

#[tokio::test]
async fn a_summary_is_not_held_against_the_whole_feed() {
    let run_at: Timestamp = "2026-10-06T06:00:00Z".parse().unwrap();
    let info = BuildInfo {
        build: BuildId::parse("b-0").unwrap(),
        rows: 7,
        file: Fingerprint { bytes: 9, sha256: "00".into() },
    };
    let published = Published {
        info,
        run_at,
        run: run_at.to_string(),
        at: run_at,
        median_price: Some(1_000_000),
        profile: None,
    };
    let record = PublishedRecord { published: Some(published), ..PublishedRecord::default() };
    let summary = || {
        let changes = format!("{HEADER}{ROW}").replace("shipping\n", "shipping\tclass\tupdate_time\n");
        text(changes.replace("3000\n", "3000\tU\t2026-10-06 10:00:01\n"))
    };
    let report = verify_against(&record, summary, |_| {}).await;
    assert_eq!(kinds(&report, CheckId::RowCount), [ProblemKind::SummaryFile]);
    assert_eq!(check(&report, CheckId::RowCount).status, CheckStatus::Warn);
    assert_eq!(kinds(&report, CheckId::Prices), []);
    let report = verify_against(&record, sound, |_| {}).await;
    assert_eq!(kinds(&report, CheckId::RowCount), [ProblemKind::RowsDiffer]);
    assert_eq!(kinds(&report, CheckId::Prices), [ProblemKind::MedianJumped]);
}

#[tokio::test]
async fn links_into_a_private_network_fail_in_a_public_feed() {
    let local = || text(format!("{HEADER}{}", ROW.replace("https://shop.example", "http://localhost:8080")));
    let report = verify(local, |_| {}).await;
    assert_eq!(kinds(&report, CheckId::Formats), [ProblemKind::PrivateHost]);
}
