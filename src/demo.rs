//! `demo`: a whole day in seconds, on a simulated clock, with fresh state, over real HTTP on this machine alone.
//!
//! It calls the same routes as Cloud Scheduler does and shows what people would see. It contacts nothing but itself.

mod shop;
mod watched;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Context;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde_json::Value;

use crate::{
    chat::TerminalChat,
    clock::Clock,
    config::{
        Config,
        stores::{FeedStoreConfig, StateConfig},
    },
    feed_store::FolderFeed,
    sample::Shop,
    schedule::DueSlot,
    startup::{App, Parts},
    state::FolderState,
    web::{HttpWeb, LazyClient},
};

/// Where the demo's files go; emptied by each demo.
const FOLDER: &str = ".auto-ep/demo";

/// The time of the day that is played: it runs on from wherever it was set.
struct SimulatedClock(Mutex<(Timestamp, Instant)>);

impl SimulatedClock {
    fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (now, Instant::now());
    }
}

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let (from, set) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        from + set.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Plays today, from 00:00 on, of the compiled-in catalogue or of a made-up shop. True if every tick ended well.
pub async fn play(shop: Option<Shop>) -> anyhow::Result<bool> {
    let folder = Path::new(FOLDER);
    empty(folder)?;
    let address = match shop {
        Some(shop) => Some(shop::serve(shop).await?),
        None => None,
    };
    let mut config = settings(folder, shop.zip(address))?;
    let schedule = config.service.schedule.clone();
    let day = schedule.day_of(Timestamp::now());
    let slots = schedule.slots(day);
    // The chat takes the clock's first moment for its own beginning, so it must not be later than the day's.
    let morning = slots.first().map_or_else(Timestamp::now, |slot| slot.at);
    let clock = Arc::new(SimulatedClock(Mutex::new((morning, Instant::now()))));
    let chat = Arc::new(TerminalChat::new(clock.clone(), false));
    let parts = Parts {
        state: Arc::new(FolderState::new(folder.join("state"))),
        feed: Arc::new(FolderFeed::new(folder.join("feed"), &config.feed.key)),
        chat: chat.clone(),
        clock: clock.clone(),
        web: Arc::new(HttpWeb::new(LazyClient::world())),
    };
    let app = bound(&mut config, parts).await?;
    let base = app.base_url();
    let server = tokio::spawn(app.serve(std::future::pending()));

    say(&format!(
        "A day of {}, {day}: seven ticks as Cloud Scheduler sends them\n",
        config.chat.service_name
    ));
    let client = LazyClient::loopback();
    let http = client.get()?;
    let mut sound = true;
    let mut funnel = None;
    for slot in slots {
        // Cloud Scheduler comes a moment after the time.
        clock.set(slot.at + SignedDuration::from_secs(1));
        let (status, answer) = tick(http, &base, slot, &schedule.time_of(slot.at)).await?;
        sound &= status == 200 && answer["status"] == "ok";
        if let Some(found) = answer["report"].get("funnel") {
            funnel = Some(found.clone());
        }
    }
    server.abort();

    say("\nThe thread as people see it in Slack:\n");
    say(&chat.transcript());
    say(&farewell(folder, &config, funnel.as_ref(), sound));
    Ok(sound)
}

/// One call as Cloud Scheduler makes it, told in a line; gives the status and the answer.
async fn tick(http: &Client, base: &str, slot: DueSlot, time: &str) -> anyhow::Result<(u16, Value)> {
    let (step, started) = (slot.step, Instant::now());
    let request =
        http.post(format!("{base}/{step}")).header("X-CloudScheduler-ScheduleTime", slot.at.to_string());
    let (status, answer) = watched::to_its_end(request, &format!("{time} {step}")).await?;
    let told = answer["summary"].as_str().or(answer["detail"].as_str()).unwrap_or_default();
    let took = started.elapsed().as_millis();
    say(&format!("  {time} POST /{step:<15} {status} {took:>4} ms  {told}"));
    Ok((status, answer))
}

/// The embedded defaults, or what a shop of that kind sets; of the environment only what changes how the thread reads.
fn settings(folder: &Path, shop: Option<(Shop, String)>) -> anyhow::Result<Config> {
    const KEPT: [&str; 4] = ["LOCALE", "SERVICE_NAME", "SLACK_MENTION", "SLACK_MENTION_WHEN"];
    let set = |name: &str| {
        let (shop, address) = shop.as_ref()?;
        match name {
            "CATALOG_PRESET" => Some(shop.as_ref().to_owned()),
            "CATALOG_URL" => Some(address.clone()),
            "SERVICE_NAME" => Some("Moa EP".to_owned()),
            // The pages and images that it names are nowhere.
            "VERIFY_ALIVE_SAMPLE" => Some("0".to_owned()),
            _ => None,
        }
    };
    let given = |name: &str| KEPT.contains(&name).then(|| std::env::var(name).ok()).flatten();
    let mut config = Config::from_lookup(&|name| given(name).or_else(|| set(name)))?;
    config.state = StateConfig::Folder(folder.join("state"));
    config.feed.store = FeedStoreConfig::Folder(folder.join("feed"));
    Ok(config)
}

/// On the port that `cargo run` takes, so that the links and commands in the thread work against it later; on any
/// free one where that is taken.
async fn bound(config: &mut Config, parts: Parts) -> anyhow::Result<App> {
    match App::with_parts(config, parts.clone()).await {
        Ok(app) => Ok(app),
        Err(_) => {
            config.service.port = 0;
            App::with_parts(config, parts).await
        }
    }
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} could not be emptied", folder.display()))
        }
        _ => Ok(()),
    }
}

fn farewell(folder: &Path, config: &Config, funnel: Option<&Value>, sound: bool) -> String {
    let sum = funnel.map(sum_up).unwrap_or_default();
    let verdict = if sound { "Every tick ended well." } else { "Not every tick ended well; see above." };
    format!(
        "{sum}{verdict}\n\n\
         Files\n  the published feed   {feed}/{key}\n  builds and excluded  {feed}/builds/\n  records              {state}/\n\n\
         How to go on\n  cargo run                                             serves the same on port 8080\n  \
         curl -X POST http://127.0.0.1:8080/create-thread\n  \
         curl -X POST http://127.0.0.1:8080/export-products\n  \
         curl -X POST http://127.0.0.1:8080/verify-ep\n  \
         curl -X POST 'http://127.0.0.1:8080/export-products?dry_run=true'\n  \
         curl http://127.0.0.1:8080/feed/{key}\n\
         Real services are a matter of settings: env.yaml explains them, deploy/README.md how to deploy.",
        feed = folder.join("feed").display(),
        state = folder.join("state").display(),
        key = config.feed.key.as_str(),
    )
}

/// The last export's funnel as a sum that anybody can check.
fn sum_up(funnel: &Value) -> String {
    let total =
        |part: &Value| part.as_object().map_or(0, |counts| counts.values().filter_map(Value::as_u64).sum());
    let (skipped, broken): (u64, u64) = (total(&funnel["skipped"]), total(&funnel["broken"]));
    format!(
        "The funnel adds up: {} fetched = {} kept + {skipped} skipped + {broken} broken + {} duplicates\n",
        funnel["fetched"], funnel["kept"], funnel["duplicates"]
    )
}

#[expect(clippy::print_stdout, reason = "the demo is for a person at a terminal")]
fn say(text: &str) {
    println!("{text}");
}
