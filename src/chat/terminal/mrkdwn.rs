//! Messages as lines for a terminal, close to how Slack shows them.
//!
//! It renders what the messages of this service hold, not all of mrkdwn.

use crate::chat::{Message, escape};

/// The lines of a message. With `ansi`, bold and grey are shown as such; otherwise the marks are just left out.
pub fn lines(message: &Message, ansi: bool) -> Vec<String> {
    let mut lines = Vec::new();
    // A terminal draws no charts and no tables.
    for block in message.plain.as_ref().unwrap_or(&message.blocks) {
        let text = block["text"]["text"].as_str().unwrap_or_default();
        match block["type"].as_str() {
            Some("header") => lines.push(styled(BOLD, &render(text, false), ansi)),
            Some("context") => {
                let elements = block["elements"].as_array().map(Vec::as_slice).unwrap_or_default();
                let texts = elements.iter().filter_map(|e| e["text"].as_str());
                let line = texts.map(|t| render(t, false)).collect::<Vec<_>>().join("  ");
                lines.push(styled(DIM, &line, ansi));
            }
            _ => lines.extend(text.split('\n').map(|line| render(line, ansi))),
        }
    }
    if lines.is_empty() {
        lines.extend(message.text.split('\n').map(|line| render(line, ansi)));
    }
    lines
}

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

fn styled(style: &str, line: &str, ansi: bool) -> String {
    if ansi { format!("{style}{line}{RESET}") } else { line.to_owned() }
}

/// One line of mrkdwn as plain text.
fn render(mrkdwn: &str, ansi: bool) -> String {
    let mut out = String::with_capacity(mrkdwn.len());
    let mut bold = false;
    for token in escape::tokens(mrkdwn) {
        match token {
            "*" => {
                bold = !bold;
                if ansi {
                    out.push_str(if bold { BOLD } else { RESET });
                }
            }
            "&amp;" => out.push('&'),
            "&lt;" => out.push('<'),
            "&gt;" => out.push('>'),
            _ if token.len() > 1 && token.starts_with('<') => out.push_str(&reference(token)),
            _ if token.len() > 1 && token.starts_with('`') => {
                let inner = token.trim_matches('`');
                out.push_str(&unescape(inner));
            }
            _ => out.push_str(token),
        }
    }
    if bold && ansi {
        out.push_str(RESET);
    }
    out
}

/// `<@U1>`, `<!here>`, `<!subteam^S1>`, `<url>` or `<url|text>`.
fn reference(token: &str) -> String {
    let inner = token.trim_start_matches('<').trim_end_matches('>');
    if inner.starts_with('@') {
        inner.to_owned()
    } else if let Some(word) = inner.strip_prefix('!') {
        format!("@{}", word.trim_start_matches("subteam^"))
    } else if let Some((url, text)) = inner.split_once('|') {
        format!("{} ({})", unescape(text), unescape(url))
    } else {
        unescape(inner)
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mrkdwn_reads_in_a_terminal_as_it_does_in_slack() {
        for (mrkdwn, plain) in [
            ("📦 *00:05 EP 생성 완료* <@U012AB>", "📦 00:05 EP 생성 완료 @U012AB"),
            ("<!here> <!subteam^S1>", "@here @S1"),
            ("&lt;b&gt; &amp;amp; co", "<b> &amp; co"),
            ("<https://a.kr/?a=1&amp;b=2|피드>", "피드 (https://a.kr/?a=1&b=2)"),
            ("<https://a.kr/?a=1&amp;b=2>", "https://a.kr/?a=1&b=2"),
            ("값 `a &lt; b * c` 끝", "값 a < b * c 끝"),
            ("```curl -d '' x```", "curl -d '' x"),
        ] {
            assert_eq!(render(mrkdwn, false), plain);
        }
        assert_eq!(render("*a* b", true), "\x1b[1ma\x1b[0m b");
    }
}
