//! `auto-ep preview`: every kind of message of a made-up day, in both languages, with a link each that opens it in Slack's
//! Block Kit Builder.
//!
//! It reads no settings and posts nothing; the builder asks whoever opens a link to sign in, and shows it to nobody else.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::{
    chat::{self, Message},
    config::chat::Locale,
    report::{
        Change, Changes, Diff, ExportReport, FailureKind, Forced, GateWarning, HoldReason, Invalidation,
        Origin, Percent, Publication, Report, Republished, RunInfo, SlotOutcome, Status,
    },
    slack::{Consoles, Logs, Note, Renderer, samples::*},
    step::Step::{ExportProducts, VerifyEp},
};

/// What shows the blocks that stand behind it.
const BUILDER: &str = "https://app.slack.com/block-kit-builder/#";

/// All messages, each with its name, its lines and its link.
pub fn text() -> String {
    let mut text = String::new();
    for (locale, language) in [(Locale::Ko, "ko"), (Locale::En, "en")] {
        for (name, message) in day(&renderer(locale).with_consoles(consoles())) {
            text.push_str(&format!("── {language} · {name}\n\n"));
            for line in chat::lines(&message, false) {
                text.push_str(format!("   {line}").trim_end());
                text.push('\n');
            }
            text.push_str(&format!("\n   {}\n\n", link(&message)));
        }
    }
    text
}

fn consoles() -> Consoles {
    let logs = Logs { project: "example".to_owned(), service: "auto-ep".to_owned() };
    Consoles { s3_region: Some("ap-northeast-2".to_owned()), logs: Some(logs) }
}

fn link(message: &Message) -> String {
    let blocks = json!({"blocks": message.blocks}).to_string();
    format!("{BUILDER}{}", utf8_percent_encode(&blocks, NON_ALPHANUMERIC))
}

/// One of each kind, the ones with the most in them, by what they tell.
const FULLEST: [&str; 6] = [
    "the day's parent in the afternoon",
    "the guide",
    "an export that is published",
    "an export that is held",
    "a verification that fails",
    "the last try of an export",
];

/// The messages that show whether a chat takes the form of all.
pub(crate) fn fullest(renderer: &Renderer) -> Vec<(&'static str, Message)> {
    day(renderer).into_iter().filter(|(name, _)| FULLEST.contains(name)).collect()
}

/// Every kind of message, by what it tells.
fn day(renderer: &Renderer) -> Vec<(&'static str, Message)> {
    let mut day = vec![
        ("the day's parent, as it is opened", renderer.parent(&board(&[]))),
        ("the day's parent in the afternoon", renderer.parent(&board(&afternoon()))),
        ("the guide", renderer.guide(run(ExportProducts, "00:00").day, &guide())),
    ];
    day.extend(exports(renderer));
    day.extend(verifications(renderer));
    day.extend(failures(renderer));
    day.push(("what the doctor posts, and removes", renderer.doctor("k3x9")));
    day
}

fn afternoon() -> Vec<Option<SlotOutcome>> {
    let outcome = |status, rows| Some(SlotOutcome { rows, ..SlotOutcome::new(status) });
    vec![
        outcome(Status::Ok, Some(9_809)),
        outcome(Status::Ok, None),
        outcome(Status::Warn, None),
        outcome(Status::Fail, None),
        outcome(Status::Held, Some(5_150)),
    ]
}

fn exports(renderer: &Renderer) -> Vec<(&'static str, Message)> {
    let limit = Percent::whole(20);
    let shrink = Change { measured: Percent::hundredths(4850), limit, before: 10_000, now: 5_150 };
    let (morning, later) = (run(ExportProducts, "00:05"), run(ExportProducts, "15:00"));
    let made = |publication| Report::Export(Box::new(export(publication)));
    let with = |change: &dyn Fn(&mut ExportReport)| {
        let mut report = export(Publication::Published { invalidation: Invalidation::NotConfigured });
        change(&mut report);
        Report::Export(Box::new(report))
    };
    let held = with(&|report| {
        report.publication = Publication::Held { reasons: vec![HoldReason::Shrink(shrink.clone())] };
        shrunk(report, 5_150);
    });
    let warned = with(&|report| {
        let measured = Percent::hundredths(620);
        let change = Change { measured, limit: Percent::whole(5), before: 10_000, now: 9_380 };
        report.warnings = vec![GateWarning::Shrink(change)];
        shrunk(report, 9_380);
    });
    let forced = with(&|report| {
        shrunk(report, 5_150);
        report.trend.clear();
        let holds = vec![HoldReason::Shrink(shrink.clone())];
        let reason = "two departments moved out".to_owned();
        report.republished = Some(Republished { forced: Some(Forced { reason, holds }) });
    });
    let first = with(&|report| (report.rows_before, report.diff) = (None, None));
    let by_hand = RunInfo { origin: Origin::Manual, ..later.clone() };
    let tell = |run: &RunInfo, report: &Report, notes: &[Note]| renderer.report(run, report, true, notes);
    let recovered = [Note::Recovered(Some(morning.at - jiff::SignedDuration::from_hours(9)))];
    vec![
        ("an export where edits are closed, under way", renderer.under_way(&morning, true)),
        ("the very first export", tell(&morning, &first, &[])),
        ("an export that is published", tell(&morning, &published(), &[])),
        ("the same after a hold", tell(&morning, &published(), &recovered)),
        ("an export with a warning", tell(&later, &warned, &[])),
        ("an export that is held", tell(&later, &held, &[])),
        ("the same hold once more", renderer.report(&later, &held, false, &[Note::Still(morning.at)])),
        ("a held build that somebody published", tell(&by_hand, &forced, &[])),
        (
            "an export that a newer one overtook",
            tell(&later, &made(Publication::Superseded { by: build_before() }), &[]),
        ),
        ("what a dry run would tell", tell(&by_hand, &made(Publication::DryRun), &[])),
    ]
}

