//! The three steps of a day, by the names they have everywhere: in paths, logs, settings and records.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// A step that can be called.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Step {
    /// Opens the day's thread.
    CreateThread,
    /// Builds the feed and publishes it.
    ExportProducts,
    /// Reads the public feed and checks it.
    VerifyEp,
}
