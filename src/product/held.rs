//! What is kept of one place of a product.

use std::{borrow::Cow, fmt, mem};

use super::{marks::Marks, scalar::Scalar};
use crate::{
    ep::{broken::Broken, rules::Violation},
    map::Plan,
};

/// Values of a list, each with the place of its element, from 0.
pub(super) type List<'a> = Vec<(usize, Scalar<'a>)>;

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
    /// The values of a list that say something.
    Many(List<'a>),
    /// Every text in it.
    Marks(Marks),
    /// Texts of lists to be looked through, sound JSON.
    Raw(Vec<&'a [u8]>),
}

impl<'a> Held<'a> {
    /// Whether there is nothing to be given back.
    #[inline(always)]
    fn is_light(&self) -> bool {
        use Scalar::{Absent, Flag, Number, Text, Whole};
        matches!(
            self,
            Self::Nothing | Self::One(Text(Cow::Borrowed(_)) | Absent | Whole(_) | Number(_) | Flag(_))
        )
    }

    /// Gives back what it holds, and keeps the room of a list.
    #[inline(always)]
    pub(super) fn lighten(&mut self, empty: &mut Vec<List<'a>>) {
        if self.is_light() {
            return;
        }
        if let Held::Many(mut list) = mem::take(self) {
            list.clear();
            empty.push(list);
        }
    }

    /// Its place for what lives longer, once it was lightened.
    #[inline(always)]
    pub(super) fn nothing<'b>(self) -> Held<'b> {
        mem::forget(self);
        Held::Nothing
    }

    /// Adds a value to a list, whose room may come from those that are empty.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        nth: usize,
        scalar: Scalar<'a>,
        most: usize,
        empty: &mut Vec<List<'a>>,
    ) -> bool {
        if !matches!(self, Held::Many(_)) {
            put(self, Held::Many(empty.pop().unwrap_or_default()));
        }
        let Held::Many(many) = self else { return false };
        let fits = many.len() < most;
        if fits {
            many.push((nth, scalar));
        }
        fits
    }
}

/// Puts what is held at a place, where mostly nothing was: of that there is nothing to be given back.
#[inline(always)]
pub(super) fn put<'a>(place: &mut Held<'a>, held: Held<'a>) {
    let before = mem::replace(place, held);
    if before.is_light() { mem::forget(before) } else { drop(before) }
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
