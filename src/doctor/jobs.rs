//! Cloud Scheduler: whether its jobs are what `SCHEDULE` says, and call this service as it must be called.
//!
//! It reads them and nothing else: `deploy/schedule.sh` makes and mends them.

mod compare;
mod job;
pub(super) mod outcome;

use futures_util::StreamExt;
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use self::{
    compare::{Ours, compare},
    job::Job,
    outcome::{Compared, Unread},
};
use super::{Doctor, Finding, wording};
use crate::{
    json,
    metadata::{MetadataServer, Region},
    web::{Request, Web},
};

/// Jobs of one page, and pages that are read: a project may have thousands.
const PAGE: &str = "100";
const MOST_PAGES: usize = 50;
/// What of a job is asked for: what others send along with theirs is none of our business.
const FIELDS: &str = "nextPageToken,jobs(name,description,schedule,timeZone,state,attemptDeadline,\
                      retryConfig(retryCount,minBackoffDuration),httpTarget(uri,httpMethod,oidcToken))";
/// A page has some ten kilobytes and some thousand values; whatever is larger than this is none.
const MOST_BYTES: usize = 1 << 20;
const MOST_VALUES: usize = 20_000;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Page {
    jobs: Vec<Job>,
    next_page_token: String,
}

pub(super) async fn look(doctor: &Doctor) -> Finding {
    match looked(doctor).await {
        Ok((compared, region)) => wording::jobs(&compared, &region),
        Err(unread) => wording::jobs_unread(&unread),
    }
}

async fn looked(doctor: &Doctor) -> Result<(Compared, String), Unread> {
    let (service, google) = (&doctor.config.service, &doctor.config.google);
    let Some(name) = &service.cloud_run else { return Err(Unread::Elsewhere) };
    let metadata = MetadataServer::at(google.metadata_server.clone());
    let (project, region, token) =
        tokio::try_join!(metadata.project(), metadata.region(), metadata.access_token())
            .map_err(Unread::Other)?;
    let jobs = Jobs { web: &*doctor.web, project: &project, region: &region, token: &token };
    let all = jobs.read(&google.scheduler).await?;
    let ours = Ours { service: name, region: &region, url: service.url.as_deref() };
    Ok((compare(&all, &service.schedule, &ours), region.name))
}

/// The jobs of one place.
struct Jobs<'a> {
    web: &'a dyn Web,
    project: &'a str,
    region: &'a Region,
    token: &'a SecretString,
}

impl Jobs<'_> {
    async fn read(&self, scheduler: &Url) -> Result<Vec<Job>, Unread> {
        let path = format!("v1/projects/{}/locations/{}/jobs", self.project, self.region.name);
        let first = scheduler.join(&path).map_err(|error| Unread::Other(error.to_string()))?;
        let (mut jobs, mut after) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let mut url = first.clone();
            url.query_pairs_mut().append_pair("pageSize", PAGE).append_pair("fields", FIELDS);
            if !after.is_empty() {
                url.query_pairs_mut().append_pair("pageToken", &after);
            }
            let page = self.page(url).await?;
            jobs.extend(page.jobs);
            after = page.next_page_token;
            if after.is_empty() {
                return Ok(jobs);
            }
        }
        Err(Unread::Other(format!("{} has more jobs than are looked at", self.project)))
    }

    async fn page(&self, url: Url) -> Result<Page, Unread> {
        let mut request = Request::get(url);
        let bearer = format!("Bearer {}", self.token.expose_secret());
        let mut bearer = HeaderValue::from_str(&bearer)
            .map_err(|_| Unread::Other("what the metadata server gave is no token".to_owned()))?;
        bearer.set_sensitive(true);
        request.headers.insert(AUTHORIZATION, bearer);
        let mut answer = self.web.send(request).await.map_err(|error| Unread::Other(error.detail))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.body.next().await {
            body.extend_from_slice(&chunk.map_err(|error| Unread::Other(error.detail))?);
            if body.len() > MOST_BYTES {
                return Err(Unread::Other("the answer is too long to be a page of jobs".to_owned()));
            }
        }
        if answer.status != StatusCode::OK {
            return Err(self.refused(answer.status, &body));
        }
        let is_one = json::values(&body) <= MOST_VALUES;
        let page = is_one.then(|| serde_json::from_slice(&body).ok()).flatten();
        page.ok_or_else(|| Unread::Other("what Cloud Scheduler answered is no list of jobs".to_owned()))
    }

    /// What Google says of a refusal: `{"error": {"message": …, "details": [{"reason": …}]}}`.
    fn refused(&self, status: StatusCode, body: &[u8]) -> Unread {
        let is_one = json::values(body) <= MOST_VALUES;
        let said: serde_json::Value =
            is_one.then(|| serde_json::from_slice(body).ok()).flatten().unwrap_or_default();
        let message = said.pointer("/error/message").and_then(|message| message.as_str());
        let message = message.unwrap_or("no reason given").replace(self.token.expose_secret(), "***");
        let details = said.pointer("/error/details").and_then(|details| details.as_array());
        let is_off = details.into_iter().flatten().any(|detail| detail["reason"] == "SERVICE_DISABLED");
        match status {
            StatusCode::FORBIDDEN if is_off => Unread::SwitchedOff(self.project.to_owned()),
            StatusCode::FORBIDDEN => Unread::Denied(message),
            _ => Unread::Other(format!("Cloud Scheduler answered {status}: {message}")),
        }
    }
}
