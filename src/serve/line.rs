//! What a connection is doing: nothing, working on a request, or sending an answer; and since when.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    response::Response,
};
use futures_util::future::BoxFuture;
use http_body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::Limits;

/// A connection that was just accepted is not closed for another one.
const YOUNG: Duration = Duration::from_secs(1);

/// All connections.
pub(super) struct Lines {
    limits: Limits,
    room: Arc<Semaphore>,
    all: Mutex<Vec<Weak<Line>>>,
}

impl Lines {
    pub fn new(limits: Limits) -> Self {
        let room = Arc::new(Semaphore::new(limits.connections.max(1)));
        Self { limits, room, all: Mutex::default() }
    }

    /// One more, once there is room: for it the one is closed that asks for nothing for longest. It is looked again after
    /// `look`.
    pub async fn open(&self, look: Duration) -> Arc<Line> {
        loop {
            let room = Arc::clone(&self.room);
            if let Ok(Ok(permit)) = tokio::time::timeout(look, room.acquire_owned()).await {
                let line = Arc::new(Line::new(self.limits, permit));
                let mut all = self.all();
                all.retain(|line| line.strong_count() > 0);
                all.push(Arc::downgrade(&line));
                return line;
            }
            let all: Vec<_> = self.all().iter().filter_map(Weak::upgrade).collect();
            let quiet = all.iter().filter_map(|line| Some((line.quiet_since()?, line)));
            if let Some((_, line)) = quiet.min_by_key(|(since, _)| *since) {
                line.close.cancel();
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Weak<Line>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection.
pub(super) struct Line {
    limits: Limits,
    state: Mutex<State>,
    close: CancellationToken,
    _room: OwnedSemaphorePermit,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// Requests without an answer.
    working: usize,
    /// Answers that are not read to their end.
    sending: usize,
    /// Whether a request ever arrived.
    asked: bool,
    /// The last time that any of this changed, or that more of an answer was taken.
    since: Instant,
}

impl Line {
    fn new(limits: Limits, room: OwnedSemaphorePermit) -> Self {
        let state = State { working: 0, sending: 0, asked: false, since: Instant::now() };
        Self { limits, state: Mutex::new(state), close: CancellationToken::new(), _room: room }
    }

    /// Ends when nothing was asked for for too long, or when it has to make room.
    pub async fn quiet(&self) {
        tokio::select! {
            () = self.until(|state, limits| match (state.working + state.sending, state.asked) {
                (0, false) => Some(limits.head),
                (0, true) => Some(limits.idle),
                _ => None,
            }) => {}
            () = self.close.cancelled() => {}
        }
    }

    /// Ends when nothing was taken of an answer for too long.
    pub async fn stalled(&self) {
        let is_stalled = |state: &State| state.working == 0 && state.sending > 0;
        self.until(|state, limits| is_stalled(state).then_some(limits.stalled)).await;
    }

    /// Ends when for as long as `patience` says nothing has changed.
    async fn until(&self, patience: impl Fn(&State, &Limits) -> Option<Duration>) {
        loop {
            let (state, now) = (*self.state(), Instant::now());
            let until = patience(&state, &self.limits).map(|patience| state.since + patience);
            match until {
                Some(until) if until <= now => return,
                Some(until) => tokio::time::sleep_until(until).await,
                // It is looked again in time: whatever comes begins later than now.
                None => tokio::time::sleep(self.limits.head).await,
            }
        }
    }

    /// Whether a request is being worked on, or an answer read.
    pub fn works(&self) -> bool {
        let state = self.state();
        state.working + state.sending > 0
    }

    fn quiet_since(&self) -> Option<Instant> {
        let state = *self.state();
        let is_quiet =
            state.working + state.sending == 0 && state.since.elapsed() >= YOUNG.min(self.limits.head);
        (is_quiet && !self.close.is_cancelled()).then_some(state.since)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.since = Instant::now();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being worked on, until it is dropped.
struct Working(Arc<Line>);

impl Working {
    fn on(line: Arc<Line>) -> Self {
        line.change(|state| (state.working, state.asked) = (state.working + 1, true));
        Self(line)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.change(|state| state.working -= 1);
    }
}

/// An answer that is being sent, until it is dropped.
struct Sending {
    body: Body,
    line: Arc<Line>,
}

impl Sending {
    fn of(body: Body, line: Arc<Line>) -> Self {
        line.change(|state| state.sending += 1);
        Self { body, line }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.line.change(|state| state.sending -= 1);
    }
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // More is asked for as more is read.
        self.line.change(|_| {});
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The service of one connection, which notes what it does.
#[derive(Clone)]
pub(super) struct Guarded {
    router: Router,
    line: Arc<Line>,
}

impl Guarded {
    pub fn new(router: Router, line: Arc<Line>) -> Self {
        Self { router, line }
    }
}

impl<B> Service<axum::http::Request<B>> for Guarded
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: axum::http::Request<B>) -> Self::Future {
        let request: Request = request.map(Body::new);
        let working = Working::on(Arc::clone(&self.line));
        let answer = self.router.call(request);
        Box::pin(async move {
            let response = answer.await?;
            let sending = |body| Body::new(Sending::of(body, Arc::clone(&working.0)));
            Ok(response.map(sending))
        })
    }
}
