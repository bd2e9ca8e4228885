//! What services in good order never do: stores that break their promises, messages that vanish, checks that hang or die.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use jiff::SignedDuration;

use super::{
    public::{Seen, Shows, Sides},
    slack::Posted,
    *,
};
use crate::{
    chat::{Access, ChatError, ChatErrorKind},
    feed_store::{FeedError, Probe},
    report::{BuildId, BuildInfo, Fingerprint},
    state::{Generation, Precondition, StateError, Stored},
};

/// A store that keeps conditions up to some write, or loses what it took.
#[derive(Default)]
struct Careless {
    writes: Mutex<Vec<Vec<u8>>>,
    careful_for: usize,
    forgets: bool,
}

#[async_trait]
impl StateStore for Careless {
    async fn read(&self, _: &str) -> Result<Option<Stored>, StateError> {
        let bytes = self.writes.lock().unwrap().last().cloned().filter(|_| !self.forgets);
        Ok(bytes.map(|bytes| Stored { bytes, generation: Generation(1) }))
    }

    async fn write(&self, name: &str, bytes: Vec<u8>, _: Precondition) -> Result<Generation, StateError> {
        // The first and the third write are right, the second and the fourth must be refused.
        let mut writes = self.writes.lock().unwrap();
        let refused = bytes.windows(5).any(|word| word == b"twice");
        if refused && self.careful_for > writes.len() {
            return Err(StateError::Conflict { object: name.to_owned() });
        }
        writes.push(bytes);
        Ok(Generation(i64::try_from(writes.len()).unwrap()))
    }

    fn location(&self) -> String {
        "gs://careless".to_owned()
    }
}

fn grades(findings: &[Finding]) -> Vec<Grade> {
    findings.iter().map(|finding| finding.grade).collect()
}

#[tokio::test]
async fn a_store_that_breaks_its_promises_is_found_out() {
    use Grade::{Fail, Ok, Warn};
    for (careful_for, forgets, expected, found) in [
        (9, false, [Ok, Ok], "is replaced only as it was read"),
        (0, false, [Fail, Warn], "took a write that it must refuse"),
        (2, false, [Ok, Fail], "took a write that it must refuse"),
        (9, true, [Ok, Fail], "does not give back"),
    ] {
        let store = Careless { careful_for, forgets, ..Careless::default() };
        let findings = state::look(&store, "x").await;
        assert_eq!(grades(&findings), expected, "{findings:?}");
        assert!(findings.iter().any(|finding| finding.found.contains(found)), "{found}: {findings:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_or_dies_says_so_on_each_of_its_lines() {
    let checks = &[Check::Clock, Check::Catalogue];
    let hung = limited(checks, Duration::from_secs(45), std::future::pending()).await;
    assert_eq!(hung.iter().map(|finding| finding.check).collect::<Vec<_>>(), checks);
    assert!(hung.iter().all(|finding| finding.grade == Grade::Fail && finding.found.contains("45 s")));
    let died = limited(checks, Duration::from_secs(45), async { panic!("planted") }).await;
    assert_eq!(grades(&died), [Grade::Fail; 2]);
    assert!(died[0].found.contains("unexpectedly") && !died[0].found.contains("planted"), "{died:?}");
}

#[test]
fn what_readers_get_is_held_against_what_the_store_says() {
    let id = |id: &str| BuildId::parse(id).unwrap();
    let info = BuildInfo { build: id("b-1"), rows: 1, file: Fingerprint::of(b"four") };
    let seen = |status, bytes, build: Option<&str>, through_cloudfront| Seen {
        status,
        bytes,
        build: build.map(id),
        through_cloudfront,
    };
    let (some, none) = (Some(&info), None);
    let address = "Set FEED_URL";
    for (stored, seen, shows, grade, mend) in [
        (some, seen(200, Some(4), Some("b-1"), true), Shows::TheBuild, Grade::Ok, ""),
        (some, seen(200, Some(4), Some("b-1"), false), Shows::TheBuild, Grade::Warn, address),
        (some, seen(200, Some(4), None, true), Shows::TheLength, Grade::Ok, ""),
        (some, seen(200, Some(5), None, true), Shows::Another, Grade::Fail, address),
        (some, seen(200, Some(4), Some("b-0"), true), Shows::Another, Grade::Fail, address),
        (some, seen(404, None, None, true), Shows::Status, Grade::Fail, "Let the distribution read"),
        (none, seen(403, None, None, true), Shows::NothingYet, Grade::Warn, "Run the first export"),
        (none, seen(404, None, None, false), Shows::NothingYet, Grade::Warn, address),
        (none, seen(200, Some(4), None, true), Shows::Foreign, Grade::Warn, "See that FEED_URL leads"),
        (none, seen(500, None, None, true), Shows::Status, Grade::Fail, "Run the doctor again"),
    ] {
        assert_eq!(Shows::of(stored, &seen), shows, "{seen:?}");
        let sides = Sides { stored: Ok(stored.cloned()), seen: Ok(seen), has_distribution: true };
        let finding = wording::feed_url(&sides, "s3://b/ep");
        assert_eq!(finding.grade, grade, "{finding:?}");
        assert!(finding.mend.clone().unwrap_or_default().starts_with(mend), "{finding:?}");
    }
}

#[test]
fn a_message_that_vanishes_and_scopes_that_nobody_tells_are_told() {
    let error = |kind, detail: &str| ChatError { kind, method: "chat.delete", detail: detail.to_owned() };
    for (posted, grade, found) in [
        (Posted::Lost, Grade::Fail, "not found again"),
        (Posted::Unread(error(ChatErrorKind::Permanent, "not_in_channel")), Grade::Fail, "not_in_channel"),
        (
            Posted::Stays(error(ChatErrorKind::Closed, "cant_delete_message")),
            Grade::Warn,
            "cant_delete_message",
        ),
    ] {
        let finding = wording::slack_post(&posted);
        assert!(finding.grade == grade && finding.found.contains(found), "{finding:?}");
    }
    assert_eq!(wording::slack_scopes(&Access::default()).grade, Grade::Warn);
}

#[test]
fn a_clock_may_be_wrong_by_a_minute() {
    for (ahead, grade, found) in [
        (Some(60), Grade::Ok, "right"),
        (Some(-60), Grade::Ok, "right"),
        (Some(61), Grade::Fail, "61 s fast"),
        (Some(-3600), Grade::Fail, "3600 s slow"),
        (None, Grade::Warn, "no date"),
    ] {
        let finding = wording::clock(ahead.map(SignedDuration::from_secs));
        assert!(finding.grade == grade && finding.found.contains(found), "{finding:?}");
    }
}

#[test]
fn what_a_service_says_is_cut_and_cannot_write_to_the_terminal() {
    let reason = format!("\u{1b}[2J{}", "x".repeat(5000));
    let error = Err(FeedError::Refused { object: "s3://b/x".to_owned(), reason });
    let finding = wording::feed(Probe::Put, &error, "s3://b");
    assert!(!finding.to_string().contains('\u{1b}') && finding.found.chars().count() < 700, "{finding}");
}
