//! Which run a call belongs to: the same tick, however often it is delivered, has the same key.

use jiff::{SignedDuration, Timestamp};

use crate::{
    ledger::{nonce, run_name},
    report::Origin,
    schedule::Schedule,
    step::Step,
};

/// How far the scheduler's clock may be ahead of ours. A time further ahead is a forced run: it carries the time of
/// the next scheduled one, which it must not eat.
const AHEAD: SignedDuration = SignedDuration::from_secs(10);
/// How old a scheduled time may be: no retry comes that late, and the thread of then is nobody's any more.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);
/// How far ahead the next scheduled time of a forced run may be: there are jobs of once a year.
const FURTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What a call says about when it was due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// `X-CloudScheduler-ScheduleTime`
    pub schedule_time: Option<Timestamp>,
    /// `Idempotency-Key`
    pub idempotency_key: Option<String>,
}

impl Trigger {
    /// One sentence on what is wrong with a scheduled time that no scheduler sends: it must begin no run and open no
    /// thread.
    pub fn check(&self, now: Timestamp) -> Result<(), String> {
        let Some(time) = self.schedule_time else { return Ok(()) };
        let wrong = match now.duration_since(time) {
            age if age > OLDEST => "more than 24 hours ago",
            age if -age > FURTHEST => "more than a year ahead",
            _ => return Ok(()),
        };
        Err(format!(
            "header X-CloudScheduler-ScheduleTime is the time of a run of Cloud Scheduler, of the last 24 hours or of the \
             next run of a forced job; found {time}, {wrong}; leave the header out to run the step now"
        ))
    }
}

/// A run's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunKey {
    /// The scheduled time, `forced:<time>`, `key:<given>` or `manual:<fresh>`.
    pub key: String,
    /// How the run came about.
    pub origin: Origin,
    /// The scheduled time, or now.
    pub at: Timestamp,
}

impl RunKey {
    /// The key of a call of a step that arrives at `now`. A time in the minute of a slot is the slot's; one that is no
    /// slot is a run of that time all the same.
    pub fn of(trigger: &Trigger, now: Timestamp, step: Step, schedule: &Schedule) -> Self {
        match (trigger.schedule_time, &trigger.idempotency_key) {
            (Some(time), _) if time <= now + AHEAD => {
                let at = schedule.slot_of(step, time).unwrap_or(time);
                Self { key: at.to_string(), origin: Origin::Scheduled, at }
            }
            (Some(time), _) => Self { key: format!("forced:{time}"), origin: Origin::Forced, at: now },
            (None, Some(given)) => Self { key: format!("key:{given}"), origin: Origin::Manual, at: now },
            (None, None) => {
                Self { key: format!("manual:{}", &nonce()[..12]), origin: Origin::Manual, at: now }
            }
        }
    }

    /// The name of the run's record. The key may hold anything, so it is hashed.
    pub fn record_name(&self, step: Step) -> String {
        run_name(step, &self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::DEFAULT;

    fn at(time: &str) -> Trigger {
        Trigger { schedule_time: Some(time.parse().unwrap()), idempotency_key: None }
    }

    #[test]
    fn a_tick_keeps_its_key_and_a_forced_run_does_not_eat_it() {
        let now: Timestamp = "2026-10-05T15:05:02Z".parse().unwrap();
        let schedule = Schedule::parse(DEFAULT, "Asia/Seoul").unwrap();
        let cases = [
            (Some("2026-10-05T15:05:00Z"), None, "2026-10-05T15:05:00Z", Origin::Scheduled),
            (Some("2026-10-05T15:05:12Z"), None, "2026-10-05T15:05:00Z", Origin::Scheduled),
            (Some("2026-10-05T15:04:59.5Z"), None, "2026-10-05T15:04:59.5Z", Origin::Scheduled),
            (Some("2026-10-05T15:05:13Z"), None, "forced:2026-10-05T15:05:13Z", Origin::Forced),
            (Some("2026-10-05T15:05:00Z"), Some("x"), "2026-10-05T15:05:00Z", Origin::Scheduled),
            (None, Some("x"), "key:x", Origin::Manual),
        ];
        let of = |trigger: &Trigger| RunKey::of(trigger, now, Step::ExportProducts, &schedule);
        for (time, given, expected, origin) in cases {
            let trigger = Trigger {
                schedule_time: time.map(|t| t.parse().unwrap()),
                idempotency_key: given.map(str::to_owned),
            };
            let key = of(&trigger);
            assert_eq!((key.key.as_str(), key.origin), (expected, origin));
        }
        assert_ne!(of(&Trigger::default()).key, of(&Trigger::default()).key);
        let verify = RunKey::of(&at("2026-10-05T15:05:02Z"), now, Step::VerifyEp, &schedule);
        assert_eq!(verify.key, "2026-10-05T15:05:02Z", "the slot is another step's");
    }

    #[test]
    fn a_time_that_no_scheduler_sends_is_refused_with_what_to_do() {
        let now: Timestamp = "2026-10-05T15:05:02Z".parse().unwrap();
        for time in
            ["2026-10-04T15:05:02Z", "2026-10-05T15:05:00Z", "2026-10-06T15:05:00Z", "2027-10-05T15:05:00Z"]
        {
            assert_eq!(at(time).check(now), Ok(()), "{time}");
        }
        for (time, part) in [
            (
                "2026-10-04T15:05:01Z",
                "found 2026-10-04T15:05:01Z, more than 24 hours ago; leave the header out",
            ),
            ("0001-01-01T00:00:00Z", "found 0001-01-01T00:00:00Z, more than 24 hours ago"),
            ("-009999-01-02T01:59:59Z", "more than 24 hours ago"),
            ("2027-10-07T15:05:00Z", "more than a year ahead"),
            ("9999-12-30T22:00:00.999999999Z", "more than a year ahead"),
        ] {
            let error = at(time).check(now).unwrap_err();
            assert!(error.contains("X-CloudScheduler-ScheduleTime") && error.contains(part), "{error}");
        }
        assert_eq!(Trigger::default().check(now), Ok(()));
    }
}
