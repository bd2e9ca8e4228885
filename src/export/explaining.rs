//! What became of the products that somebody asked for, once repeated ids and the cap are decided, and what all that comes
//! to for each id.
//!
//! It holds a few products for each id and never decides anything.

use super::{
    asked::{Asked, Copy, Near},
    index::RowIndex,
    standing::Standings,
    witness::COPIES,
};
use crate::report::{
    Cell, ColumnChange, Decision, Fate, Found, OfPublished, SkipReason, Standing, StepTaken, Why, WhyStep,
};

/// The ids that were asked for, on the way through a catalogue.
#[derive(Debug, Default)]
pub(super) struct Explaining(Vec<OfId>);

#[derive(Debug, Default)]
struct OfId {
    times: u64,
    found: Vec<Found>,
    near: Near,
    /// As the index knows it, where a sound row of it found no room yet.
    waits: Option<String>,
}

/// What became of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    /// What the judge said.
    AsJudged,
    /// Another copy counts.
    Repeat,
    /// There was no room.
    OverCap,
}

impl Explaining {
    pub(super) fn of(asked: &Asked) -> Self {
        Self(asked.ids().map(|_| OfId::default()).collect())
    }

    /// What became of a copy; `elements` came before its part, and `most` rows find room.
    pub(super) fn note(&mut self, copy: Copy, became: Became, id: String, elements: u64, most: u64) {
        let of = &mut self.0[copy.asked];
        of.times += 1;
        if became == Became::OverCap {
            of.waits.get_or_insert(id);
        }
        let Some(mut found) = copy.found else { return };
        found.element += elements;
        found.become_of(became, most);
        let none_kept = !of.found.iter().any(|found| found.fate == Fate::Kept);
        if of.found.len() < COPIES {
            of.found.push(found);
        } else if none_kept && found.fate == Fate::Kept {
            of.found[COPIES - 1] = found;
        }
    }

    /// Ids like those that were asked for, of one part.
    pub(super) fn add_near(&mut self, near: impl IntoIterator<Item = Near>) {
        for (of, near) in self.0.iter_mut().zip(near) {
            of.near.add(near);
        }
    }

    /// The catalogue is over, and who waited for room got it or did not.
    pub(super) fn close(&mut self, index: &RowIndex) {
        for OfId { found, waits, .. } in &mut self.0 {
            let got_in = waits.as_ref().is_some_and(|id| index.contains(id.as_bytes()));
            if let Some(found) = found.iter_mut().find(|found| got_in && found.is_over_cap()) {
                found.fate = Fate::Kept;
                found.decide(WhyStep::Cap, Decision::Passed, String::new());
            }
        }
    }

    /// The answers, in the order in which they were asked for.
    pub(super) fn whys(self, asked: &Asked, standings: Standings) -> Vec<Why> {
        let all = asked.ids().zip(self.0).zip(standings.into_each(asked.ids().len()));
        all.map(|((id, of), published)| of.why(id, published)).collect()
    }
}

impl OfId {
    fn why(self, id: &str, published: OfPublished) -> Why {
        let Self { times, found, near, .. } = self;
        let kept = found.iter().find(|found| found.fate == Fate::Kept);
        let standing = match (times, kept) {
            (0, _) => Standing::NotInSource,
            (_, Some(_)) => Standing::InFeed,
            (_, None) => Standing::LeftOut,
        };
        let changes = match (kept, &published) {
            (Some(found), OfPublished::Row { row, .. }) => changes(row, &found.row),
            _ => Vec::new(),
        };
        let nearest = if times == 0 { near.into_ids() } else { Vec::new() };
        Why { id: id.to_owned(), standing, times, found, published, changes, nearest }
    }
}

impl Found {
    fn become_of(&mut self, became: Became, most: u64) {
        match became {
            Became::AsJudged => {}
            Became::Repeat => {
                self.fate = Fate::Repeat;
                self.decide(WhyStep::Repeat, Decision::LeftOut, String::new());
                self.decide(WhyStep::Cap, Decision::NotReached, String::new());
            }
            Became::OverCap => {
                self.fate = Fate::Skipped { reason: SkipReason::OverCap, value: most.to_string() };
                self.decide(WhyStep::Cap, Decision::LeftOut, most.to_string());
            }
        }
    }

    /// Sets what a step decided, where an earlier one did not leave the product out.
    fn decide(&mut self, step: WhyStep, decision: Decision, value: String) {
        let is_open = |taken: &&mut StepTaken| taken.step == step && taken.decision != Decision::NotReached;
        if let Some(taken) = self.steps.iter_mut().find(is_open) {
            (taken.decision, taken.value) = (decision, value);
        }
    }

    fn is_over_cap(&self) -> bool {
        matches!(self.fate, Fate::Skipped { reason: SkipReason::OverCap, .. })
    }
}

/// The columns by which two rows differ, in the order of the new one's; an empty value stands in neither.
fn changes(published: &[Cell], now: &[Cell]) -> Vec<ColumnChange> {
    let value = |row: &[Cell], column: &str| {
        row.iter().find(|cell| cell.column == column).map(|cell| cell.value.clone()).unwrap_or_default()
    };
    let gone = published.iter().filter(|cell| now.iter().all(|new| new.column != cell.column));
    let columns = now.iter().chain(gone).map(|cell| &cell.column);
    let all = columns.map(|column| ColumnChange {
        column: column.clone(),
        published: value(published, column),
        now: value(now, column),
    });
    all.filter(|change| change.published != change.now).collect()
}

#[cfg(test)]
mod tests;
