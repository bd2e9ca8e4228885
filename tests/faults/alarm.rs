//! Whom a run's message calls over its attempts, and the end of an alarm. Virtual time, for the source fails slowly.

use std::{sync::Arc, time::Duration};

use auto_ep::route::Route;

use crate::{
    driver::Driver,
    matrix::virtual_time,
    scenarios::{AFTERNOON, tick},
    world::{Inside, World, catalogue},
};

/// The one message of a run, as its ts, whether it names somebody and whether the channel sees it.
fn message(driver: &Driver, at: &str) -> (String, bool, bool) {
    let world = driver.world.inside();
    let posts = world.marked(&format!("run:export-products:{at}"));
    assert_eq!(posts.len(), 1, "one message, whatever the attempt");
    (posts[0].ts.0.clone(), posts[0].text.contains("<@U0123ABCD>"), posts[0].broadcast)
}

#[test]
fn the_third_failure_calls_somebody_the_last_one_all_and_the_end_is_said_once() {
    virtual_time().block_on(async {
        let begin = "2026-10-05T15:05:00Z";
        let world = World::new(begin.parse().unwrap(), Inside::default());
        let driver = Driver::new(world, Arc::default(), None);
        driver.world.inside().catalogue = (503, b"later".to_vec());
        let process = driver.process();
        let mut seen = Vec::new();
        for _ in 0..6 {
            assert!(!driver.deliver(&process, tick(Route::ExportProducts, begin)).await);
            seen.push(message(&driver, begin));
            tokio::time::sleep(Duration::from_secs(25)).await;
        }
        let called: Vec<_> = seen.iter().map(|(_, named, all)| (*named, *all)).collect();
        let (nobody, somebody, everybody) = ((false, false), (true, false), (true, true));
        assert_eq!(called, [nobody, nobody, somebody, somebody, somebody, everybody]);
        seen.dedup_by_key(|(ts, ..)| ts.clone());
        assert_eq!(seen.len(), 3, "an edit calls nobody, so the message is posted anew where it must call");

        driver.world.inside().catalogue = (200, catalogue(4));
        let mut ends = Vec::new();
        for at in [AFTERNOON, "2026-10-06T15:05:00Z"] {
            driver.undisturbed(tick(Route::ExportProducts, at)).await;
            let world = driver.world.inside();
            let post = world.marked(&format!("run:export-products:{at}"))[0];
            ends.push((post.text.contains("다시 정상입니다"), post.broadcast));
        }
        assert_eq!(ends, [(true, true), (false, false)]);
    });
}
