//! Logs: one JSON object a line for Cloud Logging, or readable lines for a terminal.
//!
//! It never sees a body or a token: what is logged is chosen where it is logged.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter,
        format::{JsonFields, Writer},
    },
    registry::LookupSpan,
};

use crate::config::service::LogFormat;

/// What is logged where `RUST_LOG` is unset: our own lines, and warnings of others.
const DEFAULT_FILTER: &str = "warn,auto_ep=info";

/// A subscriber that writes to `sink`. `filter` is the value of `RUST_LOG`, `project` the Cloud project whose traces
/// the lines belong to.
pub fn subscriber<W>(
    format: LogFormat,
    filter: Option<&str>,
    project: Option<String>,
    sink: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::new(filter.filter(|text| !text.trim().is_empty()).unwrap_or(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(sink);
    match format {
        LogFormat::Json => {
            Box::new(builder.fmt_fields(JsonFields::new()).event_format(CloudLogging { project }).finish())
        }
        LogFormat::Text => Box::new(builder.with_target(false).with_ansi(false).finish()),
    }
}

/// The fields that Cloud Logging reads from a JSON line: `severity`, `message`, `time`, `logging.googleapis.com/trace`.
/// Fields of the spans around come first, those of the event win.
struct CloudLogging {
    project: Option<String>,
}

impl<S, N> FormatEvent<S, N> for CloudLogging
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = Map::new();
        for span in context.event_scope().into_iter().flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map(|fields| fields.fields.as_str());
            if let Some(Ok(Value::Object(fields))) = fields.map(serde_json::from_str) {
                line.extend(fields);
            }
        }
        if let Some(Value::String(trace)) = line.remove("trace") {
            let trace = match &self.project {
                Some(project) => format!("projects/{project}/traces/{trace}"),
                None => trace,
            };
            line.insert("logging.googleapis.com/trace".into(), trace.into());
        }
        let metadata = event.metadata();
        line.insert("severity".into(), severity(*metadata.level()).into());
        line.insert("time".into(), Timestamp::now().to_string().into());
        line.insert("target".into(), metadata.target().into());
        let mut own = String::new();
        context.format_fields(Writer::new(&mut own), event)?;
        line.extend(serde_json::from_str::<Map<_, _>>(&own).unwrap_or_default());
        writeln!(writer, "{}", Value::Object(line))
    }
}

const fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG | Level::TRACE => "DEBUG",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_what_cloud_logging_reads_with_the_run_in_it() {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = subscriber(LogFormat::Json, None, Some("shop".into()), move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            let request = tracing::info_span!("request", trace = "0af7651916cd43dd8448eb211c80319c");
            let _request = request.enter();
            let run = tracing::info_span!("run", route = %"verify-ep", run = %"2026-10-05T15:50:00Z");
            let _run = run.enter();
            tracing::warn!(rows = 3, "two\nlines");
        });
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["severity"], "WARNING");
        assert_eq!(line["message"], "two\nlines");
        assert_eq!((&line["route"], &line["run"]), (&"verify-ep".into(), &"2026-10-05T15:50:00Z".into()));
        assert_eq!(line["rows"], 3);
        assert_eq!(
            line["logging.googleapis.com/trace"],
            "projects/shop/traces/0af7651916cd43dd8448eb211c80319c"
        );
        assert!(line["time"].as_str().unwrap().parse::<Timestamp>().is_ok());
    }
}
