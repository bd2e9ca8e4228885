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
    /// The step.
    pub step: Step,
}

/// Draws the guide.
pub fn draw(blocks: &mut Blocks, words: Words, commands: &Commands, day: Date, context: &GuideContext) {
    let mut lines = vec![format!("👋 *{}*", words.guide_title(day))];
    lines.extend(words.guide_purpose().map(str::to_owned));
    blocks.section(&lines);

    let steps = [Step::ExportProducts, Step::VerifyEp];
    let mut lines: Vec<String> = steps.iter().filter_map(|step| times(words, context, *step)).collect();
    lines.push(format!("• {}", words.feed(&escape::link(&context.feed_url))));
    lines.push(format!("• {}", words.guide_files(&escape::code(&context.files, 300))));
    blocks.section(&lines);

    let mut lines = vec![words.guide_rerun().to_owned()];
    lines.extend(steps.map(|step| commands.step(step)));
    lines.extend(commands.where_url_is(words));
    blocks.section(&lines);
    blocks.context(&[words.guide_signs().to_owned()]);
}

/// `• 생성 00:05, 15:00`
fn times(words: Words, context: &GuideContext, step: Step) -> Option<String> {
    let of_step = context.times.iter().filter(|slot| slot.step == step);
    let times: Vec<&str> = of_step.map(|slot| slot.time.as_str()).collect();
    (!times.is_empty())
        .then(|| escape::cut(&format!("• {}: {}", words.guide_step(step), times.join(", ")), 500))
}
