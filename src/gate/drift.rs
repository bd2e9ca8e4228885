//! How far a build may drift from the published one: what neither a count nor a median sees.
//!
//! One table: what a rule is about, from where on it warns and from where on it holds, and what it measures. Its sentence
//! and what to do stand in `slack::wording::drift`.

mod measure;

pub(super) use self::measure::Seen;
use self::measure::{FEW, Measured, categories, fill, growth, host, moved, replaced, retitled};
use super::Finding::{self, Hold, Warn};
use crate::{
    config::gate::GateConfig,
    report::{DriftRule, Drifted, GateWarning, HoldReason, HostOf, Percent},
};

/// From this share on, if these are so many products.
type Limit = (fn(&GateConfig) -> Percent, u64);

struct Rule {
    id: DriftRule,
    warn: Option<Limit>,
    hold: Option<Limit>,
    measure: fn(&Seen<'_>) -> Option<Measured>,
}

/// A new season brings a quarter of its products; of whom half are others, the ids are no longer what they were.
const REPLACED: Percent = Percent::whole(50);

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

#[cfg(test)]
mod tests;
