//! Is the median price where it was? A wrong currency or unit moves every price, and no single one looks wrong.

use super::findings::Findings;
use crate::report::{CheckId, Example, Percent, ProblemKind, number};

/// From here on it is another currency or unit: so many times as much, or one in so many.
const JUMPED: u64 = 3;

/// Holds the median of the file against that of the publication before it, unless the file is not all that there is.
/// From `moved` on it is worth a look.
pub fn check(
    findings: &mut Findings,
    median: Option<u64>,
    before: Option<u64>,
    is_comparable: bool,
    moved: Percent,
) {
    let limit = before.map(|before| format!("{} ± {moved}", number(before)));
    findings.measure(CheckId::Prices, median.map_or_else(|| "–".to_owned(), number), limit);
    let (Some(median), Some(before), true) = (median, before, is_comparable) else { return };
    let kind = if median >= before.saturating_mul(JUMPED) || median <= before / JUMPED {
        ProblemKind::MedianJumped
    } else if moved.is_reached_by(median.abs_diff(before), before) {
        ProblemKind::MedianMoved
    } else {
        return;
    };
    findings.add(kind, || Example::value(format!("{} → {}", number(before), number(median))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::CheckStatus;

    #[test]
    fn a_median_that_moved_is_told_and_one_that_jumped_fails() {
        use CheckStatus::{Fail, Pass, Warn};
        for (median, before, status) in [
            (None, Some(10_000), Pass),
            (Some(10_000), None, Pass),
            (Some(12_999), Some(10_000), Pass),
            (Some(7_001), Some(10_000), Pass),
            (Some(13_000), Some(10_000), Warn),
            (Some(7_000), Some(10_000), Warn),
            (Some(30_000), Some(10_000), Fail),
            (Some(3_333), Some(10_000), Fail),
            (Some(10_000), Some(0), Fail),
        ] {
            let mut findings = Findings::default();
            check(&mut findings, median, before, true, Percent::whole(30));
            assert_eq!(findings.of_check(CheckId::Prices).0, status, "{median:?} {before:?}");
        }
    }
}
