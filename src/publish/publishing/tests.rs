use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::mpsc;
use url::Url;

use super::*;
use crate::{
    clock::SystemClock,
    config::gate::GateConfig,
    feed_store::{FeedError, FeedKey, FeedStore, Part, Probe},
    gate::Gate,
    ledger::{ExportVerdict, Ledger, Owner},
    report::{Change, Fingerprint, Funnel, HoldReason, Invalidation, Origin, Percent, Source},
    state::{FolderState, Generation, Precondition, StateError, StateStore, Stored},
    step::Step,
    web::{HttpWeb, LazyClient},
};

/// A feed store that knows only what is public, and lets something happen during the first copies.
struct Copies {
    ledger: Ledger,
    public: Mutex<Vec<BuildId>>,
    meanwhile: Mutex<Vec<PublishedRecord>>,
}

#[async_trait]
impl FeedStore for Copies {
    async fn write(&self, _: &FeedKey, _: mpsc::Receiver<Part>) -> Result<(), FeedError> {
        Ok(())
    }

    async fn read(&self, key: &FeedKey) -> Result<mpsc::Receiver<Result<Bytes, FeedError>>, FeedError> {
        Err(FeedError::NotFound { object: key.path() })
    }

    async fn publish(&self, info: &BuildInfo) -> Result<(), FeedError> {
        let next = self.meanwhile.lock().unwrap().pop();
        if let Some(next) = next {
            let change = |record: PublishedRecord| {
                let mut changed = PublishedRecord { history: record.history.clone(), ..next.clone() };
                changed.publishing = changed.publishing.or(record.publishing);
                changed.published = changed.published.or(record.published);
                next.history.iter().cloned().for_each(|export| changed.add(export));
                Some(changed)
            };
            self.ledger.update(PUBLISHED, change).await.unwrap();
        }
        self.public.lock().unwrap().push(info.build.clone());
        Ok(())
    }

    async fn published(&self) -> Result<Option<BuildInfo>, FeedError> {
        Ok(None)
    }

    async fn probe(&self, _: Probe, _: &str) -> Result<bool, FeedError> {
        Ok(false)
    }

    async fn invalidate(&self, _: &str) -> Invalidation {
        Invalidation::NotConfigured
    }

    fn location(&self) -> String {
        String::new()
    }

    fn location_of(&self, key: &FeedKey) -> String {
        key.path()
    }
}

fn owner() -> Owner {
    Owner::of("feed", "ikea_ep.tsv", None)
}

fn run(at: &str) -> RunInfo {
    let at: Timestamp = at.parse().unwrap();
    let (step, origin, day) = (Step::ExportProducts, Origin::Scheduled, jiff::civil::date(2026, 10, 6));
    RunInfo { step, key: at.to_string(), origin, at, day, attempt: 1 }
}

fn built(build: &str, rows: u64) -> Built {
    Built {
        info: BuildInfo {
            build: BuildId::parse(build).unwrap(),
            rows,
            file: Fingerprint { bytes: rows * 10, sha256: "00".repeat(32) },
        },
        funnel: Funnel { fetched: rows, kept: rows, ..Funnel::default() },
        remarks: Vec::new(),
        median_price: Some(1000),
        source: Source::default(),
        republished: None,
        diff: None,
        quality: Default::default(),
        takeover: None,
        unrecorded: None,
        map: None,
        profile: None,
        drift: None,
        corrections: None,
        explained: Vec::new(),
        took: Duration::ZERO,
    }
}

fn published(run: &RunInfo, built: &Built) -> Published {
    Published {
        info: built.info.clone(),
        run_at: run.at,
        run: run.key.clone(),
        at: run.at,
        median_price: None,
        profile: None,
    }
}

/// A publisher whose record says `before`, and whose first copy meets `meanwhile`.
async fn publisher(
    folder: &std::path::Path,
    before: PublishedRecord,
    meanwhile: Vec<PublishedRecord>,
) -> (Publisher, Arc<Copies>) {
    let ledger = Ledger::new(Arc::new(FolderState::new(folder)), owner(), Arc::new(SystemClock));
    ledger.write(PUBLISHED, &before, None).await.unwrap();
    let (public, meanwhile) = (Mutex::default(), Mutex::new(meanwhile));
    let copies = Arc::new(Copies { ledger: ledger.clone(), public, meanwhile });
    let gate = Gate::new(GateConfig::default(), 100_000);
    let publisher = Publisher {
        store: copies.clone(),
        ledger,
        clock: Arc::new(SystemClock),
        gate,
        timezone: TimeZone::UTC,
        web: Arc::new(HttpWeb::new(LazyClient::loopback())),
        feed_url: Url::parse("https://feed.example/feed.tsv").unwrap(),
    };
    (publisher, copies)
}

