//! How exports went day by day: as charts of Slack's own, and in lines that say the same.
//!
//! It never decides whether that is worth a look: a report has it where it is.

use super::{blocks::Blocks, wording::Words};
use crate::report::TrendPoint;

/// One line of numbers: its title and the name and unit of what it counts.
struct Series {
    title: String,
    name: &'static str,
    unit: &'static str,
    points: Vec<(String, u64)>,
}

/// Draws what there are two points of or more. A day without a number has no point: there is nothing to be drawn for it.
pub fn draw(blocks: &mut Blocks, words: Words, trend: &[TrendPoint]) {
    for Series { title, name, unit, points } in series(words, trend) {
        blocks.chart(&title, name, unit, &points);
    }
}

/// The same in a line each.
pub fn lines(words: Words, trend: &[TrendPoint]) -> Vec<String> {
    let told = series(words, trend).into_iter().filter(|series| series.points.len() > 1);
    told.map(|series| words.trend(series.name, &series.points)).collect()
}

fn series(words: Words, trend: &[TrendPoint]) -> [Series; 2] {
    let label = |point: &TrendPoint| point.day.strftime("%m/%d").to_string();
    let rows: Vec<_> = trend.iter().map(|point| (label(point), point.rows)).collect();
    let prices = trend.iter().filter_map(|point| Some((label(point), point.median_price?))).collect();
    [(words.trend_rows(), rows), (words.trend_median(), prices)].map(|((name, unit), points)| {
        let title = words.trend_title(name, points.len());
        Series { title, name, unit, points }
    })
}
