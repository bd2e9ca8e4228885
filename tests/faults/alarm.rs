//! Whom a run's message calls over its attempts, and the end of an alarm. Virtual time, for the source fails slowly.

use std::{sync::Arc, time::Duration};

use auto_ep::step::Step;

use crate::{
    driver::Driver,
    instance::Fault,
    matrix::virtual_time,
    scenarios::{AFTERNOON, LAST, Tick, tick},
    world::{Inside, Post, World, catalogue},
};

/// Which read of the record of what is public a verification looks at first: the one before it, of a process that just
/// began, found out whose state it is.
const LOOK: usize = 1;

/// The one message of a tick.
fn message(driver: &Driver, tick: Tick) -> Post {
    let world = driver.world.inside();
    let posts = world.marked(&format!("run:{}:{}", tick.step, tick.at));
    assert_eq!(posts.len(), 1, "one message, whatever the attempt");
    posts[0].clone()
}

/// What a tick that nothing disturbs tells: whether the trouble is over, and whether the channel sees it.
async fn told(driver: &Driver, tick: Tick) -> (bool, bool) {
    driver.undisturbed(tick).await;
    let post = message(driver, tick);
    (post.text.contains("지난번 문제"), post.broadcast)
}

#[test]
fn the_third_failure_calls_somebody_the_last_one_all_and_the_end_is_said_once() {
    virtual_time().block_on(async {
        let begin = "2026-10-05T15:05:00Z";
        let world = World::new(begin.parse().unwrap(), Inside::default());
        let driver = Driver::new(world, Arc::default(), None);
        driver.world.inside().catalogue = (503, b"later".to_vec());
        // The message of the fifth makes room for that of the last, whatever Slack says to it at first.
        driver.plan.arm(Some(("chat.delete".into(), 1, Fault::RateLimited)), false);
        let process = driver.process();
        let mut seen = Vec::new();
        for _ in 0..6 {
            assert!(!driver.deliver(&process, tick(Step::ExportProducts, begin)).await);
            let post = message(&driver, tick(Step::ExportProducts, begin));
            seen.push((post.ts, post.text.contains("<@U0123ABCD>"), post.broadcast));
            tokio::time::sleep(Duration::from_secs(25)).await;
        }
        let called: Vec<_> = seen.iter().map(|(_, named, all)| (*named, *all)).collect();
        let (nobody, somebody, everybody) = ((false, false), (true, false), (true, true));
        assert_eq!(called, [nobody, nobody, somebody, somebody, somebody, everybody]);
        seen.dedup_by_key(|(ts, ..)| ts.clone());
        assert_eq!(seen.len(), 3, "an edit calls nobody, so the message is posted anew where it must call");

        assert!(driver.plan.has_struck());

        // The next slot is no good at first either: that is nobody's end of the alarm.
        driver.world.until(AFTERNOON.parse().unwrap()).await;
        assert!(!driver.deliver(&process, tick(Step::ExportProducts, AFTERNOON)).await);
        assert!(!message(&driver, tick(Step::ExportProducts, AFTERNOON)).broadcast);
        driver.world.inside().catalogue = (200, catalogue(4));
        let mut ends = Vec::new();
        for at in [AFTERNOON, "2026-10-06T15:05:00Z"] {
            ends.push(told(&driver, tick(Step::ExportProducts, at)).await);
        }
        assert_eq!(ends, [(true, true), (false, false)]);
    });
}

#[test]
fn a_feed_that_breaks_is_told_to_the_channel_once_and_so_is_its_end() {
    virtual_time().block_on(async {
        let world = World::new("2026-10-05T15:04:00Z".parse().unwrap(), Inside::default());
        let driver = Driver::new(world, Arc::default(), None);
        driver.world.inside().catalogue = (200, catalogue(4));
        driver.undisturbed(tick(Step::ExportProducts, "2026-10-05T15:05:00Z")).await;
        let good = driver.world.inside().public.clone().unwrap();
        let mut seen = Vec::new();
        for (at, broken) in [
            ("2026-10-05T15:50:00Z", false),
            ("2026-10-06T00:50:00Z", true),
            ("2026-10-06T04:50:00Z", true),
            (LAST, false),
            // The next day's first.
            ("2026-10-06T15:50:00Z", false),
        ] {
            let bytes = if broken { b"<!doctype html><p>sorry".to_vec() } else { good.1.clone() };
            driver.world.inside().public = Some((good.0.clone(), bytes));
            seen.push(told(&driver, tick(Step::VerifyEp, at)).await);
        }
        let quiet = (false, false);
        assert_eq!(seen, [quiet, (false, true), quiet, (true, true), quiet]);
    });
}

