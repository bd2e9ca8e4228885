//! Judges a finished build by its figures: publish, warn or hold.
//!
//! It never reads a file or a record and never publishes: figures in, findings out.

mod base;
mod quality;
mod source;

pub use base::Base;

use crate::{
    config::gate::GateConfig,
    report::{
        ForeignPrices, Funnel, GateWarning, HoldReason, Percent, Quality, SkipReason, Source, Takeover,
        TakeoverDiff,
    },
};

/// From this share of the cap on, the row count is told.
const CAP_MARGIN: Percent = Percent::whole(98);
/// A row count closer than this to the usual one is never unusual.
const UNUSUAL: Percent = Percent::whole(1);
/// Of a feed that somebody else published, at least this share of the ids has to go on.
const TAKEN_OVER: Percent = Percent::whole(80);
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
}

/// What the gate says. Without holds the build is published.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// Why it must not be published, the plainest reason first.
    pub holds: Vec<HoldReason>,
    /// What is worth a look.
    pub warnings: Vec<GateWarning>,
}

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
        let source = figures.source;
        let no_rows = (figures.rows == 0).then(|| HoldReason::NoRows { missing: source.missing.clone() });
        let foreign = source.foreign.clone().map(|ForeignPrices { expected, products, found }| {
            HoldReason::ForeignCurrency { expected, products, found }
        });
        let (incomplete, warn_incomplete) = source::incomplete(source);
        let (emptied, warn_emptied) = source::emptied(source, &base.departments);
        // A build without rows has shrunk too; once said is enough.
        let shrunk = base.rows.filter(|before| figures.rows < *before && figures.rows > 0);
        let shrink = shrunk.and_then(|before| self.hold_shrink(before, figures.rows));
        let warn_shrink =
            shrunk.filter(|_| shrink.is_none()).and_then(|before| self.warn_shrink(before, figures.rows));
        let (takeover, takeover_unknown) = takeover(figures);
        let holds = [
            no_rows,
            foreign,
            incomplete,
            emptied,
            self.broken(figures.funnel),
            shrink,
            self.median(figures, base),
            quality::hold(figures.quality, figures.rows),
            takeover,
        ];
        let warnings = [
            base.warning.clone(),
            warn_incomplete,
            warn_emptied,
            source::not_read(source),
            source::uncounted(source),
            warn_shrink,
            self.unusual(figures.rows, &base.same_hour),
            self.near_cap(figures),
            takeover_unknown,
        ];
        Judgement {
            holds: holds.into_iter().flatten().collect(),
            warnings: warnings
                .into_iter()
                .flatten()
                .chain(quality::warnings(figures.quality, figures.rows))
                .collect(),
        }
    }

    fn broken(&self, funnel: &Funnel) -> Option<HoldReason> {
        let (limit, broken) = (self.config.hold_broken, funnel.broken_total());
        // Of all ids that were to become rows: those that find no room are no smaller part of them.
        let over_cap = funnel.skipped.get(&SkipReason::OverCap).copied().unwrap_or_default();
        let of = funnel.kept + broken + over_cap;
        let (mostly, times) = funnel.broken.iter().max_by_key(|(_, times)| **times)?;
        limit.is_exceeded_by(broken, of).then(|| HoldReason::Broken {
            measured: Percent::of(broken, of),
            limit,
            broken,
            of,
            mostly: *mostly,
            times: *times,
        })
    }

    fn hold_shrink(&self, before: u64, now: u64) -> Option<HoldReason> {
        let (limit, gone) = (self.config.hold_shrink, before - now);
        let measured = Percent::of(gone, before);
        limit.is_reached_by(gone, before).then_some(HoldReason::Shrink { measured, limit, before, now })
    }

    fn warn_shrink(&self, before: u64, now: u64) -> Option<GateWarning> {
        let (limit, gone) = (self.config.warn_shrink, before - now);
        let measured = Percent::of(gone, before);
        limit.is_reached_by(gone, before).then_some(GateWarning::Shrink { measured, limit, before, now })
    }

    fn median(&self, figures: &Figures<'_>, base: &Base) -> Option<HoldReason> {
        let (before, now) = (base.median_price.filter(|price| *price > 0)?, figures.median_price?);
        let (limit, moved) = (self.config.hold_median, now.abs_diff(before));
        let measured = Percent::of(moved, before);
        limit.is_reached_by(moved, before).then_some(HoldReason::MedianPrice { measured, limit, before, now })
    }

    fn unusual(&self, now: u64, same_hour: &[u64]) -> Option<GateWarning> {
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
        (far && sigmas > self.config.warn_sigma).then(|| GateWarning::UnusualRows {
            measured: (sigmas * 10.0).round() / 10.0,
            limit: self.config.warn_sigma,
            usual,
            now,
            exports: sample.len() as u64,
        })
    }

    fn near_cap(&self, figures: &Figures<'_>) -> Option<GateWarning> {
        let over = figures.funnel.skipped.get(&SkipReason::OverCap);
        let (left_out, cap) = (over.copied().unwrap_or_default(), self.max_rows);
        let near = left_out > 0 || CAP_MARGIN.is_reached_by(figures.rows, cap);
        let measured = Percent::of(figures.rows, cap);
        near.then_some(GateWarning::NearCap {
            measured,
            limit: CAP_MARGIN,
            rows: figures.rows,
            cap,
            left_out,
        })
    }
}

/// What taking over somebody else's feed is worth. A build without rows takes over nothing; once said is enough.
fn takeover(figures: &Figures<'_>) -> (Option<HoldReason>, Option<GateWarning>) {
    match figures.takeover {
        Some(Takeover::Compared(TakeoverDiff { kept, of, .. }))
            if figures.rows == 0 || TAKEN_OVER.is_reached_by(*kept, *of) =>
        {
            (None, None)
        }
        Some(Takeover::Compared(diff)) => {
            let (measured, limit) = (Percent::of(diff.kept, diff.of), TAKEN_OVER);
            (Some(HoldReason::Takeover { measured, limit, diff: diff.clone() }), None)
        }
        // A build without rows replaces nothing.
        Some(Takeover::Unreadable { .. }) if figures.rows == 0 => (None, None),
        Some(Takeover::Unreadable { begins }) => {
            (Some(HoldReason::TakeoverUnreadable { begins: begins.clone() }), None)
        }
        Some(Takeover::Unknown { reason }) => {
            (None, Some(GateWarning::TakeoverUnknown { detail: reason.clone() }))
        }
        None => (None, None),
    }
}

#[cfg(test)]
mod tests;
