//! How patient a fetch is.
//!
//! It never waits by itself and never decides what is worth another try. The tries are no `backon` loop: they are counted
//! anew whenever a body gave new bytes, and a wait is anything from nothing to its full length, where `backon` adds to it.

use std::time::Duration;

use jiff::Timestamp;

/// The longest wait that a `Retry-After` can ask of us; a run has a deadline of its own.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How often and how long something is tried. The default is for real sources, tests bring shorter waits.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Tries of one URL without any progress between them.
    pub tries: u32,
    /// Tries of one URL in all, progress or not.
    pub tries_in_all: u32,
    /// The first wait is at most this long, each further one at most twice the one before.
    pub first_wait: Duration,
    /// No wait is longer, but for what `Retry-After` asks.
    pub longest_wait: Duration,
    /// How long the source may send nothing.
    pub silence: Duration,
    /// How often a window is asked for that is empty though the source says that it has more, or that repeats the one
    /// before it.
    pub odd_tries: u32,
    /// Pages of one category before we believe that they never end.
    pub pages: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tries: 5,
            tries_in_all: 20,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            odd_tries: 3,
            pages: 100_000,
        }
    }
}

impl Policy {
    /// The wait after `tries` failed ones (from 1): exponential, and anything from nothing to its full
    /// length, so that many readers do not come back at once. What the source asked for is kept to.
    pub(super) fn wait(&self, tries: u32, asked: Option<Duration>) -> Duration {
        if let Some(asked) = asked {
            return asked.min(LONGEST_RETRY_AFTER);
        }
        let doublings = tries.saturating_sub(1).min(16);
        let most = self.first_wait.saturating_mul(1 << doublings).min(self.longest_wait);
        most.mul_f64(rand::random_range(0.0..=1.0))
    }
}

/// What a `Retry-After` header asks for: seconds, or a date.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        for (value, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(7)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("soon", None),
            ("-3", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn waits_grow_stay_below_their_bound_and_keep_to_what_was_asked() {
        let policy = Policy::default();
        for (tries, most) in [(1, 500), (2, 1000), (3, 2000), (6, 15_000), (19, 15_000), (u32::MAX, 15_000)] {
            for _ in 0..50 {
                assert!(policy.wait(tries, None) <= Duration::from_millis(most), "{tries}");
            }
        }
        assert_eq!(policy.wait(1, Some(Duration::from_secs(7))), Duration::from_secs(7));
        assert_eq!(policy.wait(1, Some(Duration::from_secs(3600))), Duration::from_secs(60));
    }
}
