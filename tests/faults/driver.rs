//! Cloud Scheduler and Cloud Run: ticks delivered until they are answered with success, to processes that come and go.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auto_ep::{
    config::Config,
    run::Runner,
    startup::{Parts, service},
    step::Step,
};
use axum::{Router, body::Body, http::Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::{
    instance::{Fault, Instance, Plan},
    mutations::Mutation,
    ports::Ports,
    scenarios::{AFTER_MIDNIGHT, AFTERNOON, Tick, tick},
    world::{World, catalogue},
};

/// Deliveries of one tick: the first and five retries, and one more where a second fault was planned.
const DELIVERIES: u32 = 7;

/// What comes after the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Retries, as the Scheduler makes them.
    Retries,
    /// The same, and the same call fails once more in a later attempt.
    FailsTwice,
    /// The same tick is delivered to another process at the moment of the fault.
    Duplicate,
    /// The first retry comes after midnight.
    AfterMidnight,
    /// The first retry comes after the next export was done.
    Overtaken,
}

/// A delivery and its end.
#[derive(Debug)]
pub struct Delivery {
    pub tick: Tick,
    pub took: Duration,
    pub end: End,
}

#[derive(Debug)]
pub enum End {
    /// What was answered, and whether the chat held the run's message then.
    Answered { status: u16, body: Value, told: Vec<String> },
    /// The connection broke.
    CutOff,
}

impl Delivery {
    pub fn succeeded(&self) -> bool {
        matches!(self.end, End::Answered { status: 200, .. })
    }
}

/// One process, as Cloud Run reaches it.
#[derive(Clone)]
pub struct Process {
    instance: Arc<Instance>,
    router: Router,
    pub runner: Arc<Runner>,
}

pub struct Driver {
    pub world: Arc<World>,
    pub plan: Arc<Plan>,
    pub errors: Arc<AtomicUsize>,
    pub deliveries: Mutex<Vec<Delivery>>,
    mutation: Option<Mutation>,
    /// The fault's own failure of the source, for as long as the first attempt lasts.
    pub source_fails_once: bool,
}

impl Driver {
    pub fn new(world: Arc<World>, errors: Arc<AtomicUsize>, mutation: Option<Mutation>) -> Self {
        let (plan, deliveries) = (Arc::default(), Mutex::default());
        Self { world, plan, errors, deliveries, mutation, source_fails_once: false }
    }

    pub fn process(&self) -> Process {
        self.process_with(&[])
    }

    /// A process whose settings somebody changed.
    pub fn process_with(&self, changed: &[(&'static str, &'static str)]) -> Process {
        let instance = Instance::new(Arc::clone(&self.plan));
        let ports = Arc::new(Ports {
            world: Arc::clone(&self.world),
            instance: Arc::clone(&instance),
            mutation: self.mutation,
        });
        let deadline = if self.mutation == Some(Mutation::NoDeadline) { "3500s" } else { "840s" };
        let settings: HashMap<_, _> = [
            ("FEED_URL", "https://cdn.example/ikea_ep.tsv"),
            ("CATALOG_URL", "https://shop.example/catalogue.json"),
            ("CATALOG_ITEMS", "/moreProducts/productWindow"),
            ("EP_SHIPPING", "3000"),
            ("SLACK_MENTION", "U0123ABCD"),
            ("DEADLINE", deadline),
            ("VERIFY_ALIVE_SAMPLE", "1"),
        ]
        .into_iter()
        .chain(changed.iter().copied())
        .collect();
        let config = Config::from_lookup(&|name| settings.get(name).map(|v| (*v).to_owned())).unwrap();
        let parts = Parts {
            state: ports.clone(),
            feed: ports.clone(),
            chat: ports.clone(),
            clock: ports.clone(),
            web: ports,
        };
        let (router, runner) = service(&config, SocketAddr::from(([127, 0, 0, 1], 8080)), parts);
        Process { instance, router, runner }
    }

