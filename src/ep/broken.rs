//! What is broken where a product cannot become a row, as data: which promise, of which column, by which value.
//!
//! It never judges: that is for `ep::columns`, and for whoever reads the product.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{columns::Column, rules::Violation};

/// What stands for the column where it is not about one value.
const PRODUCT: &str = "product";

/// Which promise was broken, and by which column's value; `None` where it is about the product as such. In counts,
/// answers and files it is a name: `price_pc: not_whole`, `product: no_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Breach {
    pub(crate) column: Option<Column>,
    pub(crate) violation: Violation,
}

impl Breach {
    /// The names of both.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        (self.column.map_or(PRODUCT, Column::name), self.violation.name())
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, violation) = self.names();
        write!(f, "{column}: {violation}")
    }
}

impl From<Breach> for String {
    fn from(breach: Breach) -> Self {
        breach.to_string()
    }
}

impl TryFrom<String> for Breach {
    type Error = strum::ParseError;

    /// Earlier versions wrote no column where it is about the product.
    fn try_from(name: String) -> Result<Self, Self::Error> {
        let (column, violation) = name.split_once(": ").unwrap_or((PRODUCT, &name));
        let column = if column == PRODUCT { None } else { Some(Column::from_str(column)?) };
        Ok(Self { column, violation: violation.parse()? })
    }
}

/// By name.
impl Ord for Breach {
    fn cmp(&self, other: &Self) -> Ordering {
        self.names().cmp(&other.names())
    }
}

impl PartialOrd for Breach {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A breach with the value that is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub breach: Breach,
    pub value: String,
}

impl Broken {
    /// By a value of `column`.
    pub fn of(column: Column, violation: Violation, value: impl Into<String>) -> Self {
        Self { breach: Breach { column: Some(column), violation }, value: value.into() }
    }

    /// By the product as such, of which `value` is told.
    pub fn product(violation: Violation, value: impl Into<String>) -> Self {
        Self { breach: Breach { column: None, violation }, value: value.into() }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn what_was_broken_is_a_name_and_back() {
        for violation in Violation::iter() {
            assert_eq!(serde_json::to_value(violation).unwrap(), violation.name());
            for column in std::iter::once(None).chain(Column::iter().map(Some)) {
                let breach = Breach { column, violation };
                assert_eq!(Breach::try_from(breach.to_string()), Ok(breach));
            }
        }
        let breach = |column, violation| Breach { column, violation };
        for (name, expected) in [
            ("price_pc: not_whole", Some(breach(Some(Column::PricePc), Violation::NotWhole))),
            ("product: no_name", Some(breach(None, Violation::NoName))),
            ("unreadable", Some(breach(None, Violation::Unreadable))),
            ("link: rule_of_tomorrow", None),
            ("column_of_tomorrow: required", None),
        ] {
            assert_eq!(Breach::try_from(name.to_owned()).ok(), expected);
        }
    }
}
