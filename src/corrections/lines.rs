//! What became of each line of one product, for whoever asks why it is as it is.
//!
//! It never decides which lines hold.

use super::{Correction, Sets};
use crate::report::{LineBecame, LineFault, LineTaken};

/// Lines of one product that are told.
const LINES: usize = 20;

/// A line as it was written.
#[derive(Debug)]
pub(super) struct Noted {
    pub(super) line: u64,
    /// `set price_pc`
    pub(super) says: String,
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
    /// The first lines of the product, and what became of each in its row; `sets` where nothing leaves it out before.
    pub(crate) fn lines_taken(&self, sets: Option<Sets<'_>>) -> Vec<LineTaken> {
        self.lines
            .iter()
            .take(LINES)
            .map(|Noted { line, says, state }| LineTaken {
                line: *line,
                says: says.clone(),
                became: match state {
                    State::InForce => match self.fault(*line, sets) {
                        Some(fault) => LineBecame::Refused { fault },
                        None => LineBecame::Holds,
                    },
                    State::Expired => LineBecame::Expired,
                    State::Refused(fault) => LineBecame::Refused { fault: *fault },
                },
            })
            .collect()
    }

    /// Why a line that reading took does not hold for the product.
    fn fault(&self, line: u64, sets: Option<Sets<'_>>) -> Option<LineFault> {
        if self.overruled.contains(&line) {
            return Some(LineFault::Overruled);
        }
        let (column, value, _) = self.set.iter().find(|(.., set_by)| *set_by == line)?;
        sets?.fault(*column, value)
    }
}