    /// One delivery to one process.
    pub async fn deliver(&self, process: &Process, tick: Tick) -> bool {
        let began = self.world.now();
        if tick.early > 0 && self.mutation == Some(Mutation::ForcedCountsAsScheduled) {
            // As if the time were past: that is what tells a tick from a forced run.
            self.world.until(tick.at.parse().unwrap()).await;
        }
        let request = Request::post(format!("/{}", tick.step))
            .header("X-CloudScheduler-ScheduleTime", tick.at)
            .body(Body::empty())
            .unwrap();
        let end = tokio::select! {
            biased;
            () = process.instance.cut_off.notified() => End::CutOff,
            response = process.router.clone().oneshot(request) => {
                let response = response.unwrap();
                let status = response.status().as_u16();
                let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
                let body: Value = serde_json::from_slice(&bytes).unwrap();
                let run = format!("run:{}:{}", tick.step, body["run"].as_str().unwrap_or_default());
                let told = self.world.inside().marked(&run).iter().map(|post| post.text.clone()).collect();
                End::Answered { status, body, told }
            }
        };
        let took = Duration::try_from(self.world.now().duration_since(began)).unwrap();
        let delivery = Delivery { tick, took, end };
        let succeeded = delivery.succeeded();
        self.deliveries.lock().unwrap().push(delivery);
        succeeded
    }

    /// One tick at its time, retried until it succeeds.
    pub async fn play(&self, tick: Tick, fault: Option<Fault>, then: Then) {
        let at: Timestamp = tick.at.parse().unwrap();
        self.world.until(at + SignedDuration::from_secs(1 - tick.early)).await;
        self.world.inside().catalogue =
            if self.source_fails_once { (503, b"later".to_vec()) } else { (200, catalogue(5)) };
        let main = self.retried(self.process(), tick, fault, then);
        if then != Then::Duplicate || self.plan.has_struck() {
            return main.await;
        }
        let (struck, ended) = (self.plan.struck.notified(), Notify::new());
        let another = async {
            tokio::select! {
                () = struck => self.retried(self.process(), tick, None, Then::Retries).await,
                // The fault is for another tick of the scenario.
                () = ended.notified() => {}
            }
        };
        let main = async {
            main.await;
            ended.notify_one();
        };
        tokio::join!(biased; another, main);
    }

    async fn retried(&self, mut process: Process, tick: Tick, fault: Option<Fault>, then: Then) {
        for number in 0..DELIVERIES {
            if number > 0 {
                match then {
                    Then::AfterMidnight if number == 1 => {
                        self.world.until(AFTER_MIDNIGHT.parse().unwrap()).await;
                    }
                    Then::Overtaken if number == 1 => self.overtake().await,
                    _ => tokio::time::sleep(Duration::from_secs(25 << (number - 1))).await,
                }
                self.plan.retry_begins();
            }
            let succeeded = self.deliver(&process, tick).await;
            if self.source_fails_once {
                self.world.inside().catalogue = (200, catalogue(5));
            }
            if succeeded {
                return;
            }
            if self.plan.has_struck() && fault.is_some_and(|fault| !fault.spares_the_process()) {
                process = self.process();
            }
        }
    }

    /// The afternoon's export, undisturbed and with another catalogue.
    async fn overtake(&self) {
        let newer = tick(auto_ep::step::Step::ExportProducts, AFTERNOON);
        self.world.until(AFTERNOON.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(1)).await;
        self.world.inside().catalogue = (200, catalogue(6));
        while !self.deliver(&self.process(), newer).await {
            tokio::time::sleep(Duration::from_secs(25)).await;
        }
    }

    /// What a step answers that somebody runs by hand.
    pub async fn by_hand(&self, step: Step) -> Value {
        let request = Request::post(format!("/{step}")).body(Body::empty()).unwrap();
        let response = self.process().router.oneshot(request).await.unwrap();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// A tick that nothing disturbs.
    pub async fn undisturbed(&self, tick: Tick) {
        let at: Timestamp = tick.at.parse().unwrap();
        self.world.until(at + SignedDuration::from_secs(1)).await;
        let process = self.process();
        assert!(self.deliver(&process, tick).await, "{:#?}", self.deliveries.lock().unwrap().last());
    }

    pub fn errors(&self) -> usize {
        self.errors.load(Ordering::Relaxed)
    }
}
