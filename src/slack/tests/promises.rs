//! What every message promises, whatever stands in the report.

use jiff::{civil::date, tz::TimeZone};
use serde_json::Value;

use crate::{
    chat::{Message, escape},
    config::chat::{ChatConfig, Locale},
    report::*,
    slack::{
        CalledAt, Note, Renderer,
        blocks::tests::{assert_within_limits, total},
        samples::*,
        wording::Words,
    },
    step::Step,
};

fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, into)),
        _ => {}
    }
}

/// Every text of a message, as if Slack read all of them as mrkdwn.
fn texts(message: &Message) -> Vec<String> {
    let mut texts = vec![message.text.clone()];
    message.blocks.iter().chain(message.plain.iter().flatten()).for_each(|block| strings(block, &mut texts));
    texts
}

/// Every message that holds foreign text, all of it hostile.
fn hostile_messages(locale: Locale, times: usize) -> Vec<Message> {
    let config = ChatConfig { service_name: HOSTILE.replace('\n', ""), ..config(locale) };
    let renderer = Renderer::new(&config, TimeZone::UTC, CalledAt::CloudRun(HOSTILE.repeat(times)));
    let text = HOSTILE.repeat(times);
    let mut context = guide();
    context.feed_url = text.clone();
    context.files = text;
    let day = date(2026, 10, 6);
    let mut messages = vec![renderer.parent(&board(&[])), renderer.guide(day, &context)];
    let reports = filled_with(HOSTILE, times);
    messages.extend(reports.iter().map(|(run, report)| told(&renderer, run, report)));
    messages
}

/// Panics where a message calls anybody but whom it is to name, or hides what it says.
pub(super) fn assert_calls_nobody(message: &Message) {
    for text in texts(message) {
        for token in escape::tokens(&text).filter(|token| token.starts_with(['<', '>'])) {
            let ours = token == "<@U012AB>" || token.starts_with("<https://");
            assert!(ours && !token[1..token.len() - 1].contains(['<', '>', '|']), "{token} in {text}");
        }
        let code = escape::tokens(&text).filter(|t| t.len() > 1 && t.starts_with('`'));
        code.for_each(|code| assert!(!code.contains(['<', '>', '\n', '\u{202e}']), "{code}"));
    }
}

#[test]
fn foreign_text_can_nowhere_ping() {
    for locale in [Locale::Ko, Locale::En] {
        for times in [1, 7, 40] {
            hostile_messages(locale, times).iter().for_each(assert_calls_nobody);
        }
    }
}

#[test]
fn every_message_keeps_slacks_limits_however_much_there_is_to_tell() {
    for locale in [Locale::Ko, Locale::En] {
        for times in [1, 7, 40, 400] {
            for message in hostile_messages(locale, times) {
                // The service's name is longer than the settings allow, and the key is as long as can be.
                if message.marker.visible().len() < 600 {
                    assert_within_limits(&message);
                }
                assert!(message.blocks.len() <= 50 && escape::length(&message.text) <= 4000);
                let all = total(&serde_json::json!(message.blocks));
                assert!(all <= 9000, "{all} characters in all blocks");
                for block in &message.blocks {
                    let mut texts = Vec::new();
                    strings(block, &mut texts);
                    assert!(texts.iter().all(|text| escape::length(text) <= 3000));
                }
            }
        }
    }
}

#[test]
fn the_verdict_comes_first_and_what_people_can_do_is_there_however_much_is_in_between() {
    for locale in [Locale::Ko, Locale::En] {
        for (run, report) in filled_with("책장 & 선반", 400) {
            let run = RunInfo { key: "manual:1".into(), ..run };
            let renderer = renderer(locale);
            for message in [
                told(&renderer, &run, &report),
                renderer.report(&run, &report, true, &[Note::Recovered(None), Note::BoardClosed]),
            ] {
                assert_within_limits(&message);
                let first = message.blocks[0]["text"]["text"].as_str().unwrap();
                assert!(
                    first.contains("*09:50 ") && message.text.lines().next() == first.lines().next(),
                    "{first}"
                );
                let blocks = serde_json::json!(message.blocks).to_string();
                let remedy = report.status() >= Status::Held;
                assert_eq!(blocks.contains("curl -X POST"), remedy, "{blocks}");
                // What a build's rows are and which file says why stands in small print at the end.
                let names_the_build =
                    matches!(report, Report::Failure(_)) || blocks.contains(build().as_str());
                assert!(names_the_build, "{blocks}");
            }
        }
    }
}

