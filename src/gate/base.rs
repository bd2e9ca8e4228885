//! What a build is held against, taken from the record of publications.

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    ledger::{ExportVerdict, PublishedRecord},
    report::{Department, GateWarning, Profile, Unrecorded},
};

/// As many exports of the same hour say what is usual, at most.
pub(super) const SAME_HOUR: usize = 14;

/// What a build is held against; without anything published there is nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Base {
    /// Rows of the published build.
    pub rows: Option<u64>,
    /// Its median price, where it is known.
    pub median_price: Option<u64>,
    /// Rows of the exports that were published at the same hour of other days, newest first.
    pub same_hour: Vec<u64>,
    /// The departments of the published build, where they are known.
    pub departments: Vec<Department>,
    /// What the published build is like as a whole, where that is known.
    pub profile: Option<Profile>,
    /// What is to be told of where this comes from.
    pub warning: Option<GateWarning>,
}

impl Base {
    /// What a build of a run at `run_at` is held against: what the record says, or, where it names nothing as published,
    /// what was found to be public all the same. Hours are those of `timezone`. A held build never counts;
    /// a forced one is the new normal, so that exports before it say nothing any more.
    pub(crate) fn of(
        record: &PublishedRecord,
        unrecorded: Option<&Unrecorded>,
        run_at: Timestamp,
        timezone: &TimeZone,
    ) -> Self {
        let published = record.published.as_ref();
        let unrecorded = unrecorded.filter(|_| published.is_none());
        // The first publication ever may have been cut short after its copy: then nothing was lost.
        let announced = record.publishing.as_ref().map(|announced| &announced.info);
        let lost = unrecorded.filter(|unrecorded| announced != Some(&unrecorded.public));
        let hour = |at: Timestamp| at.to_zoned(timezone.clone()).hour();
        let forced =
            record.history.iter().position(|export| matches!(export.verdict, ExportVerdict::Forced { .. }));
        let since = &record.history[..forced.map_or(record.history.len(), |forced| forced + 1)];
        Self {
            rows: published
                .map(|published| &published.info)
                .or(unrecorded.map(|unrecorded| &unrecorded.public))
                .map(|public| public.rows),
            median_price: published
                .and_then(|published| record.export_of(&published.info.build)?.median_price)
                .or(unrecorded.and_then(|unrecorded| unrecorded.median_price)),
            same_hour: since
                .iter()
                .filter(|export| {
                    matches!(export.verdict, ExportVerdict::Published | ExportVerdict::Forced { .. })
                })
                .filter(|export| hour(export.run_at) == hour(run_at))
                .take(SAME_HOUR)
                .map(|export| export.info.rows)
                .collect(),
            departments: record.published_departments().to_vec(),
            profile: published.and_then(|published| published.profile.clone()),
            warning: lost.map(|lost| GateWarning::StateLost {
                build: lost.public.build.clone(),
                rows: lost.public.rows,
                unread: lost.unread.clone(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::{ExportRecord, Published},
        report::{BuildId, BuildInfo, Fingerprint, Funnel},
    };

    const RUN_AT: &str = "2026-10-06T15:05:00Z";

    fn export(n: u64, run_at: &str, verdict: ExportVerdict) -> ExportRecord {
        let build = BuildId::parse(&format!("b-{n}")).unwrap();
        ExportRecord {
            info: BuildInfo { build, rows: n, file: Fingerprint::default() },
            run: run_at.into(),
            run_at: run_at.parse().unwrap(),
            at: run_at.parse().unwrap(),
            funnel: Funnel::default(),
            median_price: Some(n * 10),
            warnings: Vec::new(),
            departments: Vec::new(),
            map: None,
            drift: None,
            verdict,
        }
    }

    fn of(record: &PublishedRecord, timezone: &str) -> Base {
        Base::of(record, None, RUN_AT.parse().unwrap(), &TimeZone::get(timezone).unwrap())
    }

    #[test]
    fn the_published_build_counts_whatever_was_held_since() {
        let mut record = PublishedRecord::default();
        assert_eq!(of(&record, "Asia/Seoul"), Base::default());
        let first = export(1, "2026-10-01T15:05:00Z", ExportVerdict::Published);
        let at = first.at;
        let public = Published {
            info: first.info.clone(),
            run_at: at,
            run: "r".into(),
            at,
            median_price: None,
            profile: None,
        };
        record = record.with_published(public);
        assert_eq!(of(&record, "Asia/Seoul").median_price, None, "published before there was a history");
        record.add(first);
        record.add(export(2, "2026-10-02T15:05:00Z", ExportVerdict::Held { holds: Vec::new() }));
        assert_eq!(
            of(&record, "Asia/Seoul"),
            Base { rows: Some(1), median_price: Some(10), same_hour: vec![1], ..Base::default() }
        );
    }

    #[test]
    fn the_same_hour_is_the_local_one_without_holds_and_not_before_a_forced_build() {
        let mut record = PublishedRecord::default();
        record.add(export(1, "2026-10-01T15:05:00Z", ExportVerdict::Published));
        record.add(export(2, "2026-10-02T15:59:59Z", ExportVerdict::Published));
        record.add(export(3, "2026-10-02T06:00:00Z", ExportVerdict::Published));
        record.add(export(4, "2026-10-03T15:05:00Z", ExportVerdict::Held { holds: Vec::new() }));
        assert_eq!(of(&record, "Asia/Seoul").same_hour, [2, 1]);
        assert_eq!(
            of(&record, "Asia/Kolkata").same_hour,
            [1],
            "the run is at 20:35, the second was at 21:29"
        );
        let forced = ExportVerdict::Forced { holds: Vec::new(), reason: "fewer shops".into() };
        record.add(export(5, "2026-10-04T15:05:00Z", forced));
        record.add(export(6, "2026-10-05T15:05:00Z", ExportVerdict::Published));
        assert_eq!(of(&record, "Asia/Seoul").same_hour, [6, 5]);
        for n in 7..=30 {
            record.add(export(n, "2026-10-05T15:05:00Z", ExportVerdict::Published));
        }
        assert_eq!(of(&record, "Asia/Seoul").same_hour, (17..=30).rev().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_public_stands_in_for_a_record_that_names_nothing_as_published() {
        let public = export(300, RUN_AT, ExportVerdict::Published).info;
        let unrecorded = Unrecorded { public: public.clone(), median_price: Some(7), unread: None };
        let base = |record: &PublishedRecord| {
            let timezone = TimeZone::get("Asia/Seoul").unwrap();
            let base = Base::of(record, Some(&unrecorded), RUN_AT.parse().unwrap(), &timezone);
            (base.rows, base.median_price, base.warning.is_some())
        };
        let at: Timestamp = RUN_AT.parse().unwrap();
        let publication = |info: BuildInfo| Published {
            info,
            run_at: at,
            run: "r".into(),
            at,
            median_price: None,
            profile: None,
        };
        let nothing = PublishedRecord::default;
        assert_eq!(base(&nothing()), (Some(300), Some(7), true));
        let announced = nothing().with_publishing(publication(public), &[]);
        assert_eq!(base(&announced), (Some(300), Some(7), false), "the first publication was cut short");
        let other = publication(export(4, RUN_AT, ExportVerdict::Published).info);
        assert_eq!(base(&nothing().with_publishing(other.clone(), &[])), (Some(300), Some(7), true));
        assert_eq!(
            base(&nothing().with_published(other)),
            (Some(4), None, false),
            "somebody recorded one since"
        );
    }
}
