//! Which of a hold's reasons is its cause, and which only follow from that: a feed without a single product has lost its
//! departments and its median price as well, and nobody needs to read that.
//!
//! Pure: it makes no sentence and decides no verdict.

use crate::report::{
    DriftRule,
    HoldReason::{self, *},
};

/// The cause of a hold, and what was found besides that does not follow from it, both in the order of the reasons. `None`
/// only where there are no reasons.
pub(super) fn cause(reasons: &[HoldReason]) -> Option<(&HoldReason, Vec<&HoldReason>)> {
    // Of equals the first one: the gate names the plainest first.
    let (at, cause) = reasons.iter().enumerate().min_by_key(|(_, reason)| depth(reason))?;
    let others = reasons.iter().enumerate().filter(|(other, reason)| *other != at && !follows(reason, cause));
    Some((cause, others.map(|(_, reason)| reason).collect()))
}

/// How deep a reason lies: what other reasons may come of lies deepest, and comes first.
fn depth(reason: &HoldReason) -> u8 {
    match reason {
        // What the catalogue is.
        ForeignCurrency(_) | NoRows { missing: Some(_) } | ShapeChanged(_) => 0,
        Drift(drifted) => match drifted.rule {
            DriftRule::IdsReplaced | DriftRule::PriceUnit | DriftRule::LinkHost | DriftRule::ImageHost => 1,
            DriftRule::TitlesSwapped | DriftRule::CategoryLost => 2,
            _ => 3,
        },
        // What of it came.
        SourceIncomplete { .. } | DestroyedText(_) => 1,
        NoRows { missing: None } | DepartmentsEmpty(_) | Broken { .. } => 2,
        // What that makes of the feed.
        Shrink(_) | MedianPrice(_) | TakeoverUnreadable { .. } | Takeover { .. } => 3,
        Later(_) => 4,
    }
}

/// Whether `reason` is what one sees of `cause` somewhere else.
fn follows(reason: &HoldReason, cause: &HoldReason) -> bool {
    match cause {
        // No products, and no product with a price: nothing can be like before.
        ForeignCurrency(_) | NoRows { .. } | ShapeChanged(_) => {
            matches!(
                reason,
                NoRows { .. } | Broken { .. } | Shrink(_) | MedianPrice(_) | DepartmentsEmpty(_) | Drift(_)
            )
        }
        SourceIncomplete { .. } => {
            matches!(reason, NoRows { missing: None } | Shrink(_) | MedianPrice(_) | DepartmentsEmpty(_))
        }
        DepartmentsEmpty(_) | Broken { .. } => matches!(reason, Shrink(_) | MedianPrice(_)),
        DestroyedText(_) => matches!(reason, Drift(drifted) if is_of_titles(drifted.rule)),
        Drift(drifted) => match drifted.rule {
            DriftRule::PriceUnit | DriftRule::PricesMoved => matches!(reason, MedianPrice(_)),
            DriftRule::CategoryLost => matches!(reason, Shrink(_) | MedianPrice(_)),
            _ => false,
        },
        Shrink(_) | MedianPrice(_) | TakeoverUnreadable { .. } | Takeover { .. } | Later(_) => false,
    }
}

fn is_of_titles(rule: DriftRule) -> bool {
    matches!(rule, DriftRule::TitlesSwapped | DriftRule::TitlesChanged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::samples::holds;

    /// The reasons' own names.
    fn names<'r>(reasons: impl IntoIterator<Item = &'r HoldReason>) -> Vec<&'static str> {
        reasons.into_iter().map(<&'static str>::from).collect()
    }

    #[test]
    fn what_follows_from_the_cause_is_not_repeated() {
        let all = holds("x");
        let of =
            |wanted: &str| all.iter().find(|reason| names([*reason]) == [wanted]).expect("a reason").clone();
        for (found, is, besides) in [
            (&["no_rows", "shrink"][..], "no_rows", &[][..]),
            (&["no_rows", "foreign_currency", "shrink", "departments_empty"], "foreign_currency", &[]),
            (&["source_incomplete", "shrink", "median_price"], "source_incomplete", &[]),
            (&["source_incomplete", "broken"], "source_incomplete", &["broken"]),
            (&["broken", "shrink"], "broken", &[]),
            (&["shrink", "median_price"], "shrink", &["median_price"]),
            (&["median_price", "takeover"], "median_price", &["takeover"]),
        ] {
            let reasons: Vec<HoldReason> = found.iter().map(|name| of(name)).collect();
            let (cause, others) = cause(&reasons).unwrap();
            assert_eq!((names([cause]), names(others)), (vec![is], besides.to_vec()), "{found:?}");
        }
        assert_eq!(cause(&[]), None);
    }
}
