//! Reads a product's text by a plan: takes any JSON value for any field, remembers contradictions, and skips what no
//! place leads to.
//!
//! It never fails for what a field holds; only text that is no JSON stops it.

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess},
};
use serde_json::value::RawValue;

use super::{
    DAMAGED, Product,
    any::{Any, Key, Take},
    held::{self, First, Held},
    marks::Marks,
    scalar::Scalar,
    variants::Variants,
};
use crate::map::{Node, Plan};

/// The product whose text this is.
pub(super) fn product<'a>(plan: &Plan, text: &'a [u8]) -> serde_json::Result<Product<'a>> {
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(serde_json::Error::custom("no object"));
    }
    let mut product = Product { held: vec![Held::Nothing; plan.slots().len()], ..Product::default() };
    let mut json = serde_json::Deserializer::from_slice(text);
    Reading { plan, node: plan.root(), place: 0, into: &mut product }.deserialize(&mut json)?;
    json.end()?;
    Ok(product)
}

/// A value of a product on its way into what is held of it.
pub(super) struct Reading<'r, 'm, 'a> {
    pub(super) plan: &'m Plan,
    pub(super) node: &'m Node,
    /// The place of the innermost element around it, from 0.
    pub(super) place: usize,
    pub(super) into: &'r mut Product<'a>,
}

impl<'m, 'a> Reading<'_, 'm, 'a> {
    /// The same for a value inside.
    pub(super) fn inside(&mut self, node: &'m Node, place: usize) -> Reading<'_, 'm, 'a> {
        Reading { plan: self.plan, node, place, into: self.into }
    }

    /// A value that the way ends at.
    #[inline(always)]
    pub(super) fn keep(&mut self, scalar: Scalar<'a>) {
        match self.node.slot {
            Some(slot) => self.put(slot, scalar),
            None => self.instead(scalar),
        }
    }

    /// What marks it.
    pub(super) fn marks(&mut self, slot: usize, marks: Marks) {
        self.into.held[slot] = Held::Marks(marks);
    }

    /// A value of this slot.
    #[inline(always)]
    pub(super) fn put(&mut self, slot: usize, scalar: Scalar<'a>) {
        let spec = &self.plan.slots()[slot];
        let Product { held, room, damaged, .. } = &mut *self.into;
        let held = &mut held[slot];
        if !spec.is_list {
            let one = if matches!(scalar, Scalar::Absent) { Held::Nothing } else { Held::One(scalar) };
            return held::put(held, one);
        }
        if !scalar.says_something() {
            return;
        }
        let fits = held.add(self.place, scalar, spec.most(), &mut room.lists);
        // No shelf is that deep: whatever this is, it was not read to its end.
        *damaged |= !fits && spec.is_path();
    }

    /// What stands where the way goes on: in a price's place it is shown.
    #[inline(never)]
    fn instead(&mut self, scalar: Scalar<'a>) {
        for slot in self.node.below.iter().filter(|slot| self.plan.slots()[**slot].is_price()) {
            if !scalar.is_absent() && self.into.held[*slot] == Held::Nothing {
                self.into.held[*slot] = Held::Instead(scalar.clone());
            }
        }
    }

    /// Part of the object was lost.
    fn damage(&mut self) {
        if self.node.is_vital {
            self.into.damaged = true;
        } else {
            self.into.variants_damaged |= self.node.leads_to_variants;
        }
    }

    /// A member of the object that the way goes on in; `again` where the same key stood there before.
    fn member<A: MapAccess<'a>>(
        &mut self,
        key: &str,
        node: usize,
        again: bool,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let (plan, node) = (self.plan, self.plan.node(node));
        let first = again.then(|| First::take(&node.below, &mut self.into.held));
        map.next_value_seed(self.inside(node, self.place))?;
        if let Some(conflict) = first.and_then(|first| first.put_back(key, plan, &mut self.into.held)) {
            self.into.conflict.get_or_insert(Box::new(conflict));
        }
        Ok(())
    }

    /// A value whose text is wanted, perhaps by several, each in its own way.
    pub(super) fn text(mut self, text: &'a str) -> serde_json::Result<()> {
        let (node, bytes) = (self.node, text.as_bytes());
        if let Some(slot) = node.raw {
            match &mut self.into.held[slot] {
                Held::Raw(lists) if lists.len() < self.plan.slots()[slot].most() => lists.push(bytes),
                Held::Raw(_) => {}
                other => *other = Held::Raw(vec![bytes]),
            }
        }
        if node.variants {
            // A second group has members of its own.
            self.into.variants_damaged |= !self.into.variants.add(Variants::of(bytes));
        }
        if let Some(slot) = node.marks {
            self.marks(slot, serde_json::from_str(text)?);
        }
        if node.leads_on() {
            return serde_json::Deserializer::from_str(text).deserialize_any(Any(self));
        }
        Ok(())
    }
}

impl<'a> DeserializeSeed<'a> for Reading<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(mut self, deserializer: D) -> Result<(), D::Error> {
        if self.node.is_text {
            let text = <&RawValue>::deserialize(deserializer)?;
            return self.text(text.get()).map_err(D::Error::custom);
        }
        match self.node.marks {
            Some(slot) => self.marks(slot, Marks::deserialize(deserializer)?),
            None => deserializer.deserialize_any(Any(self))?,
        }
        Ok(())
    }
}

impl<'a> Take<'a> for Reading<'_, '_, 'a> {
    type Value = ();

    fn scalar(mut self, scalar: Scalar<'a>) {
        self.keep(scalar);
    }

    fn map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        let node = self.node;
        let (mut seen, mut place) = (0_u128, 0);
        while let Some(Key(key)) = map.next_key()? {
            if let Some(at) = node.keys.iter().position(|(known, _)| *known == key) {
                let bit = 1 << at.min(127);
                self.member(&key, node.keys[at].1, seen & bit != 0, &mut map)?;
                seen |= bit;
            } else if key == DAMAGED {
                if map.next_value()? {
                    self.damage();
                }
            } else if let Some(all) = node.all {
                map.next_value_seed(Any(Element(self.inside(self.plan.node(all), place))))?;
                place += 1;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if node.keys.is_empty() && node.all.is_none() {
            self.keep(Scalar::Object);
        }
        Ok(())
    }

    fn seq<A: SeqAccess<'a>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let node = self.node;
        for place in 0.. {
            let there = match node.element(place) {
                Some(element) => {
                    let at = if node.all.is_some() { place } else { self.place };
                    seq.next_element_seed(self.inside(self.plan.node(element), at))?.is_some()
                }
                None => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !there {
                break;
            }
        }
        if node.all.is_none() {
            self.keep(Scalar::Array);
        }
        Ok(())
    }
}

/// A value of a map that stands in a list's place: it is an element only where it is an object.
struct Element<'r, 'm, 'a>(Reading<'r, 'm, 'a>);

impl<'a> Take<'a> for Element<'_, '_, 'a> {
    type Value = ();

    fn scalar(self, _: Scalar<'a>) {}

    fn map<A: MapAccess<'a>>(self, map: A) -> Result<(), A::Error> {
        self.0.map(map)
    }

    fn seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
