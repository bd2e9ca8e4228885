//! One case from its setup to the verdict.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

use crate::{
    driver::{Driver, Then},
    instance::Fault,
    invariants::violated,
    mutations::Mutation,
    scenarios::{LAST, NEXT_DAY, Scenario, tick},
    world::{Inside, World, catalogue},
};

/// What is done, what fails, and what comes after.
#[derive(Debug, Clone)]
pub struct Case {
    pub scenario: Scenario,
    /// The call's name, which one of them, and how it fails.
    pub strike: Option<(String, usize, Fault)>,
    pub then: Then,
}

/// What came of it.
#[derive(Debug)]
pub struct Played {
    /// How often each call was made while the plan was armed.
    pub calls: BTreeMap<String, usize>,
    pub struck: bool,
    pub violations: Vec<String>,
    /// The deliveries, for whoever looks into a violation.
    pub course: String,
}

/// The world as a scenario finds it.
pub struct Setup {
    pub at: Timestamp,
    pub inside: Inside,
}

/// Plays what comes before a scenario; once, for all its cases.
pub fn set_up(scenario: Scenario) -> Setup {
    virtual_time().block_on(async {
        let begin = "2026-10-05T05:59:00Z".parse().unwrap();
        let inside = Inside { catalogue: (200, catalogue(4)), ..Inside::default() };
        let driver = Driver::new(World::new(begin, inside), Arc::default(), None);
        for before in scenario.before() {
            driver.undisturbed(before).await;
        }
        let mut inside = driver.world.inside().clone();
        if scenario == Scenario::DeletedThread {
            inside.delete_parents();
        }
        let moods = &mut inside.slack.moods;
        moods.edits = (scenario == Scenario::ClosedEdits).then_some("edit_window_closed");
        moods.deletions = (scenario == Scenario::NoRemovals).then_some("cant_delete_message");
        Setup { at: driver.world.now(), inside }
    })
}

pub fn virtual_time() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Plays one case on virtual time.
pub fn play(case: &Case, setup: &Setup, mutation: Option<Mutation>) -> Played {
    let errors = Arc::new(AtomicUsize::new(0));
    let _log = tracing::subscriber::set_default(counting(&errors));
    virtual_time().block_on(async {
        // Only a case that never ends takes this long.
        let whole =
            tokio::time::timeout(Duration::from_secs(30 * 24 * 3600), course(case, setup, mutation, errors));
        whole.await.unwrap_or_else(|_| panic!("{case:?} never ended"))
    })
}

async fn course(case: &Case, setup: &Setup, mutation: Option<Mutation>, errors: Arc<AtomicUsize>) -> Played {
    let world = World::new(setup.at, setup.inside.clone());
    let mut driver = Driver::new(world, errors, mutation);
    driver.source_fails_once = matches!(case.scenario, Scenario::FailedExport | Scenario::NoRemovals);
    let fault = case.strike.as_ref().map(|strike| strike.2);
    driver.plan.arm(case.strike.clone(), case.then == Then::FailsTwice);
    for tick in case.scenario.ticks() {
        driver.play(tick, fault, case.then).await;
    }
    // Whatever still goes on somewhere comes to its end.
    tokio::time::sleep(Duration::from_secs(2000)).await;
    let calls = driver.plan.calls();
    let struck = driver.plan.has_struck();
    driver.plan.arm(None, false);
    let last = if case.then == Then::AfterMidnight { NEXT_DAY } else { LAST };
    driver.undisturbed(tick(auto_ep::step::Step::VerifyEp, last)).await;
    let course = format!("{:#?}", driver.deliveries.lock().unwrap());
    Played { calls, struck, violations: violated(&driver, case.then == Then::AfterMidnight), course }
}

/// A log that only counts its errors.
pub fn counting(errors: &Arc<AtomicUsize>) -> impl Subscriber + Send + Sync + 'static {
    tracing_subscriber::registry().with(ErrorCount(Arc::clone(errors)))
}

/// Counts lines of level ERROR.
struct ErrorCount(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for ErrorCount {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == Level::ERROR {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
