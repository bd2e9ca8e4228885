//! What became of each line of one product, for whoever asks why it is as it is.
//!
//! It never decides which lines hold.

use super::{Correction, Sets};
use crate::report::{LineBecame, LineFault, LineTaken};

/// Lines of one product that are told.
const LINES: usize = 100;

/// A line as it was written.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) line: u64,
    /// `set price_pc`
    pub(super) says: String,
    pub(super) value: String,
    pub(super) state: State,
}

/// What reading made of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    InForce,
    Expired,
    Refused(LineFault),
}

impl Correction {
    /// The first lines of the product, and what became of each; `sets` in its row, where it has one.
    pub(crate) fn lines_taken(&self, sets: Option<Sets<'_>>) -> Vec<LineTaken> {
        let told = |noted: &Noted| LineTaken {
            line: noted.line,
            says: noted.says.clone(),
            value: noted.value.clone(),
            became: match noted.state {
                State::InForce => self.became(noted.line, sets),
                State::Expired => LineBecame::Expired,
                State::Refused(fault) => LineBecame::Refused { fault },
            },
        };
        self.lines.iter().take(LINES).map(told).collect()
    }

    /// What became of a line that reading took.
    fn became(&self, line: u64, sets: Option<Sets<'_>>) -> LineBecame {
        if self.overruled.contains(&line) {
            return LineBecame::Refused { fault: LineFault::Overruled };
        }
        if self.excluded == Some(line) {
            return LineBecame::Holds;
        }
        let Some(sets) = sets else { return LineBecame::Unused };
        let set = self.set.iter().find(|(.., set_by)| *set_by == line);
        match set.and_then(|(column, value, line)| sets.refusal(*column, value, *line)) {
            Some(fault) => LineBecame::Refused { fault },
            None => LineBecame::Holds,
        }
    }
}
