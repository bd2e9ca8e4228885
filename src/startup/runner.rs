//! Puts the rooms together on the parts: who makes builds, publishes, verifies and tells.

use std::{net::SocketAddr, sync::Arc};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Parts,
    address::{called_at, consoles, feed_url},
    parts::corrections,
};
use crate::{
    config::Config,
    export::{Exporter, Judge},
    gate::Gate,
    ledger::{Ledger, Owner, nonce},
    publish::Publisher,
    run::{Active, Admission, Runner},
    slack::Renderer,
    thread::Threads,
    verify::Verifier,
};

/// Who makes builds, and says why a product is in one or not.
fn exporter(config: &Config, address: SocketAddr, parts: &Parts, ledger: &Ledger) -> Exporter {
    Exporter {
        catalogue: config.catalogue.clone(),
        ep: config.ep.clone(),
        judge: Arc::new(Judge::of(config)),
        web: Arc::clone(&parts.web),
        ledger: ledger.clone(),
        store: Arc::clone(&parts.feed),
        corrections: corrections(config),
        feed_url: feed_url(config, address),
        // The publication must still get its turn.
        diff_time: config.service.deadline / 8,
    }
}

/// The records of whose feed it is.
fn ledger(config: &Config, parts: &Parts) -> Ledger {
    let feed = parts.feed.location();
    let owner = Owner::of(&feed, config.feed.key.as_str(), config.feed.moved_from.clone());
    Ledger::new(Arc::clone(&parts.state), owner, Arc::clone(&parts.clock))
}

pub(super) fn runner(config: &Config, address: SocketAddr, parts: Parts) -> Runner {
    let ledger = ledger(config, &parts);
    let exporter = exporter(config, address, &parts, &ledger);
    let Parts { feed, chat, clock, web, .. } = parts;
    let schedule = config.service.schedule.clone();
    let feed_url = feed_url(config, address);
    let renderer = Renderer::new(&config.chat, schedule.timezone().clone(), called_at(config, address));
    let renderer = Arc::new(renderer.with_consoles(consoles(config)));
    Runner {
        threads: Threads {
            ledger: ledger.clone(),
            chat,
            clock: Arc::clone(&clock),
            renderer,
            schedule: schedule.clone(),
            feed_url: feed_url.to_string(),
            files: feed.location(),
            lease: config.service.lease,
        },
        exporter,
        publisher: Publisher {
            store: feed,
            ledger: ledger.clone(),
            clock: Arc::clone(&clock),
            gate: Gate::new(config.gate.clone(), config.ep.max_rows),
            timezone: schedule.timezone().clone(),
            web: Arc::clone(&web),
            feed_url: feed_url.clone(),
        },
        verifier: Verifier {
            web,
            feed_url,
            config: config.verify.clone(),
            max_rows: config.ep.max_rows,
            median_moved: config.gate.hold_median,
            ledger: ledger.clone(),
            schedule: schedule.clone(),
            grace: config.service.deadline,
            clock: Arc::clone(&clock),
        },
        deadline: config.service.deadline,
        process: nonce(),
        active: Active::default(),
        tasks: TaskTracker::new(),
        admission: Admission::default(),
        closing: CancellationToken::new(),
        stopping: CancellationToken::new(),
    }
}
