//! A settings file as Cloud Run takes it: flat lines `NAME: "value"`, or `NAME: '{…}'` for JSON, and comments.
//!
//! The service itself never reads one; it is for looking at the file before it is deployed.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::{Config, env::ConfigError};

/// What Cloud Run and Secret Manager set beside the file. Their values are not looked at here.
const GIVEN: [&str; 4] = ["K_SERVICE", "SLACK_BOT_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
/// What of them there is only where the file names no role.
const ROLE: &str = "AWS_ROLE_ARN";
const OF_A_KEY: &str = "AWS_";
/// What else must not stand in it.
const ELSEWHERE: [&str; 2] = ["PORT", "AWS_SESSION_TOKEN"];
/// Names that are read, but not as settings of the service.
const OUTSIDE: [&str; 1] = ["RUST_LOG"];

/// What a map beside the file becomes.
const MAP: &str = "CATALOG_MAP";
/// What Cloud Run gives to a variable at most, in bytes.
const MOST_VARIABLE: usize = 32_768;

/// A settings file's variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFile(BTreeMap<String, String>);

/// Why a text is no settings file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSettingsFile {
    /// A line of another form.
    #[error(
        "line {line} is not of the form NAME: \"value\", or NAME: '{{…}}' for JSON; it begins with {name:?}"
    )]
    Line {
        /// Counts from 1.
        line: usize,
        /// What may be a name; what stands behind it may be a secret.
        name: String,
    },
    /// A name that is set by somebody else.
    #[error("line {line} gives {name}, which Cloud Run or Secret Manager sets; remove it")]
    NotHere {
        /// Counts from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// A map beside the file, and one in it.
    #[error("it gives CATALOG_MAP, and a map.json lies beside it; keep one of the two")]
    TwoMaps,
    /// A map beside the file that is none.
    #[error("the map.json beside it does not look like JSON: it does not begin with {{ and end with }}")]
    NoMap,
    /// One that no variable holds.
    #[error(
        "the map.json beside it has {0} bytes on one line; Cloud Run takes {MOST_VARIABLE} in one variable: leave out \
         what the preset says already"
    )]
    LargeMap(usize),
    /// A name comes twice.
    #[error("line {line} gives {name} a second time")]
    Twice {
        /// Counts from 1.
        line: usize,
        /// The name.
        name: String,
    },
}

impl SettingsFile {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, NoSettingsFile> {
        let mut variables = BTreeMap::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let Some((name, value)) = variable(text) else {
                let name =
                    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
                return Err(NoSettingsFile::Line { line, name });
            };
            if name.starts_with("K_") || GIVEN.contains(&name) || ELSEWHERE.contains(&name) {
                return Err(NoSettingsFile::NotHere { line, name: name.to_owned() });
            }
            if variables.insert(name.to_owned(), value).is_some() {
                return Err(NoSettingsFile::Twice { line, name: name.to_owned() });
            }
        }
        Ok(Self(variables))
    }

    /// With the map that lies beside it as `map.json`. `deploy.sh` hands it over on one line, without indentation, and
    /// refuses the same; here it keeps its lines, so that a mistake is told with the line at which it stands.
    pub fn with_map(mut self, map: String) -> Result<Self, NoSettingsFile> {
        let line = map.lines().map(str::trim_ascii_start).collect::<Vec<_>>().join(" ");
        let line = line.trim_ascii();
        if !line.starts_with('{') || !line.ends_with('}') {
            return Err(NoSettingsFile::NoMap);
        }
        if line.len() > MOST_VARIABLE {
            return Err(NoSettingsFile::LargeMap(line.len()));
        }
        match self.0.insert(MAP.to_owned(), map) {
            Some(own) if !own.is_empty() => Err(NoSettingsFile::TwoMaps),
            _ => Ok(self),
        }
    }

    /// The variables, by name.
    pub fn into_variables(self) -> BTreeMap<String, String> {
        self.0
    }

    /// The settings that the service would run with on Cloud Run, and the names of the file that nobody reads with
    /// them: most are misspelt.
    pub fn on_cloud_run(&self) -> (Result<Config, ConfigError>, Vec<&str>) {
        let asked = RefCell::new(BTreeSet::from(OUTSIDE.map(str::to_owned)));
        let has_role = self.0.get(ROLE).is_some_and(|role| !role.trim().is_empty());
        let is_given = |name: &str| GIVEN.contains(&name) && !(has_role && name.starts_with(OF_A_KEY));
        let config = Config::from_lookup(&|name| {
            asked.borrow_mut().insert(name.to_owned());
            let given = is_given(name).then(|| "given".to_owned());
            self.0.get(name).cloned().or(given)
        });
        let asked = asked.into_inner();
        let unread = self.0.keys().filter(|name| !asked.contains(*name));
        (config, unread.map(String::as_str).collect())
    }
}

