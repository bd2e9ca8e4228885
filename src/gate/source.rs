//! Whether the source gave what it says it has, and what it had before.

use std::collections::HashMap;

use super::Finding::{self, Hold, Warn};
use crate::report::{
    ChangedShape, Department, DepartmentName, DepartmentsBy, EmptyDepartments, GateWarning, HoldReason,
    Percent, Source,
};

/// From this share of what the source says it has on, what did not arrive holds the build.
const INCOMPLETE: Percent = Percent::whole(1);
/// Departments that are named.
const NAMED: usize = 5;

/// Less arrived than the source says it has.
pub(super) fn incomplete(source: &Source) -> Option<Finding> {
    let gave = source.says.map_or(0, |says| says.saturating_sub(source.gave));
    let missing = source.short.max(if source.departments.is_empty() { gave } else { 0 });
    if missing == 0 {
        return None;
    }
    // Where it does not say how much it has, what came twice shows that as much is missing.
    let expected = source.says.unwrap_or(source.gave.saturating_add(missing));
    let found = expected.saturating_sub(missing);
    let short = source.departments.iter().filter(|department| department.short > 0);
    let (departments, _) = largest(short.map(|department| (department.short, department)));
    let (measured, limit) = (Percent::of(missing, expected), INCOMPLETE);
    Some(match limit.is_reached_by(missing, expected) {
        true => Hold(HoldReason::SourceIncomplete { expected, found, departments }),
        false => Warn(GateWarning::SourceIncomplete { measured, limit, expected, found, departments }),
    })
}

/// From this share of the catalogue on, products of another shape hold the build.
const CHANGED: Percent = Percent::whole(5);

/// Products in a row lack what the others have. Where nothing new stands in its place the source may simply have nothing to
/// say, as of what is sold on request: that is told.
pub(super) fn changed(source: &Source) -> Option<Finding> {
    let change = source.changed.clone()?;
    let (measured, limit) = (Percent::of(change.products, change.of), CHANGED);
    let is_renamed = !change.new.is_empty();
    Some(match is_renamed && limit.is_reached_by(change.products, change.of) {
        true => Hold(HoldReason::ShapeChanged(ChangedShape { measured, limit, change })),
        false => Warn(GateWarning::ShapeChanged(ChangedShape { measured, limit, change })),
    })
}

/// Departments had products in the published build and have none now. One that the settings no longer name has not
/// lost any, and where most of their products are in the feed all the same, they stand elsewhere now: of all rows before,
/// `gone` are not there any more, where that is known.
pub(super) fn emptied(
    source: &Source,
    before: &[Department],
    limit: Percent,
    gone: Option<(u64, u64)>,
) -> Option<Finding> {
    let now: HashMap<_, _> = source.departments.iter().map(|d| (d.id.as_str(), d.gave)).collect();
    let lost = before.iter().filter(|then| then.gave > 0 && now.get(then.id.as_str()) == Some(&0));
    let (elements, of) =
        (lost.clone().map(|then| then.gave).sum::<u64>(), before.iter().map(|then| then.gave).sum::<u64>());
    // As many elements become rows here as in the whole.
    let went_on = |(gone, rows): (u64, u64)| {
        u128::from(gone) * 2 * u128::from(of) < u128::from(elements) * u128::from(rows)
    };
    if elements == 0 || gone.is_some_and(went_on) {
        return None;
    }
    let (departments, more) = largest(lost.map(|then| (then.gave, then)));
    let measured = Percent::of(elements, of);
    let empty = EmptyDepartments { measured, limit, departments, more, elements };
    Some(match limit.is_reached_by(elements, of) {
        true => Hold(HoldReason::DepartmentsEmpty(empty)),
        false => Warn(GateWarning::DepartmentsEmpty(empty)),
    })
}

/// The shop's own list could not be read.
pub(super) fn not_read(source: &Source) -> Option<Finding> {
    let by = source.list.filter(|by| matches!(by, DepartmentsBy::Last | DepartmentsBy::Preset))?;
    let (departments, why) = (source.departments.len() as u64, source.list_error.clone().unwrap_or_default());
    Some(Warn(GateWarning::DepartmentsNotRead { by, departments, why }))
}

/// Counts could not be had.
pub(super) fn uncounted(source: &Source) -> Option<Finding> {
    let of = source.departments.len().max(1) as u64;
    (source.uncounted > 0).then_some(Warn(GateWarning::CountUnknown { uncounted: source.uncounted, of }))
}

