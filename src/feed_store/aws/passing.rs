//! Which refusals of Amazon's pass by themselves, although their status says that the request was wrong.
//!
//! A signature holds for some minutes: where clocks are apart, or an instance slept between signing and sending, the
//! same request signed anew is a good one. It never decides what people are told.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::{
    config::{
        http::HttpResponse,
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction},
    },
    primitives::{DateTime, DateTimeFormat},
};

/// Codes of refusals that pass, whatever their status: signed too long ago, too much at once, or something else under
/// way.
const CODES: &str = "RequestTimeTooSkewed RequestExpired RequestTimeout RequestTimeoutException SlowDown \
    Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException \
    TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded PriorRequestNotComplete \
    OperationAborted InternalError InternalFailure ServiceUnavailable Busy";
/// What stands beside the code of a bad signature where only its time was wrong.
const WRONG_TIME: &[&str] = &["Signature expired", "Signature not yet current", "not yet valid"];
/// S3 takes a signature of the last quarter of an hour.
const SKEW: Duration = Duration::from_secs(14 * 60);

/// Whether a refusal with this code and message passes.
pub fn passes(code: &str, message: &str) -> bool {
    CODES.split(' ').any(|known| known == code) || is_of_the_time(code, message)
}

/// Whether a refusal with this code and message is about the time of the request.
pub fn is_of_the_time(code: &str, message: &str) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired")
        || (code.starts_with("SignatureDoesNotMatch") || code.starts_with("InvalidSignature"))
            && WRONG_TIME.iter().any(|words| message.contains(words))
}

/// Whether the clock of whoever answered is so far from `ours` that it takes no signature made by it. An answer to HEAD
/// has no body, so that nothing else in it tells a wrong clock from a missing right.
pub fn is_skewed(response: &HttpResponse, ours: SystemTime) -> bool {
    let date = response.headers().get("date");
    let date = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
    let Some(theirs) = date.and_then(|date| SystemTime::try_from(date).ok()) else { return false };
    let apart = ours.duration_since(theirs).unwrap_or_else(|error| error.duration());
    apart > SKEW
}

/// Has the SDK sign and send again what was refused with a code that passes.
#[derive(Debug)]
pub struct PassingRefusals;

impl ClassifyRetry for PassingRefusals {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        if !matches!(response.status().as_u16(), 400 | 403) {
            return RetryAction::NoActionIndicated;
        }
        let body = response.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let passes = match element(&body, "Code") {
            Some(code) => passes(code, element(&body, "Message").unwrap_or_default()),
            None => is_skewed(response, SystemTime::now()),
        };
        if passes { RetryAction::transient_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "refusals that pass"
    }
}

/// The text of the first element of that name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let rest = xml.split_once(&format!("<{name}>"))?.1;
    Some(rest.split_once("</")?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_its_time_passes_and_one_for_its_keys_does_not() {
        let expired = "Signature expired: 20261005T150000Z is now earlier than 20261005T150100Z";
        for (code, message, expected) in [
            (
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                true,
            ),
            ("SignatureDoesNotMatch", expired, true),
            ("InvalidSignatureException", "Signature not yet current: 20261005T150000Z", true),
            ("SignatureDoesNotMatch", "The request signature we calculated does not match", false),
            ("AccessDenied", expired, false),
            ("InvalidAccessKeyId", "", false),
            ("Throttling", "Rate exceeded", true),
        ] {
            assert_eq!(passes(code, message), expected, "{code}: {message}");
        }
    }

    #[test]
    fn clocks_are_apart_from_a_quarter_of_an_hour_on_in_either_direction() {
        let response = |date: &str| {
            let mut response = HttpResponse::new(403.try_into().unwrap(), Vec::new().into());
            response.headers_mut().insert("date", date.to_owned());
            response
        };
        let ours: jiff::Timestamp = "2026-10-05T15:00:00Z".parse().unwrap();
        for (date, expected) in [
            ("Mon, 05 Oct 2026 15:13:00 GMT", false),
            ("Mon, 05 Oct 2026 15:15:00 GMT", true),
            ("Mon, 05 Oct 2026 14:45:00 GMT", true),
            ("yesterday", false),
        ] {
            assert_eq!(is_skewed(&response(date), ours.into()), expected, "{date}");
        }
    }
}
