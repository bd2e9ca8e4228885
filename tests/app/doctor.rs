//! The doctor: all is well with every service as it should be, each planted fault is named with its mend on its own line,
//! and nothing is left that anybody reads.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use auto_ep::doctor::Check;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

use crate::{
    house::{Answer, Catalogue, FEED_BUCKET, House, PUBLIC_KEY, STATE_BUCKET},
    support::{
        Fault, s3,
        scheduler::{SERVICE_URL, job},
        slack,
    },
};

const LOOK: &str = "create-thread?doctor=true";
const POST: &str = "create-thread?doctor=true&post=true";

/// What Cloud Run says, and what must be said there.
const ON_CLOUD_RUN: [(&str, &str); 5] = [
    ("K_SERVICE", "auto-ep"),
    ("SERVICE_URL", SERVICE_URL),
    ("CATALOG_PRESET", "ikea:kr/ko"),
    ("EP_MAX_ROWS", "10000"),
    ("FEED_KEY", "ikea_ep.tsv"),
];

/// A house on Cloud Run at the present time, for the answers of its services carry that, with a feed that was published.
async fn house(settings: &[(&str, &str)]) -> House {
    let settings: Vec<_> = ON_CLOUD_RUN.into_iter().chain(settings.iter().copied()).collect();
    published(House::with(&settings).await).await
}

async fn published(house: House) -> House {
    house.clock.set(&Timestamp::now().to_string());
    let answer = house.call("export-products").await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    house
}

/// One line of an answer.
struct Line<'a> {
    check: &'a str,
    grade: &'a str,
    found: &'a str,
    mend: &'a str,
}

fn lines(report: &Value) -> Vec<Line<'_>> {
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("{report:#}"));
    findings.iter().map(line).collect()
}

fn line(finding: &Value) -> Line<'_> {
    let text = |name: &str| finding[name].as_str().unwrap_or_default();
    Line { check: text("check"), grade: text("grade"), found: text("found"), mend: text("mend") }
}

/// What stands in every place that somebody reads or pays for.
fn left(house: &House) -> (Vec<String>, usize, Vec<String>) {
    (house.s3.keys(FEED_BUCKET), house.slack.messages().len(), house.s3.unfinished_uploads())
}

fn tells_no_secret(answer: &Answer) {
    let text = answer.body.to_string();
    for secret in [slack::TOKEN, s3::SECRET_KEY, s3::ACCESS_KEY] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_service_as_it_should_be_all_is_well_and_nothing_is_left() {
    let house = house(&[]).await;
    let (before, public) = (left(&house), house.public().await);
    let records = house.gcs.names(STATE_BUCKET);
    for (route, lines_there) in [(LOOK, 19), (POST, 20)] {
        let answer = house.call(route).await;
        assert_eq!((answer.status, &answer.body["grade"]), (200, &"ok".into()), "{:#}", answer.body);
        let lines = lines(&answer.body);
        assert_eq!(lines.len(), lines_there, "{:#}", answer.body);
        assert!(
            lines.iter().all(|line| line.grade == "ok" && line.mend.is_empty() && !line.found.is_empty())
        );
        let catalogue =
            answer.body["findings"].as_array().unwrap().iter().find(|one| one["check"] == "catalogue");
        let details = catalogue.unwrap()["details"].to_string();
        assert!(
            details.contains("would be kept") && details.contains("A product, field by field"),
            "{details}"
        );
        tells_no_secret(&answer);
    }
    assert_eq!(left(&house), before);
    assert_eq!(house.public().await, public);
    let sent = |method: &str| house.slack.sent(method);
    let posted: Vec<_> = sent("chat.postMessage")
        .into_iter()
        .filter(|sent| sent.arguments.to_string().contains("doctor:"))
        .collect();
    assert_eq!((posted.len(), sent("chat.delete").len()), (1, 1), "with post alone");
    let news: Vec<_> =
        house.gcs.names(STATE_BUCKET).into_iter().filter(|name| !records.contains(name)).collect();
    assert!(news.len() == 2 && news.iter().all(|name| name.starts_with("runs/doctor/")), "{news:?}");
    let invalidated: Vec<_> =
        house.cloudfront.invalidations().into_iter().flat_map(|one| one.paths).collect();
    assert_eq!(invalidated.iter().filter(|path| *path == "/doctor").count(), 2, "{invalidated:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_export_that_is_a_remark_and_the_right_to_remove_is_none_to_have() {
    let house = House::with(&ON_CLOUD_RUN).await;
    house.clock.set(&Timestamp::now().to_string());
    house.s3.fail_next("DeleteObject", 1, Fault::Error(403, "AccessDenied"));
    let answer = house.call(LOOK).await;
    assert_eq!((answer.status, &answer.body["grade"]), (200, &"warn".into()), "{:#}", answer.body);
    for line in lines(&answer.body) {
        let expected = if line.check == "feed_url" { "warn" } else { "ok" };
        assert_eq!(line.grade, expected, "{}: {}", line.check, line.found);
        assert!(line.check != "feed_url" || line.found.contains("403") && line.mend.contains("first export"));
        assert!(line.check != "feed_cleanup" || line.found.contains("lifecycle"), "{}", line.found);
    }
}

/// What goes wrong, on which line that is told and how bad it is, what was found, and the mend.
type Planted = (fn(&House), &'static str, &'static str, &'static str, &'static str);

const NO: Fault = Fault::Error(403, "AccessDenied");
/// As Slack says what is wrong with blocks.
const REFUSED_BLOCKS: &str = r#"{"ok": false, "error": "invalid_blocks", "errors": [{"pointer": "/0/text/type",
    "code": "failed_constraint", "message": "must be one of mrkdwn, plain_text"}]}"#;

