//! The doctor's answer: what it found, and by its status whether somebody has to mend something. It is JSON, and for who
//! accepts plain text the table that the command line prints.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::problem::ProblemJson;
use crate::{
    doctor::{Doctor, Examination, Grade},
    run::Runner,
};

/// What somebody accepts who reads for themselves.
const TABLE: &str = "text/plain";
/// When to come again where a run is at work.
const LATER: Duration = Duration::from_secs(60);

/// 200 with what was found where nothing has to be mended, 503 with the same otherwise. It waits for no run, and leaves its
/// place to one that counts.
pub(super) async fn answer(
    runner: &Runner,
    doctor: &Arc<Doctor>,
    post: bool,
    headers: &HeaderMap,
) -> Response {
    let Some(examination) = runner.aside(doctor.examine(post)).await else {
        let detail =
            "a run or another doctor is at work, which needs the memory; call the doctor again when it is over".to_owned();
        let mut problem = ProblemJson::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        problem.body["retryable"] = json!(true);
        problem.retry_after = Some(LATER);
        return problem.into_response();
    };
    for finding in examination.findings.iter().filter(|finding| finding.grade == Grade::Fail) {
        tracing::warn!(check = finding.check.name(), "the doctor found: {}", finding.found);
    }
    let wants_table = headers.get(header::ACCEPT).is_some_and(|accepted| accepted == TABLE);
    match examination.is_sound() {
        sound if wants_table => {
            let status = if sound { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            (status, examination.to_string()).into_response()
        }
        true => Json(examination).into_response(),
        false => to_be_mended(&examination).into_response(),
    }
}

fn to_be_mended(examination: &Examination) -> ProblemJson {
    let failed = examination.findings.iter().filter(|finding| finding.grade == Grade::Fail);
    let names: Vec<_> = failed.map(|finding| finding.check.name()).collect();
    let detail = format!("to be mended: {}; each finding says how", names.join(", "));
    let mut problem = ProblemJson::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    let found = serde_json::to_value(examination).expect("it has string keys and finite numbers");
    for (name, value) in found.as_object().into_iter().flatten() {
        problem.body[name] = value.clone();
    }
    problem
}
