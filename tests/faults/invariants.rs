//! What must hold after every fault and the retries that followed. The numbers are those of the promises: 1 one
//! message, 2 the public file, 3 success means told, 4 no invented ts, 5 forced runs, 6 deadlines, 7 what was lost on
//! the way is made good by the next run.

use std::{collections::BTreeMap, time::Duration};

use auto_ep::{
    ledger::{PublishedRecord, RunRecord},
    step::Step,
};
use serde_json::Value;

use crate::{
    driver::{Delivery, Driver, End},
    world::{Inside, Post, hash, key},
};

/// `DEADLINE`, and a second for the way.
const DEADLINE: Duration = Duration::from_secs(841);

/// Everything that does not hold; each begins with its number.
///
/// `day_is_over` tells that no run of the day came after: then nobody redraws its parent any more.
pub fn violated(driver: &Driver, day_is_over: bool) -> Vec<String> {
    let world = driver.world.inside();
    let deliveries = driver.deliveries.lock().unwrap();
    let mut violations = world.violations.clone();
    one_message(&world, &deliveries, &mut violations);
    public_file(&world, &mut violations);
    success_means_told(driver.errors(), &deliveries, &mut violations);
    no_invented_ts(&world, &mut violations);
    forced_runs(&world, &deliveries, &mut violations);
    deadlines(&deliveries, &mut violations);
    made_good(&world, day_is_over, &mut violations);
    violations
}

fn one_message(world: &Inside, deliveries: &[Delivery], violations: &mut Vec<String>) {
    let mut by_marker = BTreeMap::<&str, usize>::new();
    // Where edits are closed a report may follow the message that announced it.
    let announces = |post: &Post| world.slack.moods.edits.is_some() && post.text.starts_with('⏳');
    for post in world.visible().filter(|post| !announces(post)) {
        *by_marker.entry(key(post)).or_default() += 1;
    }
    for (key, count) in &by_marker {
        if *count != 1 {
            violations.push(format!("1: {count} messages of {key}"));
        }
    }
    let days = by_marker.keys().filter(|key| key.starts_with("parent:")).count();
    let guides = by_marker.keys().filter(|key| key.starts_with("guide:")).count();
    if days != guides {
        violations.push(format!("1: {days} parents have {guides} guides"));
    }
    for post in world.visible().filter(|post| !key(post).starts_with("parent:")) {
        let parent = world.slack.living().find(|parent| Some(&parent.ts) == post.thread_ts.as_ref());
        if !parent.is_some_and(|parent| key(parent).starts_with("parent:")) {
            violations.push(format!("1: {} stands outside of a thread", key(post)));
        }
    }
    for tick in deliveries.iter().map(|delivery| delivery.tick) {
        if !deliveries.iter().any(|delivery| delivery.tick == tick && delivery.succeeded()) {
            violations.push(format!("1: {} of {} never ended well", tick.step, tick.at));
        }
    }
}

fn public_file(world: &Inside, violations: &mut Vec<String>) {
    let record: PublishedRecord = world.object("published.json").unwrap_or_default();
    match (&world.public, &record.published) {
        (None, None) => {}
        (Some((info, bytes)), Some(published)) => {
            if *info != published.info {
                violations
                    .push(format!("2: public is {}, the record says {}", info.build, published.info.build));
            }
            if hash(bytes) != info.file.sha256 {
                violations.push(format!("2: the public file of {} is not whole", info.build));
            }
        }
        (public, _) => violations.push(format!("2: public is {public:?}, the record says {record:?}")),
    }
    // The newest run that published is the one whose build is out.
    let newest = runs(world)
        .into_iter()
        .filter(|run| run.info.step == Step::ExportProducts && run.finished.is_some())
        .max_by_key(|run| run.info.at);
    if let (Some(run), Some((info, _))) = (newest, &world.public)
        && run.built.as_ref().is_none_or(|made| made.built.info.build != info.build)
    {
        violations.push(format!("2: public is {}, the newest run made {:?}", info.build, run.built));
    }
}