/// The feed as it was published, or a page in its place.
fn set_public(driver: &Driver, bytes: &[u8]) {
    let mut world = driver.world.inside();
    let info = world.public.as_ref().unwrap().0.clone();
    world.public = Some((info, bytes.to_vec()));
}

/// A driver that exported and verified well, with the feed's bytes.
async fn after_a_good_morning() -> (Driver, Vec<u8>) {
    let world = World::new("2026-10-05T15:04:00Z".parse().unwrap(), Inside::default());
    let driver = Driver::new(world, Arc::default(), None);
    driver.world.inside().catalogue = (200, catalogue(4));
    driver.undisturbed(tick(Step::ExportProducts, "2026-10-05T15:05:00Z")).await;
    driver.undisturbed(tick(Step::VerifyEp, "2026-10-05T15:50:00Z")).await;
    let bytes = driver.world.inside().public.clone().unwrap().1;
    (driver, bytes)
}

#[test]
fn what_somebody_finds_mended_right_after_midnight_is_said_once_and_shows_where_it_was_broken() {
    virtual_time().block_on(async {
        let (driver, good) = after_a_good_morning().await;
        set_public(&driver, b"<!doctype html><p>sorry");
        assert_eq!(told(&driver, tick(Step::VerifyEp, LAST)).await, (false, true));
        set_public(&driver, &good);
        let by_hand = Tick { early: 2400, ..tick(Step::VerifyEp, "2026-10-06T15:50:00Z") };
        driver.world.until("2026-10-06T15:10:00Z".parse().unwrap()).await;
        assert!(driver.deliver(&driver.process(), by_hand).await);
        let forced = driver.world.inside().marked("run:verify-ep:forced:")[0].clone();
        assert!(forced.broadcast && forced.text.contains("지난번 문제"), "{}", forced.text);
        let yesterday = driver.world.inside().marked("parent:2026-10-06")[0].text.clone();
        assert!(yesterday.contains("17:50 검증 ❌→"), "{yesterday}");
        let (_, all) = told(&driver, tick(Step::VerifyEp, "2026-10-06T15:50:00Z")).await;
        assert!(!all, "it was said already");
    });
}

#[test]
fn a_broken_feed_is_told_to_the_channel_whatever_the_attempts_before_met() {
    virtual_time().block_on(async {
        let (driver, _) = after_a_good_morning().await;
        set_public(&driver, b"<!doctype html><p>sorry");
        let verify = tick(Step::VerifyEp, "2026-10-06T00:50:00Z");
        driver.world.until(verify.at.parse().unwrap()).await;
        // Not made at all, then made and hardly told.
        for (op, nth, fault) in
            [("state.read published", LOOK, Fault::Before), ("chat.delete", 0, Fault::CrashAfter)]
        {
            driver.plan.arm(Some((op.into(), nth, fault)), false);
            assert!(!driver.deliver(&driver.process(), verify).await);
            assert!(driver.plan.has_struck(), "{op}");
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        assert!(driver.deliver(&driver.process(), verify).await);
        assert!(message(&driver, verify).broadcast);
        assert_eq!(told(&driver, tick(Step::VerifyEp, "2026-10-06T04:50:00Z")).await, (false, false));
    });
}

#[test]
fn a_verification_that_could_not_be_made_hides_no_broken_feed() {
    virtual_time().block_on(async {
        let (driver, _) = after_a_good_morning().await;
        let at = "2026-10-06T00:50:00Z";
        driver.plan.arm(Some(("state.read published".into(), LOOK, Fault::Refused)), false);
        driver.world.until(at.parse().unwrap()).await;
        assert!(!driver.deliver(&driver.process(), tick(Step::VerifyEp, at)).await);
        assert!(message(&driver, tick(Step::VerifyEp, at)).broadcast, "no retry mends that");
        set_public(&driver, b"<!doctype html><p>sorry");
        assert_eq!(told(&driver, tick(Step::VerifyEp, "2026-10-06T04:50:00Z")).await, (false, true));

        // Nor does it tell it anew.
        driver.plan.arm(Some(("state.read published".into(), LOOK, Fault::Refused)), false);
        driver.world.until(LAST.parse().unwrap()).await;
        assert!(!driver.deliver(&driver.process(), tick(Step::VerifyEp, LAST)).await);
        assert_eq!(told(&driver, tick(Step::VerifyEp, "2026-10-06T15:50:00Z")).await, (false, false));
    });
}
