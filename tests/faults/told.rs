//! What people are told when attempts die, when the thread is deleted, and when the workspace forbids something.
//! Virtual time.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use auto_ep::{config::service::LogFormat, report::BuildInfo, step::Step, telemetry::subscriber};
use serde_json::Value;

use crate::{
    driver::{Driver, End, Then},
    instance::Fault,
    matrix::{counting, set_up, virtual_time},
    scenarios::{AFTERNOON, LAST, Scenario, tick},
    world::{World, catalogue, key},
};

const RUN: &str = "run:export-products:2026-10-05T15:05";

/// Runs `course` on virtual time, at the export's time, with yesterday's build public and the day's thread open.
fn at_the_export(course: impl AsyncFnOnce(&Driver)) {
    // The set-up has a virtual time of its own.
    let setup = set_up(Scenario::Export);
    let errors = Arc::default();
    let _log = tracing::subscriber::set_default(counting(&errors));
    virtual_time().block_on(async {
        let driver = Driver::new(World::new(setup.at, setup.inside), errors, None);
        driver.world.inside().catalogue = (200, catalogue(5));
        driver.world.until(Scenario::Export.ticks()[0].at.parse().unwrap()).await;
        course(&driver).await;
    });
}

fn public(driver: &Driver) -> BuildInfo {
    driver.world.inside().public.as_ref().unwrap().0.clone()
}

/// The last delivery's status and body.
fn answer(driver: &Driver) -> (u16, serde_json::Value) {
    match &driver.deliveries.lock().unwrap().last().unwrap().end {
        End::Answered { status, body, .. } => (*status, body.clone()),
        End::CutOff => panic!("the connection broke"),
    }
}

fn texts(driver: &Driver, key: &str) -> Vec<String> {
    driver.world.inside().marked(key).iter().map(|post| post.text.clone()).collect()
}

/// Whether the run's message names somebody, and whether the channel sees it.
fn called(driver: &Driver) -> Option<(bool, bool)> {
    let world = driver.world.inside();
    let posts = world.marked(RUN);
    assert!(posts.len() <= 1, "one message, whatever the attempt");
    posts.first().map(|post| (post.text.contains("<@U0123ABCD>"), post.broadcast))
}

