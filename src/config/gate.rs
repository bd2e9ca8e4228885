//! From where on a build is held back, or warned of: `GATE_LIMITS`.
//!
//! A limit is one entry of the table below. It never judges anything: that is for `gate`.

use super::env::Env;
use crate::report::Percent;

/// The variable of all limits: `hold_shrink=20%, warn_sigma=3`.
const VARIABLE: &str = "GATE_LIMITS";

/// A limit by its name.
struct Limit {
    name: &'static str,
    /// The variable that it had for itself before there was `GATE_LIMITS`, which is still read.
    old: Option<&'static str>,
    set: fn(&mut GateConfig, &str) -> Result<(), String>,
}

/// Makes the settings and the table of limits of one list: name, type, default, how its text is read, its old variable.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr, $parse:expr, $old:expr;)*) => {
        /// Settings of `gate`: each limit under its name in `GATE_LIMITS`.
        #[derive(Debug, Clone, PartialEq)]
        pub struct GateConfig {
            $($(#[$doc])* pub $name: $kind,)*
        }

        impl Default for GateConfig {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        const LIMITS: &[Limit] = &[$(Limit {
            name: stringify!($name),
            old: $old,
            set: |limits, text| $parse(text).map(|value| limits.$name = value),
        },)*];
    };
}

limits! {
    /// So many fewer rows than the published build, or more, are held.
    hold_shrink: Percent = Percent::whole(20), percent, Some("GATE_HOLD_SHRINK");
    /// A larger share of broken rows is held.
    hold_broken: Percent = Percent::whole(10), percent, Some("GATE_HOLD_BROKEN");
    /// A median price that moved by so much, or more, is held. Beyond all of it a fall would never be.
    hold_median: Percent = Percent::whole(30), percent, Some("GATE_HOLD_MEDIAN");
    /// Departments or categories that lost their products are held from this share of the published build on.
    hold_department: Percent = Percent::whole(5), percent, None;
    /// Prices of products that both builds have, ten or a thousand times what they were or that part of it, are held.
    hold_price_unit: Percent = Percent::whole(1), percent, None;
    /// Other prices beyond -20 % or +50 % that no sale explains are held from this share of them on.
    hold_prices: Percent = Percent::whole(30), percent, None;
    /// Titles that share no word with the one before are held.
    hold_swapped: Percent = Percent::whole(5), percent, None;
    /// Titles that changed are held.
    hold_titles: Percent = Percent::whole(60), percent, None;
    /// A host of links or images that is new or gone on this share is held where its addresses do not open.
    hold_hosts: Percent = Percent::whole(50), percent, None;
    /// So many fewer rows than the published build, or more, are told.
    warn_shrink: Percent = Percent::whole(5), percent, Some("GATE_WARN_SHRINK");
    /// Prices beyond -20 % or +50 % that no sale explains are told.
    warn_prices: Percent = Percent::whole(10), percent, None;
    /// Titles that share no word with the one before are told.
    warn_swapped: Percent = Percent::hundredths(50), percent, None;
    /// Titles that changed are told.
    warn_titles: Percent = Percent::whole(20), percent, None;
    /// A column whose share of rows with a value fell by so many points is told.
    warn_fill: Percent = Percent::whole(20), percent, None;
    /// So many more rows than the published build, or more, are told.
    warn_growth: Percent = Percent::whole(20), percent, None;
    /// A row count further off than so many standard deviations is told.
    warn_sigma: f64 = 3.0, sigma, Some("GATE_WARN_SIGMA");
}

impl GateConfig {
    /// Reads `GATE_LIMITS`, and the variables that its limits had before. A limit that both give is a mistake.
    pub(crate) fn from_env(env: &mut Env<'_>) -> Self {
        let mut limits = Self::default();
        let mut said = Vec::new();
        for entry in env.list(VARIABLE) {
            if let Err(message) = limits.take(&entry, &mut said) {
                env.problem(VARIABLE, message);
            }
        }
        for limit in LIMITS {
            let Some((old, text)) = limit.old.and_then(|old| Some((old, env.text(old)?))) else { continue };
            let name = limit.name;
            if said.contains(&name) {
                env.problem(
                    old,
                    format!("the old name of {name}, which {VARIABLE} gives as well; remove it"),
                );
            } else if env.checked(old, (limit.set)(&mut limits, &text)).is_some() {
                env.remark(format!(
                    "{old} is the old name of {name} in {VARIABLE}: write {name}={text} there and remove it"
                ));
            }
        }
        limits
    }

    /// The names of all limits, as `GATE_LIMITS` takes them.
    pub fn names() -> impl Iterator<Item = &'static str> {
        LIMITS.iter().map(|limit| limit.name)
    }

    /// The variables that are read beside `GATE_LIMITS`, for who has not moved yet.
    pub fn old_variables() -> impl Iterator<Item = &'static str> {
        LIMITS.iter().filter_map(|limit| limit.old)
    }

    /// Takes one entry; `said` holds the names so far.
    fn take(&mut self, entry: &str, said: &mut Vec<&'static str>) -> Result<(), String> {
        let known = || Self::names().collect::<Vec<_>>().join(", ");
        let (name, value) = entry.split_once('=').map_or((entry, None), |(n, v)| (n.trim(), Some(v.trim())));
        let Some(limit) = LIMITS.iter().find(|limit| limit.name == name) else {
            return Err(format!("expected limits out of {}, found {name:?}", known()));
        };
        let value = value
            .ok_or_else(|| format!("expected a value, as in hold_shrink=20%, found {name} without one"))?;
        if said.contains(&limit.name) {
            return Err(format!("{name} stands there twice; keep one of the two"));
        }
        said.push(limit.name);
        (limit.set)(self, value).map_err(|message| format!("{name}: {message}"))
    }
}

