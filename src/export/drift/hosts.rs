//! The hosts that a build's links and images are on, and whether those of a new one open.

use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use super::counts::Tallied;
use crate::{
    report::{Counts, HostMoved, HostOf, Percent, Profile},
    verify::{SampledRow, opened},
    web::{Reach, Web, is_loopback},
};

/// Hosts that are counted, and of these the largest are kept.
const COUNTED: usize = 64;
const KEPT: usize = 8;
/// Addresses that are opened of a host.
const OPENED: usize = 5;
/// A host that is new or gone on this share of the rows is looked into. The gate says what that means.
const LOOKED_INTO: Percent = Percent::whole(10);
/// Of fewer rows nobody can say much.
const LEAST_ROWS: u64 = 5;
/// How long opening may take: for each of two hosts five addresses, four at once.
const PATIENCE: Duration = Duration::from_secs(25);

/// The hosts of one column.
pub(super) struct Hosts {
    hosts: Tallied,
    samples: Vec<Sample>,
}

impl Default for Hosts {
    fn default() -> Self {
        Self { hosts: Tallied::of_most(COUNTED), samples: Vec::new() }
    }
}

/// A few addresses of a host, from all over the feed.
#[derive(Default)]
pub(super) struct Sample {
    host: String,
    /// With the ids of their products.
    addresses: Vec<(String, String)>,
}

/// A few addresses of each host.
pub(in crate::export) struct Addresses {
    pub(super) links: Vec<Sample>,
    pub(super) images: Vec<Sample>,
}

impl Hosts {
    /// Takes the address of a row that is kept.
    pub(super) fn see(&mut self, address: &str, id: &str) {
        let Some((place, rows)) = self.hosts.see(host(address)) else { return };
        if place == self.samples.len() {
            let host = self.hosts.value(place).to_owned();
            self.samples.push(Sample { host, ..Sample::default() });
        }
        // The first, the second, the fourth and so on: the last five of these.
        if rows.is_power_of_two() {
            let addresses = &mut self.samples[place].addresses;
            let sample = (id.to_owned(), address.to_owned());
            match addresses.get_mut(rows.trailing_zeros() as usize % OPENED) {
                Some(there) => *there = sample,
                None => addresses.push(sample),
            }
        }
    }

    pub(super) fn end(self) -> (Counts, Vec<Sample>) {
        (self.hosts.largest(KEPT), self.samples)
    }
}

/// The host of an address in normal form; nothing of what is none.
fn host(address: &str) -> &str {
    // Mostly it is this one.
    let rest = address.strip_prefix("https://").or_else(|| Some(address.split_once("://")?.1));
    let rest = rest.unwrap_or_default();
    &rest[..rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len())]
}

/// How far opening may go: a feed on this machine (a test, a trial) may name pages on this machine.
pub(in crate::export) fn reach(feed_url: &Url) -> Reach {
    if is_loopback(feed_url) { Reach::Anywhere } else { Reach::Public }
}

/// The hosts that are new or gone on much of the feed; five addresses of each column where that is so are opened.
pub(in crate::export) async fn hosts_moved(
    web: &dyn Web,
    reach: Reach,
    (before, now): (&Profile, &Profile),
    addresses: &Addresses,
) -> Vec<HostMoved> {
    let (mut all, deadline) = (Vec::new(), Instant::now() + PATIENCE);
    let columns = [
        (HostOf::Link, &before.links, &now.links, &addresses.links),
        (HostOf::Image, &before.images, &now.images, &addresses.images),
    ];
    for (of, then, now_there, samples) in columns {
        let Some((host, was, is)) = most_moved((then, before.rows), (now_there, now.rows)) else { continue };
        let asked: Vec<_> = asked(samples, &host, is > was).collect();
        let rows = asked.iter().zip(2..).map(|((id, address), row)| {
            let (link, image) = match of {
                HostOf::Image => (None, Some(address.clone())),
                _ => (Some(address.clone()), None),
            };
            SampledRow { row, id: id.clone(), link, image, price: None }
        });
        let rows: Vec<_> = rows.collect();
        let opened = opened(web, reach, &rows, deadline).await as u64;
        all.push(HostMoved { of, host, before: was, now: is, asked: rows.len() as u64, opened });
    }
    all
}

/// The host whose share changed most, if that is much: of a new and a gone one the new one.
fn most_moved(
    (before, rows_before): (&Counts, u64),
    (now, rows): (&Counts, u64),
) -> Option<(String, Percent, Percent)> {
    if rows.min(rows_before) < LEAST_ROWS {
        return None;
    }
    let share =
        |counts: &Counts, host: &String, of| Percent::of(counts.get(host).copied().unwrap_or_default(), of);
    let hosts = now.keys().chain(before.keys());
    let moved = hosts.map(|host| (host, share(before, host, rows_before), share(now, host, rows)));
    let by = |was: &Percent, is: &Percent| was.distance(*is);
    let most = moved.rev().max_by_key(|(_, was, is)| (by(was, is), is > was))?;
    (by(&most.1, &most.2) >= LOOKED_INTO).then(|| (most.0.clone(), most.1, most.2))
}

/// What to open: of a new host its own, else what there is.
fn asked<'s>(samples: &'s [Sample], host: &str, is_new: bool) -> impl Iterator<Item = &'s (String, String)> {
    let of = samples.iter().filter(move |sample| !is_new || sample.host == host);
    of.flat_map(|sample| &sample.addresses).take(OPENED)
}