#[test]
fn attempts_that_die_are_told_from_the_third_on_and_to_all_on_the_last() {
    at_the_export(async |driver| {
        let export = Scenario::Export.ticks()[0];
        let mut seen = Vec::new();
        for attempt in 1..=6 {
            driver.plan.arm(Some(("feed.write build".into(), 0, Fault::CrashBefore)), false);
            assert!(!driver.deliver(&driver.process(), export).await);
            assert!(driver.plan.has_struck(), "attempt {attempt} was killed while it worked");
            seen.push(called(driver));
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        let (named, all) = (Some((true, false)), Some((true, true)));
        assert_eq!(seen, [None, None, named, named, named, all]);
        assert_eq!(driver.errors(), 5, "whoever takes over says so in the log");
        let text = texts(driver, RUN).remove(0);
        assert!(text.contains("6번 중 5번째 시도") && text.contains("마지막 자동 시도"), "{text}");
        assert!(!text.contains("기존 피드는 그대로"), "nobody knows that: {text}");
        let parent = texts(driver, "parent:2026-10-06").remove(0);
        assert!(parent.starts_with("🔴") && parent.contains("00:05 생성 ❌"), "{parent}");
        // Somebody gives it more memory, and runs the same tick once more.
        assert!(driver.deliver(&driver.process(), export).await);
        let text = texts(driver, RUN);
        assert!(text.len() == 1 && text[0].starts_with('📦') && text[0].contains("7번째 시도"), "{text:?}");
        let parent = texts(driver, "parent:2026-10-06").remove(0);
        assert!(parent.starts_with("🟢") && parent.contains("00:05 생성 ✅"), "{parent}");
    });
}

#[test]
fn a_run_that_cannot_be_told_publishes_nothing() {
    at_the_export(async |driver| {
        let before = public(driver);
        // A bot that was removed from the channel: links can still be had.
        driver.world.inside().slack.moods.kicked = true;
        assert!(!driver.deliver(&driver.process(), Scenario::Export.ticks()[0]).await);
        let (status, body) = answer(driver);
        assert_eq!((status, body["retryable"].as_bool()), (502, Some(false)), "{body}");
        assert!(body["detail"].as_str().unwrap().contains("not_in_channel"), "{body}");
        assert_eq!(public(driver), before, "the feed is as it was");
        driver.world.inside().slack.moods.kicked = false;
        assert!(driver.deliver(&driver.process(), Scenario::Export.ticks()[0]).await);
        assert_ne!(public(driver), before);
    });
}

#[test]
fn where_edits_are_closed_a_run_proves_itself_by_a_message_that_its_report_follows() {
    at_the_export(async |driver| {
        driver.world.inside().slack.moods.edits = Some("edit_window_closed");
        let parents = texts(driver, "parent:").len();
        driver.undisturbed(Scenario::Export.ticks()[0]).await;
        driver.undisturbed(tick(Step::VerifyEp, "2026-10-05T15:50:00Z")).await;
        driver.undisturbed(tick(Step::ExportProducts, AFTERNOON)).await;
        let told =
            [RUN, "run:verify-ep", "run:export-products:2026-10-06T06:00"].map(|key| texts(driver, key));
        let says: Vec<_> = told.iter().map(|told| (told.len(), told[0].contains("수정이 막혀"))).collect();
        assert_eq!(
            says,
            [(1, true), (1, false), (1, false)],
            "that the board stays as it is, once: {told:?}"
        );
        assert!(told.iter().all(|told| !told[0].contains('⏳')), "{told:?}");
        assert_eq!(texts(driver, "parent:").len(), parents, "a closed parent is there");
        // And without the right to remove messages the report follows.
        driver.world.inside().slack.moods.deletions = Some("cant_delete_message");
        driver.undisturbed(tick(Step::CreateThread, "2026-10-06T15:00:00Z")).await;
        let next = "2026-10-06T15:05:00Z";
        driver.undisturbed(tick(Step::ExportProducts, next)).await;
        let told = texts(driver, "run:export-products:2026-10-06T15:05");
        assert!(told.len() == 2 && told[0].contains('⏳') && told[1].starts_with('📦'), "{told:?}");
        // Once edits are open again the board is, too.
        driver.world.inside().slack.moods.edits = None;
        driver.undisturbed(tick(Step::VerifyEp, "2026-10-06T15:50:00Z")).await;
        let parent = texts(driver, "parent:2026-10-07").remove(0);
        assert!(parent.contains("00:05 생성 ✅") && !parent.contains("00:50 검증 –"), "{parent}");
    });
}

#[test]
fn a_deleted_parent_is_replaced_once_a_day_and_then_the_run_says_why_it_fails() {
    at_the_export(async |driver| {
        driver.undisturbed(Scenario::Export.ticks()[0]).await;
        for _ in 0..2 {
            driver.world.inside().delete_parents();
            let at = driver.world.now();
            if driver.world.inside().slack.tombstones().count() < 3 {
                driver.undisturbed(tick(Step::VerifyEp, "2026-10-05T15:50:00Z")).await;
                let told = texts(driver, "run:verify-ep");
                assert_eq!(told.len(), 1, "in a thread that people see");
                assert_eq!(texts(driver, "guide:2026-10-06").len(), 1);
                let parent = texts(driver, "parent:2026-10-06").remove(0);
                assert!(parent.contains("00:05 생성 ✅"), "the new one shows the whole day: {parent}");
            }
            assert!(driver.world.now() >= at);
        }
        let before = public(driver);
        driver.world.until(AFTERNOON.parse().unwrap()).await;
        assert!(!driver.deliver(&driver.process(), tick(Step::ExportProducts, AFTERNOON)).await);
        let (status, body) = answer(driver);
        assert_eq!((status, body["retryable"].as_bool()), (502, Some(false)));
        assert!(body["detail"].as_str().unwrap().contains("create-thread by hand"), "{body}");
        assert_eq!((public(driver), texts(driver, "parent:2026-10-06").len()), (before, 0));
        // Somebody found out what deletes them.
        assert_eq!(driver.by_hand(Step::CreateThread).await["report"]["opened"], true);
        assert_eq!(driver.by_hand(Step::CreateThread).await["report"]["opened"], false);
        driver.undisturbed(tick(Step::VerifyEp, LAST)).await;
        assert_eq!(texts(driver, "parent:2026-10-06").len(), 1);
    });
}

#[test]
fn a_thread_that_is_deleted_while_a_run_works_is_replaced_before_it_is_told() {
    at_the_export(async |driver| {
        let export = Scenario::Export.ticks()[0];
        let parents = async {
            tokio::time::sleep(Duration::from_secs(4)).await;
            driver.world.inside().delete_parents();
        };
        tokio::join!(driver.undisturbed(export), parents);
        assert_eq!((texts(driver, RUN).len(), texts(driver, "parent:2026-10-06").len()), (1, 1));
    });
}

#[test]
fn whatever_removes_each_new_parent_makes_no_storm() {
    at_the_export(async |driver| {
        driver.world.inside().slack.moods.eats_parents = true;
        driver.world.inside().delete_parents();
        for _ in 0..3 {
            let given = driver.world.inside().given.len();
            assert!(!driver.deliver(&driver.process(), Scenario::Export.ticks()[0]).await);
            let (_, body) = answer(driver);
            assert!(body["detail"].as_str().unwrap().contains("deleted again"), "{body}");
            assert!(driver.world.inside().given.len() <= given + 4, "a parent or two, each with a guide");
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        assert!(driver.world.inside().visible().all(|post| !key(post).starts_with("guide:2026-10-06")));
    });
}

#[test]
fn an_alarm_that_may_not_be_removed_is_edited_by_the_attempt_that_follows() {
    at_the_export(async |driver| {
        driver.world.inside().slack.moods.deletions = Some("cant_delete_message");
        driver.world.inside().catalogue = (200, b"[]".to_vec());
        driver.plan.arm(Some(("chat.post run".into(), 0, Fault::CrashAfter)), false);
        driver.play(Scenario::Export.ticks()[0], Some(Fault::CrashAfter), Then::Retries).await;
        assert!(driver.plan.has_struck());
        let told = texts(driver, RUN);
        assert_eq!(told.len(), 1, "{told:?}");
    });
}

#[test]
fn an_answer_names_the_thread_once_the_reply_is_there() {
    at_the_export(async |driver| {
        driver.plan.arm(Some(("state.write days".into(), 0, Fault::Before)), false);
        assert!(!driver.deliver(&driver.process(), Scenario::Export.ticks()[0]).await);
        let (status, body) = answer(driver);
        assert!(driver.plan.has_struck() && status == 502, "{body}");
        let parent = driver.world.inside().marked("parent:2026-10-06")[0].ts.to_string();
        assert_eq!(body["thread"]["ts"].as_str(), Some(parent.as_str()), "{body}");
        assert_eq!(texts(driver, RUN).len(), 1);
    });
}

#[test]
fn a_run_that_is_stopped_halfway_is_no_error_and_the_next_delivery_does_it() {
    at_the_export(async |driver| {
        let process = driver.process();
        let stop = async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            process.runner.stopping.cancel();
        };
        let export = Scenario::Export.ticks()[0];
        let (succeeded, ()) = tokio::join!(driver.deliver(&process, export), stop);
        let (status, body) = answer(driver);
        assert!(!succeeded && status == 503 && body["retryable"] == true, "{status} {body}");
        assert_eq!((driver.errors(), texts(driver, RUN).len()), (0, 0));
        assert!(driver.deliver(&driver.process(), export).await);
    });
}

/// What the service logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the alert on missing exports counts: the fields of a log line, each with the values of which it has one.
fn counted() -> BTreeMap<String, Vec<Value>> {
    let script = include_str!("../../deploy/steps/alerts.sh");
    let filter = script.lines().find(|line| line.contains("--log-filter=")).unwrap();
    let mut fields = BTreeMap::<_, Vec<_>>::new();
    for term in filter.split("jsonPayload.").skip(1) {
        let (name, rest) = term.split_once('=').unwrap();
        let value: String = rest.chars().take_while(|c| !" )".contains(*c)).collect();
        // As the shell hands it on; the last one's quote is the shell's own.
        let value = value.replace('\\', "");
        let value = if value.starts_with('"') { value } else { value.replace('"', "") };
        fields.entry(name.to_owned()).or_default().push(serde_json::from_str(&value).unwrap());
    }
    fields
}

#[test]
fn the_alert_on_missing_exports_counts_the_lines_that_the_log_holds_of_them() {
    at_the_export(async |driver| {
        let counted = counted();
        assert_eq!(counted.keys().collect::<Vec<_>>(), ["dry_run", "replayed", "route", "status"]);
        let log = Log::default();
        let sink = log.clone();
        let written = subscriber(LogFormat::Json, None, None, move || sink.clone());
        let _log = tracing::subscriber::set_default(written);
        let lines = || -> Vec<Value> {
            let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let is_counted = |line: &Value| counted.iter().all(|(name, values)| values.contains(&line[name]));
        let exports = || lines().iter().filter(|line| is_counted(line)).count();
        let [export] = Scenario::Export.ticks()[..] else { panic!("one tick") };
        assert!(driver.deliver(&driver.process(), export).await);
        assert_eq!(exports(), 1);
        assert!(driver.deliver(&driver.process(), export).await, "it is delivered twice");
        assert!(lines().iter().any(|line| line["replayed"] == true));
        assert_eq!(exports(), 1, "it was one export");
    });
}
