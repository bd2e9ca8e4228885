//! A tick of the demo, watched to its end: on a terminal one line says how far it is.
//!
//! It reads the same events as anybody who calls a route with `Accept: text/event-stream`.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use futures_util::StreamExt;
use reqwest::{RequestBuilder, Response, header};
use serde_json::Value;

use crate::report::number;

/// Sends a call and gives the status and the body that it ends with.
pub(super) async fn to_its_end(request: RequestBuilder, what: &str) -> anyhow::Result<(u16, Value)> {
    let request = request.header(header::ACCEPT, "text/event-stream");
    let response = request.send().await.context("the demo's own server did not answer")?;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "text/event-stream") {
        let status = response.status().as_u16();
        return Ok((status, response.json().await.context("the demo's own server answered with no JSON")?));
    }
    let mut line = Line { is_shown: std::io::stderr().is_terminal(), what };
    last_event(response, &mut line).await
}

async fn last_event(response: Response, line: &mut Line<'_>) -> anyhow::Result<(u16, Value)> {
    let (mut body, mut read) = (response.bytes_stream(), Vec::new());
    while let Some(piece) = body.next().await {
        read.extend_from_slice(&piece.context("the demo's own server broke off")?);
        while let Some(end) = memchr::memmem::find(&read, b"\n\n") {
            let event: Vec<u8> = read.drain(..end + 2).collect();
            let (name, data) = parsed(&event).context("the demo's own server sent no event")?;
            if name == "progress" {
                line.show(&data);
                continue;
            }
            line.clear();
            let status = data["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            return Ok((status.context("the last event names no status")?, data["body"].clone()));
        }
    }
    bail!("the demo's own server ended without an answer")
}

fn parsed(event: &[u8]) -> Option<(&str, Value)> {
    let lines: Vec<_> = std::str::from_utf8(event).ok()?.lines().collect();
    let field = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some((field("event")?, serde_json::from_str(field("data")?).ok()?))
}

/// One line of the terminal, written over and over.
struct Line<'a> {
    is_shown: bool,
    what: &'a str,
}

impl Line<'_> {
    fn show(&self, progress: &Value) {
        self.write(&told(self.what, progress));
    }

    fn clear(&self) {
        self.write("");
    }

    fn write(&self, text: &str) {
        if self.is_shown {
            let mut out = std::io::stderr();
            // Who closed the terminal sees nothing.
            let _ = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
        }
    }
}

fn told(what: &str, progress: &Value) -> String {
    let step = progress["step"].as_str().unwrap_or_default();
    let count = |name: &str| progress[name].as_u64().filter(|count| *count > 0).map(number);
    let of = count("total").map(|total| format!(" of {total}")).unwrap_or_default();
    let counted =
        count("done").map(|done| format!(" {done}{of}, {} a second", count("rate").unwrap_or_default()));
    format!("  {what}: {step}{}", counted.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_is_known() {
        for (progress, expected) in [
            (json!({"step": "tell", "done": 0, "rate": 0}), "  00:05 export-products: tell"),
            (
                json!({"step": "read", "done": 4200, "rate": 1234}),
                "  00:05 export-products: read 4,200, 1,234 a second",
            ),
            (
                json!({"step": "read", "done": 4200, "total": 9812, "rate": 1234}),
                "  00:05 export-products: read 4,200 of 9,812, 1,234 a second",
            ),
        ] {
            assert_eq!(told("00:05 export-products", &progress), expected);
        }
    }

    #[test]
    fn an_event_is_its_name_and_its_data() {
        let (name, data) = parsed(b"event: done\ndata: {\"status\":200,\"body\":{}}\n\n").unwrap();
        assert_eq!((name, data), ("done", json!({"status": 200, "body": {}})));
        assert!(parsed(b"event: done\ndata: {\n\n").is_none());
    }
}
