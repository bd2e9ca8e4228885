//! An element of a batch → the products in it: several where line ends are missing, variants after their product.
//!
//! It never decides what becomes of a product, but for one that cannot be read or stands too deep.

use super::Judge;
use crate::{
    export::outcome::Judging,
    product::{Member, Product, mend},
};

/// Products that may stand behind another in one line, where line ends are missing; what follows is one that is lost.
pub(super) const MOST_IN_A_LINE: usize = 1000;
/// Variants within variants that are followed.
pub(super) const DEEPEST: usize = 16;

impl Judge {
    /// Judges each product of an element.
    pub(super) fn element(&self, raw: &[u8], judging: &mut Judging<'_>) {
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
        self.read(raw, judging, |product, judging| {
            let listed = Member::listed(&self.map, product);
            self.note(&listed, raw, judging);
            self.family(&listed, raw, 0, judging);
        })
    }

    /// Notes what a product of the listing is like: where its variants stand for it, the first of them.
    fn note(&self, listed: &Member<'_, '_>, raw: &[u8], judging: &mut Judging<'_>) {
        let Some(variant) = listed.variants().next().filter(|_| self.map.variants_replace) else {
            return judging.note(listed, raw);
        };
        let mut product: Product<'_> = judging.spare.pop().unwrap_or_default();
        match product.read_again(&self.map, variant, &mut judging.stops) {
            Ok(()) => judging.note(&listed.variant(&product), variant),
            Err(_) => judging.note(listed, raw),
        }
        judging.spare.push(product.emptied());
    }

    /// A product and its variants, `depth` products inside each other. Where they stand for it, it is one only without
    /// any, or where some may have been lost with it.
    fn family(&self, member: &Member<'_, '_>, raw: &[u8], depth: usize, judging: &mut Judging<'_>) {
        let replace = self.map.variants_replace && !member.product.damaged;
        if !replace {
            self.member(member, raw, judging);
        }
        if member.product.variants_damaged {
            // A variant may have been lost with what could not be read.
            judging.unreadable(raw);
        }
        let mut any = false;
        for variant in member.variants() {
            if judging.over {
                return;
            }
            any |= self.variant(member, variant, depth + 1, judging);
        }
        if replace {
            // What is only named could cost anything, so its product must not be sold in its place.
            for other in member.no_variants() {
                judging.unreadable(other);
                any = true;
            }
        }
        if replace && !any {
            self.member(member, raw, judging);
        }
    }

    /// An element of a list of variants; false where it is no product.
    fn variant(&self, parent: &Member<'_, '_>, raw: &[u8], depth: usize, judging: &mut Judging<'_>) -> bool {
        // What cannot be read may be one.
        let mut is_one = true;
        if depth > DEEPEST {
            judging.unreadable(raw);
            return is_one;
        }
        self.read(raw, judging, |product, judging| {
            let variant = parent.variant(product);
            is_one = variant.says_something();
            if is_one {
                self.family(&variant, raw, depth, judging);
            }
        });
        is_one
    }

    /// Lets `then` see the product that `raw` begins with, mended where it is no JSON; gives where another object begins
    /// behind it.
    fn read<'j>(
        &self,
        raw: &[u8],
        judging: &mut Judging<'j>,
        then: impl FnOnce(&Product<'_>, &mut Judging<'j>),
    ) -> Option<usize> {
        let mut product: Product<'_> = judging.spare.pop().unwrap_or_default();
        if product.read_again(&self.map, raw, &mut judging.stops).is_ok() {
            then(&product, judging);
            judging.spare.push(product.emptied());
            return None;
        }
        if raw.first() != Some(&b'{') {
            judging.judged.not_utf8 += u64::from(std::str::from_utf8(raw).is_err());
            judging.unreadable(raw);
            return None;
        }
        let mended = mend(raw);
        judging.judged.not_utf8 += u64::from(mended.not_utf8);
        match Product::read(&self.map, &mended.text) {
            Ok(product) => then(&product, judging),
            // Brackets too deep inside each other, or too long to be mended.
            Err(_) => judging.unreadable(raw),
        }
        mended.next
    }
}
