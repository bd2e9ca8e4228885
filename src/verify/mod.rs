//! The verification: the public URL read once, as Naver reads it, and every check told, whatever the others found.
//!
//! It never repairs and never publishes. What is wrong with the feed is a verdict, not an error; only our own state
//! can fail a verification.

mod findings;
mod inspect;
mod kept;
mod record;

pub use inspect::{Inspection, Inspector};

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT},
};
use url::Url;

use self::{
    findings::Findings,
    record::{Against, Standing},
};
use crate::{
    clock::Clock,
    config::verify::VerifyConfig,
    export::Publisher,
    ledger::{DayRecord, Ledger, day_name},
    report::{CheckId, CheckResult, CheckStatus, Example, Failure, ProblemKind, VerifyReport, number},
    schedule::Schedule,
    web::{Request, Web},
};

/// What tells the reader of a log of the origin who we are.
const READER: &str = concat!("auto-ep/", env!("CARGO_PKG_VERSION"), " (verify-ep)");

/// Reads the public feed and checks it.
pub struct Verifier {
    /// To read it with.
    pub web: Arc<dyn Web>,
    /// Where it is.
    pub feed_url: Url,
    /// Against what it is held.
    pub config: VerifyConfig,
    /// `EP_MAX_ROWS`
    pub max_rows: u64,
    /// What we know of runs.
    pub ledger: Ledger,
    /// What we know of publications.
    pub publisher: Arc<Publisher>,
    /// When exports are due.
    pub schedule: Schedule,
    /// How long an export may take to end: `DEADLINE`.
    pub grace: Duration,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What came of reading the URL.
struct Read {
    inspection: Inspection,
    findings: Findings,
    measured: String,
    /// Whether the whole body was read, so that its hash means something.
    whole: bool,
}

impl Verifier {
    /// Reads the feed and makes every check.
    pub async fn run(&self) -> Result<VerifyReport, Failure> {
        let started = Instant::now();
        let before = self.publisher.record().await?;
        let read = self.read().await;
        let (now, sha256) = (self.clock.now(), &read.inspection.sha256);
        // A build may be published while we read: the file may be what was public before or after.
        let after = self.publisher.record().await?;
        let mut against = Against::new(&after, sha256);
        if against.standing != Standing::Current {
            let earlier = Against::new(&before, sha256);
            if earlier.standing == Standing::Current {
                against = earlier;
            }
        }
        let today = day_name(self.schedule.day_of(now));
        let day = self.ledger.read::<DayRecord>(&today).await?.map(|read| read.value).unwrap_or_default();

        let mut findings = read.findings;
        findings.merge(read.inspection.findings);
        if !read.inspection.is_table {
            not_checked(&mut findings);
        } else {
            self.row_count(&mut findings, read.inspection.rows, read.whole, &against);
        }
        let readable = read.whole && read.inspection.is_table;
        against.fresh(&mut findings, &self.schedule, now, self.config.max_age, self.grace, readable);
        against.identical(&mut findings, read.whole);
        let (kept, due) = kept::check(&mut findings, &self.schedule, &day, &after, now, self.grace);

        let rows = number(read.inspection.rows);
        let checks = CheckId::ALL
            .into_iter()
            .map(|id| {
                let found = findings.count(id);
                let (measured, limit) = match id {
                    CheckId::Reachable => (read.measured.clone(), None),
                    CheckId::Fresh => against.age(now, &self.schedule, self.config.max_age),
                    CheckId::Identical => against.hashes(sha256, read.whole),
                    CheckId::Encoding if found == 0 => ("UTF-8".to_owned(), None),
                    CheckId::Header if found == 0 => (read.inspection.columns.to_string(), None),
                    CheckId::RowCount => (rows.clone(), Some(format!("≤ {}", number(self.max_rows)))),
                    CheckId::ScheduleKept => (format!("{kept}/{due}"), None),
                    _ => (number(found), Some("0".to_owned())),
                };
                self.result(id, measured, limit, &mut findings)
            })
            .collect();
        Ok(VerifyReport {
            feed_url: self.feed_url.to_string(),
            build: against.build(),
            rows: read.inspection.rows,
            bytes: read.inspection.bytes,
            checks,
            duration_ms: started.elapsed().as_millis() as u64,
        })
    }

