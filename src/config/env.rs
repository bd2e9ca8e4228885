//! Reads variables and collects every mistake, so that a person mends all of them at once.
//!
//! It never reads the process's environment by itself: it is handed a lookup, so tests need no global state.

use std::{collections::BTreeMap, fmt::Display};

/// One mistake in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable's name.
    pub(crate) variable: &'static str,
    /// What was found and what is expected.
    pub(crate) message: String,
}

/// All mistakes of an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", render(.0))]
pub struct ConfigError(pub Vec<Mistake>);

fn render(problems: &[Mistake]) -> String {
    let mut text =
        format!("{} setting{} to mend:", problems.len(), if problems.len() == 1 { "" } else { "s" });
    for problem in problems {
        text.push_str(&format!("\n  {}: {}", problem.variable, problem.message));
    }
    text
}

/// Reads variables by name and remembers what is wrong with them.
pub struct Env<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Mistake>,
    remarks: Vec<String>,
    assumed: BTreeMap<&'static str, String>,
}

impl<'a> Env<'a> {
    /// Reads through `lookup`; a variable that is set but empty counts as unset.
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new(), remarks: Vec::new(), assumed: BTreeMap::new() }
    }

    /// The variable's value, trimmed; `None` where it is unset or empty and nothing is assumed.
    pub(crate) fn text(&self, variable: &'static str) -> Option<String> {
        let value = (self.lookup)(variable).map(|value| value.trim().to_owned());
        value.filter(|value| !value.is_empty()).or_else(|| self.assumed.get(variable).cloned())
    }

    /// From now on the variable has this value where it is unset.
    pub(crate) fn assume(&mut self, variable: &'static str, value: Option<String>) {
        self.assumed.extend(value.map(|value| (variable, value)));
    }

    /// That it is not set is a problem on Cloud Run (`embedded` false); elsewhere something stands in for it.
    pub(crate) fn needed(&mut self, variable: &'static str, embedded: bool, expected: impl Display) {
        if !embedded && self.text(variable).is_none() {
            self.problem(variable, format!("not set; expected {expected}"));
        }
    }

    /// The value parsed, or `default` where it is unset. A value that does not parse is a problem, and
    /// `default` stands in for it so that reading goes on.
    pub(crate) fn parsed<T, E: Display>(
        &mut self,
        variable: &'static str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        self.optional(variable, parse).unwrap_or(default)
    }

    /// The value parsed, `None` where it is unset or wrong (a problem then).
    pub(crate) fn optional<T, E: Display>(
        &mut self,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(variable)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.problem(variable, message.to_string());
                None
            }
        }
    }

    /// What came of a variable's value; an error is a problem.
    pub(crate) fn checked<T, E: Display>(
        &mut self,
        variable: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|message| self.problem(variable, message.to_string())).ok()
    }

    /// A comma-separated list: trimmed, empty parts left out.
    pub(crate) fn list(&self, variable: &'static str) -> Vec<String> {
        self.text(variable)
            .map(|text| {
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
            })
            .unwrap_or_default()
    }

    /// Remembers a mistake.
    pub(crate) fn problem(&mut self, variable: &'static str, message: impl Into<String>) {
        self.problems.push(Mistake { variable, message: message.into() });
    }

    /// Remembers what is no mistake and should be changed all the same.
    pub(crate) fn remark(&mut self, remark: String) {
        self.remarks.push(remark);
    }

    /// What was remarked so far, once.
    pub(crate) fn remarks(&mut self) -> Vec<String> {
        std::mem::take(&mut self.remarks)
    }

    /// `value` if nothing was wrong, else everything that was.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() { Ok(value) } else { Err(ConfigError(self.problems)) }
    }
}

/// What tests set in place of the environment.
#[cfg(test)]
pub(super) fn among(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    move |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}
