//! The message of a run that could not do its work: what, whether it repeats itself, and what to do.
//!
//! It never shows more of a technical text than a person can pass on.

use super::{
    blocks::Blocks,
    commands::{Commands, Remedy},
    wording::Words,
};
use crate::{
    chat::escape,
    report::{Failure, FailureKind, Origin, RunInfo},
    schedule::SCHEDULED_ATTEMPTS,
    step::Step,
};

/// Characters of the technical detail.
const DETAIL_CHARS: usize = 600;

/// Draws the failure below `head`.
pub fn draw(
    blocks: &mut Blocks,
    words: Words,
    commands: &Commands,
    head: String,
    run: &RunInfo,
    failure: &Failure,
) {
    let mut lines = vec![head, format!("*{}*", words.failure(failure.failure))];
    let broke_off = failure.failure == FailureKind::BrokeOff;
    // What broke off may have come as far as the publication.
    let may_be_public = broke_off || failure.failure == FailureKind::Publication;
    if run.step == Step::ExportProducts && !may_be_public {
        lines.push(words.feed_unchanged().to_owned());
    }
    let repeats = failure.retryable && run.origin != Origin::Manual;
    if broke_off {
        lines.push(words.trying_again(run.attempt, repeats && run.attempt >= SCHEDULED_ATTEMPTS));
    } else if repeats && run.attempt < SCHEDULED_ATTEMPTS {
        lines.push(words.will_retry().to_owned());
    } else if repeats {
        lines.push(words.tries_spent().to_owned());
    }
    lines.push(words.failure_advice(run.step, failure.failure).to_owned());
    lines.push(escape::code(&failure.detail, DETAIL_CHARS));
    blocks.section(&lines);
    if !repeats || run.attempt >= SCHEDULED_ATTEMPTS {
        commands.remedies(blocks, words, &[Remedy::Rerun(run.step)]);
    }
}
