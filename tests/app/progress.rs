//! Who waits for a run sees how far it is, as a stream of events that ends with what JSON would have said.

use std::time::{Duration, Instant};

use axum::{Router, body::Body};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::{
    house::{House, sample},
    support::Fault,
};

const TIME: &str = "2026-10-05T15:05:00Z";

/// A catalogue that comes in so many pieces, one after each such a while.
async fn dripping(products: usize, pieces: usize, every: Duration) -> String {
    let document = Bytes::from(sample(products));
    let app = Router::new().fallback(move || {
        let document = document.clone();
        let size = document.len().div_ceil(pieces);
        let drops = (0..document.len())
            .step_by(size)
            .map(move |at| document.slice(at..document.len().min(at + size)));
        let body = stream::iter(drops).then(move |drop| async move {
            tokio::time::sleep(every).await;
            Ok::<_, std::convert::Infallible>(drop)
        });
        std::future::ready(Body::from_stream(body))
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/catalogue.json", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// An event as it arrived.
#[derive(Debug)]
struct Event {
    name: String,
    data: Value,
    at: Instant,
}

/// What arrives of a call that wants events, up to so many of them.
struct Events {
    begun: Instant,
    headers: reqwest::header::HeaderMap,
    all: Vec<Event>,
}

async fn events(request: reqwest::RequestBuilder, most: usize) -> Events {
    let begun = Instant::now();
    // Who watches waits as long as a run may take.
    let request = request.timeout(Duration::from_secs(900)).header("Accept", "text/event-stream");
    let response = request.send().await.unwrap();
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "text/event-stream", "{:?}", response.text().await);
    let (mut body, mut text, mut all) = (response.bytes_stream(), String::new(), Vec::new());
    while let Some(piece) = body.next().await {
        text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let (name, data) = event.split_once('\n').unwrap();
            let name = name.strip_prefix("event: ").unwrap().to_owned();
            let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            all.push(Event { name, data, at: Instant::now() });
            text = rest.to_owned();
        }
        if all.len() >= most {
            break;
        }
    }
    Events { begun, headers, all }
}

fn export(house: &House) -> reqwest::RequestBuilder {
    house.request("export-products").header("X-CloudScheduler-ScheduleTime", TIME)
}

impl Events {
    /// The last event, after events of progress alone.
    fn end(&self) -> (&str, &Value) {
        let (last, before) = self.all.split_last().unwrap();
        assert!(before.iter().all(|event| event.name == "progress"), "{:?}", self.all);
        (&last.name, &last.data)
    }

    /// The longest time without an event at the client, from the first one on.
    fn longest_silence(&self) -> Duration {
        let pairs = self.all.windows(2).map(|pair| pair[1].at - pair[0].at);
        pairs.max().unwrap()
    }

    fn steps(&self) -> Vec<&str> {
        let mut steps: Vec<_> = self.all.iter().filter_map(|event| event.data["step"].as_str()).collect();
        steps.dedup();
        steps
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_tells_two_who_wait_each_second_how_far_it_is_and_then_what_json_would_say() {
    let products = 3_000;
    let url = dripping(products, 40, Duration::from_millis(100)).await;
    let house = House::with(&[("CATALOG_URL", &url)]).await;
    house.clock.set("2026-10-05T15:05:01Z");
    let later = async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        events(export(&house), usize::MAX).await
    };
    let hangs_up = events(export(&house), 2);
    let (first, second, _) = tokio::join!(events(export(&house), usize::MAX), later, hangs_up);
    assert_eq!(first.steps(), ["prepare", "read", "compare", "publish", "deliver", "tell"]);
    assert_eq!(second.steps()[0], "read", "it joined the run");
    for watched in [&first, &second] {
        let silence = watched.longest_silence();
        assert!(silence <= Duration::from_secs(1), "{silence:?} without an event");
        assert!(watched.all[0].at - watched.begun < Duration::from_secs(1));
        let read: Vec<_> = watched.all.iter().filter(|event| event.data["step"] == "read").collect();
        let done: Vec<_> = read.iter().map(|event| event.data["done"].as_u64().unwrap()).collect();
        assert!(done.is_sorted() && done.len() >= 4, "{done:?}");
        let last = read.last().unwrap();
        assert!((1..=products as u64).contains(&last.data["done"].as_u64().unwrap()), "{done:?}");
        assert!(last.data["rate"].as_u64().unwrap() > 0, "{:?}", last.data);
    }
    let json = house.tick("export-products", TIME).await;
    assert_eq!((json.status, &json.headers["idempotency-replayed"]), (200, &"true".parse().unwrap()));
    for watched in [&first, &second] {
        assert_eq!(watched.end(), ("done", &json!({"status": 200, "body": json.body})));
    }
    assert_eq!((house.reports().len(), house.builds()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes in a debug build: run by hand, for figures"]
#[expect(clippy::print_stdout, reason = "the figures are what it is run for")]
async fn an_export_of_110_000_products_tells_each_second_how_far_it_is() {
    let house = House::with(&[("EP_MAX_ROWS", "200000")]).await;
    house.catalogue.serve(200, sample(110_000));
    house.clock.set("2026-10-05T15:05:01Z");
    let hangs_up = events(export(&house), 3);
    let (first, second, _) =
        tokio::join!(events(export(&house), usize::MAX), events(export(&house), usize::MAX), hangs_up);
    for watched in [&first, &second] {
        let (silence, took) = (watched.longest_silence(), watched.all.last().unwrap().at - watched.begun);
        let last = watched.all.iter().rfind(|event| event.data["step"] == "read").unwrap();
        println!("{} events in {took:.1?}, longest silence {silence:.1?}; {}", watched.all.len(), last.data);
        assert!(silence <= Duration::from_secs(1), "{silence:?} without an event");
        assert_eq!((watched.end().0, &watched.end().1["body"]["status"]), ("done", &json!("ok")));
    }
    assert_eq!(first.end(), second.end());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_in_the_middle_of_the_stream_cancels_nothing() {
    let url = dripping(400, 10, Duration::from_millis(100)).await;
    let house = House::with(&[("CATALOG_URL", &url)]).await;
    house.tick("create-thread", "2026-10-05T15:00:00Z").await;
    house.clock.set("2026-10-05T15:05:01Z");
    let begun = events(export(&house), 1).await;
    assert_eq!(begun.end().0, "progress", "it hung up before the end");
    while house.reports().is_empty() {
        assert!(begun.begun.elapsed() < Duration::from_secs(60), "the run ended with its caller");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let again = house.tick("export-products", TIME).await;
    assert_eq!((again.status, house.reports().len(), house.builds()), (200, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_route_tells_its_own_steps_and_a_replay_is_its_end_alone() {
    let house = House::start().await;
    let call = |route: &str, time: &str| {
        house.clock.set(time);
        house.request(route).header("X-CloudScheduler-ScheduleTime", time)
    };
    let midnight = "2026-10-05T15:00:00Z";
    let opened = events(call("create-thread", midnight), usize::MAX).await;
    assert_eq!((opened.steps(), opened.end().0), (vec!["prepare", "tell"], "done"));
    events(call("export-products", TIME), usize::MAX).await;
    let verified = events(call("verify-ep", "2026-10-05T15:50:00Z"), usize::MAX).await;
    assert_eq!(verified.steps(), ["prepare", "read", "tell"]);
    assert_eq!(verified.end().1["body"]["route"], "verify-ep");
    let replayed = events(call("create-thread", midnight), usize::MAX).await;
    assert_eq!((replayed.all.len(), replayed.end()), (1, opened.end()));
    assert_eq!(replayed.headers["idempotency-replayed"], "true");
    let dry = events(house.request("verify-ep").query(&[("dry_run", "true")]), usize::MAX).await;
    assert_eq!((dry.end().0, dry.end().1["body"]["messages"].as_array().unwrap().len()), ("done", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_says_so_at_the_end_of_its_stream() {
    let house = House::start().await;
    house.catalogue.serve(404, "gone");
    house.clock.set("2026-10-05T15:05:01Z");
    let watched = events(export(&house), usize::MAX).await;
    let json = house.tick("export-products", TIME).await;
    assert_eq!(json.status, 502);
    assert_eq!(watched.end(), ("failed", &json!({"status": 502, "body": json.body})));
    // What is told in Slack by nobody is no success either.
    house.catalogue.serve(200, sample(40));
    house.slack.fail_next("chat.update", 9, Fault::Error(200, "not_in_channel"));
    let watched = events(export(&house), usize::MAX).await;
    assert_eq!((watched.end().0, &watched.end().1["status"]), ("failed", &json!(502)));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_run_is_let_in_and_claimed_a_problem_is_a_plain_answer() {
    let house = House::with(&[("DEADLINE", "20s"), ("LEASE", "5s"), ("VERIFY_TIMEOUT", "10s")]).await;
    house.catalogue.serve(200, sample(0));
    let held = house.tick("export-products", TIME).await;
    assert_eq!(held.body["status"], "held", "{:#}", held.body);
    let export = |key: &str| house.request("export-products").header("Idempotency-Key", key);
    house.send(export("k")).await;
    house.catalogue.slow(Duration::from_secs(9));
    let working = house.send(export("works"));
    let refused = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        for (request, status) in [
            (export("1").query(&[("dr_run", "true")]), 400),
            (export("2").query(&[("build", "20261006-000503-aaaa")]), 404),
            (house.http.get(format!("{}/verify-ep", house.base)), 405),
            (export("3").query(&[("build", held.body["report"]["build"].as_str().unwrap())]), 409),
            (export("k").query(&[("build", "20261006-000503-aaaa")]), 422),
            (house.request("verify-ep"), 503),
        ] {
            let answer = house.send(request.header("Accept", "text/event-stream")).await;
            assert_eq!(answer.status, status, "{:?}", answer.body);
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    };
    let (working, ()) = tokio::join!(working, refused);
    assert_eq!(working.status, 200);
}