/// The first few by name, and how many more.
fn largest<'a>(departments: impl Iterator<Item = (u64, &'a Department)>) -> (Vec<DepartmentName>, u64) {
    let mut all: Vec<_> = departments.collect();
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let more = all.len().saturating_sub(NAMED) as u64;
    (all.into_iter().take(NAMED).map(|(_, department)| department.named()).collect(), more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ShapeChange;

    fn department(id: &str, says: Option<u64>, gave: u64, short: u64) -> Department {
        Department { id: id.into(), name: None, says, gave, short, listed: true }
    }

    fn ids(departments: &[DepartmentName]) -> String {
        departments.iter().map(|department| department.id.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_did_not_arrive_is_warned_of_and_held_from_one_percent_on() {
        let one = |says, gave| Source { says: Some(says), gave, ..Source::default() };
        for (source, expected) in [
            (one(1000, 1000), None),
            (one(1000, 2000), None),
            (one(1000, 991), Some((false, 1000, 991))),
            (one(1000, 990), Some((true, 1000, 990))),
            (one(5, 4), Some((true, 5, 4))),
            (Source { gave: 995, short: 5, ..Source::default() }, Some((false, 1000, 995))),
            (Source::default(), None),
        ] {
            let found = match incomplete(&source) {
                Some(Hold(HoldReason::SourceIncomplete { expected, found, .. })) => {
                    Some((true, expected, found))
                }
                Some(Warn(GateWarning::SourceIncomplete { expected, found, .. })) => {
                    Some((false, expected, found))
                }
                None => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{source:?}");
        }
    }

    #[test]
    fn what_one_department_gives_beyond_its_count_makes_up_for_no_other() {
        let source = Source {
            says: Some(2000),
            gave: 2400,
            short: 15,
            departments: vec![
                department("a", Some(500), 910, 0),
                department("b", Some(500), 495, 5),
                department("c", Some(1000), 990, 10),
            ],
            ..Source::default()
        };
        let Some(Warn(GateWarning::SourceIncomplete { measured, expected, found, departments, .. })) =
            incomplete(&source)
        else {
            panic!("{:?}", incomplete(&source))
        };
        assert_eq!((measured, expected, found), (Percent::hundredths(75), 2000, 1985));
        assert_eq!(ids(&departments), "c b");
    }

    #[test]
    fn departments_without_anything_left_are_warned_of_and_held_from_five_percent_on() {
        let before =
            [department("a", None, 960, 0), department("b", None, 40, 0), department("c", None, 0, 0)];
        let source = |gave: &[(&str, u64)]| Source {
            departments: gave.iter().map(|(id, gave)| department(id, None, *gave, 0)).collect(),
            ..Source::default()
        };
        for (now, expected) in [
            (&[("a", 1), ("b", 1), ("c", 0)][..], None),
            (&[("a", 960), ("b", 0), ("c", 0)], Some((false, "b", 40))),
            (&[("a", 0), ("b", 40)], Some((true, "a", 960))),
            (&[("a", 0), ("b", 0)], Some((true, "a b", 1000))),
            (&[("b", 40)], None),
            (&[], None),
        ] {
            let found = match emptied(&source(now), &before, Percent::whole(5), None) {
                Some(Hold(HoldReason::DepartmentsEmpty(EmptyDepartments {
                    departments, elements, ..
                }))) => Some((true, ids(&departments), elements)),
                Some(Warn(GateWarning::DepartmentsEmpty(EmptyDepartments {
                    departments, elements, ..
                }))) => Some((false, ids(&departments), elements)),
                None => None,
                other => panic!("{other:?}"),
            };
            let expected = expected.map(|(held, ids, n): (bool, &str, u64)| (held, ids.to_owned(), n));
            assert_eq!(found, expected, "{now:?}");
        }
        // Of 800 rows 32 are of that department's 40 elements.
        for (gone, is_found) in [(0, false), (15, false), (16, true), (32, true), (800, true)] {
            let found =
                emptied(&source(&[("a", 960), ("b", 0)]), &before, Percent::whole(5), Some((gone, 800)));
            assert_eq!(found.is_some(), is_found, "{gone}");
        }
        assert_eq!(
            emptied(&source(&[("a", 0)]), &[], Percent::whole(5), None),
            None,
            "nothing is known of before"
        );
    }

    #[test]
    fn products_of_another_shape_are_warned_of_and_held_from_five_percent_on() {
        for (products, held) in [(49, false), (50, true)] {
            let new = vec!["/amount".to_owned()];
            let change =
                ShapeChange { field: "price".into(), products, of: 1000, new, ..ShapeChange::default() };
            let found = changed(&Source { changed: Some(change), ..Source::default() });
            match found {
                Some(Hold(HoldReason::ShapeChanged(ChangedShape { measured, .. }))) => {
                    assert_eq!((held, measured), (true, CHANGED))
                }
                Some(Warn(GateWarning::ShapeChanged(ChangedShape { limit, .. }))) => {
                    assert_eq!((held, limit), (false, CHANGED))
                }
                other => panic!("{other:?}"),
            }
        }
        let silent = ShapeChange { products: 500, of: 1000, ..ShapeChange::default() };
        let found = changed(&Source { changed: Some(silent), ..Source::default() });
        assert!(matches!(found, Some(Warn(_))), "nothing stands in its place: {found:?}");
        assert_eq!(changed(&Source::default()), None);
    }

    #[test]
    fn a_list_and_counts_that_could_not_be_read_are_told() {
        let source = |list, uncounted| Source {
            list: Some(list),
            list_error: Some("404".into()),
            uncounted,
            departments: vec![department("a", None, 1, 0), department("b", None, 1, 0)],
            ..Source::default()
        };
        for (list, told) in [
            (DepartmentsBy::Shop, false),
            (DepartmentsBy::Settings, false),
            (DepartmentsBy::Last, true),
            (DepartmentsBy::Preset, true),
        ] {
            let expected = told.then(|| {
                Warn(GateWarning::DepartmentsNotRead { by: list, departments: 2, why: "404".into() })
            });
            assert_eq!(not_read(&source(list, 0)), expected);
        }
        assert_eq!(uncounted(&source(DepartmentsBy::Shop, 0)), None);
        let expected = Warn(GateWarning::CountUnknown { uncounted: 1, of: 2 });
        assert_eq!(uncounted(&source(DepartmentsBy::Shop, 1)), Some(expected));
        let one = Source { uncounted: 1, ..Source::default() };
        assert_eq!(uncounted(&one), Some(Warn(GateWarning::CountUnknown { uncounted: 1, of: 1 })));
    }
}
