//! What is told of pages that do not say what their rows say.

use super::{
    Target,
    offer::Compared,
    told::{Visit, example},
};
use crate::{
    report::ProblemKind,
    verify::findings::{Findings, shown},
};

/// Tells each page apart; of its number only where most pages have that of their rows: elsewhere they are another kind of
/// number.
pub(super) fn tell(found: &[(Target, Visit, Compared)], findings: &mut Findings) {
    let numbers = || found.iter().filter_map(|(.., compared)| compared.number.as_ref());
    let ours = numbers().filter(|(is_ours, _)| *is_ours).count();
    let are_ids = ours * 2 > numbers().count();
    for (target, _, compared) in found {
        for (kind, said) in &compared.found {
            let price = target
                .price
                .filter(|_| *kind != ProblemKind::PageNotSold && *kind != ProblemKind::PageElsewhere);
            let detail = price.map_or_else(|| shown(said), |price| format!("{price} → {}", shown(said)));
            findings.add(*kind, || example(target, &detail));
        }
        if let Some((false, number)) = compared.number.as_ref().filter(|_| are_ids) {
            findings.add(ProblemKind::PageOther, || example(target, &shown(number)));
        }
    }
}
