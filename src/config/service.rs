//! The service itself: where it listens, how long a run may take, when steps are due.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use url::Url;

use super::env::Env;
use crate::schedule::{self, Schedule};

/// What is kept of `DEADLINE` for telling the outcome, at most; a short one keeps a quarter of itself.
const REPORTING: Duration = Duration::from_secs(60);

/// What is kept of a deadline for telling the outcome.
pub(crate) fn reporting(deadline: Duration) -> Duration {
    REPORTING.min(deadline / 4)
}

/// Settings of the process and its runs.
#[derive(Debug, Clone)]
pub struct ServiceConfig {
    /// `LISTEN_ADDRESS`: of which interface. Nobody is asked who they are, so it is this machine's own, unless Cloud
    /// Run's IAM stands in front or somebody says otherwise.
    pub(crate) address: IpAddr,
    /// `PORT`
    pub(crate) port: u16,
    /// `SERVICE_URL`: where people and the Scheduler call it, without a slash at its end. `deploy.sh` sets it.
    pub(crate) url: Option<String>,
    /// `K_SERVICE`: its name, where it is Cloud Run that it runs on.
    pub(crate) cloud_run: Option<String>,
    /// `GOOGLE_CLOUD_PROJECT`: whose log it is.
    pub project: Option<String>,
    /// `DEADLINE`: after it a run gives up and reports.
    pub(crate) deadline: Duration,
    /// `LEASE`: how long a claim holds without renewal.
    pub(crate) lease: Duration,
    /// `SCHEDULE`, in `TIMEZONE`.
    pub(crate) schedule: Schedule,
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
    /// Reads `LISTEN_ADDRESS`, `PORT`, `SERVICE_URL`, `K_SERVICE`, `DEADLINE`, `LEASE`, `SCHEDULE`, `TIMEZONE`, `LOG_FORMAT`.
    pub(crate) fn from_env(env: &mut Env<'_>, embedded: bool) -> Self {
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
            address: address(env, embedded),
            port: env.parsed("PORT", 8080, |text| {
                text.parse().map_err(|_| format!("expected a port from 0 to 65535, found {text:?}"))
            }),
            url: env.parsed("SERVICE_URL", None, |text| origin(text).map(Some)),
            cloud_run: env.text("K_SERVICE"),
            project: env.text("GOOGLE_CLOUD_PROJECT"),
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

/// The interface to listen at: this machine's own where everything is embedded, else every one.
fn address(env: &mut Env<'_>, embedded: bool) -> IpAddr {
    let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let usual = if embedded { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { everywhere };
    let address = env.parsed("LISTEN_ADDRESS", usual, |text| {
        text.parse().map_err(|_| {
            format!(
                "expected an IP address such as 127.0.0.1, or 0.0.0.0 for every interface, found {text:?}"
            )
        })
    });
    if !embedded && address.is_loopback() {
        env.problem(
            "LISTEN_ADDRESS",
            format!("found {address}, which Cloud Run does not reach; leave it unset"),
        );
    }
    address
}

/// The origin of an http(s) address that has nothing else: it is shown to people in command lines.
fn origin(text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let is_bare = |url: &Url| format!("{}/", url.origin().ascii_serialization()) == url.as_str();
    match url.filter(is_bare) {
        Some(url) => Ok(url.origin().ascii_serialization()),
        None => Err(format!(
            "expected this service's own address without path, such as https://auto-ep-123.run.app, found {text:?}"
        )),
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
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::among;

    fn listens(variables: &[(&str, &str)]) -> Result<String, String> {
        let lookup = among(variables);
        let mut env = Env::new(&lookup);
        let embedded = env.text("K_SERVICE").is_none();
        let config = ServiceConfig::from_env(&mut env, embedded);
        env.finish(config.address.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn it_listens_on_this_machine_alone_unless_on_cloud_run_or_told_otherwise() {
        let cloud_run = ("K_SERVICE", "auto-ep");
        for (variables, address) in [
            (&[][..], "127.0.0.1"),
            (&[("LISTEN_ADDRESS", "")], "127.0.0.1"),
            (&[("LISTEN_ADDRESS", "0.0.0.0")], "0.0.0.0"),
            (&[("LISTEN_ADDRESS", "::1")], "::1"),
            (&[("LISTEN_ADDRESS", "192.168.0.7")], "192.168.0.7"),
            (&[cloud_run], "0.0.0.0"),
            (&[cloud_run, ("LISTEN_ADDRESS", "::")], "::"),
        ] {
            assert_eq!(listens(variables).as_deref(), Ok(address), "{variables:?}");
        }
        for (variables, said) in [
            (&[("LISTEN_ADDRESS", "localhost")][..], "LISTEN_ADDRESS: expected an IP address"),
            (&[("LISTEN_ADDRESS", "0.0.0.0:80")], "LISTEN_ADDRESS: expected an IP address"),
            (
                &[cloud_run, ("LISTEN_ADDRESS", "127.0.0.1")],
                "LISTEN_ADDRESS: found 127.0.0.1, which Cloud Run",
            ),
        ] {
            let error = listens(variables).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
