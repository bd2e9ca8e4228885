//! How far a build may drift from the published one: what neither a count nor a median sees.
//!
//! One table: what a rule is about, from where on it warns and from where on it holds, and what it measures. Its sentence
//! and what to do stand in `slack::wording::drift`.

use super::Finding::{self, Hold, Warn};
use crate::{
    config::gate::GateConfig,
    report::{
        Drift, DriftExample, DriftRule, Drifted, GateWarning, HoldReason, HostMoved, HostOf, Moved, Percent,
        Profile, Retitled, number,
    },
};

/// What a build is held against, and what it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) drift: Option<&'a Drift>,
    pub(super) before: Option<&'a Profile>,
    pub(super) now: Option<&'a Profile>,
    pub(super) rows_before: Option<u64>,
    pub(super) rows: u64,
}

/// From this share on, if these are so many products.
type Limit = (fn(&GateConfig) -> Percent, u64);

struct Rule {
    id: DriftRule,
    warn: Option<Limit>,
    hold: Option<Limit>,
    measure: fn(&Seen<'_>) -> Option<Measured>,
}

/// What a rule measures.
#[derive(Debug, Default)]
struct Measured {
    part: u64,
    of: u64,
    /// Products that it is about, where that is not `part`.
    products: Option<u64>,
    examples: Vec<DriftExample>,
    /// Whether somebody looked, and all is well: then it is only told.
    is_well: bool,
}

/// A new season brings a quarter of its products; of whom half are others, the ids are no longer what they were.
const REPLACED: Percent = Percent::whole(50);
/// Fewer are no sign of anything, least of all in a small shop.
const FEW: u64 = 20;

/// The rules, the plainest cause first.
const RULES: &[Rule] = &[
    Rule { id: DriftRule::IdsReplaced, warn: None, hold: Some((|_| REPLACED, FEW)), measure: replaced },
    Rule {
        id: DriftRule::PriceUnit,
        warn: None,
        hold: Some((|limits| limits.hold_price_unit, FEW)),
        measure: |seen| moved(seen, |drift| &drift.units),
    },
    Rule {
        id: DriftRule::PricesMoved,
        warn: Some((|limits| limits.warn_prices, FEW)),
        hold: Some((|limits| limits.hold_prices, FEW)),
        measure: |seen| moved(seen, |drift| &drift.prices),
    },
    Rule {
        id: DriftRule::TitlesSwapped,
        warn: Some((|limits| limits.warn_swapped, 3)),
        hold: Some((|limits| limits.hold_swapped, FEW)),
        measure: |seen| retitled(seen, |drift| &drift.strangers),
    },
    Rule {
        id: DriftRule::TitlesChanged,
        warn: Some((|limits| limits.warn_titles, FEW)),
        hold: Some((|limits| limits.hold_titles, FEW)),
        measure: |seen| retitled(seen, |drift| &drift.titles),
    },
    Rule {
        id: DriftRule::LinkHost,
        warn: Some((|limits| limits.hold_hosts, 0)),
        hold: Some((|limits| limits.hold_hosts, 0)),
        measure: |seen| host(seen, HostOf::Link),
    },
    Rule {
        id: DriftRule::ImageHost,
        warn: Some((|limits| limits.hold_hosts, 0)),
        hold: Some((|limits| limits.hold_hosts, 0)),
        measure: |seen| host(seen, HostOf::Image),
    },
    Rule {
        id: DriftRule::CategoryLost,
        warn: Some((|_| Percent::hundredths(0), 3)),
        hold: Some((|limits| limits.hold_department, FEW)),
        measure: categories,
    },
    Rule { id: DriftRule::ValuesLost, warn: Some((|limits| limits.warn_fill, 0)), hold: None, measure: fill },
    Rule {
        id: DriftRule::Growth,
        warn: Some((|limits| limits.warn_growth, FEW)),
        hold: None,
        measure: growth,
    },
];

/// What has drifted too far, or is worth a look. Where `departments` say already what is gone, categories do not.
pub(super) fn findings(config: &GateConfig, seen: &Seen<'_>, departments: bool) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| !(departments && rule.id == DriftRule::CategoryLost)) {
        let Some(measured) = (rule.measure)(seen) else { continue };
        let reached = |limit: &Limit| {
            let share = limit.0(config);
            let products = measured.products.unwrap_or(measured.part);
            let is_reached = products >= limit.1 && share.is_reached_by(measured.part, measured.of);
            is_reached.then_some(share)
        };
        let hold = rule.hold.as_ref().filter(|_| !measured.is_well).and_then(reached);
        let warn = || rule.warn.as_ref().and_then(reached);
        let drifted = |limit| Drifted {
            rule: rule.id,
            measured: Percent::of(measured.part, measured.of),
            limit,
            products: measured.products.unwrap_or(measured.part),
            of: measured.of,
            examples: measured.examples.clone(),
        };
        match hold {
            Some(limit) => found.push(Hold(HoldReason::Drift(drifted(limit)))),
            None => found.extend(warn().map(|limit| Warn(GateWarning::Drift(drifted(limit))))),
        }
    }
    said_once(found)
}

/// Titles that are another product's are titles that changed: once said is enough.
fn said_once(mut found: Vec<Finding>) -> Vec<Finding> {
    let rule = |finding: &Finding| match finding {
        Hold(HoldReason::Drift(drifted)) | Warn(GateWarning::Drift(drifted)) => Some(drifted.rule),
        _ => None,
    };
    let swapped = found.iter().position(|finding| rule(finding) == Some(DriftRule::TitlesSwapped));
    let changed = found.iter().position(|finding| rule(finding) == Some(DriftRule::TitlesChanged));
    if let Some((swapped, changed)) = swapped.zip(changed) {
        let is_milder = matches!((&found[swapped], &found[changed]), (Warn(_), Hold(_)));
        found.remove(if is_milder { swapped } else { changed });
    }
    found
}

/// Rows that are gone, as far as others came in their place: what is only gone or only new other rules tell.
fn replaced(seen: &Seen<'_>) -> Option<Measured> {
    let (drift, before) = (seen.drift.filter(|drift| drift.is_known())?, seen.rows_before?);
    let [gone, new] = [before, seen.rows].map(|rows| rows.saturating_sub(drift.common));
    measured(gone.min(new), before, Vec::new())
}

fn moved(seen: &Seen<'_>, of: fn(&Drift) -> &Moved) -> Option<Measured> {
    let drift = seen.drift?;
    let Moved { products, examples } = of(drift);
    let examples = examples.iter().map(|moved| DriftExample {
        what: moved.row.id.clone(),
        before: number(moved.old),
        now: number(moved.new),
    });
    measured(*products, drift.common, examples.collect())
}

fn retitled(seen: &Seen<'_>, of: fn(&Drift) -> &Retitled) -> Option<Measured> {
    let drift = seen.drift?;
    let Retitled { products, examples } = of(drift);
    let example = |row: &crate::report::NewTitle| DriftExample {
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

fn host(seen: &Seen<'_>, of: HostOf) -> Option<Measured> {
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
fn categories(seen: &Seen<'_>) -> Option<Measured> {
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
fn fill(seen: &Seen<'_>) -> Option<Measured> {
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

fn growth(seen: &Seen<'_>) -> Option<Measured> {
    let before = seen.rows_before.filter(|before| *before > 0)?;
    let example = DriftExample { what: String::new(), before: number(before), now: number(seen.rows) };
    measured(seen.rows.saturating_sub(before), before, vec![example])
}

#[cfg(test)]
mod tests;
