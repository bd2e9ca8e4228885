//! What each rule measures of a build and the published one.
//!
//! It holds nothing against a limit.

use crate::report::{
    Drift, DriftExample, HostMoved, HostOf, Moved, NewTitle, Percent, Profile, Retitled, number,
};

/// Fewer are no sign of anything, least of all in a small shop.
pub(super) const FEW: u64 = 20;

/// What a build is held against, and what it is.
#[derive(Debug, Clone, Copy)]
pub(in crate::gate) struct Seen<'a> {
    pub(in crate::gate) drift: Option<&'a Drift>,
    pub(in crate::gate) before: Option<&'a Profile>,
    pub(in crate::gate) now: Option<&'a Profile>,
    pub(in crate::gate) rows_before: Option<u64>,
    pub(in crate::gate) rows: u64,
}

/// What a rule measures.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) part: u64,
    pub(super) of: u64,
    /// Products that it is about, where that is not `part`.
    pub(super) products: Option<u64>,
    pub(super) examples: Vec<DriftExample>,
    /// Whether somebody looked, and all is well: then it is only told.
    pub(super) is_well: bool,
}

/// Rows that are gone, as far as others came in their place: what is only gone or only new other rules tell.
pub(super) fn replaced(seen: &Seen<'_>) -> Option<Measured> {
    let (drift, before) = (seen.drift.filter(|drift| drift.is_known())?, seen.rows_before?);
    let [gone, new] = [before, seen.rows].map(|rows| rows.saturating_sub(drift.common));
    measured(gone.min(new), before, Vec::new())
}

pub(super) fn moved(seen: &Seen<'_>, of: fn(&Drift) -> &Moved) -> Option<Measured> {
    let drift = seen.drift?;
    let Moved { products, examples } = of(drift);
    let examples = examples.iter().map(|moved| DriftExample {
        what: moved.row.id.clone(),
        before: number(moved.old),
        now: number(moved.new),
    });
    measured(*products, drift.common, examples.collect())
}

pub(super) fn retitled(seen: &Seen<'_>, of: fn(&Drift) -> &Retitled) -> Option<Measured> {
    let drift = seen.drift?;
    let Retitled { products, examples } = of(drift);
    let example = |row: &NewTitle| DriftExample {
        what: row.row.id.clone(),
        before: row.before.clone(),
        // Of a build that is not stored nobody knows the new one.
        now: if row.row.title == row.before { String::new() } else { row.row.title.clone() },
    };
    measured(*products, drift.common, examples.iter().map(example).collect())
}

fn measured(part: u64, of: u64, examples: Vec<DriftExample>) -> Option<Measured> {
    (part > 0).then(|| Measured { part, of, examples, ..Measured::default() })
}

/// Opened well: all but one at most, for single pages come and go.
fn is_well(HostMoved { asked, opened, .. }: &HostMoved) -> bool {
    *asked > 0 && asked - opened <= u64::from(*asked > 2)
}

pub(super) fn host(seen: &Seen<'_>, of: HostOf) -> Option<Measured> {
    let moved = seen.drift?.hosts.iter().find(|moved| moved.of == of)?;
    let HostMoved { host, before, now, asked, opened, .. } = moved;
    let example = |what: String, before: String, now: String| DriftExample { what, before, now };
    let share = example(host.clone(), before.to_string(), now.to_string());
    // The last one is how many were opened, and of these how many opened.
    let tried = example(String::new(), asked.to_string(), opened.to_string());
    let part = before.distance(*now).as_hundredths();
    let examples = vec![share, tried];
    Some(Measured { part, of: 10_000, products: Some(seen.rows), examples, is_well: is_well(moved) })
}

/// A category has half its share of the feed, or half as many rows where the others did not lose as much, and as many of
/// its products are gone. One whose products go on in another one was renamed.
pub(super) fn categories(seen: &Seen<'_>) -> Option<Measured> {
    let (before, now, drift) = (seen.before?, seen.now?, seen.drift?);
    let lost = before.categories.iter().filter_map(|(name, was)| {
        let is = now.categories.get(name).copied().unwrap_or_default();
        let gone = drift.gone.get(name).copied().unwrap_or_default();
        let (share_was, share_is) =
            (u128::from(*was) * u128::from(now.rows), u128::from(is) * u128::from(before.rows));
        let halved = share_is * 2 <= share_was || is * 2 <= *was && share_is * 4 <= share_was * 3;
        (halved && gone * 2 >= *was).then_some((name, *was, is))
    });
    let mut lost: Vec<_> = lost.filter(|(_, was, is)| is < was).collect();
    lost.sort_by(|a, b| (b.1 - b.2).cmp(&(a.1 - a.2)).then_with(|| a.0.cmp(b.0)));
    let part = lost.iter().map(|(_, was, is)| was - is).sum();
    let examples = lost.into_iter().take(3).map(|(name, was, is)| DriftExample {
        what: name.clone(),
        before: number(was),
        now: number(is),
    });
    measured(part, before.rows, examples.collect())
}

/// A column that comes and goes with every sale.
const OF_SALES: &str = "normal_price";

/// Columns that lost values, by points of a percent: the one that lost most is what is measured.
pub(super) fn fill(seen: &Seen<'_>) -> Option<Measured> {
    let (before, now) = (seen.before?, seen.now?);
    if before.rows.min(now.rows) < FEW {
        return None;
    }
    let share = |profile: &Profile, column: &str| {
        let filled = profile.fill.get(column).copied().unwrap_or_default();
        Percent::of(filled, profile.rows)
    };
    let columns = before.fill.keys().filter(|column| *column != OF_SALES);
    let fell = columns.map(|column| (column, share(before, column), share(now, column)));
    let mut fell: Vec<_> = fell.filter(|(_, was, is)| is < was).collect();
    fell.sort_by_key(|(_, was, is)| std::cmp::Reverse(was.distance(*is)));
    let (_, was, is) = fell.first()?;
    let part = was.distance(*is).as_hundredths();
    let examples = fell.iter().take(3).map(|(column, was, is)| DriftExample {
        what: (*column).clone(),
        before: was.to_string(),
        now: is.to_string(),
    });
    let (products, examples) = (Some(now.rows), examples.collect());
    Some(Measured { part, of: 10_000, products, examples, is_well: false })
}

pub(super) fn growth(seen: &Seen<'_>) -> Option<Measured> {
    let before = seen.rows_before.filter(|before| *before > 0)?;
    let example = DriftExample { what: String::new(), before: number(before), now: number(seen.rows) };
    measured(seen.rows.saturating_sub(before), before, vec![example])
}
