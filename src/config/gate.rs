//! From where on a build is held back, or warned of.

use super::env::Env;
use crate::report::Percent;

/// Settings of `gate`.
#[derive(Debug, Clone, PartialEq)]
pub struct GateConfig {
    /// `GATE_HOLD_SHRINK`: so many fewer rows than the published build, or more, are held.
    pub hold_shrink: Percent,
    /// `GATE_HOLD_BROKEN`: a larger share of broken rows is held.
    pub hold_broken: Percent,
    /// `GATE_HOLD_MEDIAN`: a median price that moved by so much, or more, is held.
    pub hold_median: Percent,
    /// `GATE_WARN_SHRINK`: so many fewer rows than the published build, or more, are told.
    pub warn_shrink: Percent,
    /// `GATE_WARN_SIGMA`: a row count further off than so many standard deviations is told.
    pub warn_sigma: f64,
}

impl GateConfig {
    /// Reads `GATE_*`.
    pub fn from_env(env: &mut Env<'_>) -> Self {
        let default = Self::default();
        Self {
            hold_shrink: env.parsed("GATE_HOLD_SHRINK", default.hold_shrink, percent),
            hold_broken: env.parsed("GATE_HOLD_BROKEN", default.hold_broken, percent),
            // Beyond all of it a fall would never be held.
            hold_median: env.parsed("GATE_HOLD_MEDIAN", default.hold_median, percent),
            warn_shrink: env.parsed("GATE_WARN_SHRINK", default.warn_shrink, percent),
            warn_sigma: env.parsed("GATE_WARN_SIGMA", default.warn_sigma, sigma),
        }
    }
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            hold_shrink: Percent::whole(20),
            hold_broken: Percent::whole(10),
            hold_median: Percent::whole(30),
            warn_shrink: Percent::whole(5),
            warn_sigma: 3.0,
        }
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
}
