//! How exports went day by day: as charts of Slack's own, or in lines that say the same.
//!
//! It never decides whether that is worth a look: a report has it where it is.

use super::{blocks::Blocks, chart::Chart, wording::Words};
use crate::report::TrendPoint;

/// Draws what there are two points of or more, and gives the lines of what could not be drawn. A day without a number has
/// no point: there is nothing to be drawn for it.
pub fn draw(blocks: &mut Blocks, words: Words, trend: &[TrendPoint]) -> Vec<String> {
    let told = charts(words, trend).into_iter().filter(|chart| chart.points.len() > 1);
    let told = told.filter(|chart| !blocks.chart(chart));
    told.map(|chart| words.trend(chart.name, &chart.points)).collect()
}

fn charts(words: Words, trend: &[TrendPoint]) -> [Chart<'static>; 2] {
    let label = |point: &TrendPoint| point.day.strftime("%m/%d").to_string();
    let rows: Vec<_> = trend.iter().map(|point| (label(point), point.rows)).collect();
    let prices = trend.iter().filter_map(|point| Some((label(point), point.median_price?))).collect();
    [(words.trend_rows(), rows), (words.trend_median(), prices)].map(|((name, unit), points)| {
        let title = words.trend_title(name, points.len());
        Chart { title, name, unit, points }
    })
}
