//! The three steps of a day, by the names they have everywhere: in paths, logs, settings and records.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A step that can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// Opens the day's thread.
    CreateThread,
    /// Builds the feed and publishes it.
    ExportProducts,
    /// Reads the public feed and checks it.
    VerifyEp,
}

impl Route {
    /// All steps, in the order of a day.
    pub const ALL: [Self; 3] = [Self::CreateThread, Self::ExportProducts, Self::VerifyEp];

    /// The name, as in the path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateThread => "create-thread",
            Self::ExportProducts => "export-products",
            Self::VerifyEp => "verify-ep",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|r| r.name() == text)
            .ok_or_else(|| format!("{text:?} is no route: create-thread, export-products or verify-ep"))
    }
}
