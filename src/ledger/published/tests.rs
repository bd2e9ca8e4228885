use super::*;
use crate::report::Fingerprint;

fn export(n: u64, run_at: &str, verdict: ExportVerdict) -> ExportRecord {
    ExportRecord {
        info: info(n),
        run: run_at.into(),
        run_at: run_at.parse().unwrap(),
        at: run_at.parse().unwrap(),
        funnel: Funnel { fetched: n, kept: n, ..Funnel::default() },
        median_price: Some(n * 10),
        warnings: Vec::new(),
        departments: Vec::new(),
        map: None,
        drift: None,
        verdict,
    }
}

fn info(n: u64) -> BuildInfo {
    BuildInfo {
        build: BuildId::parse(&format!("b-{n}")).unwrap(),
        rows: n,
        file: Fingerprint { bytes: n, sha256: "00".repeat(32) },
    }
}

fn published(n: u64) -> Published {
    let at: Timestamp = "2026-10-05T15:05:00Z".parse().unwrap();
    Published { info: info(n), run_at: at, run: "r".into(), at, median_price: None, profile: None }
}

#[test]
fn a_record_from_before_there_was_a_history_still_reads() {
    let old = r#"{"version": 1, "earlier": [], "publishing": null, "published": {"info": {"build": "b-1",
        "sha256": "00", "rows": 1, "bytes": 1}, "run_at": "2026-10-05T15:05:00Z", "run": "r",
        "at": "2026-10-05T15:05:00Z"}}"#;
    let record: PublishedRecord = serde_json::from_str(old).unwrap();
    assert_eq!(record.published.unwrap().info.rows, 1);
    assert!(record.history.is_empty());
}

#[test]
fn an_export_reads_as_it_was_written_and_names_its_verdict() {
    for (verdict, name) in [
        (ExportVerdict::Published, "published"),
        (ExportVerdict::Held { holds: vec![HoldReason::NoRows { missing: None }] }, "held"),
        (
            ExportVerdict::Forced {
                holds: vec![HoldReason::NoRows { missing: None }],
                reason: "sold".into(),
            },
            "forced",
        ),
    ] {
        let export = export(7, "2026-10-05T15:05:00Z", verdict);
        let json = serde_json::to_value(&export).unwrap();
        assert_eq!((json["verdict"].as_str(), json["build"].as_str()), (Some(name), Some("b-7")), "{json}");
        assert_eq!(serde_json::from_value::<ExportRecord>(json).unwrap(), export);
    }
}

#[test]
fn sixty_exports_are_kept_and_the_published_one_is_among_them() {
    let mut record = PublishedRecord { published: Some(published(1)), ..PublishedRecord::default() };
    record.add(export(1, "2026-10-05T15:05:00Z", ExportVerdict::Published));
    for n in 2..=80 {
        record.add(export(n, "2026-10-05T15:05:00Z", ExportVerdict::Held { holds: Vec::new() }));
    }
    assert_eq!(record.history.len(), 60);
    assert!(record.export_of(&info(1).build).is_some() && record.export_of(&info(22).build).is_some());
    assert!(record.export_of(&info(21).build).is_none());
}

#[test]
fn departments_are_kept_of_the_newest_export_and_of_the_published_one() {
    let with = |n: u64| ExportRecord {
        departments: vec![Department {
            id: format!("d{n}"),
            name: None,
            says: Some(n),
            gave: n,
            short: 0,
            listed: true,
        }],
        ..export(n, "2026-10-05T15:05:00Z", ExportVerdict::Published)
    };
    let mut record = PublishedRecord { published: Some(published(2)), ..PublishedRecord::default() };
    assert_eq!((record.published_departments(), record.last_departments()), (&[][..], &[][..]));
    for n in 1..=4 {
        record.add(with(n));
    }
    record.add(export(5, "2026-10-05T15:05:00Z", ExportVerdict::Held { holds: Vec::new() }));
    let kept: Vec<_> = record.history.iter().map(|export| export.departments.len()).collect();
    assert_eq!(kept, [0, 1, 0, 1, 0]);
    assert_eq!(record.published_departments()[0].id, "d2");
    assert_eq!(record.last_departments()[0].id, "d4");
}

#[test]
fn a_build_that_was_announced_and_left_counts_as_an_earlier_one() {
    let mut record = PublishedRecord { published: Some(published(1)), ..PublishedRecord::default() };
    record = record.with_publishing(published(2), &[]).with_publishing(published(2), &[]);
    assert!(record.earlier.is_empty(), "announced again by its own run");
    record = record.with_publishing(published(3), &[]).with_published(published(3));
    let earlier: Vec<_> = record.earlier.iter().map(|publication| publication.info.rows).collect();
    assert_eq!((earlier, record.publishing), (vec![1, 2], None));
}

#[test]
fn only_a_held_build_becomes_a_forced_one_and_keeps_what_it_was_held_for() {
    let mut record = PublishedRecord::default();
    record.add(export(1, "2026-10-05T15:05:00Z", ExportVerdict::Published));
    record.add(export(
        2,
        "2026-10-06T06:00:00Z",
        ExportVerdict::Held { holds: vec![HoldReason::NoRows { missing: None }] },
    ));
    record.force(&info(1).build, "why");
    record.force(&info(2).build, "sold");
    let forced =
        ExportVerdict::Forced { holds: vec![HoldReason::NoRows { missing: None }], reason: "sold".into() };
    let verdicts: Vec<_> = record.history.into_iter().map(|export| export.verdict).collect();
    assert_eq!(verdicts, [forced, ExportVerdict::Published]);
}
