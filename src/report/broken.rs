//! Which rules of the format products break, as they are counted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::LaterName;
use crate::ep::broken::Breach;

/// A broken rule, by its name in JSON: `price_pc: not_whole`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum BrokenRule {
    /// One of this version's.
    Known(Breach),
    /// Of a later version.
    Later(LaterName),
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(breach) => breach.fmt(f),
            Self::Later(later) => f.write_str(later.as_str()),
        }
    }
}

impl From<&str> for BrokenRule {
    fn from(name: &str) -> Self {
        Breach::try_from(name.to_owned()).map_or_else(|_| Self::Later(LaterName::of(name)), Self::Known)
    }
}
