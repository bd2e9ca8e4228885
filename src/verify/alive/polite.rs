//! Takes turns: a host is asked a few times a second, whatever else is asked at once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};
use url::Url;

/// Between two requests to one host.
const PAUSE: Duration = Duration::from_millis(100);

/// When each host may be asked next. As many hosts as the sample names, at most.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<String, Instant>>);

impl Turns {
    /// Waits for the host's next turn.
    pub async fn wait(&self, url: &Url) {
        let host = url.host_str().unwrap_or_default().to_owned();
        let turn = {
            let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let turn = next.get(&host).copied().unwrap_or(now).max(now);
            next.insert(host, turn + PAUSE);
            turn
        };
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_host_waits_and_another_does_not() {
        let turns = Turns::default();
        let [here, there] =
            ["https://a.example/1", "https://b.example/1"].map(|url| Url::parse(url).unwrap());
        let begun = Instant::now();
        for expected in [0, 1, 2] {
            turns.wait(&here).await;
            assert_eq!(begun.elapsed().as_millis() / 100, expected);
        }
        let now = Instant::now();
        turns.wait(&there).await;
        assert_eq!(now.elapsed(), Duration::ZERO);
    }
}
