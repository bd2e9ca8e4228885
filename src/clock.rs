//! The port to time: the one place that says what time it is and how to wait.
//!
//! It never measures durations for reports (that is `std::time::Instant`'s work) and never knows of
//! time zones (that is the schedule's).

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// The time as a run sees it. The demo and the tests bring a simulated one.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Waits for `duration`. A simulated clock may return at once.
    async fn sleep(&self, duration: Duration);
}

/// The machine's own clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
