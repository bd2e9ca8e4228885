//! A whole day as people read it. `cargo test slack::tests::day -- --nocapture` prints it in both languages.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::{Timestamp, civil::date};

use crate::{
    chat::TerminalChat,
    chat::{Chat, Place},
    clock::Clock,
    config::chat::Locale,
    report::*,
    route::Route,
    slack::samples::*,
};

struct Still;

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-10-06T00:00:00+09:00".parse().unwrap()
    }

    async fn sleep(&self, _: Duration) {}
}

/// A day with something of everything.
fn runs() -> Vec<(RunInfo, Report)> {
    use Route::{ExportProducts, VerifyEp};
    let publish = |invalidation| Publication::Published { invalidation };
    let failed = Invalidation::Failed { reason: "cloudfront: AccessDenied, allow CreateInvalidation".into() };
    let reasons = holds("category_name1");
    let forced = Forced { reason: "매장 두 곳을 닫았어요".into(), holds: reasons[4..5].to_vec() };
    let mut warned = export(publish(Invalidation::NotConfigured));
    warned.warnings = warnings("st001");
    let unread = |id| CheckResult {
        problems: vec![Problem { kind: ProblemKind::NotChecked, count: 1, examples: Vec::new() }],
        status: CheckStatus::Fail,
        measured: String::new(),
        ..passing(id)
    };
    let mut unreachable: Vec<CheckResult> = CHECKS.map(unread).into();
    unreachable[0] = CheckResult {
        id: CheckId::Reachable,
        status: CheckStatus::Fail,
        measured: "503 · 0.12 s".into(),
        limit: Some("200".into()),
        problems: vec![Problem { kind: ProblemKind::BadStatus, count: 1, examples: Vec::new() }],
    };
    let mut first = export(publish(Invalidation::NotConfigured));
    first.rows_before = None;
    first.diff = None;
    let mut unchanged = export(publish(Invalidation::NotConfigured));
    unchanged.diff = Some(Diff::Compared(Changes::none(build(), 9_809)));
    let mut unknown = export(publish(Invalidation::NotConfigured));
    unknown.diff = Some(Diff::Unknown { against: build(), reason: DiffUnknown::Gone });
    let export = |publication| Report::Export(Box::new(export(publication)));
    vec![
        (run(ExportProducts, "00:05"), published()),
        (run(VerifyEp, "00:50"), Report::Verify(verify(vec![]))),
        (run(VerifyEp, "09:50"), Report::Verify(verify(vec![older_build(), bad_values()]))),
        (RunInfo { origin: Origin::Manual, ..run(ExportProducts, "10:12") }, Report::Export(Box::new(first))),
        (
            RunInfo { origin: Origin::Forced, attempt: 3, ..run(ExportProducts, "11:00") },
            export(publish(failed)),
        ),
        (run(VerifyEp, "13:50"), Report::Verify(verify(unreachable))),
        (run(ExportProducts, "15:00"), failure(FailureKind::CatalogueUnreachable, true)),
        (
            RunInfo { attempt: 6, ..run(ExportProducts, "15:00") },
            failure(FailureKind::CatalogueUnreachable, true),
        ),
        (run(ExportProducts, "15:30"), export(Publication::Held { reasons })),
        (RunInfo { origin: Origin::Manual, ..run(ExportProducts, "15:40") }, again(Some(forced))),
        (RunInfo { origin: Origin::Manual, ..run(ExportProducts, "15:50") }, again(None)),
        (run(ExportProducts, "15:55"), Report::Export(Box::new(warned))),
        (run(ExportProducts, "16:00"), export(Publication::Superseded { by: build() })),
        (RunInfo { origin: Origin::Manual, ..run(ExportProducts, "16:10") }, export(Publication::DryRun)),
        (run(ExportProducts, "16:20"), Report::Export(Box::new(unchanged))),
        (run(ExportProducts, "16:30"), Report::Export(Box::new(unknown))),
        (run(VerifyEp, "17:50"), failure(FailureKind::State, false)),
    ]
}

async fn play(locale: Locale) -> String {
    let renderer = renderer(locale);
    let chat = TerminalChat::new(Arc::new(Still), false);
    let parent = chat.post(Place::Channel, &renderer.parent(&board(&[]))).await.unwrap().ts;
    chat.post(Place::Thread(&parent), &renderer.guide(date(2026, 10, 6), &guide())).await.unwrap();
    for (run, report) in runs() {
        chat.post(Place::Thread(&parent), &told(&renderer, &run, &report)).await.unwrap();
    }
    let outcome = |status, rows, change| Some(SlotOutcome { status, rows, change, could_not: false });
    let change = Some(RowChange { added: 12, removed: 24 });
    let day = [
        outcome(Status::Ok, Some(9_809), change),
        outcome(Status::Ok, None, None),
        outcome(Status::Fail, None, None),
    ];
    chat.update(&parent, &renderer.parent(&board(&day))).await.unwrap();
    chat.transcript()
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "read by people who review the wording")]
async fn a_day_reads_as_one_story_in_both_languages() {
    let [ko, en] = [play(Locale::Ko).await, play(Locale::En).await];
    println!("{ko}\n\n{en}");
    for line in [
        "🔴 IKEA EP · 2026-10-06 (화)",
        "📦 00:05 EP 생성 완료 @U012AB",
        "수집 10,231 → 제외 402 → 규칙 위반 17 → 중복 3 → 저장 9,809",
        "지난 공개 대비: +12 −24, 가격 ↑1 ↓7, 기타 변경 9",
        "• 가격 10263850 HOMSJO 80x28x202 cm 129,000 → 79,000 (−38.7%)",
        "• 새 상품: 60512330 KASSEN 3 · 60512341 MATTEN · … 외 10건",
        "지난 공개와 비교해 달라진 내용이 없습니다.",
        "00:05 생성 ✅ 9,809개 (+12 −24)   00:50 검증 ✅",
        "🔎 00:50 EP 검증 정상 @U012AB",
        "📦 10:12 EP 생성 완료 (수동) @U012AB",
    ] {
        assert!(ko.contains(line), "{line}");
    }
    assert_eq!(ko.matches("   ├ ").count(), 1 + runs().len());
    assert!(!en.chars().any(|c| ('가'..='힣').contains(&c) && !"무료매장두곳을닫았어요".contains(c)), "{en}");
}
