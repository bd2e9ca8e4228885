//! The thread's first reply: what it holds, when, where the files are, and how to run a step by hand.
//!
//! It never holds a verdict.

use jiff::civil::Date;

use super::{blocks::Blocks, commands::Commands, wording::Words};
use crate::{chat::escape, step::Step};

/// What the guide tells of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuideContext {
    /// The schedule's slots, in order of time.
    pub times: Vec<GuideTime>,
    /// The public URL of the feed.
    pub feed_url: String,
    /// Where builds are kept: `s3://bucket/ep` or a folder.
    pub files: String,
}

/// One slot of the schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuideTime {
    /// Local time of day, `00:05`.
    pub time: String,
    pub step: Step,
}

/// Draws the guide.
pub fn draw(blocks: &mut Blocks, words: Words, commands: &Commands, day: Date, context: &GuideContext) {
    let steps = [Step::ExportProducts, Step::VerifyEp];
    let times: Vec<String> = steps.iter().filter_map(|step| times(words, context, *step)).collect();
    let title = format!("👋 *{}*", words.guide_title(day));
    let places =
        [words.feed(&escape::link(&context.feed_url)), words.guide_files(&escape::code(&context.files, 300))];
    let mut lines = vec![title, words.guide_purpose().to_owned()];
    lines.extend((!times.is_empty()).then(|| times.join(" · ")));
    lines.push(places.join(" · "));
    blocks.section(&lines);

    let mut lines = vec![words.guide_rerun().to_owned()];
    lines.extend(steps.map(|step| commands.step(step)));
    blocks.section(&lines);
    blocks.context(&[words.guide_signs().to_owned()]);
}

/// `생성 00:05, 15:00`
fn times(words: Words, context: &GuideContext, step: Step) -> Option<String> {
    let of_step = context.times.iter().filter(|slot| slot.step == step);
    let times: Vec<&str> = of_step.map(|slot| slot.time.as_str()).collect();
    (!times.is_empty()).then(|| escape::cut(&format!("{} {}", words.guide_step(step), times.join(", ")), 500))
}
