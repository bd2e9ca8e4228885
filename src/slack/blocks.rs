//! A message put together from lines, within Slack's limits.
//!
//! It never escapes: its callers hand it mrkdwn in which everything foreign is safe already.

use serde_json::{Value, json};

use super::{chart::Chart, table::Table, wording::Words};
use crate::chat::{CHART, MAX_TEXT, Marker, Message, TABLE, escape};

/// Blocks in one message.
pub const MAX_BLOCKS: usize = 50;
/// Characters of a section's text.
pub const MAX_SECTION: usize = 3000;
/// Characters of a header, which is plain text.
pub const MAX_HEADER: usize = 150;
/// Elements of a context block.
pub const MAX_CONTEXT: usize = 10;
/// Characters of one element of a context block; longer ones are hard to read that small.
pub const MAX_CONTEXT_TEXT: usize = 1000;
/// Characters of all blocks together. Slack refuses some 11,000 of them, and does not say how it counts.
pub const MAX_TOTAL: usize = 9000;

/// Charts in one message.
pub const MAX_CHARTS: usize = 2;
/// Tables in one message: Slack takes more, people do not.
pub const MAX_TABLES: usize = 2;

/// Of these, what is kept for the marker and for how much was left out,
const KEPT_FOR_THE_END: usize = MAX_CONTEXT_TEXT + 100;
/// and for what people can do, and where things are: it comes last, and is worth more than the last of a long list.
const KEPT_FOR_REMEDIES: usize = 1900;
/// What is left for everything else.
const MAX_REPORT: usize = MAX_TOTAL - KEPT_FOR_THE_END - KEPT_FOR_REMEDIES;
/// A section shorter than this says nothing.
const LEAST_SECTION: usize = 80;

/// Blocks under construction, and beside them the same words as one text.
pub struct Blocks {
    words: Words,
    /// Whether charts and tables are taken.
    takes_data: bool,
    blocks: Vec<Value>,
    lines: Vec<String>,
    /// Characters of the blocks.
    used: usize,
    /// Lines that found no room.
    left_out: u64,
}

impl Blocks {
    /// No blocks yet.
    pub fn new(words: Words) -> Self {
        Self { words, takes_data: true, blocks: Vec::new(), lines: Vec::new(), used: 0, left_out: 0 }
    }

    /// The message that `draw` makes with charts and tables, and without them: then what they show stands in lines, as it
    /// does in the text.
    pub fn message(words: Words, marker: &Marker, draw: impl Fn(&mut Self)) -> Message {
        let [message, plain] = [true, false].map(|takes_data| {
            let mut blocks = Self { takes_data, ..Self::new(words) };
            draw(&mut blocks);
            blocks.finish(marker.clone())
        });
        let differs = message.blocks != plain.blocks;
        Message { text: plain.text, plain: differs.then_some(plain.blocks), ..message }
    }

    /// A headline, large and without mrkdwn.
    pub fn header(&mut self, line: &str) {
        let line = escape::cut(line, MAX_HEADER);
        self.used += escape::length(&line);
        self.blocks
            .push(json!({"type": "header", "text": {"type": "plain_text", "text": &line, "emoji": true}}));
        self.lines.push(line);
    }

    /// A paragraph that is always shown whole.
    pub fn section(&mut self, lines: &[String]) {
        self.paragraph(lines, "\n", MAX_REPORT, Fold::Never);
    }

