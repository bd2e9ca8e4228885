//! How exports of the same hour went day by day, for a line that people take in at a glance.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One day's export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendPoint {
    /// The day of its run.
    pub day: Date,
    /// Rows of its build.
    pub rows: u64,
    /// The median of their prices, in won, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_price: Option<u64>,
}
