//! Links for people to what lies behind a message: a file in S3's console, a run's lines in Cloud Logging.
//!
//! The consoles decide who sees it, by the rights of whoever opens a link: nothing here is signed, so nothing leaks and
//! nothing expires.

use jiff::SignedDuration;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::wording::Words;
use crate::{
    chat::escape,
    report::{Report, RunInfo},
};

/// What may stand in a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');
/// A run may carry a time that is a day ahead, or be retried a day later.
const AROUND: SignedDuration = SignedDuration::from_hours(26);

/// Which consoles know this service; none where it runs on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consoles {
    /// The region of the feed's bucket, where that is one of AWS itself.
    pub s3_region: Option<String>,
    /// Whose logs Cloud Logging keeps.
    pub logs: Option<Logs>,
}

/// A service whose logs Cloud Logging keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// The project's id.
    pub project: String,
    /// The service's name on Cloud Run.
    pub service: String,
}

impl Consoles {
    /// The build's files, and what the run left in the log.
    pub(super) fn links(&self, words: Words, run: &RunInfo, report: &Report) -> Vec<String> {
        let file = |location: &Option<String>| self.file(location.as_deref()?);
        let (build, excluded) = match report {
            Report::Export(export) => (file(&export.build_location), file(&export.excluded_location)),
            _ => (None, None),
        };
        [(build, words.link_build()), (excluded, words.link_excluded()), (self.log(run), words.link_log())]
            .into_iter()
            .filter_map(|(url, label)| Some(escape::labelled(&url?, label)))
            .collect()
    }

    /// A file that lies at `s3://bucket/key`.
    fn file(&self, location: &str) -> Option<String> {
        let (bucket, key) = location.strip_prefix("s3://")?.split_once('/')?;
        let region = self.s3_region.as_ref()?;
        let [bucket, key, region] = [bucket, key, region].map(encoded);
        Some(format!("https://s3.console.aws.amazon.com/s3/object/{bucket}?region={region}&prefix={key}"))
    }

    /// What a run left in the log, all of its attempts.
    fn log(&self, run: &RunInfo) -> Option<String> {
        let Logs { project, service } = self.logs.as_ref()?;
        let (key, step) = (run.key.replace(['\\', '"'], ""), run.step);
        let query = format!(
            "resource.labels.service_name=\"{service}\"\njsonPayload.route=\"{step}\"\njsonPayload.run=\"{key}\"\n\
             timestamp>=\"{}\"\ntimestamp<=\"{}\"",
            run.at - AROUND,
            run.at + AROUND
        );
        let [query, project] = [&query, project].map(encoded);
        Some(format!("https://console.cloud.google.com/logs/query;query={query}?project={project}"))
    }
}

fn encoded(text: impl AsRef<str>) -> String {
    utf8_percent_encode(text.as_ref(), PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use super::*;
    use crate::{slack::samples::run, step::Step};

    fn consoles() -> Consoles {
        let logs = Logs { project: "shop-1".into(), service: "auto-ep-moa".into() };
        Consoles { s3_region: Some("ap-northeast-2".into()), logs: Some(logs) }
    }

    #[test]
    fn files_and_logs_are_found_where_a_console_knows_them_and_nowhere_else() {
        let found = consoles().file("s3://moa-feed/ep/builds/20261006-000503-k3x9.tsv");
        let expected = "https://s3.console.aws.amazon.com/s3/object/moa-feed?region=ap-northeast-2&prefix=ep/builds/20261006-000503-k3x9.tsv";
        assert_eq!(found.as_deref(), Some(expected));
        for nowhere in ["/srv/feed/builds/x.tsv", "s3://bucket", "gs://bucket/x"] {
            assert_eq!(consoles().file(nowhere), None);
        }
        assert_eq!(Consoles::default().file("s3://b/x"), None);
        assert_eq!(Consoles::default().log(&run(Step::VerifyEp, "09:50")), None);
        let hostile = RunInfo { key: "k\" OR <x>|\n".into(), ..run(Step::VerifyEp, "09:50") };
        let log = consoles().log(&hostile).unwrap();
        assert!(!log.contains(['<', '>', '|', '"', '\n', ' ']), "{log}");
        let query = percent_decode_str(&log).decode_utf8().unwrap().into_owned();
        assert!(
            query.contains("jsonPayload.run=\"k OR <x>|\n\"") && query.ends_with("?project=shop-1"),
            "{query}"
        );
    }
}
