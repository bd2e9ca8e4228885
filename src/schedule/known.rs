//! Since when the schedule is as it is.
//!
//! Nobody tells the service that `SCHEDULE` changed: it learns that from the first run after. What was not known at a
//! slot's time cannot have been missed then.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Schedule;

/// The record's name.
pub const KNOWN: &str = "schedule.json";

/// `schedule.json`: the entries of `SCHEDULE` and when each was first seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// In which each entry is meant.
    #[serde(default)]
    timezone: String,
    #[serde(default)]
    entries: Vec<KnownEntry>,
}

/// One `route@cron`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownEntry {
    entry: String,
    since: Timestamp,
}

impl Known {
    /// When an entry was first seen; none where nobody noted it.
    pub(super) fn since(&self, entry: &str) -> Option<Timestamp> {
        self.entries.iter().find(|known| known.entry == entry).map(|known| known.since)
    }
}

impl Schedule {
    /// What is known of the schedule at `now`; none where that is what was known before.
    pub fn learn(&self, before: &Known, now: Timestamp) -> Option<Known> {
        let timezone = self.timezone.iana_name().unwrap_or_default().to_owned();
        let is_same_zone = before.timezone == timezone;
        let since = |entry: &str| before.since(entry).filter(|_| is_same_zone).unwrap_or(now);
        let mut entries: Vec<_> = self
            .entries
            .iter()
            .map(|entry| KnownEntry { entry: entry.text.clone(), since: since(&entry.text) })
            .collect();
        entries.sort_by(|a, b| a.entry.cmp(&b.entry));
        entries.dedup();
        let known = Known { timezone, entries };
        (known != *before).then_some(known)
    }
}