    fn result(
        &self,
        id: CheckId,
        measured: String,
        limit: Option<String>,
        findings: &mut Findings,
    ) -> CheckResult {
        let (status, problems) = findings.take(id);
        let status = if self.config.warn_only.contains(&id) { status.min(CheckStatus::Warn) } else { status };
        CheckResult { id, status, measured, limit, problems }
    }

    fn row_count(&self, findings: &mut Findings, rows: u64, whole: bool, against: &Against) {
        if rows > self.max_rows {
            findings.add(CheckId::RowCount, ProblemKind::OverCap, Example::default);
        }
        if !whole {
            // How many rows there are is not known of a file that broke off.
            return findings.add(CheckId::RowCount, ProblemKind::NotChecked, Example::default);
        }
        if rows == 0 {
            findings.add(CheckId::RowCount, ProblemKind::NoRows, Example::default);
        }
        if let Some(expected) = against.rows().filter(|expected| *expected != rows) {
            findings.add(CheckId::RowCount, ProblemKind::RowsDiffer, || Example {
                value: Some(format!("{rows} / {expected}")),
                ..Example::default()
            });
        }
    }

    /// Reads the body once, as a stream, within `VERIFY_TIMEOUT` and `VERIFY_MAX_BYTES`.
    async fn read(&self) -> Read {
        let started = Instant::now();
        let mut read = Read {
            inspection: Inspection::default(),
            findings: Findings::default(),
            measured: String::new(),
            whole: false,
        };
        let mut inspector = Inspector::default();
        let outcome = tokio::time::timeout(self.config.timeout, self.stream(&mut inspector, &mut read)).await;
        if outcome.is_err() {
            let seconds = self.config.timeout.as_secs();
            read.problem(ProblemKind::TooSlow, format!("> {seconds} s"));
        }
        read.inspection = inspector.finish(read.whole);
        let seconds = started.elapsed().as_secs_f64();
        let separator = if read.measured.is_empty() { "" } else { " · " };
        read.measured.push_str(&format!("{separator}{seconds:.2} s"));
        read
    }

    async fn stream(&self, inspector: &mut Inspector, read: &mut Read) {
        let request = Request {
            method: Method::GET,
            url: self.feed_url.clone(),
            headers: HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(READER))]),
        };
        let mut response = match self.web.send(request).await {
            Ok(response) => response,
            Err(error) => return read.problem(ProblemKind::NoAnswer, error.detail),
        };
        let status = response.status;
        let content_type =
            response.headers.get(CONTENT_TYPE).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        let shown = content_type.clone().unwrap_or_else(|| "no content type".to_owned());
        read.measured = format!("{} · {shown}", status.as_u16());
        if status != StatusCode::OK {
            return read.problem(ProblemKind::BadStatus, status.as_u16().to_string());
        }
        if !content_type.is_some_and(|t| t.starts_with("text/") && !t.starts_with("text/html")) {
            read.problem(ProblemKind::ContentType, shown);
        }
        while let Some(chunk) = response.body.next().await {
            match chunk {
                Ok(chunk) => inspector.push(&chunk),
                Err(error) => return read.problem(ProblemKind::CutOff, error.detail),
            }
            if inspector.bytes() > self.config.max_bytes {
                return read.problem(ProblemKind::TooBig, format!("> {} MiB", self.config.max_bytes >> 20));
            }
        }
        read.whole = true;
    }
}

impl Read {
    fn problem(&mut self, kind: ProblemKind, value: String) {
        self.findings.add(CheckId::Reachable, kind, || Example { value: Some(value), ..Example::default() });
    }
}

/// Where there is no table (nothing, HTML, UTF-16), the checks of its content were not made, but for what is known.
fn not_checked(findings: &mut Findings) {
    let content = [
        CheckId::Encoding,
        CheckId::Header,
        CheckId::Shape,
        CheckId::RequiredValues,
        CheckId::UniqueIds,
        CheckId::Formats,
        CheckId::RowCount,
    ];
    for id in content {
        if findings.count(id) == 0 {
            findings.add(id, ProblemKind::NotChecked, Example::default);
        }
    }
}
