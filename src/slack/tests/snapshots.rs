//! Messages as people read them, Korean above English: one file for each in `src/slack/snapshots/`. After a change of a
//! sentence `INSTA_UPDATE=always cargo test slack::tests::snapshots` writes them anew, and the diff is what to review.

use jiff::{civil::date, tz::TimeZone};

use crate::{
    chat::{CHART, Message, TABLE},
    config::chat::Locale,
    report::*,
    slack::{CalledAt, Consoles, Logs, Note, Renderer, samples::*},
    step::Step::{ExportProducts, VerifyEp},
};

/// Compares a text with the file of this name.
pub(super) fn assert_reads(name: &str, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// `# headline`, paragraphs, charts, tables, and `> small print`.
fn shown(message: &Message) -> String {
    let text = |element: &serde_json::Value| element["text"].as_str().expect("a text").to_owned();
    let block = |block: &serde_json::Value| match block["type"].as_str() {
        Some("header") => format!("# {}", text(&block["text"])),
        Some("section") => text(&block["text"]),
        Some(CHART) => {
            let data = block["chart"]["series"][0]["data"].as_array().expect("data").iter();
            let points = data.map(|p| format!("{} {}", p["label"].as_str().expect("a label"), p["value"]));
            format!(
                "[📈 {}: {}]",
                block["title"].as_str().expect("a title"),
                points.collect::<Vec<_>>().join(", ")
            )
        }
        Some(TABLE) => {
            let line = |row: &serde_json::Value| {
                let cells = row.as_array().expect("cells").iter();
                format!("| {} |", cells.map(text).collect::<Vec<_>>().join(" | "))
            };
            let rows = block["rows"].as_array().expect("rows").iter().map(line);
            format!(
                "[🗒 {}]\n{}",
                block["caption"].as_str().expect("a caption"),
                rows.collect::<Vec<_>>().join("\n")
            )
        }
        _ => {
            let small = block["elements"].as_array().expect("elements").iter();
            small.map(|element| format!("> {}", text(element))).collect::<Vec<_>>().join("\n")
        }
    };
    let mut shown: Vec<String> = message.blocks.iter().map(block).collect();
    // What stands in lines where charts and tables are refused.
    let plain = message.plain.iter().flatten().filter(|block| !message.blocks.contains(block)).map(block);
    shown.extend(plain.map(|lines| format!("⟨ or, where those are refused:\n{lines} ⟩")));
    shown.join("\n\n")
}

fn assert_message(name: &str, message: impl Fn(&Renderer) -> Message) {
    let [ko, en] = [Locale::Ko, Locale::En].map(|locale| shown(&message(&renderer(locale))));
    let is_korean = |c: char| ('가'..='힣').contains(&c) && !"무료매장두곳을닫았어요".contains(c);
    assert!(ko.contains(is_korean) && !en.contains(is_korean), "{en}");
    assert_reads(name, &format!("{ko}\n\n{}\n\n{en}", "─".repeat(72)));
}

fn assert_report(name: &str, run: RunInfo, report: Report) {
    assert_message(name, |renderer| told(renderer, &run, &report));
}

fn by_hand(run: RunInfo) -> RunInfo {
    RunInfo { origin: Origin::Manual, ..run }
}

fn outcome(status: Status, rows: Option<u64>, change: Option<RowChange>) -> Option<SlotOutcome> {
    Some(SlotOutcome { rows, change, ..SlotOutcome::new(status) })
}

#[test]
fn the_day() {
    let change = Some(RowChange { added: 12, removed: 24 });
    let none = Some(RowChange { added: 0, removed: 0 });
    assert_message("parent_of_a_new_day", |renderer| renderer.parent(&board(&[])));
    let mut day = board(&[
        outcome(Status::Held, Some(120), None),
        outcome(Status::Ok, None, None),
        outcome(Status::Warn, None, None),
        outcome(Status::Fail, None, None),
        outcome(Status::Ok, Some(9_809), none),
    ]);
    day.slots[0].by_hand = outcome(Status::Ok, Some(9_809), change);
    day.slots[2].by_hand = outcome(Status::Warn, None, None);
    assert_message("parent", |renderer| renderer.parent(&day));
    assert_message("guide", |renderer| renderer.guide(date(2026, 10, 6), &guide()));
    let local = |locale| {
        Renderer::new(&config(locale), TimeZone::UTC, CalledAt::Open("http://127.0.0.1:8080".into()))
    };
    let texts = [Locale::Ko, Locale::En].map(|l| shown(&local(l).guide(date(2026, 10, 6), &guide())));
    assert_reads("guide_on_this_machine", &texts.join("\n\n"));
    assert_message("under_way", |renderer| renderer.under_way(&run(ExportProducts, "00:05"), true));
}

#[test]
fn exports() {
    let publish = |invalidation| Publication::Published { invalidation };
    let made = |publication| Report::Export(Box::new(export(publication)));
    let with = |change: fn(&mut ExportReport)| {
        let mut report = export(publish(Invalidation::NotConfigured));
        change(&mut report);
        Report::Export(Box::new(report))
    };
    let notes = [
        Note::Recovered(Some("2026-10-05T05:00:00Z".parse().unwrap())),
        Note::BoardClosed,
        Note::OffSchedule,
    ];
    let reasons = holds("category_name1");
    let forced = Forced { reason: "매장 두 곳을 닫았어요".into(), holds: reasons[4..5].to_vec() };
    let failed = Invalidation::Failed { reason: "cloudfront: AccessDenied, allow CreateInvalidation".into() };
    let third = RunInfo { origin: Origin::Forced, attempt: 3, ..run(ExportProducts, "11:00") };

    assert_report("export", run(ExportProducts, "00:05"), published());
    assert_message("export_with_notes", |renderer| {
        renderer.report(&run(ExportProducts, "00:07"), &published(), false, &notes)
    });
    assert_message("export_held_still", |renderer| {
        let held = made(Publication::Held { reasons: holds("st001")[5..6].to_vec() });
        renderer.report(
            &run(ExportProducts, "15:00"),
            &held,
            false,
            &[Note::Still("2026-10-05T15:05:00Z".parse().unwrap())],
        )
    });
    let logs = Logs { project: "shop-1".into(), service: "auto-ep".into() };
    let consoles = Consoles { s3_region: Some("ap-northeast-2".into()), logs: Some(logs) };
    assert_message("export_with_links", |renderer| {
        let renderer = renderer.clone().with_consoles(consoles.clone());
        renderer.report(&run(ExportProducts, "15:00"), &made(Publication::DryRun), false, &[])
    });
    let first = with(|report| (report.rows_before, report.diff) = (None, None));
    assert_report("export_the_first", by_hand(run(ExportProducts, "10:12")), first);
    assert_report("export_not_invalidated", third, made(publish(failed)));
    assert_report("export_held", run(ExportProducts, "15:30"), made(Publication::Held { reasons }));
    let map_changed = Some(MapChange { before: "0123456789abcdef".into(), now: "fedcba9876543210".into() });
    let by_map = |publication| {
        let changed = ExportReport { map_changed: map_changed.clone(), ..export(publication) };
        Report::Export(Box::new(changed))
    };
    let held = by_map(Publication::Held { reasons: holds("salesPrice")[11..12].to_vec() });
    assert_report("export_held_by_another_map", run(ExportProducts, "15:35"), held);
    assert_report(
        "export_by_another_map",
        run(ExportProducts, "15:36"),
        by_map(publish(Invalidation::NotConfigured)),
    );
    assert_report("export_forced", by_hand(run(ExportProducts, "15:40")), again(Some(forced)));
    assert_report("export_again", by_hand(run(ExportProducts, "15:50")), again(None));
    let warned = with(|report| report.warnings = warnings("st001"));
    assert_report("export_warned", run(ExportProducts, "15:55"), warned);
    let superseded = made(Publication::Superseded { by: build() });
    assert_report("export_superseded", run(ExportProducts, "16:00"), superseded);
    assert_report("export_dry_run", by_hand(run(ExportProducts, "16:10")), made(Publication::DryRun));
    let unchanged = with(|report| report.diff = Some(Diff::Compared(Changes::none(build(), 9_809))));
    assert_report("export_unchanged", run(ExportProducts, "16:20"), unchanged);
    let unknown = with(|report| {
        report.diff = Some(Diff::Unknown { against: build(), reason: DiffUnknown::Gone });
    });
    assert_report("export_not_compared", run(ExportProducts, "16:30"), unknown);
}

#[test]
fn verifications() {
    let with = |id, status, measured: &str, kind| CheckResult {
        status,
        measured: measured.into(),
        problems: vec![Problem { kind, count: 1, examples: Vec::new() }],
        ..passing(id)
    };
    let mut unreachable = CHECKS.map(|id| with(id, CheckStatus::Fail, "", ProblemKind::NotChecked));
    unreachable[0] = CheckResult {
        limit: Some("200".into()),
        ..with(CheckId::Reachable, CheckStatus::Fail, "503 · 0.12 s", ProblemKind::BadStatus)
    };
    let second = RunInfo { attempt: 2, ..run(VerifyEp, "00:50") };
    assert_report("verification", run(VerifyEp, "00:50"), Report::Verify(verify(vec![])));
    assert_report("verification_again", second, Report::Verify(verify(vec![older_build()])));
    let found = Report::Verify(verify(vec![older_build(), bad_values()]));
    assert_report("verification_with_problems", run(VerifyEp, "09:50"), found.clone());
    let since = "2026-10-06T00:50:00Z".parse().unwrap();
    assert_message("verification_still", |renderer| {
        renderer.report(&run(VerifyEp, "17:50"), &found, false, &[Note::Still(since)])
    });
    assert_message("verification_recovered", |renderer| {
        let well = Report::Verify(verify(vec![]));
        renderer.report(&run(VerifyEp, "17:50"), &well, true, &[Note::Recovered(Some(since))])
    });
    assert_report(
        "verification_unreachable",
        run(VerifyEp, "13:50"),
        Report::Verify(verify(unreachable.into())),
    );
}

#[test]
fn failures() {
    use FailureKind::{BrokeOff, CatalogueUnreachable, Publication, State};
    let attempt = |attempt| RunInfo { attempt, ..run(ExportProducts, "15:00") };
    assert_report("failure", attempt(1), failure(CatalogueUnreachable, true));
    let since = "2026-10-05T15:05:00Z".parse().unwrap();
    assert_message("failure_still", |renderer| {
        renderer.report(&attempt(3), &failure(CatalogueUnreachable, true), false, &[Note::Still(since)])
    });
    assert_message("doctor", |renderer| renderer.doctor("k3x9"));
    assert_report("failure_the_last", attempt(6), failure(CatalogueUnreachable, true));
    assert_report("failure_by_hand", by_hand(run(ExportProducts, "15:00")), failure(Publication, true));
    assert_report("failure_for_good", run(VerifyEp, "17:50"), failure(State, false));
    assert_report("broke_off", attempt(3), failure(BrokeOff, true));
    assert_report("broke_off_the_last", attempt(6), failure(BrokeOff, true));
}
