//! Which run a call belongs to: the same tick, however often it is delivered, has the same key.

use jiff::{SignedDuration, Timestamp};

use crate::{ledger::run_name, report::Origin, route::Route, thread::nonce};

/// How far the scheduler's clock may be ahead of ours. A time further ahead is a forced run: it carries the time of
/// the next scheduled one, which it must not eat.
const AHEAD: SignedDuration = SignedDuration::from_secs(10);

/// What a call says about when it was due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// `X-CloudScheduler-ScheduleTime`
    pub schedule_time: Option<Timestamp>,
    /// `Idempotency-Key`
    pub idempotency_key: Option<String>,
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
    /// The key of a call that arrives at `now`.
    pub fn of(trigger: &Trigger, now: Timestamp) -> Self {
        match (trigger.schedule_time, &trigger.idempotency_key) {
            (Some(time), _) if time <= now + AHEAD => {
                Self { key: time.to_string(), origin: Origin::Scheduled, at: time }
            }
            (Some(time), _) => Self { key: format!("forced:{time}"), origin: Origin::Forced, at: now },
            (None, Some(given)) => Self { key: format!("key:{given}"), origin: Origin::Manual, at: now },
            (None, None) => {
                Self { key: format!("manual:{}", &nonce()[..12]), origin: Origin::Manual, at: now }
            }
        }
    }

    /// The name of the run's record. The key may hold anything, so it is hashed.
    pub fn record_name(&self, route: Route) -> String {
        run_name(route, &self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_keeps_its_key_and_a_forced_run_does_not_eat_it() {
        let now: Timestamp = "2026-10-05T15:05:02Z".parse().unwrap();
        let cases = [
            (Some("2026-10-05T15:05:00Z"), None, "2026-10-05T15:05:00Z", Origin::Scheduled),
            (Some("2026-10-05T15:05:12Z"), None, "2026-10-05T15:05:12Z", Origin::Scheduled),
            (Some("2026-10-05T15:05:13Z"), None, "forced:2026-10-05T15:05:13Z", Origin::Forced),
            (Some("2026-10-05T15:05:00Z"), Some("x"), "2026-10-05T15:05:00Z", Origin::Scheduled),
            (None, Some("x"), "key:x", Origin::Manual),
        ];
        for (time, given, expected, origin) in cases {
            let trigger = Trigger {
                schedule_time: time.map(|t| t.parse().unwrap()),
                idempotency_key: given.map(str::to_owned),
            };
            let key = RunKey::of(&trigger, now);
            assert_eq!((key.key.as_str(), key.origin), (expected, origin));
        }
        assert_ne!(RunKey::of(&Trigger::default(), now).key, RunKey::of(&Trigger::default(), now).key);
    }
}
