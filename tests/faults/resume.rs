//! A run that died at its end is gone on with, not done again.

use std::sync::Arc;

use crate::{
    driver::{Driver, Then},
    instance::Fault,
    matrix::{set_up, virtual_time},
    scenarios::Scenario,
    world::World,
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
