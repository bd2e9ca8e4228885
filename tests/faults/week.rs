//! A week as people live through it: who was called when, and by what. Virtual time.
//!
//! A call is what makes a phone ring: a message that names people, or one that the channel sees. Edits ring nobody, so
//! what counts is each message as it was posted, whatever became of it.

use std::{collections::BTreeSet, sync::Arc};

use auto_ep::step::Step;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::Value;

use crate::{
    driver::{Driver, Process},
    matrix::virtual_time,
    scenarios::{Tick, tick},
    world::{Inside, World, catalogue, key},
};

/// What the shop's source answers.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// As it always was.
    Fine,
    /// Most products are gone.
    Few,
    /// All are there, at ten times the price.
    Dear,
    /// 503 so many times, then fine.
    DownFor(u32),
}

/// What readers get.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Feed {
    Published,
    /// A page in its place.
    Page,
}

const DAY: [(&str, Step); 7] = [
    ("00:00", Step::CreateThread),
    ("00:05", Step::ExportProducts),
    ("00:50", Step::VerifyEp),
    ("09:50", Step::VerifyEp),
    ("13:50", Step::VerifyEp),
    ("15:00", Step::ExportProducts),
    ("17:50", Step::VerifyEp),
];

/// A week in Seoul, and the Monday after it.
struct Week {
    driver: Driver,
    process: Process,
    settings: [(&'static str, &'static str); 2],
}

impl Week {
    fn new(mention_when: &'static str) -> Self {
        let world = World::new("2026-10-04T14:59:00Z".parse().unwrap(), Inside::default());
        let driver = Driver::new(world, Arc::default(), None);
        // What its pages and images say is no part of this.
        let settings = [("SLACK_MENTION_WHEN", mention_when), ("VERIFY_ALIVE_SAMPLE", "0")];
        let process = driver.process_with(&settings);
        Self { driver, process, settings }
    }

    async fn tick(&mut self, day: Date, (time, step): (&str, Step), source: Source, feed: Feed) {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let local = day.to_datetime(format!("{time}:00").parse().unwrap());
        let at = local.to_zoned(seoul).unwrap().timestamp();
        let tick = tick(step, at.to_string().leak());
        self.driver.world.until(at + SignedDuration::from_secs(1)).await;
        let published = self.driver.world.inside().public.clone();
        if let (Feed::Page, Some((info, _))) = (feed, published.clone()) {
            self.driver.world.inside().public = Some((info, b"<!doctype html><p>sorry".to_vec()));
        }
        self.retried(tick, source).await;
        if feed == Feed::Page {
            self.driver.world.inside().public = published;
        }
        // Instances live as long as it takes.
        self.process = self.driver.process_with(&self.settings);
    }

    async fn retried(&self, tick: Tick, source: Source) {
        for attempt in 0..6 {
            self.driver.world.inside().catalogue = match source {
                Source::Fine => (200, catalogue(40)),
                Source::Few => (200, catalogue(8)),
                Source::Dear => (200, dear(catalogue(40))),
                Source::DownFor(times) if attempt < times => (503, b"later".to_vec()),
                Source::DownFor(_) => (200, catalogue(40)),
            };
            if self.driver.deliver(&self.process, tick).await {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_secs(25 << attempt)).await;
        }
        panic!("{tick:?}: {:#?}", self.driver.deliveries.lock().unwrap().last());
    }

    /// Each call: when it rang, what for, and whom it reached.
    fn calls(&self) -> Vec<Call> {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let world = self.driver.world.inside();
        let of_runs = world.posts.iter().filter(|post| key(post).starts_with("run:"));
        let calls = of_runs.filter_map(|post| {
            let whom = match (post.broadcast, post.text.contains("<@U0123ABCD>")) {
                (true, true) => "channel, by name",
                (true, false) => "channel",
                (false, true) => "by name",
                (false, false) => return None,
            };
            let at: Timestamp = key(post).splitn(3, ':').nth(2).unwrap().parse().unwrap();
            let local = at.to_zoned(seoul.clone());
            let day: Value = world.object(&format!("days/{}.json", local.date())).unwrap();
            let slots = day["slots"].as_array().unwrap();
            let slot = slots.iter().find(|slot| slot["at"] == at.to_string()).unwrap();
            let causes = slot["outcome"]["causes"].as_array().into_iter().flatten();
            let causes: Vec<_> = causes.map(|cause| cause.as_str().unwrap()).collect();
            let sign = post.text.split(' ').next().unwrap().to_owned();
            let when = local.strftime("%a %H:%M").to_string();
            Some(Call { when, sign, causes: causes.join(" "), whom })
        });
        calls.collect()
    }
}

/// A phone that rings.
struct Call {
    when: String,
    sign: String,
    causes: String,
    whom: &'static str,
}

