//! What of a build's source is worth a line.
//!
//! It never decides whether that holds the build: that is for the gate.

use std::collections::HashSet;

use crate::{
    fetch::{Known, Summary},
    report::{Department, DepartmentName, DepartmentsBy, Remark},
};

/// Departments that a remark names.
const NAMED: usize = 5;

/// What is worth a line, against what was known before.
pub(super) fn remarks(Summary { source, others, encoding, .. }: &Summary, known: &Known) -> Vec<Remark> {
    let now = || source.departments.iter().filter(|department| department.listed);
    let before = || known.published.iter().filter(|department| department.listed);
    let mut remarks = Vec::new();
    if source.list == Some(DepartmentsBy::Shop) && !known.published.is_empty() {
        let (ids_now, ids_before) = (ids(now()), ids(before()));
        let new = named(now().filter(|department| !ids_before.contains(&*department.id)));
        remarks.extend(new.map(|(departments, more)| Remark::NewDepartments { departments, more }));
        let gone = named(before().filter(|department| !ids_now.contains(&*department.id)));
        remarks.extend(gone.map(|(departments, more)| Remark::VanishedDepartments { departments, more }));
    }
    // One that had products is the gate's business.
    let had = ids(known.published.iter().filter(|department| department.gave > 0));
    let empty = now().filter(|department| department.gave == 0 && !had.contains(&*department.id));
    remarks.extend(empty.map(|department| Remark::EmptyCategory { category: department.id.clone() }));
    remarks.extend(encoding.map(|encoding| Remark::Decoded { encoding: encoding.to_owned() }));
    if others.elements > 0 {
        remarks.push(Remark::NoProducts { elements: others.elements, kinds: others.kinds.clone() });
    }
    remarks
}

fn ids<'a>(departments: impl Iterator<Item = &'a Department>) -> HashSet<&'a str> {
    departments.map(|department| department.id.as_str()).collect()
}

/// The first few by name and how many more there are; `None` where there are none.
fn named<'a>(departments: impl Iterator<Item = &'a Department>) -> Option<(Vec<DepartmentName>, u64)> {
    let mut names: Vec<_> = departments.map(Department::named).collect();
    let more = names.len().saturating_sub(NAMED) as u64;
    names.truncate(NAMED);
    (!names.is_empty()).then_some((names, more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fetch::Others, report::Source};

    fn department(id: &str, gave: u64, listed: bool) -> Department {
        Department { id: id.into(), name: None, says: None, gave, short: 0, listed }
    }

    fn told(now: &[(&str, u64, bool)], before: &[(&str, u64, bool)], list: DepartmentsBy) -> Vec<String> {
        let all = |all: &[(&str, u64, bool)]| all.iter().map(|(id, n, l)| department(id, *n, *l)).collect();
        let source = Source { departments: all(now), list: Some(list), ..Source::default() };
        let summary = Summary { source, ..Summary::default() };
        let known = Known { published: all(before), last: Vec::new() };
        let names = |departments: Vec<DepartmentName>| {
            departments.into_iter().map(|department| department.id).collect::<Vec<_>>().join(" ")
        };
        let line = |remark| match remark {
            Remark::NewDepartments { departments, more } => format!("new {} +{more}", names(departments)),
            Remark::VanishedDepartments { departments, more } => {
                format!("gone {} +{more}", names(departments))
            }
            Remark::EmptyCategory { category } => format!("empty {category}"),
            other => panic!("{other:?}"),
        };
        remarks(&summary, &known).into_iter().map(line).collect()
    }

    #[test]
    fn new_gone_and_empty_departments_are_told_once() {
        use DepartmentsBy::{Last, Settings, Shop};
        let before = [("a", 5, true), ("b", 5, true), ("c", 0, true), ("z", 3, false)];
        for (now, before, list, expected) in [
            (&[("a", 5, true), ("b", 5, true), ("c", 0, true)][..], &before[..], Shop, &["empty c"][..]),
            (
                &[("a", 5, true), ("d", 1, true), ("e", 0, true)],
                &before,
                Shop,
                &["new d e +0", "gone b c +0", "empty e"],
            ),
            (&[("a", 0, true), ("b", 5, false), ("c", 9, true)], &before, Shop, &["gone b +0"]),
            (&[("a", 5, true), ("b", 5, true), ("c", 5, true), ("z", 3, false)], &before, Shop, &[]),
            (&[("a", 5, true), ("b", 1, true), ("c", 1, true), ("z", 1, true)], &before, Shop, &["new z +0"]),
            (&[("a", 5, true)], &before, Last, &[]),
            (&[("a", 5, true), ("x", 0, true)], &before, Settings, &["empty x"]),
            (&[("a", 5, true), ("x", 0, true)], &[], Shop, &["empty x"]),
        ] {
            assert_eq!(told(now, before, list), expected, "{now:?}");
        }
        let many: Vec<_> = ["d", "e", "f", "g", "h", "i", "j"].map(|id| (id, 1, true)).into();
        assert_eq!(told(&many, &[("d", 1, true)], Shop), ["new e f g h i +1"]);
    }

    #[test]
    fn a_text_that_was_decoded_is_told() {
        let summary = Summary { encoding: Some("EUC-KR"), ..Summary::default() };
        assert_eq!(remarks(&summary, &Known::default()), [Remark::Decoded { encoding: "EUC-KR".into() }]);
    }

    #[test]
    fn elements_without_a_product_are_one_line() {
        let others = Others { elements: 3, kinds: vec!["CONTENT".into()] };
        let summary = Summary { others, ..Summary::default() };
        let expected = Remark::NoProducts { elements: 3, kinds: vec!["CONTENT".into()] };
        assert_eq!(remarks(&summary, &Known::default()), [expected]);
    }
}
