//! What the headers of a call say about its run: when it was due, and the key that somebody gave it.

use axum::http::HeaderMap;
use jiff::Timestamp;

use super::problem::quoted;
use crate::run::Trigger;

/// The longest `Idempotency-Key`.
const MOST_KEY: usize = 200;

/// Reads the trigger, or tells in one sentence what is wrong with a header.
pub(super) fn read(headers: &HeaderMap) -> Result<Trigger, String> {
    let text = |name: &str| {
        let mut all = headers.get_all(name).iter();
        let first = all.next();
        // Of two only one can be meant, and nobody can tell which.
        if all.next().is_some() {
            return Err(format!("header {name} comes twice; send it once"));
        }
        match first.map(|value| value.to_str()) {
            None => Ok(None),
            Some(Ok(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            Some(Ok(_)) => Ok(None),
            Some(Err(_)) => Err(format!("header {name} holds other characters than visible ASCII")),
        }
    };
    let schedule_time = match text("X-CloudScheduler-ScheduleTime")? {
        None => None,
        Some(time) => Some(time.parse::<Timestamp>().map_err(|_| {
            format!("header X-CloudScheduler-ScheduleTime is an RFC 3339 time, found {}", quoted(&time))
        })?),
    };
    let idempotency_key = text("Idempotency-Key")?;
    if let Some(key) = idempotency_key.as_ref().filter(|key| key.len() > MOST_KEY) {
        return Err(format!(
            "header Idempotency-Key holds at most {MOST_KEY} characters, found {}",
            key.len()
        ));
    }
    Ok(Trigger { schedule_time, idempotency_key })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_that_comes_twice_is_refused_by_its_name() {
        for name in ["X-CloudScheduler-ScheduleTime", "Idempotency-Key"] {
            let mut headers = HeaderMap::new();
            for value in ["2026-10-05T15:05:00Z", "2026-10-05T15:05:00Z"] {
                headers.append(name, value.parse().unwrap());
            }
            let said = read(&headers).unwrap_err();
            assert_eq!(said, format!("header {name} comes twice; send it once"));
        }
    }

    #[test]
    fn the_trigger_comes_from_the_headers() {
        let mut headers = HeaderMap::new();
        headers.insert("X-CloudScheduler-ScheduleTime", "2026-10-05T15:05:00Z".parse().unwrap());
        headers.insert("Idempotency-Key", "again-1".parse().unwrap());
        let trigger = read(&headers).unwrap();
        assert_eq!(trigger.schedule_time, Some("2026-10-05T15:05:00Z".parse().unwrap()));
        assert_eq!(trigger.idempotency_key.as_deref(), Some("again-1"));
        headers.insert("X-CloudScheduler-ScheduleTime", "soon".parse().unwrap());
        assert!(read(&headers).unwrap_err().contains("ScheduleTime"));
    }

    proptest! {
        #[test]
        fn any_headers_are_read_or_refused_by_name(
            time in prop::collection::vec(any::<u8>(), 0..30), key in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let mut headers = HeaderMap::new();
            for (name, value) in [("x-cloudscheduler-scheduletime", time), ("idempotency-key", key)] {
                if let Ok(value) = axum::http::HeaderValue::from_bytes(&value) {
                    headers.insert(name, value);
                }
            }
            if let Err(said) = read(&headers) {
                prop_assert!(said.to_lowercase().contains("header"), "{}", said);
            }
        }
    }
}
