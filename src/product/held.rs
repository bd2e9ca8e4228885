//! What is kept of one place of a product.

use std::{fmt, mem};

use super::{marks::Marks, scalar::Scalar};
use crate::{
    ep::{broken::Broken, rules::Violation},
    map::Plan,
};

/// What was found at a place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Held<'a> {
    /// Nothing, or null.
    #[default]
    Nothing,
    /// A value.
    One(Scalar<'a>),
    /// What stands on the way, so that the place itself is not there.
    Instead(Scalar<'a>),
    /// The values of a list that say something, each with the place of its element, from 0.
    Many(Vec<(usize, Scalar<'a>)>),
    /// Every text in it.
    Marks(Marks),
    /// Texts of lists to be looked through, sound JSON.
    Raw(Vec<&'a [u8]>),
}

impl fmt::Display for Held<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::One(scalar) | Self::Instead(scalar) => scalar.fmt(f),
            Self::Many(scalars) => {
                let texts: Vec<_> = scalars.iter().map(|(_, scalar)| scalar.to_string()).collect();
                f.write_str(&texts.join(" "))
            }
            Self::Marks(marks) => marks.fmt(f),
            Self::Raw(lists) => write!(f, "{} lists", lists.len()),
        }
    }
}

/// What a key said when it stood there first, taken out so that it can be held against what it says once more.
pub(super) struct First<'s, 'a> {
    slots: &'s [usize],
    held: Vec<Held<'a>>,
}

impl<'s, 'a> First<'s, 'a> {
    /// Takes what is held in these slots.
    pub(super) fn take(slots: &'s [usize], held: &mut [Held<'a>]) -> Self {
        Self { slots, held: slots.iter().map(|slot| mem::take(&mut held[*slot])).collect() }
    }

    /// Puts it back; a conflict where what is held there now is something else and would decide.
    pub(super) fn put_back(self, key: &str, plan: &Plan, held: &mut [Held<'a>]) -> Option<Broken> {
        let deciding =
            || self.slots.iter().zip(&self.held).filter(|(slot, _)| plan.slots()[**slot].decides().is_some());
        let differs = deciding().find(|(slot, first)| held[**slot] != **first);
        let conflict = differs.map(|(slot, _)| {
            let first = shown(deciding().map(|(_, first)| first));
            let value = format!("{key}: {first} / {}", shown(deciding().map(|(slot, _)| &held[*slot])));
            match plan.slots()[*slot].decides().flatten() {
                Some(column) => Broken::of(column, Violation::TwoValues, value),
                None => Broken::product(Violation::TwoValues, value),
            }
        });
        for (slot, first) in self.slots.iter().zip(self.held) {
            held[*slot] = first;
        }
        conflict
    }
}

/// Several values in one line: `79900 KRW FAMILY_PRICE`.
fn shown<'h, 'a: 'h>(held: impl Iterator<Item = &'h Held<'a>>) -> String {
    held.map(Held::to_string).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}
