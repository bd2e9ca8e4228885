//! What the readings of one department came to, and what that says of the whole.
//!
//! It never reads anything.

use super::{Summary, departments::Planned, element::Others};
use crate::report::{Department, DepartmentsBy};

impl Summary {
    /// Adds a department. `counted` says that the settings know where its count stands, `by` how it came to be read.
    pub(super) fn add(
        &mut self,
        planned: Planned,
        reading: Reading,
        counted: bool,
        by: Option<DepartmentsBy>,
    ) {
        let (says, gave, short) = (reading.says, reading.gave(), reading.short());
        self.items += reading.handed;
        self.bytes += reading.bytes;
        self.encoding = self.encoding.or(reading.encoding);
        self.others.add(reading.others);
        let source = &mut self.source;
        source.gave += gave;
        source.short = source.short.saturating_add(short);
        if let Some(says) = says {
            source.says = Some(source.says.unwrap_or(0).saturating_add(says));
        }
        // One that is gone has no count to give.
        let is_gone = planned.may_be_gone && gave == 0;
        source.uncounted += u64::from(counted && says.is_none() && !is_gone);
        // Of those that the preset only guesses some are not there.
        let listed = planned.listed && !(by == Some(DepartmentsBy::Preset) && is_gone);
        if let Some(id) = planned.id {
            source.departments.push(Department { id, name: planned.name, says, gave, short, listed });
        }
    }
}

/// One reading of a department, from its first window to the empty one.
#[derive(Default)]
pub(super) struct Reading {
    /// Elements with a product.
    pub items: u64,
    /// Of these, how many an earlier window held already.
    pub repeats: u64,
    /// Products that were handed on.
    pub handed: u64,
    pub others: Others,
    /// How many elements the department says it has, in its windows or elsewhere.
    pub says: Option<u64>,
    pub bytes: u64,
    pub encoding: Option<&'static str>,
    /// Whether it repeats elements because that is how the source's list is.
    pub repeats_are_its_own: bool,
}

impl Reading {
    /// Elements with a product: each once, unless the list itself holds it more often.
    pub fn gave(&self) -> u64 {
        self.items.saturating_sub(if self.repeats_are_its_own { 0 } else { self.repeats })
    }

    /// How much did not arrive of what it says it has: and as much as came twice, for a window that holds what another
    /// one held already is not the one that was asked for.
    pub fn short(&self) -> u64 {
        self.says.map_or(0, |says| says.saturating_sub(self.gave())).max(self.items - self.gave())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_what_is_missing_or_came_twice() {
        for (items, repeats, own, says, short) in [
            (100, 0, false, Some(100), 0),
            (120, 0, false, Some(100), 0),
            (90, 0, false, Some(100), 10),
            (100, 7, false, Some(100), 7),
            (120, 7, false, Some(100), 7),
            (90, 7, false, Some(100), 17),
            (100, 7, true, Some(100), 0),
            (90, 7, true, Some(100), 10),
            (90, 7, false, None, 7),
            (90, 7, true, None, 0),
            (0, 0, false, Some(u64::MAX), u64::MAX),
        ] {
            let reading = Reading { items, repeats, repeats_are_its_own: own, says, ..Reading::default() };
            assert_eq!(reading.short(), short, "{items} {repeats} {own} {says:?}");
        }
    }

    #[test]
    fn sums_of_absurd_counts_stay_in_bounds() {
        let mut summary = Summary::default();
        for id in ["a", "b"] {
            let planned = Planned { id: Some(id.into()), listed: true, ..Planned::default() };
            let reading = Reading { says: Some(u64::MAX), ..Reading::default() };
            summary.add(planned, reading, true, Some(DepartmentsBy::Shop));
        }
        assert_eq!((summary.source.says, summary.source.short), (Some(u64::MAX), u64::MAX));
    }
}