async fn publish(publisher: &Publisher, run: &RunInfo, built: &Built) -> Verdict {
    Publishing::new(publisher, run, built).verdict().await.unwrap()
}

fn before() -> PublishedRecord {
    let (run, first) = (run("2026-10-05T15:05:00Z"), built("first", 100));
    PublishedRecord { published: Some(published(&run, &first)), ..PublishedRecord::default() }
}

#[tokio::test]
async fn a_note_of_a_held_build_in_between_is_kept_and_costs_no_second_copy() {
    let folder = tempfile::tempdir().unwrap();
    let other = run("2026-10-06T06:00:01Z");
    let held = ExportVerdict::Held { holds: vec![HoldReason::NoRows { missing: None }] };
    let (publisher, _) = publisher(folder.path(), before(), Vec::new()).await;
    let note = Publishing::new(&publisher, &other, &built("empty", 0)).export(other.at, &[], held);
    let note = PublishedRecord { history: vec![note], ..Default::default() };
    let folder = tempfile::tempdir().unwrap();
    let (publisher, copies) = self::publisher(folder.path(), before(), vec![note]).await;
    let verdict = publish(&publisher, &run("2026-10-06T06:00:00Z"), &built("second", 99)).await;
    assert!(matches!(verdict.publication, Publication::Published { .. }), "{verdict:?}");
    assert_eq!(copies.public.lock().unwrap().len(), 1);
    let record = publisher.record().await.unwrap();
    let names: Vec<_> = record.history.iter().map(|export| export.info.build.as_str()).collect();
    assert_eq!(names, ["second", "empty"]);
    assert_eq!((record.published.unwrap().info.rows, record.publishing), (99, None));
}

/// State in which somebody else writes the record right before the first write of ours.
struct Overtaken {
    state: FolderState,
    first: Mutex<Option<PublishedRecord>>,
}

#[async_trait]
impl StateStore for Overtaken {
    async fn read(&self, name: &str) -> Result<Option<Stored>, StateError> {
        self.state.read(name).await
    }

    async fn write(&self, name: &str, bytes: Vec<u8>, over: Precondition) -> Result<Generation, StateError> {
        let first = self.first.lock().unwrap().take();
        if let Some(first) = first {
            let mut json = serde_json::to_value(first).unwrap();
            json["version"] = 1.into();
            self.state.write(name, serde_json::to_vec(&json).unwrap(), Precondition::None).await?;
        }
        self.state.write(name, bytes, over).await
    }

    fn location(&self) -> String {
        self.state.location()
    }
}

#[tokio::test]
async fn a_build_is_judged_again_by_the_record_that_overtook_it() {
    // Ours is sound against the build of before. Another run's, ten times as big, is published before we announce.
    for (theirs_at, held) in [("2026-10-06T05:59:00Z", true), ("2026-10-06T06:01:00Z", false)] {
        let folder = tempfile::tempdir().unwrap();
        let (publisher, copies) = publisher(folder.path(), before(), Vec::new()).await;
        let big = built("big", 1000);
        let first = before().with_published(published(&run(theirs_at), &big));
        let state = Overtaken { state: FolderState::new(folder.path()), first: Mutex::new(Some(first)) };
        let publisher =
            Publisher { ledger: Ledger::new(Arc::new(state), owner(), Arc::new(SystemClock)), ..publisher };
        let verdict = publish(&publisher, &run("2026-10-06T06:00:00Z"), &built("second", 99)).await;
        match verdict.publication {
            Publication::Held { reasons } => assert!(held && reasons[0].name() == "shrink", "{reasons:?}"),
            Publication::Superseded { by } => assert!(!held && by == big.info.build),
            other => panic!("{other:?} over the build of {theirs_at}"),
        }
        assert!(copies.public.lock().unwrap().is_empty());
        assert_eq!(publisher.record().await.unwrap().published.unwrap().info, big.info);
    }
}