/// One fault for each line that a service is behind.
const PLANTED: &[Planted] = &[
    (
        |h| h.slack.refuse("auth.test", Some("token_revoked")),
        "slack_token",
        "fail",
        "token_revoked",
        "SLACK_BOT_TOKEN",
    ),
    (
        |h| h.slack.fail_next("auth.test", 1, Fault::Status(503)),
        "slack_token",
        "fail",
        "503",
        "again in a minute",
    ),
    (
        |h| h.slack.grant("chat:write,users:read"),
        "slack_scopes",
        "fail",
        "lacks channels:history",
        "deploy/slack-app.yaml",
    ),
    (
        |h| h.slack.grant("channels:history"),
        "slack_scopes",
        "fail",
        "lacks chat:write",
        "deploy/slack-app.yaml",
    ),
    (|h| h.slack.kick(true), "slack_channel", "fail", "not_in_channel", "/invite"),
    (
        |h| h.slack.refuse("conversations.history", Some("missing_scope")),
        "slack_channel",
        "fail",
        "missing_scope",
        "scopes",
    ),
    (
        |h| h.slack.fail_next("blocks.validate", 1, Fault::Answer(200, REFUSED_BLOCKS, None)),
        "slack_blocks",
        "warn",
        "(/0/text/type: must be one of",
        "Update auto-ep",
    ),
    (
        |h| h.slack.refuse("blocks.validate", Some("unknown_method")),
        "slack_blocks",
        "warn",
        "unknown_method",
        "--post",
    ),
    (
        |h| h.slack.fail_next("blocks.validate", 1, Fault::RateLimited(30)),
        "slack_blocks",
        "warn",
        "wait 30 s",
        "again in a minute",
    ),
    (|h| h.slack.archive(true), "slack_post", "fail", "is_archived", "another channel"),
    (
        |h| h.slack.refuse_form(Some("invalid_blocks")),
        "slack_post",
        "fail",
        "invalid_blocks",
        "Update auto-ep",
    ),
    (|h| h.slack.eat_parents(true), "slack_post", "warn", "not removed", "by hand"),
    (
        |h| h.slack.forbid_deletion(Some("cant_delete_message")),
        "slack_post",
        "warn",
        "cant_delete_message",
        "by hand",
    ),
    (
        |h| h.gcs.fail_next("write", 1, Fault::Status(403)),
        "state_create",
        "fail",
        "storage.objects",
        "roles/storage.objectUser",
    ),
    (|h| h.gcs.delete_bucket(STATE_BUCKET), "state_create", "fail", "no bucket", "mend STATE_URL"),
    (
        |h| {
            h.gcs.fail_next("write", 2, Fault::Slow(Duration::ZERO));
            h.gcs.fail_next("write", 1, Fault::Status(403));
        },
        "state_replace",
        "fail",
        "grant",
        "roles/storage.objectUser",
    ),
    (|h| h.s3.fail_next("PutObject", 1, NO), "feed_put", "fail", "AccessDenied", "s3:PutObject"),
    (
        |h| h.s3.fail_next("PutObject", 1, Fault::Error(403, "InvalidAccessKeyId")),
        "feed_put",
        "fail",
        "InvalidAccessKeyId",
        "AWS_ROLE_ARN",
    ),
    (|h| h.s3.delete_bucket(FEED_BUCKET), "feed_put", "fail", "no bucket", "the setting that the line names"),
    (
        |h| h.s3.fail_next("CreateMultipartUpload", 1, NO),
        "feed_multipart",
        "fail",
        "AccessDenied",
        "s3:AbortMultipartUpload",
    ),
    (
        |h| h.s3.fail_next("AbortMultipartUpload", 1, NO),
        "feed_multipart",
        "fail",
        "AccessDenied",
        "s3:AbortMultipartUpload",
    ),
    (|h| h.s3.fail_next("CopyObject", 1, NO), "feed_copy", "fail", "AccessDenied", "s3:GetObject"),
    // The other look is for what is public.
    (|h| h.s3.fail_next("HeadObject", 2, NO), "feed_missing", "fail", "403", "s3:ListBucket"),
    (
        |h| h.s3.fail_next("DeleteObject", 3, Fault::Status(503)),
        "feed_cleanup",
        "warn",
        "SlowDown",
        "lifecycle",
    ),
    (
        |h| h.s3.fail_next("CreateInvalidation", 1, NO),
        "invalidation",
        "fail",
        "status 403",
        "cloudfront:CreateInvalidation",
    ),
    (
        |h| h.s3.fail_next("GetInvalidation", 1, NO),
        "invalidation",
        "fail",
        "status 403",
        "cloudfront:GetInvalidation",
    ),
    (|h| h.cdn.fail_next(1, NO), "feed_url", "fail", "status 403, but", "origin access control"),
    (|h| h.cdn.fail_next(1, Fault::Status(502)), "feed_url", "fail", "status 502", "again in a minute"),
    (|h| h.cdn.serve(b"id\n", "text/plain"), "feed_url", "fail", "another file", "FEED_STORE_URL"),
    (|h| h.s3.delete(FEED_BUCKET, PUBLIC_KEY), "feed_url", "warn", "nothing is published", "first export"),
    (|h| h.catalogue.serve(404, "gone"), "catalogue", "fail", "404", "CATALOG_URL"),
    (
        |h| h.catalogue.serve(200, r#"{"moreProducts": {"productWindow": []}}"#),
        "catalogue",
        "fail",
        "0 would be kept",
        "Another shop",
    ),
    (
        |h| h.clock.set(&(Timestamp::now() - SignedDuration::from_mins(10)).to_string()),
        "clock",
        "fail",
        " s slow",
        "NTP",
    ),
    (
        |h| h.scheduler.change(Vec::clear),
        "schedule_jobs",
        "warn",
        "no job for this service in asia-northeast3",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.change(|jobs| drop(jobs.remove(2))),
        "schedule_jobs",
        "warn",
        "export-products@0 15 * * * in SCHEDULE, but no job calls then",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/schedule", json!("50 9 * * *")),
        "schedule_jobs",
        "warn",
        "auto-ep-verify-ep calls when SCHEDULE says nothing",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/timeZone", json!("Etc/UTC")),
        "schedule_jobs",
        "warn",
        "auto-ep-verify-ep in the time zone Etc/UTC",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("create-thread", "/state", json!("PAUSED")),
        "schedule_jobs",
        "warn",
        "auto-ep-create-thread is paused",
        "deploy/schedule.sh --resume",
    ),
    (
        |h| h.scheduler.put("create-thread", "/state", json!("DISABLED")),
        "schedule_jobs",
        "fail",
        "auto-ep-create-thread is DISABLED",
        "deploy/schedule.sh",
    ),
    (
        |h| {
            h.scheduler.put(
                "verify-ep",
                "/httpTarget/uri",
                json!("https://old-abc123-du.a.run.app/verify-ep"),
            )
        },
        "schedule_jobs",
        "fail",
        "auto-ep-verify-ep calls https://old-abc123-du.a.run.app/verify-ep, which is not this service",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/httpTarget/httpMethod", json!("GET")),
        "schedule_jobs",
        "fail",
        "calls by GET",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/httpTarget/oidcToken", Value::Null),
        "schedule_jobs",
        "fail",
        "without an OIDC token",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/httpTarget/oidcToken/audience", json!("https://x.example")),
        "schedule_jobs",
        "fail",
        "made out for \"https://x.example\"",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/retryConfig/retryCount", json!(0)),
        "schedule_jobs",
        "warn",
        "tries again 0 times, not 5",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/retryConfig/minBackoffDuration", json!("5s")),
        "schedule_jobs",
        "warn",
        "after \"5s\", not 25s",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.put("verify-ep", "/attemptDeadline", json!("180s")),
        "schedule_jobs",
        "warn",
        "after \"180s\", not 960s",
        "deploy/schedule.sh",
    ),
    (
        |h| {
            let mut theirs = job("by-hand", "verify-ep", "0 6 * * *");
            theirs["description"] = json!("ours");
            h.scheduler.change(|jobs| jobs.push(theirs));
        },
        "schedule_jobs",
        "warn",
        "by-hand calls when SCHEDULE says nothing",
        "Remove by hand",
    ),
    (
        |h| h.scheduler.change(|jobs| jobs.push(job("twin", "create-thread", "0 0 * * *"))),
        "schedule_jobs",
        "warn",
        "twin calls when another job does",
        "deploy/schedule.sh",
    ),
    (
        |h| h.scheduler.fail_next(1, Fault::Status(403)),
        "schedule_jobs",
        "warn",
        "lacks IAM permission \"cloudscheduler.jobs.list\"",
        "roles/cloudscheduler.viewer",
    ),
    (
        |h| h.scheduler.fail_next(1, Fault::Error(403, "SERVICE_DISABLED")),
        "schedule_jobs",
        "warn",
        "not switched on in shop-1",
        "deploy/setup.sh",
    ),
    (
        |h| h.scheduler.fail_next(1, Fault::Status(503)),
        "schedule_jobs",
        "warn",
        "answered 503",
        "again in a minute",
    ),
    (
        |h| h.scheduler.fail_next(1, Fault::Garbage),
        "schedule_jobs",
        "warn",
        "no list of jobs",
        "again in a minute",
    ),
    (
        |h| h.metadata.server.fail_next("*", 9, Fault::Status(404)),
        "schedule_jobs",
        "warn",
        "the metadata server answered 404",
        "again in a minute",
    ),
];

/// The lines whose faults stand in no service but in the settings, with tests of their own below.
const OF_SETTINGS: [&str; 3] = ["settings", "schedule", "corrections"];

#[test]
fn every_line_has_a_planted_fault() {
    let planted: Vec<_> = PLANTED.iter().map(|(_, check, ..)| *check).chain(OF_SETTINGS).collect();
    for check in Check::iter() {
        assert!(planted.contains(&check.name()), "{}", check.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_planted_fault_is_named_on_its_line_with_its_mend() {
    let mut wrong = Vec::new();
    for (plant, check, grade, found, mend) in PLANTED {
        let house = house(&[]).await;
        plant(&house);
        let answer = house.call(POST).await;
        tells_no_secret(&answer);
        // An abort that was refused is tried again.
        for _ in 0..100 {
            if house.s3.unfinished_uploads().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(house.s3.unfinished_uploads().is_empty(), "{check} {found}");
        let expected = match *grade {
            "fail" => (503, "application/problem+json"),
            _ => (200, "application/json"),
        };
        let lines = lines(&answer.body);
        let line = lines.iter().find(|line| line.check == *check).unwrap();
        let sound = (answer.status, answer.headers["content-type"].to_str().unwrap()) == expected
            && line.grade == *grade
            && line.found.contains(found)
            && line.mend.contains(mend)
            && line.mend.ends_with('.')
            && lines.iter().all(|line| (line.grade == "ok") == line.mend.is_empty())
            && (*grade != "fail"
                || answer.body["detail"].as_str().is_some_and(|detail| detail.contains(check)));
        if !sound {
            let told = format!("{} {} / {}", line.grade, line.found, line.mend);
            wrong.push(format!("{check} {grade} {found:?} {mend:?}: {} {told}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_corrections_that_cannot_be_read_or_has_wrong_lines_is_a_remark() {
    let table = Catalogue::of("id,action\n1,include\n".into());
    let house = house(&[("CORRECTIONS_URL", &table.start().await)]).await;
    for (status, text, grade, found, mend, details) in [
        (200, "id,action\n1,include\n", "ok", "1 line is in force", "", json!(null)),
        (
            404,
            "",
            "warn",
            "the table cannot be read: status 404",
            "the last good copy for a week",
            json!(null),
        ),
        (
            200,
            "<html>",
            "warn",
            "an HTML page stands where the table should be",
            "CORRECTIONS_URL",
            json!(null),
        ),
        (
            200,
            "id,action,column,value,until\n1,include\n2,frob\n3,exclude,,,2020-01-01\n1,exclude\n",
            "warn",
            "1 line is in force, others are not",
            "deploy/README.md",
            json!([
                "lines whose day is over: 4",
                "lines of another action than set, exclude, include: 3",
                "lines that another line of the same product overrules: 2",
            ]),
        ),
    ] {
        table.serve(status, text);
        let answer = house.call(LOOK).await;
        let all = answer.body["findings"].as_array().unwrap();
        let found_there = all.iter().find(|one| one["check"] == "corrections").unwrap();
        let told = line(found_there);
        assert_eq!((answer.status, told.grade), (200, grade), "{found_there:#}");
        assert!(told.found.contains(found) && told.mend.contains(mend), "{found_there:#}");
        assert_eq!(found_there["details"], details, "{found_there:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_a_schedule_that_lack_something_are_remarks() {
    let house = published(
        House::with(&[
            ("SCHEDULE", "create-thread@0 0 * * *"),
            ("TIMEZONE", "Europe/Berlin"),
            ("CATALOG_URL", ""),
            ("CATALOG_ITEMS", ""),
        ])
        .await,
    )
    .await;
    let answer = house.call(LOOK).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    let lines = lines(&answer.body);
    let jobs = lines.iter().find(|line| line.check == "schedule_jobs").unwrap();
    assert!(jobs.grade == "warn" && jobs.found.contains("only Cloud Run"), "{}", jobs.found);
    assert!(jobs.mend.contains("deploy/schedule.sh --list"), "{}", jobs.mend);
    assert_eq!(house.scheduler.server.calls(), [""; 0], "who is elsewhere asks nobody");
    let line = |check: &str| lines.iter().find(|line| line.check == check).unwrap();
    let schedule = line("schedule");
    assert_eq!(schedule.grade, "warn");
    assert!(
        schedule.found.contains("Europe/Berlin")
            && schedule.found.contains("never: export-products, verify-ep"),
        "{}",
        schedule.found
    );
    assert!(schedule.mend.contains("deploy/schedule.sh"));
    assert_eq!(line("settings").grade, "warn");
    assert!(answer.body.to_string().contains("made-up sample catalogue"), "{:#}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_found_among_those_of_others_and_at_either_address_of_the_service() {
    let house = house(&[("SERVICE_URL", "https://ep.shop.example")]).await;
    house.scheduler.change(|jobs| {
        for n in 0..230 {
            let mut other = job(&format!("other-{n}"), "nightly", "0 3 * * *");
            other["description"] = json!("kept by deploy/schedule.sh for the service auto-ep-moa");
            other["httpTarget"]["uri"] = json!("https://auto-ep-moa-abc123-du.a.run.app/export-products");
            jobs.insert(0, other);
        }
        // Whoever looks whether we are there is no tick.
        let mut watch = job("watch", "health", "* * * * *");
        watch["description"] = json!("");
        jobs.push(watch);
    });
    let by_number = "https://auto-ep-123456789012.asia-northeast3.run.app";
    house.scheduler.put("auto-ep-verify-ep", "/httpTarget/uri", json!(format!("{by_number}/verify-ep")));
    house.scheduler.put(
        "auto-ep-create-thread",
        "/httpTarget/uri",
        json!("https://ep.shop.example/create-thread"),
    );
    let answer = house.call(LOOK).await;
    let lines = lines(&answer.body);
    let jobs = lines.iter().find(|line| line.check == "schedule_jobs").unwrap();
    assert_eq!((jobs.grade, jobs.found), ("ok", "4 jobs in asia-northeast3 are what SCHEDULE says"));
    assert_eq!(house.scheduler.server.count("jobs"), 3, "in pages");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_service_that_hangs_holds_up_no_other() {
    let house = house(&[("LEASE", "3s")]).await;
    house.gcs.fail_next("write", 9, Fault::Hang(Duration::from_secs(60)));
    house.slack.fail_next("auth.test", 9, Fault::Hang(Duration::from_secs(60)));
    let began = Instant::now();
    let answer = house.call(LOOK).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(answer.status, 503, "{:#}", answer.body);
    for line in lines(&answer.body) {
        let expected = match line.check {
            "slack_token" | "state_create" => "fail",
            "slack_scopes" | "slack_channel" | "slack_blocks" | "state_replace" => "warn",
            _ => "ok",
        };
        assert_eq!(line.grade, expected, "{}: {}", line.check, line.found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_accepts_plain_text_gets_the_table_with_the_same_status() {
    let house = house(&[]).await;
    for (kicked, status, part) in [(false, 200, "✓ slack channel"), (true, 503, "✗ slack channel")] {
        house.slack.kick(kicked);
        let answer = house.send(house.request(LOOK).header("Accept", "text/plain")).await;
        let table = answer.body.as_str().unwrap();
        assert!(answer.status == status && table.contains(part), "{table}");
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        assert!(table.trim_end().ends_with('✗'), "the sum comes last: {table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_at_work_is_not_disturbed() {
    let house = house(&[]).await;
    house.catalogue.slow(Duration::from_secs(3));
    let (export, look) = tokio::join!(house.call("export-products"), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        house.call(LOOK).await
    });
    assert_eq!(export.status, 200, "{:#}", export.body);
    assert_eq!((look.status, &look.body["retryable"]), (503, &true.into()), "{:#}", look.body);
    assert!(look.headers.contains_key("retry-after"));
}

fn program(arguments: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_auto-ep"));
    command.env_clear().current_dir(folder.path()).args(arguments).envs(settings.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_line_prints_a_table_or_json_and_ends_with_a_code_that_says_whether_to_mend() {
    let (code, table, _) = program(&["doctor"], &[]);
    assert_eq!(code, Some(0), "{table}");
    for part in ["! settings", "✓ state create", "✓ feed put", "✓ catalogue", "✓ schedule", "→ ", " 0 ✗\n"]
    {
        assert!(table.contains(part), "{part} in {table}");
    }
    let (code, json, _) = program(&["doctor", "--json"], &[]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &json["grade"]), (Some(0), &"warn".into()), "{json:#}");

    let gone = [("CATALOG_URL", "http://127.0.0.1:9/x.json")];
    let (code, table, _) = program(&["doctor"], &gone);
    assert!(code == Some(1) && table.contains("✗ catalogue"), "{table}");

    let mistakes = [("PORT", "x"), ("LEASE", "y")];
    let (code, table, said) = program(&["doctor"], &mistakes);
    assert!(code == Some(1) && table.is_empty() && said.contains("PORT") && said.contains("LEASE"), "{said}");
    let (code, json, _) = program(&["doctor", "--json"], &mistakes);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json["findings"].as_array().map(Vec::len)), (Some(1), Some(1)), "{json:#}");
    assert!(json["findings"][0]["details"].to_string().contains("LEASE"), "{json:#}");

    assert_eq!(program(&["doctor", "--jsn"], &[]).0, Some(2));
}
