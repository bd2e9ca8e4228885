//! When each step is due: the same `SCHEDULE` that the deploy scripts make jobs from.
//!
//! It starts nothing: Cloud Scheduler does. It only knows which slots a day has and which are past.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::route::Route;

/// The steps of a day where `SCHEDULE` is unset.
pub const DEFAULT: &str = "create-thread@0 0 * * *;export-products@5 0 * * *;export-products@0 15 * * *;verify-ep@50 0,9,13,17 * * *";

/// Attempts that Cloud Scheduler makes of one run: the first and five retries, as its jobs are set up.
pub const SCHEDULED_ATTEMPTS: u32 = 6;

/// How far back the newest slot is looked for: a day, and if there is none, a week and a month.
const LOOK_BACK: [i64; 3] = [24, 8 * 24, 31 * 24];

/// The slots of every day.
#[derive(Clone)]
pub struct Schedule {
    entries: Vec<(Route, cronexpr::Crontab)>,
    timezone: TimeZone,
}

/// One moment at which a step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueSlot {
    /// When.
    pub at: Timestamp,
    /// Which step.
    pub route: Route,
}

impl Schedule {
    /// Parses `route@cron;route@cron…`, five fields each, in `timezone` (an IANA name).
    pub fn parse(text: &str, timezone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(timezone).map_err(|_| format!("{timezone:?} is no time zone"))?;
        let mut entries = Vec::new();
        for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let Some((route, cron)) = entry.split_once('@') else {
                return Err(format!("expected route@cron, as in verify-ep@50 9 * * *, found {entry:?}"));
            };
            let route: Route = route.trim().parse()?;
            if cron.split_whitespace().count() != 5 {
                return Err(format!("expected five cron fields after @, found {entry:?}"));
            }
            let crontab = cronexpr::parse_crontab(&format!("{cron} {timezone}"))
                .map_err(|e| format!("{entry:?} holds no cron expression: {}", first_line(&e.to_string())))?;
            entries.push((route, crontab));
        }
        if entries.is_empty() {
            return Err("expected at least one route@cron".to_owned());
        }
        Ok(Self { entries, timezone: zone })
    }

    /// The time zone in which days begin.
    pub fn timezone(&self) -> &TimeZone {
        &self.timezone
    }

    /// The day that a moment belongs to.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.timezone.clone()).date()
    }

    /// `00:05` as people of the time zone read it.
    pub fn time_of(&self, at: Timestamp) -> String {
        at.to_zoned(self.timezone.clone()).strftime("%H:%M").to_string()
    }

    /// Every slot of a day, in order of time.
    pub fn slots(&self, day: Date) -> Vec<DueSlot> {
        let (Ok(start), Ok(end)) = (
            day.to_zoned(self.timezone.clone()),
            day.tomorrow().and_then(|next| next.to_zoned(self.timezone.clone())),
        ) else {
            return Vec::new();
        };
        self.between(start.timestamp() - 1.second(), end.timestamp() - 1.second())
    }

    /// The newest slot of a step that is due by `now`, looking back 31 days.
    pub fn newest_due(&self, route: Route, now: Timestamp) -> Option<Timestamp> {
        // Most steps are due every day; only for the others is it worth looking further.
        LOOK_BACK.into_iter().find_map(|hours| {
            let of_route = |entry: &&(Route, cronexpr::Crontab)| entry.0 == route;
            let entries = self.entries.iter().filter(of_route);
            between(entries, now - hours.hours(), now).last().map(|slot| slot.at)
        })
    }

    /// Slots after `from`, up to and including `to`.
    fn between(&self, from: Timestamp, to: Timestamp) -> Vec<DueSlot> {
        between(self.entries.iter(), from, to)
    }
}

fn between<'a>(
    entries: impl Iterator<Item = &'a (Route, cronexpr::Crontab)>,
    from: Timestamp,
    to: Timestamp,
) -> Vec<DueSlot> {
    let mut slots = Vec::new();
    for (route, crontab) in entries {
        let mut at = from;
        while let Ok(next) = crontab.find_next(cron_time(at)) {
            at = next.timestamp();
            if at > to {
                break;
            }
            slots.push(DueSlot { at, route: *route });
        }
    }
    slots.sort();
    slots
}

fn cron_time(at: Timestamp) -> cronexpr::MakeTimestamp {
    cronexpr::MakeTimestamp::from_second(at.as_second()).expect("a timestamp's seconds are a timestamp")
}

fn first_line(text: &str) -> &str {
    text.lines().last().unwrap_or(text).trim()
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default() -> Schedule {
        Schedule::parse(DEFAULT, "Asia/Seoul").unwrap()
    }

    #[test]
    fn a_day_has_seven_slots() {
        let schedule = default();
        let day: Date = "2026-10-06".parse().unwrap();
        let slots: Vec<_> =
            schedule.slots(day).iter().map(|s| format!("{} {}", schedule.time_of(s.at), s.route)).collect();
        assert_eq!(
            slots,
            [
                "00:00 create-thread",
                "00:05 export-products",
                "00:50 verify-ep",
                "09:50 verify-ep",
                "13:50 verify-ep",
                "15:00 export-products",
                "17:50 verify-ep"
            ]
        );
    }

    #[test]
    fn the_newest_due_slot_may_be_of_yesterday() {
        let schedule = default();
        let cases = [
            ("2026-10-05T15:04:59Z", "2026-10-05T06:00:00Z"),
            ("2026-10-05T15:05:00Z", "2026-10-05T15:05:00Z"),
            ("2026-10-06T06:00:01Z", "2026-10-06T06:00:00Z"),
        ];
        for (now, expected) in cases {
            let found = schedule.newest_due(Route::ExportProducts, now.parse().unwrap());
            assert_eq!(found, Some(expected.parse().unwrap()), "{now}");
        }
        assert_eq!(schedule.day_of("2026-10-05T15:00:00Z".parse().unwrap()).to_string(), "2026-10-06");
    }

    #[test]
    fn a_wrong_schedule_says_which_part() {
        let cases = [
            ("verify@0 0 * * *", "\"verify\" is no route"),
            ("verify-ep 0 0 * * *", "expected route@cron"),
            ("verify-ep@0 0 * *", "expected five cron fields"),
            ("verify-ep@61 0 * * *", "holds no cron expression"),
            (" ; ", "at least one"),
        ];
        for (text, part) in cases {
            let error = Schedule::parse(text, "Asia/Seoul").unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(Schedule::parse(DEFAULT, "Mars/Base").unwrap_err().contains("Mars/Base"));
    }
}
