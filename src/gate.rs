//! Judges a finished build by its figures: publish, warn or hold.
//!
//! It never reads a file or a record and never publishes: figures in, findings out.

mod base;
mod drift;
pub(crate) mod limits;
mod quality;
mod source;

pub use base::Base;

use crate::{
    config::gate::GateConfig,
    report::{
        Change, CorrectionsTold, Drift, Funnel, GateWarning, HoldReason, Percent, Profile, Quality,
        SkipReason, Source, Takeover, TakeoverDiff,
    },
};

/// From this share of the cap on, the row count is told.
const CAP_MARGIN: Percent = Percent::whole(98);
/// A row count closer than this to the usual one is never unusual: in a shop that was the same for a week, some hundred new
/// products of thousands are a good day.
const UNUSUAL: Percent = Percent::whole(5);
/// Of a feed that somebody else published, at least this share of the ids has to go on.
const TAKEN_OVER: Percent = Percent::whole(80);
/// Of the products that both builds have, fewer with another price do not move the median of all: others came or went.
const REPRICED: Percent = Percent::whole(33);
/// Both builds have so much of the published one, or nobody knows what moved its median.
const COMMON: Percent = Percent::whole(50);
/// With fewer exports of the same hour nobody knows what is usual.
const LEAST_SAMPLE: usize = 7;
/// The least standard deviation, as a share of the mean: a shop that never changes must not warn of one product.
const LEAST_DEVIATION: f64 = 0.001;

/// What a build is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a> {
    /// Rows of the file.
    pub rows: u64,
    /// Where every product went.
    pub funnel: &'a Funnel,
    /// The median of its rows' prices; `None` without rows.
    pub median_price: Option<u64>,
    /// What the source was like.
    pub source: &'a Source,
    /// What its titles and images are like.
    pub quality: &'a Quality,
    /// What it would take over from somebody else.
    pub takeover: Option<&'a Takeover>,
    /// What it is like as a whole, where that is known.
    pub profile: Option<&'a Profile>,
    /// How it differs from the published build, where they were compared.
    pub drift: Option<&'a Drift>,
    /// What became of a merchant's own corrections, where there are any.
    pub corrections: Option<&'a CorrectionsTold>,
}

/// What the gate says. Without holds the build is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// Why it must not be published, the plainest reason first.
    pub holds: Vec<HoldReason>,
    /// What is worth a look.
    pub warnings: Vec<GateWarning>,
}

/// What a rule finds.
#[derive(Debug, Clone, PartialEq)]
enum Finding {
    Hold(HoldReason),
    Warn(GateWarning),
}

use Finding::{Hold, Warn};

/// The gate with its thresholds.
#[derive(Debug, Clone)]
pub struct Gate {
    config: GateConfig,
    max_rows: u64,
}

impl Gate {
    /// With these thresholds and the most rows that a feed may hold.
    pub fn new(config: GateConfig, max_rows: u64) -> Self {
        Self { config, max_rows }
    }

    /// Judges a build, absolutely and against `base`.
    pub fn judge(&self, figures: &Figures<'_>, base: &Base) -> Judgement {
        let Figures { rows, funnel, source, quality, .. } = *figures;
        // A build without rows has shrunk too; once said is enough.
        let before = base.rows.filter(|before| rows < *before && rows > 0);
        let shrunk = |limit| before.and_then(|before| change(limit, before, rows));
        let compared = figures.drift.filter(|drift| drift.common > 0).zip(base.rows);
        let gone = compared.map(|(drift, rows)| (rows.saturating_sub(drift.common), rows));
        let emptied = source::emptied(source, &base.departments, self.config.hold_department, gone);
        let departments = emptied.is_some();
        let findings = [
            base.warning.clone().map(Warn),
            (rows == 0).then(|| Hold(HoldReason::NoRows { missing: source.missing.clone() })),
            source.foreign.clone().map(|foreign| Hold(HoldReason::ForeignCurrency(foreign))),
            source::changed(source),
            source::incomplete(source),
            emptied,
            source::not_read(source),
            source::uncounted(source),
            self.broken(funnel),
            shrunk(self.config.hold_shrink)
                .map(|change| Hold(HoldReason::Shrink(change)))
                .or(shrunk(self.config.warn_shrink).map(|change| Warn(GateWarning::Shrink(change)))),
            self.median(figures, base),
            self.unusual(rows, &base.same_hour),
            self.near_cap(figures),
            quality::hold(quality, rows),
            takeover(figures),
            uncorrected(figures),
        ];
        let mut judgement = Judgement::default();
        let drifted = self.drifted(figures, base, departments);
        for finding in findings.into_iter().flatten().chain(drifted) {
            match finding {
                Hold(reason) => judgement.holds.push(reason),
                Warn(warning) => judgement.warnings.push(warning),
            }
        }
        judgement.warnings.extend(quality::warnings(quality, rows));
        judgement
    }

