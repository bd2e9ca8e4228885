//! The HTTP edge: reads a request, hands it over, answers. It decides nothing about feeds or threads.

mod events;
mod examined;
mod options;
mod problem;
mod trigger;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use strum::IntoEnumIterator;
use tracing::Instrument;

use self::{
    options::Asked,
    problem::{ProblemJson, quoted},
};
use crate::{
    doctor::Doctor,
    run::{Answer, Call, Runner},
    step::Step,
};

/// The most bytes of a request's body: options are a few words.
const MOST_BODY: usize = 64 * 1024;
/// How long it may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// What a browser says of the page on whose behalf it asks.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Says that an answer was given before: the run was not done again.
const REPLAYED: &str = "idempotency-replayed";

/// Who answers.
#[derive(Clone)]
struct House {
    runner: Arc<Runner>,
    doctor: Arc<Doctor>,
}

/// Every route but those of the embedded feed.
pub fn router(runner: Arc<Runner>, doctor: Arc<Doctor>) -> Router {
    let mut router = Router::new().route("/health", get(health));
    for step in Step::iter() {
        let handler = move |State(house): State<House>, request: Request| call(house, step, request);
        router = router.route(&format!("/{step}"), post(handler));
    }
    router
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(axum::middleware::from_fn(traced))
        .with_state(House { runner, doctor })
}

async fn call(House { runner, doctor }: House, step: Step, request: Request) -> Response {
    if is_a_pages(request.headers()) {
        let detail = "a web page asked for this; steps are called by programs alone: Cloud Scheduler, curl";
        return closing(ProblemJson::new(StatusCode::FORBIDDEN, detail.to_owned()));
    }
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let body = match whole_body(request).await {
        Ok(body) => body,
        // What is left of the body is not waited for.
        Err(problem) => return closing(problem),
    };
    let called = || {
        let Asked { options, doctor } = options::read(step, uri.query().unwrap_or_default(), &body)?;
        let trigger = trigger::read(&headers)?;
        trigger.check(runner.now())?;
        Ok((Call { step, options, trigger }, doctor))
    };
    let call = match called() {
        Ok((_, Some(asked))) => return examined::answer(&runner, &doctor, asked.post, &headers).await,
        Ok((call, None)) => call,
        Err(detail) => return ProblemJson::new(StatusCode::BAD_REQUEST, detail).into_response(),
    };
    let mut run = runner.call(call);
    if events::are_wanted(&headers) {
        return events::answer(run).await;
    }
    match run.answer().await {
        Answer::Done(done) => replayed(done.replayed, Json(done).into_response()),
        Answer::NoVerdict(why) => ProblemJson::of(*why).into_response(),
    }
}

/// The answer, which says so where it was given before.
fn replayed(is_replayed: bool, mut response: Response) -> Response {
    if is_replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Whether a browser asks on behalf of a page. Any page may make it post to this machine, also one whose own name
/// leads here; none of ours does. With every POST a browser says where the page is from.
fn is_a_pages(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.get(SITE).is_some_and(|site| site != "none")
}

async fn whole_body(request: Request) -> Result<Bytes, ProblemJson> {
    let problem = |status, detail| Err(ProblemJson::new(status, detail));
    match tokio::time::timeout(BODY_PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let detail =
                format!("the body holds more than {MOST_BODY} bytes; options are a few words of JSON");
            problem(StatusCode::PAYLOAD_TOO_LARGE, detail)
        }
        Ok(Err(rejection)) => problem(StatusCode::BAD_REQUEST, rejection.body_text()),
        Err(_) => {
            let patience = BODY_PATIENCE.as_secs();
            problem(StatusCode::REQUEST_TIMEOUT, format!("the body did not arrive within {patience} s"))
        }
    }
}

/// The answer, and with it the end of the connection.
fn closing(problem: ProblemJson) -> Response {
    let mut response = problem.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Answers from memory: whether the process serves, not whether what it depends on does.
async fn health() -> Response {
    Json(serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})).into_response()
}

async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let with = if uri.path() == "/health" { "GET" } else { "POST" };
    let (method, path) = (quoted(method.as_str()), quoted(uri.path()));
    let detail = format!("{method} does nothing on {path}; call it with {with}");
    ProblemJson::new(StatusCode::METHOD_NOT_ALLOWED, detail).into_response()
}

async fn not_found(uri: Uri) -> Response {
    let steps = Step::iter().map(|step| format!("POST /{step}")).collect::<Vec<_>>().join(", ");
    let path = quoted(uri.path());
    let detail = format!("there is nothing at {path}; there are {steps} and GET /health");
    ProblemJson::new(StatusCode::NOT_FOUND, detail).into_response()
}

/// Puts every log line of a request under its trace, so that one request's lines are found together.
async fn traced(request: Request, next: Next) -> Response {
    let span = match trace_id(request.headers()) {
        Some(trace) => tracing::info_span!("request", trace),
        None => tracing::info_span!("request"),
    };
    next.run(request).instrument(span).await
}

/// The trace's id, from `traceparent` (`00-<id>-…`) or `X-Cloud-Trace-Context` (`<id>/…`).
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = match text("traceparent") {
        Some(parent) => parent.split('-').nth(1)?,
        None => text("x-cloud-trace-context")?.split('/').next()?,
    };
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())).then(|| id.to_owned())
}

impl IntoResponse for ProblemJson {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        response
    }
}
