//! A line of numbers as Slack draws it.
//!
//! It never decides whether that is worth a look, nor whether there is room.

use serde_json::{Value, json};

use crate::chat::{CHART, escape};

/// Characters of a chart's title,
pub const MAX_CHART_TITLE: usize = 50;
/// of its names and labels,
pub const MAX_CHART_LABEL: usize = 20;
/// and points of a line. Each point needs a number, and no two points the same label.
pub const MAX_CHART_POINTS: usize = 20;

/// One line of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart<'a> {
    /// What stands above it.
    pub title: String,
    /// What it counts,
    pub name: &'a str,
    /// and in which unit.
    pub unit: &'a str,
    /// Each label with its number, the oldest first: as many of the newest as [`MAX_CHART_POINTS`] are drawn.
    pub points: Vec<(String, u64)>,
}

impl Chart<'_> {
    /// The block, and how many characters it shows; `None` where there are too few points for a line.
    pub(super) fn block(&self) -> Option<(Value, usize)> {
        let Self { title, name, unit, points } = self;
        let points = &points[points.len().saturating_sub(MAX_CHART_POINTS)..];
        let label = |text: &str| escape::cut(text, MAX_CHART_LABEL);
        let (title, name, unit) = (escape::cut(title, MAX_CHART_TITLE), label(name), label(unit));
        let points: Vec<_> = points.iter().map(|(text, value)| (label(text), value)).collect();
        // Each label stands twice.
        let length = [&title, &name, &unit].into_iter().map(|text| escape::length(text)).sum::<usize>()
            + points.iter().map(|(text, _)| 2 * escape::length(text)).sum::<usize>();
        let data: Vec<_> =
            points.iter().map(|(label, value)| json!({"label": label, "value": value})).collect();
        let categories: Vec<_> = points.iter().map(|(label, _)| label).collect();
        let block = json!({
            "type": CHART,
            "title": title,
            "chart": {
                "type": "line",
                "series": [{"name": name, "data": data}],
                "axis_config": {"categories": categories, "y_label": unit},
            },
        });
        (points.len() > 1).then_some((block, length))
    }
}
