//! A batch of raw products → what becomes of each. Pure, so batches are judged on every core at once.
//!
//! It never counts and knows no other batch: repeated ids and the cap are decided where the order is known.

use super::outcome::{Judged, Judging, QUOTED_BYTES, quoted, unreadable};
use crate::{
    config::{Config, ep::FilterConfig},
    ep::{broken::Broken, row::Row, rules::Violation, text::clean},
    fetch::Batch,
    filter::{self, Left},
    price::{self, Price, Restrictions},
    product::{Member, Product, Scalar, mend},
    report::SkipReason,
    transform::{Explained, Transform},
};

/// Products that may stand behind another in one line, where line ends are missing; what follows is one that is lost.
const MOST_IN_A_LINE: usize = 1000;
/// Variants within variants that are followed.
const DEEPEST: usize = 16;

/// Judges products by the settings.
pub(crate) struct Judge {
    filter: FilterConfig,
    restrictions: Restrictions,
    transform: Transform,
}

impl Judge {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            filter: config.filter.clone(),
            restrictions: Restrictions::of(&config.catalogue.restricted_marks),
            transform: Transform::new(config.ep.clone()),
        }
    }

    /// What becomes of every product of a batch, in parts of a bounded size, however many products a text holds; `take`
    /// gives back whether it wants more.
    pub(super) fn batch(&self, batch: &Batch, take: &mut dyn FnMut(Judged) -> bool) {
        let mut judging = Judging::new(&batch.discretion, take);
        for raw in batch.items() {
            self.element(raw, &mut judging);
            judging.end_element(raw);
            if judging.over {
                return;
            }
        }
        judging.hand_on();
    }

    /// The row of a product, explained, and whether it states another price than the source's, because that is not
    /// everybody's; `None` where the product is left out.
    pub(super) fn explained(&self, member: &Member<'_, '_>) -> Option<(Vec<Explained>, bool)> {
        let offer = filter::offer(member, &self.filter, &self.restrictions).ok()?;
        let other = price::stated(member).is_some_and(|stated| stated != offer.price);
        self.transform.explained(member, &offer).ok().map(|explained| (explained, other))
    }

    fn element(&self, raw: &[u8], judging: &mut Judging<'_>) {
        let mut next = self.object(raw, judging);
        let mut rest = raw;
        for _ in 0..MOST_IN_A_LINE {
            let Some(at) = next.filter(|_| !judging.over) else { break };
            rest = &rest[at..];
            next = self.object(rest, judging);
        }
        if let Some(at) = next {
            judging.unreadable(&rest[at..]);
        }
    }

    /// The object that `raw` begins with; gives where another one begins behind it.
    fn object(&self, raw: &[u8], judging: &mut Judging<'_>) -> Option<usize> {
        read(raw, judging, |product, judging| self.family(&Member::listed(product), raw, 0, judging))
    }

    /// A product and its variants, `depth` products inside each other.
    fn family(&self, member: &Member<'_, '_>, raw: &[u8], depth: usize, judging: &mut Judging<'_>) {
        match self.row(member, raw) {
            Ok(row) => {
                if let Some(Scalar::Whole(_) | Scalar::Number(_)) = member.product.item_no {
                    judging.judged.number_ids.get_or_insert_with(|| (0, row.id().to_owned())).0 += 1;
                }
                judging.keep(row);
            }
            Err(left) => {
                let id = clean(&member.id().unwrap_or_default()).into_owned();
                judging.leave(id, member.name().unwrap_or_default().into_owned(), left);
            }
        }
        let group = member.product.gpr_description.as_ref().and_then(|group| group.here());
        if group.is_some_and(|group| group.damaged) {
            // A variant may have been lost with what could not be read.
            judging.unreadable(raw);
        }
        for variant in member.variants() {
            if judging.over {
                return;
            }
            self.variant(member, variant, depth + 1, judging);
        }
    }

    fn variant(&self, parent: &Member<'_, '_>, raw: &[u8], depth: usize, judging: &mut Judging<'_>) {
        if depth > DEEPEST {
            return judging.unreadable(raw);
        }
        read(raw, judging, |product, judging| {
            if product.says_something() {
                self.family(&parent.variant(product), raw, depth, judging);
            }
        });
    }

    fn row(&self, member: &Member<'_, '_>, raw: &[u8]) -> Result<Row, Left> {
        self.whole(member, raw)?;
        if member.id().is_none_or(|id| clean(&id).is_empty()) {
            let id = member.product.item_no.as_ref().map(Scalar::to_string).unwrap_or_default();
            // What has no name either is told by its first bytes.
            let value = if id.is_empty() && member.name().is_none() { quoted(raw) } else { id };
            return Err(Broken::product(Violation::NoId, value).into());
        }
        // A variant without a price is little more than a link to another product.
        if member.is_variant() && price::of(member, &self.restrictions) == Price::Missing {
            return Err(Left::skip(SkipReason::NoPrice, ""));
        }
        let name = member.name();
        let name = name.as_deref().ok_or_else(|| Broken::product(Violation::NoName, ""))?;
        if clean(name).is_empty() {
            let shown: String = name.escape_unicode().take(QUOTED_BYTES).collect();
            return Err(Broken::product(Violation::EmptyName, shown).into());
        }
        let offer = filter::offer(member, &self.filter, &self.restrictions)?;
        Ok(self.transform.row(member, &offer)?)
    }

    /// Whether what it says can be relied on: all of it was read, and nothing that decides stands there twice with two
    /// values.
    fn whole(&self, member: &Member<'_, '_>, raw: &[u8]) -> Result<(), Left> {
        let price = member.price();
        if member.product.damaged || price.is_some_and(|price| price.damaged) {
            return Err(unreadable(raw));
        }
        let previous = price.and_then(|price| price.previous.as_ref()?.here());
        let conflict = [
            member.product.conflict.as_ref(),
            price.and_then(|price| price.conflict.as_ref()),
            previous.and_then(|previous| previous.conflict.as_ref()),
        ];
        match conflict.into_iter().flatten().next() {
            Some(conflict) => Err(Broken::clone(conflict).into()),
            None => Ok(()),
        }
    }
}

/// Lets `then` see the product that `raw` begins with, mended where it is no JSON; gives where another object begins
/// behind it.
fn read<'j>(
    raw: &[u8],
    judging: &mut Judging<'j>,
    then: impl FnOnce(&Product<'_>, &mut Judging<'j>),
) -> Option<usize> {
    if let Ok(product) = serde_json::from_slice::<Product<'_>>(raw) {
        then(&product, judging);
        return None;
    }
    if raw.first() != Some(&b'{') {
        judging.judged.not_utf8 += u64::from(std::str::from_utf8(raw).is_err());
        judging.unreadable(raw);
        return None;
    }
    let mended = mend(raw);
    judging.judged.not_utf8 += u64::from(mended.not_utf8);
    match serde_json::from_slice::<Product<'_>>(&mended.text) {
        Ok(product) => then(&product, judging),
        // Brackets too deep inside each other, or too long to be mended.
        Err(_) => judging.unreadable(raw),
    }
    mended.next
}

#[cfg(test)]
mod tests;
