//! Whether the clock is right, and when each step is due by it.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use reqwest::header::{AGE, DATE, HeaderMap};
use strum::IntoEnumIterator;
use url::Url;

use super::{Doctor, Finding, wording};
use crate::{
    config::{Config, chat::ChatTransport},
    step::Step,
    web::Request,
};

/// A method of Slack's that needs no token, and whose answer no cache keeps.
const NO_TOKEN: &str = "api.test";

/// Whom we ask for the time: whoever makes each answer anew comes first.
fn whom(config: &Config) -> Option<Url> {
    match &config.chat.transport {
        ChatTransport::Slack { api_url, .. } => api_url.join(NO_TOKEN).ok(),
        ChatTransport::Terminal => config.feed.url.clone(),
    }
}

pub(super) async fn clock(doctor: &Doctor) -> Finding {
    let Some(url) = whom(&doctor.config) else { return wording::clock_alone() };
    let asked = doctor.clock.now();
    let answer = doctor.web.send(Request::get(url)).await;
    let now = doctor.clock.now();
    match answer {
        Ok(answer) => {
            let middle = asked + now.duration_since(asked) / 2;
            wording::clock(time_of(&answer.headers).map(|theirs| middle.duration_since(theirs)))
        }
        Err(error) => wording::clock_unknown(&error.detail),
    }
}

/// When an answer was made by the clock of whoever gave it, and how long a cache kept it since.
fn time_of(headers: &HeaderMap) -> Option<Timestamp> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let made = rfc2822::DateTimeParser::new().parse_timestamp(text(DATE)?).ok()?;
    let age = text(AGE).and_then(|age| age.parse::<u32>().ok()).unwrap_or_default();
    made.checked_add(SignedDuration::from_secs(age.into())).ok()
}

pub(super) fn schedule(config: &Config, now: Timestamp) -> Finding {
    let schedule = &config.service.schedule;
    let due: Vec<_> = Step::iter().map(|step| (step, schedule.next_due(step, now))).collect();
    wording::schedule(schedule, now, &due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answers_time_is_its_date_and_how_long_it_was_kept() {
        let headers = |age: Option<&str>, date: &str| {
            let age = age.map(|age| (AGE, age.parse().unwrap()));
            HeaderMap::from_iter(age.into_iter().chain([(DATE, date.parse().unwrap())]))
        };
        let date = "Mon, 05 Oct 2026 15:00:00 GMT";
        for (headers, expected) in [
            (headers(None, date), Some("2026-10-05T15:00:00Z")),
            (headers(Some("3600"), date), Some("2026-10-05T16:00:00Z")),
            (headers(Some("long"), date), Some("2026-10-05T15:00:00Z")),
            (headers(None, "yesterday"), None),
            (HeaderMap::new(), None),
        ] {
            assert_eq!(time_of(&headers), expected.map(|time| time.parse().unwrap()));
        }
    }
}