/// The lines of a message that Slack shows whole, and no paragraph behind one that it may fold is such.
fn before_the_fold(message: &Message) -> Vec<String> {
    let is_whole = |block: &&Value| block["type"] == "section" && block["expand"] == true;
    let whole = message.blocks.iter().take_while(is_whole);
    assert_eq!(whole.clone().count(), message.blocks.iter().filter(is_whole).count(), "{message:?}");
    let texts = whole.map(|block| block["text"]["text"].as_str().unwrap().to_owned());
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What may have to be said beside a run.
fn notes() -> [Vec<Note>; 4] {
    let [closed, off] = [Note::BoardClosed, Note::OffSchedule];
    [vec![], vec![closed], vec![off], vec![closed, off]]
}

#[test]
fn a_fine_day_takes_eight_lines_and_the_rest_is_folded() {
    for locale in [Locale::Ko, Locale::En] {
        let renderer = renderer(locale);
        let unchanged = ExportReport {
            diff: Some(Diff::Compared(Changes::none(build(), 9_809))),
            map_changed: Some(MapChange { before: "a".into(), now: "b".into() }),
            ..export(Publication::Published { invalidation: Invalidation::Completed { id: "I1".into() } })
        };
        for (step, report) in [
            (Step::ExportProducts, published()),
            (Step::ExportProducts, Report::Export(Box::new(unchanged))),
            (Step::VerifyEp, Report::Verify(verify(vec![]))),
        ] {
            for (attempt, notes) in notes().into_iter().flat_map(|notes| [(1, notes.clone()), (3, notes)]) {
                let run = RunInfo { attempt, ..run(step, "00:05") };
                let notes = [vec![Note::Recovered(None)], notes].concat();
                let message = renderer.report(&run, &report, true, &notes);
                let lines = before_the_fold(&message);
                assert!((1..=8).contains(&lines.len()), "{lines:#?}");
                assert_eq!(lines[0], message.text.lines().next().unwrap());
            }
        }
        let guide = before_the_fold(&renderer.guide(date(2026, 10, 6), &guide()));
        assert!(guide.len() <= 7, "three lines and the commands below a title: {guide:#?}");
    }
}

#[test]
fn a_holds_first_three_lines_say_what_happened_how_bad_it_is_and_what_to_do() {
    for locale in [Locale::Ko, Locale::En] {
        let words = Words::of(locale);
        for reason in holds("st001") {
            let report =
                Report::Export(Box::new(export(Publication::Held { reasons: vec![reason.clone()] })));
            for notes in notes() {
                let run = RunInfo { attempt: 3, ..run(Step::ExportProducts, "15:00") };
                let lines = before_the_fold(&renderer(locale).report(&run, &report, true, &notes));
                assert!(lines[0].starts_with("⛔") && lines[0].contains(words.feed_stays()), "{}", lines[0]);
                assert_eq!(lines[1], format!("*{}*", words.hold_reason(&reason)));
                assert_eq!(lines[2], words.hold_advice(&reason));
                let commands = lines.iter().filter(|line| line.contains("curl -X POST")).count();
                assert_eq!(commands, 2, "{lines:#?}");
            }
        }
        let nothing = ExportReport {
            funnel: Funnel { kept: 0, ..Funnel::default() },
            ..export(Publication::Held { reasons: vec![HoldReason::NoRows { missing: None }] })
        };
        let told =
            told(&renderer(locale), &run(Step::ExportProducts, "15:00"), &Report::Export(Box::new(nothing)));
        for follows in [words.removed(), "ka001", "20114589"] {
            assert!(!told.text.contains(follows), "{follows} in {}", told.text);
        }
    }
}

#[test]
fn the_text_alone_carries_the_whole_verdict() {
    for (run, mut report) in filled_with("x", 1) {
        if let Report::Export(report) = &mut report {
            // A text has no room for every finding that there is and the figures of two charts.
            report.trend.clear();
        }
        let message = told(&renderer(Locale::Ko), &run, &report);
        // What stands in charts and tables stands in lines there.
        let lines = message.plain.as_ref().unwrap_or(&message.blocks);
        for block in lines.iter().filter(|block| block["type"] == "section") {
            assert!(message.text.contains(block["text"]["text"].as_str().unwrap()), "{block}");
        }
    }
}

#[test]
fn markers_name_the_day_or_the_run() {
    let renderer = renderer(Locale::Ko);
    let day = date(2026, 10, 6);
    let run = run(Step::VerifyEp, "09:50");
    let report = Report::Verify(verify(vec![]));
    for (message, key) in [
        (renderer.parent(&board(&[])), "parent:2026-10-06"),
        (renderer.guide(day, &guide()), "guide:2026-10-06"),
        (told(&renderer, &run, &report), "run:verify-ep:2026-10-06T00:50:00Z"),
    ] {
        assert_eq!((message.marker.service.as_str(), message.marker.key.as_str()), ("IKEA EP", key));
        assert_within_limits(&message);
    }
}

#[test]
fn people_are_named_where_the_message_is_to_name_them() {
    let (renderer, report) = (renderer(Locale::Ko), Report::Verify(verify(vec![])));
    for names in [true, false] {
        let run = run(Step::VerifyEp, "09:50");
        for message in [renderer.report(&run, &report, names, &[]), renderer.under_way(&run, names)] {
            assert_eq!(message.text.contains("<@U012AB>"), names, "{}", message.text);
        }
    }
}

#[test]
fn a_broken_feed_brings_the_command_that_mends_it() {
    let late = CheckResult { status: CheckStatus::Fail, ..older_build() };
    let silent = CheckResult { status: CheckStatus::Fail, ..passing(CheckId::Reachable) };
    let problem = |id, kind| CheckResult {
        status: CheckStatus::Fail,
        problems: vec![Problem { kind, count: 1, examples: Vec::new() }],
        ..passing(id)
    };
    let foreign = problem(CheckId::Identical, ProblemKind::ForeignFile);
    for (what, found, mends) in [
        ("bad values", vec![bad_values()], true),
        ("bad values from a late CDN", vec![bad_values(), late.clone()], true),
        ("a CDN that is late", vec![late], false),
        ("a URL that does not answer", vec![silent], false),
        ("a page in its place", vec![problem(CheckId::Reachable, ProblemKind::Html), foreign.clone()], false),
        ("somebody else's file", vec![foreign], true),
        ("destroyed titles", vec![problem(CheckId::Encoding, ProblemKind::ManyDestroyed)], false),
        ("another encoding", vec![problem(CheckId::Encoding, ProblemKind::LooksLikeCp949)], true),
        ("too old for a hold", vec![problem(CheckId::Fresh, ProblemKind::HeldBack)], false),
    ] {
        let report = Report::Verify(verify(found));
        let told = told(&renderer(Locale::Ko), &run(Step::VerifyEp, "09:50"), &report).text;
        assert_eq!(told.contains("/export-products\"```"), mends, "{what}: {told}");
        assert!(told.contains("/verify-ep\"```"), "{what}: {told}");
        assert!(!told.contains("$URL"), "{what}: {told}");
    }
}

#[test]
fn a_hold_brings_the_command_that_publishes_the_build_all_the_same() {
    let held = export(Publication::Held { reasons: holds("KRW") });
    let at = |called: CalledAt, report: &ExportReport| {
        let renderer = Renderer::new(&config(Locale::En), TimeZone::UTC, called);
        let report = Report::Export(Box::new(report.clone()));
        told(&renderer, &run(Step::ExportProducts, "15:00"), &report).text
    };
    let path = "export-products?build=20261006-000503-k3x9&amp;force=true\"```";
    let local = at(CalledAt::Open("http://127.0.0.1:8080".into()), &held);
    let command = format!(r#"```curl -X POST -d '{{"reason": "…"}}' "http://127.0.0.1:8080/{path}"#);
    assert!(local.contains(&command), "{local}");
    let token = "$(gcloud auth print-identity-token)";
    let cloud = at(cloud_run(), &held);
    let command = format!("{token}\" \"https://auto-ep-123456789012.asia-northeast3.run.app/{path}");
    assert!(cloud.contains(&command), "{cloud}");
    let unknown = at(CalledAt::CloudRunService("auto-ep".into()), &held);
    let asked = "$(gcloud run services describe auto-ep --format='value(status.url)')";
    assert!(unknown.contains(&format!("{token}\" \"{asked}/{path}")), "{unknown}");
    let dry = at(cloud_run(), &ExportReport { build_location: None, excluded_location: None, ..held });
    assert!(!dry.contains("force=true"), "a dry run stored nothing that could be published: {dry}");
}

#[test]
fn an_example_of_a_group_stands_for_all_of_it() {
    let group = |title: &str, times| Example {
        id: Some("p1, p2".into()),
        column: Some("title".into()),
        value: Some(title.into()),
        times: Some(times),
        ..Example::default()
    };
    let problem = |count| Problem {
        kind: ProblemKind::RepeatedTitle,
        count,
        examples: vec![group("이케아 책장", 30), group("이케아 선반", 12)],
    };
    let told = |count| {
        let check = CheckResult {
            status: CheckStatus::Warn,
            problems: vec![problem(count)],
            ..passing(CheckId::Formats)
        };
        let report = Report::Verify(verify(vec![check]));
        told(&renderer(Locale::Ko), &run(Step::VerifyEp, "09:50"), &report).text
    };
    let all = told(42);
    assert!(all.contains("ID `p1, p2` · `title` = `이케아 책장` · 30건"), "{all}");
    assert!(all.contains("(42건)") && !all.contains("… 외"), "{all}");
    assert!(told(52).contains("… 외 10건"));
}