fn success_means_told(errors: usize, deliveries: &[Delivery], violations: &mut Vec<String>) {
    let mut failed = 0;
    for delivery in deliveries {
        let End::Answered { status, body, told } = &delivery.end else { continue };
        match status {
            200 if delivery.tick.step == Step::CreateThread => {}
            200 => {
                let sound = matches!(body["status"].as_str(), Some("ok" | "warn"));
                let told: Vec<_> = told.iter().filter(|text| !text.starts_with('⏳')).collect();
                if !matches!(told.as_slice(), [text] if text.starts_with('❌') != sound) {
                    violations.push(format!("3: {} answered 200 and told {told:?}", delivery.tick.step));
                }
            }
            409 => {}
            _ => failed += 1,
        }
    }
    // An attempt whose caller went away logs its end too, so there may be more lines than answers; callers who joined
    // one attempt share its line.
    let attempts = deliveries.len();
    if errors > attempts || (failed > 0 && errors == 0) {
        violations.push(format!("3: {failed} failed answers of {attempts}, and {errors} errors in the log"));
    }
}

fn no_invented_ts(world: &Inside, violations: &mut Vec<String>) {
    fn visit(name: &str, json: &Value, world: &Inside, violations: &mut Vec<String>) {
        match json {
            Value::Object(fields) => {
                for (key, value) in fields {
                    if let Some(ts) = value.as_str().filter(|_| matches!(key.as_str(), "ts" | "thread_ts"))
                        && !world.given.contains(ts)
                    {
                        violations.push(format!("4: {name} names {ts}, which nobody gave"));
                    }
                    visit(name, value, world, violations);
                }
            }
            Value::Array(values) => values.iter().for_each(|v| visit(name, v, world, violations)),
            _ => {}
        }
    }
    for (name, (bytes, _)) in &world.objects {
        match serde_json::from_slice(bytes) {
            Ok(json) if name != "thread.ts" => visit(name, &json, world, violations),
            _ => {
                let ts = String::from_utf8_lossy(bytes);
                if !world.given.contains(ts.as_ref()) {
                    violations.push(format!("4: {name} names {ts}, which nobody gave"));
                }
            }
        }
    }
}

/// A retry that comes when the time itself has come cannot be told from the tick, so only a forced run that was done
/// at once must have a message of its own. The tick always has.
fn forced_runs(world: &Inside, deliveries: &[Delivery], violations: &mut Vec<String>) {
    let Some(first) = deliveries.iter().find(|delivery| delivery.tick.early > 0) else { return };
    let (step, at) = (first.tick.step, first.tick.at);
    let mut expected = vec![format!("run:{step}:{at}")];
    if first.succeeded() {
        expected.push(format!("run:{step}:forced:{at}"));
    }
    for key in expected.into_iter().filter(|key| world.marked(key).is_empty()) {
        violations.push(format!("5: nothing was told of {key}"));
    }
}

fn deadlines(deliveries: &[Delivery], violations: &mut Vec<String>) {
    for delivery in deliveries.iter().filter(|delivery| delivery.took > DEADLINE) {
        violations.push(format!("6: {} took {:?}", delivery.tick.step, delivery.took));
    }
}

/// After a last tick that nothing disturbed.
fn made_good(world: &Inside, day_is_over: bool, violations: &mut Vec<String>) {
    // The newest day's, whenever it was opened.
    let newest = world.marked("parent:").into_iter().max_by_key(|parent| key(parent));
    let newest = newest.map_or("", |parent| &parent.ts);
    let copy = world.objects.get("thread.ts").map(|object| String::from_utf8_lossy(&object.0).into_owned());
    if copy.as_deref() != Some(newest) {
        violations.push(format!("7: thread.ts holds {copy:?}, the newest thread is {newest}"));
    }
    for run in runs(world).into_iter().filter(|_| !day_is_over) {
        let time = run.info.at.to_zoned(jiff::tz::TimeZone::get("Asia/Seoul").unwrap()).strftime("%H:%M");
        let scheduled = !run.info.key.contains(':') || run.info.key.starts_with("20");
        let parent = format!("parent:{}", run.info.day);
        let shown = world.marked(&parent).iter().any(|parent| {
            let mut slots = parent.text.lines().skip(1).flat_map(|line| line.split("   "));
            slots.any(|slot| slot.starts_with(&time.to_string()) && !slot.ends_with('–'))
        });
        if scheduled
            && world.slack.moods.edits.is_none()
            && run.info.step != Step::CreateThread
            && !world.marked(&parent).is_empty()
            && !shown
        {
            violations.push(format!("7: the parent of {} does not show {time}", run.info.day));
        }
    }
}

fn runs(world: &Inside) -> Vec<RunRecord> {
    world
        .objects
        .keys()
        .filter(|name| name.starts_with("runs/"))
        .filter_map(|name| world.object(name))
        .collect()
}
