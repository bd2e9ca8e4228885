//! The service itself: where it listens, how long a run may take, when steps are due.

use std::time::Duration;

use super::env::Env;
use crate::schedule::{self, Schedule};

/// Settings of the process and its runs.
#[derive(Debug, Clone)]
pub struct ServiceConfig {
    /// `PORT`
    pub port: u16,
    /// `DEADLINE`: after it a run gives up and reports.
    pub deadline: Duration,
    /// `LEASE`: how long a claim holds without renewal.
    pub lease: Duration,
    /// `SCHEDULE`, in `TIMEZONE`.
    pub schedule: Schedule,
    /// `LOG_FORMAT`
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, as Cloud Logging reads it.
    Json,
    /// For a terminal.
    Text,
}

impl ServiceConfig {
    /// Reads `PORT`, `DEADLINE`, `LEASE`, `SCHEDULE`, `TIMEZONE`, `LOG_FORMAT`.
    pub fn from_env(env: &mut Env<'_>, embedded: bool) -> Self {
        let deadline = env.parsed("DEADLINE", Duration::from_secs(840), |t| between(t, 10, 3500));
        let lease = env.parsed("LEASE", Duration::from_secs(15), |t| between(t, 2, 300));
        if lease > deadline {
            env.problem(
                "LEASE",
                format!("expected at most DEADLINE, {}s, found {}s", deadline.as_secs(), lease.as_secs()),
            );
        }
        let fallback = "Asia/Seoul".to_owned();
        let timezone = env.parsed("TIMEZONE", fallback, |text| match jiff::tz::TimeZone::get(text) {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err(format!("expected an IANA name such as Asia/Seoul, found {text:?}")),
        });
        let default = Schedule::parse(schedule::DEFAULT, &timezone).expect("the default schedule parses");
        Self {
            port: env.parsed("PORT", 8080, |text| {
                text.parse().map_err(|_| format!("expected a port from 0 to 65535, found {text:?}"))
            }),
            deadline,
            lease,
            schedule: env.parsed("SCHEDULE", default, |text| Schedule::parse(text, &timezone)),
            log_format: env.parsed(
                "LOG_FORMAT",
                if embedded { LogFormat::Text } else { LogFormat::Json },
                |text| match text {
                    "json" => Ok(LogFormat::Json),
                    "text" => Ok(LogFormat::Text),
                    _ => Err(format!("expected json or text, found {text:?}")),
                },
            ),
        }
    }
}

fn between(text: &str, least: u64, most: u64) -> Result<Duration, String> {
    let duration = duration(text)?;
    if (least..=most).contains(&duration.as_secs()) {
        Ok(duration)
    } else {
        Err(format!("expected {least}s to {most}s, found {text:?}"))
    }
}

/// `90s`, `15m`, `26h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let error = || format!("expected a duration such as 90s, 15m or 26h, found {text:?}");
    let unit = match text.as_bytes().last() {
        Some(b's') => 1,
        Some(b'm') => 60,
        Some(b'h') => 3600,
        _ => return Err(error()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| error())?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or_else(error)
}
