//! Cloud Scheduler, as far as reading jobs goes: a list in pages, for whoever has a good token and the right to it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, Response, header},
};
use serde_json::{Value, json};

use super::{
    Fault,
    http::{pairs, reply},
    metadata::{PROJECT, REGION, Tokens},
    server::{Server, Service},
};

/// Where the service that the jobs call is.
pub const SERVICE_URL: &str = "https://auto-ep-abc123-du.a.run.app";

/// The jobs of one place.
pub struct SchedulerDouble {
    pub server: Server,
    jobs: Arc<Mutex<Vec<Value>>>,
}

impl SchedulerDouble {
    /// With what `deploy/schedule.sh` makes of the default schedule.
    pub async fn start(tokens: Arc<Tokens>) -> Self {
        let jobs = Arc::new(Mutex::new(default_jobs()));
        let service = Scheduler { tokens, jobs: jobs.clone() };
        Self { server: Server::start(Arc::new(service)).await, jobs }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The operation is `jobs`.
    pub fn fail_next(&self, n: usize, fault: Fault) {
        self.server.fail_next("jobs", n, fault);
    }

    pub fn change(&self, change: impl FnOnce(&mut Vec<Value>)) {
        change(&mut self.jobs.lock().unwrap());
    }

    /// Puts a value at a place of one job: `auto-ep-verify-ep`, `/httpTarget/uri`.
    pub fn put(&self, name: &str, pointer: &str, value: Value) {
        self.change(|jobs| {
            let job = jobs.iter_mut().find(|job| job["name"].as_str().unwrap().ends_with(name)).unwrap();
            *job.pointer_mut(pointer).unwrap() = value;
        });
    }
}

fn default_jobs() -> Vec<Value> {
    [
        ("create-thread", "create-thread", "0 0 * * *"),
        ("export-products-0005", "export-products", "5 0 * * *"),
        ("export-products-1500", "export-products", "0 15 * * *"),
        ("verify-ep", "verify-ep", "50 0,9,13,17 * * *"),
    ]
    .map(|(name, route, cron)| job(&format!("auto-ep-{name}"), route, cron))
    .to_vec()
}

/// A job as the API shows it.
pub fn job(name: &str, route: &str, cron: &str) -> Value {
    json!({
        "name": format!("projects/{PROJECT}/locations/{REGION}/jobs/{name}"), "state": "ENABLED", "schedule": cron,
        "timeZone": "Asia/Seoul", "attemptDeadline": "960s",
        "description": "kept by deploy/schedule.sh for the service auto-ep",
        "httpTarget": {"httpMethod": "POST", "uri": format!("{SERVICE_URL}/{route}"), "oidcToken":
            {"audience": SERVICE_URL, "serviceAccountEmail": "auto-ep-scheduler@shop-1.iam.gserviceaccount.com"}},
        "retryConfig": {"retryCount": 5, "minBackoffDuration": "25s", "maxBackoffDuration": "3600s",
            "maxDoublings": 5, "maxRetryDuration": "0s"},
        "scheduleTime": "2026-10-06T15:00:00Z", "userUpdateTime": "2026-10-01T00:00:00Z",
    })
}

struct Scheduler {
    tokens: Arc<Tokens>,
    jobs: Arc<Mutex<Vec<Value>>>,
}

#[async_trait]
impl Service for Scheduler {
    fn operation(&self, request: &Request<Body>) -> String {
        request.uri().path().rsplit('/').next().unwrap_or_default().to_owned()
    }

    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if !self.tokens.are_good(token.unwrap_or_default()) {
            return self.refusal(401, "");
        }
        if request.uri().path() != format!("/v1/projects/{PROJECT}/locations/{REGION}/jobs") {
            return self.refusal(404, "");
        }
        let asked = pairs(request.uri().query().unwrap_or_default());
        // Nobody needs the headers and bodies that others send with their jobs.
        assert!(asked["fields"].starts_with("nextPageToken,jobs(name,"), "{asked:?}");
        let number = |name: &str| asked.get(name).and_then(|text| text.parse().ok());
        let (size, from) = (number("pageSize").unwrap_or(500), number("pageToken").unwrap_or(0));
        let jobs = self.jobs.lock().unwrap();
        let page: Vec<_> = jobs.iter().skip(from).take(size).collect();
        // What is empty is left out.
        let mut answer = json!({});
        if !page.is_empty() {
            answer["jobs"] = json!(page);
        }
        if from + page.len() < jobs.len() {
            answer["nextPageToken"] = json!((from + page.len()).to_string());
        }
        reply(200, "application/json; charset=UTF-8", answer.to_string())
    }

    fn refusal(&self, status: u16, code: &str) -> Response<Body> {
        let (message, name) = match status {
            401 => ("Request had invalid authentication credentials.", "UNAUTHENTICATED"),
            403 => (
                "The principal (user or service account) lacks IAM permission \"cloudscheduler.jobs.list\" for the resource \
                 \"projects/shop-1/locations/asia-northeast3\" (or the resource may not exist).",
                "PERMISSION_DENIED",
            ),
            404 => ("Requested entity was not found.", "NOT_FOUND"),
            _ => ("The service is currently unavailable.", "UNAVAILABLE"),
        };
        let details = if code.is_empty() {
            json!([])
        } else {
            json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}])
        };
        let error = json!({"code": status, "message": message, "status": name, "details": details});
        reply(status, "application/json; charset=UTF-8", json!({"error": error}).to_string())
    }
}
