//! A service with doubles of its own, and its peak: one for each row, so that no row pays for another.

use crate::{
    BUCKET, MIB, MOST_MIB, say,
    service::Service,
    support::{S3Double, SlackDouble},
};

/// Threads of the process.
pub const WORKERS: [&str; 2] = ["2", "8"];

/// A service with doubles of its own.
pub struct Alone {
    pub service: Service,
    _doubles: (S3Double, SlackDouble),
}

pub async fn alone(catalogue: &str, settings: &[(&str, &str)]) -> Alone {
    let (s3, slack) = (S3Double::start().await, SlackDouble::start().await);
    s3.create_bucket(BUCKET);
    let service = Service::with(catalogue, &s3, BUCKET, &slack, settings).await;
    Alone { service, _doubles: (s3, slack) }
}

/// Tells the peak, and remembers it where it is too high.
pub fn measured(what: &str, alone: &Alone, seconds: f64, over: &mut Vec<String>) {
    let peak = alone.service.peak_bytes() / MIB;
    say(&format!("{what:<60} {seconds:>5.1} s  peak {peak:>5.1} MiB"));
    if peak >= MOST_MIB {
        over.push(format!("{what}: {peak:.1} MiB"));
    }
}