/// So many rows, where there were 10,000.
fn shrunk(report: &mut ExportReport, kept: u64) {
    let funnel = &mut report.funnel;
    (funnel.fetched, funnel.kept) = (funnel.fetched - funnel.kept + kept, kept);
    report.rows_before = Some(10_000);
    let changes = changes();
    let removed = 10_000 + changes.added - kept;
    let unchanged = kept - changes.added - changes.price_up - changes.price_down - changes.changed;
    report.diff = Some(Diff::Compared(Changes { removed, unchanged, ..changes }));
    report.trend = trend(kept, Some(84_900));
}

fn verifications(renderer: &Renderer) -> Vec<(&'static str, Message)> {
    let told = |time, found, notes: &[Note]| {
        let report = Report::Verify(verify(found));
        renderer.report(&run(VerifyEp, time), &report, notes.is_empty(), notes)
    };
    let since = "2026-10-06T00:50:00Z".parse().expect("it is a time");
    vec![
        ("a verification that finds nothing", told("00:50", vec![], &[])),
        ("a verification with a warning", told("09:50", vec![older_build()], &[])),
        ("a verification that fails", told("13:50", vec![older_build(), bad_values()], &[])),
        ("one that still does", told("17:50", vec![older_build(), bad_values()], &[Note::Still(since)])),
        ("one that is well again", told("17:50", vec![], &[Note::Recovered(Some(since))])),
    ]
}

fn failures(renderer: &Renderer) -> Vec<(&'static str, Message)> {
    let told = |attempt, kind, retryable| {
        let run = RunInfo { attempt, ..run(ExportProducts, "15:00") };
        renderer.report(&run, &failure(kind, retryable), attempt > 2, &[])
    };
    vec![
        ("an export that failed, and is tried again", told(1, FailureKind::CatalogueUnreachable, true)),
        ("the last try of an export", told(6, FailureKind::CatalogueUnreachable, true)),
        ("an export that no retry mends", told(1, FailureKind::CatalogueRefused, false)),
        ("an instance that was killed", told(3, FailureKind::BrokeOff, true)),
    ]
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use serde_json::Value;
    use strum::IntoEnumIterator;

    use super::*;
    use crate::slack::Kind;

    #[test]
    fn each_link_opens_the_blocks_of_the_message_above_it() {
        let text = text();
        let links: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix(BUILDER)).collect();
        let messages: Vec<_> = [Locale::Ko, Locale::En]
            .into_iter()
            .flat_map(|l| day(&renderer(l).with_consoles(consoles())))
            .collect();
        assert_eq!(links.len(), messages.len());
        for (link, (name, message)) in links.into_iter().zip(messages) {
            assert!(link.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'%'), "{name}: {link}");
            let json = percent_decode_str(link).decode_utf8().unwrap();
            let shown: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(shown, json!({"blocks": message.blocks}), "{name}");
        }
    }

    #[test]
    fn the_fullest_hold_every_kind_of_block() {
        let kinds = |messages: Vec<(&'static str, Message)>| -> std::collections::BTreeSet<_> {
            let blocks = messages.into_iter().flat_map(|(_, message)| message.blocks);
            blocks.map(|block| block["type"].to_string()).collect()
        };
        let renderer = renderer(Locale::Ko).with_consoles(consoles());
        assert_eq!(fullest(&renderer).len(), FULLEST.len());
        assert_eq!(kinds(fullest(&renderer)), kinds(day(&renderer)));
    }

    #[test]
    fn every_kind_of_message_is_there_once_in_each_language() {
        for locale in [Locale::Ko, Locale::En] {
            let day = day(&renderer(locale));
            let heads: std::collections::BTreeSet<_> =
                day.iter().map(|(_, message)| message.blocks[0].to_string()).collect();
            assert!(heads.len() + 3 >= day.len(), "some say the same: {heads:#?}");
            let kinds: std::collections::BTreeSet<_> = day
                .iter()
                .map(|(_, message)| message.marker.key.split(':').next().unwrap().to_owned())
                .collect();
            assert_eq!(kinds, Kind::iter().map(|kind| kind.to_string()).collect());
        }
    }
}
