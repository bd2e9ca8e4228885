//! A run that died at its end is gone on with, not done again.

use std::{sync::Arc, time::Duration};

use auto_ep::{ledger::PublishedRecord, step::Step};

use crate::{
    driver::{Driver, Process, Then},
    instance::Fault,
    matrix::{Setup, set_up, virtual_time},
    scenarios::Scenario,
    world::{World, catalogue},
};

#[test]
fn a_build_that_was_finished_is_published_and_told_as_it_is() {
    let scenario = Scenario::Export;
    let setup = set_up(scenario);
    for (op, nth) in [
        ("state.write published", 0),
        ("feed.publish", 0),
        ("state.write published", 1),
        ("feed.invalidate", 0),
        ("chat.post run", 0),
    ] {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            virtual_time().block_on(async {
                let world = World::new(setup.at, setup.inside.clone());
                let driver = Driver::new(world, Arc::default(), None);
                driver.plan.arm(Some((op.to_owned(), nth, fault)), false);
                driver.play(scenario.ticks()[0], Some(fault), Then::Retries).await;
                assert!(driver.plan.has_struck());
                let world = driver.world.inside();
                let builds = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
                    files.keys().filter(|key| !key.contains("excluded")).count()
                };
                let new = builds(&world.files) - builds(&setup.inside.files);
                assert_eq!(new, 1, "{fault:?} at {op} {nth}");
                let told = &world.marked("run:export-products:2026-10-05T15:05")[0].text;
                assert!(
                    !told.contains("달라진 내용이 없습니다"),
                    "it is compared with what was public before: {told}"
                );
                assert!(told.contains("2번째 시도") || op.starts_with("chat"), "{told}");
            });
        }
    }
}

/// A driver at the export's time whose first delivery was struck, and the process for the next ones.
async fn after_a_first_strike(setup: &Setup, op: &str, fault: Fault) -> (Driver, Process) {
    let driver = Driver::new(World::new(setup.at, setup.inside.clone()), Arc::default(), None);
    driver.plan.arm(Some((op.to_owned(), 0, fault)), false);
    let (first, tick) = (driver.process(), Scenario::Export.ticks()[0]);
    driver.world.until(tick.at.parse().unwrap()).await;
    assert!(!driver.deliver(&first, tick).await);
    assert!(driver.plan.has_struck());
    let process = if fault.spares_the_process() { first } else { driver.process() };
    (driver, process)
}

#[test]
fn once_the_copy_was_tried_no_failure_says_that_the_feed_is_as_it_was() {
    let setup = set_up(Scenario::Export);
    let tick = Scenario::Export.ticks()[0];
    let told = |driver: &Driver| {
        driver.world.inside().marked("run:export-products:2026-10-05T15:05")[0].text.clone()
    };
    virtual_time().block_on(async {
        for fault in [Fault::LostAnswer, Fault::CrashAfter] {
            let driver = Driver::new(World::new(setup.at, setup.inside.clone()), Arc::default(), None);
            driver.world.until(tick.at.parse().unwrap()).await;
            // An attempt that comes to nothing says so.
            driver.world.inside().catalogue = (503, b"later".to_vec());
            assert!(!driver.deliver(&driver.process(), tick).await);
            assert!(told(&driver).contains("기존 피드는 그대로"), "{}", told(&driver));
            driver.world.inside().catalogue = (200, catalogue(5));
            driver.plan.arm(Some(("feed.publish".to_owned(), 0, fault)), false);
            assert!(!driver.deliver(&driver.process(), tick).await);
            assert!(driver.plan.has_struck());
            tokio::time::sleep(Duration::from_secs(30)).await;
            for _ in 0..2 {
                driver.plan.arm(Some(("feed.read build".to_owned(), 0, Fault::Refused)), false);
                assert!(!driver.deliver(&driver.process(), tick).await);
                let told = told(&driver);
                assert!(told.starts_with('❌') && !told.contains("기존 피드는 그대로"), "{fault:?}: {told}");
            }
            assert!(driver.deliver(&driver.process(), tick).await);
        }
    });
}

#[test]
fn a_build_of_long_ago_is_made_anew() {
    let setup = set_up(Scenario::Export);
    virtual_time().block_on(async {
        for (wait, builds) in [(Duration::from_secs(600), 2), (Duration::from_secs(3600), 3)] {
            let (driver, process) =
                after_a_first_strike(&setup, "state.write published", Fault::CrashBefore).await;
            tokio::time::sleep(wait).await;
            assert!(driver.deliver(&process, Scenario::Export.ticks()[0]).await);
            let files = driver.world.inside().files.clone();
            let found = files.keys().filter(|key| !key.contains("excluded")).count();
            assert_eq!(found, builds, "after {wait:?}, one of them yesterday's");
        }
    });
}

#[test]
fn what_is_public_is_never_told_as_held_because_the_gate_became_stricter_meanwhile() {
    let setup = set_up(Scenario::Export);
    let (yesterday, tick) = (catalogue(7), Scenario::Export.ticks()[0]);
    virtual_time().block_on(async {
        for (fault, op) in [(Fault::CrashAfter, "feed.publish"), (Fault::CrashBefore, "feed.publish")] {
            let driver = Driver::new(World::new(setup.at, setup.inside.clone()), Arc::default(), None);
            // Two fewer of seven are held by the second process's settings alone.
            driver.world.inside().catalogue = (200, yesterday.clone());
            assert_eq!(
                driver.by_hand(Step::ExportProducts).await["report"]["publication"]["state"],
                "published"
            );
            driver.world.until(tick.at.parse().unwrap()).await;
            driver.world.inside().catalogue = (200, catalogue(5));
            driver.plan.arm(Some((op.to_owned(), 0, fault)), false);
            let lenient = driver.process_with(&[("GATE_LIMITS", "hold_shrink=90%")]);
            assert!(!driver.deliver(&lenient, tick).await);
            assert!(driver.plan.has_struck());
            tokio::time::sleep(Duration::from_secs(30)).await;
            let strict = driver.process_with(&[("GATE_LIMITS", "hold_shrink=6%, warn_shrink=5%")]);
            assert!(driver.deliver(&strict, tick).await);
            let world = driver.world.inside();
            let told = &world.marked("run:export-products:2026-10-05T15:05")[0].text;
            assert!(!told.starts_with('⛔') && told.contains("줄었습니다"), "{fault:?}: {told}");
            let record: PublishedRecord = world.object("published.json").unwrap();
            assert_eq!(
                (record.publishing, record.published.map(|p| p.info)),
                (None, world.public.clone().map(|p| p.0))
            );
        }
    });
}
