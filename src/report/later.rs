//! What a record holds that only a later version knows: kept as it was written, and named to people.
//!
//! Records outlive the program that wrote them: after a rollback this version reads what a later one found. It never
//! guesses what that means; it keeps it, counts it and shows its name.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// A finding of a kind that this version does not know, with all its fields, in order of their names. A map of a few takes
/// as much as one of many, and there may be thousands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later(Box<[(Box<str>, Value)]>);

impl Later {
    /// The kind's name, which stands in the field `tag`.
    pub(crate) fn name(&self, tag: &str) -> &str {
        let field = self.0.iter().find(|(name, _)| **name == *tag);
        field.and_then(|(_, value)| value.as_str()).unwrap_or("unknown")
    }
}

impl Serialize for Later {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Later {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        Ok(Self(fields.into_iter().map(|(name, value)| (name.into_boxed_str(), value)).collect()))
    }
}

/// Bytes that a name may have. Ours have up to 24.
const MOST: usize = 48;

/// The name of a kind that this version does not know. A longer one is cut.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaterName {
    bytes: [u8; MOST],
    length: u8,
}

impl LaterName {
    pub(super) fn of(name: &str) -> Self {
        let length = name.floor_char_boundary(MOST);
        let mut bytes = [0; MOST];
        bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
        // MOST fits into a byte
        Self { bytes, length: length as u8 }
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).expect("it was cut between characters")
    }
}

impl fmt::Debug for LaterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Serialize for LaterName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for LaterName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ledger::PublishedRecord,
        report::{CheckStatus, Report, SkipReason, Status},
    };

    #[test]
    fn a_finding_of_few_fields_takes_little() {
        let later: Later = serde_json::from_str(r#"{"reason": "moon"}"#).unwrap();
        assert_eq!(later.name("reason"), "moon");
        // A map's smallest piece has room for eleven fields.
        assert!(std::mem::size_of_val(&*later.0) < 100);
    }

    #[test]
    fn a_name_is_kept_and_a_long_one_is_cut_between_characters() {
        for (name, kept) in [("drift", "drift"), ("", ""), (&"가".repeat(20), &"가".repeat(16))] {
            let later: LaterName = serde_json::from_value(name.into()).unwrap();
            assert_eq!(later.as_str(), kept);
        }
    }

    /// What a later version may have written, field by field unknown to this one.
    const PUBLISHED: &str = r#"{"published": null, "history": [
        {"build": "b-2", "sha256": "00", "rows": 7, "bytes": 9, "run": "r2", "run_at": "2026-10-06T15:05:00Z",
         "at": "2026-10-06T15:05:09Z", "median_price": 5, "tint": "blue",
         "funnel": {"fetched": 9, "kept": 7, "duplicates": 0, "skipped": {"too_blue": 1, "no_image": 1}, "broken": {}},
         "warnings": [{"warning": "tide", "height": 2.5}], "verdict": "held",
         "holds": [{"reason": "moon", "phase": {"of": [1, 2]}}, {"reason": "no_rows"}]},
        {"build": "b-1", "sha256": "00", "rows": 7, "bytes": 9, "run": "r1", "run_at": "2026-10-05T15:05:00Z",
         "at": "2026-10-05T15:05:09Z", "median_price": 5,
         "funnel": {"fetched": 7, "kept": 7, "duplicates": 0, "skipped": {}, "broken": {}},
         "verdict": "parked", "until": "noon"}]}"#;

    #[test]
    fn what_a_later_version_found_reads_and_is_written_again_as_it_was() {
        let record: PublishedRecord = serde_json::from_str(PUBLISHED).unwrap();
        assert_eq!(record.history.len(), 2);
        let skipped = &record.history[0].funnel.skipped;
        assert_eq!((skipped.len(), skipped[&SkipReason::NoImage]), (2, 1));
        assert!(record.history[0].funnel.adds_up());
        let mut again = serde_json::to_value(&record).unwrap();
        let mut expected: Value = serde_json::from_str(PUBLISHED).unwrap();
        for (path, wanted) in [("/history/0", true), ("/history/1", false)] {
            let (again, expected) = (again.pointer_mut(path).unwrap(), expected.pointer_mut(path).unwrap());
            expected.as_object_mut().unwrap().remove("tint");
            again.as_object_mut().unwrap().remove("tint");
            assert_eq!(again, expected, "{wanted}");
        }
    }

    #[test]
    fn a_report_of_a_later_version_reads_with_its_checks_warnings_and_remarks() {
        let verify = r#"{"kind": "verify", "feed_url": "https://a.example/f", "build": null, "rows": 1, "bytes": 2,
            "duration_ms": 3, "checks": [{"id": "tides", "status": "warn", "measured": "2",
            "problems": [{"kind": "high_water", "count": 2, "examples": []}]}]}"#;
        let report: Report = serde_json::from_str(verify).unwrap();
        assert_eq!(report.status(), Status::Warn);
        let Report::Verify(found) = &report else { panic!("{report:?}") };
        assert_eq!((found.checks[0].id.name(), found.checks[0].status), ("tides", CheckStatus::Warn));
        assert_eq!(serde_json::to_value(&report).unwrap(), serde_json::from_str::<Value>(verify).unwrap());

        let export = r#"{"kind": "export", "build": "b-1", "publication": {"state": "held",
            "reasons": [{"reason": "moon", "phase": 3}]},
            "funnel": {"fetched": 1, "kept": 1, "skipped": {}, "broken": {}, "duplicates": 0}, "rows_before": null,
            "build_before": null, "warnings": [{"warning": "tide"}], "republished": null,
            "diff": {"state": "unknown", "against": "b-0", "reason": "fog"}, "bytes": 1, "sha256": "00",
            "feed_url": "https://a.example/f", "delivery": null, "build_location": null, "excluded_location": null,
            "remarks": [{"remark": "gulls", "seen": 4}], "duration_ms": 1}"#;
        let report: Report = serde_json::from_str(export).unwrap();
        assert_eq!(report.status(), Status::Held);
        assert!(report.summary().contains("moon"), "{}", report.summary());
        assert_eq!(serde_json::to_value(&report).unwrap(), serde_json::from_str::<Value>(export).unwrap());
    }
}
