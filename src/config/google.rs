//! Which Google it is that the service asks: the machine's metadata server, and Cloud Scheduler.
//!
//! Both are Google's own but in tests.

use url::Url;

use super::{env::Env, url::http_url};

const METADATA: &str = "GCE_METADATA_HOST";
const METADATA_HOST: &str = "metadata.google.internal";
const SCHEDULER: &str = "https://cloudscheduler.googleapis.com/";

/// Where Google is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleConfig {
    /// `GCE_METADATA_HOST`: who says who we are and where this runs.
    pub metadata_server: Url,
    /// `SCHEDULER_ENDPOINT`: who keeps the jobs that call us.
    pub scheduler: Url,
}

impl GoogleConfig {
    /// Reads `GCE_METADATA_HOST` and `SCHEDULER_ENDPOINT`.
    pub fn from_env(env: &mut Env<'_>) -> Self {
        let own = |text: &str| Url::parse(text).expect("it is a URL");
        Self {
            metadata_server: env.parsed(METADATA, own(&format!("http://{METADATA_HOST}/")), metadata_server),
            scheduler: env.parsed("SCHEDULER_ENDPOINT", own(SCHEDULER), http_url),
        }
    }
}

/// As Google's own clients read it: a host, perhaps with a port.
fn metadata_server(text: &str) -> Result<Url, String> {
    let is_host = |url: &Url| url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let url = Url::parse(&format!("http://{text}/")).ok();
    url.filter(|url| is_host(url) && url.username().is_empty() && !text.contains('/'))
        .ok_or_else(|| format!("found {text:?}; expected a host, perhaps with a port, as 127.0.0.1:8080"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::among;

    fn google(variables: &[(&str, &str)]) -> Result<GoogleConfig, String> {
        let lookup = among(variables);
        let mut env = Env::new(&lookup);
        let config = GoogleConfig::from_env(&mut env);
        env.finish(config).map_err(|error| error.to_string())
    }

    #[test]
    fn it_is_googles_own_but_for_who_says_another() {
        let config = google(&[]).unwrap();
        assert_eq!(config.metadata_server.as_str(), "http://metadata.google.internal/");
        assert_eq!(config.scheduler.as_str(), "https://cloudscheduler.googleapis.com/");
        let config =
            google(&[(METADATA, "127.0.0.1:8080"), ("SCHEDULER_ENDPOINT", "http://127.0.0.1:1")]).unwrap();
        assert_eq!(config.metadata_server.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(config.scheduler.as_str(), "http://127.0.0.1:1/");
    }

    #[test]
    fn what_is_no_host_is_a_mistake() {
        for (name, value) in [
            (METADATA, "http://x/y"),
            (METADATA, "u:p@x"),
            (METADATA, "x/y"),
            ("SCHEDULER_ENDPOINT", "127.0.0.1:1"),
        ] {
            let told = google(&[(name, value)]).unwrap_err();
            assert!(told.contains(&format!("{name}: found")), "{told}");
        }
    }
}