#[tokio::test]
async fn a_newer_build_that_was_only_announced_is_put_out_by_the_older_run() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, newer) = (run("2026-10-06T06:01:00Z"), built("newer", 98));
    let record = before().with_publishing(published(&theirs, &newer), &[]);
    let (publisher, copies) = publisher(folder.path(), record, Vec::new()).await;
    let verdict = publish(&publisher, &run("2026-10-06T06:00:00Z"), &built("second", 99)).await;
    assert_eq!(verdict.publication, Publication::Superseded { by: newer.info.build.clone() });
    let public = copies.public.lock().unwrap().clone();
    assert_eq!(public, [newer.info.build], "its own run died before it copied it");
}

#[tokio::test]
async fn what_was_worth_a_look_still_is_when_the_run_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let (publisher, copies) = publisher(folder.path(), before(), Vec::new()).await;
    let (first, smaller) = (run("2026-10-06T06:00:00Z"), built("second", 90));
    let told = publish(&publisher, &first, &smaller).await;
    assert!(
        matches!(told.warnings.as_slice(), [GateWarning::Shrink(Change { before: 100, now: 90, .. })]),
        "{told:?}"
    );
    let again = publish(&publisher, &RunInfo { attempt: 2, ..first }, &smaller).await;
    assert_eq!(again, told);
    assert_eq!(copies.public.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_announcement_during_the_copy_is_put_out_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, newer) = (run("2026-10-06T06:01:00Z"), built("newer", 98));
    let announced = PublishedRecord { publishing: Some(published(&theirs, &newer)), ..Default::default() };
    let (publisher, copies) = publisher(folder.path(), before(), vec![announced]).await;
    let verdict = publish(&publisher, &run("2026-10-06T06:00:00Z"), &built("second", 99)).await;
    assert_eq!(verdict.publication, Publication::Superseded { by: newer.info.build.clone() });
    let public: Vec<_> = copies.public.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(public, ["second", "newer"], "ours landed, so theirs is put over it");
}

#[tokio::test]
async fn what_a_run_announced_is_finished_as_it_was_announced_whatever_the_gate_says_by_then() {
    let (first, smaller) = (run("2026-10-06T06:00:00Z"), built("second", 90));
    let warned = GateWarning::Shrink(Change {
        measured: Percent::whole(10),
        limit: Percent::whole(5),
        before: 100,
        now: 90,
    });
    let announced = before().with_publishing(published(&first, &smaller), std::slice::from_ref(&warned));
    let by_an_older_version = PublishedRecord { publishing_warnings: None, ..announced.clone() };
    for (record, expected) in [(announced, vec![warned]), (by_an_older_version, Vec::new())] {
        let folder = tempfile::tempdir().unwrap();
        let (publisher, _) = publisher(folder.path(), record, Vec::new()).await;
        let strict = GateConfig { hold_shrink: Percent::whole(6), ..GateConfig::default() };
        let publisher = Publisher { gate: Gate::new(strict, 100_000), ..publisher };
        let again = RunInfo { attempt: 2, ..first.clone() };
        let verdict = publish(&publisher, &again, &smaller).await;
        assert!(matches!(verdict.publication, Publication::Published { .. }), "{verdict:?}");
        assert_eq!(verdict.warnings, expected);
        let record = publisher.record().await.unwrap();
        assert_eq!((record.publishing, record.publishing_warnings), (None, None));
        assert_eq!(record.history[0].warnings, expected);
        assert_eq!(record.published.unwrap().info, smaller.info);

        // It is nobody else's: another build, and the same build of another run, are judged.
        let other = publish(&publisher, &run("2026-10-06T06:30:00Z"), &built("third", 80)).await;
        assert!(matches!(other.publication, Publication::Held { .. }), "{other:?}");
    }
}

#[tokio::test]
async fn what_another_run_announced_is_judged_when_it_is_ours_to_publish() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, small) = (run("2026-10-06T06:00:00Z"), built("second", 70));
    let record = before().with_publishing(published(&theirs, &small), &[]);
    let (publisher, copies) = publisher(folder.path(), record, Vec::new()).await;
    let verdict = publish(&publisher, &run("2026-10-06T06:30:00Z"), &small).await;
    assert!(matches!(verdict.publication, Publication::Held { .. }), "{verdict:?}");
    assert!(copies.public.lock().unwrap().is_empty());
}