/// `NAME: "value"`, or `NAME: '{…}'`, perhaps with a comment behind. In single quotes, where JSON stands, YAML takes a
/// backslash for itself, and two quotes for one.
fn variable(line: &str) -> Option<(&str, String)> {
    let (name, quoted) = line.split_once(": ")?;
    let (value, comment) = match quoted.strip_prefix('"') {
        Some(rest) => {
            let (value, comment) = rest.split_once('"').filter(|(value, _)| !value.contains('\\'))?;
            (value.to_owned(), comment)
        }
        None => {
            let rest = quoted.strip_prefix('\'').filter(|rest| rest.starts_with('{'))?;
            let pairs = rest.match_indices("''").map(|(at, _)| at).collect::<Vec<_>>();
            let is_single = |at: &usize| !pairs.iter().any(|pair| *pair == *at || *pair + 1 == *at);
            let end = rest.match_indices('\'').map(|(at, _)| at).find(is_single)?;
            (rest[..end].replace("''", "'"), &rest[end + 1..])
        }
    };
    let is_name = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let comment = comment.trim_start();
    (is_name && !name.is_empty() && (comment.is_empty() || comment.starts_with('#'))).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_lines_and_comments_are_all_that_it_takes() {
        let file = SettingsFile::parse("# a\n\nLOCALE: \"en\"  # b\nFEED_KEY: \"\"\n").unwrap();
        assert_eq!(
            file.0,
            BTreeMap::from([("FEED_KEY", ""), ("LOCALE", "en")].map(|(n, v)| (n.into(), v.into())))
        );
        let map = r#"{"product": {"title_without": ["a: \"b\"\u0020#"]}}"#;
        let file = SettingsFile::parse(&format!("CATALOG_MAP: '{map}' # ours\n")).unwrap();
        assert_eq!(file.0, BTreeMap::from([("CATALOG_MAP".to_owned(), map.to_owned())]));
        let quoted = SettingsFile::parse("CATALOG_MAP: '{\"a\": \"it''s ''\"}'").unwrap();
        assert_eq!(quoted.0["CATALOG_MAP"], "{\"a\": \"it's '\"}");
        assert_eq!(quoted.with_map("{}".to_owned()), Err(NoSettingsFile::TwoMaps));
        let beside = SettingsFile::parse("CATALOG_MAP: \"\"\n").unwrap().with_map("{}".to_owned()).unwrap();
        assert_eq!(beside.0["CATALOG_MAP"], "{}");
        let with = |map: String| SettingsFile::parse("").unwrap().with_map(map).map(drop);
        for (map, said) in [
            ("[]\n".to_owned(), Err(NoSettingsFile::NoMap)),
            (format!("{{\"a\": \"{}\"}}", "'".repeat(32_759)), Ok(())),
            (format!("{{\"a\": \"{}\"}}", "'".repeat(32_760)), Err(NoSettingsFile::LargeMap(32_769))),
            (format!(" {{\r\n{}}}\n", " ".repeat(40_000)), Ok(())),
        ] {
            assert_eq!(with(map), said);
        }
        for (text, line) in [
            ("CATALOG_MAP: '{}", 1),
            ("CATALOG_MAP: '{\"a\": \"it's\"}'", 1),
            ("LOCALE: en", 1),
            ("A: \"1\"\nlocale: \"en\"", 2),
            ("LOCALE:\"en\"", 1),
            ("LOCALE: \"e\\n\"", 1),
            ("LOCALE: \"en\" or so", 1),
            (": \"en\"", 1),
        ] {
            let error = SettingsFile::parse(text).unwrap_err();
            assert!(
                matches!(error, NoSettingsFile::Line { line: found, .. } if found == line),
                "{text}: {error}"
            );
        }
        for name in ["PORT", "K_SERVICE", "SLACK_BOT_TOKEN", "AWS_SESSION_TOKEN"] {
            let error = SettingsFile::parse(&format!("{name}: \"x\"")).unwrap_err();
            assert!(error.to_string().starts_with(&format!("line 1 gives {name}, which")), "{error}");
        }
        for line in ["SLACK_BOT_TOKEN: 'xoxb-1'", "SLACK_BOT_TOKEN=xoxb-1", "SLACK_BOT_TOKEN xoxb-1"] {
            let quoted = SettingsFile::parse(line).unwrap_err().to_string();
            assert!(quoted.ends_with("it begins with \"SLACK_BOT_TOKEN\""), "{quoted}");
        }
        let twice = SettingsFile::parse("A: \"1\"\nA: \"2\"").unwrap_err();
        assert_eq!(twice.to_string(), "line 2 gives A a second time");
    }
}