impl Call {
    fn row(&self) -> String {
        format!("{} {} {} → {}", self.when, self.sign, self.causes, self.whom).replace("  ", " ")
    }
}

fn dear(document: Vec<u8>) -> Vec<u8> {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, value)| match value.as_f64() {
                Some(won) if name == "numeral" => *value = (won * 10.0).into(),
                _ => walk(value),
            }),
            Value::Array(values) => values.iter_mut().for_each(walk),
            _ => {}
        }
    }
    let mut document = serde_json::from_slice(&document).unwrap();
    walk(&mut document);
    serde_json::to_vec(&document).unwrap()
}

/// Plays it: what the source answers at each export of a day, and which verifications find a page.
async fn played(mention_when: &'static str) -> Week {
    use Source::{Dear, DownFor, Few, Fine};
    let mut week = Week::new(mention_when);
    let monday = jiff::civil::date(2026, 10, 5);
    for (nth, (sources, pages)) in [
        ([Fine, Fine], &[][..]),
        ([Few, Few], &[]),
        ([Few, Few], &[]),
        ([Dear, Dear], &[]),
        ([Fine, Fine], &[]),
        ([DownFor(2), Fine], &[]),
        ([Fine, Fine], &["17:50"]),
        ([Fine, Fine], &["00:50", "09:50"]),
    ]
    .into_iter()
    .enumerate()
    {
        let day = monday.checked_add(jiff::Span::new().days(nth as i64)).unwrap();
        for slot in DAY {
            let source = if slot.0 < "12:00" { sources[0] } else { sources[1] };
            let is_page = slot.1 == Step::VerifyEp && pages.contains(&slot.0);
            week.tick(day, slot, source, if is_page { Feed::Page } else { Feed::Published }).await;
        }
    }
    week
}

#[test]
fn a_week_calls_once_for_each_cause_and_day_once_for_each_recovery_and_never_for_what_mends_itself() {
    virtual_time().block_on(async {
        let week = played("problems").await;
        let calls = week.calls();
        let rows: Vec<_> = calls.iter().map(Call::row).collect();
        let expected = [
            // From 17:50 on the public feed is older than VERIFY_MAX_AGE, for which people were called by then.
            "Tue 00:05 ⛔ shrink → channel, by name",
            "Wed 00:05 ⛔ shrink → channel, by name",
            "Thu 00:05 ⛔ median_price price_unit → channel, by name",
            "Fri 00:05 📦 → channel",
            // On Saturday the source is down for two attempts, and nobody hears of it.
            "Sun 17:50 ❌ reachable identical → channel, by name",
            "Mon 00:50 ❌ reachable identical → by name",
            "Mon 13:50 🔎 → channel",
        ];
        assert_eq!(rows, expected, "{rows:#?}");
        // What is worth a look at first and bad later on is told as what it is then.
        let causes = calls.iter().map(|call| (&call.when[..3], &call.sign, &call.causes));
        assert_eq!(causes.collect::<BTreeSet<_>>().len(), calls.len(), "{rows:#?}");
        // Since when that is goes back to its first day.
        let thursday: Value = week.driver.world.inside().object("days/2026-10-08.json").unwrap();
        let slots = thursday["slots"].as_array().unwrap();
        let exports: Vec<_> = slots.iter().filter(|slot| slot["route"] == "export-products").collect();
        assert_eq!(exports.len(), 2);
        assert!(
            exports.iter().all(|slot| slot["outcome"]["since"] == "2026-10-05T15:05:00Z"),
            "{exports:#?}"
        );
    });
}

#[test]
fn a_week_in_which_each_report_names_people_rings_in_the_channel_for_the_same_troubles() {
    virtual_time().block_on(async {
        let week = played("always").await;
        let calls = week.calls();
        let loud = calls.iter().filter(|call| call.whom.starts_with("channel"));
        let rows: Vec<_> = loud.map(Call::row).collect();
        let expected = [
            "Tue 00:05 ⛔ shrink → channel, by name",
            "Wed 00:05 ⛔ shrink → channel, by name",
            "Thu 00:05 ⛔ median_price price_unit → channel, by name",
            "Fri 00:05 📦 → channel, by name",
            "Sun 17:50 ❌ reachable identical → channel, by name",
            "Mon 13:50 🔎 → channel, by name",
        ];
        assert_eq!(rows, expected, "{rows:#?}");
        // What goes on is told in the thread: on a new day it names people once more, and after that nobody.
        let world = week.driver.world.inside();
        let repeats = world.posts.iter().filter(|post| post.text.contains("*계속*") && !post.broadcast);
        let (named, quiet): (Vec<_>, Vec<_>) = repeats.partition(|post| post.text.contains("<@U0123ABCD>"));
        assert_eq!((named.len(), quiet.len()), (1, 12));
    });
}
