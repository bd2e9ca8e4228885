//! A batch of raw products → what becomes of each. Pure, so batches are judged on every core at once.
//!
//! It never counts and knows no other batch: repeated ids and the cap are decided where the order is known.

mod family;

use std::sync::Arc;

use super::{
    asked::Asked,
    outcome::{Judged, Judging, QUOTED_BYTES, quoted, unreadable},
};
use crate::{
    buffers::Buffers,
    config::{Config, ep::FilterConfig},
    corrections::{Correction, Corrections, Sets},
    ep::{
        broken::Broken,
        row::Written,
        rules::Violation,
        text::{clean, is_blank},
    },
    fetch::Batch,
    filter::Left,
    map::FieldMap,
    price::{self, Offer, Price},
    product::{Member, Product, Scalar},
    report::SkipReason,
    transform::{Explained, Transform},
};

/// Judges products by the settings.
pub(crate) struct Judge {
    pub(super) filter: FilterConfig,
    pub(super) map: Arc<FieldMap>,
    pub(super) transform: Transform,
    /// What a merchant corrects, in an export of theirs.
    pub(super) corrections: Option<Arc<Corrections>>,
}

/// What counts of a product that is not left out.
pub(super) struct Offered<'c> {
    pub(super) offer: Offer,
    pub(super) sets: Option<Sets<'c>>,
}

impl Judge {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            filter: config.filter.clone(),
            map: Arc::clone(&config.catalogue.product),
            transform: Transform::new(config.ep.clone()),
            corrections: None,
        }
    }

    /// What becomes of every product of a batch, in parts of a bounded size, however many products a text holds; `take`
    /// gives back whether it wants more. The rows of each part stand in such `texts`. Those that are `asked` for are looked
    /// at more closely.
    pub(super) fn batch(
        &self,
        batch: &Batch,
        texts: &Buffers,
        asked: Option<&Asked>,
        take: &mut dyn FnMut(Judged) -> bool,
    ) {
        let mut judging = Judging::new(batch, texts, asked, take);
        for raw in batch.items() {
            self.element(raw, &mut judging);
            judging.end_element(raw);
            if judging.over {
                return;
            }
        }
        judging.end();
    }

    /// A product of a text that need not be mended.
    pub(super) fn product<'a>(&self, raw: &'a [u8]) -> Option<Product<'a>> {
        Product::read(&self.map, raw).ok()
    }

    /// A product of the listing.
    pub(super) fn listed<'p, 'a>(&'p self, product: &'p Product<'a>) -> Member<'p, 'a> {
        Member::listed(&self.map, product)
    }

    /// The row of a product, explained, and whether it states another price than the source's, because that is not
    /// everybody's; `None` where the product is left out.
    pub(super) fn explained(&self, member: &Member<'_, '_>) -> Option<(Vec<Explained>, bool)> {
        let Offered { offer, sets } = self.offered(member).ok()?;
        let other = price::stated(member).is_some_and(|stated| stated != offer.price);
        self.transform.explained(member, &offer, sets).ok().map(|explained| (explained, other))
    }

    /// What becomes of one product.
    fn member(&self, member: &Member<'_, '_>, raw: &[u8], judging: &mut Judging<'_>) {
        let row = self.row(member, raw, &mut judging.judged.text);
        if judging.asked.is_some() {
            self.witness(member, &row, judging);
        }
        match row {
            Ok(row) => {
                if let Some(Scalar::Whole(_) | Scalar::Number(_)) = member.value(&member.map.id).as_deref() {
                    let Judged { number_ids, text, .. } = &mut judging.judged;
                    number_ids.get_or_insert_with(|| (0, row.of(text).id().to_owned())).0 += 1;
                }
                judging.keep(row);
            }
            Err(left) => {
                let [id, name] = [&member.map.id, &member.map.name]
                    .map(|sources| member.text(sources).unwrap_or_default());
                judging.leave(clean(&id).into_owned(), name.into_owned(), left);
            }
        }
    }

    /// The row of a product, written behind `text`.
    fn row(&self, member: &Member<'_, '_>, raw: &[u8], text: &mut String) -> Result<Written, Left> {
        self.whole(member, raw)?;
        let name = member.text(&member.map.name);
        if member.text(&member.map.id).is_none_or(|id| is_blank(&id)) {
            let id = member.value(&member.map.id).map(|id| id.to_string()).unwrap_or_default();
            // What has no name either is told by its first bytes.
            let value = if id.is_empty() && name.is_none() { quoted(raw) } else { id };
            return Err(Broken::product(Violation::NoId, value).into());
        }
        // A variant without a price is little more than a link to another product.
        if member.is_variant() && price::of(member) == Price::Missing {
            return Err(Left::skip(SkipReason::NoPrice, ""));
        }
        if let Some(broken) = unnamed(name.as_deref())
            && !self.correction(member).is_some_and(Correction::names_it)
        {
            return Err(broken.into());
        }
        let Offered { offer, sets } = self.offered(member)?;
        if let Some(sets) = sets {
            self.refuse(sets);
        }
        Ok(self.transform.row(member, &offer, text, sets)?)
    }

    /// Whether what it says can be relied on: all of it was read, and nothing that decides stands there twice with two
    /// values.
    fn whole(&self, member: &Member<'_, '_>, raw: &[u8]) -> Result<(), Left> {
        if member.product.damaged {
            return Err(unreadable(raw));
        }
        match &member.product.conflict {
            Some(conflict) => Err(Broken::clone(conflict).into()),
            None => Ok(()),
        }
    }
}

/// What is wrong where a product says no name.
fn unnamed(name: Option<&str>) -> Option<Broken> {
    let Some(name) = name else { return Some(Broken::product(Violation::NoName, "")) };
    let shown = || name.escape_unicode().take(QUOTED_BYTES).collect::<String>();
    is_blank(name).then(|| Broken::product(Violation::EmptyName, shown()))
}

#[cfg(test)]
pub(super) mod tests;