/// `20%` or `12.5%`, above 0 and up to all.
fn percent(text: &str) -> Result<Percent, String> {
    let error = || format!("expected a percentage such as 20% or 12.5%, from 0.01% to 100%, found {text:?}");
    let number = text.strip_suffix('%').map(str::trim_end).ok_or_else(error)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(whole, 4) || !digits(fraction, 2) {
        return Err(error());
    }
    let hundredths: u64 = format!("{whole}{fraction:0<2}").parse().map_err(|_| error())?;
    if (1..=100 * 100).contains(&hundredths) { Ok(Percent::hundredths(hundredths)) } else { Err(error()) }
}

fn sigma(text: &str) -> Result<f64, String> {
    text.parse::<f64>().ok().filter(|sigma| (0.1..=100.0).contains(sigma)).ok_or_else(|| {
        format!("expected a number of standard deviations from 0.1 to 100, such as 3, found {text:?}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::among;

    #[test]
    fn thresholds_are_read_with_their_sign() {
        let cases = [
            ("20%", Some(2000)),
            ("12.5%", Some(1250)),
            ("0.01 %", Some(1)),
            ("100%", Some(10_000)),
            ("20", None),
            ("0%", None),
            ("100.01%", None),
            ("-5%", None),
            ("1e1%", None),
            ("5.123%", None),
            (".5%", None),
            ("5.%", None),
            ("%", None),
            ("٥%", None),
        ];
        for (text, expected) in cases {
            assert_eq!(percent(text).ok(), expected.map(Percent::hundredths), "{text}");
        }
        assert!(percent("20").unwrap_err().contains("such as 20%"));
        for (text, expected) in
            [("3", Some(3.0)), ("2.5", Some(2.5)), ("0", None), ("NaN", None), ("three", None)]
        {
            assert_eq!(sigma(text).ok(), expected, "{text}");
        }
    }

    fn read(variables: &[(&str, &str)]) -> (Result<GateConfig, String>, Vec<String>) {
        let lookup = among(variables);
        let mut env = Env::new(&lookup);
        let config = GateConfig::from_env(&mut env);
        let remarks = env.remarks();
        (env.finish(config).map_err(|e| e.to_string()), remarks)
    }

    #[test]
    fn any_of_the_limits_stand_in_one_variable_and_the_others_are_as_they_were() {
        assert_eq!(read(&[]), (Ok(GateConfig::default()), vec![]));
        let (config, remarks) = read(&[("GATE_LIMITS", " warn_sigma = 2.5 ,hold_shrink=7 %,")]);
        let expected =
            GateConfig { warn_sigma: 2.5, hold_shrink: Percent::whole(7), ..GateConfig::default() };
        assert_eq!((config, remarks), (Ok(expected), vec![]));
    }

    #[test]
    fn every_mistake_in_it_is_told_at_once_with_its_entry() {
        let wrong = "hold_shrnk=20%, hold_broken=ten, warn_shrink, warn_sigma=3, warn_sigma=4, hold_median=";
        let error = read(&[("GATE_LIMITS", wrong), ("GATE_WARN_SIGMA", "3")]).0.unwrap_err();
        let names = GateConfig::names().collect::<Vec<_>>().join(", ");
        for line in [
            "6 settings to mend:",
            &format!("  GATE_LIMITS: expected limits out of {names}, found \"hold_shrnk\""),
            "  GATE_LIMITS: hold_broken: expected a percentage such as 20% or 12.5%, from 0.01% to 100%, found \"ten\"",
            "  GATE_LIMITS: expected a value, as in hold_shrink=20%, found warn_shrink without one",
            "  GATE_LIMITS: warn_sigma stands there twice; keep one of the two",
            "  GATE_LIMITS: hold_median: expected a percentage such as 20% or 12.5%, from 0.01% to 100%, found \"\"",
            "  GATE_WARN_SIGMA: the old name of warn_sigma, which GATE_LIMITS gives as well; remove it",
        ] {
            assert!(error.lines().any(|told| told == line), "{line} in:\n{error}");
        }
    }

    #[test]
    fn the_old_variables_are_read_and_it_is_told() {
        let old = [("GATE_HOLD_MEDIAN", "40%"), ("GATE_LIMITS", "hold_shrink=7%"), ("GATE_WARN_SIGMA", "")];
        let (config, remarks) = read(&old);
        let expected = GateConfig {
            hold_median: Percent::whole(40),
            hold_shrink: Percent::whole(7),
            ..GateConfig::default()
        };
        assert_eq!(config, Ok(expected));
        let told = "GATE_HOLD_MEDIAN is the old name of hold_median in GATE_LIMITS: write hold_median=40% there and remove it";
        assert_eq!(remarks, [told]);
        let wrong = read(&[("GATE_HOLD_BROKEN", "ten")]);
        assert!(wrong.0.unwrap_err().contains("GATE_HOLD_BROKEN: expected a percentage"));
        assert_eq!(wrong.1, [""; 0]);
    }
}
