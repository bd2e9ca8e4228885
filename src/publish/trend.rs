//! What an export is shown beside: those that were published at the same hour of the days before, out of the history in
//! `published.json`.
//!
//! It never judges: what is unusual is for the gate, which looks at the same exports.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    ledger::{ExportVerdict, PublishedRecord},
    report::{BuildInfo, TrendPoint},
};

/// Exports in one line, ours among them.
const POINTS: usize = 14;

/// How exports went, as far as the record knows.
#[derive(Debug, Default)]
pub(super) struct Trend {
    /// Day by day, one a day, the oldest first and ours last. Nothing where there is none before ours.
    pub(super) points: Vec<TrendPoint>,
    /// Whether no export of the same day is recorded before ours.
    pub(super) is_first_of_day: bool,
}

impl Trend {
    /// Beside the build of a run at `run_at`. A held build is shown on its own day alone.
    pub(super) fn of(
        record: &PublishedRecord,
        built: &BuildInfo,
        median_price: Option<u64>,
        run_at: Timestamp,
        timezone: &TimeZone,
    ) -> Self {
        let local = |at: Timestamp| at.to_zoned(timezone.clone());
        let (day, hour) = (local(run_at).date(), local(run_at).hour());
        let others = record.history.iter().filter(|export| export.info.build != built.build);
        let is_first_of_day =
            !others.clone().any(|export| export.run_at < run_at && local(export.run_at).date() == day);
        let counts = |verdict: &ExportVerdict| {
            matches!(verdict, ExportVerdict::Published | ExportVerdict::Forced { .. })
        };
        let mut points = vec![TrendPoint { day, rows: built.rows, median_price }];
        // Newest first: of a day the last one stands for it.
        for export in others.filter(|export| counts(&export.verdict) && export.run_at < run_at) {
            let at = local(export.run_at);
            let is_new = points.last().is_none_or(|newer| at.date() < newer.day);
            if at.hour() == hour && is_new && points.len() < POINTS {
                let (rows, median_price) = (export.info.rows, export.median_price);
                points.push(TrendPoint { day: at.date(), rows, median_price });
            }
        }
        points.reverse();
        if points.len() == 1 {
            points.clear();
        }
        Self { points, is_first_of_day }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::ExportRecord,
        report::{BuildId, Fingerprint, Funnel},
    };

    fn info(build: &str, rows: u64) -> BuildInfo {
        BuildInfo { build: BuildId::parse(build).unwrap(), rows, file: Fingerprint::default() }
    }

    fn export(run_at: &str, rows: u64, verdict: ExportVerdict) -> ExportRecord {
        let at: Timestamp = run_at.parse().unwrap();
        ExportRecord {
            info: info(&format!("b-{}", at.as_second()), rows),
            run: run_at.into(),
            run_at: at,
            at,
            funnel: Funnel::default(),
            median_price: (rows > 0).then_some(rows * 10),
            warnings: Vec::new(),
            departments: Vec::new(),
            map: None,
            drift: None,
            verdict,
        }
    }

    fn told(exports: Vec<ExportRecord>, rows: u64, run_at: &str) -> (String, bool) {
        let mut record = PublishedRecord::default();
        exports.into_iter().for_each(|export| record.add(export));
        let (seoul, at) = (TimeZone::get("Asia/Seoul").unwrap(), run_at.parse().unwrap());
        let Trend { points, is_first_of_day } = Trend::of(&record, &info("ours", rows), Some(9), at, &seoul);
        let points: Vec<_> = points.iter().map(|p| format!("{}:{}", p.day.day(), p.rows)).collect();
        (points.join(" "), is_first_of_day)
    }

    #[test]
    fn the_same_hour_of_the_days_before_one_a_day_and_ours_last() {
        use ExportVerdict::Published;
        let held = || ExportVerdict::Held { holds: Vec::new() };
        let ours = "2026-10-06T15:05:00Z";
        assert_eq!(told(vec![], 5, ours), (String::new(), true), "alone there is nothing to see");
        let exports = || {
            vec![
                export("2026-10-01T15:05:00Z", 1, Published),
                export("2026-10-03T06:00:00Z", 2, Published),
                export("2026-10-03T15:05:00Z", 3, held()),
                export("2026-10-04T15:05:00Z", 4, Published),
                export("2026-10-04T15:35:00Z", 0, Published),
            ]
        };
        assert_eq!(told(exports(), 7, ours), ("2:1 5:0 7:7".into(), true), "gaps and a zero");
        let later = "2026-10-05T06:00:00Z";
        assert_eq!(told(exports(), 7, later), ("3:2 5:7".into(), false), "the afternoon's is not the first");
        let many = (1..=30).map(|day| export(&format!("2026-09-{day:02}T15:05:00Z"), day, Published));
        let (points, _) = told(many.collect(), 7, "2026-09-30T15:05:30Z");
        assert_eq!(points.split(' ').count(), POINTS, "{points}");
        assert!(points.ends_with("30:29 1:7"), "ours stands for its day: {points}");
    }
}
