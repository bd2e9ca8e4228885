//! The thread's first reply: what it holds, when, where the files are, and how to run a step by hand.
//!
//! It never holds a verdict.

use jiff::civil::Date;

use super::{blocks::Blocks, message::Renderer};
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
pub fn draw(blocks: &mut Blocks, renderer: &Renderer, day: Date, context: &GuideContext) {
    let words = renderer.words;
    let mut lines = vec![format!("👋 *{}*", words.guide_title(day))];
    lines.extend(words.guide_purpose().map(str::to_owned));
    blocks.section(&lines);

    let steps = [Step::ExportProducts, Step::VerifyEp];
    let mut lines: Vec<String> = steps.iter().filter_map(|step| times(renderer, context, *step)).collect();
    lines.push(format!("• {}", words.feed(&escape::link(&context.feed_url))));
    lines.push(format!("• {}", words.guide_files(&escape::code(&context.files, 300))));
    blocks.section(&lines);

    let mut lines = vec![words.guide_rerun().to_owned()];
    lines.extend(steps.map(|step| renderer.command(step)));
    if !renderer.knows_its_url() {
        lines.push(words.where_url_is().to_owned());
    }
    blocks.section(&lines);
    blocks.context(&[words.guide_signs().to_owned()]);
}

/// `• 생성 00:05, 15:00`
fn times(renderer: &Renderer, context: &GuideContext, step: Step) -> Option<String> {
    let of_step = context.times.iter().filter(|slot| slot.step == step);
    let times: Vec<&str> = of_step.map(|slot| slot.time.as_str()).collect();
    (!times.is_empty())
        .then(|| escape::cut(&format!("• {}: {}", renderer.words.guide_step(step), times.join(", ")), 500))
}