    /// What only those want who look closer: Slack shows the beginning of it and a "See more". Paragraphs of lines, parted
    /// by a blank line; lines that find no room are counted in a last one.
    pub fn folded(&mut self, paragraphs: &[Vec<String>]) {
        let mut lines = Vec::new();
        for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_empty()) {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend_from_slice(paragraph);
        }
        self.paragraph(&lines, "\n", MAX_REPORT, Fold::Long);
    }

    /// A paragraph of what people can do, for which room was kept.
    pub fn remedy(&mut self, lines: &[String]) {
        self.paragraph(lines, "\n", MAX_TOTAL - KEPT_FOR_THE_END, Fold::Never);
    }

    fn paragraph(&mut self, items: &[String], separator: &str, total: usize, fold: Fold) {
        if items.is_empty() {
            return;
        }
        let needed = items.iter().map(|item| escape::length(item) + 1).sum::<usize>();
        let room = total.saturating_sub(self.used).min(MAX_SECTION);
        // The last two blocks are kept for what was left out and for the marker.
        if self.blocks.len() >= MAX_BLOCKS - 2 || room < LEAST_SECTION.min(needed) {
            self.left_out += items.len() as u64;
            return;
        }
        let text = self.fit(items, separator, room);
        self.used += escape::length(&text);
        self.blocks.push(section(&text, fold));
        self.lines.push(text);
    }

    /// Items in one flowing line. Those that find no room are counted at its end.
    pub fn flow(&mut self, items: &[String], separator: &str) {
        self.paragraph(items, separator, MAX_REPORT, Fold::Never);
    }

    /// A chart, where it has points for a line and there is room; elsewhere what it shows is to be told in lines.
    #[must_use]
    pub fn chart(&mut self, chart: &Chart<'_>) -> bool {
        chart.block().is_some_and(|block| self.data(CHART, MAX_CHARTS, block))
    }

    /// Whether a table and a paragraph before it find room.
    pub fn takes<const COLUMNS: usize>(&self, table: &Table<COLUMNS>) -> bool {
        self.has_room(TABLE, MAX_TABLES, table.block().1 + MAX_SECTION)
    }

    /// A table, where there is room for all of it; elsewhere what it shows is to be told in lines.
    #[must_use]
    pub fn table<const COLUMNS: usize>(&mut self, table: &Table<COLUMNS>) -> bool {
        self.data(TABLE, MAX_TABLES, table.block())
    }

    fn data(&mut self, kind: &str, most: usize, (block, length): (Value, usize)) -> bool {
        let fits = self.has_room(kind, most, length);
        if fits {
            self.used += length;
            self.blocks.push(block);
        }
        fits
    }

    /// Whether there is room for so many characters in a chart or a table, of which there may be so many.
    fn has_room(&self, kind: &str, most: usize, length: usize) -> bool {
        self.takes_data
            && self.blocks.len() < MAX_BLOCKS - 2
            && self.used + length <= MAX_REPORT
            && self.blocks.iter().filter(|block| block["type"] == kind).count() < most
    }

    /// Small grey notes, which are not part of the verdict and so not of the text.
    pub fn context(&mut self, elements: &[String]) {
        let elements: Vec<String> =
            elements.iter().take(MAX_CONTEXT).map(|text| escape::cut(text, MAX_CONTEXT_TEXT)).collect();
        let length = elements.iter().map(|text| escape::length(text)).sum::<usize>();
        let fits = self.used + length <= MAX_TOTAL - KEPT_FOR_THE_END;
        if !elements.is_empty() && fits && self.blocks.len() < MAX_BLOCKS - 2 {
            self.used += length;
            self.blocks.push(context(&elements));
        }
    }

    /// The message, with its marker as the last block.
    pub fn finish(mut self, marker: Marker) -> Message {
        if self.left_out > 0 {
            let line = self.words.more(self.left_out);
            self.blocks.push(section(&line, Fold::Never));
            self.lines.push(line);
        }
        self.blocks.push(context(&[escape::cut(&escape::text(&marker.visible()), MAX_CONTEXT_TEXT)]));
        let lines: Vec<String> = self.lines.iter().flat_map(|l| l.split('\n')).map(str::to_owned).collect();
        let text = self.fit(&lines, "\n", MAX_TEXT);
        Message { text, blocks: self.blocks, plain: None, marker }
    }

    /// As many of the items as fit, joined, and how many more there are.
    fn fit(&self, items: &[String], separator: &str, max: usize) -> String {
        let joined = items.join(separator);
        if escape::length(&joined) <= max {
            return joined;
        }
        let tail = |n: usize| format!("{separator}{}", self.words.more(n as u64));
        let budget = max.saturating_sub(escape::length(&tail(items.len())));
        let (mut fitting, mut used) = (0, 0);
        for item in items {
            used += escape::length(item) + if fitting > 0 { escape::length(separator) } else { 0 };
            if used > budget {
                break;
            }
            fitting += 1;
        }
        // Even one that is too long says more than none.
        let shown = match items {
            [only] => return escape::cut(only, max),
            [first, ..] if fitting == 0 => {
                fitting = 1;
                escape::cut(first, budget)
            }
            _ => items[..fitting].join(separator),
        };
        let left = items.len() - fitting;
        format!("{shown}{}", tail(left))
    }
}

/// Whether Slack may show the beginning of a paragraph alone, until somebody wants the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    Never,
    Long,
}

fn section(text: &str, fold: Fold) -> Value {
    let mut section = json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    if fold == Fold::Never {
        section["expand"] = true.into();
    }
    section
}

fn context(elements: &[String]) -> Value {
    let elements: Vec<Value> = elements.iter().map(|text| json!({"type": "mrkdwn", "text": text})).collect();
    json!({"type": "context", "elements": elements})
}

#[cfg(test)]
pub mod tests;
