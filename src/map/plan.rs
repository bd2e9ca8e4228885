//! The plan of a map: one way through a product's text that meets every place that the map names.
//!
//! It never holds a value, so that one plan serves every product and every core.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{
    Place,
    keys::Keys,
    node::{Node, Take},
};
use crate::{ep::columns::Column, json::Step};

/// What a place is looked up for: what a second and different value for it would decide, and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Price,
    /// The price before, or the currency.
    Regular,
    Sellable,
    Plain,
    Image,
    /// Of a category path.
    Level,
    Marks,
    Variants,
}

/// Values kept of a list.
pub(crate) const MOST_VALUES: usize = 100;
/// Levels kept of a category path; what has more is no path.
const MOST_LEVELS: usize = 64;

/// What becomes of a value that stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    role: Role,
    /// Whether there may be several.
    pub(crate) is_list: bool,
}

impl Slot {
    /// The column of the feed that it decides, or the product as such: two different values are a conflict then.
    pub(crate) fn decides(&self) -> Option<Option<Column>> {
        match self.role {
            Role::Id => Some(Some(Column::Id)),
            Role::Price | Role::Regular | Role::Marks => Some(Some(Column::PricePc)),
            Role::Sellable => Some(None),
            Role::Plain | Role::Image | Role::Level | Role::Variants => None,
        }
    }

    /// How many of its values are kept.
    pub(crate) fn most(&self) -> usize {
        if self.is_path() { MOST_LEVELS } else { MOST_VALUES }
    }

    /// Whether it is a category path: what is too long for one was not read to its end.
    pub(crate) fn is_path(&self) -> bool {
        self.role == Role::Level
    }

    /// Whether it is the price: what stands in its place is no price, and is shown.
    pub(crate) fn is_price(&self) -> bool {
        self.role == Role::Price
    }

    /// Whether the objects around it must be whole, or the product cannot be relied on.
    fn is_vital(&self) -> bool {
        matches!(self.role, Role::Id | Role::Price | Role::Marks)
    }
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    nodes: Vec<Node>,
    slots: Vec<Slot>,
    sum: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], slots: Vec::new(), sum: 0 }
    }
}

impl Plan {
    /// The product itself.
    pub(crate) fn root(&self) -> &Node {
        &self.nodes[0]
    }

    /// A node by its number.
    pub(crate) fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A sum of where its keys lead: it tells plans apart.
    pub(crate) fn sum(&self) -> u64 {
        self.sum
    }

    /// What values are kept.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Makes room for what stands at a place. A place that is known keeps its room, and what it decides first.
    pub(super) fn add(&mut self, place: &mut Place, role: Role) {
        let mut way = place.way();
        if role == Role::Variants && way.last() == Some(&Step::All) {
            way.pop();
        }
        let is_list = way.contains(&Step::All);
        let at = way.iter().fold(0, |at, step| self.step(at, step));
        let (next, node) = (self.slots.len(), &mut self.nodes[at]);
        let room = match role {
            Role::Variants => {
                node.variants = true;
                return;
            }
            Role::Marks => &mut node.marks,
            _ if place.inside.is_some() => &mut node.raw,
            _ => &mut node.slot,
        };
        place.slot = *room.get_or_insert(next);
        if place.slot == next {
            self.slots.push(Slot { role, is_list });
        }
    }

    fn step(&mut self, at: usize, step: &Step) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let found = match step {
            Step::Key(key) => match node.keys.iter().find(|(known, _)| known == key) {
                Some((_, number)) => *number,
                None => {
                    node.keys.push((key.clone(), next));
                    next
                }
            },
            Step::All => *node.all.get_or_insert(next),
            Step::Where { .. } => unreachable!("a place's way ends before the first condition"),
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// The same with what each node knows of those below it. A node's number is higher than that of the one above.
    pub(super) fn finished(mut self) -> Self {
        for at in (0..self.nodes.len()).rev() {
            let node = &self.nodes[at];
            let own = [node.slot, node.raw, node.marks];
            let inside: Vec<usize> = node.keys.iter().map(|(_, number)| *number).chain(node.all).collect();
            let mut below: Vec<usize> = own.into_iter().flatten().collect();
            let (mut leads, is_text) = (node.variants, node.wants_text());
            let finder = Keys::of(node.keys.iter().map(|(key, _)| key.as_bytes()));
            let mut is_vital = node.keys.iter().any(|(_, number)| {
                let child = &self.nodes[*number];
                child.slot.into_iter().chain(child.marks).any(|slot| self.slots[slot].is_vital())
            });
            for number in inside {
                let child = &self.nodes[number];
                below.extend(&child.below);
                leads |= child.leads_to_variants;
                is_vital |= child.is_vital;
            }
            let take = match node.slot {
                _ if is_text || node.marks.is_some() => Take::Whole,
                Some(slot) if self.slots[slot].is_list => Take::Listed(slot),
                Some(slot) => Take::One(slot),
                None => Take::Any,
            };
            let node = &mut self.nodes[at];
            *node = Node {
                below,
                leads_to_variants: leads,
                is_vital,
                is_text,
                finder,
                take,
                number: at,
                ..std::mem::take(node)
            };
        }
        let mut sum = DefaultHasher::new();
        self.nodes.iter().for_each(|node| node.keys.hash(&mut sum));
        self.sum = sum.finish();
        self
    }
}
