//! Against what the published feed is held.

use std::{collections::BTreeSet, time::Duration};

use super::{env::Env, service::duration};
use strum::IntoEnumIterator;

use crate::report::CheckId;

/// The most rows whose pages and images are opened in one run: a few a second is what is polite.
const MOST_SAMPLE: usize = 500;

/// Settings of `verify-ep`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyConfig {
    /// `VERIFY_MAX_AGE`: an older build fails.
    pub max_age: Duration,
    /// `VERIFY_MAX_BYTES`: no more is read.
    pub max_bytes: u64,
    /// `VERIFY_TIMEOUT`: for the whole file, and what is left of it for pages and images.
    pub timeout: Duration,
    /// `VERIFY_ALIVE_SAMPLE`: rows whose page and image are opened; 0 for none.
    pub alive_sample: usize,
    /// `VERIFY_WARN_ONLY`: checks whose failure is a warning.
    pub warn_only: BTreeSet<CheckId>,
}

impl VerifyConfig {
    /// Reads `VERIFY_*`. The pages and images of a `made_up` catalogue do not exist, so unless asked for they are not
    /// opened.
    pub fn from_env(env: &mut Env<'_>, made_up: bool) -> Self {
        let mut warn_only = BTreeSet::new();
        for name in env.list("VERIFY_WARN_ONLY") {
            match CheckId::iter().find(|id| id.name() == name) {
                Some(id) => {
                    warn_only.insert(id);
                }
                None => {
                    let known = CheckId::iter().map(|id| id.name().to_owned()).collect::<Vec<_>>().join(", ");
                    env.problem(
                        "VERIFY_WARN_ONLY",
                        format!("expected checks out of {known}, found {name:?}"),
                    );
                }
            }
        }
        Self {
            max_age: env.parsed("VERIFY_MAX_AGE", Duration::from_secs(26 * 3600), duration),
            max_bytes: env.parsed("VERIFY_MAX_BYTES", 1 << 30, size),
            timeout: env.parsed("VERIFY_TIMEOUT", Duration::from_secs(120), |text| {
                duration(text).and_then(|d| {
                    if (1..=600).contains(&d.as_secs()) {
                        Ok(d)
                    } else {
                        Err(format!("expected 1s to 600s, found {text:?}"))
                    }
                })
            }),
            alive_sample: env.parsed("VERIFY_ALIVE_SAMPLE", if made_up { 0 } else { 20 }, |text| match text
                .parse()
            {
                Ok(rows) if rows <= MOST_SAMPLE => Ok(rows),
                _ => Err(format!("expected a number of rows from 0 (none) to {MOST_SAMPLE}, found {text:?}")),
            }),
            warn_only,
        }
    }
}

/// `500MiB`, `1GiB`, `64KiB` or bytes.
fn size(text: &str) -> Result<u64, String> {
    let error = || format!("expected a size such as 500MiB or 1GiB, found {text:?}");
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("", 0)];
    let (digits, shift) =
        units.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift))).ok_or_else(error)?;
    let number: u64 = digits.trim().parse().map_err(|_| error())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_made_up_catalogue_are_opened_only_when_asked_for() {
        for (made_up, set, expected) in [
            (false, "", Some(20)),
            (true, "", Some(0)),
            (true, "7", Some(7)),
            (false, "0", Some(0)),
            (false, "501", None),
        ] {
            let lookup = |name: &str| (name == "VERIFY_ALIVE_SAMPLE").then(|| set.to_owned());
            let mut env = Env::new(&lookup);
            let config = VerifyConfig::from_env(&mut env, made_up);
            assert_eq!(
                env.finish(config).ok().map(|config| config.alive_sample),
                expected,
                "{made_up} {set}"
            );
        }
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        let cases = [
            ("1GiB", Ok(1 << 30)),
            ("64 KiB", Ok(65536)),
            ("7", Ok(7)),
            ("0", Err(())),
            ("1GB", Err(())),
            ("x", Err(())),
        ];
        for (text, expected) in cases {
            assert_eq!(size(text).map_err(drop), expected, "{text}");
        }
    }
}
