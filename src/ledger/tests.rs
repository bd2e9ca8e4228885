use super::*;
use crate::{
    clock::SystemClock,
    report::{BuildId, BuildInfo, Department, Fingerprint, Funnel, HoldReason},
    state::{FolderState, MOST_BYTES},
};

const DAY: &str = "days/2026-10-06.json";

fn ledger(folder: &std::path::Path) -> (FolderState, Ledger) {
    let store = FolderState::new(folder);
    let ledger = Ledger::new(
        Arc::new(store.clone()),
        Owner::of("s3://a/ep", "ikea_ep.tsv", None),
        Arc::new(SystemClock),
    );
    (store, ledger)
}

/// What reading the text as a day's record says.
async fn read(text: String) -> Result<DayRecord, String> {
    let folder = tempfile::tempdir().unwrap();
    let (store, ledger) = ledger(folder.path());
    store.write(DAY, text.into_bytes(), Precondition::Absent).await.unwrap();
    match ledger.read::<DayRecord>(DAY).await {
        Ok(read) => Ok(read.unwrap().value),
        Err(error @ LedgerError::Damaged { .. }) => Err(error.to_string()),
        Err(other) => panic!("{other:?}"),
    }
}

fn day(pad: &str, times: usize) -> String {
    let pad = vec![pad; times].join(",");
    format!(r#"{{"version": 1, "thread": {{"state": "none"}}, "replaced": 3, "pad": [{pad}]}}"#)
}

#[tokio::test]
async fn members_of_a_later_version_are_passed_over() {
    for (pad, times) in [(r#"{"a":0}"#, 1000), (r#""x,[{""#, 40_000), ("[[[0]]]", 7)] {
        assert_eq!(read(day(pad, times)).await.unwrap().replaced, 3, "{pad}");
    }
}

#[tokio::test]
async fn a_record_of_more_values_than_ours_have_is_not_parsed_and_named() {
    for pad in [r#"{"a":0}"#, "{}", "0", "[]"] {
        let said = read(day(pad, MOST_BYTES / 10)).await.unwrap_err();
        assert!(said.contains(DAY) && said.contains("values") && said.contains("move it away"), "{said}");
    }
}

#[tokio::test]
async fn why_a_record_cannot_be_read_is_said_in_short() {
    let long = "\\u001b가".repeat(10_000);
    for text in [
        format!(r#"{{"version": 1, "thread": {{"state": "{long}"}}}}"#),
        format!(r#"{{"version": 1, "thread": "{long}"}}"#),
        format!(r#"{{"version": 1, "thread": {{"state": "none"}}, "slots": [{{"at": "{long}"}}]}}"#),
    ] {
        let said = read(text).await.unwrap_err();
        assert!(said.contains(DAY) && said.chars().count() < 700 && !said.contains('\u{1b}'), "{said}");
    }
}

#[tokio::test]
async fn the_largest_record_that_we_write_is_read() {
    let department = |n: usize| Department {
        id: format!("{n:0>100}"),
        name: Some("수".repeat(60)),
        says: Some(1_000_000),
        gave: 1_000_000,
        short: 1_000_000,
        listed: true,
    };
    let at = "2026-10-05T15:05:00Z".parse().unwrap();
    let export = |n: usize| ExportRecord {
        info: BuildInfo {
            build: BuildId::parse(&format!("20261006-000503-{n:04}")).unwrap(),
            rows: 1_000_000,
            file: Fingerprint { bytes: 1_000_000_000, sha256: "0".repeat(64) },
        },
        run: "2026-10-05T15:05:00Z".to_owned(),
        run_at: at,
        at,
        funnel: Funnel {
            broken: (0..60).map(|rule| (format!("mobile_link: rule_{rule}").as_str().into(), 7)).collect(),
            ..Funnel::default()
        },
        median_price: Some(9_900),
        warnings: Vec::new(),
        departments: Vec::new(),
        map: None,
        drift: None,
        verdict: ExportVerdict::Held { holds: vec![HoldReason::NoRows { missing: None }; 20] },
    };
    let mut record = PublishedRecord { history: (0..60).map(export).collect(), ..PublishedRecord::default() };
    for export in &mut record.history[..2] {
        export.departments = (0..2_000).map(department).collect();
    }
    let folder = tempfile::tempdir().unwrap();
    let (store, ledger) = ledger(folder.path());
    ledger.write(PUBLISHED, &record, None).await.unwrap();
    let stored = store.read(PUBLISHED).await.unwrap().unwrap().bytes;
    // What is allowed is not far more than that.
    let (bytes, values) = (stored.len(), json::values(&stored));
    assert!(bytes > MOST_BYTES / 3 && values > MOST_VALUES / 2, "{bytes} bytes, {values} values");
    assert_eq!(ledger.read::<PublishedRecord>(PUBLISHED).await.unwrap().unwrap().value, record);
}