    /// What drifted. A build without rows is another one altogether; once said is enough.
    fn drifted(&self, figures: &Figures<'_>, base: &Base, departments: bool) -> Vec<Finding> {
        let Figures { rows, profile, drift, .. } = *figures;
        let seen =
            drift::Seen { drift, before: base.profile.as_ref(), now: profile, rows_before: base.rows, rows };
        if rows == 0 { Vec::new() } else { drift::findings(&self.config, &seen, departments) }
    }

    fn broken(&self, funnel: &Funnel) -> Option<Finding> {
        let (limit, broken) = (self.config.hold_broken, funnel.broken_total());
        // Of all ids that were to become rows: those that find no room are no smaller part of them.
        let of = funnel.kept + broken + over_cap(funnel);
        let (mostly, times) = funnel.broken.iter().max_by_key(|(_, times)| **times)?;
        let (measured, mostly, times) = (Percent::of(broken, of), *mostly, *times);
        let hold = HoldReason::Broken { measured, limit, broken, of, mostly, times };
        limit.is_exceeded_by(broken, of).then_some(Hold(hold))
    }

    fn median(&self, figures: &Figures<'_>, base: &Base) -> Option<Finding> {
        let (before, now) = (base.median_price.filter(|price| *price > 0)?, figures.median_price?);
        // Where many products cost the same, the median jumps when a few come or go.
        let is_of_others = |Drift { common, repriced, .. }: &Drift| {
            COMMON.is_reached_by(*common, base.rows.unwrap_or_default())
                && repriced.is_some_and(|repriced| !REPRICED.is_reached_by(repriced, *common))
        };
        if figures.drift.is_some_and(is_of_others) {
            return None;
        }
        change(self.config.hold_median, before, now).map(|change| Hold(HoldReason::MedianPrice(change)))
    }

    fn unusual(&self, now: u64, same_hour: &[u64]) -> Option<Finding> {
        let sample = &same_hour[..same_hour.len().min(base::SAME_HOUR)];
        if sample.len() < LEAST_SAMPLE {
            return None;
        }
        let n = sample.len() as f64;
        let mean = sample.iter().map(|rows| *rows as f64).sum::<f64>() / n;
        let squares: f64 = sample.iter().map(|rows| (*rows as f64 - mean).powi(2)).sum();
        let deviation = (squares / (n - 1.0)).sqrt().max(mean * LEAST_DEVIATION);
        let (off, usual) = ((now as f64 - mean).abs(), mean.round() as u64);
        // Of nothing there is no share: a shop that published empty feeds has no usual count.
        let sigmas = if deviation > 0.0 { off / deviation } else { return None };
        let far = off >= mean * f64::from(UNUSUAL) / 100.0;
        let (measured, limit) = ((sigmas * 10.0).round() / 10.0, self.config.warn_sigma);
        let warning = GateWarning::UnusualRows { measured, limit, usual, now, exports: sample.len() as u64 };
        (far && sigmas > limit).then_some(Warn(warning))
    }

    fn near_cap(&self, figures: &Figures<'_>) -> Option<Finding> {
        let (rows, left_out, cap) = (figures.rows, over_cap(figures.funnel), self.max_rows);
        let (measured, limit) = (Percent::of(rows, cap), CAP_MARGIN);
        let is_near = left_out > 0 || limit.is_reached_by(rows, cap);
        is_near.then_some(Warn(GateWarning::NearCap { measured, limit, rows, cap, left_out }))
    }
}

/// How many products found no room.
fn over_cap(funnel: &Funnel) -> u64 {
    funnel.skipped.get(&SkipReason::OverCap).copied().unwrap_or_default()
}

/// A change that reaches its limit.
fn change(limit: Percent, before: u64, now: u64) -> Option<Change> {
    let moved = now.abs_diff(before);
    let measured = Percent::of(moved, before);
    limit.is_reached_by(moved, before).then_some(Change { measured, limit, before, now })
}

/// A merchant's corrections are not in it.
fn uncorrected(figures: &Figures<'_>) -> Option<Finding> {
    let unread = figures.corrections?.unread.as_ref().filter(|unread| unread.copy_of.is_none())?;
    Some(Warn(GateWarning::CorrectionsLost { reason: unread.reason.clone() }))
}

/// What taking over somebody else's feed is worth. A build without rows takes over nothing; once said is enough.
fn takeover(figures: &Figures<'_>) -> Option<Finding> {
    match figures.takeover? {
        Takeover::Unknown { reason } => Some(Warn(GateWarning::TakeoverUnknown { detail: reason.clone() })),
        _ if figures.rows == 0 => None,
        Takeover::Compared(TakeoverDiff { kept, of, .. }) if TAKEN_OVER.is_reached_by(*kept, *of) => None,
        Takeover::Compared(diff) => {
            let (measured, limit) = (Percent::of(diff.kept, diff.of), TAKEN_OVER);
            Some(Hold(HoldReason::Takeover { measured, limit, diff: diff.clone() }))
        }
        Takeover::Unreadable { begins } => {
            Some(Hold(HoldReason::TakeoverUnreadable { begins: begins.clone() }))
        }
    }
}

#[cfg(test)]
mod tests;
