//! A run as a stream of events, for who waits for it: how far it is, at each stage and at least once a second, and at last
//! the status and the body that JSON would have had.
//!
//! It begins once the run is let in and claimed; what ends before that and is no verdict is answered as ever. A reader who
//! hangs up cancels nothing.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{problem::ProblemJson, replayed};
use crate::{
    progress::{Progress, Stages},
    run::{Answer, Underway},
};

/// What who wants events accepts.
const EVENTS: &str = "text/event-stream";
/// How often it is told how far a run is: where the machine is busy, there is an event in each second all the same.
const EVERY: Duration = Duration::from_millis(500);

/// Whether events are wanted.
pub(super) fn are_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let kind = |of: &str| of.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    accepted.flat_map(|value| value.split(',')).any(|of| kind(of) == EVENTS)
}

/// The events of a run, or the problem that there is instead of one.
pub(super) async fn answer(mut run: Underway) -> Response {
    let progress = run.progress().clone();
    let mut stages = progress.stages();
    tokio::select! {
        biased;
        first = stages.next() => {
            let mut every = interval(EVERY);
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
            every.reset();
            let first = stream::iter([Ok(event("progress", &first))]);
            Sse::new(first.chain(told(Watch { run, progress, stages, every }))).into_response()
        }
        answer = run.answer() => match answer {
            Answer::NoVerdict(why) => ProblemJson::of(*why).into_response(),
            Answer::Done(done) => {
                let is_replayed = done.replayed;
                let last = stream::iter([Ok::<_, Infallible>(last(Answer::Done(done)))]);
                replayed(is_replayed, Sse::new(last).into_response())
            }
        },
    }
}

/// Somebody who watches a run.
struct Watch {
    run: Underway,
    progress: Progress,
    stages: Stages,
    every: Interval,
}

/// Each stage as it begins, how far it is between two of them, and the end.
fn told(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(Some(watch), |watch| async {
        let mut watch = watch?;
        Some(tokio::select! {
            biased;
            mark = watch.stages.next() => {
                watch.every.reset();
                (Ok(event("progress", &mark)), Some(watch))
            }
            answer = watch.run.answer() => (Ok(last(answer)), None),
            _ = watch.every.tick() => (Ok(event("progress", &watch.progress.mark())), Some(watch)),
        })
    })
}

/// The end of a stream, which says by its name whether the run succeeded.
#[derive(Serialize)]
struct Last<B> {
    status: u16,
    body: B,
}

fn last(answer: Answer) -> Event {
    match answer {
        Answer::Done(done) => event("done", &Last { status: StatusCode::OK.as_u16(), body: done }),
        Answer::NoVerdict(why) => {
            let ProblemJson { status, body, .. } = ProblemJson::of(*why);
            event("failed", &Last { status: status.as_u16(), body })
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).expect("it has string keys and finite numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_given_to_who_accepts_them_and_to_nobody_else() {
        for (accepted, wanted) in [
            (&["text/event-stream"][..], true),
            (&["application/json, Text/Event-Stream;q=0.9"], true),
            (&["application/json", "text/event-stream"], true),
            (&["*/*"], false),
            (&["application/json"], false),
            (&["text/event-streams"], false),
            (&[], false),
        ] {
            let accept = |value: &&str| (header::ACCEPT, value.parse().unwrap());
            assert_eq!(are_wanted(&accepted.iter().map(accept).collect()), wanted, "{accepted:?}");
        }
    }
}
