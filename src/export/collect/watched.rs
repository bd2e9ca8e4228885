//! The outcomes of a part in which products stand that somebody asked for: each is taken as any other, and what became of
//! it is noted.
//!
//! It never decides anything.

use super::Collected;
use crate::export::{asked::Caught, explaining::Became, index::Seen, outcome::Outcome};

impl Collected {
    /// Takes outcomes, with the text of their rows, of which some were asked for, and notes what becomes of these.
    pub(super) fn take_watched(&mut self, outcomes: Vec<Outcome>, text: &str, caught: Caught) {
        let mut explaining = self.explaining.take().unwrap_or_default();
        let mut copies = caught.copies.into_iter().peekable();
        for (at, outcome) in outcomes.into_iter().enumerate() {
            let Some(copy) = copies.next_if(|copy| copy.outcome == at) else {
                self.take_one(outcome, text);
                continue;
            };
            let (id, is_row) = match &outcome {
                Outcome::Row(row) => (row.of(text).id().to_owned(), true),
                Outcome::Left { who, .. } => (who.id.clone(), false),
            };
            let before = self.index.seen(id.as_bytes());
            self.take_one(outcome, text);
            let became = self.became(is_row, before, self.index.seen(id.as_bytes()));
            explaining.note(copy, became, id, self.tally.elements, self.cap.most());
        }
        explaining.add_near(caught.near);
        self.explaining = Some(explaining);
    }

    fn became(&self, is_row: bool, before: Seen, after: Seen) -> Became {
        match (before, after) {
            (Seen::Kept, _) => Became::Repeat,
            (Seen::Left { .. }, _) if !is_row => Became::Repeat,
            (_, Seen::Kept) => Became::AsJudged,
            (Seen::Left { reason, .. }, _) if self.tally.is_over_cap(reason) => Became::Repeat,
            _ if is_row => Became::OverCap,
            _ => Became::AsJudged,
        }
    }
}
