//! When each step is due: the same `SCHEDULE` that the deploy scripts make jobs from.
//!
//! It starts nothing: Cloud Scheduler does. It only knows which slots a day has and which are past. On a day on which
//! clocks change nobody knows what the Scheduler makes of a time that does not exist or exists twice: such a slot may be
//! run, but is never due.

mod known;

pub use known::{KNOWN, Known};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::step::Step;

/// The steps of a day where `SCHEDULE` is unset.
pub const DEFAULT: &str = "create-thread@0 0 * * *;export-products@5 0 * * *;export-products@0 15 * * *;verify-ep@50 0,9,13,17 * * *";

/// Attempts that Cloud Scheduler makes of one run: the first and five retries, as its jobs are set up.
pub const SCHEDULED_ATTEMPTS: u32 = 6;

/// How long one of them may take, in seconds.
pub const ATTEMPT_SECONDS: i64 = 960;

/// How long it waits before the first retry, in seconds; that doubles.
pub const FIRST_RETRY_SECONDS: i64 = 25;

/// How long Cloud Scheduler goes on with one run, as its jobs are set up.
pub const RETRIES_LAST: SignedDuration = SignedDuration::from_secs(
    SCHEDULED_ATTEMPTS as i64 * ATTEMPT_SECONDS + FIRST_RETRY_SECONDS * (1 + 2 + 4 + 8 + 16),
);

/// How far back the newest slot is looked for: a day, and if there is none, a week and a month.
const LOOK_BACK: [i64; 3] = [24, 8 * 24, 31 * 24];

/// The slots of every day.
#[derive(Clone)]
pub struct Schedule {
    entries: Vec<Entry>,
    timezone: TimeZone,
}

/// One `route@cron`.
#[derive(Clone)]
struct Entry {
    step: Step,
    crontab: cronexpr::Crontab,
    /// As it was written, but for spaces.
    text: String,
}

/// One moment at which a step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueSlot {
    /// When.
    pub at: Timestamp,
    /// Which step.
    pub step: Step,
}

impl Schedule {
    /// Parses `route@cron;route@cron…`, five fields each, in `timezone` (an IANA name).
    pub fn parse(text: &str, timezone: &str) -> Result<Self, String> {
        let zone = TimeZone::get(timezone).map_err(|_| format!("{timezone:?} is no time zone"))?;
        let mut entries = Vec::new();
        for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let Some((step, cron)) = entry.split_once('@') else {
                return Err(format!("expected route@cron, as in verify-ep@50 9 * * *, found {entry:?}"));
            };
            let step: Step = step.trim().parse().map_err(|_| {
                format!("{:?} is no route: create-thread, export-products or verify-ep", step.trim())
            })?;
            let fields: Vec<&str> = cron.split_whitespace().collect();
            if fields.len() != 5 {
                return Err(format!("expected five cron fields after @, found {entry:?}"));
            }
            let crontab = cronexpr::parse_crontab(&format!("{cron} {timezone}"))
                .map_err(|e| format!("{entry:?} holds no cron expression: {}", last_line(&e.to_string())))?;
            entries.push(Entry { step, crontab, text: format!("{step}@{}", fields.join(" ")) });
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

    /// What is called when, each as its step and the five fields of a cron expression with a space between.
    pub fn entries(&self) -> impl Iterator<Item = (Step, &str)> {
        let cron = |entry: &'_ Entry| entry.text.find('@').map_or(0, |at| at + 1);
        self.entries.iter().map(move |entry| (entry.step, &entry.text[cron(entry)..]))
    }

    /// The day that a moment belongs to.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.timezone.clone()).date()
    }

    /// `00:05` as people of the time zone read it.
    pub fn time_of(&self, at: Timestamp) -> String {
        at.to_zoned(self.timezone.clone()).strftime("%H:%M").to_string()
    }

    /// Whether clocks change on a day.
    pub fn changes_clocks(&self, day: Date) -> bool {
        self.bounds(day).is_some_and(|(start, end)| end.duration_since(start).as_hours() != 24)
    }

    /// The slot of a step whose minute a moment is in.
    pub fn slot_of(&self, step: Step, at: Timestamp) -> Option<Timestamp> {
        let minute = minute_of(at)?;
        let is_slot = |entry: &Entry| entry.crontab.matches(cron_time(minute)).unwrap_or(false);
        self.entries.iter().any(|entry| entry.step == step && is_slot(entry)).then_some(minute)
    }

    /// Every slot of a day, in order of time.
    pub fn slots(&self, day: Date) -> Vec<DueSlot> {
        self.slots_of(day, |_, _| true)
    }

    /// The slots of a day that must have left a record once they are past, as far as the schedule was known by then.
    pub fn due_slots(&self, day: Date, known: &Known) -> Vec<DueSlot> {
        self.slots_of(day, |entry, at| self.is_due(entry, at, known))
    }

    /// The newest slot of a step that is due by `now`, looking back 31 days.
    pub fn newest_due(&self, step: Step, now: Timestamp, known: &Known) -> Option<Timestamp> {
        // Most steps are due every day; only for the others is it worth looking further.
        LOOK_BACK.into_iter().find_map(|hours| {
            let of_step = |entry: &&Entry| entry.step == step;
            let entries = self.entries.iter().filter(of_step);
            let slots = between(entries, now - hours.hours(), now, |entry, at| self.is_due(entry, at, known));
            slots.last().map(|slot| slot.at)
        })
    }

    /// When a step is due next.
    pub fn next_due(&self, step: Step, now: Timestamp) -> Option<Timestamp> {
        let of_step = self.entries.iter().filter(|entry| entry.step == step);
        of_step.filter_map(|entry| Some(entry.crontab.find_next(cron_time(now)).ok()?.timestamp())).min()
    }

    fn is_due(&self, entry: &Entry, at: Timestamp, known: &Known) -> bool {
        let local = at.to_zoned(self.timezone.clone()).datetime();
        let exists_once = !self.timezone.to_ambiguous_zoned(local).is_ambiguous();
        exists_once && known.since(&entry.text).is_none_or(|since| since <= at)
    }

    fn slots_of(&self, day: Date, counts: impl Fn(&Entry, Timestamp) -> bool) -> Vec<DueSlot> {
        let Some((start, end)) = self.bounds(day) else { return Vec::new() };
        between(self.entries.iter(), start - 1.second(), end - 1.second(), counts)
    }

    /// When a day begins and ends.
    fn bounds(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let start = day.to_zoned(self.timezone.clone()).ok()?;
        let end = day.tomorrow().ok()?.to_zoned(self.timezone.clone()).ok()?;
        Some((start.timestamp(), end.timestamp()))
    }
}

/// Slots that count after `from`, up to and including `to`, each once.
fn between<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    from: Timestamp,
    to: Timestamp,
    counts: impl Fn(&Entry, Timestamp) -> bool,
) -> Vec<DueSlot> {
    let mut slots = Vec::new();
    for entry in entries {
        let mut at = from;
        while let Ok(next) = entry.crontab.find_next(cron_time(at)) {
            at = next.timestamp();
            if at > to {
                break;
            }
            if counts(entry, at) {
                slots.push(DueSlot { at, step: entry.step });
            }
        }
    }
    slots.sort();
    slots.dedup();
    slots
}

/// The beginning of a moment's minute; none at the very beginning of time.
pub fn minute_of(at: Timestamp) -> Option<Timestamp> {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).ok()
}

fn cron_time(at: Timestamp) -> cronexpr::MakeTimestamp {
    cronexpr::MakeTimestamp::from_second(at.as_second()).expect("a timestamp's seconds are a timestamp")
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or(text).trim()
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
